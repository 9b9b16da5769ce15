import { describe, expect, test, vi } from "vitest";
import { type Guest, runGuest, runGuestAsync } from "../../test/guest.ts";
import { MemoryFileSystem, systemClock } from "../index.ts";

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

type Wanted =
  | { clock: number; timeout: bigint; absolute?: boolean }
  | { read: number }
  | { write: number }
  | { kind: number };

interface Told {
  userdata: number;
  errno: number;
  type: number;
  bytes: number;
  flags: number;
}

function subscribe(
  guest: Guest,
  wanted: Wanted[],
  size: 48 | 56 = 48,
): [input: number, events: number, count: number, result: number] {
  const input = guest.space(wanted.length * size);
  const skip = size - 48;
  wanted.forEach((wanted, index) => {
    const at = input + index * size;
    guest.view.setBigUint64(at, BigInt(100 + index), true);
    if ("clock" in wanted) {
      guest.view.setUint8(at + 8, 0);
      guest.view.setUint32(at + 16 + skip, wanted.clock, true);
      guest.view.setBigUint64(at + 24 + skip, wanted.timeout, true);
      guest.view.setUint16(at + 40 + skip, wanted.absolute ? 1 : 0, true);
    } else if ("kind" in wanted) {
      guest.view.setUint8(at + 8, wanted.kind);
    } else {
      guest.view.setUint8(at + 8, "read" in wanted ? 1 : 2);
      guest.view.setUint32(at + 16, "read" in wanted ? wanted.read : wanted.write, true);
    }
  });
  return [input, guest.space(wanted.length * 32), wanted.length, guest.space(4)];
}

function told(guest: Guest, events: number, result: number): Told[] {
  return Array.from({ length: guest.view.getUint32(result, true) }, (_, index) => {
    const at = events + index * 32;
    return {
      userdata: Number(guest.view.getBigUint64(at, true)),
      errno: guest.view.getUint16(at + 8, true),
      type: guest.view.getUint8(at + 10),
      bytes: Number(guest.view.getBigUint64(at + 16, true)),
      flags: guest.view.getUint16(at + 24, true),
    };
  });
}

function poll(guest: Guest, wanted: Wanted[], size?: 48 | 56): Told[] | string {
  const parameters = subscribe(guest, wanted, size);
  const errno = guest.call("poll_oneoff", ...parameters);
  return errno === "success" ? told(guest, parameters[1], parameters[3]) : errno;
}

async function pollAsync(guest: Guest, wanted: Wanted[]): Promise<Told[] | string> {
  const parameters = subscribe(guest, wanted);
  const errno = await guest.callAsync("poll_oneoff", ...parameters);
  return errno === "success" ? told(guest, parameters[1], parameters[3]) : errno;
}

const event = (userdata: number, type: number, more: Partial<Told> = {}): Told => ({
  userdata,
  errno: 0,
  type,
  bytes: 0,
  flags: 0,
  ...more,
});

const SECOND = 1_000_000_000n;

function now(guest: Guest, id = 0): bigint {
  const at = guest.space(8);
  guest.call("clock_time_get", id, 0n, at);
  return guest.view.getBigUint64(at, true);
}

describe("sleeping", () => {
  test("on a clock that is not real takes no time and moves it", async () => {
    runGuest({}, (guest) => {
      const before = now(guest);
      expect(poll(guest, [{ clock: 1, timeout: 3600n * SECOND }])).toEqual([event(100, 0)]);
      expect(now(guest) - before).toBeGreaterThanOrEqual(3600n * SECOND);
      expect(poll(guest, [{ clock: 0, timeout: now(guest) + SECOND, absolute: true }])).toEqual([event(100, 0)]);
      expect(poll(guest, [{ clock: 0, timeout: 5n, absolute: true }])).toEqual([event(100, 0)]);
    });
    await runGuestAsync({}, async (guest) => {
      expect(await pollAsync(guest, [{ clock: 1, timeout: 3600n * SECOND }])).toEqual([event(100, 0)]);
    });
  });

  test("on the real clock takes time, and the event loop goes on where it can", async () => {
    runGuest({ clock: systemClock() }, (guest) => {
      const before = now(guest, 1);
      expect(
        poll(guest, [
          { clock: 1, timeout: 20_000_000n },
          { clock: 1, timeout: SECOND * 60n },
        ]),
      ).toEqual([event(100, 0)]);
      expect(now(guest, 1) - before).toBeGreaterThanOrEqual(20_000_000n);
    });
    await runGuestAsync({ clock: systemClock() }, async (guest) => {
      let turns = 0;
      const timer = setInterval(() => turns++, 1);
      const before = now(guest, 1);
      expect(await pollAsync(guest, [{ clock: 1, timeout: 30_000_000n }])).toEqual([event(100, 0)]);
      expect(now(guest, 1) - before).toBeGreaterThanOrEqual(30_000_000n);
      clearInterval(timer);
      expect(turns).toBeGreaterThan(0);
    });
  });

  test("that blocks the host is limited", () => {
    runGuest({ clock: systemClock(), limits: { blocking: 20 } }, (guest) => {
      expect(poll(guest, [{ clock: 1, timeout: 5_000_000n }])).toEqual([event(100, 0)]);
      expect(poll(guest, [{ clock: 1, timeout: 3600n * SECOND }])).toBe("timedout");
      expect(poll(guest, [{ clock: 1, timeout: 5_000_000n }])).toBe("timedout");
      expect(poll(guest, [{ clock: 1, timeout: 0n }])).toEqual([event(100, 0)]);
    });
  });

  test("ends when the guest is closed, and leaves no timer behind", async () => {
    const { WASI } = await import("../index.ts");
    const wasi = new WASI({ clock: systemClock() });
    const memory = new WebAssembly.Memory({ initial: 1 });
    await wasi.initialize({ exports: { memory }, suspendable: true });
    const view = new DataView(memory.buffer);
    view.setUint32(16, 1, true);
    view.setBigUint64(24, 3600n * SECOND, true);
    const { poll_oneoff } = wasi.imports.wasi_snapshot_preview1 as Record<
      string,
      (...parameters: number[]) => Promise<number>
    >;
    const waiting = poll_oneoff(0, 64, 1, 128);
    wasi.close();
    expect(await waiting).toBe(11);
  });
});

describe("descriptors", () => {
  test("are told to be ready, or what is wrong with them", () => {
    const options = { preopens: { "/": MemoryFileSystem.from({ file: "12345" }) }, stdin: "abc" };
    runGuest(options, (guest) => {
      const { fd } = guest.open("file");
      const { fd: unpollable } = guest.open("file", { rights: ["FD_READ"] });
      guest.read(fd, 2);
      expect(
        poll(guest, [
          { read: 0 },
          { write: 1 },
          { read: fd },
          { read: 99 },
          { read: unpollable },
          { kind: 7 },
          { clock: 9, timeout: 0n },
          { clock: 1, timeout: SECOND },
          { read: 1 },
          { write: 0 },
        ]),
      ).toEqual([
        event(100, 1, { bytes: 3 }),
        event(101, 2),
        event(102, 1, { bytes: 3 }),
        event(103, 1, { errno: 8 }),
        event(104, 1, { errno: 76 }),
        event(105, 7, { errno: 28 }),
        event(106, 0, { errno: 28 }),
        event(108, 1, { errno: 8 }),
        event(109, 2, { errno: 8 }),
      ]);
      guest.read(0);
      expect(poll(guest, [{ read: 0 }])).toEqual([event(100, 1, { flags: 1 })]);
    });
  });

  test("are waited for, together with a clock", async () => {
    let give!: (text: string) => void;
    const stdin = (): Promise<string> =>
      new Promise((resolve) => {
        give = resolve;
      });
    await runGuestAsync({ stdin, clock: systemClock() }, async (guest) => {
      expect(await pollAsync(guest, [{ read: 0 }, { clock: 1, timeout: 5_000_000n }])).toEqual([event(101, 0)]);
      setTimeout(() => give("hello"), 5);
      expect(await pollAsync(guest, [{ read: 0 }, { clock: 1, timeout: SECOND * 60n }])).toEqual([
        event(100, 1, { bytes: 5 }),
      ]);
      expect((await guest.readAsync(0)).text).toBe("hello");
    });
  });

  test("that would have to be waited for cannot be by a call that cannot be suspended", () => {
    runGuest({ stdin: () => new Promise(() => {}), clock: systemClock() }, (guest) => {
      expect(poll(guest, [{ read: 0 }])).toBe("notsup");
      expect(poll(guest, [{ read: 0 }, { clock: 1, timeout: 1_000_000n }])).toEqual([event(101, 0)]);
      expect(guest.read(0).errno).toBe("notsup");
      expect(guest.call("fd_fdstat_set_flags", 0, 4)).toBe("success");
      expect(guest.read(0).errno).toBe("again");
    });
  });
});

test("the older layout has room for a clock's identifier", () => {
  runGuest(
    { stdin: "abc" },
    (guest) => {
      const before = now(guest);
      expect(poll(guest, [{ clock: 1, timeout: 10n * SECOND }], 56)).toEqual([event(100, 0)]);
      expect(now(guest) - before).toBeGreaterThanOrEqual(10n * SECOND);
      expect(poll(guest, [{ clock: 1, timeout: SECOND }, { read: 0 }], 56)).toEqual([event(101, 1, { bytes: 3 })]);
    },
    "wasi_unstable",
  );
});

test("nothing to wait for, and places outside the memory, are refused", () => {
  runGuest({}, (guest) => {
    expect(guest.call("poll_oneoff", 0, 0, 0, 0)).toBe("inval");
    expect(guest.call("poll_oneoff", 0, 0, 16_384, 0)).toBe("fault");
    expect(guest.call("poll_oneoff", 0, 0, 16_385, 0)).toBe("inval");
    expect(guest.call("poll_oneoff", 0, 0, -1, 0)).toBe("inval");
    expect(guest.call("poll_oneoff", 0, -8, 1, 0)).toBe("fault");
  });
});

import { describe, expect, test } from "vitest";
import { ExitStatus, systemClock, WASI } from "../../src/index.ts";
import { type Guest, runGuest, runGuestAsync } from "../guest.ts";

describe("args and environ", () => {
  test("give the guest what the host gave", () => {
    runGuest({ args: ["app", "größe", ""], env: { A: "1", B: "x=y" } }, (guest) => {
      const [count, size] = [guest.space(4), guest.space(4)];
      expect(guest.call("args_sizes_get", count, size)).toBe("success");
      expect([guest.view.getUint32(count, true), guest.view.getUint32(size, true)]).toEqual([3, 13]);
      const [pointers, buffer] = [guest.space(12), guest.space(13)];
      expect(guest.call("args_get", pointers, buffer)).toBe("success");
      expect(guest.text(buffer, 13)).toBe("app\0größe\0\0");
      expect([0, 4, 8].map((at) => guest.view.getUint32(pointers + at, true) - buffer)).toEqual([0, 4, 12]);
      expect(guest.call("environ_sizes_get", count, size)).toBe("success");
      expect(guest.call("environ_get", pointers, buffer)).toBe("success");
      expect(guest.text(buffer, guest.view.getUint32(size, true))).toBe("A=1\0B=x=y\0");
      expect(guest.call("args_get", pointers, guest.memory.buffer.byteLength - 2)).toBe("fault");
    });
  });

  test("are nothing when nothing is given, whatever the host has", () => {
    runGuest({}, (guest) => {
      const [count, size] = [guest.space(4), guest.space(4)];
      for (const name of ["args_sizes_get", "environ_sizes_get"]) {
        guest.call(name, count, size);
        expect([guest.view.getUint32(count, true), guest.view.getUint32(size, true)]).toEqual([0, 0]);
      }
    });
  });

  test("that no guest could be given are refused", () => {
    expect(() => new WASI({ args: ["a\0b"] })).toThrow(TypeError);
    expect(() => new WASI({ env: { "a=b": "" } })).toThrow(TypeError);
    expect(() => new WASI({ env: { "": "" } })).toThrow(TypeError);
    expect(() => new WASI({ args: [1 as unknown as string] })).toThrow(TypeError);
  });
});

describe("clocks and random bytes", () => {
  const observe = (guest: Guest): (bigint | string)[] => {
    const at = guest.space(8);
    const seen: (bigint | string)[] = [];
    for (const id of [0, 1, 2, 3]) {
      seen.push(guest.call("clock_time_get", id, 0n, at), guest.view.getBigUint64(at, true));
      seen.push(guest.call("clock_res_get", id, at), guest.view.getBigUint64(at, true));
    }
    guest.call("random_get", at, 8);
    seen.push(guest.view.getBigUint64(at, true));
    return seen;
  };

  test("are the same in every run", () => {
    const runs = [1, 2].map(() => {
      let seen: (bigint | string)[] = [];
      runGuest({}, (guest) => {
        seen = observe(guest);
      });
      return seen;
    });
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0].slice(0, 4)).toEqual(["success", 946_684_800_001_000_000n, "success", 1_000_000n]);
  });

  test("fail for what there is not", () => {
    runGuest({}, (guest) => {
      expect(guest.call("clock_time_get", 4, 0n, 8)).toBe("inval");
      expect(guest.call("clock_res_get", -1, 8)).toBe("inval");
      expect(guest.call("clock_time_get", 0, 0n, -1)).toBe("fault");
      expect(guest.call("random_get", 0, -1)).toBe("fault");
      expect(guest.call("random_get", 8, 0)).toBe("success");
    });
  });
});

describe("proc_exit and proc_raise", () => {
  test("end the guest with a code", async () => {
    expect(runGuest({}, (guest) => void guest.call("proc_exit", 0))).toBe(0);
    expect(runGuest({}, (guest) => void guest.call("proc_exit", 42))).toBe(42);
    expect(runGuest({}, (guest) => void guest.call("proc_exit", -1))).toBe(0xffff_ffff);
    expect(runGuest({}, (guest) => void guest.call("proc_raise", 6))).toBe(134);
    expect(await runGuestAsync({}, async (guest) => void guest.call("proc_exit", 3))).toBe(3);
  });

  test("end a guest that catches the exception at its next call", () => {
    const code = runGuest({}, (guest) => {
      expect(() => guest.call("proc_exit", 5)).toThrow(ExitStatus);
      expect(() => guest.call("sched_yield")).toThrow(ExitStatus);
      guest.call("proc_exit", 6);
    });
    expect(code).toBe(5);
  });

  test("ignore or refuse signals that end nothing", () => {
    runGuest({}, (guest) => {
      expect([0, 16, 17, 27, 18, 19, 31, -1].map((signal) => guest.call("proc_raise", signal))).toEqual([
        "success",
        "success",
        "success",
        "success",
        "notsup",
        "notsup",
        "inval",
        "inval",
      ]);
    });
  });
});

describe("sched_yield", () => {
  test("lets the event loop have its turn where it can", async () => {
    await runGuestAsync({}, async (guest) => {
      let turned = false;
      setImmediate(() => {
        turned = true;
      });
      expect(await guest.callAsync("sched_yield")).toBe("success");
      expect(turned).toBe(true);
    });
    runGuest({}, (guest) => expect(guest.call("sched_yield")).toBe("success"));
  });
});

describe("starting", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });

  test("needs a memory and an entry, and happens once", async () => {
    expect(() => new WASI().startSync({ exports: { _start: () => {} } })).toThrow("no memory");
    expect(() => new WASI().startSync({ exports: { memory } })).toThrow("no function _start");
    expect(() => new WASI().initializeSync({ exports: { memory, _start: () => {} } })).toThrow("command");
    const wasi = new WASI();
    expect(wasi.startSync({ exports: { memory, _start: () => {} } })).toBe(0);
    await expect(wasi.start({ exports: { memory, _start: () => {} } })).rejects.toThrow("one instance");
  });

  test("tells a host that runs the guest without it", () => {
    const { sched_yield } = new WASI().imports.wasi_snapshot_preview1 as Record<string, () => number>;
    expect(() => sched_yield()).toThrow("before wasi.start");
  });

  test("prepares reactors, which go on until they are closed", async () => {
    const wasi = new WASI();
    let initialized = 0;
    await wasi.initialize({ exports: { memory, _initialize: () => initialized++ } });
    expect(initialized).toBe(1);
    const { fd_tell } = wasi.imports.wasi_snapshot_preview1 as Record<string, (fd: number, at: number) => number>;
    expect(fd_tell(1, 0)).toBe(70);
    wasi.close();
    expect(fd_tell(1, 0)).toBe(8);
    new WASI().initializeSync({ exports: { memory } });
  });

  test("passes on what is no exit", async () => {
    const error = new Error("of the host");
    const fail = (): never => {
      throw error;
    };
    expect(() => new WASI().startSync({ exports: { memory, _start: fail } })).toThrow(error);
    await expect(new WASI().start({ exports: { memory, _start: fail } })).rejects.toBe(error);
  });

  test("gives a module the functions that it asks for beyond preview 1, failing", () => {
    const imports = new WASI().importsFor([
      { module: "wasi_snapshot_preview1", name: "sock_open", kind: "function" },
      { module: "wasi_snapshot_preview1", name: "fd_read", kind: "function" },
      { module: "env", name: "other", kind: "function" },
    ]);
    expect((imports.wasi_snapshot_preview1.sock_open as () => number)()).toBe(52);
    expect(Object.keys(imports)).toEqual(["wasi_snapshot_preview1", "wasi_unstable"]);
    expect(Object.keys(imports.wasi_snapshot_preview1)).toHaveLength(47);
    expect(Object.keys(imports.wasi_unstable)).toHaveLength(45);
  });

  test("gives a module nothing of Object.prototype, whatever runtime reads the imports", async () => {
    const inherited = Object.getOwnPropertyNames(Object.prototype);
    const wanted = inherited.map((name) => ({ module: "wasi_snapshot_preview1", name, kind: "function" }));
    const wasi = new WASI();
    const filled = wasi.importsFor(wanted);
    for (const imports of [wasi.imports, filled, wasi.importsFor([])])
      for (const object of [imports, imports.wasi_snapshot_preview1, imports.wasi_unstable])
        expect(Object.getPrototypeOf(object)).toBeNull();
    for (const name of inherited) {
      expect(name in wasi.imports || name in wasi.imports.wasi_snapshot_preview1, name).toBe(false);
      expect((filled.wasi_snapshot_preview1[name] as () => number)(), name).toBe(52);
    }
    const [module, functionName] = ["constructor", "freeze"].map((name) => [name.length, ...Buffer.from(name)]);
    const item = [1, ...module, ...functionName, 0, 0];
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, item.length, ...item];
    await expect(WebAssembly.instantiate(new Uint8Array(bytes), wasi.imports as never)).rejects.toThrow(TypeError);
  });
});

test("memory that has grown or is shared is found again", async () => {
  const written: string[] = [];
  const options = { stdout: (chunk: Uint8Array) => void written.push(Buffer.from(chunk).toString()) };
  runGuest(options, (guest) => {
    guest.write(1, "before");
    guest.memory.grow(1);
    guest.write(1, "after");
  });
  const wasi = new WASI({ ...options, clock: systemClock() });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  const functions = wasi.imports.wasi_snapshot_preview1 as Record<string, (...parameters: number[]) => number>;
  wasi.initializeSync({ exports: { memory } });
  new Uint8Array(memory.buffer).set(Buffer.from("shared"), 16);
  new Uint32Array(memory.buffer).set([16, 6]);
  expect([functions.fd_write(1, 0, 1, 8), functions.random_get(64, 100)]).toEqual([0, 0]);
  expect(written).toEqual(["before", "after", "shared"]);
});

import { describe, expect, test } from "vitest";
import { runGuest, runGuestAsync } from "../test/guest.ts";
import { CapturedOutput, type InputSource, MemoryFileSystem, WASI } from "./index.ts";

/** What a guest can make its host hold, each up to its limit. The limits of memory file systems are tested with them, that of blocking with polling. */
describe("limits", () => {
  test("descriptors", () => {
    const options = { preopens: { "/": MemoryFileSystem.from({ file: "" }) }, limits: { descriptors: 6 } };
    runGuest(options, (guest) => {
      expect([1, 2, 3].map(() => guest.open("file").errno)).toEqual(["success", "success", "mfile"]);
      // A file that could not be opened is not made.
      expect(guest.open("new", { creat: true }).errno).toBe("mfile");
      expect(guest.stat("new").errno).toBe("noent");
      guest.close(5);
      expect(guest.open("file")).toEqual({ errno: "success", fd: 5 });
    });
    expect(() => new WASI({ limits: { descriptors: 2 } })).toThrow("more than 2 descriptors");
  });

  test("bytes written to stdout and stderr, each", () => {
    const [stdout, stderr] = [new CapturedOutput(), new CapturedOutput()];
    runGuest({ stdout, stderr, limits: { output: 10 } }, (guest) => {
      expect(guest.write(1, "12345678")).toEqual({ errno: "success", size: 8 });
      expect(guest.write(1, "12345678")).toEqual({ errno: "success", size: 2 });
      expect(guest.write(1, "1").errno).toBe("dquot");
      expect(guest.write(1, "")).toEqual({ errno: "success", size: 0 });
      expect(guest.write(2, "1234567890")).toEqual({ errno: "success", size: 10 });
      expect(guest.write(2, "1").errno).toBe("dquot");
    });
    expect([stdout.text, stderr.length]).toEqual(["1234567812", 10]);
  });

  test("bytes that one call moves, however often its buffers name the same memory", () => {
    const system = new MemoryFileSystem();
    const stdout = new CapturedOutput();
    runGuest({ preopens: { "/": system }, stdout, limits: { transfer: 100_000 } }, (guest) => {
      const { fd } = guest.open("file", { creat: true });
      const buffers = new Array<[number, number]>(1024).fill([0, 65_536]);
      const size = guest.space(4);
      for (const number of [fd, 1]) {
        expect(guest.call("fd_write", number, ...guest.vector(...buffers), size)).toBe("success");
        expect(guest.view.getUint32(size, true)).toBe(100_000);
      }
    });
    expect([system.usage.bytes, stdout.length]).toEqual([100_000, 100_000]);
  });

  test("random bytes of one call", () => {
    let most = 0;
    const random = (bytes: Uint8Array): void => {
      most = Math.max(most, bytes.length);
    };
    runGuest({ random, limits: { transfer: 1000 } }, (guest) => {
      expect(guest.call("random_get", 0, 1000)).toBe("success");
      expect(guest.call("random_get", 0, 1001)).toBe("inval");
    });
    expect(most).toBe(1000);
  });

  test("lengths of paths and names, links' targets included", () => {
    const options = {
      preopens: { "/": MemoryFileSystem.from({ [`d/${"n".repeat(255)}`]: "" }) },
      limits: { path: 600 },
    };
    runGuest(options, (guest) => {
      expect(guest.stat(`d/${"n".repeat(255)}`).errno).toBe("success");
      expect(guest.stat(`d/${"n".repeat(256)}`).errno).toBe("nametoolong");
      expect(guest.mkdir("ü".repeat(127)).length).toBeGreaterThan(0);
      expect(guest.mkdir("ü".repeat(128))).toBe("nametoolong");
      expect(guest.stat(`d/${"./".repeat(299)}`).errno).toBe("success");
      expect(guest.stat(`d/${"./".repeat(300)}`).errno).toBe("nametoolong");
      expect(guest.symlink("./".repeat(299), "link")).toBe("success");
      expect(guest.stat("link/").errno).toBe("success");
      expect(guest.stat("link/d/..").errno).toBe("nametoolong");
      expect(guest.symlink("x".repeat(601), "link2")).toBe("nametoolong");
    });
  });

  test("directory entries that are remembered, over all open directories", () => {
    const tree = { a: { 1: "", 2: "", 3: "" }, b: { 1: "", 2: "", 3: "" } };
    runGuest({ preopens: { "/": MemoryFileSystem.from(tree) }, limits: { directoryEntries: 9 } }, (guest) => {
      const [a, b] = [guest.open("a", { directory: true }).fd, guest.open("b", { directory: true }).fd];
      expect(guest.readdir(a).errno).toBe("success");
      expect(guest.readdir(b).errno).toBe("nomem");
      expect(guest.readdir(a).errno).toBe("success");
      guest.close(a);
      expect(guest.readdir(b).errno).toBe("success");
    });
  });

  test("are checked when they are given", () => {
    expect(() => new WASI({ limits: { output: -1 } })).toThrow(RangeError);
    expect(() => new WASI({ limits: { output: Number.NaN } })).toThrow(RangeError);
    expect(() => new WASI({ limits: { outputs: 1 } as object })).toThrow(
      'limits of WASI: unknown option "outputs"; did you mean "output"?',
    );
  });
});

describe("outputs", () => {
  test("hold the guest back where its call may be suspended", async () => {
    const written: string[] = [];
    const stdout = (chunk: Uint8Array): Promise<void> =>
      new Promise((resolve) => {
        setTimeout(() => {
          written.push(Buffer.from(chunk).toString());
          resolve();
        }, 2);
      });
    await runGuestAsync({ stdout }, async (guest) => {
      for (const text of ["one", "two"]) {
        await guest.callAsync("fd_write", 1, ...guest.vector(guest.put(text)), guest.space(4));
        expect(written.at(-1)).toBe(text);
      }
    });
  });

  test("that fail later are told at the next write", async () => {
    const failures = [Promise.reject(new Error("full"))];
    await new Promise((resolve) => {
      const wasi = new WASI({ stdout: () => failures.pop() });
      const memory = new WebAssembly.Memory({ initial: 1 });
      wasi.initializeSync({ exports: { memory } });
      new Uint32Array(memory.buffer).set([16, 3]);
      const { fd_write } = wasi.imports.wasi_snapshot_preview1 as Record<string, (...parameters: number[]) => number>;
      expect(fd_write(1, 0, 1, 8)).toBe(0);
      setTimeout(() => {
        expect(() => fd_write(1, 0, 1, 8)).toThrow("full");
        resolve(undefined);
      }, 1);
    });
  });

  test("can be streams of the web and of Node", async () => {
    const web: string[] = [];
    const node: string[] = [];
    const stdout = new WritableStream<Uint8Array>({ write: (chunk) => void web.push(Buffer.from(chunk).toString()) });
    const { Writable } = await import("node:stream");
    const stderr = new Writable({
      highWaterMark: 1,
      write: (chunk: Uint8Array, _encoding, done) => {
        node.push(Buffer.from(chunk).toString());
        setTimeout(done, 1);
      },
    });
    await runGuestAsync({ stdout, stderr }, async (guest) => {
      for (const fd of [1, 2, 1, 2])
        await guest.callAsync("fd_write", fd, ...guest.vector(guest.put("x")), guest.space(4));
    });
    expect([web, node]).toEqual([
      ["x", "x"],
      ["x", "x"],
    ]);
    expect(() => new WASI({ stdout: 5 as never })).toThrow(TypeError);
  });

  test("are shown as text though they are none", () => {
    const output = new CapturedOutput();
    output.write(Uint8Array.of(0x61, 0xff, 0xc3));
    output.write(Uint8Array.of(0xbc, 0xe2, 0x82));
    expect(output.text).toBe("a\ufffdü\ufffd\ufffd");
  });
});

describe("inputs", () => {
  const readAll = async (stdin: InputSource | undefined): Promise<string> => {
    let all = "";
    await runGuestAsync({ stdin }, async (guest) => {
      for (;;) {
        const { errno, text } = await guest.readAsync(0, 4);
        expect(errno).toBe("success");
        if (text === "") break;
        all += text;
      }
    });
    return all;
  };

  test("can be texts, bytes, functions, and everything to iterate over", async () => {
    const chunks = ["first ", "", "second"];
    expect(await readAll("first second")).toBe("first second");
    expect(await readAll(new TextEncoder().encode("first second"))).toBe("first second");
    expect(await readAll(chunks)).toBe("first second");
    expect(await readAll(undefined)).toBe("");
    const queue: (string | null)[] = [...chunks, null];
    expect(await readAll(() => queue.shift())).toBe("first second");
    const later: (string | null)[] = [...chunks, null];
    expect(await readAll(async () => later.shift())).toBe("first second");
    expect(
      await readAll(
        (async function* () {
          yield* chunks;
        })(),
      ),
    ).toBe("first second");
    const stream = new ReadableStream<string>({
      start: (controller) => {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    expect(await readAll({ getReader: () => stream.getReader() })).toBe("first second");
    const { Readable } = await import("node:stream");
    expect(await readAll(Readable.from(chunks))).toBe("first second");
    expect(() => new WASI({ stdin: 5 as never })).toThrow(TypeError);
  });

  test("that fail fail the guest's host, not the guest", async () => {
    const stdin = (): never => {
      throw new Error("broken");
    };
    await expect(runGuestAsync({ stdin }, async (guest) => void (await guest.readAsync(0)))).rejects.toThrow("broken");
  });
});

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runGuest } from "../../../test/guest.ts";
import { readHostFolder, writeHostFolder } from "../host/copy.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";
import { readTar, TarError } from "./tar.ts";
import { Symlink } from "./tree.ts";

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("plain objects", () => {
  test("are taken in and given back", () => {
    const system = MemoryFileSystem.from({
      "src/main.py": "print(1)",
      data: { "a.bin": Uint8Array.of(1, 2), none: {} },
      latest: new Symlink("data/a.bin"),
    });
    expect(text(system.readFile("/src/main.py"))).toBe("print(1)");
    expect(system.toObject()).toEqual({
      "src/main.py": Uint8Array.from(Buffer.from("print(1)")),
      "data/a.bin": Uint8Array.of(1, 2),
      "data/none": {},
      latest: new Symlink("data/a.bin"),
    });
    expect(MemoryFileSystem.from(system.toObject()).toObject()).toEqual(system.toObject());
    expect(system.usage).toEqual({ bytes: 20, files: 6 });
  });

  test("with paths that lead out, or values that are no files, are refused", () => {
    expect(() => MemoryFileSystem.from({ "../x": "" })).toThrow(TypeError);
    expect(() => MemoryFileSystem.from({ "a\0b": "" })).toThrow(TypeError);
    expect(() => MemoryFileSystem.from({ x: 1 as unknown as string })).toThrow("x: expected");
    expect(() => MemoryFileSystem.from({ ["n".repeat(256)]: "" })).toThrow(TypeError);
  });
});

describe("the host's own methods", () => {
  test("read, write and remove", () => {
    const system = new MemoryFileSystem();
    system.writeFile("a/b/c", "one");
    system.writeFile("a/b/c", "two");
    system.createDirectory("a/d");
    expect(text(system.readFile("a/b/c"))).toBe("two");
    expect([system.exists("a/d"), system.exists("a/e"), system.exists("a/b/c/d")]).toEqual([true, false, false]);
    expect(() => system.readFile("a")).toThrow("directory");
    expect(() => system.writeFile("a", "")).toThrow("directory");
    expect(() => system.writeFile("a/b/c/d", "")).toThrow("not a directory");
    expect(() => system.remove("a/x")).toThrow("there is no");
    expect(() => system.remove("/")).toThrow("topmost");
    system.remove("a");
    expect(system.usage).toEqual({ bytes: 0, files: 0 });
  });
});

describe("limits", () => {
  test("bytes: what does not fit is refused, what fits is not", () => {
    const system = new MemoryFileSystem({ maxBytes: 10 });
    runGuest({ preopens: { "/": system } }, (guest) => {
      expect(guest.writeFile("a", "12345")).toBe("success");
      const { fd } = guest.open("b", { creat: true });
      expect(guest.write(fd, "1234567")).toEqual({ errno: "success", size: 5 });
      expect(guest.write(fd, "8").errno).toBe("nospc");
      expect(guest.call("fd_filestat_set_size", fd, 6n)).toBe("nospc");
      expect(guest.call("fd_allocate", fd, 0n, 1_000_000_000_000n)).toBe("nospc");
      expect(guest.call("fd_filestat_set_size", fd, 1n << 62n)).toBe("fbig");
      expect(guest.call("fd_filestat_set_size", fd, 1n << 50n)).toBe("fbig");
      // Overwriting takes no more room.
      expect(guest.call("fd_seek", fd, 0n, 0, guest.space(8))).toBe("success");
      expect(guest.write(fd, "54321").errno).toBe("success");
      expect(guest.symlink("a", "link")).toBe("nospc");
      expect(guest.unlink("b")).toBe("success");
      // An open file takes room though it has no name any more.
      expect(guest.symlink("a", "link")).toBe("nospc");
      guest.close(fd);
      expect(guest.symlink("a", "link")).toBe("success");
      expect(guest.writeFile("a", "")).toBe("success");
    });
    expect(system.usage).toEqual({ bytes: 1, files: 2 });
  });

  test("a file beyond the end of the room is not made by a hole", () => {
    const system = new MemoryFileSystem({ maxBytes: 100 });
    runGuest({ preopens: { "/": system } }, (guest) => {
      const { fd } = guest.open("a", { creat: true });
      guest.call("fd_seek", fd, 1n << 35n, 0, guest.space(8));
      expect(guest.write(fd, "x").errno).toBe("nospc");
      guest.call("fd_seek", fd, 1n << 45n, 0, guest.space(8));
      expect(guest.write(fd, "x").errno).toBe("fbig");
    });
    expect(system.usage.bytes).toBe(0);
  });

  test("files: names are counted, second ones too", () => {
    const system = new MemoryFileSystem({ maxFiles: 3 });
    runGuest({ preopens: { "/": system } }, (guest) => {
      expect(guest.writeFile("a", "")).toBe("success");
      expect(guest.mkdir("b")).toBe("success");
      expect(guest.link("a", "c")).toBe("success");
      expect(guest.mkdir("d")).toBe("nospc");
      expect(guest.symlink("a", "d")).toBe("nospc");
      expect(guest.link("a", "d")).toBe("nospc");
      expect(guest.writeFile("d", "")).toBe("nospc");
      expect(guest.rename("c", "d")).toBe("success");
      expect(guest.unlink("a")).toBe("success");
      expect(guest.mkdir("e")).toBe("success");
    });
    expect(system.usage).toEqual({ bytes: 0, files: 3 });
  });

  test("hold for what the host puts in as well", () => {
    expect(() => MemoryFileSystem.from({ a: "12345" }, { maxBytes: 4 })).toThrow("full");
    expect(() => new MemoryFileSystem({ maxFiles: Number.NaN })).toThrow(RangeError);
  });

  test("what is used comes back to nothing, whatever happens between", { timeout: 60_000 }, () => {
    const name = fc.constantFrom("a", "b", "c", "d/a", "d/b");
    const step = fc.record({ kind: fc.nat(7), from: name, to: name, size: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const system = new MemoryFileSystem({ maxBytes: 60, maxFiles: 4 });
        runGuest({ preopens: { "/": system } }, (guest) => {
          for (const { kind, from, to, size } of steps) {
            guest.forget();
            if (kind === 0) guest.writeFile(from, "x".repeat(size));
            else if (kind === 1) guest.rename(from, to);
            else if (kind === 2) guest.link(from, to);
            else if (kind === 3) guest.symlink("t".repeat(size), from);
            else if (kind === 4) guest.unlink(from);
            else if (kind === 5) guest.mkdir("d");
            else if (kind === 6) guest.rmdir("d");
            else guest.open(from, { creat: true });
            expect(system.usage.bytes).toBeLessThanOrEqual(60);
            expect(system.usage.files).toBeLessThanOrEqual(4);
          }
        });
        expect(system.clone().usage).toEqual(system.usage);
        for (const { name } of system.root().list(Infinity)) system.remove(name);
        expect(system.usage).toEqual({ bytes: 0, files: 0 });
      }),
      { numRuns: 200 },
    );
  });
});

describe("clones", () => {
  test("share nothing that can be seen", () => {
    const system = MemoryFileSystem.from({ a: "one", "d/b": "two" });
    const twin = system.clone();
    twin.writeFile("a", "changed");
    system.writeFile("d/b", "also changed");
    twin.writeFile("new", "");
    expect(text(system.readFile("a"))).toBe("one");
    expect(text(twin.readFile("d/b"))).toBe("two");
    expect(system.exists("new")).toBe(false);
  });

  test("cost no bytes until one of the two changes them, and then those that change", () => {
    const held = (): number => process.memoryUsage().arrayBuffers;
    const megabyte = 1024 * 1024;
    const system = MemoryFileSystem.from({ big: new Uint8Array(64 * megabyte) });
    const before = held();
    const twins = Array.from({ length: 10 }, () => system.clone());
    expect(held() - before).toBeLessThan(megabyte);
    runGuest({ preopens: { "/": twins[0] } }, (guest) => {
      const { fd } = guest.open("big", { rights: ["FD_WRITE", "FD_SEEK"] });
      expect(guest.call("fd_pwrite", fd, ...guest.vector(guest.put("x")), BigInt(10 * megabyte), guest.space(4))).toBe(
        "success",
      );
    });
    expect(held() - before).toBeLessThan(4 * megabyte);
    expect([twins[0].readFile("big")[10 * megabyte], system.readFile("big")[10 * megabyte]]).toEqual([120, 0]);
  });

  test("keep a file with two names one file", () => {
    const system = MemoryFileSystem.from({ a: "one" });
    runGuest({ preopens: { "/": system } }, (guest) => expect(guest.link("a", "b")).toBe("success"));
    const twin = system.clone();
    twin.writeFile("a", "two");
    expect(text(twin.readFile("b"))).toBe("two");
    expect(text(system.readFile("b"))).toBe("one");
  });
});

describe("tar archives", () => {
  const long = `${"folder/".repeat(20)}${"n".repeat(120)}`;

  test("come back as they went", () => {
    const system = MemoryFileSystem.from({
      "a/b.txt": "text",
      empty: {},
      link: new Symlink("a/b.txt"),
      [long]: "long",
      longLink: new Symlink(`${"t/".repeat(80)}x`),
      "größe/ünïcode": "ü",
      big: new Uint8Array(5000).fill(65),
    });
    runGuest({ preopens: { "/": system } }, (guest) => guest.link("big", "second"));
    const twin = MemoryFileSystem.fromTar(system.toTar());
    expect(twin.toObject()).toEqual(system.toObject());
    expect(twin.toTar().length).toBe(system.toTar().length);
  });

  test("are what the tar command reads and writes", () => {
    const folder = mkdtempSync(join(tmpdir(), "wardian-tar-"));
    try {
      const system = MemoryFileSystem.from({
        "a/b.txt": "text",
        [long]: "long",
        link: new Symlink("a/b.txt"),
        empty: {},
      });
      writeFileSync(join(folder, "ours.tar"), system.toTar());
      mkdirSync(join(folder, "out"));
      execFileSync("tar", ["xf", "../ours.tar"], { cwd: join(folder, "out") });
      expect(readFileSync(join(folder, "out", long), "utf8")).toBe("long");
      expect(readFileSync(join(folder, "out", "link"), "utf8")).toBe("text");
      for (const format of ["gnu", "pax", "ustar"]) {
        const names = format === "ustar" ? ["a", "link", "empty"] : ["."];
        execFileSync("tar", ["cf", "../theirs.tar", `--format=${format}`, ...names], { cwd: join(folder, "out") });
        const read = MemoryFileSystem.fromTar(new Uint8Array(readFileSync(join(folder, "theirs.tar"))));
        expect(text(read.readFile("a/b.txt"))).toBe("text");
        if (format !== "ustar") expect(read.toObject()).toEqual(system.toObject());
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("that are cut, changed or no archives never do worse than a TarError", { timeout: 60_000 }, () => {
    const archive = MemoryFileSystem.from({ a: "text", [long]: "long", link: new Symlink("a") }).toTar();
    expect(() => [...readTar(archive.subarray(0, 515))]).toThrow(TarError);
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(255), fc.nat(archive.length), (at, value, length) => {
        const bytes = archive.slice(0, length);
        bytes[Math.min(at, length - 1)] = value;
        try {
          MemoryFileSystem.fromTar(bytes);
        } catch (error) {
          expect(error instanceof TarError || error instanceof TypeError || (error as Error).name === "WASIError").toBe(
            true,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  test("with a name that leads out are refused", () => {
    const archive = MemoryFileSystem.from({ "aa/x": "text" }).toTar();
    const at = archive.indexOf(0x61);
    for (let header = 0; header < archive.length; header += 512) {
      if (archive[header] !== 0x61 || archive[header + 2] !== 0x2f) continue;
      archive.set([0x2e, 0x2e], header);
      // The checksum, which is the sum of all bytes.
      const old = Number.parseInt(text(archive.subarray(header + 148, header + 154)), 8);
      archive.set(Buffer.from((old - 2 * (0x61 - 0x2e)).toString(8).padStart(6, "0")), header + 148);
    }
    expect(at).toBe(0);
    expect(() => MemoryFileSystem.fromTar(archive)).toThrow(TypeError);
  });
});

describe("host folders", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wardian-copy-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("are read with their links and written without them unless asked", () => {
    mkdirSync(join(folder, "in", "sub"), { recursive: true });
    writeFileSync(join(folder, "in", "sub", "file"), "text");
    symlinkSync("/etc/passwd", join(folder, "in", "link"));
    const system = readHostFolder(join(folder, "in"));
    expect(system.toObject()).toEqual({
      "sub/file": Uint8Array.from(Buffer.from("text")),
      link: new Symlink("/etc/passwd"),
    });
    writeHostFolder(system, join(folder, "out"));
    expect(readFileSync(join(folder, "out", "sub", "file"), "utf8")).toBe("text");
    expect(existsSync(join(folder, "out", "link"))).toBe(false);
    writeHostFolder(system, join(folder, "links"), { links: true });
    expect(readFileSync(join(folder, "links", "link"), "utf8")).toContain("root");
    expect(() => writeHostFolder(system, join(folder, "out"))).toThrow("not empty");
  });
});

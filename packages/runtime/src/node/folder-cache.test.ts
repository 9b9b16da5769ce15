import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Runtime } from "../index.ts";
import { FolderCache } from "./folder-cache.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wardian-folder-cache-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill);
const files = (): string[] => readdirSync(folder).sort();

describe("a cache in a folder", () => {
  test("gives back what was put in, to another process too", async () => {
    await new FolderCache(join(folder, "made", "for it")).set("key", bytes(1000));
    const other = new FolderCache(join(folder, "made", "for it"));
    expect(await other.get("key")).toEqual(bytes(1000));
    expect(await other.get("another key")).toBeUndefined();
  });

  test("leaves nothing but the entry, also when several write the same at once", async () => {
    const cache = new FolderCache(folder);
    await Promise.all([1, 2, 3, 4].map(() => cache.set("key", bytes(100_000))));
    expect(files()).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.module$/)]);
    expect(await cache.get("key")).toEqual(bytes(100_000));
  });

  test.each<[string, (file: Buffer) => Buffer]>([
    ["cut short", (file) => file.subarray(0, 500)],
    ["cut within its header", (file) => file.subarray(0, 20)],
    ["empty", () => Buffer.alloc(0)],
    ["changed in one bit", (file) => Buffer.from(file.map((byte, i) => (i === 600 ? byte ^ 1 : byte)))],
    ["longer than it was", (file) => Buffer.concat([file, Buffer.from([0])])],
  ])("an entry that is %s is missing, and removed", async (_, damage) => {
    const cache = new FolderCache(folder);
    await cache.set("key", bytes(1000));
    const path = join(folder, files()[0]);
    writeFileSync(path, damage(readFileSync(path)));
    expect(await cache.get("key")).toBeUndefined();
    expect(files()).toEqual([]);
  });

  test("an entry under another's name is missing", async () => {
    const cache = new FolderCache(folder);
    await cache.set("a", bytes(10));
    const [a] = files();
    await cache.set("b", bytes(20));
    const b = files().find((name) => name !== a) as string;
    writeFileSync(join(folder, b), readFileSync(join(folder, a)));
    expect(await cache.get("b")).toBeUndefined();
  });

  test("what was used longest ago goes when it is full, and what does not fit at all is not kept", async () => {
    const cache = new FolderCache(folder, { capacity: 2500 });
    await cache.set("a", bytes(1000));
    await cache.set("b", bytes(1000));
    for (const name of files()) utimesSync(join(folder, name), 1000, 1000);
    expect(await cache.get("a")).toBeDefined();
    await cache.set("c", bytes(1000));
    expect(await cache.get("b")).toBeUndefined();
    expect(await cache.get("a")).toBeDefined();
    expect(await cache.get("c")).toBeDefined();
    await cache.set("d", bytes(3000));
    expect(await cache.get("d")).toBeUndefined();
    expect(files().length).toBe(2);
  });

  test("half-written files of processes that died are removed, others' files are not", async () => {
    for (const [name, age] of [
      ["old.writing", 10_000],
      ["new.writing", 1],
      ["notes.txt", 10_000],
    ] as const) {
      writeFileSync(join(folder, name), "x");
      const then = Date.now() / 1000 - age;
      utimesSync(join(folder, name), then, then);
    }
    await new FolderCache(folder).set("key", bytes(10));
    expect(files().filter((name) => !name.endsWith(".module"))).toEqual(["new.writing", "notes.txt"]);
  });

  test("a folder that cannot be used costs nothing but time", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const errors: unknown[] = [];
    const cache = new FolderCache(file, { onError: (error) => errors.push(error) });
    const runtime = new Runtime({ engine: "platform", cache });
    const module = await runtime.compile('(module (func (export "run") (result i32) (i32.const 3)))');
    expect((await runtime.instantiate(module)).exports.run()).toBe(3);
    expect(errors.length).toBeGreaterThan(0);
  });

  // Windows keeps no such modes.
  test.skipIf(process.platform === "win32")("entries are their owner's alone", async () => {
    await new FolderCache(folder).set("key", bytes(10));
    expect(statSync(join(folder, files()[0])).mode & 0o77).toBe(0);
  });

  // Windows has neither pipes nor devices in its file system.
  test.skipIf(process.platform === "win32")("a pipe or a device in the place of an entry is not read", async () => {
    const errors: string[] = [];
    const cache = new FolderCache(folder, { onError: (error) => errors.push(String(error)) });
    await cache.set("key", bytes(10));
    const path = join(folder, files()[0]);
    rmSync(path);
    execFileSync("mkfifo", [path]);
    expect(await cache.get("key")).toBeUndefined();
    rmSync(path);
    symlinkSync("/dev/zero", path);
    expect(await cache.get("key")).toBeUndefined();
    expect(errors).toEqual([1, 2].map(() => expect.stringContaining("is not a regular file")));
    await cache.set("key", bytes(10));
    expect(await cache.get("key")).toEqual(bytes(10));
  });

  test("an entry that is longer than the capacity is not read", async () => {
    await new FolderCache(folder).set("key", bytes(1000));
    const errors: string[] = [];
    const cache = new FolderCache(folder, { capacity: 500, onError: (error) => errors.push(String(error)) });
    expect(await cache.get("key")).toBeUndefined();
    expect(errors).toEqual([expect.stringContaining("is longer than 500 bytes")]);
  });

  test("a capacity that is none is refused", () => {
    expect(() => new FolderCache(folder, { capacity: Number.NaN })).toThrow(TypeError);
  });
});

describe("modules through a folder", () => {
  const text = `(module (func (export "run") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

  async function run(): Promise<string> {
    const runtime = new Runtime({ engine: "platform", cache: new FolderCache(folder), limits: { fuel: 10_000n } });
    const instance = await runtime.instantiate(await runtime.compile(text));
    return `${instance.exports.run(100)} for ${instance.fuel.consumed}`;
  }

  test("run as they did, and consume the same", async () => {
    const first = await run();
    expect(files().length).toBe(1);
    const { mtimeMs } = statSync(join(folder, files()[0]));
    expect(await run()).toBe(first);
    expect(files().length).toBe(1);
    expect(statSync(join(folder, files()[0])).mtimeMs).toBeGreaterThanOrEqual(mtimeMs);
  });

  test("that are not what this version writes are rewritten again", async () => {
    const first = await run();
    const keys: string[] = [];
    const junk = {
      get(key: string): Uint8Array {
        keys.push(key);
        return new Uint8Array([1, 2, 3]);
      },
      set(): void {},
    };
    const runtime = new Runtime({ engine: "platform", cache: junk, limits: { fuel: 10_000n } });
    const instance = await runtime.instantiate(await runtime.compile(text));
    expect(`${instance.exports.run(100)} for ${instance.fuel.consumed}`).toBe(first);
    expect(keys.length).toBe(1);
  });
});

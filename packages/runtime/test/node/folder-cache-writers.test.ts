import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderCache } from "../../src/node/folder-cache.ts";

let folder = "";
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wardian-folder-cache-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const SIZE = 1_000_000;
const built = new URL("../../dist/node/index.js", import.meta.url).href;

/** Writes one entry again and again, each time with other bytes. */
const WRITER = `
  const [folder, times, capacity] = process.argv.slice(1);
  const { FolderCache } = await import(${JSON.stringify(built)});
  const cache = new FolderCache(folder, { capacity: Number(capacity), onError: (error) => { throw error; } });
  for (let i = 0; i < Number(times); i++) await cache.set("key", new Uint8Array(${SIZE} + i % 7).fill(i));`;

function write(times: number, capacity = 2 ** 30): ChildProcess {
  const args = ["--input-type=module", "-e", WRITER, folder, String(times), String(capacity)];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  children.push(child);
  return child;
}

/** Whether an entry is one that a writer has written, whole. */
function isWhole(entry: Uint8Array): boolean {
  const [first] = entry;
  return entry.length >= SIZE && entry.length < SIZE + 7 && entry.every((byte) => byte === first);
}

/** Reads until all writers have ended. @returns how often the entry was there, and was missing after it had been there */
async function readDuring(writers: readonly ChildProcess[]): Promise<{ found: number; lost: number }> {
  const ends = writers.map((writer) => new Promise((resolve) => writer.once("exit", resolve)));
  let running = true;
  void Promise.all(ends).then(() => {
    running = false;
  });
  const errors: unknown[] = [];
  const cache = new FolderCache(folder, { onError: (error) => errors.push(error) });
  let found = 0;
  let lost = 0;
  while (running) {
    const entry = await cache.get("key");
    if (entry === undefined) lost += found > 0 ? 1 : 0;
    else {
      expect(isWhole(entry)).toBe(true);
      found++;
    }
  }
  expect(errors).toEqual([]);
  return { found, lost };
}

test("a reader sees a whole entry or none while two processes write it", async () => {
  const { found, lost } = await readDuring([write(60), write(60)]);
  expect(found).toBeGreaterThan(0);
  expect(lost).toBe(0);
  expect(readdirSync(folder)).toHaveLength(1);
});

test("a writer that is killed leaves no part of an entry to be read", async () => {
  const writers = [write(1_000_000), write(40)];
  const reading = readDuring(writers);
  setTimeout(() => writers[0].kill("SIGKILL"), 300);
  expect((await reading).found).toBeGreaterThan(0);
  const entry = await new FolderCache(folder).get("key");
  expect(entry !== undefined && isWhole(entry)).toBe(true);
});

test("an entry that processes write and remove again for its size is whole or missing", async () => {
  // No more than one entry fits, so that each writer removes what the others have just written.
  const capacity = SIZE + 100;
  const other = new FolderCache(folder, { capacity });
  const writers = [write(40, capacity), write(40, capacity)];
  const reading = readDuring(writers);
  const writing = (async () => {
    for (let i = 0; i < 40; i++) await other.set(`other ${i}`, new Uint8Array(SIZE).fill(i));
  })();
  await Promise.all([reading, writing]);
});

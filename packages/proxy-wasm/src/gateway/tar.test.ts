import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { pax, type TarEntry, tarOfEntries } from "../testing/tar.ts";
import { filesOfTar, findInTar } from "./tar.ts";

const filesOf = (...entries: readonly TarEntry[]): Record<string, string> =>
  Object.fromEntries(
    [...filesOfTar(tarOfEntries(entries))].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]),
  );

test.each<[string, readonly TarEntry[], Record<string, string>]>([
  [
    "the last file of a name counts",
    [
      { path: "a", content: "1" },
      { path: "./a", content: "2" },
    ],
    { a: "2" },
  ],
  [
    "a later folder removes a file",
    [
      { path: "a", content: "1" },
      { path: "a/", type: "5" },
    ],
    {},
  ],
  [
    "a later symbolic link removes a file",
    [
      { path: "a", content: "1" },
      { path: "a", type: "2", link: "/etc" },
    ],
    {},
  ],
  [
    "a hard link has the content of its target",
    [
      { path: "a", content: "1" },
      { path: "b", type: "1", link: "./a" },
      { path: "c", type: "1", link: "d" },
    ],
    { a: "1", b: "1" },
  ],
  [
    "pax headers name the next file",
    [pax({ path: "long/name" }), { path: "short", content: "1" }],
    { "long/name": "1" },
  ],
  [
    "pax headers name no file after the next",
    [pax({ path: "x" }), { path: "a", content: "1" }, { path: "b", content: "2" }],
    { x: "1", b: "2" },
  ],
  [
    "names of Object.prototype are names",
    [
      { path: "__proto__", content: "1" },
      { path: "constructor", content: "2" },
    ],
    {
      ["__proto__"]: "1",
      constructor: "2",
    },
  ],
])("%s", (_, entries, expected) => expect(filesOf(...entries)).toEqual(expected));

test.each(["gnu", "pax", "ustar"])("the %s format of tar is read, with a long name", (format) => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-tar-"));
  const path = join("n".repeat(90), "m".repeat(format === "ustar" ? 80 : 150), "plugin.wasm");
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), "module");
  execFileSync("tar", ["--format", format, "-cf", "archive.tar", "n".repeat(90)], { cwd: folder });
  const archive = readFileSync(join(folder, "archive.tar"));
  expect([...filesOfTar(archive).keys()]).toEqual([path]);
  expect(Buffer.from(findInTar(archive, "plugin.wasm") ?? []).toString()).toBe("module");
});

test("a file at the root is found before one in a folder", () => {
  const archive = tarOfEntries([
    { path: "folder/plugin.wasm", content: "folder" },
    { path: "plugin.wasm", content: "root" },
  ]);
  expect(Buffer.from(findInTar(archive, "plugin.wasm") ?? []).toString()).toBe("root");
  expect(findInTar(archive, "other.wasm")).toBeUndefined();
});

test("damaged archives are refused", () => {
  const archive = tarOfEntries([{ path: "a", content: "1".repeat(2_000) }]);
  expect(() => filesOfTar(archive.subarray(0, 1_000))).toThrow("the archive cannot be read");
  expect(() => filesOfTar(Buffer.alloc(2_048, "x"))).toThrow("the archive cannot be read");
  expect(() => filesOfTar(gzipSync(archive))).toThrow("the archive is compressed twice");
});

test("the number of entries is bounded", () => {
  const entry = tarOfEntries([{ path: "a" }]).subarray(0, 512);
  expect(() => filesOfTar(Buffer.concat(Array(100_001).fill(entry)))).toThrow("more than 100000 entries");
});

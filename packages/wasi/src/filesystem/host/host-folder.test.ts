import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HostDirectory } from "./host-directory.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wardian-host-folder-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(["auto", "path"] as const)("a listing tells kinds and leaves inodes to those who ask (%s)", (hold) => {
  writeFileSync(join(folder, "file"), "");
  mkdirSync(join(folder, "folder"));
  symlinkSync("nowhere", join(folder, "link"));
  const entries = new HostDirectory(folder, { hold }).root().list(3);
  expect(entries.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { name: "file", ino: 0n, filetype: "regular_file" },
    { name: "folder", ino: 0n, filetype: "directory" },
    { name: "link", ino: 0n, filetype: "symbolic_link" },
  ]);
  expect(() => new HostDirectory(folder, { hold }).root().list(2)).toThrow("more than 2 entries");
});

test.runIf(process.platform === "linux")(
  "a listing leaves out names that are not UTF-8, and has no word for a pipe",
  () => {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad-`), Buffer.of(0xff)]), "");
    writeFileSync(join(folder, "mended-\ufffd"), "");
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const entries = new HostDirectory(folder).root().list(10);
    expect(entries.map(({ name, filetype }) => `${name} ${filetype}`).sort()).toEqual([
      "mended-\ufffd regular_file",
      "pipe unknown",
    ]);
  },
);

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runGuest } from "../../test/guest.ts";
import { HostDirectory } from "./host/host-directory.ts";
import { MemoryFileSystem } from "./memory/memory-file-system.ts";
import { Symlink } from "./memory/tree.ts";
import { OverlayFileSystem } from "./overlay.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wardian-overlay-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

test("what is written stays above the base", () => {
  mkdirSync(join(folder, "lib"));
  writeFileSync(join(folder, "lib", "module"), "base");
  writeFileSync(join(folder, "old"), "old");
  symlinkSync("lib/module", join(folder, "link"));
  const system = new OverlayFileSystem(new HostDirectory(folder));
  runGuest({ preopens: { "/": system } }, (guest) => {
    expect(guest.readFile("link").text).toBe("base");
    expect(guest.writeFile("lib/module", "changed")).toBe("success");
    expect(guest.writeFile("lib/new", "new")).toBe("success");
    expect(guest.unlink("old")).toBe("success");
    expect(guest.rename("lib", "moved")).toBe("success");
    expect(guest.readFile("moved/module").text).toBe("changed");
    expect(guest.readFile("link").errno).toBe("noent");
    expect(guest.list()).toEqual(["link", "moved"]);
  });
  expect(readdirSync(folder).sort()).toEqual(["lib", "link", "old"]);
  expect(readFileSync(join(folder, "lib", "module"), "utf8")).toBe("base");
  const { written, removed } = system.changes();
  expect(written).toEqual({ "moved/module": bytes("changed"), "moved/new": bytes("new") });
  expect(removed.sort()).toEqual(["lib", "old"]);
});

test("many overlays stand on one base", () => {
  const base = MemoryFileSystem.from({ a: "base", d: { b: "b" }, l: new Symlink("a") });
  const [one, two] = [new OverlayFileSystem(base), new OverlayFileSystem(base)];
  one.writeFile("a", "one");
  two.remove("d");
  expect([one, two, base].map((system) => Buffer.from(system.readFile("a")).toString())).toEqual([
    "one",
    "base",
    "base",
  ]);
  expect([one, two, base].map((system) => system.exists("d/b"))).toEqual([true, false, true]);
  const clone = one.clone();
  clone.writeFile("a", "clone");
  expect(one.changes()).toEqual({ written: { a: bytes("one") }, removed: [] });
  expect(clone.changes()).toEqual({ written: { a: bytes("clone") }, removed: [] });
  expect(two.changes()).toEqual({ written: {}, removed: ["d"] });
});

test("the limits count what is above alone", () => {
  const base = MemoryFileSystem.from({ big: "x".repeat(1000), small: "y".repeat(50), other: "" });
  const system = new OverlayFileSystem(base, { maxBytes: 100, maxFiles: 2 });
  runGuest({ preopens: { "/": system } }, (guest) => {
    const { fd } = guest.open("big", { rights: ["FD_READ", "FD_WRITE"] });
    // Changing one byte takes a copy of the whole file.
    expect(guest.write(fd, "z").errno).toBe("nospc");
    expect(guest.writeFile("small", "z".repeat(60))).toBe("success");
    expect(guest.writeFile("new", "z".repeat(40))).toBe("success");
    expect(guest.writeFile("new2", "")).toBe("success");
    expect(guest.writeFile("new3", "")).toBe("nospc");
    // A file of the base that moves needs a place above; one that is removed gives none back.
    expect(guest.rename("other", "elsewhere")).toBe("nospc");
    expect(guest.unlink("other")).toBe("success");
    expect(guest.writeFile("new3", "")).toBe("nospc");
    expect(guest.unlink("new2")).toBe("success");
    expect(guest.writeFile("other", "")).toBe("success");
    expect(guest.unlink("small")).toBe("success");
    expect(guest.unlink("new")).toBe("success");
  });
  expect(system.usage).toEqual({ bytes: 0, files: 1 });
});

test("names that come and go leave nothing behind", () => {
  const system = new OverlayFileSystem(MemoryFileSystem.from({ a: "" }));
  runGuest({ preopens: { "/": system } }, (guest) => {
    for (let round = 0; round < 50; round++) {
      guest.forget();
      guest.writeFile(`name${round}`, "");
      guest.unlink(`name${round}`);
    }
  });
  expect(system.changes()).toEqual({ written: {}, removed: [] });
});

test("a deep base does not exhaust the host's descriptors", () => {
  let path = folder;
  for (let depth = 0; depth < 60; depth++) {
    path = join(path, "d");
    mkdirSync(path);
    writeFileSync(join(path, "file"), String(depth));
  }
  const system = new OverlayFileSystem(new HostDirectory(folder));
  runGuest({ preopens: { "/": system } }, (guest) => {
    for (let depth = 59; depth >= 0; depth--) {
      guest.forget();
      expect(guest.readFile(`${"d/".repeat(depth + 1)}file`).text).toBe(String(depth));
    }
  });
});

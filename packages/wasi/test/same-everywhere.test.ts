import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FileSystem, HostDirectory, MemoryFileSystem, OverlayFileSystem, writeHostFolder } from "../src/index.ts";
import { type Guest, runGuest } from "./guest.ts";

let top: string;
let count = 0;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "wardian-same-"));
});

afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

const TREE = { "a/x": "ax", "a/b/y": "aby", file: "file", empty: {} };

/** The same files in every kind of file system. */
function systems(): Record<string, FileSystem> {
  const folder = (): string => {
    const path = join(top, String(count++));
    mkdirSync(path);
    writeHostFolder(MemoryFileSystem.from(TREE), path);
    return path;
  };
  return {
    memory: MemoryFileSystem.from(TREE),
    clone: MemoryFileSystem.from(TREE).clone(),
    "overlay on memory": new OverlayFileSystem(MemoryFileSystem.from(TREE)),
    "overlay on a host directory": new OverlayFileSystem(new HostDirectory(folder(), { readonly: true })),
    "clone of an overlay": new OverlayFileSystem(MemoryFileSystem.from(TREE)).clone(),
    "host directory": new HostDirectory(folder()),
    "host directory by paths": new HostDirectory(folder(), { hold: "path" }),
  };
}

const names = ["a", "b", "x", "file", "empty", "new", "link"];
const path = fc
  .tuple(
    fc.array(fc.constantFrom(...names, "..", "."), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", "", "", "/"),
  )
  .map(([parts, slash]) => parts.join("/") + slash);

/** One thing that a guest does, and what it is told. */
type Step = (guest: Guest) => unknown;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(path, fc.string({ maxLength: 5 })).map(
    ([path, text]) =>
      (guest: Guest) =>
        guest.writeFile(path, text),
  ),
  path.map((path) => (guest: Guest) => guest.readFile(path)),
  path.map((path) => (guest: Guest) => guest.mkdir(path)),
  path.map((path) => (guest: Guest) => guest.rmdir(path)),
  path.map((path) => (guest: Guest) => guest.unlink(path)),
  path.map((path) => (guest: Guest) => guest.readlink(path)),
  fc.tuple(path, path).map(
    ([a, b]) =>
      (guest: Guest) =>
        guest.rename(a, b),
  ),
  fc.tuple(path, path).map(
    ([a, b]) =>
      (guest: Guest) =>
        guest.link(a, b),
  ),
  fc.tuple(path, path).map(
    ([a, b]) =>
      (guest: Guest) =>
        guest.symlink(a, b),
  ),
  fc.tuple(path, fc.boolean()).map(([path, follow]) => (guest: Guest) => {
    const { errno, filetype, size } = guest.stat(path, follow);
    // How large a directory is is its file system's business.
    return errno === "success" ? [filetype, filetype === 3 ? 0n : size] : errno;
  }),
  fc
    .tuple(
      path,
      fc.record({
        follow: fc.boolean(),
        creat: fc.boolean(),
        excl: fc.boolean(),
        trunc: fc.boolean(),
        directory: fc.boolean(),
      }),
    )
    .map(([path, request]) => (guest: Guest) => {
      const { errno, fd } = guest.open(path, request);
      if (errno === "success") guest.close(fd);
      return errno;
    }),
);

test("a guest is told the same on every file system", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const told: Record<string, unknown[]> = {};
      for (const [name, system] of Object.entries(systems())) {
        told[name] = [];
        runGuest({ preopens: { "/": system } }, (guest) => {
          for (const step of steps) {
            guest.forget();
            told[name].push(step(guest));
          }
          told[name].push(tree(guest, "."));
        });
      }
      const { memory, ...others } = told;
      for (const [name, other] of Object.entries(others)) expect({ [name]: other }).toEqual({ [name]: memory });
    }),
    { numRuns: 60 },
  );
}, 60_000);

function tree(guest: Guest, path: string): unknown[] {
  guest.forget();
  return guest.list(path).map((name) => {
    const below = `${path}/${name}`;
    const { filetype } = guest.stat(below, false);
    if (filetype === 3) return [name, tree(guest, below)];
    return [name, filetype === 4 ? guest.readFile(below).text : guest.readlink(below).target];
  });
}

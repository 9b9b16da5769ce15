import { expect, test } from "vitest";
import { MemoryFileSystem } from "../../src/filesystem/memory/memory-file-system.ts";
import { OverlayFileSystem } from "../../src/filesystem/overlay.ts";
import { runGuest } from "../guest.ts";

/** Names that plain objects inherit, `__proto__` among them, whose assignment sets a prototype. */
const NAMES = Object.getOwnPropertyNames(Object.prototype);

test.each([
  ["memory", () => new MemoryFileSystem(), (system: MemoryFileSystem) => system.toObject()],
  [
    "overlay",
    () => new OverlayFileSystem(new MemoryFileSystem()),
    (system: MemoryFileSystem) => (system as OverlayFileSystem).changes().written,
  ],
])("a guest's names are names like others in a %s file system", (_, make, listing) => {
  const system = make();
  runGuest({ preopens: { "/": system } }, (guest) => {
    for (const name of NAMES) {
      expect(guest.stat(name).errno).toBe("noent");
      expect(guest.writeFile(name, `content of ${name}`)).toBe("success");
    }
    expect(guest.mkdir("directory")).toBe("success");
    expect(guest.writeFile("directory/__proto__", "inner")).toBe("success");
  });
  const tree = listing(system);
  expect(Object.getPrototypeOf(tree)).toBeNull();
  expect(Object.keys(tree).sort()).toEqual([...NAMES, "directory/__proto__"].sort());
  const copy = MemoryFileSystem.from(tree);
  for (const name of NAMES) expect(Buffer.from(copy.readFile(name)).toString()).toBe(`content of ${name}`);
});

test("a directory named __proto__ is no tree's prototype", () => {
  const system = new MemoryFileSystem();
  system.createDirectory("__proto__");
  const tree = system.toObject();
  expect([Object.getPrototypeOf(tree), Object.keys(tree)]).toEqual([null, ["__proto__"]]);
});

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../scripts/places.mjs";

/** Folders with sources of their own, relative to the repository. */
const places = [...readdirSync(join(root, "packages")).map((name) => `packages/${name}`), "conformance", "bench"];

/** Files below the sources of a package, relative to the repository. */
const sources = places.flatMap((place) =>
  readdirSync(join(root, place, "src"), { recursive: true, encoding: "utf8" }).map((file) =>
    join(place, "src", file).replaceAll("\\", "/"),
  ),
);

// The gateway is about to become a package of its own, and takes its tests along.
const moving = /^packages\/(proxy-wasm|gateway)\//;

describe("rules of CONTRIBUTING.md", () => {
  test("a test beside the sources is named after the module that it tests", () => {
    const orphans = sources.filter(
      (file) =>
        file.endsWith(".test.ts") &&
        !moving.test(file) &&
        !["ts", "mjs"].some((ending) => existsSync(join(root, file.replace(/test\.ts$/, ending)))),
    );
    expect(orphans).toEqual([]);
    expect(sources.filter((file) => file.endsWith(".test.ts")).length).toBeGreaterThan(50);
  });

  test("private members are TypeScript's, but in the namespace that programs observe", () => {
    const withHash = sources.filter(
      (file) =>
        file.endsWith(".ts") &&
        !file.startsWith("packages/runtime/src/webassembly/") &&
        /(\bthis\.|^ {2}(?:private |readonly |static |async |get |set )*)#[a-z_]/im.test(
          readFileSync(join(root, file), "utf8"),
        ),
    );
    expect(withHash).toEqual([]);
    // The expression finds what there is to find.
    expect(readFileSync(join(root, "packages/runtime/src/webassembly/memory.ts"), "utf8")).toMatch(/this\.#[a-z]/);
  });
});

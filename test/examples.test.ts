import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { findLanguage, root } from "../scripts/places.mjs";
import { lacks } from "./needs.ts";

/* The examples that run real programs, run as a reader would run them. */

function example(path: string, ...args: string[]): string {
  return execFileSync(process.execPath, [`examples/${path}`, ...args], {
    cwd: root,
    encoding: "utf8",
    timeout: 280_000,
  });
}

const lacksLanguages = lacks("CPython and clang (npm run languages)", findLanguage("") !== undefined);

describe.skipIf(lacksLanguages)("the examples", () => {
  it.each(["auto", "interpreter"])(
    "run CPython, and stop it when it loops for ever (%s)",
    { timeout: 300_000 },
    (engine) => {
      const output = example("quickstart/main.mjs", engine);
      expect(output).toContain("265252859812191058636308480000000");
      expect(output).toContain("exit code 0");
      expect(output).toContain("stopped: all fuel consumed");
    },
  );

  it("compile C with clang and wasm-ld, guests themselves, and run the module", { timeout: 300_000 }, () => {
    expect(example("c-in-wasm/main.mjs", "interpreter")).toContain("factorial(20) = 2432902008176640000");
  });
});

import { existsSync, readFileSync } from "node:fs";
import { allFeatures, Runtime } from "@wardian/runtime";
import { decodeModule, encodeModule, parseModule, printModule } from "@wardian/runtime/formats";
import { type Command, parseScript, type ScriptModule } from "@wardian/runtime/internal";
import { expect, test } from "vitest";
import { suites } from "../../../scripts/places.mjs";
import { lacks } from "../../../test/needs.ts";
import { findScripts } from "../../src/spec/suites.ts";

const runtime = new Runtime({ features: Object.fromEntries([...allFeatures].map((name) => [name, true])) });

function bytesOf(module: ScriptModule): Uint8Array | undefined {
  if (module.form === "binary") return module.bytes;
  try {
    return module.text === undefined ? undefined : encodeModule(parseModule(module.text, allFeatures).module);
  } catch {
    // Malformed, as the script says.
    return undefined;
  }
}

/** All valid modules of a script, and whether it gives them as text. */
function* modulesOf(commands: readonly Command[]): Generator<{ isText: boolean; bytes: Uint8Array }> {
  for (const command of commands) {
    if (!("module" in command) || typeof command.module !== "object") continue;
    const { module } = command;
    const bytes = bytesOf(module);
    if (bytes !== undefined && runtime.validate(bytes)) yield { isText: module.form !== "binary", bytes };
  }
}

// The suites are not part of this repository; CONTRIBUTING.md says where to get them. Without them CI fails in the whole test.
test.skipIf(lacks("the official suites", existsSync(suites)))(
  "every module of the suites is printed as a text that is read back to its bytes",
  () => {
    let count = 0;
    for (const { path, name } of findScripts("spec", suites)) {
      let commands: readonly Command[];
      try {
        commands = parseScript(readFileSync(path, "utf8"));
      } catch {
        // One that uses a proposal which is not supported.
        continue;
      }
      for (const { isText, bytes } of modulesOf(commands)) {
        count++;
        const canonical = encodeModule(decodeModule(bytes, allFeatures));
        const place = `module ${count}, in ${name}`;
        for (const style of ["folded", "flat"] as const) {
          const text = printModule(decodeModule(canonical, allFeatures), { style });
          const again = encodeModule(parseModule(text, allFeatures).module);
          // A module that a script gives as bytes may have integers in code that are longer than they need be; no text has.
          if (isText) expect(Buffer.compare(again, canonical), place).toBe(0);
          else expect(printModule(decodeModule(again, allFeatures), { style }), place).toBe(text);
        }
      }
    }
    expect(count).toBeGreaterThan(2500);
  },
);

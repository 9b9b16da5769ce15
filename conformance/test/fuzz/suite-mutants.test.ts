import { existsSync, readFileSync } from "node:fs";
import {
  allFeatures,
  CompileError,
  Exception,
  type Instance,
  LinkError,
  type Module,
  Runtime,
  RuntimeError,
  Trap,
} from "@wardian/runtime";
import { decodeModule, encodeModule, parseModule, printModule } from "@wardian/runtime/formats";
import { parseScript } from "@wardian/runtime/internal";
import { expect, test } from "vitest";
import { suites } from "../../../scripts/places.mjs";
import { lacks } from "../../../test/needs.ts";
import { applyEdits, makeEdits } from "../../src/fuzz/mutate.ts";
import { Random } from "../../src/fuzz/random.ts";
import { findScripts } from "../../src/spec/suites.ts";

/*
 * The suite's own modules with bytes and instructions changed: whatever comes of it is refused with an error of the package, or runs to an end under limits. The
 * modules use every instruction, and every section in every form.
 */

const features = Object.fromEntries([...allFeatures].map((name) => [name, true]));
const limits = { fuel: 100_000n, memory: 1 << 26, tableElements: 1_000_000, timeout: 5000 };

/** The modules without imports of a folder of the suite, up to a size. */
function corpusOf(folder: string): Uint8Array[] {
  const corpus: Uint8Array[] = [];
  for (const { path } of findScripts(folder, suites)) {
    for (const command of parseScript(readFileSync(path, "utf8"))) {
      if (command.kind !== "module" || command.module.form === "quote") continue;
      const { module } = command;
      const bytes =
        module.form === "binary" ? module.bytes : encodeModule(parseModule(module.text, allFeatures).module);
      if (bytes.length < 5000 && decodeModule(bytes, allFeatures).imports.length === 0) corpus.push(bytes);
    }
  }
  return corpus;
}

/** What a changed module may be answered with. */
const answers = [CompileError, LinkError, Trap, Exception, RuntimeError, TypeError];

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (answers.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

function callAll(instance: Instance, random: Random): void {
  for (const exported of Object.values(instance.exports)) {
    if (typeof exported !== "function") continue;
    const args = Array.from({ length: exported.length }, () => random.pick([0, 1, -1, 5n, null]));
    attempt(() => exported(...args));
    instance.fuel.add(10_000n);
  }
}

// The suites are not part of this repository; CONTRIBUTING.md says where to get them. Without them CI fails in the whole test.
test
  .skipIf(lacks("the official suites", existsSync(suites)))
  .each(["spec/core/gc", "spec/core/exceptions", "spec/core/simd", "spec/core/memory64", "spec/legacy"])(
  "changed modules of %s are refused or run",
  (folder) => {
    const corpus = corpusOf(folder);
    const runtimes = (["interpreter", "compiler"] as const).map((engine) => new Runtime({ engine, features, limits }));
    const random = new Random(1);
    let ran = 0;
    for (let i = 0; i < 2500; i++) {
      const original = random.pick(corpus);
      const edits = makeEdits(random, original, decodeModule(original, allFeatures));
      const bytes = attempt(() => applyEdits(original, edits));
      if (bytes === undefined) continue;
      let module: Module | undefined;
      for (const runtime of runtimes) {
        module = attempt(() => runtime.compileSync(bytes));
        if (module === undefined) break;
        const valid = module;
        const instance = attempt(() => runtime.instantiateSync(valid));
        if (instance !== undefined) callAll(instance, random);
      }
      if (module === undefined) continue;
      ran++;
      const text = printModule(decodeModule(bytes, allFeatures), { style: "folded" });
      expect(() => parseModule(text, allFeatures)).not.toThrow();
    }
    expect(ran).toBeGreaterThan(40);
  },
);

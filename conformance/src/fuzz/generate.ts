import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Feature } from "@wardian/runtime";
import { findTool } from "../../../scripts/places.mjs";
import { featureFlags, isConsistent } from "./features.ts";
import type { Random } from "./random.ts";

const execute = promisify(execFile);

/** `wasm-opt` of the package binaryen, a JavaScript program that any Node runs; undefined where it is not installed. */
export const wasmOpt: string | undefined = findTool("binaryen/bin/wasm-opt");

/** Most modules use all that the platform has; the others leave features out, and so use the rest more. */
function choose(random: Random, available: ReadonlySet<Feature>): Set<Feature> {
  for (;;) {
    const chosen = new Set(available);
    if (random.chance(50)) for (const feature of available) if (random.chance(30)) chosen.delete(feature);
    if (isConsistent(chosen)) return chosen;
  }
}

/**
 * Makes a valid module out of random numbers. Its loops and calls are bounded, its NaNs made zero, and it imports "fuzzing-support".
 *
 * @param folder where files may be written
 */
export async function generateModule(
  random: Random,
  available: ReadonlySet<Feature>,
  folder: string,
): Promise<Uint8Array> {
  if (wasmOpt === undefined) throw new Error("the package binaryen is not installed: npm run tools");
  const seed = join(folder, "seed");
  const output = join(folder, "module.wasm");
  const features = choose(random, available);
  // Longer seeds make larger modules: mostly small, seldom large.
  await writeFile(seed, random.bytes(random.chance(80) ? 200 + random.below(4000) : 4000 + random.below(30_000)));
  // It mixes both ways of handling exceptions, which the platform does not take in one module.
  const passes = features.has("exceptions") ? ["--translate-to-exnref"] : [];
  if (random.chance(30)) passes.push("-O2");
  await execute(
    process.execPath,
    [wasmOpt, seed, "-ttf", ...passes, "--denan", ...featureFlags(features), "-o", output],
    { timeout: 60_000 },
  );
  return new Uint8Array(await readFile(output));
}

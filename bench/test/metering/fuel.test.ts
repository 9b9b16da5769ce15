import { createHash } from "node:crypto";
import { type EngineName, type Exports, type InstantiateOptions, Memory, Runtime, Trap } from "@wardian/runtime";
import { describe, expect, test } from "vitest";
import { lacks } from "../../../test/needs.ts";
import { hasKernels, loadKernels, stubs } from "../../src/kernels/kernels.ts";

const imports = { wasi_snapshot_preview1: stubs };

const options: readonly InstantiateOptions[] = [
  {},
  { limits: { callDepth: 100_000 } },
  { exactFuel: true },
  { limits: { fuel: 12_345n } },
  { limits: { fuel: 12_345n, callDepth: 100_000 }, exactFuel: true },
];

function run(engine: EngineName, bytes: Uint8Array, n: number, how: InstantiateOptions): string {
  const runtime = new Runtime({ engine });
  const instance = runtime.instantiateSync(runtime.compileSync(bytes), imports, how);
  let outcome: unknown;
  try {
    outcome = instance.exports.run(n);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    outcome = error.code;
  }
  return `${outcome}, ${instance.fuel.consumed} consumed, ${memoryOf(instance.exports)}`;
}

/** Where the kernel was stopped: all frames, and the fuel consumed. */
function stopOf(engine: EngineName, bytes: Uint8Array, n: number, fuel: bigint): unknown {
  const runtime = new Runtime({ engine });
  const instance = runtime.instantiateSync(runtime.compileSync(bytes), imports, { limits: { fuel } });
  try {
    instance.exports.run(n);
    return "returned";
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    const frames = error.frames.map(({ functionIndex, functionName, offset }) => [functionIndex, functionName, offset]);
    return { code: error.code, consumed: instance.fuel.consumed, frames };
  }
}

const budgets = Array.from({ length: 20 }, (_, i) => BigInt(Math.floor(97 * 1.6 ** i) + i));

/** Of the memories that a kernel exports, their sizes and what they hold. */
function memoryOf(exports: Exports): string {
  return Object.values(exports)
    .filter((extern) => extern instanceof Memory)
    .map(
      ({ buffer }) => `${buffer.byteLength} bytes ${createHash("sha256").update(new Uint8Array(buffer)).digest("hex")}`,
    )
    .join(", ");
}

const lacksKernels = lacks("the benchmark kernels", hasKernels);

describe.skipIf(lacksKernels)("kernels give the same and consume the same on every engine", () => {
  for (const { name, bytes, smallN } of lacksKernels ? [] : loadKernels())
    test(name, { timeout: 240_000 }, () => {
      // Once in full on the interpreter: neither depth nor exactness may change the figure.
      const whole = run("interpreter", bytes, smallN, {});
      for (const how of options) {
        const expected = how.limits?.fuel === undefined ? whole : run("interpreter", bytes, smallN, how);
        for (const engine of ["platform", "compiler"] as const)
          expect([engine, run(engine, bytes, smallN, how)]).toEqual([engine, expected]);
      }
    });
});

describe.skipIf(lacksKernels)("kernels are stopped at the same place on every engine, frame for frame", () => {
  for (const { name, bytes, smallN } of lacksKernels ? [] : loadKernels())
    test(name, { timeout: 240_000 }, () => {
      for (const fuel of budgets) {
        const expected = stopOf("interpreter", bytes, smallN, fuel);
        for (const engine of ["platform", "compiler"] as const)
          expect([engine, fuel, stopOf(engine, bytes, smallN, fuel)]).toEqual([engine, fuel, expected]);
      }
    });
});

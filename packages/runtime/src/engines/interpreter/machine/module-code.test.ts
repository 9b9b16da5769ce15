import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kernels } from "../../../../../../scripts/places.mjs";
import { lacks } from "../../../../../../test/needs.ts";
import { Runtime } from "../../../api/runtime.ts";
import { preparedBytes } from "./module-code.ts";

interface Kernel {
  readonly name: string;
  readonly file: string;
  readonly smallN: number;
  readonly smallResult: number;
}

test.skipIf(lacks("the benchmark kernels", existsSync(kernels)))(
  "prepared code takes at most three times the bodies of the functions that ran",
  () => {
    const runtime = new Runtime({ engine: "interpreter" });
    const list = JSON.parse(readFileSync(join(kernels, "kernels.json"), "utf8")) as { kernels: Kernel[] };
    const total = { code: 0, bodies: 0 };
    for (const { name, file, smallN, smallResult } of list.kernels) {
      const module = runtime.compileSync(new Uint8Array(readFileSync(join(kernels, file))));
      const functions = Object.fromEntries(module.imports.map((one) => [one.name, () => 0]));
      expect(runtime.instantiateSync(module, { wasi_snapshot_preview1: functions }).exports.run(smallN), name).toBe(
        smallResult,
      );
      const { code, bodies } = preparedBytes(module);
      // The smallest functions take more for their size: they have a header like the others.
      expect(code / bodies, name).toBeLessThan(4);
      total.code += code;
      total.bodies += bodies;
    }
    expect(total.code / total.bodies).toBeLessThan(3);
    expect(total.bodies).toBeGreaterThan(10_000);
  },
);

test("only what has run is prepared, and counted", () => {
  const runtime = new Runtime({ engine: "interpreter" });
  const module = runtime.compileSync(`(module
    (func (export "small") (result i32) (i32.const 1))
    (func (export "large") (result i32) ${"(drop (i32.add (i32.const 1) (i32.const 2)))".repeat(100)} (i32.const 2)))`);
  const { exports } = runtime.instantiateSync(module);
  const footprint = (): { code: number; bodies: number } => preparedBytes(module);
  expect(footprint()).toEqual({ code: 0, bodies: 0 });
  exports.small();
  const small = footprint();
  expect(small.bodies).toBe(3);
  exports.large();
  expect(footprint().bodies).toBe(3 + 6 * 100 + 3);
  expect(footprint().code).toBeGreaterThan(small.code + 100 * 4);
});

import { allFeatures } from "@wardian/runtime";
import { decodeModule, encodeModule, parseModule } from "@wardian/runtime/formats";
import { expect, test } from "vitest";
import { applyEdits, makeEdits } from "./mutate.ts";
import { Random } from "./random.ts";

const bytes = encodeModule(
  parseModule(
    `(module (memory 1) (global (mut i32) (i32.const 1))
      (func (param i32) (result i32) (i32.add (local.get 0) (i32.load (i32.const 8))))
      (func (block (br_if 0 (i32.const 1)))))`,
    allFeatures,
  ).module,
);
const module = decodeModule(bytes, allFeatures);

test("a seed makes the same edits again, and another seed others", () => {
  const edits = (seed: number): string => JSON.stringify(makeEdits(new Random(seed), bytes, module));
  expect(edits(7)).toBe(edits(7));
  expect(new Set(Array.from({ length: 20 }, (_, seed) => edits(seed))).size).toBeGreaterThan(15);
});

test("no edits leave a module as it is", () => {
  expect(applyEdits(bytes, [])).toEqual(bytes);
});

test("an edit of code keeps the sizes around it right", () => {
  const nops = applyEdits(bytes, [{ kind: "code", body: 1, at: 0, remove: 0, insert: new Array(200).fill(1) }]);
  const changed = decodeModule(nops, allFeatures);
  expect(changed.bodies[1].end - changed.bodies[1].start).toBe(module.bodies[1].end - module.bodies[1].start + 200);
  expect(WebAssembly.validate(nops as Uint8Array<ArrayBuffer>)).toBe(true);
});

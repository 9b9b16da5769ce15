import { expect, it } from "vitest";
import { Runtime } from "../../../src/api/runtime.ts";
import { Translation } from "../../../src/engines/compiler/translate.ts";
import type { Memory } from "../../../src/store/memory.ts";

/** Functions that store what a local holds, of one type: what stands at 8 with a signalling NaN, or what arithmetic has made of it. */
const functions = (type: string): string => `(module (memory (export "memory") 1)
  (func (export "sum") (param i32) (local ${type})
    (local.set 1 (${type}.add (${type}.load (i32.const 8)) (${type}.const 1)))
    (${type}.store (i32.const 16) (local.get 1)))
  (func (export "moved") (param i32) (local ${type})
    (local.set 1 (${type}.add (${type}.load (i32.const 8)) (${type}.const 1)))
    (local.set 1 (${type}.load (i32.const 8)))
    (${type}.store (i32.const 16) (local.get 1)))
  (func (export "either") (param i32) (local ${type})
    (local.set 1 (${type}.load (i32.const 8)))
    (if (local.get 0) (then (local.set 1 (${type}.add (local.get 1) (${type}.const 1)))))
    (${type}.store (i32.const 16) (local.get 1)))
  (func (export "again") (param i32) (local ${type})
    (loop $l
      (${type}.store (i32.const 16) (local.get 1))
      (local.set 1 (${type}.load (i32.const 8)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;

const signalling = { f32: [0x7fa00000, 0], f64: [1, 0x7ff40000] };

it.each(["f32", "f64"] as const)("knows of an %s in a local whether arithmetic has made it", (type) => {
  const looks = type === "f32" ? "storeF32(" : "storeF64(";
  const [compiler, interpreter] = (["compiler", "interpreter"] as const).map((engine) => {
    const runtime = new Runtime({ engine });
    return runtime.instantiateSync(runtime.compileSync(functions(type)));
  });
  ["sum", "moved", "either", "again"].forEach((name, index) => {
    const options = { depth: false, alone: false, ahead: true };
    const text = new Translation(compiler.module.valid, index, options).translate();
    expect([name, text.includes(looks)]).toEqual([name, name !== "sum"]);
    for (const argument of name === "again" ? [1, 3] : [0, 1]) {
      const [a, b] = [compiler, interpreter].map(({ exports }) => {
        const view = new DataView((exports.memory as Memory).buffer as ArrayBuffer);
        for (const [i, word] of signalling[type].entries()) view.setInt32(8 + 4 * i, word, true);
        exports[name](argument);
        return [view.getInt32(16, true), view.getInt32(20, true)];
      });
      expect([name, argument, ...a]).toEqual([name, argument, ...b]);
    }
  });
});

import { describe, expect, test } from "vitest";
import { Runtime } from "../../src/api/runtime.ts";
import { Translation, Unsupported } from "../../src/engines/compiler/translate.ts";
import { preparedBytes } from "../../src/engines/interpreter/machine/module-code.ts";
import { Trap } from "../../src/store/trap.ts";

/*
 * What engines make of hostile modules, in bytes and characters: at most linear in the bytes of the module. Times are not looked at.
 */

const times = (count: number, text: string): string => text.repeat(count);

const VALUES = 900;
const TYPE = `(type $r (func (param ${times(VALUES, "i32 ")}) (result ${times(VALUES, "i32 ")})))`;
const ALL = Array.from({ length: VALUES }, (_, i) => `(local.get ${i})`).join("");

/** Modules whose few bytes stand for many values, over and over. */
const hostile: readonly (readonly [name: string, fields: string])[] = [
  ["br_if out of a function", `(func (type $r) ${ALL} ${times(2000, "(br_if 0 (i32.const 0))")})`],
  ["br_if out of a block", `(func (type $r) ${ALL} (block (type $r) ${times(2000, "(br_if 0 (i32.const 0))")}))`],
  ["br_if to a loop", `(func (type $r) ${ALL} (loop (type $r) ${times(2000, "(br_if 0 (i32.const 0))")}))`],
  ["blocks", `(func (type $r) ${ALL} ${times(2000, "(block (type $r))")})`],
  ["ifs", `(func (type $r) ${ALL} ${times(2000, "(if (type $r) (i32.const 0) (then) (else))")})`],
  ["calls", `(func $f (type $r) ${ALL} ${times(2000, "(call $f)")})`],
  [
    "br_table",
    `(func (type $r) ${ALL} (block (type $r) ${times(300, "(block (type $r) (br_table 0 1 0 1 0 1 0 1 (i32.const 0)))")}))`,
  ],
  ["locals", `(func (type $r) (local ${times(49_000, "i64 ")}) (unreachable))`],
];

/** Bytes of prepared code for each byte of the module, beside what one frame of many values takes. */
const CODE_PER_BYTE = 16;
const CODE_OF_A_FRAME = 100_000;
/** A return under a condition moves each result by an instruction of its own: up to a thousand for four bytes. The code memory bounds the sum. */
const CODE_PER_BYTE_OF_RETURNS = 2000;
/** Characters of JavaScript for each byte of code, beside what every function may have. */
const TEXT_PER_BYTE = 200;
const TEXT_OF_A_FUNCTION = 250_000;

describe("what is made of a hostile module is linear in its bytes", () => {
  const modules = hostile.map(([name, fields]) => {
    const module = new Runtime().compileSync(`(module ${TYPE} ${fields} (export "f" (func 0)))`);
    return [name, module] as const;
  });

  test.each(modules)("on the interpreter: %s", (name, module) => {
    const instance = new Runtime({ engine: "interpreter", limits: { fuel: 1000n } }).instantiateSync(module);
    try {
      instance.exports.f(...new Array(VALUES).fill(0));
    } catch (error) {
      // What would outgrow the code memory is an error in words.
      if (!(error instanceof Trap)) expect(String(error)).toMatch(/code memory/);
    }
    const perByte = name === "br_if out of a function" ? CODE_PER_BYTE_OF_RETURNS : CODE_PER_BYTE;
    expect(preparedBytes(module).code).toBeLessThan(perByte * module.bytes.length + CODE_OF_A_FRAME);
  });

  for (const alone of [false, true])
    test.each(modules)(`on the compiler${alone ? " alone" : ""}: %s`, (_, module) => {
      let text = "";
      try {
        text = new Translation(module.valid, 0, { depth: false, alone }).translate();
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
      }
      expect(text.length).toBeLessThan(TEXT_PER_BYTE * module.bytes.length + TEXT_OF_A_FUNCTION);
    });
});

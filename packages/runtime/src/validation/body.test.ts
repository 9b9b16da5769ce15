import { describe, expect, test } from "vitest";
import { moduleBytes, section } from "../../test/binary-module.ts";
import { reason, refusal } from "../../test/validation.ts";
import { MalformedError, ValidationError } from "../wasm/errors.ts";

/** A module whose one function of no parameters has this code, its end not added; with a memory of one page. */
function withCode(...code: number[]): Uint8Array {
  return moduleBytes(
    section(1, 1, 0x60, 0, 0),
    section(3, 1, 0),
    section(5, 1, 0, 1),
    section(10, 1, code.length + 1, 0, ...code),
  );
}

const DROP = 0x1a;
const END = 0x0b;

describe("integers in code", () => {
  test("may be padded up to the length of their type", () => {
    expect(reason(withCode(0x41, 0x80, 0x80, 0x80, 0x80, 0x00, DROP, END))).toBeUndefined();
    expect(reason(withCode(0x41, 0xff, 0xff, 0xff, 0xff, 0x7f, DROP, END))).toBeUndefined();
    expect(
      reason(withCode(0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, DROP, END)),
    ).toBeUndefined();
    expect(reason(withCode(0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x00, DROP, END))).toBeUndefined();
    expect(reason(withCode(0x41, 0, 0x28, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, DROP, END))).toBeUndefined();
  });

  test("must not be longer, nor have bits left over that differ from the sign", () => {
    expect(reason(withCode(0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, DROP, END))).toBe(
      "integer representation too long",
    );
    expect(reason(withCode(0x41, 0x80, 0x80, 0x80, 0x80, 0x08, DROP, END))).toBe("integer too large");
    expect(reason(withCode(0x41, 0x80, 0x80, 0x80, 0x80, 0x70, DROP, END))).toBe("integer too large");
    expect(reason(withCode(0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10, DROP, END))).toMatch(/^offset out of range/);
  });
});

describe("the last byte of a padded integer", () => {
  const padding = [0x80, 0x80, 0x80, 0x80];
  const all = Array.from({ length: 0x80 }, (_, byte) => byte);
  const accepted = (code: (byte: number) => number[]): number[] =>
    all.filter((byte) => reason(withCode(...code(byte))) === undefined);
  const upTo = (end: number): number[] => all.slice(0, end);

  test("may hold any bit of the value, and its sign repeated", () => {
    const signed = [...upTo(8), ...all.slice(0x78)];
    expect(accepted((byte) => [0x41, ...padding, byte, DROP, END])).toEqual(signed);
    // Four bytes more: the tenth holds one bit.
    expect(accepted((byte) => [0x42, ...padding, ...padding, 0x80, byte, DROP, END])).toEqual([0, 0x7f]);
  });

  test("may hold any bit of an offset", () => {
    expect(accepted((byte) => [0x41, 0, 0x28, 2, ...padding, byte, DROP, END])).toEqual(upTo(16));
    expect(accepted((byte) => [0x41, 0, 0x41, 0, 0x36, 2, ...padding, byte, END])).toEqual(upTo(16));
  });

  test("adds to an index", () => {
    // call, br, br_if: index 0 is there, and none that the fifth byte makes.
    expect(accepted((byte) => [0x10, ...padding, byte, END])).toEqual([0]);
    expect(accepted((byte) => [0x0c, ...padding, byte, END])).toEqual([0]);
    expect(accepted((byte) => [0x41, 0, 0x0d, ...padding, byte, END])).toEqual([0]);
    expect(accepted((byte) => [0x20, ...padding, byte, DROP, END])).toEqual([]);
    expect(accepted((byte) => [0x23, ...padding, byte, DROP, END])).toEqual([]);
  });
});

describe("code that stops too soon", () => {
  test("is malformed, wherever it stops", () => {
    // block; i32.const; i32.const; i32.store align offset; end; end
    const whole = [0x02, 0x40, 0x41, 0xff, 0x00, 0x41, 0x01, 0x36, 0x02, 0x80, 0x01, END, END];
    expect(reason(withCode(...whole))).toBeUndefined();
    for (let length = 0; length < whole.length - 1; length++) {
      const cut = moduleBytes(
        section(1, 1, 0x60, 0, 0),
        section(3, 1, 0),
        section(5, 1, 0, 1),
        section(10, 1, length + 1, 0, ...whole.slice(0, length)),
      );
      expect(refusal(cut)).toBeInstanceOf(MalformedError);
    }
  });

  test("goes on behind its end", () => {
    expect(refusal(withCode(END, 0x01, END))).toBeInstanceOf(MalformedError);
    expect(reason(withCode(0x02, 0x40, END))).toMatch(/END opcode expected/);
    expect(reason(withCode(0x41, END))).toMatch(/^unexpected end/);
  });
});

test("opcodes that there are not", () => {
  expect(reason(withCode(0x27, END))).toBe("illegal opcode 0x27");
  expect(reason(withCode(0xfc, 0x7f, END))).toBe("illegal opcode 0xfc 0x7f");
  expect(reason(withCode(0xfd, 0xff, 0x7f, END))).toBe("illegal opcode 0xfd 0x3fff");
  expect(reason(withCode(0xfb, 0x20, END))).toBe("illegal opcode 0xfb 0x20");
});

test("errors name the function and the offset of the instruction", () => {
  const error = refusal(withCode(0x01, 0x41, 0x00, END));
  expect(error).toBeInstanceOf(ValidationError);
  expect(error).toMatchObject({ functionIndex: 0, section: "code", offset: withCode(0x01, 0x41, 0x00).length });
  expect(error!.message).toBe(
    "type mismatch: [i32] left on the stack, where [] ends the block (in the code section, in function 0, at offset 0x1f)",
  );
});

describe("operands", () => {
  const valid = (code: string): void => expect(reason(`(module (memory 1) (func ${code}))`)).toBeUndefined();
  const invalid = (code: string, why: RegExp): void =>
    expect(reason(`(module (memory 1) (func ${code}))`)).toMatch(why);

  test("must have the types that an instruction takes", () => {
    invalid("(i32.add (i64.const 1) (i32.const 1)) drop", /^type mismatch: expected i32, found i64/);
    invalid("i32.const 1 i32.add drop", /^type mismatch: expected \[i32\], but the stack is empty/);
    invalid(
      "i32.const 1 (block i32.eqz drop) drop",
      /^type mismatch: expected \[i32\], but the block's stack is empty/,
    );
    invalid("(i32.store (i32.const 0) (f32.const 0))", /^type mismatch: expected i32, found f32/);
    invalid("(drop (i32.load (i64.const 0)))", /^type mismatch: expected i32, found i64/);
  });

  test("are whatever they need to be where code cannot be reached", () => {
    valid("unreachable i32.add i64.eqz drop".replace("i64.eqz", "i32.eqz"));
    invalid("unreachable i32.add i64.eqz drop", /^type mismatch: expected i64, found i32/);
    valid("unreachable select drop");
    valid("(block br 0 i32.store)");
    invalid("(block br 0 (i32.const 1))", /^type mismatch: \[i32\] left on the stack/);
    valid("unreachable ref.as_non_null drop");
    invalid("unreachable ref.as_non_null i32.eqz drop", /^type mismatch/);
  });

  test("a huge number of them is refused, not held", () => {
    const results = "i64 ".repeat(1000);
    const calls = "call 0 ".repeat(1100);
    expect(reason(`(module (import "" "" (func (result ${results}))) (func ${calls} unreachable))`)).toMatch(
      /^too many operands/,
    );
  });

  test("moving far more of them than there is code is refused before it takes minutes", () => {
    const types = "i32 ".repeat(1000);
    const pushes = "i32.const 0 ".repeat(1000);
    expect(
      reason(`(module (func $f (param ${types}) (result ${types}) unreachable)
      (func (result ${types}) ${pushes} ${"call $f ".repeat(50_000)}))`),
    ).toMatch(/^code too complex/);
  });

  test("popping thousands in unreachable code takes no time", () => {
    const fixed = "(drop (array.new_fixed 0 10000))".repeat(20_000);
    expect(reason(`(module (type (array i32)) (func unreachable ${fixed}))`)).toBeUndefined();
  });
});

describe("locals", () => {
  test("are known by index", () => {
    expect(reason("(module (func (param i32) (local i64) (drop (i64.eqz (local.get 1)))))")).toBeUndefined();
    expect(reason("(module (func (param i32) (local.set 2 (i32.const 1))))")).toMatch(/^unknown local 2/);
    const many = "(local i32) ".repeat(200);
    expect(reason(`(module (func ${many} (local.set 199 (local.tee 150 (local.get 130)))))`)).toBeUndefined();
    expect(reason(`(module (func ${many} (local.set 200 (local.get 130))))`)).toMatch(/^unknown local 200/);
  });

  test("without a default value must be set before they are read", () => {
    const locals = "(param (ref func)) (local (ref func))";
    expect(reason(`(module (func ${locals} (local.set 1 (local.get 0)) (drop (local.get 1))))`)).toBeUndefined();
    expect(reason(`(module (func ${locals} (drop (local.get 1))))`)).toBe("uninitialized local 1");
    // What a block sets counts within it alone.
    expect(reason(`(module (func ${locals} (block (local.set 1 (local.get 0))) (drop (local.get 1))))`)).toBe(
      "uninitialized local 1",
    );
    expect(
      reason(`(module (func ${locals}
        (if (i32.const 1) (then (local.set 1 (local.get 0))) (else (drop (local.get 1))))))`),
    ).toBe("uninitialized local 1");
    expect(
      reason(`(module (func ${locals} (drop (local.tee 1 (local.get 0))) (block (drop (local.get 1)))))`),
    ).toBeUndefined();
  });
});

import { describe, expect, test } from "vitest";
import { type Command, parseScript } from "./script.ts";

const one = (text: string): Command => {
  const commands = parseScript(text);
  expect(commands).toHaveLength(1);
  return commands[0];
};

test("modules in all their forms", () => {
  const commands = parseScript(`(module $a (func))
    (module binary "\\00asm" "\\01\\00\\00\\00")
    (module $q quote "(func" ")")
    (module quote "\\ff")
    (module definition $D (memory 1))
    (module instance $I $D) (module instance $D) (module instance)`);
  expect(commands.map(({ kind, position }) => [kind, position.line])).toEqual([
    ["module", 1],
    ["module", 2],
    ["module", 3],
    ["module", 4],
    ["module definition", 5],
    ["module instance", 6],
    ["module instance", 6],
    ["module instance", 6],
  ]);
  const modules = commands.flatMap((command) =>
    command.kind.startsWith("module") && "module" in command ? [command.module] : [],
  );
  expect(modules).toEqual([
    { form: "text", name: "a", text: "(module $a (func))" },
    { form: "binary", name: undefined, bytes: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0) },
    { form: "quote", name: "q", text: "(func)" },
    { form: "quote", name: undefined, text: undefined },
    { form: "text", name: "D", text: "(module            $D (memory 1))" },
  ]);
  expect(commands.slice(5)).toMatchObject([
    { name: "I", definition: "D" },
    { name: undefined, definition: "D" },
    { name: undefined, definition: undefined },
  ]);
});

test("a module's fields alone are a script of one module", () => {
  expect(one('(func) (func (export "f"))')).toMatchObject({ kind: "module", module: { form: "text" } });
  expect(parseScript(" ;; nothing")).toEqual([]);
});

test("actions and what they must give", () => {
  const command =
    one(`(assert_return (invoke $m "f" (i32.const -1) (i64.const 0xffff_ffff_ffff_ffff) (f32.const nan:0x1) (f64.const -0)
      (v128.const i32x4 1 0 0 0) (ref.null func) (ref.extern 7))
    (f32.const nan:canonical) (f64.const nan:arithmetic) (v128.const f32x4 nan:canonical 0 1 nan:arithmetic)
    (ref.null) (ref.func) (ref.extern 1) (either (i32.const 1) (ref.i31)))`);
  expect(command).toMatchObject({
    kind: "assert_return",
    action: {
      type: "invoke",
      module: "m",
      name: "f",
      args: [
        { type: "i32", value: -1 },
        { type: "i64", value: -1n },
        { type: "f32", bits: 0x7f800001 },
        { type: "f64", bits: 1n << 63n },
        { type: "v128", bytes: Uint8Array.of(1, ...new Array(15).fill(0)) },
        { type: "ref.null", heap: "func" },
        { type: "ref.extern", value: 7 },
      ],
    },
    expected: [
      { type: "nan", of: "f32", kind: "canonical" },
      { type: "nan", of: "f64", kind: "arithmetic" },
      { type: "lanes", of: "f32x4", lanes: ["canonical", 0n, 0x3f800000n, "arithmetic"] },
      { type: "ref.null", heap: undefined },
      { type: "reference", kind: "ref.func" },
      { type: "ref.extern", value: 1 },
      {
        type: "either",
        patterns: [
          { type: "i32", value: 1 },
          { type: "reference", kind: "ref.i31" },
        ],
      },
    ],
  });
});

test("assertions", () => {
  expect(
    parseScript(`(assert_trap (invoke "f") "unreachable") (assert_trap (module (func)) "x") (assert_exhaustion (invoke "f") "y")
      (assert_exception (invoke "f")) (assert_invalid (module (func)) "z") (assert_malformed (module quote "") "z")
      (assert_unlinkable (module) "z") (assert_malformed_custom (module) "z") (assert_invalid_custom (module) "z")
      (register "M" $m) (register "N") (get $m "g") (invoke "h")`).map(({ kind }) => kind),
  ).toEqual([
    "assert_trap",
    "assert_trap",
    "assert_exhaustion",
    "assert_exception",
    "assert_invalid",
    "assert_malformed",
    "assert_unlinkable",
    "assert_malformed_custom",
    "assert_invalid_custom",
    "register",
    "register",
    "get",
    "invoke",
  ]);
});

describe("what is no script is an error at its place", () => {
  test.each([
    ["(module)\n(assert_bogus (module))", "unknown command assert_bogus (at 2:2)"],
    ["nop", "unexpected token nop, expected a command (at 1:1)"],
    ['(assert_return (invoke "f") 1)', "unexpected token 1, expected a value (at 1:29)"],
    ['(invoke "f" (f32.const nan:canonical))', "unexpected token f32.const, expected a value (at 1:14)"],
    [
      '(assert_return (invoke "f") (either (either (i32.const 1))))',
      "unknown operator either, expected a value (at 1:38)",
    ],
    ["(assert_trap (module)", "unexpected token: end of text, expected a message (at 1:22)"],
    [
      `(assert_return (invoke "f") ${"(either ".repeat(100_000)}`,
      "unknown operator either, expected a value (at 1:38)",
    ],
  ])("%#", (text, message) => expect(() => parseScript(text)).toThrow(message));
});

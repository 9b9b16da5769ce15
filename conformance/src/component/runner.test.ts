import { describe, expect, it } from "vitest";
import { EngineExecution } from "./execution.ts";
import { runComponentScript } from "./runner.ts";
import { parseComponentScript } from "./script.ts";

describe("the runner of the Component Model's scripts", () => {
  it("passes and fails commands for what their components are", () => {
    const outcomes = runComponentScript(`
      (component definition $C (import "a" (func (param "x" (list u8)))))
      (component instance $c $C)
      (component (import "A" (func)) (import "a" (func)))
      (assert_invalid (component (import "A" (func)) (import "a" (func))) "conflicts")
      (assert_invalid (component) "nothing is wrong with it")
      (assert_malformed (component quote "(nothing)") "unexpected token")
      (assert_malformed (component (import "1" (func))) "it is invalid and not malformed")
      (component binary "\\00asm\\0d\\00\\01\\00")
      (component instance $d $D)
      (assert_return (invoke "f") (u32.const 1))`);
    expect(outcomes.map(({ kind, line, result }) => `${line} ${kind} ${result}`)).toEqual([
      "2 component definition passed",
      "3 component instance passed",
      "4 component failed",
      "5 assert_invalid passed",
      "6 assert_invalid failed",
      "7 assert_malformed passed",
      "8 assert_malformed failed",
      "9 component binary passed",
      "10 component instance failed",
      "11 assert_return skipped",
    ]);
  });

  it("calls exports on an engine, and compares results and traps", () => {
    const script = `
      (component $c
        (core module $m
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "fail") unreachable))
        (core instance $i (instantiate $m))
        (func (export "add-numbers") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
        (func (export "fail") (canon lift (core func $i "fail"))))
      (assert_return (invoke "add-numbers" (u32.const 1) (u32.const 2)) (u32.const 3))
      (assert_return (invoke $c "add-numbers" (u32.const 1) (u32.const 2)) (u32.const 4))
      (assert_return (invoke "nothing"))
      (assert_trap (invoke "add-numbers" (u32.const 1) (u32.const 2)) "unreachable")
      (assert_trap (invoke "fail") "integer overflow")
      (component instance $d $c)
      (assert_trap (invoke $d "fail") "unreachable")
      (assert_trap (invoke $d "fail") "cannot enter component instance")
      (assert_trap (component
        (core module $m (func $start unreachable) (start $start))
        (core instance (instantiate $m))) "unreachable")`;
    for (const engine of ["interpreter", "compiler", "platform"] as const) {
      const outcomes = runComponentScript(script, new EngineExecution(engine));
      expect(outcomes.map(({ line, result }) => `${line} ${result}`)).toEqual([
        "2 passed",
        "9 passed",
        "10 failed",
        "11 failed",
        "12 failed",
        "13 failed",
        "14 passed",
        "15 passed",
        "16 passed",
        "17 passed",
      ]);
    }
  });

  it("reads every form of value", () => {
    const [command] = parseComponentScript(`
      (assert_return
        (invoke $i "f" (bool.const true) (s8.const -1) (u64.const 0xffff_ffff_ffff_ffff) (f32.const nan:canonical)
          (char.const "x") (str.const "a\\u{1f600}") (list.const (u8.const 1)) (tuple.const)
          (record.const (field "n" u32.const 7) (field "o" (option.some (u8.const 2)))))
        (variant.const "a" (u8.const 1)) (enum.const "b") (flags.const "c" "d") (option.none) (result.ok) (result.err (s32.const 3)))`);
    expect(command).toMatchObject({
      kind: "assert_return",
      action: {
        component: "i",
        args: [
          { type: "bool", value: true },
          { type: "s8", value: -1n },
          { type: "u64", value: 0xffff_ffff_ffff_ffffn },
          { type: "nan", of: "f32", kind: "canonical" },
          { type: "char", value: "x" },
          { type: "string", value: "a😀" },
          { type: "list", items: [{ type: "u8", value: 1n }] },
          { type: "tuple", items: [] },
          {
            type: "record",
            fields: [
              ["n", { type: "u32", value: 7n }],
              ["o", { type: "option", payload: { type: "u8", value: 2n } }],
            ],
          },
        ],
      },
      expected: [
        { type: "variant", label: "a", payload: { type: "u8", value: 1n } },
        { type: "enum", label: "b" },
        { type: "flags", labels: ["c", "d"] },
        { type: "option", payload: undefined },
        { type: "result", ok: true, payload: undefined },
        { type: "result", ok: false, payload: { type: "s32", value: 3n } },
      ],
    });
  });
});

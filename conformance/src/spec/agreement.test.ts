import { expect, test } from "vitest";
import { compareEngines } from "./agreement.ts";

const script = `(module (memory (export "m") 1)
  (func (export "sum") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.store (i32.const 0) (local.get 1)) (local.get 1))
  (func (export "divide") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0))))
(assert_return (invoke "sum" (i32.const 10)) (i32.const 55))
(assert_trap (invoke "divide" (i32.const 0)) "integer divide by zero")`;

const results = (text: string): string[] =>
  compareEngines(text, "test.wast", false).map(({ kind, result, reason }) =>
    `${kind} ${result} ${reason ?? ""}`.trim(),
  );

test("engines that agree pass, whatever the script expects", () => {
  const passed = ["module passed", "assert_return passed", "assert_trap passed", "memories passed"];
  expect(results(script)).toEqual(passed);
  expect(results(script.replace("(i32.const 55)", "(i32.const 56)"))).toEqual(passed);
});

test("what they do not agree in is told", () => {
  // A host's stack is what no engine shares with another: without a limit of depth each ends in its own place.
  const growing = `(module (memory (export "m") 1) (func $deep (export "deep")
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (call $deep)))
    (assert_exhaustion (invoke "deep") "call stack exhausted")`;
  expect(results(growing)).toEqual(["module passed", "assert_exhaustion passed", "memories passed"]);
  const [, exhaustion, memories] = compareEngines(growing, "test.wast", false, {});
  expect(exhaustion.result).toBe("failed");
  expect(exhaustion.reason).toMatch(/^interpreter: instance 0: \d+ \| (compiler|platform): instance 0: \d+$/);
  expect(memories.reason).toMatch(/^interpreter: m: 65536 bytes, sum -?\d+ \| (compiler|platform): m: 65536 bytes/);
});

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { suites } from "../../../scripts/places.mjs";
import { lacks } from "../../../test/needs.ts";
import { addScript, emptyReport, formatTable } from "./report.ts";
import { runScript, type ScriptEngine } from "./runner.ts";
import { featuresFor } from "./suite-features.ts";
import { findScripts } from "./suites.ts";
import { startThread } from "./threads.ts";

const run = (text: string, engine: ScriptEngine = "interpreter"): string[] =>
  runScript(text, "test.wast", engine).map(({ kind, line, result, reason }) =>
    result === "passed" ? `${line} ${kind}` : `${line} ${kind} ${result}: ${reason}`,
  );

const adder = `(module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "trap") unreachable) (func (export "nan") (result f32) (f32.const nan:0x200001))
  (func (export "same") (param externref) (result externref) (local.get 0))
  (func (export "deep") (call 4))
  (global (export "g") f64 (f64.const -nan:0x123)))`;

test.each<ScriptEngine>(["interpreter", "bare"])("what is as expected passes on the engine %s", (engine) => {
  expect(
    run(
      `${adder}
(assert_return (invoke "add" (i32.const 1) (i32.const -2)) (i32.const -1))
(assert_return (invoke "add" (i32.const 1) (i32.const -2)) (either (i32.const 3) (i32.const 0xffff_ffff)))
(assert_return (get $m "g") (f64.const -nan:0x123))
(assert_return (invoke "nan") (f32.const nan:0x200001))
(assert_return (invoke "same" (ref.extern 3)) (ref.extern 3))
(assert_return (invoke "same" (ref.null extern)) (ref.null))
(assert_trap (invoke "trap") "unreachable")
(assert_exhaustion (invoke "deep") "call stack exhausted")
(assert_trap (module (memory 1) (data (i32.const 65536) "x")) "out of bounds memory access")
(register "m" $m)
(module (import "m" "add" (func (param i32 i32) (result i32))) (import "spectest" "table" (table 10 funcref)))
(assert_unlinkable (module (import "m" "add" (func))) "incompatible import type")
(assert_unlinkable (module (import "m" "sub" (func))) "unknown import")
(assert_unlinkable (module (import "n" "sub" (func))) "unknown import")
(assert_malformed (module quote "(func") "unexpected token")
(assert_invalid (module (func (result i32))) "type mismatch")`,
      engine,
    ).filter((line) => line.includes(":")),
  ).toEqual([]);
});

test("what is not as expected fails, with what came instead", () => {
  expect(
    run(`${adder}
(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 4))
(assert_return (invoke "add" (i32.const 1) (i32.const 2)))
(assert_return (invoke "nan") (f32.const nan:arithmetic))
(assert_return (invoke "same" (ref.extern 3)) (ref.extern 4))
(assert_return (invoke "none"))
(assert_trap (invoke "trap") "integer overflow")
(assert_trap (invoke "nan") "unreachable")
(assert_malformed (module (func (result i32))) "type mismatch")
(assert_invalid (module quote "(func") "unexpected token")
(assert_unlinkable (module) "unknown import")
(invoke $nobody "f")
(module (import "m" "add" (func)))
(invoke "add")`).filter((line) => line.includes(":")),
  ).toEqual([
    "6 assert_return failed: add: expected [4 (0x4)], got [3 (0x3)]",
    "7 assert_return failed: add: expected [], got [3 (0x3)]",
    "8 assert_return failed: nan: expected [nan:arithmetic], got [2141192193 (0x7fa00001)]",
    "9 assert_return failed: same: expected [ref.extern 4], got [ref.extern 3]",
    '10 assert_return failed: no exported function "none"',
    "11 assert_trap failed: expected a Trap: integer overflow, got Trap: unreachable",
    "12 assert_trap failed: expected a Trap: unreachable, but nothing failed",
    expect.stringMatching(/^13 assert_malformed failed: expected a MalformedError: type mismatch, got ValidationError/),
    expect.stringMatching(
      /^14 assert_invalid failed: expected a ValidationError: unexpected token, got MalformedError/,
    ),
    "15 assert_unlinkable failed: expected a LinkError: unknown import, but nothing failed",
    "16 invoke failed: no instance $nobody",
    expect.stringMatching(/^17 module failed: LinkError: import "m" "add"/),
    expect.stringMatching(/^18 invoke failed: the module of this command failed: LinkError/),
  ]);
});

test("a command that is not known fails the script", () => {
  expect(run("(module)\n(assert_nonsense (module))")).toEqual([
    "2 script failed: MalformedError: unknown command assert_nonsense (at 2:2)",
  ]);
});

test("the report counts by kind and by folder", () => {
  const report = emptyReport("interpreter");
  addScript(report, "a/b.wast", runScript('(module) (invoke "f")', "a/b.wast", "interpreter"));
  expect(report).toEqual({
    engine: "interpreter",
    files: 1,
    commands: 2,
    passed: 1,
    failed: 1,
    skipped: 0,
    known: 0,
    byKind: {
      module: { commands: 1, passed: 1, failed: 0, skipped: 0, known: 0 },
      invoke: { commands: 1, passed: 0, failed: 1, skipped: 0, known: 0 },
    },
    failures: [{ file: "a/b.wast", line: 1, kind: "invoke", reason: 'no exported function "f"' }],
    knownFailures: [],
  });
  expect(formatTable(new Map([["a", report]]), report).split("\n")).toHaveLength(4);
});

test("a folder's proposals are switched on for its scripts", () => {
  expect(featuresFor("spec/proposals/wide-arithmetic/x.wast")).toEqual({ "wide-arithmetic": true });
  expect(featuresFor("spec/core/i32.wast")).toEqual({});
});

// The suite is data of its own, beside the project and not in it; `npm run conformance` runs all of it.
describe.skipIf(lacks("the official suite", existsSync(suites)))("a part of the suite", () => {
  const paths =
    "address annotations binary br_table call_indirect const custom elem float_literals func id if imports instance linking memory64/load64 multi-memory/memory_copy0 names select table_grow token traps utf8-invalid-encoding gc/struct gc/ref_cast exceptions/try_table simd/simd_lane";
  test.each(paths.split(" "))("%s", (path) => {
    const [{ path: file, name }] = findScripts(`spec/core/${path}.wast`, suites);
    const outcomes = runScript(readFileSync(file, "utf8"), name, "interpreter");
    expect(outcomes.filter(({ result }) => result !== "passed")).toEqual([]);
  });

  test("a path that is not there is an error", () => {
    expect(() => findScripts("spec/nothing", suites)).toThrow("no such file or folder");
  });
});

const threaded = `(module $Mem (memory (export "shared") 1 1 shared))
(register "mem")
(thread $T1 (shared (module $Mem))
  (register "mem" $Mem)
  (module (memory (import "mem" "shared") 1 1 shared)
    (func (export "run") (result i32)
      (i32.store (i32.const 4) (i32.const 7))
      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
  (assert_return (invoke "run") (i32.const 0))
  (assert_return (invoke "run") (i32.const 5)))
(thread
  (assert_unlinkable (module (memory (import "mem" "shared") 1 1 shared)) "unknown import"))
(module $Notify (memory (import "mem" "shared") 1 1 shared)
  (func (export "notify") (loop
    (br_if 0 (i32.eqz (memory.atomic.notify (i32.const 0) (i32.const 1)))))
    (i32.atomic.store (i32.const 0) (i32.const 1)))
  (func (export "load") (result i32) (i32.load (i32.const 4))))
(invoke "notify")
(wait $T1)
(wait)
(assert_return (invoke $Notify "load") (i32.const 7))
(wait $T1)`;

test.each<ScriptEngine>(["interpreter", "compiler", "platform"])("threads run beside each other on %s", (engine) => {
  const outcomes = runScript(threaded, "spec/proposals/threads/test.wast", engine, startThread);
  const notPassed = outcomes.filter(({ result }) => result !== "passed").map(({ line, result }) => `${line} ${result}`);
  // A thread's commands count where it is waited for. Those that must fail are line 10, if it does not return 1, and the last.
  if (engine === "platform")
    expect(notPassed).toEqual([
      "3 skipped",
      "11 skipped",
      "13 skipped",
      "18 skipped",
      "19 skipped",
      "20 skipped",
      "21 skipped",
      "22 skipped",
    ]);
  else {
    expect(notPassed).toEqual(["10 failed", "22 failed"]);
    expect(outcomes.map(({ line }) => line)).toEqual([1, 2, 3, 11, 13, 18, 4, 5, 9, 10, 19, 12, 20, 21, 22]);
  }
});

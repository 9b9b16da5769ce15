import { allFeatures } from "@wardian/runtime";
import { encodeModule, parseModule } from "@wardian/runtime/formats";
import { describe, expect, test } from "vitest";
import { Coverage, withCoverage } from "./coverage.ts";
import { platformFeatures } from "./features.ts";
import { generateOperations } from "./operations.ts";
import { Random } from "./random.ts";
import { firstDifference, firstUnlike, makeGuest, type Trace, trace } from "./run.ts";
import { engineSubject, platformSubject } from "./subjects.ts";
import { compareVerdicts, judge } from "./verdicts.ts";

const guestOf = (text: string): ReturnType<typeof makeGuest> =>
  makeGuest(encodeModule(parseModule(text, allFeatures).module));

const lines = (...of: string[]): Trace => ({ lines: of, stopped: undefined, fuel: [], ends: [] });

describe("traces", () => {
  test("differ at the first line that is not the same", () => {
    expect(firstDifference(lines("a", "b"), lines("a", "b"))).toBeUndefined();
    expect(firstDifference(lines("a", "b"), lines("a", "c"))).toBe("line 2: b | c");
    expect(firstDifference(lines("a"), lines("a", "c"))).toBe("line 2: nothing | c");
  });

  test("are compared as far as both go when one stopped at a limit of its own", () => {
    expect(firstDifference({ ...lines("a"), stopped: "stack exhausted" }, lines("a", "b"))).toBeUndefined();
    expect(firstDifference({ ...lines("a"), stopped: "stack exhausted" }, lines("b"))).toBe("line 1: a | b");
  });

  test("of engines are also held to the exact trap, and to fuel", () => {
    const calls = { ...lines("a", "b"), ends: ["f returned", "g unreachable"], fuel: [1n, 3n] };
    expect(firstUnlike(calls, calls)).toBeUndefined();
    expect(firstUnlike(calls, { ...calls, ends: ["f returned"], fuel: [1n] })).toBeUndefined();
    expect(firstUnlike(calls, { ...calls, ends: ["f returned", "g cast-failure"] })).toContain("call 2");
    expect(firstUnlike(calls, { ...calls, fuel: [1n, 4n] })).toContain("fuel after call 2");
  });

  test("tell results, traps, logs and what is left", () => {
    const guest = guestOf(`(module
      (import "fuzzing-support" "log-i32" (func $log (param i32)))
      (memory 1) (global (mut i64) (i64.const 5)) (table 3 funcref)
      (func (export "log") (call $log (i32.const 7)) (i32.store (i32.const 0) (i32.const 1)))
      (func (export "divide") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
      (func (export "two") (result i32 f64) (i32.const 1) (f64.const -0)))`);
    const platform = trace(platformSubject(), guest, new Random(1));
    const left = expect.stringMatching(/^ {2}leaves -?\d+ 5n 3$/);
    const calls = ["log() = undefined", "divide() throws divide by zero", "two() = [1, -0]"];
    const round = ["log-i32 7", ...calls.flatMap((line) => [line, left])];
    expect(platform.lines).toEqual([
      ...round,
      ...round,
      ...round,
      expect.stringMatching(/^memory 0: 65536 bytes, sum/),
      "global 0: 5n",
      "table 0: 3 elements",
    ]);
    const ours = trace(engineSubject("interpreter", platformFeatures()), guest, new Random(1));
    expect(ours.lines).toEqual(platform.lines);
    expect(ours.fuel).toHaveLength(9);
    expect(ours.ends.slice(0, 3)).toEqual(["log returned", "divide integer-divide-by-zero", "two returned"]);
  });
});

test("modules of our own making execute every instruction but those that are left out on purpose", () => {
  const features = new Set(allFeatures);
  const coverage = new Coverage();
  const subject = engineSubject("interpreter", features);
  for (let seed = 0; seed < 150; seed++) {
    const guest = makeGuest(withCoverage(generateOperations(new Random(seed), features)));
    const instantiate: typeof subject.instantiate = (bytes, imports) => {
      const instance = subject.instantiate(bytes, imports);
      exports = instance.exports;
      return instance;
    };
    let exports: Readonly<Record<string, unknown>> = {};
    trace({ ...subject, instantiate }, guest, new Random(seed));
    coverage.add(exports);
  }
  const { missing } = coverage;
  // The results of relaxed instructions are the platform's choice, and who waits for another thread waits for ever.
  const left = missing.filter((name) => !/relaxed|atomic\.wait|^(nop|return|unreachable)$/.test(name));
  // A few are so seldom that these seeds may not meet them.
  expect(left.length, left.join(", ")).toBeLessThan(15);
});

test("judges agree on what is valid, and on what is not", () => {
  const runtime = judge(platformFeatures());
  const { bytes } = guestOf('(module (func (export "f") (result i32) (i32.const 1)))');
  expect(compareVerdicts(bytes, runtime)).toBeUndefined();
  expect(compareVerdicts(bytes.subarray(0, bytes.length - 1), runtime)).toBeUndefined();
});

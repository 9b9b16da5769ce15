import { expect, test } from "vitest";
import { formatKnown, judge, parseKnown } from "./known.ts";
import type { Outcome } from "./runner.ts";

const outcome = (line: number, result: Outcome["result"], reason?: string): Outcome => ({
  kind: "invoke",
  line,
  result,
  reason,
});

test("a list is read as it was printed", () => {
  const failures = [
    { file: "a/b.wast", line: 3, kind: "invoke", reason: "" },
    { file: "a/b.wast", line: 5, kind: "invoke", reason: "" },
    { file: "c.wast", line: 1, kind: "module", reason: "" },
  ];
  expect(formatKnown(failures)).toBe("a/b.wast: 3 5\nc.wast: 1\n");
  expect(parseKnown(`# why\n\n${formatKnown(failures)}`)).toEqual(
    new Map([
      ["a/b.wast", [3, 5]],
      ["c.wast", [1]],
    ]),
  );
  expect(() => parseKnown("a.wast: 1\nb.wast: x")).toThrow('line 2 is not "script.wast: line line …" but "b.wast: x"');
});

test("what fails must be listed and fail on the platform by itself; what is listed must fail", () => {
  const ours = [
    outcome(1, "passed"),
    outcome(2, "failed", "wrong"),
    outcome(3, "failed", "wrong"),
    outcome(4, "skipped", "lacking"),
    outcome(5, "failed", "wrong"),
    outcome(6, "passed"),
  ];
  const bare = [1, 2, 3, 4, 5, 6].map((line) =>
    line === 1 || line === 5 || line === 6 ? outcome(line, "passed") : outcome(line, "failed", "cannot"),
  );
  const reasons = judge(ours, bare, [2, 4, 5, 6]).map(({ line, result, reason }) => [line, result, reason]);
  expect(reasons).toEqual([
    [1, "passed", undefined],
    [2, "known", "cannot"],
    [3, "failed", "wrong; not listed as known to fail"],
    [4, "known", "cannot"],
    [5, "failed", "wrong; the platform's own WebAssembly passes"],
    [6, "failed", "passes, and is listed as known to fail"],
  ]);
  expect(judge(ours, bare, undefined).map(({ result }) => result)).toEqual([
    "passed",
    "known",
    "known",
    "known",
    "failed",
    "passed",
  ]);
});

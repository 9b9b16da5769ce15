import { readFileSync } from "node:fs";
import type { Failure } from "./report.ts";
import type { Outcome } from "./runner.ts";

/**
 * Commands at which the platform's WebAssembly fails by itself, so that an engine over it may. They are kept in a file with a line for each script:
 * its name, a colon, and the lines of the commands. A list that is kept is checked in both directions: what fails must be
 * listed, and what is listed must fail.
 */
export type KnownFailures = ReadonlyMap<string, readonly number[]>;

export function readKnown(path: string): KnownFailures {
  return parseKnown(readFileSync(path, "utf8"));
}

/** @throws Error that names the line which is none of the list */
export function parseKnown(text: string): KnownFailures {
  const known = new Map<string, readonly number[]>();
  text.split("\n").forEach((line, i) => {
    const entry = line.replace(/#.*/, "").trim();
    if (entry === "") return;
    const match = /^(\S+\.wast):((?:\s+\d+)+)$/.exec(entry);
    if (match === null) throw new Error(`line ${i + 1} is not "script.wast: line line …" but ${JSON.stringify(line)}`);
    known.set(match[1], match[2].trim().split(/\s+/).map(Number));
  });
  return known;
}

/** The list of a run's commands that were known to fail, in the form that {@link parseKnown} reads. */
export function formatKnown(failures: readonly Failure[]): string {
  const lines = new Map<string, string>();
  for (const { file, line } of failures) lines.set(file, `${lines.get(file) ?? `${file}:`} ${line}`);
  return [...lines.values()].map((line) => `${line}\n`).join("");
}

/**
 * Judges what an engine did by what the platform does by itself.
 *
 * @param outcomes the engine's, of one script, and `bare` the platform's
 * @param listed lines of the script that are known to fail; undefined to take whatever fails on both
 * @returns the same with `known` for what may fail, and `failed` for what the platform can do or the list does not have
 */
export function judge(
  outcomes: readonly Outcome[],
  bare: readonly Outcome[],
  listed: readonly number[] | undefined,
): Outcome[] {
  return outcomes.map((outcome, i): Outcome => {
    const { kind, line, result, reason } = outcome;
    const isListed = listed?.includes(line);
    if (result === "passed") {
      if (!isListed) return outcome;
      return { kind, line, result: "failed", reason: "passes, and is listed as known to fail" };
    }
    if (bare[i].result === "passed")
      return { kind, line, result: "failed", reason: `${reason}; the platform's own WebAssembly passes` };
    if (isListed === false) return { kind, line, result: "failed", reason: `${reason}; not listed as known to fail` };
    return { kind, line, result: "known", reason: bare[i].reason };
  });
}

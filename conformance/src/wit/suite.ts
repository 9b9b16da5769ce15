import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  decodeWit,
  encodeWit,
  printWit,
  resolveWit,
  resolveWitPath,
  WitError,
  type WitFiles,
  type WitResolution,
} from "@wardian/component/wit";
import type { Outcome } from "../spec/runner.ts";
import { difference } from "./difference.ts";
import { factsOf } from "./facts.ts";
import { referenceFacts } from "./reference.ts";

/** The features that the suite's expectations were made with. */
const suiteFeatures: readonly string[] = ["active"];

/** A case of the suite: a file, or a folder with a package and its `deps`. */
export interface WitCase {
  /** Below the suite's folder, with slashes. */
  readonly name: string;
  readonly path: string;
  /** What is expected: facts beside the case, or an error. */
  readonly expects: "package" | "error";
}

/** The cases in a folder: those in its subfolder `parse-fail` must be refused. @throws Error when there are none */
export function findCases(folder: string): WitCase[] {
  const cases = [...casesIn(folder, "", "package"), ...casesIn(join(folder, "parse-fail"), "parse-fail/", "error")];
  if (cases.length === 0) throw new Error(`no WIT cases in ${folder}`);
  return cases;
}

function casesIn(folder: string, prefix: string, expects: WitCase["expects"]): WitCase[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) =>
      entry.isDirectory() ? prefix !== "" || entry.name !== "parse-fail" : /\.(?:wit|wat)$/.test(entry.name),
    )
    .map(({ name }) => ({ name: prefix + name, path: join(folder, name), expects }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** The files of the host. */
export const hostFiles: WitFiles = {
  list(path) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    return readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
    }));
  },
  read: (path) => readFileSync(path),
};

/** Runs a case. Each thing that must hold is an outcome. */
export function runCase(item: WitCase): Outcome[] {
  return item.expects === "package" ? runPackage(item) : [runError(item)];
}

function resolve(path: string): WitResolution {
  if (path.endsWith(".wat")) return decodeWit(readFileSync(path, "utf8"));
  return resolveWitPath(path, hostFiles, {
    features: suiteFeatures,
    readBinary: (source) => decodeWit(source).packages.values(),
  });
}

function runPackage({ path }: WitCase): Outcome[] {
  const outcome = (kind: string, reason: string | undefined): Outcome =>
    reason === undefined ? { kind, line: 1, result: "passed" } : { kind, line: 1, result: "failed", reason };
  let resolved: WitResolution;
  try {
    resolved = resolve(path);
  } catch (error) {
    return [outcome("resolve", (error as Error).message)];
  }
  const facts = factsOf(resolved);
  const expected = `${path.replace(/\.(?:wit|wat)$/, "")}.wit.json`;
  return [
    outcome("resolve", difference(facts, referenceFacts(readFileSync(expected, "utf8")))),
    outcome("print", printAgain(resolved)),
    outcome("package", packageAgain(resolved)),
  ];
}

/** Prints a package and what it depends on, and resolves the text. @returns where the result is another one */
function printAgain(resolved: WitResolution): string | undefined {
  const text = printWit(resolved, { dependencies: true });
  try {
    const again = resolveWit([{ path: "printed.wit", text }], { features: suiteFeatures });
    return difference(factsOf(again), factsOf(resolved));
  } catch (error) {
    return (error as Error).message;
  }
}

/** Encodes a package as a component, reads it again, and does so once more. @returns where the second result is another one */
function packageAgain(resolved: WitResolution): string | undefined {
  try {
    if (resolved.main.interfaces.size + resolved.main.worlds.size === 0) return undefined;
    const again = (from: WitResolution): WitResolution => decodeWit(encodeWit(from.main));
    const first = again(resolved);
    const names = [...first.main.interfaces.keys(), ...first.main.worlds.keys()];
    const expected = [...resolved.main.interfaces.keys(), ...resolved.main.worlds.keys()];
    return difference(names.sort(), expected.sort()) ?? difference(factsOf(again(first)), factsOf(first));
  } catch (error) {
    // WIT has empty records, tuples and flags; the binary format has not.
    return /must have at least one/.test((error as Error).message) ? undefined : (error as Error).message;
  }
}

function runError({ path }: WitCase): Outcome {
  const kind = "refuse";
  const expected = readFileSync(`${path.replace(/\.(?:wit|wat)$/, "")}.wit.result`, "utf8");
  const lines = [...expected.matchAll(/parse-fail\/(\S+?):(\d+):\d+/g)].map(([, file, line]) => `${file}:${line}`);
  const line = Number(lines[0]?.split(":")[1] ?? 1);
  try {
    resolve(path);
    return { kind, line, result: "failed", reason: `resolved instead of: ${expected.split("\n")[0]}` };
  } catch (error) {
    if (!(error instanceof WitError)) return { kind, line, result: "failed", reason: String((error as Error).stack) };
    const { location } = error;
    const found = location === undefined ? undefined : `${location.path.split("parse-fail/")[1]}:${location.line}`;
    if (lines.length === 0 || (found !== undefined && lines.includes(found))) return { kind, line, result: "passed" };
    return { kind, line, result: "failed", reason: `${error.reason} at ${found}, expected ${expected.split("\n")[0]}` };
  }
}

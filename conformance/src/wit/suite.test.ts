import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCases, runCase } from "./suite.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wardian-wit-"));
  mkdirSync(join(folder, "parse-fail"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function results(): string[] {
  return findCases(folder).flatMap((item) => runCase(item).map(({ kind, result }) => `${item.name} ${kind} ${result}`));
}

const facts = {
  worlds: [],
  interfaces: [{ name: "i", types: {}, functions: {}, package: 0, docs: { contents: "An interface." } }],
  types: [],
  packages: [{ name: "a:b", interfaces: { i: 0 }, worlds: {} }],
};

describe("the runner of the WIT suite", () => {
  it("compares what a case resolves to with the facts beside it", () => {
    writeFileSync(join(folder, "same.wit"), "package a:b;\n/// An\n/// interface.\ninterface i {}\n");
    writeFileSync(join(folder, "same.wit.json"), JSON.stringify(facts));
    writeFileSync(join(folder, "other.wit"), "package a:b;\n/// Another interface.\ninterface i {}\n");
    writeFileSync(join(folder, "other.wit.json"), JSON.stringify(facts));
    expect(results()).toEqual([
      "other.wit resolve failed",
      "other.wit print passed",
      "other.wit package passed",
      "same.wit resolve passed",
      "same.wit print passed",
      "same.wit package passed",
    ]);
  });

  it("wants an error at the line that the result names", () => {
    const result = (line: number): string => `empty enum\n     --> tests/ui/parse-fail/NAME.wit:${line}:8\n`;
    for (const [name, line] of [
      ["right", 2],
      ["wrong", 3],
    ] as const) {
      writeFileSync(join(folder, "parse-fail", `${name}.wit`), "package a:b;\ninterface i { enum e {} }\n");
      writeFileSync(join(folder, "parse-fail", `${name}.wit.result`), result(line).replace("NAME", name));
    }
    writeFileSync(join(folder, "parse-fail", "valid.wit"), "package a:b;\n");
    writeFileSync(join(folder, "parse-fail", "valid.wit.result"), result(1).replace("NAME", "valid"));
    expect(results()).toEqual([
      "parse-fail/right.wit refuse passed",
      "parse-fail/valid.wit refuse failed",
      "parse-fail/wrong.wit refuse failed",
    ]);
  });

  it("says that a folder without cases has none", () => {
    expect(() => findCases(folder)).toThrow(/no WIT cases/);
  });
});

import { describe, expect, it } from "vitest";
import { Runtime } from "../runtime.ts";
import { Global } from "./global.ts";
import { Memory } from "./memory.ts";
import { Table } from "./table.ts";
import { LinkError } from "./trap.ts";

const runtime = new Runtime({ engine: "interpreter", features: { threads: true } });

function link(imported: string, value: unknown): unknown {
  const module = runtime.compileSync(`(module (import "host" "it" ${imported}))`);
  return runtime.instantiateSync(module, { host: { it: value } });
}

describe("imports", () => {
  it.each([
    ["(func)", 1],
    ["(memory 1)", new Table({ element: "anyfunc", initial: 1 })],
    ["(memory 2)", new Memory({ initial: 1 })],
    ["(memory 1 2)", new Memory({ initial: 1 })],
    ["(memory 1 2)", new Memory({ initial: 1, maximum: 3 })],
    ["(memory 1 2 shared)", new Memory({ initial: 1, maximum: 2 })],
    ["(memory i64 1)", new Memory({ initial: 1 })],
    ["(table 1 funcref)", new Memory({ initial: 1 })],
    ["(table 2 funcref)", new Table({ element: "anyfunc", initial: 1 })],
    ["(table 1 externref)", new Table({ element: "anyfunc", initial: 1 })],
    ["(global i32)", new Global({ value: "i64" })],
    ["(global i32)", 5n],
    ["(global (mut i32))", new Global({ value: "i32" })],
    ["(global (mut i32))", 5],
    ["(tag)", {}],
  ])("of type %s are refused where they do not match", (imported, value) => {
    expect(() => link(imported, value)).toThrow(LinkError);
  });

  it.each([
    ["(memory 1)", new Memory({ initial: 2 })],
    ["(memory 1 3)", new Memory({ initial: 2, maximum: 3 })],
    ["(table 1 3 funcref)", new Table({ element: "anyfunc", initial: 1, maximum: 2 })],
    ["(global i64)", 5n],
    ["(global f32)", 0.5],
    ["(global externref)", { any: "object" }],
    ["(global (mut i32))", new Global({ value: "i32", mutable: true })],
  ])("of type %s are taken where they match", (imported, value) => {
    expect(() => link(imported, value)).not.toThrow();
  });

  it("say of a guest's function which type it has and which was asked for", () => {
    const other = runtime.instantiateSync(runtime.compileSync('(module (func (export "f") (param i32)))'));
    expect(() => link("(func (result i64))", other.exports.f)).toThrow(
      "the function's type is [i32] -> [], expected [] -> [i64]",
    );
    expect(() => link("(func (param i32))", other.exports.f)).not.toThrow();
  });
});

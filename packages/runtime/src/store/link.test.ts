import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { Runtime } from "../api/runtime.ts";
import { createWebAssembly } from "../webassembly/index.ts";
import { Global } from "./global.ts";
import { Memory } from "./memory.ts";
import { Table } from "./table.ts";
import { Tag } from "./tag.ts";
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

  // Each kind of import, with what constructs an object of the kind in an API of the shape of `WebAssembly`.
  const kinds = [
    ["Memory", "(memory 1)", { initial: 1 }],
    ["Table", "(table 1 funcref)", { element: "anyfunc", initial: 1 }],
    ["Global", "(global i32)", { value: "i32" }],
    ["Global", "(global (mut i32))", { value: "i32", mutable: true }],
    ["Global", "(global externref)", { value: "externref" }],
    ["Tag", "(tag)", { parameters: [] }],
  ] as const;
  type Api = Record<string, new (descriptor: object) => object>;
  const own = { Memory, Table, Global, Tag } as unknown as Api;
  const foreign = "of another realm or of a namespace that createWebAssembly made";
  const owners: readonly [string, Api, (kind: string) => string][] = [
    ["the platform", globalThis.WebAssembly as unknown as Api, (kind) => `the platform's WebAssembly.${kind}`],
    ["another realm", runInContext("WebAssembly", createContext()), (kind) => `a WebAssembly.${kind} ${foreign}`],
    ["a namespace", createWebAssembly() as unknown as Api, (kind) => `a WebAssembly.${kind} ${foreign}`],
    [
      "another copy of the package",
      Object.fromEntries(Object.keys(own).map((name) => [name, { [name]: class {} }[name]])),
      (kind) => `a ${kind} of another copy or version of the package`,
    ],
  ];
  const cases = owners.flatMap(([owner, api, found]) =>
    kinds.map(
      ([kind, imported, descriptor]) => [imported, owner, kind, new api[kind](descriptor), found(kind)] as const,
    ),
  );
  it.each(cases)("of type %s name the owner of an object of %s", (imported, owner, kind, value, found) => {
    if (imported === "(global externref)" && owner === "another copy of the package") {
      // An object of a class of the host is a reference like any other.
      expect(() => link(imported, value)).not.toThrow();
      return;
    }
    let message = "";
    try {
      link(imported, value);
    } catch (error) {
      expect(error).toBeInstanceOf(LinkError);
      message = (error as Error).message;
    }
    expect(message).toContain('import "host" "it": incompatible import type: ');
    expect(message).toContain(`expected a ${kind} of @wardian/runtime`);
    expect(message).toContain(`got ${found}; make it with new ${kind}(`);
  });

  it("name the owner of what is no import at all", () => {
    const native = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;
    const module = new native.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    expect(() => link("(func)", module)).toThrow("expected a function, got the platform's WebAssembly.Module");
    expect(() => link("(memory 1)", new native.Table({ element: "anyfunc", initial: 1 }))).toThrow(
      "expected a Memory of @wardian/runtime, got the platform's WebAssembly.Table; make it with new Memory(",
    );
  });
});

import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { CompileError, LinkError, Runtime } from "../index.ts";
import { Runtime as Interpreter } from "../interpreter.ts";

const runtime = new Runtime({ engine: "interpreter" });
const text = '(module (func (export "f") (result i32) (i32.const 7)))';
const { bytes } = runtime.compileSync(text);

describe("compile, given no module", () => {
  test.each<[what: string, value: unknown, message: string]>([
    ["undefined", undefined, "not undefined"],
    ["null", null, "not null"],
    ["a number", 7, "not a number"],
    ["a function", () => bytes, "not a Function"],
    ["a response", new Response("x"), "not a Response: pass `await it.arrayBuffer()`"],
    ["a blob", new Blob(["x"]), "not a Blob: pass `await it.arrayBuffer()`"],
    ["a promise", Promise.resolve(bytes), "not a promise: await it"],
    ["a URL", new URL("file:///x.wasm"), "not a URL: pass the bytes"],
    [
      "a module of the platform",
      new WebAssembly.Module(bytes as BufferSource),
      "not a WebAssembly.Module of the platform",
    ],
    ["a compiled module", runtime.compileSync(text), "it is compiled already"],
    ["an array of numbers", [...bytes], "not an Array: pass `Uint8Array.from(it)`"],
    ["any object", { bytes }, "not an object of another kind"],
    ["an object whose kind is another", { kind: "x" }, "not an object of another kind"],
  ])("%s: a TypeError says what to pass", async (_what, value, message) => {
    const source = value as Uint8Array;
    const expected = "a module is its bytes (a Uint8Array or an ArrayBuffer) or its text (a string), ";
    await expect(runtime.compile(source)).rejects.toThrow(TypeError);
    await expect(runtime.compile(source)).rejects.toThrow(expected);
    expect(() => runtime.compileSync(source)).toThrow(message);
    expect(() => runtime.validate(source)).toThrow(TypeError);
    expect(() => new Interpreter().compileSync(source)).toThrow(TypeError);
  });

  test.each<[text: string, message: string]>([
    ["./x.wasm", '"./x.wasm" is a place and no module: pass the bytes that are there'],
    ["C:\\plugins\\x.wasm", "is a place"],
    ["https://example.com/x.wasm?v=1", "is a place"],
    ["file:///tmp/x", "is a place"],
    ["x.wat\n", "is a place"],
    [String.fromCharCode(...bytes), "a module's bytes, decoded"],
    [Buffer.from(bytes).toString("utf8"), "a module's bytes, decoded"],
    [Buffer.from(bytes).toString("base64"), "a module in base64"],
  ])("%j: a CompileError says what to pass", (source, message) => {
    expect(() => runtime.compileSync(source)).toThrow(CompileError);
    expect(() => runtime.compileSync(source)).toThrow(message);
    expect(runtime.validate(source)).toBe(false);
  });

  test.each<[what: string, bytes: Uint8Array, message: string]>([
    ["text", Buffer.from(`\n ${text}`), "the bytes are text, which is given as a string"],
    ["a page", Buffer.from("<!doctype html>"), "the bytes are HTML"],
    ["compressed ones", gzipSync(bytes), "the bytes are compressed by gzip"],
    ["a component", Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), "this is a component"],
    ["others", Buffer.from("GIF89a"), "magic header not detected (at offset 0x0)"],
    ["none", new Uint8Array(), "unexpected end"],
  ])("bytes that are %s", (_what, given, message) => {
    expect(() => runtime.compileSync(given)).toThrow(CompileError);
    expect(() => runtime.compileSync(given)).toThrow(message);
  });
});

test("any view and buffer of bytes is a module, of another realm too", () => {
  const buffer = bytes.slice().buffer as ArrayBuffer;
  const around = new Uint8Array(bytes.length + 8);
  around.set(bytes, 4);
  const sources = [
    buffer,
    Buffer.from(bytes),
    new DataView(around.buffer, 4, bytes.length),
    runInNewContext("Uint8Array.from(bytes)", { bytes }),
    runInNewContext("Uint8Array.from(bytes).buffer", { bytes }),
  ] as Uint8Array[];
  for (const source of sources) expect(runtime.instantiateSync(runtime.compileSync(source)).exports.f()).toBe(7);
});

test.each<[what: string, module: unknown]>([
  ["bytes", bytes],
  ["a promise", runtime.compile(text)],
  ["nothing", undefined],
  ["a module of the platform", new WebAssembly.Module(bytes as BufferSource)],
])("instantiate, given %s for a module", async (_what, module) => {
  expect(() => runtime.instantiateSync(module as never)).toThrow(
    "instantiate takes a Module, as `await compile(bytes)`",
  );
  await expect(runtime.instantiate(module as never)).rejects.toThrow(TypeError);
});

describe("a missing import of WASI names the package that makes it", () => {
  const module = (name: string, item: string): string => `(module (import "${name}" "${item}" (func)))`;
  test.each(["interpreter", "compiler", "platform", "auto"] as const)("on %s", async (engine) => {
    const runtime = new Runtime({ engine });
    for (const name of ["wasi_snapshot_preview1", "wasi_unstable", "wasi_experimental"]) {
      const compiled = await runtime.compile(module(name, "fd_write"));
      for (const imports of [undefined, {}, { [name]: {} }]) {
        expect(() => runtime.instantiateSync(compiled, imports)).toThrow(LinkError);
        expect(() => runtime.instantiateSync(compiled, imports)).toThrow('the package "@wardian/wasi"');
      }
    }
    const other = await runtime.compile(module("env", "log"));
    expect(() => runtime.instantiateSync(other, {})).not.toThrow("@wardian/wasi");
  });
});

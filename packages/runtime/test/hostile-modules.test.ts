import { describe, expect, it } from "vitest";
import { CompileError, LinkError, Runtime, Trap } from "../src/index.ts";
import { allFeatures } from "../src/wasm/features.ts";
import { moduleBytes, section } from "./binary-module.ts";

/*
 * Small modules that ask for a lot. Each must be refused with an error of this package, or run: the process must come out of it, and in less time than the
 * tests' own limit.
 */

const features = Object.fromEntries([...allFeatures].map((name) => [name, true]));
const engines = ["interpreter", "compiler"] as const;

function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

const many = (count: number, part: string): string => part.repeat(count);

const noType = section(1, 1, 0x60, 0, 0);
const exported = section(7, 1, 1, 0x66, 0, 0);

/** A module with one exported function of these bytes: declarations of locals, then code before its `end`. */
function withBody(locals: readonly number[], code: Uint8Array): Uint8Array {
  const size = locals.length + code.length + 1;
  const contents = [1, ...leb128(size), ...locals];
  const head = [...noType, ...section(3, 1, 0), ...exported, 10, ...leb128(contents.length + code.length + 1)];
  const bytes = moduleBytes(head, contents);
  const whole = new Uint8Array(bytes.length + code.length + 1);
  whole.set(bytes);
  whole.set(code, bytes.length);
  whole[whole.length - 1] = 0x0b;
  return whole;
}

/** The parts over and over: all the first, then all the second. */
function nested(count: number, open: readonly number[], close: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(count * (open.length + close.length));
  for (let i = 0; i < count; i++) {
    bytes.set(open, i * open.length);
    bytes.set(close, count * open.length + i * close.length);
  }
  return bytes;
}

describe("is refused", () => {
  it.each<[string, string | Uint8Array, new (...args: never[]) => Error]>([
    ["four billion locals", withBody([1, ...leb128(0xffffffff), 0x7f], new Uint8Array(0)), CompileError],
    ["a table of four billion elements", "(module (table 4294967295 funcref))", LinkError],
    ["a hundred tables of ten million", `(module ${many(100, "(table 10000000 funcref)")})`, LinkError],
    ["a memory of 2^64 bytes", "(module (memory i64 0x1000000000000))", LinkError],
    [
      "an array of more references than V8 keeps in a row",
      "(module (type $a (array anyref)) (func (drop (array.new_default $a (i32.const 33554433)))) (start 0))",
      Trap,
    ],
    [
      "an array of four billion in a constant",
      "(module (type $a (array i64)) (global (ref $a) (array.new_default $a (i32.const -1))))",
      Trap,
    ],
    [
      "fifty arrays of a quarter of a gigabyte in constants",
      `(module (type $a (array anyref)) ${many(50, "(global (ref $a) (array.new_default $a (i32.const 33554432)))")})`,
      Trap,
    ],
    [
      "large structures in an array in a constant, over and over",
      `(module (type $s (struct ${many(9999, "(field i64)")})) (type $a (array (ref null $s)))
         ${many(20, `(global (ref $a) (array.new_fixed $a 100 ${many(100, "(struct.new_default $s)")}))`)})`,
      Trap,
    ],
    ["parentheses without end", many(1_000_000, "("), CompileError],
    ["comments without end", many(1_000_000, "(;"), CompileError],
    ["annotations without end", many(1_000_000, "(@a "), CompileError],
    ["a number of three million digits", `(module (func (drop (i64.const ${many(3_000_000, "9")}))))`, CompileError],
    ["an exponent of a million digits", `(module (func (drop (f64.const 0x1p${many(1_000_000, "9")}))))`, CompileError],
    [
      "types below sixty-four others",
      `(module (type (sub (func))) ${Array.from({ length: 64 }, (_, i) => `(type (sub ${i} (func)))`).join(" ")})`,
      CompileError,
    ],
  ])("%s", (_, source, kind) => {
    const runtime = new Runtime({ engine: "interpreter", features });
    expect(() => runtime.instantiateSync(runtime.compileSync(source))).toThrow(kind);
  });
});

describe.each(engines)("runs on the engine %s", (engine) => {
  const call = (source: string | Uint8Array): unknown => {
    const runtime = new Runtime({ engine, features, limits: { fuel: 100_000_000n } });
    return runtime.instantiateSync(runtime.compileSync(source)).exports.f();
  };

  it.each([
    ["blocks", nested(500_000, [0x02, 0x40], [0x0b])],
    ["loops", nested(200_000, [0x03, 0x40], [0x0b])],
    ["conditions", nested(200_000, [0x41, 1, 0x04, 0x40], [0x0b])],
    ["handlers", nested(100_000, [0x06, 0x40], [0x0b])],
    ["handlers of the newer kind", nested(50_000, [0x02, 0x40, 0x1f, 0x40, 1, 2, 0], [0x0b, 0x0b])],
  ])("%s nested as deep as a function can hold", (_, code) => {
    expect(call(withBody([0], code))).toBeUndefined();
  });

  it("types whose unfolding is exponential", () => {
    const types = Array.from(
      { length: 3000 },
      (_, i) => `(type (struct (field (ref null ${i})) (field (ref null ${i}))))`,
    );
    expect(
      call(`(module (type (struct)) ${types.join("")} (func (export "f") (result i32)
        (ref.test (ref 3000) (struct.new_default 3000))))`),
    ).toBe(1);
  });

  it("a recursion group of fifty thousand types, each of which names the next", () => {
    const size = 50_000;
    const types = Array.from({ length: size }, (_, i) => `(type (struct (field (ref null ${(i + 1) % size}))))`);
    expect(
      call(`(module (rec ${types.join("")}) (func (export "f") (result i32)
        (ref.test (ref 49999) (struct.new_default 0))))`),
    ).toBe(0);
  });

  // Code that is only looked at, since nothing runs it.
  const large = (field: string, code: string): string =>
    `(module (type $s (struct ${many(9999, `(field (mut ${field}))`)})) (global $g (mut i32) (i32.const 0))
      (func (export "f") (local $x i32) (local $s (ref null $s)) (if (local.get $x) (then ${code}))))`;
  it.each([
    ["made of nothing", large("i64", many(3000, "(drop (struct.new_default $s))"))],
    ["read", large("i64", many(200_000, "(drop (struct.get $s 9998 (local.get $s)))"))],
    ["made of values", large("i32", many(60, `(drop (struct.new $s ${many(9999, "(local.get $x)")}))`))],
    [
      "left aside for many operands",
      large("i32", `${many(200_000, "(local.get $x)")} ${many(100_000, "(global.set $g)")} ${many(100_000, "drop ")}`),
    ],
  ])("structures of ten thousand fields, %s over and over", (_, source) => {
    expect(call(source)).toBeUndefined();
  });
});

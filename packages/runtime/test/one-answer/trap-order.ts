import assert from "node:assert/strict";
import { instructions } from "../../src/wasm/instructions.ts";
import { I64 } from "../../src/wasm/types.ts";
import { expectAll, instances, type Scenarios } from "./engines.ts";

const PAGE = 65536n;

/** Every atomic access with an offset, each with zero for its other operands; those that wait do so for no time. */
function atomicAccesses(memory: string, offset: bigint): { source: string; widths: Map<string, bigint> } {
  const address = memory.startsWith("i64") ? "i64" : "i32";
  const widths = new Map<string, bigint>();
  const functions = instructions
    .filter(({ opcode, name }) => opcode >>> 12 === 0xfe && name !== "atomic.fence")
    .map(({ name, params, results, width }) => {
      widths.set(name, BigInt(width));
      const [, ...operands] = params as readonly number[];
      const zeros = operands.map((type) => (type === I64 ? "(i64.const 0)" : "(i32.const 0)"));
      const access = `(${name} offset=${offset} (local.get 0) ${zeros.join(" ")})`;
      const code = (results as readonly number[]).length === 0 ? access : `(drop ${access})`;
      return `(func (export "${name}") (param ${address}) ${code})`;
    });
  return { source: `(module (memory ${memory}) ${functions.join("\n")})`, widths };
}

/** The order of the specification: alignment, a wait's memory, bounds. */
function expectedOf(name: string, sum: bigint, width: bigint, shared: boolean): unknown {
  if (sum % width !== 0n) return "unaligned-atomic";
  if (name.startsWith("memory.atomic.wait") && !shared) return "expected-shared-memory";
  return sum + width > PAGE ? "out-of-bounds-memory" : undefined;
}

const segments = '(data $d "abcdefgh") (elem $e func $f $f $f) (func $f)';

/** Lengths and indices around everything that an implementation may count in: signs, words, V8's own limits. */
const lengths = [0, 1, 2, 4, 5, 100, 0x10000, 0x2000000, 0x2000001, 0x3fffffc0, 0x3ffffffe, 0x7fffffff, 0x80000000];
const edges = [...lengths.filter((length) => length < 5 || length > 0x3fffffff), 0xfffffffe, 0xffffffff];

const storages: Readonly<Record<string, bigint>> = { i8: 1n, i16: 2n, i32: 4n, f32: 4n, i64: 8n, f64: 8n, v128: 16n };

/** Of each instruction that takes several operands, the operands' types. `$a` is an array of i32, `$t` a table. */
const operandTypes: Readonly<Record<string, readonly ("i32" | "func" | "array")[]>> = {
  "table.grow $t": ["func", "i32"],
  "table.set $t": ["i32", "func"],
  "table.fill $t": ["i32", "func", "i32"],
  "table.copy $t $t": ["i32", "i32", "i32"],
  "memory.fill": ["i32", "i32", "i32"],
  "memory.copy": ["i32", "i32", "i32"],
  "i32.store": ["i32", "i32"],
  "array.new $a": ["i32", "i32"],
  "array.new_fixed $a 2": ["i32", "i32"],
  "array.get $a": ["array", "i32"],
  "array.set $a": ["array", "i32", "i32"],
  "array.fill $a": ["array", "i32", "i32", "i32"],
  "array.copy $a $a": ["array", "i32", "array", "i32", "i32"],
  "struct.new $s": ["i32", "array"],
};

/** An operand of each type, made of an i32 whose code may trap. */
const operandOf: Readonly<Record<"i32" | "func" | "array", (code: string) => string>> = {
  i32: (code) => code,
  func: (code) => `(table.get $t ${code})`,
  array: (code) => `(array.new_default $a ${code})`,
};

export const trapOrder: Scenarios = {
  "of two operands that trap, the left one traps"() {
    const traps = ["(i32.div_u (i32.const 0) (local.get 0))", "(i32.load (local.get 1))"];
    for (const [instruction, types] of Object.entries(operandTypes)) {
      const drop = /^(table.grow|array.new|array.get|struct.new)/.test(instruction) ? "drop" : "";
      const functions: string[] = [];
      types.forEach((_, left) => {
        for (let right = left + 1; right < types.length; right++)
          for (const [name, pair] of [
            ["division", traps],
            ["load", [...traps].reverse()],
          ] as const) {
            const operands = types.map((type, i) =>
              operandOf[type](i === left ? pair[0] : i === right ? pair[1] : "(i32.const 0)"),
            );
            functions.push(`(func (export "${name} ${left} ${right}") (param i32 i32)
              ${operands.join(" ")} ${instruction} ${drop})`);
          }
      });
      // Structures and arrays are declared only for what needs them: a platform may lack them.
      const declared = types.includes("array") || instruction.startsWith("array");
      const all =
        instances(`(module ${declared ? "(type $a (array (mut i32))) (type $s (struct (field i32 (ref $a))))" : ""}
        (memory 1) (table $t 1 funcref) ${functions.join("\n")})`);
      assert.ok(all.has("interpreter") && all.has("compiler") && (declared || all.has("platform")));
      types.forEach((_, left) => {
        for (let right = left + 1; right < types.length; right++)
          for (const name of ["division", "load"] as const) {
            const [divides, loads] = ["integer-divide-by-zero", "out-of-bounds-memory"];
            const places = `${name} ${left} ${right}`;
            expectAll(all, places, [0, -1], name === "division" ? divides : loads);
            expectAll(all, places, [0, 0], divides);
            expectAll(all, places, [1, -1], loads);
          }
      });
    }
  },

  "an atomic access looks at its alignment first, then at its bounds"() {
    for (const memory of ["1 1 shared", "1 1", "i64 1 1 shared"])
      for (const offset of [0n, 1n, 0xfff8n, 0xfffffff0n, 0xffffffffn]) {
        const { source, widths } = atomicAccesses(memory, offset);
        const wide = memory.startsWith("i64");
        const all = instances(source);
        for (const address of [0n, 1n, 4n, 0xfff8n, 0xfffdn, 0x10000n, 0x10001n, -1n, -8n])
          for (const [name, width] of widths) {
            const sum = BigInt.asUintN(wide ? 64 : 32, address) + offset;
            const expected = expectedOf(name, sum, width, memory.endsWith("shared"));
            // A wait that is in order times out, and others do as they should.
            expectAll(all, name, [wide ? address : Number(BigInt.asIntN(32, address))], expected);
          }
      }
  },

  "an atomic access far beyond every memory knows its alignment"() {
    for (const offset of [1n << 53n, (1n << 53n) + 3n, (1n << 63n) + 5n, (1n << 64n) - 8n, (1n << 64n) - 1n]) {
      const { source, widths } = atomicAccesses("i64 1 1 shared", offset);
      const all = instances(source);
      for (const address of [0n, 3n, 5n, 8n, (1n << 53n) + 3n, (1n << 62n) + 1n, -8n, -5n])
        for (const [name, width] of widths) {
          const sum = BigInt.asUintN(64, address) + offset;
          expectAll(all, name, [address], sum % width !== 0n ? "unaligned-atomic" : "out-of-bounds-memory");
        }
    }
  },

  "an array of a segment traps for the segment's bounds, however long it would be"() {
    for (const [storage, size] of Object.entries(storages)) {
      const all = instances(`(module (type $a (array (mut ${storage}))) ${segments}
        (func (export "new") (param i32 i32) (result i32) (array.len (array.new_data $a $d (local.get 0) (local.get 1))))
        (func (export "init") (param i32 i32 i32)
          (array.init_data $a $d (array.new_default $a (i32.const 4)) (local.get 0) (local.get 1) (local.get 2))))`);
      for (const start of edges)
        for (const length of lengths) {
          const fits = BigInt(start) + BigInt(length) * size <= 8n;
          expectAll(all, "new", [start, length], fits ? length : "out-of-bounds-memory");
          for (const index of edges) {
            const expected = index + length > 4 ? "out-of-bounds-array" : fits ? undefined : "out-of-bounds-memory";
            expectAll(all, "init", [index, start, length], expected);
          }
        }
    }
    const all = instances(`(module (type $a (array (mut funcref))) ${segments}
      (func (export "new") (param i32 i32) (result i32) (array.len (array.new_elem $a $e (local.get 0) (local.get 1))))
      (func (export "init") (param i32 i32 i32)
        (array.init_elem $a $e (array.new_default $a (i32.const 4)) (local.get 0) (local.get 1) (local.get 2)))
      (func (export "null") (param i32 i32 i32)
        (array.init_elem $a $e (ref.null $a) (local.get 0) (local.get 1) (local.get 2))))`);
    for (const start of edges)
      for (const length of lengths) {
        const fits = start + length <= 3;
        expectAll(all, "new", [start, length], fits ? length : "out-of-bounds-table");
        for (const index of edges) {
          const expected = index + length > 4 ? "out-of-bounds-array" : fits ? undefined : "out-of-bounds-table";
          expectAll(all, "init", [index, start, length], expected);
          expectAll(all, "null", [index, start, length], "null-reference");
        }
      }
  },

  "an array is too large at the same length"() {
    for (const [storage, most] of [
      ["i8", 2 ** 30 - 64],
      ["i16", 2 ** 29 - 32],
      ["f32", 2 ** 28 - 16],
      ["i64", 2 ** 27 - 8],
      ["v128", 2 ** 26 - 4],
      ["anyref", 2 ** 25],
    ] as const) {
      const all = instances(`(module (type $a (array (mut ${storage})))
        (func (export "new") (param i32) (drop (array.new_default $a (local.get 0))))
        (func (export "constant") (drop (array.new_default $a (i32.const ${most + 1}))))
        (func (export "negative") (drop (array.new_default $a (i32.const -1)))))`);
      for (const more of [most + 1, most + 2, 0x7fffffff, 0x80000000, 0xffffffff])
        expectAll(all, "new", [more], "allocation-size-too-large");
      for (const name of ["constant", "negative"]) expectAll(all, name, [], "allocation-size-too-large");
    }
    // One that is just not too large, of the kind that costs the least to make.
    const all = instances(`(module (type $a (array (mut i8)))
      (func (export "new") (param i32) (result i32) (array.len (array.new_default $a (local.get 0)))))`);
    expectAll(all, "new", [2 ** 30 - 64], 2 ** 30 - 64);
  },

  "bulk instructions near the ends of 32 and 64 bits"() {
    for (const wide of [false, true]) {
      const type = wide ? "i64" : "i32";
      // A segment's own index and length have 32 bits.
      const narrow = (local: number): string => (wide ? `(i32.wrap_i64 (local.get ${local}))` : `(local.get ${local})`);
      const all = instances(`(module ${segments} (memory ${type} 1 1) (table $t ${type} 4 4 funcref)
        (func (export "memory.fill") (param ${type} ${type} ${type})
          (memory.fill (local.get 0) (i32.const 1) (local.get 2)))
        (func (export "memory.copy") (param ${type} ${type} ${type})
          (memory.copy (local.get 0) (local.get 1) (local.get 2)))
        (func (export "memory.init") (param ${type} ${type} ${type})
          (memory.init $d (local.get 0) ${narrow(1)} ${narrow(2)}))
        (func (export "table.fill") (param ${type} ${type} ${type})
          (table.fill $t (local.get 0) (ref.null func) (local.get 2)))
        (func (export "table.copy") (param ${type} ${type} ${type})
          (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
        (func (export "table.init") (param ${type} ${type} ${type})
          (table.init $t $e (local.get 0) ${narrow(1)} ${narrow(2)})))`);
      const values = [0n, 1n, 4n, 9n, 0x10000n, 0x10001n, 0x7fffffffn, 0xffffffffn];
      if (wide) values.push(1n << 32n, (1n << 53n) + 1n, 1n << 63n, (1n << 64n) - 1n);
      const low = (value: bigint): bigint => BigInt.asUintN(32, value);
      for (const to of values)
        for (const from of values)
          for (const length of values) {
            const args = [to, from, length].map((value) =>
              wide ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value)),
            );
            for (const [kind, size, segment] of [
              ["memory", PAGE, 8n],
              ["table", 4n, 3n],
            ] as const) {
              const trap = `out-of-bounds-${kind}`;
              expectAll(all, `${kind}.fill`, args, to + length > size ? trap : undefined);
              expectAll(all, `${kind}.copy`, args, to + length > size || from + length > size ? trap : undefined);
              const outside = to + low(length) > size || low(from) + low(length) > segment;
              expectAll(all, `${kind}.init`, args, outside ? trap : undefined);
            }
          }
      assert.ok(all.size >= 2);
    }
  },
};

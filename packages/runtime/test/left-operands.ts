import type { TrapCode } from "../src/store/trap.ts";
import type { Feature } from "../src/wasm/features.ts";
import { ADDRESS, instructions } from "../src/wasm/instructions.ts";
import { typeName } from "../src/wasm/types.ts";

/*
 * The tables of `left-operands.test.ts`: code that may trap, what may happen after it, and the ways in which control
 * leaves while its value is still on the stack. Locals of each function: $a and $b are 1, or 0 for a trap of the first
 * and second piece of code; $one is 1; $i, $j and $n are variables.
 */

type Needs = readonly Feature[];

/** Code that pushes values of the types, and traps where the local $a is 0. */
export interface Operation {
  readonly name: string;
  readonly code: string;
  readonly types: readonly string[];
  /** The trap; undefined for code that cannot trap. */
  readonly trap: TrapCode | undefined;
  readonly needs: Needs;
}

const A = "(local.get $a)";
/** 0 where $a is 1; otherwise outside of every memory, table and array. */
const INDEX = `(i32.sub (i32.shl ${A} (i32.const 5)) (i32.const 32))`;
const DIVISION = `(i32.div_s (i32.const 99) ${A})`;
const LOAD = `(i32.load ${INDEX})`;
/** A vector of which only the first lane is in bounds where $a is 0. */
const VECTOR = `(v128.load (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.add (i32.const 4) (i32.shl ${A} (i32.const 5)))))`;

const constants: Readonly<Record<string, string>> = {
  i32: "(i32.const 3)",
  i64: "(i64.const 5)",
  f32: "(f32.const 1.5)",
  f64: "(f64.const -2.5)",
  v128: "(v128.const i32x4 1 2 3 4)",
};

function operation(name: string, code: string, type: string, trap?: TrapCode, needs: Needs = []): Operation {
  return { name, code, types: type.match(/\([^)]*\)|\w+/g) ?? [], trap, needs };
}

/** All accesses of memory in the table of instructions. */
function accesses(): Operation[] {
  return instructions.flatMap(({ name, immediates, params, results, feature }) => {
    // It traps on every operand where the memory is not shared.
    if (!immediates.includes("memarg") || params === undefined || name.includes("atomic.wait")) return [];
    const operands = params.map((type) => (type === ADDRESS ? INDEX : constants[typeName(type)]));
    const code = `(${name} ${immediates.includes("lane") ? "1 " : ""}${operands.join(" ")})`;
    const needs: Needs = feature === undefined ? [] : [feature];
    return [operation(name, code, (results ?? []).map(typeName).join(" "), "out-of-bounds-memory", needs)];
  });
}

function numerics(): Operation[] {
  const list: Operation[] = [];
  for (const type of ["i32", "i64"]) {
    const divisor = type === "i32" ? A : `(i64.extend_i32_u ${A})`;
    for (const name of ["div_s", "div_u", "rem_s", "rem_u"])
      list.push(
        operation(`${type}.${name}`, `(${type}.${name} (${type}.const 99) ${divisor})`, type, "integer-divide-by-zero"),
      );
    // Divides by -1 where $a is 0.
    const minusOne = `(i32.sub (i32.shl ${A} (i32.const 1)) (i32.const 1))`;
    const [least, by] =
      type === "i32" ? ["0x80000000", minusOne] : ["0x8000000000000000", `(i64.extend_i32_s ${minusOne})`];
    list.push(
      operation(`${type}.div_s overflow`, `(${type}.div_s (${type}.const ${least}) ${by})`, type, "integer-overflow"),
    );
    for (const float of ["f32", "f64"])
      for (const sign of ["s", "u"])
        for (const [value, trap] of [
          ["nan", "invalid-conversion-to-integer"],
          ["1e30", "integer-overflow"],
        ] as const) {
          const operand = `(select (${float}.const 1) (${float}.const ${value}) ${A})`;
          const name = `${type}.trunc_${float}_${sign}`;
          list.push(operation(`${name} of ${value}`, `(${name} ${operand})`, type, trap));
        }
  }
  return list;
}

/** Code whose value does not depend on all that may trap in it. */
const parts: readonly Operation[] = [
  operation(
    "a part: low half of a shift",
    `(i32.wrap_i64 (i64.shl (i64.load32_u ${INDEX}) (i64.const 32)))`,
    "i32",
    "out-of-bounds-memory",
  ),
  operation("a part: shifted out", `(i64.shr_u (i64.load32_u ${INDEX}) (i64.const 32))`, "i64", "out-of-bounds-memory"),
  operation(
    "a part: rotated",
    `(i32.wrap_i64 (i64.rotl (i64.load8_u ${INDEX}) (i64.const 32)))`,
    "i32",
    "out-of-bounds-memory",
  ),
  operation(
    "a part: and of nothing",
    `(i64.and (i64.load32_u ${INDEX}) (i64.const 0xff00000000))`,
    "i64",
    "out-of-bounds-memory",
  ),
  operation(
    "a part: or of all",
    `(i64.or (i64.extend_i32_u ${DIVISION}) (i64.const -1))`,
    "i64",
    "integer-divide-by-zero",
  ),
  operation("a part: times nothing", `(i32.mul ${DIVISION} (i32.const 0))`, "i32", "integer-divide-by-zero"),
  operation("a part: and of nothing, i32", `(i32.and ${LOAD} (i32.const 0))`, "i32", "out-of-bounds-memory"),
  operation("a part: a long product", `(i64.mul (i64.load ${INDEX}) (i64.const 0))`, "i64", "out-of-bounds-memory"),
  operation(
    "a part: not selected",
    `(select (i32.const 1) ${DIVISION} (i32.const 1))`,
    "i32",
    "integer-divide-by-zero",
  ),
  operation("a part: selected by", `(select (i32.const 1) (i32.const 2) ${DIVISION})`, "i32", "integer-divide-by-zero"),
  operation(
    "a part: not selected, i64",
    `(select (i64.load8_s ${INDEX}) (i64.const 2) (i32.const 0))`,
    "i64",
    "out-of-bounds-memory",
  ),
  operation("a part: compared", `(i64.lt_s (i64.load ${INDEX}) (i64.const 0))`, "i32", "out-of-bounds-memory"),
  operation("a part: inverted", `(i32.eqz (i32.eq ${DIVISION} ${DIVISION}))`, "i32", "integer-divide-by-zero"),
  operation("a part: rounded", `(f32.demote_f64 (f64.promote_f32 (f32.load ${INDEX})))`, "f32", "out-of-bounds-memory"),
  operation("a part: kept in a local", `(local.tee $i ${DIVISION})`, "i32", "integer-divide-by-zero"),
  operation(
    "a part: among others",
    `(i32.add (i32.sub (i32.const 1) ${DIVISION}) (i32.rotl ${LOAD} (i32.const 3)))`,
    "i32",
    "integer-divide-by-zero",
  ),
  operation("a part: one lane", `(i32x4.extract_lane 0 ${VECTOR})`, "i32", "out-of-bounds-memory", ["simd"]),
  operation("a part: one byte", `(i8x16.extract_lane_s 3 ${VECTOR})`, "i32", "out-of-bounds-memory", ["simd"]),
  operation("a part: a long lane", `(i64x2.extract_lane 0 ${VECTOR})`, "i64", "out-of-bounds-memory", ["simd"]),
  operation(
    "a part: lanes of another",
    `(i8x16.shuffle 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 (v128.const i64x2 1 2) ${VECTOR})`,
    "v128",
    "out-of-bounds-memory",
    ["simd"],
  ),
  operation(
    "a part: a lane replaced",
    `(f32x4.replace_lane 3 ${VECTOR} (f32.const 1))`,
    "v128",
    "out-of-bounds-memory",
    ["simd"],
  ),
  operation(
    "a part: vector and nothing",
    `(v128.and ${VECTOR} (v128.const i64x2 0 0))`,
    "v128",
    "out-of-bounds-memory",
    ["simd"],
  ),
  operation("a part: any lane", `(v128.any_true (i8x16.ne ${VECTOR} ${VECTOR}))`, "i32", "out-of-bounds-memory", [
    "simd",
  ]),
  operation("a part: splat", `(i64x2.splat (i64.extend_i32_u ${DIVISION}))`, "v128", "integer-divide-by-zero", [
    "simd",
  ]),
];

/** A reference that is null where $a is 0. */
const nullable = (type: string, value: string): string =>
  `(select (result (ref null ${type})) ${value} (ref.null ${type}) ${A})`;

function resources(): Operation[] {
  const bulk: Needs = ["bulk-memory"];
  const refs: Needs = ["reference-types"];
  const func: Needs = ["function-references"];
  return [
    operation("memory.fill", `(memory.fill ${INDEX} (i32.const 1) (i32.const 1))`, "", "out-of-bounds-memory", bulk),
    operation("memory.copy", `(memory.copy (i32.const 0) ${INDEX} (i32.const 1))`, "", "out-of-bounds-memory", bulk),
    operation(
      "memory.init",
      `(memory.init $data ${INDEX} (i32.const 0) (i32.const 1))`,
      "",
      "out-of-bounds-memory",
      bulk,
    ),
    operation("table.get", `(table.get ${INDEX})`, "funcref", "out-of-bounds-table", refs),
    operation("table.set", `(table.set ${INDEX} (ref.null func))`, "", "out-of-bounds-table", refs),
    operation("table.fill", `(table.fill ${INDEX} (ref.null func) (i32.const 1))`, "", "out-of-bounds-table", refs),
    operation("table.copy", `(table.copy ${INDEX} (i32.const 0) (i32.const 1))`, "", "out-of-bounds-table", bulk),
    operation(
      "table.init",
      `(table.init $elements ${INDEX} (i32.const 0) (i32.const 1))`,
      "",
      "out-of-bounds-table",
      bulk,
    ),
    operation("call", `(call $divide ${A})`, "i32", "integer-divide-by-zero"),
    operation("call_indirect", `(call_indirect (result i32) ${INDEX})`, "i32", "undefined-element"),
    operation(
      "call_indirect of null",
      `(call_indirect (result i32) (i32.sub (i32.const 1) ${A}))`,
      "i32",
      "uninitialized-element",
    ),
    operation(
      "call_indirect of another",
      `(call_indirect (result i32) (i32.shl (i32.sub (i32.const 1) ${A}) (i32.const 1)))`,
      "i32",
      "indirect-call-type-mismatch",
    ),
    operation("call_ref", `(call_ref $giver ${nullable("$giver", "(ref.func $give)")})`, "i32", "null-reference", func),
    operation(
      "ref.as_non_null",
      `(ref.as_non_null ${nullable("$giver", "(ref.func $give)")})`,
      "(ref $giver)",
      "null-reference",
      func,
    ),
    operation("unaligned", `(i32.atomic.load (i32.sub (i32.const 1) ${A}))`, "i32", "unaligned-atomic", ["threads"]),
  ];
}

const gc: Needs = ["bulk-memory", "gc"];
const exceptions: Needs = ["exceptions"];

function aggregates(): Operation[] {
  const structure = nullable("$s", "(struct.new_default $s)");
  const list: Operation[] = [
    operation(
      "array.len",
      `(array.len ${nullable("$i32s", "(array.new_default $i32s (i32.const 1))")})`,
      "i32",
      "null-reference",
      gc,
    ),
    operation("array.new", `(array.new $i32s (i32.const 1) ${INDEX})`, "(ref $i32s)", "allocation-size-too-large", gc),
    operation(
      "array.new_default",
      `(array.new_default $i32s ${INDEX})`,
      "(ref $i32s)",
      "allocation-size-too-large",
      gc,
    ),
    operation(
      "array.new_data",
      `(array.new_data $i32s $data (i32.sub (i32.const 9) (i32.shl ${A} (i32.const 3))) (i32.const 1))`,
      "(ref $i32s)",
      "out-of-bounds-memory",
      gc,
    ),
    operation(
      "array.new_elem",
      `(array.new_elem $functions $elements (i32.sub (i32.const 9) (i32.mul ${A} (i32.const 9))) (i32.const 1))`,
      "(ref $functions)",
      "out-of-bounds-table",
      gc,
    ),
    operation(
      "array.fill",
      `(array.fill $i32s (array.new_default $i32s (i32.const 1)) ${INDEX} (i32.const 1) (i32.const 1))`,
      "",
      "out-of-bounds-array",
      gc,
    ),
    operation(
      "array.copy",
      `(array.copy $i32s $i32s (array.new_default $i32s (i32.const 1)) ${INDEX} (array.new_default $i32s (i32.const 1)) (i32.const 0) (i32.const 1))`,
      "",
      "out-of-bounds-array",
      gc,
    ),
    operation(
      "array.init_data",
      `(array.init_data $i32s $data (array.new_default $i32s (i32.const 1)) ${INDEX} (i32.const 0) (i32.const 1))`,
      "",
      "out-of-bounds-array",
      gc,
    ),
    operation(
      "array.init_elem",
      `(array.init_elem $functions $elements (array.new_default $functions (i32.const 1)) ${INDEX} (i32.const 0) (i32.const 1))`,
      "",
      "out-of-bounds-array",
      gc,
    ),
    operation(
      "ref.cast",
      `(ref.cast (ref $s) ${nullable("any", "(struct.new_default $s)")})`,
      "(ref $s)",
      "cast-failure",
      gc,
    ),
    operation(
      "ref.cast null",
      `(ref.cast (ref null $s) (ref.cast anyref (select (result anyref) (ref.null any) (ref.i31 (i32.const 1)) ${A})))`,
      "(ref null $s)",
      "cast-failure",
      gc,
    ),
    operation(
      "ref.cast i31",
      `(ref.cast (ref i31) (select (result anyref) (ref.i31 (i32.const 1)) (struct.new_default $s) ${A}))`,
      "(ref i31)",
      "cast-failure",
      gc,
    ),
    operation("i31.get_s", `(i31.get_s ${nullable("i31", "(ref.i31 (i32.const 5))")})`, "i32", "null-reference", gc),
    operation("i31.get_u", `(i31.get_u ${nullable("i31", "(ref.i31 (i32.const 5))")})`, "i32", "null-reference", gc),
    operation(
      "a part: struct.new",
      `(struct.get $pair 1 (struct.new $pair ${DIVISION} (i32.const 4)))`,
      "i32",
      "integer-divide-by-zero",
      gc,
    ),
    operation(
      "a part: array.new_fixed",
      `(array.len (array.new_fixed $i32s 2 (i32.const 1) ${LOAD}))`,
      "i32",
      "out-of-bounds-memory",
      gc,
    ),
    operation("a part: ref.i31", `(ref.is_null (ref.i31 ${DIVISION}))`, "i32", "integer-divide-by-zero", gc),
    operation("a part: ref.test", `(ref.test (ref any) (ref.i31 ${DIVISION}))`, "i32", "integer-divide-by-zero", gc),
  ];
  structFields.forEach(({ storage, type }, field) => {
    for (const suffix of storage === type ? [""] : ["_s", "_u"])
      list.push(
        operation(
          `struct.get${suffix} of ${storage}`,
          `(struct.get${suffix} $s ${field} ${structure})`,
          type,
          "null-reference",
          gc,
        ),
      );
    const value = constants[type] ?? "(ref.null any)";
    list.push(
      operation(`struct.set of ${storage}`, `(struct.set $s ${field} ${structure} ${value})`, "", "null-reference", gc),
    );
    const array = `$${storage === "anyref" ? "ref" : storage}s`;
    const made = `(array.new_default ${array} (i32.const 1))`;
    for (const suffix of storage === type ? [""] : ["_s", "_u"]) {
      list.push(
        operation(
          `array.get${suffix} of ${storage}`,
          `(array.get${suffix} ${array} ${made} ${INDEX})`,
          type,
          "out-of-bounds-array",
          gc,
        ),
      );
      list.push(
        operation(
          `array.get${suffix} of ${storage}, null`,
          `(array.get${suffix} ${array} ${nullable(array, made)} (i32.const 0))`,
          type,
          "null-reference",
          gc,
        ),
      );
    }
    list.push(
      operation(
        `array.set of ${storage}`,
        `(array.set ${array} ${made} ${INDEX} ${value})`,
        "",
        "out-of-bounds-array",
        gc,
      ),
    );
  });
  return list;
}

/** The fields of $s; there is an array of each storage type too. */
const structFields: readonly { readonly storage: string; readonly type: string }[] = [
  { storage: "i8", type: "i32" },
  { storage: "i16", type: "i32" },
  ...["i32", "i64", "f32", "f64", "v128", "anyref"].map((type) => ({ storage: type, type })),
];

export const operations: readonly Operation[] = [
  ...accesses(),
  ...numerics(),
  ...parts,
  ...resources(),
  ...aggregates(),
  operation("throw_ref", `(if (i32.eqz ${A}) (then (throw_ref (ref.null exn))))`, "", "null-reference", exceptions),
];

/** Some of each kind, for tests in which all of them would be too many. */
export const typicalOperations: readonly Operation[] = operations.filter(({ name }) =>
  ["i32.rem_u", "i64.load32_u", "f32.load", "v128.load", "table.get", "struct.get of f64"].includes(name),
);

/** What stands between the first operand and where control leaves: its types, and the trap where $b is 0. */
export const between: readonly Operation[] = [
  operation("nothing", "", ""),
  operation("a constant", "(i32.const 7)", "i32"),
  operation(
    "pure operands",
    "(i64.add (i64.extend_i32_u (local.get $b)) (i64.const 1)) (f64.sqrt (f64.const 2))",
    "i64 f64",
  ),
  operation(
    "another trap",
    "(i32.trunc_f64_s (select (f64.const 1) (f64.const nan) (local.get $b)))",
    "i32",
    "invalid-conversion-to-integer",
  ),
  operation(
    "two other traps",
    "(i64.load8_u (i32.sub (local.get $b) (i32.const 1))) (i64.div_u (i64.const 1) (i64.extend_i32_u (local.get $b)))",
    "i64 i64",
    "out-of-bounds-memory",
  ),
  operation("a trap in a call", "(call $checked (local.get $b))", "f32", "unreachable"),
  operation("a store", "(i32.store offset=64 (i32.const 0) (i32.const 0x1234))", ""),
  operation("a wide store", "(i64.store offset=64 (i32.const 0) (i64.const 0x123456789))", ""),
  operation("global.set", "(global.set $g (i64.const 77))", ""),
  operation("a local", "(local.set $a (i32.const 1))", ""),
  operation("memory.grow", "(memory.grow (i32.const 1))", "i32"),
  operation("a call", "(call $mark (i32.const 2))", ""),
  operation("a host call", "(call $host (i32.const 3))", "i32"),
  operation(
    "a loop",
    "(loop $spin (br_if $spin (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))",
    "",
  ),
  operation("a block", "(block $inner (br_if $inner (local.get $b)) (call $mark (i32.const 4)))", ""),
  operation(
    "a block with a result",
    "(block $inner (result i32) (i32.load8_u (i32.sub (local.get $b) (i32.const 1))) (br $inner))",
    "i32",
    "out-of-bounds-memory",
  ),
  operation("memory.fill", "(memory.fill (i32.const 70) (i32.const 9) (i32.const 5))", "", undefined, ["bulk-memory"]),
  operation("table.grow", "(table.grow (ref.null func) (i32.const 1))", "i32", undefined, ["reference-types"]),
  operation("v128.store", "(v128.store offset=80 (i32.const 0) (v128.const i32x4 1 2 3 4))", "", undefined, ["simd"]),
  operation("struct.set", "(struct.set $s 2 (global.get $structure) (i32.const 9))", "", undefined, gc),
  operation("an atomic", "(i32.atomic.rmw.add offset=96 (i32.const 0) (i32.const 9))", "i32", undefined, ["threads"]),
];

/** A way in which control leaves: a function's body around the code that leaves the operands. */
export interface Way {
  readonly name: string;
  readonly needs: Needs;
  /** @param types of the operands that the code leaves */
  readonly body: (code: string, types: readonly string[]) => string;
  /** The function's results. */
  readonly results: string;
}

function way(name: string, body: Way["body"], needs: Needs = [], results = "i32"): Way {
  return { name, body, needs, results };
}

const COUNT = "(local.set $n (i32.add (local.get $n) (i32.const 1)))";
const ENOUGH = "(i32.ge_u (local.get $n) (i32.const 3))";
const catching = (body: string): string =>
  `(block $out (result i32) (try_table (catch $number $out) ${body}) (unreachable))`;

export const ways: readonly Way[] = [
  way("drop", (code, types) => `${code} ${types.map(() => "drop").join(" ")} (i32.const 50)`),
  way("br", (code) => `(block $out ${code} (br $out)) (i32.const 51)`),
  way(
    "br, with dead code",
    (code) =>
      `(block $out ${code} (br $out) (i32.add) (drop) (br_if $out (i32.div_s)) (block (br 0)) (drop)) (i32.const 51)`,
  ),
  way("br with a value", (code) => `(block $out (result i32) ${code} (i32.const 52) (br $out))`),
  way(
    "br with a value that may trap",
    (code) => `(block $out (result i32) ${code} (i32.rem_s (i32.const 9) (local.get $one)) (br $out))`,
  ),
  way(
    "br with values",
    (code) =>
      `(block $out (result i32 i64) ${code} (i32.load8_u (i32.const 16)) (i64.extend_i32_u (local.get $one)) (br $out)) (drop)`,
  ),
  way(
    "br out of blocks",
    (code) =>
      `(block $out (block (drop (block (result i32) (loop (result i32) ${code} (br $out))))) (unreachable)) (i32.const 53)`,
  ),
  way("br out of an if", (code) => `(block $out (if (local.get $one) (then ${code} (br $out)))) (i32.const 54)`),
  way(
    "br out of an else",
    (code) =>
      `(block $out (result i32) (if (result i32) (i32.eqz (local.get $one)) (then (i32.const 1)) (else ${code} (i32.const 55) (br $out))))`,
  ),
  way("br of the function", (code) => `(block ${code} (i32.const 56) (br 1)) (i32.const 57)`),
  way(
    "br to a loop",
    (code) => `(block $out (loop $again (br_if $out ${ENOUGH}) ${COUNT} ${code} (br $again))) (i32.const 58)`,
  ),
  way(
    "br to a loop with a parameter",
    (code) =>
      `(i32.const 5) (loop $again (param i32) (result i32) (local.set $j) (if ${ENOUGH} (then (return (local.get $j)))) ${COUNT} ${code} (i32.add (local.get $j) (i32.const 1)) (br $again))`,
  ),
  way(
    "br to a loop with parameters",
    (code) =>
      `(i32.const 5) (i32.const 6) (i64.const 7) (loop $again (param i32 i32 i64) (result i32) (drop) (local.set $j) (local.set $i) (if ${ENOUGH} (then (return (i32.sub (local.get $i) (local.get $j))))) ${COUNT} ${code} (local.get $j) (i32.div_u (local.get $i) (local.get $one)) (i64.load8_u (local.get $i)) (br $again))`,
  ),
  way("br_if", (code) => `(block $out ${code} (br_if $out (local.get $one)) (unreachable)) (i32.const 59)`),
  way(
    "br_if with a value",
    (code) => `(block $out (result i32) ${code} (i32.const 60) (br_if $out (local.get $one)) (unreachable))`,
  ),
  way(
    "br_if whose condition may trap",
    (code) =>
      `(block $out ${code} (br_if $out (i32.div_u (i32.const 1) (local.get $one))) (unreachable)) (i32.const 61)`,
  ),
  way(
    "br_if not taken",
    (code, types) =>
      `(block $out ${code} (br_if $out (i32.eqz (local.get $one))) ${types.map(() => "drop").join(" ")} (return (i32.const 62))) (i32.const 63)`,
  ),
  way(
    "br_table",
    (code) =>
      `(block $out (block $other ${code} (br_table $other $out $other (local.get $one))) (unreachable)) (i32.const 64)`,
  ),
  way(
    "br_table, by default, with a value",
    (code) =>
      `(block $out (result i32) (block $other (result i32) ${code} (i32.const 65) (br_table $other $other $out (i32.const 9))) (unreachable))`,
  ),
  way(
    "br_table to a loop",
    (code) =>
      `(block $out (loop $again (br_if $out ${ENOUGH}) ${COUNT} ${code} (br_table $out $again (local.get $one)))) (i32.const 66)`,
  ),
  way("return", (code) => `${code} (i32.const 67) (return)`),
  way("return, within blocks", (code) => `(block (loop ${code} (i32.load8_u (i32.const 16)) (return))) (i32.const 68)`),
  way(
    "return of values",
    (code) =>
      `${code} (i32.load8_u (i32.const 16)) (f32.load (i32.const 16)) (i64.div_u (i64.const 9) (i64.extend_i32_u (local.get $one))) (return)`,
    ["multi-value"],
    "i32 f32 i64",
  ),
  way(
    "return of a long value",
    (code) => `${code} (i64.div_u (i64.const 9) (i64.extend_i32_u (local.get $one))) (return)`,
    [],
    "i64",
  ),
  way("return of nothing", (code) => `${code} (return)`, [], ""),
  way("unreachable", (code) => `${code} (unreachable)`),
  way("an endless loop", (code) => `${code} (loop $for_ever (br $for_ever)) (unreachable)`),
  way(
    "the end of a block",
    (code, types) =>
      `(block (result ${["i32", ...types].join(" ")}) (i32.const 69) ${code}) ${types.map(() => "drop").join(" ")}`,
    ["multi-value"],
  ),
  way("br_on_null", (code) => `(block $out ${code} (br_on_null $out (ref.null func)) (unreachable)) (i32.const 70)`, [
    "function-references",
  ]),
  way(
    "br_on_null with a value",
    (code) => `(block $out (result i32) ${code} (i32.const 71) (br_on_null $out (ref.null func)) (unreachable))`,
    ["function-references"],
  ),
  way(
    "br_on_non_null",
    (code) =>
      `(drop (block $out (result (ref func)) ${code} (ref.func $give) (br_on_non_null $out) (unreachable))) (i32.const 72)`,
    ["function-references"],
  ),
  way(
    "br_on_cast",
    (code) =>
      `(drop (block $out (result (ref i31)) ${code} (br_on_cast $out anyref (ref i31) (ref.i31 (i32.const 1))) (unreachable))) (i32.const 73)`,
    gc,
  ),
  way(
    "br_on_cast_fail",
    (code) =>
      `(drop (block $out (result anyref) ${code} (br_on_cast_fail $out anyref (ref $s) (ref.i31 (i32.const 1))) (unreachable))) (i32.const 74)`,
    gc,
  ),
  way("return_call", (code) => `${code} (local.get $one) (return_call $divide)`, ["tail-call"]),
  way("return_call_indirect", (code) => `${code} (i32.const 0) (return_call_indirect (result i32))`, ["tail-call"]),
  way("return_call_ref", (code) => `${code} (ref.func $give) (return_call_ref $giver)`, [
    "tail-call",
    "function-references",
  ]),
  way("throw", (code) => catching(`${code} (i32.const 75) (throw $number)`), exceptions),
  way(
    "throw of what may trap",
    (code) => catching(`${code} (i32.div_s (i32.const 76) (local.get $one)) (throw $number)`),
    exceptions,
  ),
  way(
    "throw_ref",
    (code) =>
      catching(
        `(block $caught (result exnref) (try_table (catch_all_ref $caught) (throw $number (i32.const 77))) (unreachable)) (local.set $e) ${code} (local.get $e) (throw_ref)`,
      ),
    exceptions,
  ),
  way("throw out of the function", (code) => catching(`${code} (call $throw) (unreachable)`), exceptions),
  way(
    "br out of a try_table",
    (code) => `(block $out (try_table (catch_all $out) ${code} (br $out))) (i32.const 78)`,
    exceptions,
  ),
  way(
    "throw, caught as of old",
    (code) => `(try (result i32) (do ${code} (i32.const 79) (throw $number)) (catch $number))`,
    ["legacy-exceptions"],
  ),
  way(
    "rethrow",
    (code) =>
      `(try (result i32) (do (try (do (throw $number (i32.const 80))) (catch $number (drop) ${code} (rethrow 0))) (unreachable)) (catch $number))`,
    ["legacy-exceptions"],
  ),
  way(
    "br out of a handler",
    (code) => `(block $out (try (do (throw $number (i32.const 81))) (catch_all ${code} (br $out)))) (i32.const 82)`,
    ["legacy-exceptions"],
  ),
  way("br out of a try", (code) => `(block $out (try (do ${code} (br $out)) (delegate 0))) (i32.const 83)`, [
    "legacy-exceptions",
  ]),
];

/** A module with a function `f0`, `f1` and so on for each body, of these features and the first version of WebAssembly. */
export function moduleText(
  functions: readonly { readonly body: string; readonly results: string }[],
  needs: Needs,
): string {
  const has = (feature: Feature, text: string): string => (needs.includes(feature) ? text : "");
  const bodies = functions.map(
    ({ body, results }, i) => `(func (export "f${i}") (param $a i32) (param $b i32) (param $one i32) (result ${results})
      (local $i i32) (local $j i32) (local $n i32) ${has("exceptions", "(local $e exnref)")}
      ${body})`,
  );
  const arrays = structFields.map(
    ({ storage }) => `(type $${storage === "anyref" ? "ref" : storage}s (array (mut ${storage})))`,
  );
  return `(module
  ${has(
    "gc",
    `(type $s (struct ${structFields.map(({ storage }) => `(field (mut ${storage}))`).join(" ")})) (type $pair (struct (field i32) (field i32)))
    ${arrays.join(" ")} (type $functions (array (mut funcref)))`,
  )}
  (type $giver (func (result i32)))
  (import "host" "log" (func $host (param i32) (result i32)))
  (memory (export "memory") 1) ${has("bulk-memory", '(data $data "12345678")')} (data (i32.const 16) "\\05")
  (table (export "table") 3 funcref) (elem (i32.const 0) func $give) (elem (i32.const 2) func $mark)
  ${has("bulk-memory", "(elem $elements func $give)")}
  (global $g (export "g") (mut i64) (i64.const 0)) (global $marks (export "marks") (mut i32) (i32.const 0))
  ${has("gc", '(global $structure (ref $s) (struct.new_default $s)) (func (export "field") (param i32) (result i32) (struct.get $s 2 (global.get $structure)) (struct.set $s 2 (global.get $structure) (local.get 0)))')}
  ${needs.includes("exceptions") || needs.includes("legacy-exceptions") ? "(tag $number (param i32)) (func $throw (throw $number (i32.const 1)))" : ""}
  (func $give (type $giver) (i32.const 90))
  (func $mark (param i32) (global.set $marks (i32.add (i32.mul (global.get $marks) (i32.const 10)) (local.get 0))))
  (func $divide (param i32) (result i32) (i32.div_u (i32.const 91) (local.get 0)))
  (func $checked (param i32) (result f32) (if (i32.eqz (local.get 0)) (then (unreachable))) (f32.const 1))
  ${bodies.join("\n  ")})`;
}

import { type Instruction, instructions, typeName } from "@wardian/runtime/formats";

/** A guest whose export `run` never ends, and what it spends its fuel on. */
export interface UnitProgram {
  readonly name: string;
  readonly source: string;
}

const times = (count: number, text: string): string => `${text} `.repeat(count);

/** A module whose `run` repeats `body` for ever. `fields` stand before the function. */
const forever = (body: string, fields = "", locals = ""): string =>
  `(module (memory 2) ${fields} (func (export "run") ${locals} (loop $again ${body} (br $again))))`;

/** Operands that take arithmetic long: subnormal numbers, long quotients, vectors of both. */
const operands: Readonly<Record<string, readonly string[]>> = {
  i32: ["(i32.const 0x7ffffff3)", "(i32.const -7)", "(i32.const 3)"],
  i64: ["(i64.const 0x7ffffffffffffff3)", "(i64.const 0x0fffffff1)", "(i64.const -7)"],
  f32: ["(f32.const 0x1p-148)", "(f32.const 0x1.fffffep-127)", "(f32.const 0x1.8p-140)"],
  f64: ["(f64.const 0x1p-1073)", "(f64.const 0x1.fffffffffffffp-1023)", "(f64.const 0x1.8p-1040)"],
  v128: [
    "(v128.const i64x2 0x0000000000000011 0x000fffffffffffff)",
    "(v128.const i32x4 0x00000003 0x007fffff 0x80000011 0x7f800001)",
    "(v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)",
  ],
};

/** What an instruction's immediates are in the text format; undefined for those that no program here makes. */
function immediatesOf({ immediates, width }: Instruction): string | undefined {
  const parts: string[] = [];
  for (const kind of immediates) {
    if (kind === "memarg") parts.push(width > 0 ? "offset=8" : "");
    else if (kind === "lane") parts.push("1");
    else if (kind === "lanes") parts.push("31 0 17 2 29 4 19 6 27 8 21 10 25 12 23 14");
    else return undefined;
  }
  return parts.join(" ");
}

/** Features without programs of their own: what they bring needs a shared memory, or another host. */
const LEFT_OUT: ReadonlySet<string> = new Set(["threads"]);

/** For each instruction with a signature over numbers and vectors, a loop that executes it sixteen times on operands that take long. */
function numericPrograms(): UnitProgram[] {
  const programs: UnitProgram[] = [];
  for (const instruction of instructions) {
    const { name, params, results, feature } = instruction;
    if (params === undefined || results === undefined || params.length === 0) continue;
    if (feature !== undefined && LEFT_OUT.has(feature)) continue;
    const immediates = immediatesOf(instruction);
    const types = [...params, ...results].map((type) => (type === 1 ? "i32" : typeName(type)));
    if (immediates === undefined || types.some((type) => operands[type] === undefined)) continue;
    const isAccess = params[0] === 1;
    const setUp = ["i32", "i64", "f32", "f64", "v128"]
      .flatMap((type) => operands[type].map((value, i) => `(local.set $${type}${i} ${value})`))
      .join("");
    const locals = ["i32", "i64", "f32", "f64", "v128"]
      .flatMap((type) => [0, 1, 2].map((i) => `(local $${type}${i} ${type})`))
      .join("");
    const given = params.map((_, i) => (isAccess && i === 0 ? "(i32.const 64)" : `(local.get $${types[i]}${i % 2})`));
    // Every result is kept, so that no engine leaves the instruction out.
    const kept = types.slice(params.length).map((type) => `(local.set $${type}2)`);
    programs.push({
      name,
      source: `(module (memory 2) (func (export "run") ${locals} ${setUp} (loop $again ${times(16, `${given.join("")} (${name} ${immediates}) ${kept.reverse().join("")}`)} (br $again))))`,
    });
  }
  return programs;
}

const wide = (type: string, count = 999): string => times(count, type);
const pushes = (value: string, count = 999): string => times(count, value);

/** Instructions that handle many values at once, at their largest. */
const widePrograms: readonly UnitProgram[] = [
  ...["i32", "i64", "f64", "v128"].map((type) => ({
    name: `call, 49,000 locals of ${type}`,
    source: `(module (func $f (local ${wide(type, 49_000)}) (if (i32.const 0) (then (call $f)))) (func (export "run") (loop $l (call $f) (br $l))))`,
  })),
  ...["i32", "i64", "v128"].map((type) => ({
    name: `call, 32 locals of ${type}`,
    source: `(module (func $f (local ${wide(type, 32)}) (if (i32.const 0) (then (call $f)))) (func (export "run") (loop $l ${times(20, "(call $f)")} (br $l))))`,
  })),
  ...["i32", "i64", "externref", "v128"].map((type) => {
    const value = operands[type]?.[0] ?? "(ref.null extern)";
    return {
      name: `br to a loop, 999 values of ${type}`,
      source: `(module (type $t (func (param ${wide(type)}) (result ${wide(type)}))) (func (export "run") (local $x ${type}) ${pushes(value)} (loop $l (type $t) (local.get $x) (br $l)) ${pushes("drop")}))`,
    };
  }),
  ...["i32", "i64", "v128"].map((type) => ({
    name: `br out of a block, 999 values of ${type}`,
    source: `(module (type $r (func (result ${wide(type)}))) (func (export "run") (local $x ${type}) (loop $l (block (type $r) ${pushes("(local.get $x)")} (br 0)) ${pushes("drop")} (br $l))))`,
  })),
  {
    name: "br_if, never taken, 999 values of i64",
    source: `(module (type $r (func (result ${wide("i64")}))) (func (export "run") (local $x i64) (loop $l (block (type $r) ${pushes("(local.get $x)")} ${times(50, "(br_if 0 (i32.const 0))")}) ${pushes("drop")} (br $l))))`,
  },
  {
    name: "br_table, 999 values of i64",
    source: `(module (type $r (func (param ${wide("i64")}) (result ${wide("i64")}))) (func (export "run") (local $x i64) ${pushes("(local.get $x)")} (loop $l (type $r) (block $b (type $r) (local.get $x) (br_table $b $b $l (i32.const 2)))) ${pushes("drop")}))`,
  },
  {
    name: "block, 999 parameters and results of i64",
    source: `(module (type $r (func (param ${wide("i64")}) (result ${wide("i64")}))) (func (export "run") (local $x i64) ${pushes("(local.get $x)")} (loop $l (type $r) ${times(100, "(block (type $r))")} (br $l)) ${pushes("drop")}))`,
  },
  {
    name: "if, 999 parameters and results of i64",
    source: `(module (type $r (func (param ${wide("i64")}) (result ${wide("i64")}))) (func (export "run") (local $x i64) ${pushes("(local.get $x)")} (loop $l (type $r) ${times(100, "(i32.const 1) (if (type $r) (then) (else))")} (br $l)) ${pushes("drop")}))`,
  },
  ...["i32", "i64", "v128"].flatMap((type) => [
    {
      name: `call, 999 parameters of ${type}`,
      source: `(module (type $r (func (param ${wide(type)}))) (func $f (type $r)) (func (export "run") (local $x ${type}) (loop $l ${pushes("(local.get $x)")} (call $f) (br $l))))`,
    },
    {
      name: `call, 999 parameters and results of ${type}`,
      source: `(module (type $r (func (param ${wide(type)}) (result ${wide(type)}))) (func $f (type $r) ${[...Array(999)].map((_, i) => `(local.get ${i})`).join("")}) (func (export "run") (local $x ${type}) ${pushes("(local.get $x)")} (loop $l (type $r) (call $f) (br $l)) ${pushes("drop")}))`,
    },
  ]),
  {
    name: "return_call, 999 parameters of i64",
    source: `(module (type $r (func (param ${wide("i64")}))) (func $f (type $r) ${[...Array(999)].map((_, i) => `(local.get ${i})`).join("")} (return_call $f)) (func (export "run") (local $x i64) ${pushes("(local.get $x)")} (call $f)))`,
  },
  {
    name: "call_indirect, 999 parameters of i64",
    source: `(module (type $r (func (param ${wide("i64")}))) (table funcref (elem $f)) (func $f (type $r)) (func (export "run") (local $x i64) (loop $l ${pushes("(local.get $x)")} (call_indirect (type $r) (i32.const 0)) (br $l))))`,
  },
  {
    name: "throw and catch, 999 values of i64",
    source: `(module (type $r (func (result ${wide("i64")}))) (tag $e (param ${wide("i64")})) (func (export "run") (local $x i64) (loop $l (block $h (type $r) (try_table (catch $e $h) ${pushes("(local.get $x)")} (throw $e)) (unreachable)) ${pushes("drop")} (br $l))))`,
  },
  {
    name: "throw_ref and catch, 999 values of i64",
    source: `(module (type $r (func (result ${wide("i64")} exnref))) (type $r2 (func (result ${wide("i64")}))) (tag $e (param ${wide("i64")})) (func (export "run") (local $x i64) (local $e exnref) (block $h (type $r) (try_table (catch_ref $e $h) ${pushes("(local.get $x)")} (throw $e)) (unreachable)) (local.set $e) ${pushes("drop")} (loop $l (block $h (type $r2) (try_table (catch $e $h) (throw_ref (local.get $e))) (unreachable)) ${pushes("drop")} (br $l))))`,
  },
  {
    name: "throw and catch, no values",
    source: `(module (tag $e) (func (export "run") (loop $l (block $h (try_table (catch $e $h) (throw $e))) (br $l))))`,
  },
  {
    name: "throw and catch, 5,000 clauses before",
    source: `(module (tag $e) (tag $f) (func (export "run") (loop $l (block $h (try_table ${times(5000, "(catch $f $h)")} (catch $e $h) (throw $e))) (br $l))))`,
  },
  {
    name: "throw and catch beside 2,000 others",
    source: `(module (tag $e) (tag $f) (func (export "run") (local $i i32) (if (local.get $i) (then ${times(2000, "(block $h (try_table (catch $f $h) (nop)))")})) (loop $l (block $h (try_table (catch $e $h) (throw $e))) (br $l))))`,
  },
  {
    name: "throw out of 100 frames",
    source: `(module (tag $e) (func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))) (throw $e)) (func (export "run") (loop $l (block $h (try_table (catch $e $h) (call $f (i32.const 100)))) (br $l))))`,
  },
  ...["i64", "f64", "v128", "externref"].flatMap((type) => [
    {
      name: `struct.new, 999 fields of ${type}`,
      source: forever(
        `${pushes("(local.get $x)")} (struct.new $s) (drop)`,
        `(type $s (struct ${wide(`(field ${type})`)}))`,
        `(local $x ${type})`,
      ),
    },
    {
      name: `struct.new_default, 999 fields of ${type}`,
      source: forever("(drop (struct.new_default $s))", `(type $s (struct ${wide(`(field ${type})`)}))`),
    },
    {
      name: `array.new_fixed, 999 elements of ${type}`,
      source: forever(
        `${pushes("(local.get $x)")} (array.new_fixed $s 999) (drop)`,
        `(type $s (array ${type}))`,
        `(local $x ${type})`,
      ),
    },
    {
      name: `array.new_default, 7 elements of ${type}`,
      source: forever(times(10, "(drop (array.new_default $s (i32.const 7)))"), `(type $s (array ${type}))`),
    },
    {
      name: `array.new_default, 10,000 elements of ${type}`,
      source: forever("(drop (array.new_default $s (i32.const 10000)))", `(type $s (array ${type}))`),
    },
    {
      name: `array.new, 10,000 elements of ${type}`,
      source: forever(
        "(drop (array.new $s (local.get $x) (i32.const 10000)))",
        `(type $s (array ${type}))`,
        `(local $x ${type})`,
      ),
    },
  ]),
];

const chain = (depth: number): string =>
  [...Array(depth)].map((_, i) => `(type $t${i} (sub ${i > 0 ? `$t${i - 1}` : ""} (struct)))`).join("");

/** Instructions whose work depends on something else. */
const otherPrograms: readonly UnitProgram[] = [
  { name: "memory.grow by nothing", source: forever(times(20, "(drop (memory.grow (i32.const 0)))")) },
  { name: "memory.grow refused", source: forever(times(20, "(drop (memory.grow (i32.const 70000)))")) },
  {
    name: "memory.grow by a page, 512 MiB at most",
    source: `(module (memory 1 8192) (func (export "run") (loop $l (drop (memory.grow (i32.const 1))) (br $l))))`,
  },
  { name: "memory.size", source: forever(times(20, "(drop (memory.size))")) },
  {
    name: "table.grow by nothing",
    source: forever(times(20, "(drop (table.grow (ref.null func) (i32.const 0)))"), "(table 1 funcref)"),
  },
  {
    name: "table.grow refused",
    source: forever(times(20, "(drop (table.grow (ref.null func) (i32.const 70000)))"), "(table 1 5 funcref)"),
  },
  {
    name: "table.grow by one, at most 1,000,000",
    source: forever(times(20, "(drop (table.grow (ref.null func) (i32.const 1)))"), "(table 1 1000000 funcref)"),
  },
  ...[0, 7, 10_000].flatMap((length) => [
    {
      name: `table.copy, ${length} elements`,
      source: forever(
        times(10, `(table.copy (i32.const 1) (i32.const 0) (i32.const ${length}))`),
        "(table 20000 funcref)",
      ),
    },
    {
      name: `table.copy between tables, ${length} elements`,
      source: forever(
        times(10, `(table.copy 0 1 (i32.const 1) (i32.const 0) (i32.const ${length}))`),
        "(table 20000 funcref) (table 20000 funcref)",
      ),
    },
    {
      name: `table.fill, ${length} elements`,
      source: forever(
        times(10, `(table.fill (i32.const 1) (ref.null func) (i32.const ${length}))`),
        "(table 20000 funcref)",
      ),
    },
    {
      name: `table.init, ${length} elements`,
      source: forever(
        times(10, `(table.init $e (i32.const 1) (i32.const 0) (i32.const ${length}))`),
        `(table 20000 funcref) (func $g) (elem $e func ${times(10_000, "$g")})`,
      ),
    },
    {
      name: `array.copy of references, ${length} elements`,
      source: forever(
        times(10, `(array.copy $a $a (local.get $x) (i32.const 1) (local.get $x) (i32.const 0) (i32.const ${length}))`),
        "(type $a (array (mut anyref)))",
        "(local $x (ref null $a)) (local.set $x (array.new_default $a (i32.const 20000)))",
      ),
    },
    {
      name: `array.fill of v128, ${length} elements`,
      source: forever(
        times(10, `(array.fill $a (local.get $x) (i32.const 1) (local.get $v) (i32.const ${length}))`),
        "(type $a (array (mut v128)))",
        "(local $v v128) (local $x (ref null $a)) (local.set $x (array.new_default $a (i32.const 20000)))",
      ),
    },
  ]),
  ...[0, 63, 65_536].flatMap((length) => [
    {
      name: `memory.copy, ${length} bytes`,
      source: forever(times(10, `(memory.copy (i32.const 1) (i32.const 0) (i32.const ${length}))`)),
    },
    {
      name: `memory.fill, ${length} bytes`,
      source: forever(times(10, `(memory.fill (i32.const 1) (i32.const 7) (i32.const ${length}))`)),
    },
    {
      name: `memory.init, ${length} bytes`,
      source: forever(
        times(10, `(memory.init $d (i32.const 1) (i32.const 0) (i32.const ${length}))`),
        `(data $d "${"x".repeat(65_536)}")`,
      ),
    },
  ]),
  {
    name: "call_indirect through 60 subtypes",
    source: `(module ${[...Array(60)].map((_, i) => `(type $t${i} (sub ${i > 0 ? `$t${i - 1}` : ""} (func)))`).join("")} (table funcref (elem $f)) (func $f (type $t59)) (func (export "run") (loop $l ${times(20, "(call_indirect (type $t0) (i32.const 0))")} (br $l))))`,
  },
  {
    name: "ref.cast over 60 subtypes",
    source: forever(
      times(20, "(drop (ref.cast (ref $t1) (local.get $x)))"),
      chain(60),
      "(local $x anyref) (local.set $x (struct.new $t59))",
    ),
  },
  {
    name: "br_table, 10,000 labels",
    source: forever(times(4, `(block $a (block $b (br_table ${times(5000, "$a $b")} $a (i32.const 7777))))`)),
  },
  { name: "struct.new of no fields", source: forever(times(20, "(drop (struct.new $s))"), "(type $s (struct))") },
  {
    name: "ref.i31, i31.get_s",
    source: forever(times(20, "(drop (i31.get_s (ref.i31 (i32.const 5))))")),
  },
  {
    name: "extern.convert_any, any.convert_extern",
    source: forever(
      times(20, "(local.set $x (any.convert_extern (extern.convert_any (local.get $x))))"),
      "",
      "(local $x anyref)",
    ),
  },
  {
    name: "select of v128",
    source: forever(
      times(20, "(local.set $x (select (local.get $x) (local.get $y) (local.get $i)))"),
      "",
      "(local $x v128) (local $y v128) (local $i i32)",
    ),
  },
  {
    name: "global.set of v128",
    source: forever(
      times(20, "(global.set $g (local.get $x))"),
      "(global $g (mut v128) (v128.const i64x2 1 2))",
      "(local $x v128)",
    ),
  },
  {
    name: "global.get and set of i64",
    source: forever(times(20, "(global.set $g (global.get $g))"), "(global $g (mut i64) (i64.const 1))"),
  },
  {
    name: "call of an empty function",
    source: `(module (func $f) (func (export "run") (loop $l ${times(20, "(call $f)")} (br $l))))`,
  },
  {
    name: "call through 1,000 frames",
    source: `(module (func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))) (func (export "run") (loop $l (call $f (i32.const 1000)) (br $l))))`,
  },
  {
    name: "call of an imported function",
    source: `(module (import "host" "f" (func $f)) (func (export "run") (loop $l ${times(20, "(call $f)")} (br $l))))`,
  },
  {
    name: "call of an imported function, 999 parameters of i64",
    source: `(module (import "host" "f" (func $f (param ${wide("i64")}))) (func (export "run") (local $x i64) (loop $l ${pushes("(local.get $x)")} (call $f) (br $l))))`,
  },
  {
    name: "code of 100 KB, once round",
    source: `(module (memory 1) (func (export "run") (local $x i32) (loop $l ${times(10_000, "(local.set $x (i32.add (local.get $x) (i32.load (local.get $x))))(local.set $x (i32.const 8))")} (br $l))))`,
  },
];

export function unitPrograms(): UnitProgram[] {
  return [...numericPrograms(), ...widePrograms, ...otherPrograms];
}

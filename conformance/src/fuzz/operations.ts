import { allFeatures, type Feature } from "@wardian/runtime";
import { encodeModule, type Instruction, instructions, parseModule, typeName } from "@wardian/runtime/formats";
import { LeavingCode, type Surroundings } from "./leaving.ts";
import type { Random } from "./random.ts";

/*
 * Modules whose code is executed: the modules of `wasm-opt` are hard to validate and run into a trap, or into code that cannot be reached, after a few instructions.
 * Here every function is a list of statements over typed expressions, drawn from the table of instructions, whose addresses and
 * indices are nearly always in bounds. Loops and calls are bounded by construction. NaNs, whose bits each machine chooses, are made zero where they come about, but for deterministic guests.
 */

/** Types of expressions: those of the table, and references by what they refer to. */
type Kind = "i32" | "i64" | "f32" | "f64" | "v128" | "anyref" | "eqref" | "externref" | "funcref" | Aggregate;
type Aggregate = "base" | "derived" | "bytes" | "shorts" | "ints" | "longs" | "floats" | "refs" | "functions";

const numbers: readonly Kind[] = ["i32", "i64", "f32", "f64"];
const arrays: Readonly<Record<string, { readonly element: Kind; readonly packed: boolean }>> = {
  bytes: { element: "i32", packed: true },
  shorts: { element: "i32", packed: true },
  ints: { element: "i32", packed: false },
  longs: { element: "i64", packed: false },
  floats: { element: "f64", packed: false },
  refs: { element: "anyref", packed: false },
  functions: { element: "funcref", packed: false },
};
const aggregates: readonly Aggregate[] = [
  "base",
  "derived",
  "bytes",
  "shorts",
  "ints",
  "longs",
  "floats",
  "refs",
  "functions",
];
/** The fields of `base` and `derived`, which is a subtype of it. */
const fields: readonly { readonly kind: Kind; readonly packed: boolean }[] = [
  { kind: "i32", packed: false },
  { kind: "i64", packed: false },
  { kind: "f32", packed: false },
  { kind: "i32", packed: true },
  { kind: "anyref", packed: false },
  { kind: "f64", packed: false },
];
const BASE_FIELDS = 5;

const typeDefinitions = `
  (rec (type $base (sub (struct (field (mut i32)) (field (mut i64)) (field (mut f32)) (field (mut i8)) (field (mut anyref)))))
       (type $derived (sub $base (struct (field (mut i32)) (field (mut i64)) (field (mut f32)) (field (mut i8)) (field (mut anyref)) (field (mut f64))))))
  (type $bytes (array (mut i8))) (type $shorts (array (mut i16))) (type $ints (array (mut i32))) (type $longs (array (mut i64)))
  (type $floats (array (mut f64))) (type $refs (array (mut anyref))) (type $functions (array (mut funcref)))`;

/** How a kind is written as a type. */
const written = (kind: Kind): string => (aggregates.includes(kind as Aggregate) ? `(ref null $${kind})` : kind);

const LOCALS = 2;
const TABLE = 8;

interface Signature {
  readonly params: readonly Kind[];
  readonly result: Kind;
}

class ModuleMaker {
  private readonly random: Random;
  private readonly features: ReadonlySet<Feature>;
  private readonly keepsNaNs: boolean;
  private readonly kinds: readonly Kind[];
  /** Instructions that take and give numbers and vectors, by their result; stores by "". */
  private readonly plain: Map<string, Instruction[]> = new Map();
  private readonly functions: Signature[] = [];
  private readonly legacy: boolean;
  /** Loops around the statement being made; each has a counter of its own. */
  private loops = 0;
  private counters = 0;
  private labels = 0;
  /** Whether the function being made has called another. */
  private called = false;
  private params: readonly Kind[] = [];
  private readonly leaving: LeavingCode<Kind>;

  constructor(random: Random, features: ReadonlySet<Feature>, keepsNaNs: boolean) {
    this.random = random;
    this.keepsNaNs = keepsNaNs;
    this.features = features;
    const has = (feature: Feature): boolean => features.has(feature);
    this.kinds = [
      ...numbers,
      ...(has("simd") ? (["v128"] as const) : []),
      ...(has("reference-types") ? (["externref", "funcref"] as const) : []),
      ...(has("gc") ? (["anyref", "eqref", ...aggregates] as const) : []),
    ];
    this.legacy = has("legacy-exceptions") && (!has("exceptions") || random.chance(30));
    for (const instruction of instructions) this.addPlain(instruction);
    this.leaving = new LeavingCode(this.surroundings());
  }

  private surroundings(): Surroundings<Kind> {
    const { random, features, kinds, plain } = this;
    const has = (feature: Feature): boolean => features.has(feature);
    return {
      random,
      kinds,
      multiValue: has("multi-value"),
      exceptions: has("exceptions") && !this.legacy,
      references: has("function-references"),
      gc: has("gc"),
      expression: (kind, depth) => this.expression(kind, depth),
      statement: (depth) => this.statement(depth),
      flag: (depth) => `(i32.and ${this.few("i32", depth)} (i32.const 1))`,
      written,
      label: () => `$l${this.labels++}`,
      counter: () => `$c${this.counters++}`,
      tailCall: (result) => this.tailCall(result),
      risky: (kind, depth) => this.risky(kind, depth),
      bare: () => {
        const [result, list] = random.pick([...plain]);
        const instruction = random.pick(list);
        const immediates = this.immediatesOf(instruction);
        return { code: `(${[instruction.name, ...immediates].join(" ")})`, hasResult: result !== "" };
      },
    };
  }

  /** An expression that may trap, on a few operands. */
  private risky(kind: Kind, depth: number): string {
    const { random } = this;
    const few = (below: number): string => `(i32.and ${this.few("i32", depth)} (i32.const ${below - 1}))`;
    const address = `(i32.sub ${few(16)} (i32.const 1))`;
    switch (kind) {
      case "i32":
        return random.pick([
          `(i32.${random.pick(["div_s", "div_u", "rem_s", "rem_u"])} ${this.few(kind, depth)} ${few(8)})`,
          `(i32.${random.pick(["load", "load8_s", "load16_u"])} ${address})`,
          `(i32.trunc_f64_s (f64.div (f64.const 1) (f64.convert_i32_u ${few(8)})))`,
        ]);
      case "i64":
        return random.pick([
          `(i64.${random.pick(["div_s", "div_u", "rem_s", "rem_u"])} ${this.few(kind, depth)} (i64.extend_i32_u ${few(8)}))`,
          `(i64.${random.pick(["load", "load32_u", "load8_s"])} ${address})`,
        ]);
      case "f32":
      case "f64":
        return `(${kind}.load ${address})`;
      case "v128":
        return `(v128.load ${address})`;
      case "funcref":
        return `(table.get $functions ${few(2 * TABLE)})`;
      case "externref":
        return `(table.get $hosts ${few(4 * TABLE)})`;
      case "anyref":
        return `(array.get $refs ${this.few("refs", depth)} ${few(8)})`;
      case "eqref":
        return `(ref.cast eqref ${this.few("anyref", depth)})`;
      default:
        return `(ref.cast (ref null $${kind}) ${this.few("anyref", depth)})`;
    }
  }

  private addPlain(instruction: Instruction): void {
    const { params, results, feature, immediates, name } = instruction;
    if (params === undefined || results === undefined || results.length > 1) return;
    if (feature !== undefined && !this.features.has(feature)) return;
    // The results of these are the implementation's choice, and a guest that waits would wait for ever.
    if ((feature === "relaxed-simd" && !this.keepsNaNs) || name.includes("atomic.wait") || name === "nop") return;
    if (
      !immediates.every((kind) =>
        ["memarg", "lane", "lanes", "i32", "i64", "f32", "f64", "v128", "fence"].includes(kind),
      )
    )
      return;
    const known = (type: number): boolean =>
      type === 1 || ["i32", "i64", "f32", "f64", "v128"].includes(typeName(type));
    if (![...params, ...results].every(known)) return;
    const key = results.length === 0 ? "" : typeName(results[0]);
    const list = this.plain.get(key) ?? [];
    list.push(instruction);
    this.plain.set(key, list);
  }

  // ---- expressions

  private constant(kind: Kind): string {
    const { random } = this;
    switch (kind) {
      case "i32":
        return `(i32.const ${random.pick([0, 1, -1, 2, 7, 31, 32, 127, 128, 255, 65535, 0x7fffffff, -0x80000000, random.next() | 0])})`;
      case "i64":
        return `(i64.const ${random.pick([0n, 1n, -1n, 63n, 64n, 0x7fffffffn, 0x100000000n, 0x7fffffffffffffffn, -0x8000000000000000n, (BigInt(random.next()) << 32n) | BigInt(random.next())])})`;
      case "f32":
      case "f64":
        return `(${kind}.const ${random.pick(["0", "-0", "1", "-1.5", "0.1", "inf", "-inf", "2147483648", "-2147483649", "4294967296", "9223372036854775808", "1e-40", "3.4e38", "127.5", String(random.next() / 77)])})`;
      case "v128":
        return `(v128.const i32x4 ${[0, 0, 0, 0].map(() => random.pick([0, 1, -1, 0x7fffffff, 0x80000000, 0x3f800000, 0x00ff8001, random.next()])).join(" ")})`;
      case "anyref":
        return random.chance(30) ? "(ref.null any)" : `(ref.i31 ${this.constant("i32")})`;
      case "eqref":
        return `(ref.i31 ${this.constant("i32")})`;
      case "externref":
        return "(ref.null extern)";
      case "funcref":
        return this.functions.length === 0 || random.chance(30)
          ? "(ref.null func)"
          : `(ref.func $f${random.below(this.functions.length)})`;
      case "base":
      case "derived":
        return random.chance(1) ? "(ref.null none)" : `(struct.new_default $${kind})`;
      default:
        return random.chance(1)
          ? "(ref.null none)"
          : `(array.new_default $${kind} (i32.const ${4 + random.below(20)}))`;
    }
  }

  private leaf(kind: Kind): string {
    const { random, params } = this;
    const own = params.flatMap((param, i) => (param === kind ? [`(local.get $p${i})`] : []));
    if (own.length > 0 && random.chance(30)) return random.pick(own);
    if (random.chance(50)) return `(local.get $${kind}${random.below(LOCALS)})`;
    return random.chance(20) && !aggregates.includes(kind as Aggregate) ? `(global.get $${kind})` : this.constant(kind);
  }

  expression(kind: Kind, depth: number): string {
    const { random } = this;
    if (depth <= 0) return this.leaf(kind);
    if (random.chance(5)) return this.leaving.expression(kind, depth - 1);
    if (random.chance(18)) return this.control(kind, depth - 1);
    const plain = this.plain.get(kind);
    if (plain !== undefined && (random.chance(75) || kind === "v128")) return this.apply(random.pick(plain), depth - 1);
    return this.reference(kind, depth - 1);
  }

  private few(kind: Kind, depth: number): string {
    return this.expression(kind, Math.min(depth, 1));
  }

  /** An index that is below a power of two, nearly always. */
  private index(below: number, depth: number): string {
    return this.random.chance(2)
      ? this.expression("i32", depth)
      : `(i32.and ${this.few("i32", depth)} (i32.const ${below - 1}))`;
  }

  private immediatesOf({ name, immediates, width, lanes }: Instruction): string[] {
    const { random } = this;
    return immediates.map((kind): string => {
      switch (kind) {
        case "memarg":
          return name.includes("atomic")
            ? `offset=${width * random.below(9)}`
            : `offset=${random.below(64)} align=${1 << random.below(Math.log2(width) + 1)}`;
        case "lane":
          return String(random.below(lanes));
        case "lanes":
          return Array.from({ length: 16 }, () => random.below(32)).join(" ");
        case "fence":
          return "";
        default:
          return this.constant(kind as Kind).replace(/^\(\S+ |\)$/g, "");
      }
    });
  }

  private apply(instruction: Instruction, depth: number): string {
    const { name, params, results } = instruction;
    const written = this.immediatesOf(instruction);
    const operands = (params ?? []).map((param) => {
      if (param !== 1) return this.operand(name, this.expression(typeName(param) as Kind, depth), depth);
      // Atomic accesses must be aligned.
      const address = this.index(1 << 14, depth);
      return name.includes("atomic") ? `(i32.and ${address} (i32.const -8))` : address;
    });
    const code = `(${[name, ...written, ...operands].filter((part) => part !== "").join(" ")})`;
    const result = results?.[0];
    return result === undefined ? code : this.withoutNaN(code, name, typeName(result) as Kind);
  }

  /** What instructions that trap on some operands are given: seldom one of those. */
  private operand(name: string, operand: string, depth: number): string {
    if (this.random.chance(4)) return operand;
    const [, type] = /^(i\d\d)\.(?:div|rem)_/.exec(name) ?? [];
    if (type !== undefined) return `(${type}.and (${type}.or ${operand} (${type}.const 1)) (${type}.const 0x7fffffff))`;
    const [, float] = /^i\d\d\.trunc_(f\d\d)_/.exec(name) ?? [];
    if (float === undefined) return operand;
    const small = `(${float}.convert_i32_u (i32.and ${this.few("i32", depth)} (i32.const 0xffff)))`;
    return `(${float}.mul ${small} (${float}.const ${this.random.pick(["1", "0.3", "7.7"])}))`;
  }

  private withoutNaN(code: string, name: string, kind: Kind): string {
    if (this.keepsNaNs || /const|load|reinterpret/.test(name)) return code;
    if (kind === "f32" || kind === "f64")
      return `(select (local.tee $nan_${kind} ${code}) (${kind}.const 0) (${kind}.eq (local.get $nan_${kind}) (local.get $nan_${kind})))`;
    const lanes = /^f(32x4|64x2)/.exec(name)?.[0];
    return kind !== "v128" || lanes === undefined
      ? code
      : `(v128.and (local.tee $nan_v128 ${code}) (${lanes}.eq (local.get $nan_v128) (local.get $nan_v128)))`;
  }

  /** Values that come out of control, calls and exceptions. */
  private control(kind: Kind, depth: number): string {
    const { random } = this;
    const type = written(kind);
    const label = `$l${this.labels++}`;
    switch (random.below(9)) {
      case 0:
        return `(if (result ${type}) ${this.few("i32", depth)} (then ${this.expression(kind, depth)}) (else ${this.expression(kind, depth)}))`;
      case 1:
        return `(block ${label} (result ${type}) ${this.statement(depth)} (drop (br_if ${label} ${this.expression(kind, depth)} ${this.few("i32", depth)})) ${this.few(kind, depth)})`;
      case 2:
        return `(select (result ${type}) ${this.expression(kind, depth)} ${this.expression(kind, depth)} ${this.few("i32", depth)})`;
      case 3:
        return `(local.tee $${kind}${random.below(LOCALS)} ${this.expression(kind, depth)})`;
      case 4:
        return this.call(kind, depth) ?? this.leaf(kind);
      case 5:
        return `(block ${label} (result ${type}) (block ${label}x (result ${type}) (br_table ${label} ${label}x ${label} ${this.expression(kind, depth)} ${this.few("i32", depth)})))`;
      case 6:
      case 7:
        return this.catching(kind, depth, label);
      default:
        return `(loop (result ${type}) ${this.statement(depth)} ${this.expression(kind, depth)})`;
    }
  }

  /** Functions call those before them, once each and not in loops: so that the whole comes to an end. */
  private call(kind: Kind, depth: number): string | undefined {
    const { random } = this;
    const callees = this.functions.flatMap(({ result }, i) => (result === kind ? [i] : []));
    if (this.called || this.loops > 0 || callees.length === 0) return undefined;
    this.called = true;
    const callee = random.pick(callees);
    const args = this.functions[callee].params.map((param) => this.few(param, depth)).join(" ");
    const how = random.below(3);
    if (how === 1 && this.features.has("function-references"))
      return `(call_ref $t${callee} ${args} (ref.func $f${callee}))`;
    if (how === 2) return `(call_indirect $functions (type $t${callee}) ${args} (i32.const ${callee}))`;
    return `(call $f${callee} ${args})`;
  }

  private catching(kind: Kind, depth: number, label: string): string {
    const { random } = this;
    const type = written(kind);
    const thrower = `(if ${this.few("i32", depth)} (then ${this.throwing(depth)}))`;
    if (this.legacy)
      return random.chance(40)
        ? `(try ${label} (result ${type}) (do ${thrower} ${this.expression(kind, depth)}) (catch $number (local.set $i320) ${this.few(kind, depth)}) (catch_all ${this.few(kind, depth)}))`
        : `(try ${label} (result ${type}) (do (try (result ${type}) (do ${thrower} ${this.few(kind, depth)}) (${random.pick([`delegate ${label}`, "catch_all (rethrow 0)"])}))) (catch $pair (drop) (drop) ${this.few(kind, depth)}) (catch_all ${this.few(kind, depth)}))`;
    if (!this.features.has("exceptions")) return this.leaf(kind);
    const body = `${thrower} (br ${label} ${this.expression(kind, depth)})`;
    switch (random.below(3)) {
      case 0:
        return `(block ${label} (result ${type}) (local.set $i320 (block ${label}n (result i32) (try_table (catch $number ${label}n) ${body}) (unreachable))) ${this.few(kind, depth)})`;
      case 1:
        return `(block ${label} (result ${type}) (block ${label}a (try_table (catch_all ${label}a) ${body})) ${this.few(kind, depth)})`;
      default: {
        const again = `(try_table (catch_all ${label}b) (throw_ref (block ${label}r (result exnref) (try_table (catch_all_ref ${label}r) ${body}) (unreachable))))`;
        return `(block ${label} (result ${type}) (block ${label}b ${again} (unreachable)) ${this.few(kind, depth)})`;
      }
    }
  }

  private throwing(depth: number): string {
    return this.random.chance(60)
      ? `(throw $number ${this.few("i32", depth)})`
      : `(throw $pair ${this.few("i64", depth)} ${this.few("f32", depth)})`;
  }

  // ---- references

  private reference(kind: Kind, depth: number): string {
    const { random } = this;
    const gc = this.features.has("gc");
    const array = arrays[kind];
    if (array !== undefined) {
      switch (random.below(5)) {
        case 0:
          return `(array.new $${kind} ${this.expression(array.element, depth)} (i32.or ${this.index(32, depth)} (i32.const 4)))`;
        case 1:
          return `(array.new_fixed $${kind} 4 ${[0, 1, 2, 3].map(() => this.few(array.element, depth)).join(" ")})`;
        case 2:
          if (array.element === "anyref") return this.constant(kind);
          return array.element === "funcref"
            ? `(array.new_elem $${kind} $elements (i32.const ${random.below(3)}) (i32.const ${random.below(4)}))`
            : `(array.new_data $${kind} $data (i32.const ${random.below(8)}) (i32.const ${4 + random.below(7)}))`;
        case 3:
          return this.cast(kind as Aggregate, depth);
        default:
          return `(array.new_default $${kind} (i32.or ${this.index(32, depth)} (i32.const 4)))`;
      }
    }
    switch (kind) {
      case "base":
        if (random.chance(30)) return this.expression("derived", depth);
        return random.chance(30) ? this.cast(kind, depth) : this.structure(kind, depth);
      case "derived":
        return random.chance(30) ? this.cast(kind, depth) : this.structure(kind, depth);
      case "anyref":
        if (random.chance(15)) return `(any.convert_extern ${this.expression("externref", depth)})`;
        if (random.chance(15)) return `(array.get $refs ${this.expression("refs", depth)} ${this.index(4, depth)})`;
        if (random.chance(15)) return `(struct.get $base 4 ${this.expression("base", depth)})`;
        return random.chance(30)
          ? `(ref.i31 ${this.expression("i32", depth)})`
          : this.expression(random.pick(aggregates), depth);
      case "eqref":
        return random.chance(30)
          ? `(ref.i31 ${this.expression("i32", depth)})`
          : this.expression(random.pick(aggregates), depth);
      case "externref":
        return gc && random.chance(60)
          ? `(extern.convert_any ${this.expression("anyref", depth)})`
          : `(table.get $hosts ${this.index(TABLE, depth)})`;
      case "funcref":
        return `(table.get $functions ${this.index(TABLE, depth)})`;
      case "i32":
        return this.question(depth);
      default:
        return gc ? this.read(kind, depth) : this.leaf(kind);
    }
  }

  private structure(kind: "base" | "derived", depth: number): string {
    const own = fields.slice(0, kind === "base" ? BASE_FIELDS : fields.length);
    return `(struct.new $${kind} ${own.map((field) => this.few(field.kind, depth)).join(" ")})`;
  }

  /** Casts that may fail lead elsewhere; a few trap. */
  private cast(kind: Aggregate, depth: number): string {
    const { random } = this;
    const label = `$l${this.labels++}`;
    const from = this.expression("anyref", depth);
    if (random.chance(5)) return `(ref.cast (ref null $${kind}) ${from})`;
    if (random.chance(50))
      return `(block ${label} (result (ref null $${kind})) (drop (br_on_cast ${label} anyref (ref null $${kind}) ${from})) ${this.few(kind, depth)})`;
    return `(block ${label}c (result (ref null $${kind})) (drop (block ${label} (result anyref) (br ${label}c (br_on_cast_fail ${label} anyref (ref null $${kind}) ${from})))) ${this.few(kind, depth)})`;
  }

  /** What can be asked of references, and read from structures. */
  private question(depth: number): string {
    const { random } = this;
    if (!this.features.has("gc"))
      return this.features.has("reference-types")
        ? random.pick([
            `(ref.is_null ${this.expression(random.pick(["externref", "funcref"]), depth)})`,
            "(table.size $functions)",
            `(table.grow $hosts ${this.few("externref", depth)} (i32.const 1))`,
          ])
        : this.leaf("i32");
    const label = `$l${this.labels++}`;
    const other = random.pick(aggregates);
    switch (random.below(9)) {
      case 0:
        return `(ref.test (ref ${random.chance(50) ? "null " : ""}${random.pick([`$${other}`, "i31", "struct", "array", "eq", "none"])}) ${this.expression("anyref", depth)})`;
      case 1:
        return `(ref.eq ${this.expression("eqref", depth)} ${this.expression("eqref", depth)})`;
      case 2:
        return `(ref.is_null ${this.expression(random.pick(["externref", "funcref", "anyref", other]), depth)})`;
      case 3:
        return `(array.len ${this.expression(random.pick(Object.keys(arrays)) as Kind, depth)})`;
      case 4: {
        const read = `(i31.get_${random.pick(["s", "u"])} (br_on_cast_fail ${label}n anyref (ref i31) ${this.expression("anyref", depth)}))`;
        return `(block ${label} (result i32) (drop (block ${label}n (result anyref) (br ${label} ${read}))) (i32.const 5))`;
      }
      case 5:
        if (random.chance(20)) return `(ref.is_null (ref.as_non_null ${this.expression(other, depth)}))`;
        return `(block ${label} (result i32) (block ${label}n (drop (br_on_null ${label}n ${this.expression(other, depth)})) (br ${label} (i32.const 1))) (i32.const 0))`;
      case 6:
        return `(block ${label} (result i32) (drop (block ${label}n (result (ref $${other})) (br_on_non_null ${label}n ${this.expression(other, depth)}) (br ${label} (i32.const 0)))) (i32.const 1))`;
      case 7:
        return random.pick([
          "(table.size $functions)",
          `(table.grow $hosts ${this.few("externref", depth)} (i32.const 1))`,
          "(memory.size)",
          `(memory.grow (i32.const ${random.below(2)}))`,
        ]);
      default:
        return this.read("i32", depth);
    }
  }

  private read(kind: Kind, depth: number): string {
    const { random } = this;
    const suffix = (packed: boolean): string => (packed ? random.pick(["_s", "_u"]) : "");
    const ofArrays = Object.entries(arrays).filter(([, { element }]) => element === kind);
    const ofStructures = fields.flatMap((field, i) => (field.kind === kind ? [i] : []));
    if (ofArrays.length > 0 && (ofStructures.length === 0 || random.chance(50))) {
      const [name, { packed }] = random.pick(ofArrays);
      return `(array.get${suffix(packed)} $${name} ${this.expression(name as Kind, depth)} ${this.index(4, depth)})`;
    }
    if (ofStructures.length === 0) return this.leaf(kind);
    const field = random.pick(ofStructures);
    const name = field < BASE_FIELDS && random.chance(50) ? "base" : "derived";
    return `(struct.get${suffix(fields[field].packed)} $${name} ${field} ${this.expression(name, depth)})`;
  }

  // ---- statements

  statement(depth: number): string {
    const { random } = this;
    const kind = random.pick(this.kinds);
    const pick = random.below(16);
    if (pick < 4) return `(local.set $${kind}${random.below(LOCALS)} ${this.expression(kind, depth)})`;
    if (pick < 5) return `(global.set $${kind} ${this.expression(kind, depth)})`;
    if (pick < 8) return this.apply(random.pick(this.plain.get("") as Instruction[]), depth - 1);
    if (pick < 9) return `(drop ${this.expression(kind, depth)})`;
    if (pick < 10) {
      const number = random.pick(numbers);
      return `(call $log-${number} ${this.expression(number, depth)})`;
    }
    if (depth <= 1) return `(local.set $i320 ${this.few("i32", depth)})`;
    switch (pick) {
      case 10:
        return `(if ${this.few("i32", depth)} (then ${this.statements(2, depth - 1)}) (else ${this.statements(1, depth - 1)}))`;
      case 11:
        return this.loop(depth - 1);
      case 12:
        return this.bulk(depth - 1);
      case 13:
        return this.features.has("gc") ? this.write(depth - 1) : this.bulk(depth - 1);
      case 14:
        return this.wide(depth - 1);
      default: {
        const label = `$l${this.labels++}`;
        return `(block ${label} ${this.statements(1, depth - 1)} (br_if ${label} ${this.few("i32", depth)}) ${this.statements(1, depth - 1)})`;
      }
    }
  }

  statements(count: number, depth: number): string {
    return Array.from({ length: count }, () => this.statement(depth)).join("\n    ");
  }

  private loop(depth: number): string {
    if (this.loops > 1) return this.statement(depth);
    const counter = `$c${this.counters++}`;
    const label = `$l${this.labels++}`;
    this.loops++;
    const body = this.statements(2, depth);
    this.loops--;
    return `(local.set ${counter} (i32.const ${1 + this.random.below(6)})) (loop ${label} ${body} (br_if ${label} (local.tee ${counter} (i32.sub (local.get ${counter}) (i32.const 1)))))`;
  }

  private bulk(depth: number): string {
    const { random } = this;
    const has = this.features.has("reference-types");
    if (!this.features.has("bulk-memory")) return this.statement(1);
    const [a, b] = [this.index(1 << 12, depth), this.index(1 << 12, depth)];
    const small = `(i32.const ${random.below(200)})`;
    const few = `(i32.const ${random.below(4)})`;
    const slot = `(i32.const ${random.below(TABLE - 3)})`;
    const options = [`(memory.copy ${a} ${b} ${small})`, `(memory.fill ${a} ${this.few("i32", depth)} ${small})`];
    options.push(`(memory.init $data ${a} ${few} ${few})`);
    if (random.chance(3)) options.push("(data.drop $data)", "(elem.drop $elements)");
    if (has) {
      options.push(`(table.set $hosts ${slot} ${this.few("externref", depth)})`);
      options.push(`(table.fill $hosts ${slot} ${this.few("externref", depth)} ${few})`);
      options.push(`(table.copy $hosts $hosts ${slot} ${slot} ${few})`);
      // Where calls are made through the table, it must stay as it is.
      options.push(`(table.init $others $elements ${slot} (i32.const 0) (i32.const 1))`);
    }
    return random.pick(options);
  }

  private write(depth: number): string {
    const { random } = this;
    if (random.chance(40)) {
      const field = random.below(fields.length);
      const name = field < BASE_FIELDS && random.chance(50) ? "base" : "derived";
      return `(struct.set $${name} ${field} ${this.expression(name, depth)} ${this.expression(fields[field].kind, depth)})`;
    }
    const name = random.pick(Object.keys(arrays));
    const { element } = arrays[name];
    const target = this.expression(name as Kind, depth);
    const at = this.index(4, depth);
    switch (random.below(4)) {
      case 0:
        return `(array.fill $${name} ${target} ${at} ${this.expression(element, depth)} (i32.const ${random.below(4)}))`;
      case 1:
        return `(array.copy $${name} $${name} ${target} ${at} ${this.expression(name as Kind, depth)} ${this.index(4, depth)} (i32.const ${random.below(4)}))`;
      case 2:
        if (element === "funcref")
          return `(array.init_elem $${name} $elements ${target} ${at} (i32.const ${random.below(3)}) (i32.const ${random.below(3)}))`;
        if (element !== "anyref")
          return `(array.init_data $${name} $data ${target} ${at} (i32.const ${random.below(4)}) (i32.const ${random.below(4)}))`;
    }
    return `(array.set $${name} ${target} ${at} ${this.expression(element, depth)})`;
  }

  /** Instructions with two results. */
  private wide(depth: number): string {
    if (!this.features.has("wide-arithmetic")) return this.statement(1);
    const name = this.random.pick(["add128", "sub128", "mul_wide_s", "mul_wide_u"]);
    const operands = Array.from({ length: name.startsWith("mul") ? 2 : 4 }, () => this.expression("i64", depth));
    return `(i64.${name} ${operands.join(" ")}) (local.set $i640) (local.set $i641)`;
  }

  // ---- modules

  private makeFunction(index: number): string {
    const { random } = this;
    const params = Array.from({ length: random.below(4) }, () => random.pick(numbers));
    const results = random.chance(60) ? numbers : this.kinds;
    const result = random.pick(results);
    this.params = params;
    this.leaving.begin(result);
    this.called = false;
    this.counters = 0;
    this.loops = 0;
    // Null references end a function soon.
    const begin = this.kinds
      .filter((kind) => aggregates.includes(kind as Aggregate) && !random.chance(5))
      .map((kind) => `(local.set $${kind}0 ${this.constant(kind)}) (local.set $${kind}1 ${this.constant(kind)})`);
    const body = this.statements(4 + random.below(10), 3);
    const end = this.tailCall(result) ?? this.expression(result, 4);
    this.functions.push({ params, result });
    const locals = this.kinds.flatMap((kind) =>
      Array.from({ length: LOCALS }, (_, i) => `(local $${kind}${i} ${written(kind)})`),
    );
    for (const kind of ["f32", "f64", "v128"])
      if (this.kinds.includes(kind as Kind)) locals.push(`(local $nan_${kind} ${kind})`);
    for (let i = 0; i < this.counters; i++) locals.push(`(local $c${i} i32)`);
    const signature = params.map((param, i) => `(param $p${i} ${param})`).join(" ");
    const exported = result === "v128" ? "" : `(export "f${index}")`;
    return `(func $f${index} ${exported} (type $t${index}) ${signature} (result ${written(result)})
    ${locals.join(" ")}
    ${begin.join(" ")}
    ${body}
    ${end})`;
  }

  private tailCall(result: Kind): string | undefined {
    if (!this.features.has("tail-call") || this.called || !this.random.chance(40)) return undefined;
    const code = this.call(result, 1);
    return code?.replace(/^\(call/, "(return_call");
  }

  make(): string {
    const { random, features } = this;
    const count = 3 + random.below(5);
    const bodies = Array.from({ length: count }, (_, i) => this.makeFunction(i));
    const has = (feature: Feature, text: string): string => (features.has(feature) ? text : "");
    const types = this.functions.map(
      ({ params, result }, i) =>
        `(type $t${i} (func ${params.map((param) => `(param ${param})`).join(" ")} (result ${written(result)})))`,
    );
    const names = this.functions.map((_, i) => `$f${i}`).join(" ");
    const globals = this.kinds.map((kind) => {
      const zero = numbers.includes(kind)
        ? `(${kind}.const 0)`
        : kind === "v128"
          ? "(v128.const i64x2 0 0)"
          : `(ref.null ${kind === "externref" ? "extern" : kind === "funcref" ? "func" : "none"})`;
      return `(global $${kind} (mut ${written(kind)}) ${zero})`;
    });
    const bytes = [...random.bytes(200)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
    return `(module ${has("gc", typeDefinitions)} ${types.join(" ")}
  ${numbers.map((kind) => `(import "fuzzing-support" "log-${kind}" (func $log-${kind} (param ${kind})))`).join(" ")}
  (memory 1 3) (data (i32.const ${random.below(9000)}) "${bytes}") (data $data "${bytes}")
  (table $functions ${TABLE} ${TABLE} funcref) (elem (table $functions) (i32.const 0) func ${names})
  ${has("reference-types", `(table $hosts ${TABLE} 20 externref) (table $others ${TABLE} ${TABLE} funcref) (elem $elements funcref (ref.func $f0) (ref.null func) (ref.func $f1) (ref.func $f0) (ref.func $f2))`)}
  ${this.legacy || features.has("exceptions") ? "(tag $number (param i32)) (tag $pair (param i64 f32))" : ""}
  ${globals.join(" ")}
  ${bodies.join("\n  ")})`;
  }
}

/**
 * The text of a module whose code is executed, of these features.
 * @param keepsNaNs whether NaNs are left as they come, and relaxed instructions used: for guests that are deterministic
 */
export function operationsText(random: Random, features: ReadonlySet<Feature>, keepsNaNs = false): string {
  return new ModuleMaker(random, features, keepsNaNs).make();
}

/** The same in the binary format. */
export function generateOperations(random: Random, features: ReadonlySet<Feature>, keepsNaNs = false): Uint8Array {
  return encodeModule(parseModule(operationsText(random, features, keepsNaNs), allFeatures).module);
}

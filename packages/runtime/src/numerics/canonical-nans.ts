import { lebAt, shapes, skipImmediates, skipLeb, skipValueType } from "../metering/instruction-shape.ts";
import { instructions } from "../wasm/instructions.ts";
import type { FunctionBody, WasmModule } from "../wasm/module.ts";
import { isPrefix, opcodeSlot, prefixedSlot } from "../wasm/opcode-slots.ts";
import * as OP from "../wasm/opcodes.ts";
import { F32, F64, type FunctionType, type StructType, V128, type ValueType } from "../wasm/types.ts";

/**
 * Where arithmetic NaNs are made canonical (specification, deterministic profile): after which instructions of a function.
 *
 * WebAssembly leaves open which NaN arithmetic gives. Here it is the positive canonical one on every engine, wherever a guest could see
 * another. Most results of arithmetic are operands of further arithmetic, of comparisons or of conversions to integers, which do not see a NaN's bits. This
 * analysis follows each result to its uses. It names an instruction only if one of the uses sees bits: a store, a reinterpretation, a call, a global,
 * a branch that carries values. Instructions that keep bits, such as loads, `neg`, `copysign` and `select`, are never changed themselves.
 */
export type CanonicalNans = ReadonlyMap<number, NanKind>;

/** What is on the stack: a float, or a vector by its lanes. */
export const NAN = { f32: 1, f64: 2, f32x4: 3, f64x2: 4 } as const;
export type NanKind = (typeof NAN)[keyof typeof NAN];

/** What instructions do with the bits of a NaN. */
const ROLE = {
  /** Sees every bit of its operands. */
  observes: 0,
  /** Gives an arithmetic NaN for one. */
  arithmetic: 1,
  /** Compares, or converts to integers. */
  compares: 2,
  /** Gives no NaN: converts from integers. */
  converts: 3,
  /** Changes the sign alone. */
  sign: 4,
  copysign: 5,
  /** Gives one of its operands. */
  picks: 6,
  splat: 7,
  extract: 8,
  replace: 9,
} as const;

interface Rule {
  readonly role: number;
  readonly operands: number;
  readonly results: number;
  /** The kind of its operands, and of what it gives; 0 where they are no floats. */
  readonly from: number;
  readonly to: number;
}

const KINDS: ReadonlyMap<string, number> = new Map(Object.entries(NAN));
const ARITHMETIC = /\.(add|sub|mul|div|sqrt|min|max|ceil|floor|trunc|nearest|relaxed_n?madd|relaxed_min|relaxed_max)$/;

function roleOf(name: string): readonly [role: number, from: number, to: number] {
  const kind = KINDS.get(name.slice(0, name.indexOf("."))) ?? 0;
  const source = /_(f32x4|f64x2|f32|f64)(_|$)/.exec(name)?.[1];
  const from = source === undefined ? kind : (KINDS.get(source) as number);
  if (kind === 0) {
    return source !== undefined && name.includes("trunc") ? [ROLE.compares, from, 0] : [ROLE.observes, 0, 0];
  }
  if (ARITHMETIC.test(name) || /demote|promote/.test(name)) return [ROLE.arithmetic, from, kind];
  if (/\.(eq|ne|lt|gt|le|ge)$/.test(name)) return [ROLE.compares, kind, 0];
  if (name.includes(".convert")) return [ROLE.converts, 0, kind];
  if (/\.(abs|neg)$/.test(name)) return [ROLE.sign, kind, kind];
  if (name.endsWith(".copysign")) return [ROLE.copysign, kind, kind];
  if (/\.p(min|max)$/.test(name)) return [ROLE.picks, kind, kind];
  if (name.endsWith(".splat")) return [ROLE.splat, kind - 2, kind];
  if (name.endsWith(".extract_lane")) return [ROLE.extract, kind, kind - 2];
  if (name.endsWith(".replace_lane")) return [ROLE.replace, kind, kind];
  return [ROLE.observes, 0, 0];
}

/** For each instruction with a signature its rule, by slot. */
const rules: (Rule | undefined)[] = new Array(shapes.length).fill(undefined);
for (const { opcode, name, params, results } of instructions) {
  if (params === undefined || results === undefined) continue;
  const [role, from, to] = roleOf(name);
  const rule = { role, operands: params.length, results: results.length, from, to };
  rules[opcodeSlot(opcode)] = rule;
}

/** What instructions take from the stack and give that have no signature in the table, and no place in the analysis. */
const effectsByName: ReadonlyMap<string, readonly [taken: number, given: number]> = new Map(
  Object.entries({
    "ref.null": [0, 1],
    "ref.is_null": [1, 1],
    "ref.func": [0, 1],
    "ref.as_non_null": [1, 1],
    "ref.test": [1, 1],
    "ref.cast": [1, 1],
    br_on_null: [1, 1],
    br_on_non_null: [1, 0],
    br_on_cast: [1, 1],
    br_on_cast_fail: [1, 1],
    "any.convert_extern": [1, 1],
    "extern.convert_any": [1, 1],
    "table.get": [1, 1],
    "table.set": [2, 0],
    "table.grow": [2, 1],
    "table.size": [0, 1],
    "table.fill": [3, 0],
    "table.init": [3, 0],
    "table.copy": [3, 0],
    "memory.init": [3, 0],
    "memory.copy": [3, 0],
    "memory.fill": [3, 0],
    "struct.new_default": [0, 1],
    "struct.get": [1, 1],
    "struct.get_s": [1, 1],
    "struct.get_u": [1, 1],
    "struct.set": [2, 0],
    "array.new": [2, 1],
    "array.new_default": [1, 1],
    "array.new_data": [2, 1],
    "array.new_elem": [2, 1],
    "array.get": [2, 1],
    "array.get_s": [2, 1],
    "array.get_u": [2, 1],
    "array.set": [3, 0],
    "array.fill": [4, 0],
    "array.copy": [5, 0],
    "array.init_data": [4, 0],
    "array.init_elem": [4, 0],
  } as Record<string, readonly [number, number]>),
);
const effects: (readonly [number, number] | undefined)[] = new Array(shapes.length).fill(undefined);
for (const { opcode, name } of instructions) effects[opcodeSlot(opcode)] = effectsByName.get(name);

const STRUCT_NEW = opcodeSlot(OP.STRUCT_NEW);
const ARRAY_NEW_FIXED = opcodeSlot(OP.ARRAY_NEW_FIXED);
const VECTOR_CONST = opcodeSlot(OP.V128_CONST);

/** A value that may be an arithmetic NaN which is not canonical. */
interface Value {
  /** As what it may be used without a look at its bits. */
  readonly kind: number;
  /** The instructions that made it: places, and kinds. */
  readonly made: readonly (readonly [at: number, kind: NanKind])[];
  /** Its sign may be another than when it was made. */
  readonly signed: boolean;
}

/** On the stack: a value, or one whose bits are exact, or one that is no NaN. */
type Entry = Value | "exact" | "number";

interface Frame {
  readonly height: number;
  readonly isLoop: boolean;
  readonly params: number;
  readonly results: number;
}

/** Opcodes that begin a function's use of floats: without one of these there is nothing to do. */
function hasArithmetic({ bytes, start, end }: FunctionBody): boolean {
  for (let pos = start; pos < end; ) {
    const opcode = bytes[pos++];
    if (!isPrefix(opcode)) {
      if (rules[opcode]?.role === ROLE.arithmetic) return true;
      pos = skipImmediates(bytes, pos, shapes[opcode]);
      continue;
    }
    const index = prefixedSlot(opcode, lebAt(bytes, pos));
    if (rules[index]?.role === ROLE.arithmetic) return true;
    pos = skipImmediates(bytes, skipLeb(bytes, pos), shapes[index]);
  }
  return false;
}

const none: CanonicalNans = new Map();

/** @param bodyIndex that of a validated function of the module */
export function canonicalNans(syntax: WasmModule, bodyIndex: number): CanonicalNans {
  const body = syntax.bodies[bodyIndex];
  return hasArithmetic(body) ? new Analysis(syntax, bodyIndex).run() : none;
}

class Analysis {
  private readonly syntax: WasmModule;
  private readonly body: FunctionBody;
  private readonly signature: FunctionType;
  private readonly params: number;
  /** The type of each local. */
  private readonly types: ValueType[];
  /**
   * Of each local: the kind of what arithmetic alone has put there, 0 if nothing has been put there yet, or -1 if it may hold a NaN whose bits must be kept. A
   * result of arithmetic is canonical before it goes into one of those, and else when it comes out.
   */
  private readonly locals: Int8Array;
  private changed = false;
  private found: Map<number, NanKind> = new Map();
  private stack: Entry[] = [];
  private frames: Frame[] = [];

  constructor(syntax: WasmModule, bodyIndex: number) {
    this.syntax = syntax;
    this.body = syntax.bodies[bodyIndex];
    const functionIndex = syntax.importCounts.func + bodyIndex;
    this.signature = syntax.types[syntax.functions[functionIndex]].composite as FunctionType;
    this.params = this.signature.params.length;
    this.types = [...this.signature.params];
    for (const { count, type } of this.body.locals) for (let i = 0; i < count; i++) this.types.push(type);
    this.locals = new Int8Array(this.types.length);
    this.locals.fill(-1, 0, this.params);
  }

  run(): CanonicalNans {
    // What a local may hold depends on what others may hold. A local that may hold a bit pattern stays one, so this ends.
    do {
      this.changed = false;
      this.found = new Map();
      this.walk();
    } while (this.changed);
    return this.found;
  }

  private push(entry: Entry, count = 1): void {
    for (; count > 0; count--) this.stack.push(entry);
  }

  /** Pops; below what unreachable code leaves open there is nothing. */
  private pop(): Entry {
    const { stack, frames } = this;
    return stack.length > frames[frames.length - 1].height ? (stack.pop() as Entry) : "exact";
  }

  /** Somebody sees the bits of the value. */
  private observe(entry: Entry): void {
    if (typeof entry === "string") return;
    for (const [at, kind] of entry.made) this.found.set(at, kind);
  }

  private observePopped(count: number): void {
    for (; count > 0; count--) this.observe(this.pop());
  }

  /** As {@link observePopped}, but they stay. */
  private observeTop(count: number): void {
    const { stack, frames } = this;
    const { height } = frames[frames.length - 1];
    for (let i = stack.length - 1; i >= Math.max(height, stack.length - count); i--) this.observe(stack[i]);
  }

  /** An operand of an instruction that does not look at bits, if it is of its kind. */
  private absorb(kind: number): void {
    const entry = this.pop();
    if (typeof entry !== "string" && entry.kind !== kind) this.observe(entry);
  }

  private set(local: number, entry: Entry): void {
    const { locals } = this;
    const type = this.types[local];
    if (type !== F32 && type !== F64 && type !== V128) return;
    const before = locals[local];
    if (entry === "number") return;
    if (before >= 0 && typeof entry !== "string" && !entry.signed && (before === 0 || before === entry.kind)) {
      if (before === 0) this.change(local, entry.kind);
      return;
    }
    this.observe(entry);
    if (before !== -1) this.change(local, -1);
  }

  private change(local: number, kind: number): void {
    this.locals[local] = kind;
    this.changed = true;
  }

  private get(local: number, at: number): Entry {
    const kind = this.locals[local];
    if (kind === -1) return "exact";
    return kind === 0 ? "number" : made(at, kind as NanKind, kind);
  }

  private begin(bytes: Uint8Array, pos: number, isLoop: boolean): number {
    const code = bytes[pos];
    let params = 0;
    let results = 0;
    let end = pos + 1;
    if (code === 0x63 || code === 0x64) {
      results = 1;
      end = skipValueType(bytes, pos);
    } else if (code >= 0x40 && code < 0x80) results = code === 0x40 ? 0 : 1;
    else {
      const type = this.syntax.types[lebAt(bytes, pos)].composite as FunctionType;
      params = type.params.length;
      results = type.results.length;
      end = skipLeb(bytes, pos);
    }
    this.observePopped(params);
    this.frames.push({ height: this.stack.length, isLoop, params, results });
    this.push("exact", params);
    return end;
  }

  private end(): void {
    const { frames } = this;
    const { height, results } = frames[frames.length - 1];
    this.observeTop(results);
    this.stack.length = height;
    frames.pop();
    this.push("exact", results);
  }

  private carried(depth: number): number {
    const frame = this.frames[this.frames.length - 1 - depth];
    return frame.isLoop ? frame.params : frame.results;
  }

  private call(typeIndex: number, others: number): void {
    const { params, results } = this.syntax.types[typeIndex].composite as FunctionType;
    this.observePopped(params.length + others);
    this.push("exact", results.length);
  }

  private walk(): void {
    const { bytes, start, end } = this.body;
    const { syntax } = this;
    this.stack = [];
    this.frames = [{ height: 0, isLoop: false, params: 0, results: this.signature.results.length }];
    for (let pos = start; pos < end; ) {
      const at = pos;
      const opcode = bytes[pos++];
      switch (opcode) {
        case 0x01: // nop
          break;
        case 0x02: // block
        case 0x06: // try
          pos = this.begin(bytes, pos, false);
          break;
        case 0x03: // loop
          pos = this.begin(bytes, pos, true);
          break;
        case 0x04: // if
          this.pop();
          pos = this.begin(bytes, pos, false);
          break;
        case 0x1f: {
          // try_table
          pos = this.begin(bytes, pos, false);
          let count = lebAt(bytes, pos);
          for (pos = skipLeb(bytes, pos); count > 0; count--) {
            if (bytes[pos++] < 2) pos = skipLeb(bytes, pos);
            pos = skipLeb(bytes, pos);
          }
          break;
        }
        case 0x05: // else
        case 0x07: // catch
        case 0x19: {
          // catch_all
          const frame = this.frames[this.frames.length - 1];
          this.observeTop(frame.results);
          this.stack.length = frame.height;
          if (opcode === OP.ELSE) this.push("exact", frame.params);
          else if (opcode === OP.CATCH) {
            const type = syntax.tags[lebAt(bytes, pos)];
            this.push("exact", (syntax.types[type].composite as FunctionType).params.length);
            pos = skipLeb(bytes, pos);
          }
          break;
        }
        case 0x18: // delegate
          pos = skipLeb(bytes, pos);
          this.end();
          break;
        case 0x0b: // end
          this.end();
          break;
        case 0x0c: // br
          this.observeTop(this.carried(lebAt(bytes, pos)));
          pos = skipLeb(bytes, pos);
          this.leave();
          break;
        case 0x0d: // br_if
          this.pop();
          this.observeTop(this.carried(lebAt(bytes, pos)));
          pos = skipLeb(bytes, pos);
          break;
        case 0x0e: {
          // br_table
          this.pop();
          let count = lebAt(bytes, pos) + 1;
          for (pos = skipLeb(bytes, pos); count > 0; count--) {
            this.observeTop(this.carried(lebAt(bytes, pos)));
            pos = skipLeb(bytes, pos);
          }
          this.leave();
          break;
        }
        case 0x00: // unreachable
        case 0x08: // throw
        case 0x09: // rethrow
        case 0x0a: // throw_ref
        case 0x0f: // return
        case 0x12: // return_call
        case 0x13: // return_call_indirect
        case 0x15: // return_call_ref
          // Whatever they take is seen: by the caller, by a handler, by another function.
          this.observeTop(this.stack.length);
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          this.leave();
          break;
        case 0x10: // call
          this.call(syntax.functions[lebAt(bytes, pos)], 0);
          pos = skipLeb(bytes, pos);
          break;
        case 0x11: // call_indirect
        case 0x14: // call_ref
          this.call(lebAt(bytes, pos), 1);
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          break;
        case 0x1a: // drop
          this.pop();
          break;
        case 0x1b: // select
        case 0x1c: // select
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          this.pop();
          this.push(either(this.pop(), this.pop()));
          break;
        case 0x20: // local.get
          this.push(this.get(lebAt(bytes, pos), at));
          pos = skipLeb(bytes, pos);
          break;
        case 0x21: // local.set
          this.set(lebAt(bytes, pos), this.pop());
          pos = skipLeb(bytes, pos);
          break;
        case 0x22: {
          // local.tee
          const entry = this.pop();
          this.set(lebAt(bytes, pos), entry);
          this.push(entry);
          pos = skipLeb(bytes, pos);
          break;
        }
        case 0x23: // global.get
          this.push("exact");
          pos = skipLeb(bytes, pos);
          break;
        case 0x24: // global.set
          this.observe(this.pop());
          pos = skipLeb(bytes, pos);
          break;
        case 0x43: // f32.const
        case 0x44: {
          // f64.const
          const [low, high] = opcode === OP.F32_CONST ? [pos + 2, pos + 3] : [pos + 6, pos + 7];
          const exponent = (bytes[high] & 0x7f) === 0x7f && bytes[low] >= (opcode === OP.F32_CONST ? 0x80 : 0xf0);
          this.push(exponent ? "exact" : "number");
          pos = high + 1;
          break;
        }
        default: {
          let index: number = opcode;
          if (isPrefix(opcode)) {
            index = prefixedSlot(opcode, lebAt(bytes, pos));
            pos = skipLeb(bytes, pos);
          }
          const immediates = pos;
          pos = skipImmediates(bytes, pos, shapes[index]);
          const rule = rules[index];
          if (rule === undefined) this.special(index, bytes, immediates);
          else this.apply(rule, at, index === VECTOR_CONST && isZero(bytes, immediates));
        }
      }
    }
  }

  /** What follows cannot be reached: what it takes from the stack is nothing. */
  private leave(): void {
    this.stack.length = this.frames[this.frames.length - 1].height;
  }

  private apply({ role, operands, results, from, to }: Rule, at: number, isZero: boolean): void {
    switch (role) {
      case ROLE.arithmetic:
        for (let i = 0; i < operands; i++) this.absorb(from);
        this.push(made(at, to as NanKind, to));
        return;
      case ROLE.compares:
        for (let i = 0; i < operands; i++) this.absorb(from);
        this.push("exact");
        return;
      case ROLE.converts:
        this.observePopped(operands);
        this.push("number");
        return;
      case ROLE.copysign:
        this.observe(this.pop());
        this.push(this.as(this.pop(), from, to, true));
        return;
      case ROLE.sign:
        this.push(this.as(this.pop(), from, to, true));
        return;
      case ROLE.splat:
      case ROLE.extract:
        this.push(this.as(this.pop(), from, to, false));
        return;
      case ROLE.replace: {
        const lane = this.as(this.pop(), to - 2, to, false);
        this.push(either(this.as(this.pop(), from, to, false), lane));
        return;
      }
      case ROLE.picks: {
        const second = this.as(this.pop(), from, to, false);
        this.push(either(this.as(this.pop(), from, to, false), second));
        return;
      }
      default:
        this.observePopped(operands);
        this.push(isZero ? "number" : "exact", results);
    }
  }

  /** A value with some of its bits moved, but none seen; one of another kind is seen. */
  private as(entry: Entry, from: number, to: number, signed: boolean): Entry {
    if (typeof entry === "string") return entry;
    if (entry.kind !== from) {
      this.observe(entry);
      return "exact";
    }
    return { kind: to, made: entry.made, signed: signed || entry.signed };
  }

  /** Instructions without a signature of their own: those on references, structures, arrays and tables. All that is on the stack is seen. */
  private special(index: number, bytes: Uint8Array, immediates: number): void {
    this.observeTop(this.stack.length);
    const [taken, given] = this.effect(index, bytes, immediates);
    for (let i = 0; i < taken; i++) this.pop();
    this.push("exact", given);
  }

  private effect(index: number, bytes: Uint8Array, immediates: number): readonly [number, number] {
    if (index === STRUCT_NEW) {
      const type = this.syntax.types[lebAt(bytes, immediates)].composite as StructType;
      return [type.fields.length, 1];
    }
    if (index === ARRAY_NEW_FIXED) return [lebAt(bytes, skipLeb(bytes, immediates)), 1];
    const known = effects[index];
    if (known === undefined) throw new Error(`nothing is known of what instruction ${index} takes`);
    return known;
  }
}

function made(at: number, kind: NanKind, as: number): Value {
  return { kind: as, made: [[at, kind]], signed: false };
}

/** One of two values. */
function either(a: Entry, b: Entry): Entry {
  if (typeof a === "string") return typeof b === "string" ? (a === "number" ? b : a) : mixed(b, a);
  if (typeof b === "string") return mixed(a, b);
  return { kind: a.kind === b.kind ? a.kind : 0, made: [...a.made, ...b.made], signed: a.signed || b.signed };
}

/** A value that may also be one that arithmetic did not make, whose bits must be kept: it is as if its sign had changed. */
function mixed(value: Value, other: "exact" | "number"): Value {
  return other === "number" ? value : { ...value, signed: true };
}

function isZero(bytes: Uint8Array, pos: number): boolean {
  for (let i = 0; i < 16; i++) if (bytes[pos + i] !== 0) return false;
  return true;
}

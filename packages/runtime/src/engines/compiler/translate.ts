import { readBlockType, readMemArg } from "../../binary/instruction-reader.ts";
import { Reader } from "../../binary/reader.ts";
import { readHeapType, readValueType } from "../../binary/type-reader.ts";
import { shapes, skipImmediates } from "../../metering/instruction-shape.ts";
import { type FunctionPlan, planFunction } from "../../metering/plan.ts";
import { type CanonicalNans, canonicalNans, NAN, type NanKind } from "../../numerics/canonical-nans.ts";
import { floatsKeepBits } from "../../numerics/floats.ts";
import type { ValidModule } from "../../validation/validate.ts";
import type { FunctionBody } from "../../wasm/module.ts";
import { isPrefix, opcodeSlot, VECTOR_PREFIX } from "../../wasm/opcode-slots.ts";
import * as OP from "../../wasm/opcodes.ts";
import {
  F32,
  F64,
  type FunctionType,
  heapTypeOfIndex,
  I32,
  I64,
  isReference,
  NULLABLE_FLAG,
  referenceType,
  V128,
  type ValueType,
} from "../../wasm/types.ts";
import { ControlTranslator } from "./control.ts";
import { LongTranslator } from "./i64.ts";
import { type Recursion, recursionOf } from "./inlining.ts";
import { isNumberAccess, MemoryTranslator } from "./memory-access.ts";
import { isHarmless } from "./names.ts";
import { divisionByConstant, keepsBits, numericRule } from "./numeric.ts";
import { constant, FLAG, isConstant, isRounded, type Operand, Operands, operandOf } from "./operands.ts";
import { ResourceTranslator } from "./resources.ts";
import { support } from "./support.ts";
import { VectorLocals } from "./vector-locals.ts";
import { VectorTranslator } from "./vectors.ts";

/** What code is made for: instances of one module may differ in these. */
export interface TranslateOptions {
  /** Whether frames are counted against `callDepth`. */
  readonly depth: boolean;
  /** Whether NaNs that arithmetic makes are canonical. */
  readonly deterministic?: boolean;
  /** Whether there is no interpreter to leave large functions to. */
  readonly alone: boolean;
  /** Whether the text is for any platform. Otherwise it is for this one, which may keep the bits of an f64 without help. */
  readonly ahead?: boolean;
  /** What translates instructions of further proposals: `proposalTranslators`, or nothing. */
  readonly parts?: readonly (new (
    translation: Translation,
  ) => TranslatorPart)[];
  /** What translates functions that are too large for one of JavaScript: `PieceTranslation`, or nothing. */
  readonly pieces?: typeof Translation;
}

/** Translates the instructions of a proposal that some runtimes do without. */
export interface TranslatorPart {
  /** @returns false for an instruction that is none of these, of which nothing has been read */
  translate(opcode: number): boolean;
}

/**
 * Larger functions are left to the interpreter: V8 never optimises more than 60 KB of its bytecode, and unoptimised JavaScript is slower
 * than the interpreter. A character of JavaScript here makes about a byte of bytecode, from 0.82 to 1.05 in functions of SQLite, QuickJS and Go.
 */
export const MAX_CODE = 60_000;
/** So much of the text is not even looked at further: marks and lines that go may make it longer than what comes of it. */
const MAX_DRAFT = 4 * MAX_CODE;
/**
 * Without an interpreter larger functions are translated all the same, up to so many more characters for each byte of code: an instruction that
 * carries a thousand values takes two bytes.
 */
const DRAFT_PER_BYTE = 100;
/** Operands on the stack at once, of which each instruction may look at all: somewhat more than a structure can have fields. */
const MAX_HEIGHT = 12_000;
/** Parsers of JavaScript recurse; what nests deeper is left to the interpreter. Without one it is tried. */
const MAX_NESTING = 300;
const MAX_NESTING_ALONE = 2000;

/** Something that this engine leaves to the interpreter. */
export class Unsupported extends Error {}

/**
 * Translates one function to JavaScript: structured control becomes labelled blocks, the operand stack expressions. The text is the body
 * of a function of the parts of the instance that it names (see `names.ts`), which returns the translated function.
 */
export class Translation {
  readonly valid: ValidModule;
  readonly index: number;
  readonly type: FunctionType;
  readonly body: FunctionBody;
  readonly plan: FunctionPlan;
  readonly options: TranslateOptions;
  /** The function as it stands around its call that this one takes the place of. */
  readonly caller: Translation | undefined;
  /** How many of these there are around this one. */
  readonly level: number;
  readonly recursion: Recursion;
  readonly ops: Operands;
  readonly marking: boolean;
  readonly reader: Reader;
  readonly locals: ValueType[];
  private readonly vectorLocals: VectorLocals;
  /** Locals that hold a constant vector: until control may arrive from elsewhere. Its lanes are literals of either form. */
  private readonly knownVectors: Map<number, Operand> = new Map();
  /** Locals that hold what arithmetic has made, and so no signalling NaN: until then. */
  private readonly roundedLocals: Set<number> = new Set();
  /** What the text uses of the instance: see `names.ts`. */
  readonly names: Set<string>;
  /** Whether fuel is counted in the local `g` while the function runs, and not in the meter. */
  readonly localFuel: boolean;
  /** Whether an f64 that arithmetic has not made can be stored as any other number. */
  readonly keepsF64: boolean;
  private readonly nans: CanonicalNans | undefined;
  readonly long: LongTranslator;
  readonly memory: MemoryTranslator;
  readonly vectors: VectorTranslator;
  readonly resources: ResourceTranslator;
  private readonly parts: readonly TranslatorPart[];
  readonly control: ControlTranslator;
  private nextBlock = 0;
  private labels = 0;
  /** Whether it may throw by more than calls, loops and what it uses by name. */
  mayThrow = false;
  /** Whether it returns to the loop that continues tail calls. */
  hasTailCalls = false;

  /**
   * @param marking whether to put marks into the text: see `positions.ts`
   * @param caller for the body of the function that takes the place of a call in it
   */
  constructor(valid: ValidModule, index: number, options: TranslateOptions, marking = false, caller?: Translation) {
    this.marking = marking;
    this.caller = caller;
    this.level = caller === undefined ? 0 : caller.level + 1;
    // All text needs this one. An object comes first, since an array of parts must not be one of doubles, in which a platform may change a NaN.
    this.names = caller?.names ?? new Set(["U"]);
    const need = (name: string): string => this.need(name);
    this.ops = caller?.ops ?? new Operands(need, marking);
    const { module } = valid;
    this.valid = valid;
    this.index = index;
    this.options = options;
    this.keepsF64 = options.ahead !== true && floatsKeepBits();
    const bodyIndex = index - module.importCounts.func;
    this.nans = options.deterministic ? (caller?.nans ?? canonicalNans(module, bodyIndex)) : undefined;
    this.type = this.functionType(module.functions[index]);
    this.body = module.bodies[bodyIndex];
    this.plan = caller?.plan ?? planFunction(module, bodyIndex);
    this.recursion = caller?.recursion ?? recursionOf(this.body, this.plan, this.type, index);
    this.localFuel = this.plan.hasLoops;
    this.reader = new Reader(this.body.bytes, this.body.start, this.body.end);
    this.locals = [...this.type.params];
    for (const { count, type } of this.body.locals) {
      if (count > 5000) throw new Unsupported("too many locals");
      for (let i = 0; i < count; i++) this.locals.push(type);
    }
    if (this.locals.length > 5000) throw new Unsupported("too many locals");
    this.vectorLocals = caller?.vectorLocals ?? new VectorLocals(this.body, this.locals);
    this.long = caller?.long ?? new LongTranslator(this.ops, need);
    this.memory = caller?.memory ?? new MemoryTranslator(this.ops, module.memories, need, this.keepsF64);
    this.vectors = new VectorTranslator(this);
    this.resources = new ResourceTranslator(this);
    this.parts = options.parts?.map((Part) => new Part(this)) ?? none;
    this.control = this.makeControl();
  }

  protected makeControl(): ControlTranslator {
    return new ControlTranslator(this);
  }

  need(name: string): string {
    this.names.add(name);
    return name;
  }

  /** The function once more, to stand in the place of a call in it. */
  nested(): Translation {
    return new Translation(this.valid, this.index, this.options, this.marking, this);
  }

  /** A number for a label that is not yet in the text. */
  newLabel(): number {
    return this.caller === undefined ? this.labels++ : this.caller.newLabel();
  }

  /** @returns the text; @throws Unsupported */
  translate(): string {
    this.control.begin();
    this.walk();
    return this.assemble();
  }

  // ---- locals

  /** The number of a local among those of all levels. */
  private numberOf(index: number): number {
    return this.level * this.locals.length + index;
  }

  /** The variables of a local, as an operand that reads it. */
  local(index: number): Operand {
    const type = this.locals[index];
    const number = this.numberOf(index);
    const rounded = this.roundedLocals.has(index);
    if (type !== V128) {
      const high = type === I64 ? `h${number}` : "";
      return operandOf(type, `l${number}`, high, FLAG.atom, [number], none, "", rounded);
    }
    const web = this.vectorLocals.web(this.reader.pos);
    const floats = this.vectorLocals.isFloat(web);
    return operandOf(type, "", "", FLAG.atom, [number], none, "", rounded, webLanes(web), floats);
  }

  getLocal(index: number): void {
    this.ops.push(this.knownVectors.get(index) ?? this.local(index));
  }

  setLocal(index: number, isTee: boolean): void {
    const { ops } = this;
    const operand = ops.top();
    if ((operand.flags & FLAG.traps) !== 0) ops.flush(FLAG.traps, 1);
    ops.beforeSet(this.numberOf(index), 1);
    ops.pop();
    ops.assign(this.local(index), operand);
    if (isConstant(operand) && operand.type === V128) this.knownVectors.set(index, operand);
    else this.knownVectors.delete(index);
    if (isRounded(operand)) this.roundedLocals.add(index);
    else this.roundedLocals.delete(index);
    ops.release(operand.temps);
    if (isTee) this.getLocal(index);
  }

  /** Control may arrive from elsewhere: what locals hold is not known any more. */
  forgetLocals(): void {
    this.knownVectors.clear();
    this.roundedLocals.clear();
  }

  // ---- fuel

  /** The counter as it can be read and written. */
  get fuel(): string {
    return this.localFuel ? "g" : "U[0]";
  }

  charge(cost: number): void {
    if (cost === 0) return;
    // A trap in what stands before the block must not have paid for it.
    this.ops.flush(FLAG.traps);
    this.ops.emit(`${this.fuel} = ${this.fuel} - ${cost} | 0;`);
  }

  /** Charges and stops where there is less than nothing left. */
  chargeAndCheck(cost: number): string {
    this.need(this.localFuel ? "R" : "refuel");
    const charged = cost === 0 ? this.fuel : `(${this.fuel} = ${this.fuel} - ${cost} | 0)`;
    return `if (${charged} < 0) ${this.localFuel ? "g = R(g) | 0;" : "refuel();"}`;
  }

  /** Before anything that looks at the meter or may call a guest. */
  giveFuel(): void {
    if (this.localFuel) this.ops.emit("U[0] = g;");
  }

  /** After that: the meter may have changed. */
  takeFuel(): void {
    if (this.localFuel) this.ops.emit("g = U[0];");
  }

  // ---- walking the code

  walk(): void {
    const { reader, plan, control, ops } = this;
    const { bytes } = reader;
    const { offsets, costs } = plan;
    while (reader.pos < reader.end) {
      const at = reader.pos;
      ops.offset = at;
      while (this.nextBlock < offsets.length && offsets[this.nextBlock] < at) this.nextBlock++;
      if (this.nextBlock < offsets.length && offsets[this.nextBlock] === at && control.live) {
        control.enterMeteredBlock(costs[this.nextBlock]);
        this.nextBlock++;
      }
      const first = bytes[reader.pos++];
      const opcode = isPrefix(first) ? (first << 12) | reader.u32() : first;
      if (control.live) {
        this.instruction(opcode);
        const kind = this.nans?.get(at);
        if (kind !== undefined) this.canonicalise(kind);
      } else this.skip(opcode);
      if (ops.size > this.maxDraft && !this.marking) throw new Unsupported("too large");
      if (ops.height > MAX_HEIGHT) throw new Unsupported("too many operands");
    }
  }

  /** The cost of the block that begins at the cursor, which the caller then charges. */
  takeBlock(): number {
    const { offsets, costs } = this.plan;
    while (this.nextBlock < offsets.length && offsets[this.nextBlock] < this.reader.pos) this.nextBlock++;
    return offsets[this.nextBlock] === this.reader.pos ? costs[this.nextBlock++] : 0;
  }

  /** Code that cannot be reached is only followed to where it ends. */
  private skip(opcode: number): void {
    const { reader, control } = this;
    if (control.skipping(opcode)) return;
    const shape = shapes[opcodeSlot(opcode)];
    reader.pos = skipImmediates(reader.bytes, reader.pos, shape);
  }

  private instruction(opcode: number): void {
    const { ops, reader } = this;
    const rule = numericRule(opcode);
    if (rule !== undefined) {
      this.numeric(opcode, rule);
      return;
    }
    if (isNumberAccess(opcode)) {
      this.memory.translate(opcode, readMemArg(reader));
      return;
    }
    switch (opcode) {
      case 0x01: // nop
        return;
      case 0x1a: // drop
        ops.truncate(ops.height - 1, true);
        return;
      case 0x1b: // select
        this.select(ops.top(1).type);
        return;
      case 0x1c: // select
        reader.u32();
        this.select(this.readType());
        return;
      case 0x20: // local.get
        this.getLocal(reader.u32());
        return;
      case 0x21: // local.set
        this.setLocal(reader.u32(), false);
        return;
      case 0x22: // local.tee
        this.setLocal(reader.u32(), true);
        return;
      case 0x41: // i32.const
        ops.push(constant(I32, String(reader.s32())));
        return;
      case 0x42: {
        // i64.const
        const low = reader.s64Low();
        ops.push(constant(I64, String(low), String(reader.high)));
        return;
      }
      case 0x43: // f32.const
        ops.push(constant(F32, this.float32(reader.fixed32())));
        return;
      case 0x44: // f64.const
        ops.push(constant(F64, this.float64(reader.fixed32(), reader.fixed32())));
        return;
      case 0x77: // i32.rotl
      case 0x78: // i32.rotr
        this.rotate(opcode === OP.I32_ROTL);
        return;
      case 0xd0: {
        // ref.null
        const heap = readHeapType(reader);
        ops.push(constant(referenceType(true, heap), "null"));
        return;
      }
      case 0xd1: {
        // ref.is_null
        const a = ops.pop();
        ops.derive(I32, `(${a.code} === null | 0)`, [a], 0, `${a.code} === null`);
        return;
      }
      case 0xd2: {
        // ref.func
        const index = reader.u32();
        const type = heapTypeOfIndex(this.valid.module.functions[index]);
        ops.push(constant(referenceType(false, type), this.need(`F${index}`)));
        return;
      }
      case 0xd4: {
        // ref.as_non_null
        this.need("nonNull");
        const a = ops.pop();
        ops.derive(a.type & ~NULLABLE_FLAG, `${ops.mark}nonNull(${a.code})`, [a], FLAG.traps);
        return;
      }
      case 0xd3: {
        // ref.eq
        const b = ops.pop();
        const a = ops.pop();
        ops.derive(I32, `(${a.code} === ${b.code} | 0)`, [a, b], 0, `${a.code} === ${b.code}`);
        return;
      }
      default:
        if (opcode < 0x20 && this.control.translate(opcode)) return;
        if (this.long.translate(opcode)) return;
        if (this.resources.translate(opcode)) return;
        if (opcode >>> 12 === VECTOR_PREFIX) {
          this.vectors.translate(opcode);
          return;
        }
        if (opcode > 0xff && this.parts.some((part) => part.translate(opcode))) return;
        if (!this.control.translate(opcode)) throw new Unsupported(`opcode 0x${opcode.toString(16)}`);
    }
  }

  private canonicalise(kind: NanKind): void {
    const { ops } = this;
    if (kind === NAN.f32x4 || kind === NAN.f64x2) {
      this.vectors.canonicalise(kind);
      return;
    }
    const a = ops.pop();
    // A function: written in line, `nbody` took five times as long.
    ops.derive(a.type, `${this.need("canonicalNumber")}(${a.raw ?? a.code})`, [a], 0, "", "", true);
  }

  private numeric(opcode: number, rule: NonNullable<ReturnType<typeof numericRule>>): void {
    const { ops } = this;
    const keeps = keepsBits(opcode);
    const rounded = rule.result === F64 && !keeps;
    for (const name of rule.names) this.names.add(name);
    const flags = rule.traps ? FLAG.traps : 0;
    const mark = rule.traps ? ops.mark : "";
    const read = ({ raw, code }: Operand): string => (raw === undefined || keeps ? code : raw);
    if (rule.arity === 1) {
      const a = ops.pop();
      if (!rule.isTest) ops.derive(rule.result, mark + rule.make(read(a), ""), [a], flags, "", "", rounded);
      else if (a.test !== "") {
        // The only test of one operand is whether it is zero: a comparison the other way round.
        ops.derive(I32, `(!(${a.test}) | 0)`, [a], 0, `!(${a.test})`);
      } else this.test(rule.make(read(a), ""), [a]);
      return;
    }
    const b = ops.pop();
    const a = ops.pop();
    if (opcode >= OP.I32_DIV_S && opcode <= OP.I32_REM_U && isConstant(b)) {
      const code = divisionByConstant(opcode, a.code, Number(b.code));
      if (code !== undefined) {
        ops.derive(I32, code, [a, b]);
        return;
      }
    }
    if (rule.isTest) this.test(rule.make(read(a), read(b)), [a, b]);
    else ops.derive(rule.result, mark + rule.make(read(a), read(b)), [a, b], flags, "", "", rounded);
  }

  private test(condition: string, used: Parameters<Operands["derive"]>[2]): void {
    this.ops.derive(I32, `(${condition} | 0)`, used, 0, condition);
  }

  private rotate(isLeft: boolean): void {
    const { ops } = this;
    ops.atoms(2);
    const b = ops.pop();
    const a = ops.pop();
    const [left, right] = isLeft ? ["<<", ">>>"] : [">>>", "<<"];
    const rest = isConstant(b) ? String(-Number(b.code) & 31) : `-${b.code}`;
    const count = isConstant(b) ? String(Number(b.code) & 31) : b.code;
    ops.derive(I32, `(${a.code} ${left} ${count} | ${a.code} ${right} ${rest})`, [a, b]);
  }

  private select(type: ValueType): void {
    const { ops } = this;
    if (type === V128) {
      this.vectors.select();
      return;
    }
    // Only one of the two is evaluated, so neither may trap.
    const traps = (ops.top(1).flags | ops.top(2).flags) & FLAG.traps;
    if (traps !== 0 || type === I64) ops.atoms(3);
    const condition = ops.pop();
    const b = ops.pop();
    const a = ops.pop();
    const test = condition.test === "" ? condition.code : condition.test;
    const high = type === I64 ? `(${test} ? ${a.high} : ${b.high})` : "";
    ops.derive(type, `(${test} ? ${a.code} : ${b.code})`, [a, b, condition], 0, "", high);
  }

  /** An expression that writes an f64 into an array. */
  writeF64(array: string, index: number | string, code: string): string {
    return this.keepsF64 ? `${array}[${index}] = ${code}` : `${this.need("setF64")}(${array}, ${index}, ${code})`;
  }

  /** A float constant as JavaScript; NaNs with their bits. */
  float64(low: number, high: number): string {
    const value = support.f64OfBits(low, high);
    if (Number.isNaN(value)) {
      if (low === 0 && high === 0x7ff80000) return "NaN";
      return this.need(`K${low}_${high}`);
    }
    return literal(value);
  }

  float32(bits: number): string {
    const value = support.rawF32OfBits(bits);
    if (Number.isNaN(value)) return bits === 0x7fc00000 ? "NaN" : this.need(`k${bits}`);
    return literal(value);
  }

  readType(): ValueType {
    return readValueType(this.reader);
  }

  /** A function type, in the type indices of the module. */
  functionType(index: number): FunctionType {
    return this.valid.module.types[index].composite as FunctionType;
  }

  /** The parameter and result types of a block type. */
  blockType(): FunctionType {
    const type = readBlockType(this.reader);
    if (type.kind === "empty") return emptyType;
    if (type.kind === "value") return { kind: "func", params: [], results: [type.type] };
    return this.functionType(type.index);
  }

  protected get maxDraft(): number {
    const { alone } = this.options;
    return alone ? MAX_DRAFT + DRAFT_PER_BYTE * (this.body.end - this.body.start) : MAX_DRAFT;
  }

  get nesting(): number {
    return this.options.alone ? MAX_NESTING_ALONE : MAX_NESTING;
  }

  // ---- the whole text

  /** Further variables of the function, what its handler throws on, and what is done last. */
  protected get variables(): string {
    return "";
  }

  protected get last(): string {
    return "";
  }

  protected get rethrow(): string {
    return `unwind(e, ${this.index}, ${this.fuel}${this.recursion.levels > 0 ? ", x" : ""})`;
  }

  private assemble(): string {
    const { ops, type, locals, names, plan, vectorLocals } = this;
    const params: string[] = [];
    const entry = vectorLocals.webs.map(
      (web) =>
        `let ${webLanes(web)
          .map((name) => `${name} = 0`)
          .join(", ")};`,
    );
    locals.forEach((local, i) => {
      const isParam = i < type.params.length;
      if (local === V128) {
        if (!isParam) return;
        const web = vectorLocals.entry(i);
        for (const name of webLanes(web)) {
          params.push(`q${name}`);
          entry.push(`${name} = ${vectorLocals.isFloat(web) ? this.need("f32OfBits") : ""}(q${name});`);
        }
      } else if (isParam) {
        params.push(`l${i}`);
        if (local === I64) params.push(`h${i}`);
        // Says of what kind the parameters are, in one place.
        if (local === I32) entry.push(`l${i} = l${i} | 0;`);
        else if (local === I64) entry.push(`l${i} = l${i} | 0; h${i} = h${i} | 0;`);
        else if (local === F32 || local === F64) entry.push(`l${i} = +l${i};`);
      } else entry.push(`let l${i} = ${isReference(local) ? "null" : "0"}${local === I64 ? `, h${i} = 0` : ""};`);
    });
    const { levels } = this.recursion;
    if (levels > 0) entry.push("let x = 0;");
    for (let number = locals.length; number < (levels + 1) * locals.length; number++) {
      const type = locals[number % locals.length];
      entry.push(`let l${number} = ${isReference(type) ? "null" : "0"}${type === I64 ? `, h${number} = 0` : ""};`);
    }
    const declarations = ops.declarations();
    if (declarations !== "") entry.push(declarations);
    if (this.localFuel) entry.push("let g = U[0];");
    for (const memory of this.memory.used) entry.push(`const v${memory} = ${this.need(`M${memory}`)};`);
    if (this.control.exceptions.delegates) entry.push("let y = 0;");
    if (this.variables !== "") entry.push(this.variables);
    const code = ops.out.filter((statement) => statement !== "").join("\n");
    if (code.length > MAX_CODE && !this.marking && !this.options.alone) throw new Unsupported("too large");
    let text = `${entry.join("\n")}\n${code}`;
    if (
      plan.hasCalls ||
      plan.hasLoops ||
      this.memory.used.size > 0 ||
      this.mayThrow ||
      [...names].some((name) => !isHarmless(name))
    ) {
      names.add("unwind");
      // What was counted in a local is handed over, unless somebody who was called has done so.
      text = `${entry.join("\n")}\ntry {\n${code}\n} catch (e) { throw ${this.rethrow}; }${this.last}`;
    }
    return `return (function f${this.index}(${params.join(", ")}) {\n${text}\n});`;
  }
}

/** The variables of a web of vectors: see `vector-locals.ts`. */
function webLanes(web: number): string[] {
  return [0, 1, 2, 3].map((lane) => `w${web}_${lane}`);
}

const none: readonly never[] = [];

const emptyType: FunctionType = { kind: "func", params: [], results: [] };

function literal(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (value === Number.POSITIVE_INFINITY) return "1e999";
  if (value === Number.NEGATIVE_INFINITY) return "-1e999";
  return value < 0 ? `(${value})` : String(value);
}

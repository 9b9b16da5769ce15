import { Reader } from "../binary/reader.ts";
import { readHeapType, readValueType } from "../binary/type-reader.ts";
import { CompileError, type ErrorPlace, MalformedError, ValidationError } from "../wasm/errors.ts";
import type { Feature } from "../wasm/features.ts";
import type { Expression, LocalRun } from "../wasm/module.ts";
import { switchedOff, typeSwitchedOff } from "../wasm/type-features.ts";
import {
  BOTTOM,
  type FunctionType,
  type HeapType,
  isDefaultable,
  isReference,
  isTypeIndex,
  REFERENCE_FLAG,
  referenceType,
  typeName,
  V128,
  type ValueType,
} from "../wasm/types.ts";
import type { AggregateRules } from "./aggregate-rules.ts";
import { type ModuleContext, typeList, type Where } from "./context.ts";
import { formsOf, trackingForms } from "./forms.ts";

/** The kinds of control frames. */
export const BLOCK = 0;
export const LOOP = 1;
export const IF = 2;
export const ELSE = 3;
export const TRY = 4;
export const CATCH = 5;
export const CATCH_ALL = 6;
export const TRY_TABLE = 7;
export const BODY = 8;

const noTypes: readonly ValueType[] = [];
const anyType: readonly ValueType[] = [BOTTOM];

/** How many operands the stack may hold. Calls can push a thousand for two bytes, so the size of the code is no bound. */
const MAX_OPERANDS = 1_000_000;

/**
 * How many types of long lists validation may look at: so many at first, and more for each byte of code. Two bytes of code can move a
 * thousand operands, and a module of a few megabytes could keep a validator busy for minutes. Real code stays below two a byte.
 */
const FIRST_BUDGET = 50_000_000;
const BUDGET_PER_BYTE = 64;
/** Lists up to this length are not counted: their cost is within that of the instruction. */
export const SHORT_LIST = 16;

/** A reference of which nothing else is known, since it comes out of unreachable code: `(ref bot)` in the specification. */
export const BOTTOM_REFERENCE: ValueType = REFERENCE_FLAG | BOTTOM;

/**
 * The state of validating one body or constant expression (specification, 3.4 and appendix 7.3): operand and control stack, locals.
 * One object serves all of a module's bodies. The stacks are typed arrays, so that a push or pop neither allocates nor
 * checks a type tag; frames are rows over several arrays for the same reason.
 */
export class BodyState implements Where {
  readonly context: ModuleContext;
  reader: Reader = new Reader(new Uint8Array(0));
  /** Offset of the instruction being checked. */
  at = 0;
  place: ErrorPlace = {};

  /** Operand types; those below `floor` belong to the frames around. */
  stack: Int32Array = new Int32Array(1024);
  sp = 0;
  floor = 0;

  depth = 0;
  kinds: Uint8Array = new Uint8Array(64);
  heights: Int32Array = new Int32Array(64);
  unreachable: Uint8Array = new Uint8Array(64);
  /** Length of {@link setLocals} when the frame began. */
  setCounts: Int32Array = new Int32Array(64);
  readonly params: (readonly ValueType[])[] = [];
  readonly results: (readonly ValueType[])[] = [];
  /** What a branch to the frame takes: the parameters of a loop, the results of the others. */
  readonly labels: (readonly ValueType[])[] = [];

  locals: Int32Array = new Int32Array(256);
  localCount = 0;
  /** Whether some local has no default value; only then is the next one filled. */
  tracksLocals = false;
  /** 1 for locals that have a value. */
  isSet: Uint8Array = new Uint8Array(0);
  /** Locals without a default that were set, in order, so that the end of a block can take it back. */
  readonly setLocals: number[] = [];

  /** By opcode, how the loop settles it in the code at hand. */
  forms: Uint8Array;
  private readonly plainForms: Uint8Array;
  private readonly trackingForms: Uint8Array;

  private budget = FIRST_BUDGET;

  /**
   * Values that live at the control instructions of the body, over all of them: locals, operands, and what the instructions take and leave.
   * Compilers that copy their state at each of them need memory in proportion.
   */
  controlValues = 0;

  /** Undefined without garbage collection. */
  readonly aggregates: AggregateRules | undefined;

  constructor(context: ModuleContext, aggregates: AggregateRules | undefined) {
    this.context = context;
    this.aggregates = aggregates;
    this.plainForms = formsOf(context);
    this.trackingForms = trackingForms(this.plainForms);
    this.forms = this.plainForms;
  }

  /** Begins a body or constant expression, with its outermost frame. */
  begin(code: Expression, type: FunctionType, runs: readonly LocalRun[], place: ErrorPlace): void {
    this.reader = new Reader(code.bytes, code.start, code.end);
    this.reader.place = place;
    this.place = place;
    this.at = code.start;
    this.sp = 0;
    this.depth = -1;
    this.controlValues = 0;
    this.setLocals.length = 0;
    this.budget += (code.end - code.start) * BUDGET_PER_BYTE;
    this.declareLocals(type.params, runs);
    this.reserve(0);
    this.pushFrame(BODY, noTypes, type.results);
  }

  private declareLocals(params: readonly ValueType[], runs: readonly LocalRun[]): void {
    let count = params.length;
    this.tracksLocals = false;
    for (const run of runs) {
      count += run.count;
      if (isTypeIndex(run.type)) this.context.checkType(run.type, this);
      if (!isDefaultable(run.type)) this.tracksLocals = true;
    }
    this.forms = this.tracksLocals ? this.trackingForms : this.plainForms;
    this.spend(count);
    this.localCount = count;
    if (count > this.locals.length) this.locals = new Int32Array(count * 2);
    for (let i = 0; i < params.length; i++) this.locals[i] = params[i];
    let index = params.length;
    for (const run of runs) {
      this.locals.fill(run.type, index, index + run.count);
      index += run.count;
    }
    if (!this.tracksLocals) return;
    this.isSet = new Uint8Array(count);
    for (let i = 0; i < count; i++) if (i < params.length || isDefaultable(this.locals[i])) this.isSet[i] = 1;
  }

  /** Room for `count` more operands, and for all that the instructions left can push one at a time. */
  reserve(count: number): void {
    if (this.sp + count > MAX_OPERANDS) this.refuse(`too many operands on the stack: the limit is ${MAX_OPERANDS}`);
    const needed = this.sp + count + (this.reader.end - this.reader.pos) + 1;
    if (needed <= this.stack.length) return;
    const larger = new Int32Array(needed * 2);
    larger.set(this.stack.subarray(0, this.sp));
    this.stack = larger;
  }

  /** Counts a list of types that is about to be gone through. */
  spend(length: number): void {
    if (length > SHORT_LIST && (this.budget -= length) < 0)
      this.refuse("code too complex: it moves more operands than validation has time for");
  }

  /** In unreachable code no more are looked at than there are. */
  spendOnPop(length: number): void {
    if (length > SHORT_LIST) this.spend(Math.min(length, this.sp - this.floor));
  }

  errorPlace(): ErrorPlace {
    return { ...this.place, offset: this.at };
  }

  /** The code is not valid at the current instruction. */
  fail(reason: string): never {
    // Code that ran out in the middle of an immediate is malformed, whatever was made of the bytes beyond.
    if (this.reader.pos > this.reader.end) this.malformed("unexpected end of section or function");
    throw new ValidationError(reason, this.errorPlace());
  }

  /** The code uses what is switched off, or passes a limit. */
  refuse(reason: string): never {
    throw new CompileError(reason, this.errorPlace());
  }

  malformed(reason: string): never {
    throw new MalformedError(reason, this.errorPlace());
  }

  mismatch(expected: ValueType, actual: ValueType): never {
    this.fail(`type mismatch: expected ${typeName(expected)}, found ${typeName(actual)}`);
  }

  /** Whether an operand is missing only because the code here cannot be reached: any type may then stand for it. */
  private missing(expected: readonly ValueType[]): void {
    if (this.unreachable[this.depth] === 1) return;
    const wanted = expected.length === 1 && expected[0] === BOTTOM ? "a value" : typeList(expected);
    this.fail(`type mismatch: expected ${wanted}, but the ${this.depth === 0 ? "" : "block's "}stack is empty`);
  }

  push(type: ValueType): void {
    this.stack[this.sp++] = type;
  }

  pushAll(types: readonly ValueType[]): void {
    if (types.length > 1) {
      this.reserve(types.length);
      this.spend(types.length);
    }
    for (let i = 0; i < types.length; i++) this.stack[this.sp++] = types[i];
  }

  popAny(): ValueType {
    if (this.sp > this.floor) return this.stack[--this.sp];
    this.missing(anyType);
    return BOTTOM;
  }

  pop(expected: ValueType): void {
    if (this.sp > this.floor) {
      const actual = this.stack[--this.sp];
      if (actual !== expected && !this.context.matches(actual, expected)) this.mismatch(expected, actual);
      return;
    }
    if (this.unreachable[this.depth] === 0) this.missing([expected]);
  }

  /** Pops a reference of any type. @returns {@link BOTTOM} where code cannot be reached */
  popReference(): ValueType {
    const type = this.popAny();
    if (type !== BOTTOM && !isReference(type))
      this.fail(`type mismatch: expected a reference, found ${typeName(type)}`);
    return type;
  }

  /** In unreachable code with no operands: more of them may be popped unseen, and two bytes of code can ask for thousands. */
  nothingLeft(): boolean {
    return this.sp === this.floor && this.unreachable[this.depth] === 1;
  }

  popAll(types: readonly ValueType[]): void {
    this.spendOnPop(types.length);
    for (let i = types.length - 1; i >= 0; i--) {
      this.pop(types[i]);
      if (this.nothingLeft()) return;
    }
  }

  /** Pops `count` operands of one type. */
  popRepeated(type: ValueType, count: number): void {
    this.spendOnPop(count);
    for (let i = 0; i < count; i++) {
      this.pop(type);
      if (this.nothingLeft()) return;
    }
  }

  /** Checks that the operands on top are of these types, and leaves them. */
  peekAll(types: readonly ValueType[]): void {
    this.spendOnPop(types.length);
    for (let i = types.length - 1, from = this.sp - 1; i >= 0; i--, from--) {
      if (from < this.floor) {
        this.missing(types);
        return;
      }
      const actual = this.stack[from];
      if (actual !== types[i] && !this.context.matches(actual, types[i])) this.mismatch(types[i], actual);
    }
  }

  pushFrame(kind: number, params: readonly ValueType[], results: readonly ValueType[]): void {
    const depth = ++this.depth;
    if (depth === this.kinds.length) this.growFrames();
    this.controlValues += this.localCount + this.sp + 2 * (params.length + results.length);
    this.kinds[depth] = kind;
    this.heights[depth] = this.sp;
    this.unreachable[depth] = 0;
    this.setCounts[depth] = this.setLocals.length;
    this.params[depth] = params;
    this.results[depth] = results;
    this.labels[depth] = kind === LOOP ? params : results;
    this.floor = this.sp;
    if (params.length > 0) this.pushAll(params);
  }

  private growFrames(): void {
    const size = this.kinds.length * 2;
    const grow = <T extends Uint8Array | Int32Array>(larger: T, old: T): T => {
      larger.set(old);
      return larger;
    };
    this.kinds = grow(new Uint8Array(size), this.kinds);
    this.unreachable = grow(new Uint8Array(size), this.unreachable);
    this.heights = grow(new Int32Array(size), this.heights);
    this.setCounts = grow(new Int32Array(size), this.setCounts);
  }

  /** Checks that the innermost frame's results, and nothing else, are on the stack, and pops them. */
  popResults(): void {
    const results = this.results[this.depth];
    this.popAll(results);
    if (this.sp !== this.floor) {
      const extra = this.stack.subarray(this.floor, this.sp);
      this.fail(`type mismatch: ${typeList(extra)} left on the stack, where ${typeList(results)} ends the block`);
    }
  }

  /** Leaves the innermost frame: its operands are gone, and what it set counts as unset again. */
  popFrame(): void {
    this.sp = this.floor;
    this.unsetLocals();
    this.depth--;
    this.floor = this.depth < 0 ? 0 : this.heights[this.depth];
  }

  private unsetLocals(): void {
    const count = this.setCounts[this.depth];
    while (this.setLocals.length > count) this.isSet[this.setLocals.pop()!] = 0;
  }

  markUnreachable(): void {
    this.sp = this.floor;
    this.unreachable[this.depth] = 1;
  }

  /** The frame that a label immediate names. */
  frameOf(label: number): number {
    if (label > this.depth) this.fail(`unknown label ${label}: only ${this.depth + 1} are open here`);
    return this.depth - label;
  }

  readHeapType(): HeapType {
    const heap = readHeapType(this.reader);
    this.context.checkType(heap, this);
    this.needType(referenceType(true, heap));
    return heap;
  }

  readValueType(): ValueType {
    const type = readValueType(this.reader);
    if (isReference(type) || type === V128) {
      this.context.checkType(type, this);
      this.needType(type);
    }
    return type;
  }

  private needType(type: ValueType): void {
    const reason = typeSwitchedOff(type, this.context.features);
    if (reason !== undefined) this.refuse(reason);
  }

  /** Something is used that `feature` brought. */
  need(feature: Feature, what: string): void {
    if (!this.context.features.has(feature)) this.refuse(switchedOff(what, feature));
  }

  readFunctionType(): FunctionType {
    return this.context.functionType(this.reader.u32(), this);
  }

  readLabel(): readonly ValueType[] {
    return this.labels[this.frameOf(this.reader.u32())];
  }

  setLocal(index: number): void {
    if (this.isSet[index] === 1) return;
    this.isSet[index] = 1;
    this.setLocals.push(index);
  }
}

import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/types.ts";
import { markOf, withoutMarks } from "./positions.ts";

/**
 * What is known of an operand's expression. An operand is put off until it is used, so that most of them never need a variable; these
 * say what must not happen in between.
 */
export const FLAG = {
  /** A name or a literal: may be written twice. */
  atom: 1,
  constant: 2,
  /** Reads memory: nothing may be stored before it is evaluated. */
  memory: 4,
  /** Reads a global, a table's length or the like. */
  global: 8,
  /** May trap: nothing that can be seen may happen before it is evaluated, and it must be evaluated. */
  traps: 16,
} as const;

/** A value on the operand stack, as JavaScript that is yet to be evaluated. */
export interface Operand {
  readonly type: ValueType;
  /** The expression; of an i64 its low half; empty for a vector. */
  readonly code: string;
  /** The high half of an i64. */
  readonly high: string;
  /** For the result of a comparison: the comparison itself, of which `code` makes a number. */
  readonly test: string;
  readonly flags: number;
  /** Locals (and loop parameters) that the expression reads. */
  readonly locals: readonly number[];
  /** Variables that nobody else uses: free once the operand has been evaluated. */
  readonly temps: readonly string[];
  /** Of a vector: its four 32-bit lanes, as integers or as f32. */
  readonly lanes?: readonly string[];
  readonly floats?: boolean;
  /** Of a float or f32 lanes: no signalling NaN, since arithmetic has made them. */
  readonly rounded?: boolean;
  /** Of an f32: an expression for arithmetic, which does not keep a signalling NaN. */
  readonly raw?: string;
  /** Of a vector: what says whether any bit is set, where that is simpler than to look at its lanes. */
  readonly anyTest?: string;
  /** Of a vector in memory that is yet to be read: the view, and the address of each lane. */
  readonly memory?: { readonly view: string; readonly addresses: readonly string[]; readonly mark: string };
}

/** Whether a NaN's bits must be kept: not by arithmetic. */
export type Exactness = "exact" | "raw";

const none: readonly never[] = [];

/** An operand. All have the same fields in the same order, so that V8 finds them in one place. */
export function operandOf(
  type: ValueType,
  code: string,
  high: string,
  flags: number,
  locals: readonly number[],
  temps: readonly string[],
  test = "",
  rounded = false,
  lanes?: readonly string[],
  floats?: boolean,
): Operand {
  const none = undefined;
  return {
    type,
    code,
    high,
    test,
    flags,
    locals,
    temps,
    rounded,
    lanes,
    floats,
    raw: none,
    anyTest: none,
    memory: none,
  };
}

export function constant(type: ValueType, code: string, high = ""): Operand {
  return operandOf(type, code, high, FLAG.atom | FLAG.constant, none, none);
}

export function isAtom({ flags }: Operand): boolean {
  return (flags & FLAG.atom) !== 0;
}

export function isConstant({ flags }: Operand): boolean {
  return (flags & FLAG.constant) !== 0;
}

/** Whether a float, or f32 lanes, can be stored as they are. */
export function isRounded({ rounded, code, flags, type, floats }: Operand): boolean {
  return (
    rounded === true ||
    ((type === F32 || type === F64) &&
      (code.startsWith("fround(") || ((flags & FLAG.constant) !== 0 && /^[-(\d]/.test(code))) &&
      floats !== false)
  );
}

export function join<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];
}

/** What a variable for a value of the type is called: integers, floats, references, vectors. */
function poolOf(type: ValueType): Pool {
  return type === I32 || type === I64 ? "i" : type === F32 || type === F64 ? "d" : "r";
}

type Pool = "i" | "d" | "r";

/** How many variables a function has, and which of them are free. */
export interface Variables {
  readonly free: Record<Pool, string[]>;
  readonly counts: Record<Pool, number>;
}

const noVariables = (): Variables => ({ free: { i: [], d: [], r: [] }, counts: { i: 0, d: 0, r: 0 } });

/**
 * The operand stack while a function is translated, and the variables that hold what must be evaluated before it is used. Statements go to `out`.
 */
export class Operands {
  readonly out: string[] = [];
  /** Characters that have been emitted, without marks. */
  size = 0;
  readonly stack: Operand[] = [];
  private variables: Variables = noVariables();
  /** Says that the text uses a helper. */
  private readonly need: (name: string) => string;
  /** Whether the text is made with marks: see `positions.ts`. */
  private readonly marking: boolean;
  /** Offset of the instruction that is being translated, and of the calls in whose places it stands, the innermost first. */
  offset = 0;
  calls: readonly number[] = [];

  constructor(need: (name: string) => string, marking: boolean) {
    this.need = need;
    this.marking = marking;
  }

  /** Stands before what may trap; empty where no marks are wanted. */
  get mark(): string {
    return this.marking ? markOf(this.offset, this.calls) : "";
  }

  get height(): number {
    return this.stack.length;
  }

  emit(statement: string): void {
    this.size += this.lengthOf(statement);
    this.out.push(this.mark + statement);
  }

  /** As {@link emit}, for a check: whoever is stopped by it stands at `position`. */
  emitCheck(position: number, statement: string): void {
    const { offset } = this;
    this.offset = position;
    this.emit(statement);
    this.offset = offset;
  }

  push(operand: Operand): void {
    this.stack.push(operand);
    // A very long expression is a deep one, and a parser's stack is bounded.
    const length =
      operand.lanes === undefined
        ? this.lengthOf(operand.code) + this.lengthOf(operand.high)
        : this.lengthOf(operand.lanes.join("")) / 2;
    if (length > 600) this.settle(this.stack.length - 1);
  }

  private lengthOf(code: string): number {
    return this.marking ? withoutMarks(code).length : code.length;
  }

  pop(): Operand {
    return this.stack.pop()!;
  }

  /** The operand `depth` below the top. */
  top(depth = 0): Operand {
    return this.stack[this.stack.length - 1 - depth];
  }

  /** A variable for values of the type. */
  temporary(pool: Pool): string {
    return this.variables.free[pool].pop() ?? `${pool}${this.variables.counts[pool]++}`;
  }

  release(names: readonly string[]): void {
    for (const name of names) this.variables.free[name[0] as Pool].push(name);
  }

  /** The declarations of all variables, in one statement, or an empty string. */
  declarations(): string {
    const list: string[] = [];
    const { counts } = this.variables;
    for (let i = 0; i < counts.i; i++) list.push(`i${i} = 0`);
    for (let i = 0; i < counts.d; i++) list.push(`d${i} = 0`);
    for (let i = 0; i < counts.r; i++) list.push(`r${i} = null`);
    return list.length === 0 ? "" : `let ${list.join(", ")};`;
  }

  /** The text goes on in another function, with new variables or those of before. @returns those until now, of which no operand is left */
  exchange(variables: Variables = noVariables()): Variables {
    const before = this.variables;
    this.variables = variables;
    return before;
  }

  /** An operand for a value that will stand in variables of its own: assign to `code`, and for an i64 to `high`. */
  variable(type: ValueType, floats = false): Operand {
    if (type === V128) {
      const lanes = [0, 1, 2, 3].map(() => this.temporary(floats ? "d" : "i"));
      return operandOf(type, "", "", FLAG.atom, none, lanes, "", false, lanes, floats);
    }
    const code = this.temporary(poolOf(type));
    const high = type === I64 ? this.temporary("i") : "";
    const temps = type === I64 ? [code, high] : [code];
    return operandOf(type, code, high, FLAG.atom, none, temps);
  }

  /** The lanes of a vector in one of the two forms. */
  lanes({ lanes, floats, memory }: Operand, asFloats: boolean, exactness: Exactness = "exact"): readonly string[] {
    if (memory !== undefined) {
      const { view, addresses, mark } = memory;
      if (!asFloats) return addresses.map((address) => `${mark}${view}.getInt32(${address}, true)`);
      if (exactness === "raw") return addresses.map((address) => `${mark}${view}.getFloat32(${address}, true)`);
      this.need("loadF32");
      return addresses.map((address) => `${mark}loadF32(${view}, ${address})`);
    }
    if (floats === asFloats) return lanes!;
    const convert = this.need(!asFloats ? "bitsOfF32" : exactness === "exact" ? "f32OfBits" : "rawF32OfBits");
    return lanes!.map((lane) =>
      /^-?\d+$/.test(lane) && asFloats ? this.constantLane(Number(lane)) : `${convert}(${lane})`,
    );
  }

  private constantLane(bits: number): string {
    const value = new Float32Array(new Int32Array([bits]).buffer)[0];
    return Number.isFinite(value) && !Object.is(value, -0)
      ? `${value < 0 ? `(${value})` : value}`
      : `${this.need("f32OfBits")}(${bits})`;
  }

  /** Pushes a value that stands in variables of its own. @returns it, to be assigned to */
  pushVariable(type: ValueType, floats = false): Operand {
    const operand = this.variable(type, floats);
    this.stack.push(operand);
    return operand;
  }

  /** Emits what puts the value into the variables of `target`, which the expression may read. */
  assign(target: Operand, operand: Operand): void {
    if (target.type === V128) {
      this.assignVector(target, operand);
      return;
    }
    if (target.high !== "" && target.code !== operand.code && operand.high.includes(target.code)) {
      // The high half may read what the low half's variable still holds.
      const low = this.temporary("i");
      this.emit(`${low} = ${operand.code}; ${target.high} = ${operand.high}; ${target.code} = ${low};`);
      this.release([low]);
      return;
    }
    if (target.code !== operand.code) this.emit(`${target.code} = ${operand.code};`);
    if (target.high !== operand.high) this.emit(`${target.high} = ${operand.high};`);
  }

  private assignVector(target: Operand, operand: Operand): void {
    const values = this.lanes(operand, target.floats!);
    const names = target.lanes!;
    // A lane that is assigned may be part of one that is yet to be.
    const overlaps = values.some((value, i) => names.slice(0, i).some((name) => value.includes(name)));
    if (overlaps) {
      const copy = this.variable(V128, target.floats);
      this.emit(copy.lanes!.map((name, i) => `${name} = ${values[i]};`).join(" "));
      this.emit(names.map((name, i) => `${name} = ${copy.lanes![i]};`).join(" "));
      this.release(copy.temps);
      return;
    }
    const moves = names
      .map((name, i) => (name === values[i] ? "" : `${name} = ${values[i]};`))
      .filter((move) => move !== "");
    if (moves.length > 0) this.emit(moves.join(" "));
  }

  /** Makes the operand at a place of the stack a variable, if it is not yet a variable of its own or a constant. */
  private own(at: number): void {
    const operand = this.stack[at];
    const target = this.variable(operand.type, operand.floats ?? false);
    this.assign(target, operand);
    this.release(operand.temps);
    this.stack[at] = isRounded(operand) ? { ...target, rounded: true } : target;
  }

  /** Evaluates the operand at a place of the stack, after what below it may trap. */
  settle(at: number): void {
    const operand = this.stack[at];
    if (isAtom(operand)) return;
    if ((operand.flags & FLAG.traps) !== 0) this.flushBelow(at, FLAG.traps);
    this.own(at);
  }

  private flushBelow(end: number, flags: number): void {
    for (let at = 0; at < end; at++) if ((this.stack[at].flags & flags) !== 0) this.own(at);
  }

  /** Before something happens that operands with any of these flags must not see: evaluates them, but for the topmost `except`. */
  flush(flags: number, except = 0): void {
    const end = this.stack.length - except;
    for (let at = 0; at < end; at++) {
      if ((this.stack[at].flags & flags) === 0) continue;
      if ((this.stack[at].flags & FLAG.traps) !== 0) this.flushBelow(at, FLAG.traps);
      this.own(at);
    }
  }

  /** Before a local changes: evaluates the operands that read it, but for the topmost `except`. */
  beforeSet(local: number, except = 0): void {
    const end = this.stack.length - except;
    for (let at = 0; at < end; at++) {
      if (!this.stack[at].locals.includes(local)) continue;
      if ((this.stack[at].flags & FLAG.traps) !== 0) this.flushBelow(at, FLAG.traps);
      this.own(at);
    }
  }

  /** Makes the topmost `count` operands names or literals. */
  atoms(count: number): void {
    for (let at = this.stack.length - count; at < this.stack.length; at++) this.settle(at);
  }

  /** Evaluates those of the topmost `count` operands that may trap, in order: for text that does not keep their order. */
  settleTraps(count: number): void {
    for (let at = this.stack.length - count; at < this.stack.length; at++)
      if ((this.stack[at].flags & FLAG.traps) !== 0) this.settle(at);
  }

  /** Before a construct whose inside may change locals: everything but constants gets a variable of its own. */
  settleAll(): void {
    for (let at = 0; at < this.stack.length; at++) {
      const operand = this.stack[at];
      if ((operand.flags & FLAG.constant) !== 0) continue;
      if (isAtom(operand) && operand.locals.length === 0) continue;
      this.own(at);
    }
  }

  /** Makes the topmost `count` operands variables of their own, or constants. */
  ownTop(count: number): void {
    for (let at = this.stack.length - count; at < this.stack.length; at++) {
      const operand = this.stack[at];
      if (isAtom(operand) && operand.locals.length === 0) continue;
      if ((operand.flags & FLAG.traps) !== 0) this.flushBelow(at, FLAG.traps);
      this.own(at);
    }
  }

  /** Drops operands down to `height`; what may trap is evaluated. */
  truncate(height: number, evaluate: boolean): void {
    if (evaluate) this.settleTraps(this.stack.length - height);
    while (this.stack.length > height) this.release(this.stack.pop()!.temps);
  }

  /** Pushes a vector whose lanes are expressions over the operands `used`, which have been popped. */
  deriveVector(lanes: readonly string[], floats: boolean, used: readonly Operand[], extra = 0): void {
    this.derive(V128, "", used, extra);
    const operand = { ...this.pop(), lanes, floats };
    this.push(operand);
  }

  /** Pushes an expression over the operands `used`, which have been popped. */
  derive(
    type: ValueType,
    code: string,
    used: readonly Operand[],
    extra = 0,
    test = "",
    high = "",
    rounded = false,
  ): void {
    let flags = extra;
    let locals: readonly number[] = none;
    let temps: readonly string[] = none;
    for (const operand of used) flags |= operand.flags & ~(FLAG.atom | FLAG.constant);
    if (used.length < 8) {
      for (const operand of used) {
        locals = join(locals, operand.locals);
        temps = join(temps, operand.temps);
      }
    } else {
      locals = [...new Set(used.flatMap((operand) => operand.locals))];
      temps = used.flatMap((operand) => operand.temps);
    }
    this.push(operandOf(type, code, high, flags, locals, temps, test, rounded));
  }
}

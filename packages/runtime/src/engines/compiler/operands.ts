import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/types.ts";

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
  /** The expression; of an i64 its low half; of a vector the slot where it stands, counted from the frame's. */
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
}

const none: readonly never[] = [];

export function constant(type: ValueType, code: string, high = ""): Operand {
  return { type, code, high, test: "", flags: FLAG.atom | FLAG.constant, locals: none, temps: none };
}

export function isAtom({ flags }: Operand): boolean {
  return (flags & FLAG.atom) !== 0;
}

export function isConstant({ flags }: Operand): boolean {
  return (flags & FLAG.constant) !== 0;
}

export function join<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];
}

/** What a variable for a value of the type is called: integers, floats, references, vectors. */
function poolOf(type: ValueType): "i" | "d" | "r" | "v" {
  return type === I32 || type === I64 ? "i" : type === F32 || type === F64 ? "d" : type === V128 ? "v" : "r";
}

/**
 * The operand stack while a function is translated, and the variables that hold what must be evaluated before it is used. Statements go to `out`.
 */
export class Operands {
  readonly out: string[] = [];
  readonly stack: Operand[] = [];
  private readonly free: Record<"i" | "d" | "r" | "v", string[]> = { i: [], d: [], r: [], v: [] };
  private readonly counts: Record<"i" | "d" | "r" | "v", number> = { i: 0, d: 0, r: 0, v: 0 };
  /** Says that the text uses a helper. */
  private readonly need: (name: string) => string;
  /** The first slot behind the vectors among the locals; vectors on the stack follow. */
  vectorLocals = 0;

  constructor(need: (name: string) => string) {
    this.need = need;
  }

  get height(): number {
    return this.stack.length;
  }

  emit(statement: string): void {
    this.out.push(statement);
  }

  push(operand: Operand): void {
    this.stack.push(operand);
    // A very long expression is a deep one, and a parser's stack is bounded.
    if (operand.code.length + operand.high.length > 600) this.settle(this.stack.length - 1);
  }

  pop(): Operand {
    return this.stack.pop()!;
  }

  /** The operand `depth` below the top. */
  top(depth = 0): Operand {
    return this.stack[this.stack.length - 1 - depth];
  }

  /** A variable for values of the type. */
  temporary(pool: "i" | "d" | "r" | "v"): string {
    const name = this.free[pool].pop();
    if (name !== undefined) return name;
    const number = this.counts[pool]++;
    return pool === "v" ? `v${number}` : `${pool}${number}`;
  }

  release(names: readonly string[]): void {
    for (const name of names) this.free[name[0] as "i" | "d" | "r" | "v"].push(name);
  }

  /** Vectors that the function needs room for, those of its locals included. */
  get vectors(): number {
    return this.vectorLocals + this.counts.v;
  }

  /** The declarations of all variables, in one statement, or an empty string. */
  declarations(): string {
    const list: string[] = [];
    for (let i = 0; i < this.counts.i; i++) list.push(`i${i} = 0`);
    for (let i = 0; i < this.counts.d; i++) list.push(`d${i} = 0`);
    for (let i = 0; i < this.counts.r; i++) list.push(`r${i} = null`);
    return list.length === 0 ? "" : `let ${list.join(", ")};`;
  }

  /** An operand for a value that will stand in variables of its own: assign to `code`, and for an i64 to `high`. */
  variable(type: ValueType): Operand {
    const pool = poolOf(type);
    const code = this.temporary(pool);
    if (pool === "v")
      return { type, code: this.slotOf(code), high: "", test: "", flags: FLAG.atom, locals: none, temps: [code] };
    const high = type === I64 ? this.temporary("i") : "";
    return {
      type,
      code,
      high,
      test: "",
      flags: FLAG.atom,
      locals: none,
      temps: type === I64 ? [code, high] : [code],
    };
  }

  private slotOf(vector: string): string {
    return `b + ${2 * (this.vectorLocals + Number(vector.slice(1)))}`;
  }

  /** Pushes a value that stands in variables of its own. @returns it, to be assigned to */
  pushVariable(type: ValueType): Operand {
    const operand = this.variable(type);
    this.stack.push(operand);
    return operand;
  }

  /** Emits what puts the value into the variables of `target`, which the expression may read. */
  assign(target: Operand, operand: Operand): void {
    if (target.type === V128) {
      if (target.code !== operand.code) this.emit(`${this.need("vmove")}(${target.code}, ${operand.code});`);
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

  /** Makes the operand at a place of the stack a variable, if it is not yet a variable of its own or a constant. */
  private own(at: number): void {
    const operand = this.stack[at];
    const target = this.variable(operand.type);
    this.assign(target, operand);
    this.release(operand.temps);
    this.stack[at] = target;
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
    if (evaluate)
      for (let at = height; at < this.stack.length; at++)
        if ((this.stack[at].flags & FLAG.traps) !== 0) this.settle(at);
    while (this.stack.length > height) this.release(this.stack.pop()!.temps);
  }

  /** Pushes an expression over the operands `used`, which have been popped. */
  derive(type: ValueType, code: string, used: readonly Operand[], extra = 0, test = "", high = ""): void {
    let flags = extra;
    let locals: readonly number[] = none;
    let temps: readonly string[] = none;
    for (const operand of used) {
      flags |= operand.flags & ~(FLAG.atom | FLAG.constant);
      locals = join(locals, operand.locals);
      temps = join(temps, operand.temps);
    }
    this.push({ type, code, high, test, flags, locals, temps });
  }
}

import type { Emitter } from "./emitter.ts";
import { OP } from "./opcodes.ts";
import type { Operands } from "./operands.ts";
import { branchOf, negated } from "./select-comparison.ts";

/** Branches on two f64s, each with those whose right or left one is a constant. */
const floatConstants: ReadonlyMap<number, readonly [number, number | undefined]> = new Map<
  number,
  readonly [number, number | undefined]
>([
  [OP.brF64Eq, [OP.brF64EqConst, undefined]],
  [OP.brF64Ne, [OP.brF64NeConst, undefined]],
  [OP.brF64Lt, [OP.brF64LtConst, OP.brF64LtOfConst]],
  [OP.brF64Le, [OP.brF64LeConst, OP.brF64LeOfConst]],
  [OP.brF64NotLt, [OP.brF64NotLtConst, OP.brF64NotLtOfConst]],
  [OP.brF64NotLe, [OP.brF64NotLeConst, OP.brF64NotLeOfConst]],
]);

/** A condition taken from the stack, together with the comparison that made it: the branch for when it holds, for when not, and their operands. */
export class Condition {
  private readonly operands: Operands;
  private readonly emitter: Emitter;
  private condition = 0;
  private inverse = 0;
  private a = 0;
  private b = -1;
  private constantLeft = false;
  private constant: { low: number; high: number } | undefined;

  constructor(operands: Operands) {
    this.operands = operands;
    this.emitter = operands.emitter;
  }

  /** Pops a condition, taking back the comparison that made it if it was the last instruction. */
  take(): void {
    const { operands, emitter } = this;
    this.b = -1;
    this.constant = undefined;
    this.constantLeft = false;
    const fresh = operands.isFresh();
    const { words } = emitter;
    const at = emitter.last;
    const comparison = fresh ? words[at] : -1;
    const branch = fresh ? branchOf(comparison) : undefined;
    if (branch !== undefined) {
      this.condition = branch;
      this.inverse = branchOf(negated(comparison)!)!;
      this.a = words[at + 2];
      this.b = words[at + 3];
      this.constant = emitter.constantAt(at + 3);
      emitter.takeBack();
      operands.pop();
      if (floatConstants.has(branch)) this.takeFloatConstant();
      if ((comparison === OP.i32EqImm || comparison === OP.i32NeImm) && this.b === 0)
        this.takeZeroTest(comparison === OP.i32EqImm);
      return;
    }
    if (fresh && comparison === OP.i32AndImm) {
      this.condition = OP.brAndNonZero;
      this.inverse = OP.brAndZero;
      this.a = words[at + 2];
      this.b = words[at + 3];
      emitter.takeBack();
      operands.pop();
      return;
    }
    this.condition = OP.brNonZero;
    this.inverse = OP.brZero;
    this.a = operands.register(0);
    operands.pop();
  }

  /** The comparison of an f64 with a constant, which was put into a register just before. */
  private takeFloatConstant(): void {
    const { operands, emitter } = this;
    const { last, words } = emitter;
    if (last < 0 || emitter.length !== last + 3 || words[last] !== OP.const64) return;
    const register = words[last + 1];
    const right = register === this.b;
    // A register of the stack, and of one operand only: nobody else reads the constant.
    if (register < operands.localSlots || right === (register === this.a)) return;
    const yes = floatConstants.get(this.condition)?.[right ? 0 : 1];
    const no = floatConstants.get(this.inverse)?.[right ? 0 : 1];
    const constant = emitter.constantAt(last + 2);
    if (yes === undefined || no === undefined || constant === undefined) return;
    emitter.takeBack();
    this.condition = yes;
    this.inverse = no;
    this.constant = constant;
    this.constantLeft = !right;
  }

  /** A comparison with zero has its own branches, and one of a masked value too. */
  private takeZeroTest(whenZero: boolean): void {
    const { operands, emitter } = this;
    const { last, words } = emitter;
    let yes: number = OP.brNonZero;
    let no: number = OP.brZero;
    this.b = -1;
    // The masked value was made for this test alone when it stands in the slot that the popped entry had.
    if (
      last >= 0 &&
      emitter.length === last + 4 &&
      words[last] === OP.i32AndImm &&
      words[last + 1] === this.a &&
      this.a === operands.nextSlot()
    ) {
      yes = OP.brAndNonZero;
      no = OP.brAndZero;
      this.a = words[last + 2];
      this.b = words[last + 3];
      emitter.takeBack();
    }
    this.condition = whenZero ? no : yes;
    this.inverse = whenZero ? yes : no;
  }

  /** Emits the branch for the condition taken, its target still open. @returns where it stands */
  emit(holds: boolean): number {
    const { emitter } = this;
    const op = holds ? this.condition : this.inverse;
    if (this.b < 0 && (op === OP.brNonZero || op === OP.brZero)) return emitter.emit4(op, 0, 0, this.a);
    const at = emitter.emit5(op, 0, 0, this.a, this.b);
    if (this.constant !== undefined)
      emitter.constant(at + (this.constantLeft ? 3 : 4), this.constant.low, this.constant.high);
    return at;
  }

  /** Emits the branch at the end of a counting loop, if the condition is that of one. @returns where it stands, or -1 */
  emitCounting(): number {
    const { emitter, condition } = this;
    const { last, words } = emitter;
    if (last < 0 || emitter.length !== last + 4 || words[last] !== OP.i32AddImm) return -1;
    const register = words[last + 1];
    if (words[last + 2] !== register) return -1;
    const addend = words[last + 3];
    let op: number;
    let bound = this.b;
    if (condition === OP.brI32Ne && bound === register) bound = this.a;
    else if (register !== this.a) return -1;
    if (condition === OP.brI32Ne && bound !== register) op = OP.incBrI32Ne;
    else if (condition === OP.brI32NeImm) op = OP.incBrI32NeImm;
    else if (condition === OP.brNonZero) {
      op = OP.incBrI32NeImm;
      bound = 0;
    } else return -1;
    emitter.takeBack();
    return emitter.emitList(op, [0, 0, register, addend, bound]);
  }
}

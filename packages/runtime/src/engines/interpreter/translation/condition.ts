import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Emitter } from "./emitter.ts";
import type { Operands } from "./operands.ts";
import { branchOf, negated } from "./select-comparison.ts";

/** Branches on two f64s, each with those whose right or left one is a constant. */
const floatConstants: ReadonlyMap<number, readonly [number, number | undefined]> = new Map<
  number,
  readonly [number, number | undefined]
>([
  [MACHINE_OP.brF64Eq, [MACHINE_OP.brF64EqConst, undefined]],
  [MACHINE_OP.brF64Ne, [MACHINE_OP.brF64NeConst, undefined]],
  [MACHINE_OP.brF64Lt, [MACHINE_OP.brF64LtConst, MACHINE_OP.brF64LtOfConst]],
  [MACHINE_OP.brF64Le, [MACHINE_OP.brF64LeConst, MACHINE_OP.brF64LeOfConst]],
  [MACHINE_OP.brF64NotLt, [MACHINE_OP.brF64NotLtConst, MACHINE_OP.brF64NotLtOfConst]],
  [MACHINE_OP.brF64NotLe, [MACHINE_OP.brF64NotLeConst, MACHINE_OP.brF64NotLeOfConst]],
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
      if ((comparison === MACHINE_OP.i32EqImm || comparison === MACHINE_OP.i32NeImm) && this.b === 0)
        this.takeZeroTest(comparison === MACHINE_OP.i32EqImm);
      return;
    }
    if (fresh && comparison === MACHINE_OP.i32AndImm) {
      this.condition = MACHINE_OP.brAndNonZero;
      this.inverse = MACHINE_OP.brAndZero;
      this.a = words[at + 2];
      this.b = words[at + 3];
      emitter.takeBack();
      operands.pop();
      return;
    }
    this.condition = MACHINE_OP.brNonZero;
    this.inverse = MACHINE_OP.brZero;
    this.a = operands.register(0);
    operands.pop();
  }

  /** The comparison of an f64 with a constant, which was put into a register just before. */
  private takeFloatConstant(): void {
    const { operands, emitter } = this;
    const { last, words } = emitter;
    if (last < 0 || emitter.length !== last + 3 || words[last] !== MACHINE_OP.const64) return;
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
    let yes: number = MACHINE_OP.brNonZero;
    let no: number = MACHINE_OP.brZero;
    this.b = -1;
    // The masked value was made for this test alone when it stands in the slot that the popped entry had.
    if (
      last >= 0 &&
      emitter.length === last + 4 &&
      words[last] === MACHINE_OP.i32AndImm &&
      words[last + 1] === this.a &&
      this.a === operands.nextSlot()
    ) {
      yes = MACHINE_OP.brAndNonZero;
      no = MACHINE_OP.brAndZero;
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
    if (this.b < 0 && (op === MACHINE_OP.brNonZero || op === MACHINE_OP.brZero)) return emitter.emit4(op, 0, 0, this.a);
    const at = emitter.emit5(op, 0, 0, this.a, this.b);
    if (this.constant !== undefined)
      emitter.constant(at + (this.constantLeft ? 3 : 4), this.constant.low, this.constant.high);
    return at;
  }

  /** Emits the branch at the end of a counting loop, if the condition is that of one. @returns where it stands, or -1 */
  emitCounting(): number {
    const { emitter, condition } = this;
    const { last, words } = emitter;
    if (last < 0 || emitter.length !== last + 4 || words[last] !== MACHINE_OP.i32AddImm) return -1;
    const register = words[last + 1];
    if (words[last + 2] !== register) return -1;
    const addend = words[last + 3];
    let op: number;
    let bound = this.b;
    if (condition === MACHINE_OP.brI32Ne && bound === register) bound = this.a;
    else if (register !== this.a) return -1;
    if (condition === MACHINE_OP.brI32Ne && bound !== register) op = MACHINE_OP.incBrI32Ne;
    else if (condition === MACHINE_OP.brI32NeImm) op = MACHINE_OP.incBrI32NeImm;
    else if (condition === MACHINE_OP.brNonZero) {
      op = MACHINE_OP.incBrI32NeImm;
      bound = 0;
    } else return -1;
    emitter.takeBack();
    return emitter.emitList(op, [0, 0, register, addend, bound]);
  }
}

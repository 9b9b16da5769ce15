import { readBlockType } from "../../../binary/instruction-reader.ts";
import { Reader } from "../../../binary/reader.ts";
import { writeValueType } from "../../../binary/type-writer.ts";
import { lebAt, skipLeb } from "../../../metering/instruction-shape.ts";
import { type FunctionPlan, LABEL } from "../../../metering/plan.ts";
import { stopPosition } from "../../../metering/stop-position.ts";
import * as OP from "../../../wasm/opcodes.ts";
import type { FunctionType, ValueType } from "../../../wasm/types.ts";
import { I32 } from "../../../wasm/types.ts";
import { HandedOn } from "./carried.ts";
import { type Dispatch, dispatchAt, dispatched } from "./dispatch.ts";
import { EMPTY_BLOCK, emit, emitConstant, passBlockType } from "./layout.ts";
import type { MeteredCode } from "./metered-code.ts";

/** Kinds of open constructs. An `if` becomes a block at its `else`. */
const FUNCTION = 0;
const BLOCK = 1;
const IF = 2;
/** A loop without branches to it. */
const PLAIN_LOOP = 3;
/** Loops that are checked where they branch back: one that is refuelled outside, and one with calls in it, which is refuelled inside. */
const CHECKED_LOOP = 4;
const CALLING_LOOP = 5;
const HEAD_CHECKED_LOOP = 6;

const UNSET = -1;

/**
 * The constructs of a function that are open, and the branches to their labels. Where paths join, the first one fixes the label's pending sum and the
 * others pay or get back the difference. What is below zero at a check is thereby the same as if each block had been charged at its entry.
 *
 * A loop is checked where it branches back, and what is called then stands outside it, so that the platform can still unroll the loop;
 * without one of the two loops where it has calls already (`br $need` then leads to the refuelling in `$head`):
 *
 *     block $out
 *       loop $refill
 *         block $need
 *           loop $head  …  fuel -= cost; if fuel >= 0 br $head; br $need  …  end
 *           br $out
 *         end
 *         fuel = slow(fuel)
 *         br $refill
 *       end
 *     end
 *
 * A loop that a branch reaches which also carries an operand of its own, or an exception, is checked at its head instead.
 */
export class Constructs {
  private readonly out: MeteredCode;
  /** Open constructs in what has been written, those that the rewriting adds included. */
  private open = 0;

  // The constructs of the original code that are open, the function itself first.
  private height = 0;
  private readonly kinds: number[] = [];
  /** The value of `open` once the construct that a branch names was opened. */
  private readonly opened: number[] = [];
  /** What is pending at the label, or {@link UNSET} while nothing has come there. */
  private readonly pendings: number[] = [];
  /** What is pending at the start of the other arm of an `if`. */
  private readonly others: number[] = [];
  private readonly reached: number[] = [];
  /** A number of its own for each, ascending in the order in which they were opened. */
  private readonly serials: number[] = [];
  private serial = 0;
  /** The cost of a loop's head. */
  private readonly headCosts: number[] = [];
  /** Where the head begins in the original bytes. */
  private readonly heads: number[] = [];
  /** Parameters of the label of a loop that is checked at its back edges. */
  private readonly params: (readonly ValueType[])[] = [];
  /** Of a loop that is checked at its back edges, what its head is if nothing but a branch by a local. */
  private readonly dispatches: (Dispatch | undefined)[] = [];
  private readonly handedOn: HandedOn = new HandedOn();
  /** Whether control can arrive at the label. */
  private readonly arrived: boolean[] = [];

  constructor(out: MeteredCode) {
    this.out = out;
  }

  /** Begins a function: if there are branches to its label, a block around its body stands for it. */
  begin(plan: FunctionPlan, { results }: FunctionType): void {
    this.open = 0;
    this.height = 0;
    if (plan.labels[0] !== 0) {
      this.out.code.u8(OP.BLOCK);
      this.resultBlockType(results);
      this.open = 1;
    }
    this.push(FUNCTION, plan.labels[0]);
  }

  /** The construct that a label names, counted from the innermost. */
  frameAt(label: number): number {
    return this.height - 1 - label;
  }

  /** What a branch to a construct has for a label in what is written. */
  labelOf(frame: number): number {
    return this.open - this.opened[frame];
  }

  /** Begins a `block`, `try` or `try_table`, which has been written. */
  beginBlock(reached: number): void {
    this.open++;
    this.push(BLOCK, reached);
  }

  /** Begins an `if`, whose opcode and block type stand at `at` to `pos`. */
  beginIf(bytes: Uint8Array, at: number, pos: number, reached: number): void {
    const { out } = this;
    if ((reached & (LABEL.table | LABEL.catch)) !== 0) out.flush();
    out.code.copy(bytes, at, pos);
    this.open++;
    this.push(IF, reached);
    this.others[this.height - 1] = out.pending;
    out.synced = false;
  }

  /** The other arm of the innermost `if`. @param live whether the first falls through to the end */
  otherArm(live: boolean): void {
    const { out } = this;
    const frame = this.height - 1;
    if (live) this.arrive(frame);
    out.code.u8(OP.ELSE);
    this.kinds[frame] = BLOCK;
    out.pending = this.others[frame];
    out.synced = false;
  }

  /** `catch` or `catch_all`, at `at` to `pos`. @param live whether what stands before it falls through to the end */
  beginHandler(bytes: Uint8Array, at: number, pos: number, live: boolean): void {
    if (live) this.arrive(this.height - 1);
    this.out.code.copy(bytes, at, pos);
    this.out.reload();
  }

  /** `delegate`, which closes its `try`. @returns whether control goes on behind it */
  delegate(label: number, live: boolean): boolean {
    const frame = --this.height;
    if (live) this.arrive(frame);
    this.open--;
    emit(this.out.code, OP.DELEGATE, this.labelOf(frame - 1 - label));
    return this.leave(frame);
  }

  private isChecked(frame: number): boolean {
    return this.kinds[frame] === CHECKED_LOOP || this.kinds[frame] === CALLING_LOOP;
  }

  /** `br`, `br_if`, `br_on_null` or `br_on_non_null`. */
  branch(opcode: number, label: number): void {
    const frame = this.frameAt(label);
    if (this.isChecked(frame)) {
      if (opcode === OP.BR) this.branchBack(frame, this.labelOf(frame));
      else this.branchBackIf(frame);
      return;
    }
    this.arrive(frame);
    emit(this.out.code, opcode, this.labelOf(frame));
  }

  private push(kind: number, reached: number): void {
    const { height } = this;
    this.kinds[height] = kind;
    this.opened[height] = this.open;
    this.reached[height] = reached;
    // Branches that cannot be preceded by a correction want nothing pending.
    this.pendings[height] = (reached & (LABEL.table | LABEL.catch)) !== 0 ? 0 : UNSET;
    this.arrived[height] = false;
    this.serials[height] = this.serial++;
    this.height++;
  }

  /** Begins a loop, whose head costs `cost`; its opcode and block type stand at `at` to `pos`. */
  beginLoop(bytes: Uint8Array, at: number, pos: number, cost: number, reached: number): void {
    const { out } = this;
    const { code } = out;
    out.synced = false;
    if (reached === 0) {
      code.copy(bytes, at, pos);
      this.open++;
      this.push(PLAIN_LOOP, 0);
      out.pending += cost;
      return;
    }
    const params = this.loopParams(bytes, at + 1);
    const atHead =
      (reached & (LABEL.operand | LABEL.catch)) !== 0 || ((reached & LABEL.table) !== 0 && params.length > 0);
    if (atHead) {
      this.beginHeadCheckedLoop(bytes, at, pos, cost, reached);
      return;
    }
    out.pending += cost;
    out.flush();
    const calls = (reached & LABEL.calls) !== 0;
    code.u8(OP.BLOCK);
    code.copy(bytes, at + 1, pos);
    code.copy(bytes, at, pos);
    code.u8(OP.BLOCK);
    passBlockType(code, out.layout.types, params);
    if (!calls) code.copy(bytes, at, pos);
    this.open += calls ? 2 : 4;
    this.push(calls ? CALLING_LOOP : CHECKED_LOOP, reached);
    if (calls) this.open++;
    const frame = this.height - 1;
    this.headCosts[frame] = cost;
    this.heads[frame] = pos;
    this.params[frame] = params;
    this.dispatches[frame] = params.length === 0 ? dispatchAt(bytes, pos) : undefined;
    if (out.layout.options.carries && !calls) this.handedOn.begin(bytes, pos);
  }

  private beginHeadCheckedLoop(bytes: Uint8Array, at: number, pos: number, cost: number, reached: number): void {
    const { out } = this;
    const { code, fuel, fellIn } = out;
    out.flush();
    if ((reached & LABEL.catch) !== 0) out.storeFuel();
    emitConstant(code, 1);
    emit(code, OP.LOCAL_SET, fellIn);
    code.copy(bytes, at, pos);
    this.open++;
    this.push(HEAD_CHECKED_LOOP, reached);
    this.pendings[this.height - 1] = 0;
    out.positions?.push(code.length, stopPosition(bytes, pos));
    if ((reached & LABEL.catch) !== 0) out.reload();
    out.fuelLess(cost);
    emit(code, OP.LOCAL_TEE, fuel);
    emitConstant(code, 0);
    code.u8(OP.I32_LT_S);
    emit(code, OP.LOCAL_GET, fellIn);
    code.u8(OP.I32_EQZ);
    code.u8(OP.I32_AND);
    out.refuelIf();
    emitConstant(code, 0);
    emit(code, OP.LOCAL_SET, fellIn);
  }

  private loopParams(bytes: Uint8Array, pos: number): readonly ValueType[] {
    if (bytes[pos] >= 0x40 && bytes[pos] < 0x80) return [];
    const reader = new Reader(bytes, pos);
    const type = readBlockType(reader);
    return type.kind === "index" ? (this.out.layout.types.types[type.index].composite as FunctionType).params : [];
  }

  /** Ends the innermost construct, whose `end` stands at `at`. @returns whether control goes on behind it */
  end(bytes: Uint8Array, at: number, live: boolean): boolean {
    const { out } = this;
    const { code } = out;
    const frame = --this.height;
    switch (this.kinds[frame]) {
      case FUNCTION:
        return this.finish(frame, live);
      case CHECKED_LOOP:
        code.u8(OP.END);
        this.endChecked(frame, bytes, at);
        this.open -= 4;
        if (!live) code.u8(OP.UNREACHABLE);
        return live;
      case CALLING_LOOP:
        this.endChecked(frame, bytes, at);
        this.open -= 3;
        if (!live) code.u8(OP.UNREACHABLE);
        return live;
      case PLAIN_LOOP:
      case HEAD_CHECKED_LOOP:
        code.u8(OP.END);
        this.open--;
        if (!live) code.u8(OP.UNREACHABLE);
        return live;
      case IF:
        // The arm that is not there arrives as well, with what was pending before the `if`.
        if (this.pendings[frame] === UNSET) this.pendings[frame] = this.others[frame];
        if (live) this.arrive(frame);
        if (this.pendings[frame] !== this.others[frame] || (this.reached[frame] & LABEL.catch) !== 0) {
          code.u8(OP.ELSE);
          out.pending = this.others[frame];
          this.arrive(frame);
        }
        this.arrived[frame] = true;
        break;
      default:
        if (live) this.arrive(frame);
    }
    code.u8(OP.END);
    this.open--;
    return this.leave(frame);
  }

  /** Behind the code of a loop that is checked where it branches back: leaves it, and refuels for those that came to the block around the code. */
  private endChecked(frame: number, bytes: Uint8Array, at: number): void {
    const { out } = this;
    const { code, layout } = out;
    emit(code, OP.BR, 2);
    code.u8(OP.END);
    // Stopped here, the guest stands at the loop's head, which it has paid for.
    out.positions?.push(code.length, stopPosition(bytes, this.heads[frame]));
    // In loops with calls it would make frames larger by half, and a guest that recurses would get less far.
    const carries = layout.options.carries && this.kinds[frame] !== CALLING_LOOP;
    const carried = carries ? this.handedOn.end(bytes, at) : [];
    out.callCold(layout.slow, carried, () => emit(code, OP.LOCAL_GET, out.fuel));
    emit(code, OP.BR, 0);
    code.u8(OP.END);
    code.u8(OP.END);
  }

  /** Behind the end of a construct whose label stands there. @returns whether control can arrive */
  private leave(frame: number): boolean {
    const { out } = this;
    out.synced = false;
    if (!this.arrived[frame]) {
      out.code.u8(OP.UNREACHABLE);
      return false;
    }
    out.pending = this.pendings[frame];
    if ((this.reached[frame] & LABEL.catch) !== 0) out.reload();
    return true;
  }

  private finish(frame: number, live: boolean): boolean {
    const { out } = this;
    const { code } = out;
    if (this.open > 0) {
      if (live) this.arrive(frame);
      code.u8(OP.END);
      this.open--;
      live = this.leave(frame);
    }
    if (live) out.giveBack();
    code.u8(OP.END);
    return false;
  }

  /** Writes the clauses of a `try_table`. @returns the position behind them */
  catches(bytes: Uint8Array, pos: number): number {
    const { code } = this.out;
    let count = lebAt(bytes, pos);
    pos = skipLeb(bytes, pos);
    code.u32(count);
    while (count-- > 0) {
      const kind = bytes[pos++];
      code.u8(kind);
      if (kind < 2) {
        code.u32(lebAt(bytes, pos));
        pos = skipLeb(bytes, pos);
      }
      const frame = this.frameAt(lebAt(bytes, pos));
      pos = skipLeb(bytes, pos);
      code.u32(this.labelOf(frame));
      this.arrived[frame] = true;
    }
    return pos;
  }

  /** Before control goes to a label: makes what is pending there agree. What follows a conditional branch goes on from that. */
  private arrive(frame: number): void {
    const { out } = this;
    this.arrived[frame] = true;
    const target = this.pendings[frame];
    if (target === UNSET) {
      this.pendings[frame] = out.pending;
      return;
    }
    if (out.pending !== target) out.settleTo(target);
    if ((this.reached[frame] & LABEL.catch) !== 0) out.storeFuel();
  }

  /**
   * `br` to the head of a loop that is checked here, or to the block around the head, behind which the fuel is refilled. The branch that is taken
   * nearly always comes first, but for loops without calls on a platform that knows no hints: these it unrolls, and lays out better so.
   * @param label the label that stands for the head
   */
  private branchBack(frame: number, label: number): void {
    const { out } = this;
    const { code } = out;
    const calls = this.kinds[frame] === CALLING_LOOP;
    const need = this.labelOf(frame) + (calls ? -1 : 1);
    const needFirst = out.layout.options.carries && !calls;
    out.fuelLess(out.pending + this.headCosts[frame]);
    emit(code, OP.LOCAL_TEE, out.fuel);
    emitConstant(code, 0);
    code.u8(needFirst ? OP.I32_LT_S : OP.I32_GE_S);
    out.hint(!needFirst);
    emit(code, OP.BR_IF, needFirst ? need : label);
    emit(code, OP.BR, needFirst ? label : need);
  }

  /**
   * `br`, behind two instructions at `first` and `second`: where these tell what the head of the loop does next, and a branch gets there, the way
   * through the head is saved. It is paid and checked all the same, and taken after refuelling.
   * @returns whether it has been written
   */
  jump(bytes: Uint8Array, first: number, second: number, label: number): boolean {
    const loop = this.frameAt(label);
    const dispatch = this.isChecked(loop) ? this.dispatches[loop] : undefined;
    if (dispatch === undefined) return false;
    const depth = dispatched(dispatch, bytes, first, second);
    if (depth === undefined || depth >= dispatch.blocks) return false;
    // The blocks at the head were opened one after the other; this one may have been closed since.
    const place = dispatch.blocks - depth;
    const target = loop + place;
    if (target >= this.height || this.serials[target] !== this.serials[loop] + place) return false;
    if ((this.reached[target] & LABEL.catch) !== 0) return false;
    this.arrived[target] = true;
    this.branchBack(loop, this.labelOf(target));
    return true;
  }

  private branchBackIf(frame: number): void {
    const { code } = this.out;
    code.u8(OP.IF);
    passBlockType(code, this.out.layout.types, this.params[frame]);
    this.open++;
    this.branchBack(frame, this.labelOf(frame));
    this.open--;
    code.u8(OP.END);
  }

  /** `br_table`, whose immediates begin at `pos`. @returns the position behind them */
  branchTable(bytes: Uint8Array, pos: number): number {
    const { out } = this;
    const { code } = out;
    const frames: number[] = [];
    /** Loops whose back edges are checked: the table branches to a place of their own, where that is done. */
    const loops: number[] = [];
    let stored = false;
    let count = lebAt(bytes, pos) + 1;
    pos = skipLeb(bytes, pos);
    out.flush();
    while (count-- > 0) {
      const frame = this.frameAt(lebAt(bytes, pos));
      pos = skipLeb(bytes, pos);
      frames.push(frame);
      if (this.isChecked(frame)) {
        if (!loops.includes(frame)) loops.push(frame);
      } else {
        this.arrived[frame] = true;
        if ((this.reached[frame] & LABEL.catch) !== 0 && !stored) {
          out.storeFuel();
          stored = true;
        }
      }
    }
    for (const _ of loops) {
      code.u8(OP.BLOCK);
      code.s33(out.layout.types.func([I32], []));
      this.open++;
    }
    code.u8(OP.BR_TABLE);
    code.u32(frames.length - 1);
    for (const frame of frames) {
      const place = loops.indexOf(frame);
      code.u32(place >= 0 ? loops.length - 1 - place : this.labelOf(frame));
    }
    for (let place = loops.length - 1; place >= 0; place--) {
      code.u8(OP.END);
      this.open--;
      this.branchBack(loops[place], this.labelOf(loops[place]));
    }
    return pos;
  }

  /** `br_on_cast` and `br_on_cast_fail`: flags, a label and two heap types. */
  branchOnCast(bytes: Uint8Array, at: number, immediates: number, end: number): void {
    const { code } = this.out;
    const frame = this.frameAt(lebAt(bytes, immediates + 1));
    this.arrive(frame);
    code.copy(bytes, at, immediates + 1);
    code.u32(this.labelOf(frame));
    code.copy(bytes, skipLeb(bytes, immediates + 1), end);
  }

  private resultBlockType(results: readonly ValueType[]): void {
    const { out } = this;
    if (results.length === 0) out.code.u8(EMPTY_BLOCK);
    else if (results.length === 1) writeValueType(out.code, results[0]);
    else out.code.s33(out.layout.types.func([], results));
  }
}

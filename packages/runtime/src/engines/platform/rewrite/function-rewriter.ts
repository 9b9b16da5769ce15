import { readBlockType } from "../../../binary/instruction-reader.ts";
import { Reader } from "../../../binary/reader.ts";
import { writeValueType } from "../../../binary/type-writer.ts";
import { Writer } from "../../../binary/writer.ts";
import {
  lebAt,
  SHAPE,
  shapeIndex,
  shapes,
  skipBlockType,
  skipImmediates,
  skipLeb,
} from "../../../metering/instruction-shape.ts";
import { type FunctionPlan, LABEL } from "../../../metering/plan.ts";
import type { FunctionBody, LocalRun } from "../../../wasm/module.ts";
import type { FunctionType, ValueType } from "../../../wasm/types.ts";
import { F32, F64, I32, I64 } from "../../../wasm/types.ts";
import { EMPTY_BLOCK, emit, emitConstant, type Layout, METERED, OP, signatureOf } from "./layout.ts";
import { isTrappingTruncation, mayTrap } from "./may-trap.ts";

/** Kinds of open constructs. An `if` becomes a block at its `else`. */
const FUNCTION = 0;
const BLOCK = 1;
const IF = 2;
/** A loop without branches to it, one that is checked where it branches back, and one that is checked at its head. */
const PLAIN_LOOP = 3;
const CHECKED_LOOP = 4;
const HEAD_CHECKED_LOOP = 5;

const UNSET = -1;

/**
 * Rewrites one function after the other so that each charges its blocks and stops at its checks, as `metering/plan.ts` says.
 *
 * The fuel is a local. Costs of blocks are not subtracted where they are due but summed up at compile time, in `pending`, and subtracted
 * where the sum can no longer be known or must be seen: before calls, at loop heads and back edges, and when control leaves. Where paths join, the first one
 * fixes the label's pending sum and the others pay or get back the difference. What is below zero at a check is thereby the same as if each
 * block had been charged at its entry.
 *
 * A loop is checked where it branches back, and what is called then stands outside it, so that the platform can still unroll the loop:
 *
 *     block $out
 *       loop $refill
 *         block $need
 *           loop $head  …  fuel -= cost; if fuel < 0 br $need; br $head  …  end
 *           br $out
 *         end
 *         fuel = slow(fuel)
 *         br $refill
 *       end
 *     end
 *
 * A loop that a branch reaches which also carries an operand of its own, or an exception, is checked at its head instead.
 */
export class FunctionRewriter {
  /** All rewritten code, function after function. */
  readonly code: Writer;
  /** Offsets in the current function's code of branches that are unlikely to be taken. */
  hints: number[] = [];
  /** When set: pairs of an offset in {@link code} and one in the original bytes, ascending. */
  positions: number[] | undefined = undefined;

  private readonly layout: Layout;
  private readonly byParameter: boolean;
  private readonly depth: boolean;
  private readonly exact: boolean;

  // The function at hand.
  private codeStart = 0;
  private fuel = 0;
  private depthLocal = 0;
  private scratch32 = 0;
  private scratch64 = 0;
  private fellIn = 0;
  private element32 = 0;
  private element64 = 0;
  /** A local for the operand of a conversion, by its type; made when the function first has one. */
  private operand32 = UNSET;
  private operand64 = UNSET;
  private locals: LocalRun[] = [];
  private nextLocal = 0;
  private pending = 0;
  /** In exact mode: the global holds the fuel, so that nothing is to be written back before a trap. */
  private synced = false;
  /** Open constructs in what has been written, those that the rewriting adds included. */
  private open = 0;
  private countsDepth = false;
  /** By how many the indices of the function's own locals grow, and from which index on. */
  private shift = 0;
  private paramCount = 0;

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
  /** The cost of a loop's head. */
  private readonly headCosts: number[] = [];
  /** Where the head begins in the original bytes. */
  private readonly heads: number[] = [];
  /** Parameters of the label of a loop that is checked at its back edges. */
  private readonly carried: (readonly ValueType[])[] = [];
  /** Whether control can arrive at the label. */
  private readonly arrived: boolean[] = [];

  constructor(layout: Layout, capacity: number) {
    this.layout = layout;
    this.code = new Writer(capacity);
    this.byParameter = layout.convention === "parameter";
    this.depth = layout.options.depth;
    this.exact = layout.options.exactFuel;
  }

  /** Rewrites a function. @returns its locals, and where its code begins in {@link code}, which ends with it */
  rewrite(bodyIndex: number): { locals: readonly LocalRun[]; start: number } {
    const { layout, code } = this;
    const { syntax } = layout;
    const functionIndex = syntax.importCounts.func + bodyIndex;
    const body = syntax.bodies[bodyIndex];
    const plan = layout.planOf(bodyIndex);
    this.codeStart = code.length;
    this.hints = [];
    this.operand32 = UNSET;
    this.operand64 = UNSET;
    this.positions?.push(code.length, body.start);
    if (layout.leafCosts[functionIndex] !== METERED) {
      code.bytes(body.bytes.subarray(body.start, body.end));
      if (this.positions !== undefined) this.mapVerbatim(body);
      return { locals: body.locals, start: this.codeStart };
    }
    this.declareLocals(body, plan, functionIndex);
    this.begin(plan, signatureOf(syntax, functionIndex));
    this.walk(body, plan);
    return { locals: this.locals, start: this.codeStart };
  }

  /** Decides where the locals that the rewriting adds stand. */
  private declareLocals(body: FunctionBody, plan: FunctionPlan, functionIndex: number): void {
    const params = signatureOf(this.layout.syntax, functionIndex).params.length;
    const locals: LocalRun[] = [...body.locals];
    let next = params;
    for (const { count } of body.locals) next += count;
    this.countsDepth = plan.countsDepth && this.depth;
    if (this.byParameter) {
      this.fuel = params;
      this.depthLocal = params + 1;
      next += this.depth ? 2 : 1;
    } else {
      this.fuel = next++;
      locals.push({ count: 1, type: I32 });
      if (this.depth) {
        this.depthLocal = next++;
        locals.push({ count: 1, type: I32 });
      }
    }
    this.shift = this.byParameter ? (this.depth ? 2 : 1) : 0;
    this.paramCount = params;
    if (plan.hasDynamicCharges) {
      // A length, and the answer of a `grow`.
      this.scratch32 = next;
      this.scratch64 = next + 2;
      next += 4;
      locals.push({ count: 2, type: I32 }, { count: 2, type: I64 });
    }
    if (plan.hasIndirectCalls) {
      this.element32 = next++;
      locals.push({ count: 1, type: I32 });
      if (this.layout.syntax.tables.some(({ type }) => type.address === I64)) {
        this.element64 = next++;
        locals.push({ count: 1, type: I64 });
      }
    }
    if (plan.hasLoops && plan.labels.some((how) => (how & ~LABEL.branch) !== 0)) {
      this.fellIn = next++;
      locals.push({ count: 1, type: I32 });
    }
    this.locals = locals;
    this.nextLocal = next;
  }

  private addLocal(type: ValueType): number {
    this.locals.push({ count: 1, type });
    return this.nextLocal++;
  }

  /** The function's entry: its check, and the block around the body that stands for the function's label if there are branches to it. */
  private begin(plan: FunctionPlan, { results }: FunctionType): void {
    const { code, layout, fuel } = this;
    const cost = plan.costs[0];
    this.open = 0;
    this.synced = false;
    if (!this.byParameter) {
      emit(code, OP.globalGet, layout.fuelGlobal);
      emit(code, OP.localSet, fuel);
    }
    if (this.countsDepth) {
      if (!this.byParameter) {
        emit(code, OP.globalGet, layout.depthGlobal);
        emit(code, OP.localSet, this.depthLocal);
      }
      this.fuelLess(cost);
      emit(code, OP.localGet, this.depthLocal);
      emitConstant(code, 1);
      code.u8(OP.i32Sub);
      emit(code, OP.localTee, this.depthLocal);
      code.u8(OP.i32Or);
      emitConstant(code, 0);
      code.u8(OP.i32LtS);
      this.unlikelyIf();
      emit(code, OP.localGet, fuel);
      emitConstant(code, cost);
      emit(code, OP.localGet, this.depthLocal);
      emit(code, OP.call, layout.enter);
      emit(code, OP.localSet, fuel);
      code.u8(OP.end);
    } else if (plan.entryCheck) {
      // The cost stays pending: comparing with it saves the subtraction.
      emit(code, OP.localGet, fuel);
      emitConstant(code, cost);
      code.u8(OP.i32LtS);
      this.unlikelyIf();
      emit(code, OP.localGet, fuel);
      emitConstant(code, cost);
      emit(code, OP.call, layout.slowAt);
      emit(code, OP.localSet, fuel);
      code.u8(OP.end);
    }
    this.pending = cost;
    this.height = 0;
    if (plan.labels[0] !== 0) {
      code.u8(OP.block);
      this.resultBlockType(results);
      this.open = 1;
    }
    this.push(FUNCTION, plan.labels[0]);
  }

  private push(kind: number, reached: number): void {
    const { height } = this;
    this.kinds[height] = kind;
    this.opened[height] = this.open;
    this.reached[height] = reached;
    // Branches that cannot be preceded by a correction want nothing pending.
    this.pendings[height] = (reached & (LABEL.table | LABEL.catch)) !== 0 ? 0 : UNSET;
    this.arrived[height] = false;
    this.height++;
  }

  private walk(body: FunctionBody, plan: FunctionPlan): void {
    const { code, layout, exact, paramCount, shift } = this;
    const { bytes, end } = body;
    const { offsets, costs, labels } = plan;
    let pos = body.start;
    let block = 1;
    let nextBlock = offsets.length > 1 ? offsets[1] : -1;
    let ordinal = 1;
    let live = true;

    while (pos < end) {
      if (!live) {
        // Unreachable code is left out: what stands before it ends in any type.
        for (let nested = 0; ; ) {
          const opcode = bytes[pos];
          if (opcode === 0x0b || opcode === 0x18) {
            if (nested-- === 0) break;
          } else if (nested === 0 && (opcode === 0x05 || opcode === 0x07 || opcode === 0x19)) break;
          else if ((opcode >= 0x02 && opcode <= 0x04) || opcode === 0x06 || opcode === 0x1f) {
            nested++;
            ordinal++;
          }
          pos = skipInstruction(bytes, pos);
        }
      }
      const at = pos;
      if (at === nextBlock) {
        this.pending += costs[block++];
        nextBlock = block < offsets.length ? offsets[block] : -1;
      }
      if (this.positions !== undefined) this.positions.push(code.length, at);
      const opcode = bytes[pos++];
      switch (opcode) {
        case 0x01: // nop
          break;
        case 0x20: // local.get
        case 0x21: // local.set
        case 0x22: {
          // local.tee
          const index = lebAt(bytes, pos);
          pos = skipLeb(bytes, pos);
          code.u8(opcode);
          code.u32(index < paramCount ? index : index + shift);
          break;
        }
        case 0x02: // block
        case 0x06: // try
          pos = skipBlockType(bytes, pos);
          code.copy(bytes, at, pos);
          this.open++;
          this.push(BLOCK, labels[ordinal++]);
          break;
        case 0x1f: {
          // try_table
          const typeEnd = skipBlockType(bytes, pos);
          code.copy(bytes, at, typeEnd);
          pos = this.catches(bytes, typeEnd);
          this.open++;
          this.push(BLOCK, labels[ordinal++]);
          break;
        }
        case 0x03: {
          // loop
          pos = skipBlockType(bytes, pos);
          // The plan lists every loop head that can be reached.
          const cost = costs[block++];
          nextBlock = block < offsets.length ? offsets[block] : -1;
          this.beginLoop(bytes, at, pos, cost, labels[ordinal++]);
          break;
        }
        case 0x04: // if
          pos = skipBlockType(bytes, pos);
          if ((labels[ordinal] & (LABEL.table | LABEL.catch)) !== 0) this.flush();
          code.copy(bytes, at, pos);
          this.open++;
          this.push(IF, labels[ordinal++]);
          this.others[this.height - 1] = this.pending;
          this.synced = false;
          break;
        case 0x05: {
          // else
          const frame = this.height - 1;
          if (live) this.arrive(frame);
          code.u8(opcode);
          this.kinds[frame] = BLOCK;
          this.pending = this.others[frame];
          this.synced = false;
          live = true;
          break;
        }
        case 0x07: // catch
        case 0x19: // catch_all
          if (live) this.arrive(this.height - 1);
          if (opcode === 0x07) pos = skipLeb(bytes, pos);
          code.copy(bytes, at, pos);
          this.reload();
          live = true;
          break;
        case 0x18: {
          // delegate
          const frame = --this.height;
          const outer = frame - 1 - lebAt(bytes, pos);
          pos = skipLeb(bytes, pos);
          if (live) this.arrive(frame);
          this.open--;
          emit(code, opcode, this.open - this.opened[outer]);
          live = this.leave(frame);
          break;
        }
        case 0x0b: // end
          live = this.end(live);
          break;
        case 0x0c: {
          // br
          const frame = this.height - 1 - lebAt(bytes, pos);
          pos = skipLeb(bytes, pos);
          if (this.kinds[frame] === CHECKED_LOOP) this.branchBack(frame);
          else {
            this.arrive(frame);
            emit(code, OP.br, this.open - this.opened[frame]);
          }
          live = false;
          break;
        }
        case 0x0d: {
          // br_if
          const frame = this.height - 1 - lebAt(bytes, pos);
          pos = skipLeb(bytes, pos);
          if (this.kinds[frame] === CHECKED_LOOP) this.branchBackIf(frame);
          else {
            this.arrive(frame);
            emit(code, OP.brIf, this.open - this.opened[frame]);
          }
          break;
        }
        case 0xd5: // br_on_null
        case 0xd6: {
          // br_on_non_null
          const frame = this.height - 1 - lebAt(bytes, pos);
          pos = skipLeb(bytes, pos);
          this.arrive(frame);
          emit(code, opcode, this.open - this.opened[frame]);
          break;
        }
        case 0x0e: // br_table
          pos = this.branchTable(bytes, pos);
          live = false;
          break;
        case 0x0f: // return
          this.giveBack();
          code.u8(opcode);
          live = false;
          break;
        case 0x10: // call
          this.call(lebAt(bytes, pos));
          pos = skipLeb(bytes, pos);
          break;
        case 0x11: // call_indirect
        case 0x14: // call_ref
          if (opcode === 0x11) this.noteElement(lebAt(bytes, skipLeb(bytes, pos)));
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          this.handOver();
          code.copy(bytes, at, pos);
          this.reload();
          break;
        case 0x12: // return_call
          this.tailCall(lebAt(bytes, pos));
          pos = skipLeb(bytes, pos);
          live = false;
          break;
        case 0x13: // return_call_indirect
        case 0x15: // return_call_ref
          if (opcode === 0x13) this.noteElement(lebAt(bytes, skipLeb(bytes, pos)));
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          this.storeFuel();
          this.storeOuterDepth();
          code.copy(bytes, at, pos);
          live = false;
          break;
        case 0x00: // unreachable
        case 0x08: // throw
        case 0x09: // rethrow
        case 0x0a: {
          // throw_ref
          this.storeFuel();
          if (opcode === 0x09) {
            emit(code, opcode, this.open - this.opened[this.height - 1 - lebAt(bytes, pos)]);
            pos = skipLeb(bytes, pos);
          } else {
            pos = skipImmediates(bytes, pos, shapes[opcode]);
            code.copy(bytes, at, pos);
          }
          live = false;
          break;
        }
        case 0x40: // memory.grow
          this.growMemory(bytes, at, lebAt(bytes, pos));
          pos = skipLeb(bytes, pos);
          break;
        case 0xd2: // ref.func
          emit(code, opcode, layout.entryOf(lebAt(bytes, pos)));
          pos = skipLeb(bytes, pos);
          break;
        case 0xfb:
        case 0xfc:
        case 0xfd:
        case 0xfe: {
          const number = lebAt(bytes, pos);
          const index = shapeIndex(opcode, number);
          const immediates = skipLeb(bytes, pos);
          pos = skipImmediates(bytes, immediates, shapes[index]);
          if (opcode === 0xfb && (number === 0x18 || number === 0x19)) {
            this.branchOnCast(bytes, at, immediates, pos);
            break;
          }
          if (opcode === 0xfc && number >= 0x08) {
            if (this.bulk(bytes, at, immediates, pos, number)) break;
          } else if (opcode === 0xfb && arrayCharge(number)) this.charge(3, false);
          if (exact && mayTrap[index] !== 0) this.sync();
          code.copy(bytes, at, pos);
          break;
        }
        default: {
          const shape = shapes[opcode];
          if (shape !== SHAPE.none) pos = shape === SHAPE.leb ? skipLeb(bytes, pos) : skipImmediates(bytes, pos, shape);
          if (isTrappingTruncation(opcode)) this.noteOperand(opcode);
          if (exact && mayTrap[opcode] !== 0) this.sync();
          code.copy(bytes, at, pos);
        }
      }
    }
  }

  // Constructs.

  /** Begins a loop, whose head costs `cost`; its opcode and block type stand at `at` to `pos`. */
  private beginLoop(bytes: Uint8Array, at: number, pos: number, cost: number, reached: number): void {
    const { code } = this;
    this.synced = false;
    if (reached === 0) {
      code.copy(bytes, at, pos);
      this.open++;
      this.push(PLAIN_LOOP, 0);
      this.pending += cost;
      return;
    }
    const params = this.loopParams(bytes, at + 1);
    const atHead =
      (reached & (LABEL.operand | LABEL.catch)) !== 0 || ((reached & LABEL.table) !== 0 && params.length > 0);
    if (atHead) {
      this.beginHeadCheckedLoop(bytes, at, pos, cost, reached);
      return;
    }
    this.pending += cost;
    this.flush();
    code.u8(OP.block);
    code.copy(bytes, at + 1, pos);
    code.copy(bytes, at, pos);
    code.u8(OP.block);
    this.passBlockType(params);
    code.copy(bytes, at, pos);
    this.open += 4;
    this.push(CHECKED_LOOP, reached);
    this.headCosts[this.height - 1] = cost;
    this.heads[this.height - 1] = pos;
    this.carried[this.height - 1] = params;
  }

  private beginHeadCheckedLoop(bytes: Uint8Array, at: number, pos: number, cost: number, reached: number): void {
    const { code, fuel, fellIn } = this;
    this.flush();
    if ((reached & LABEL.catch) !== 0) this.storeFuel();
    emitConstant(code, 1);
    emit(code, OP.localSet, fellIn);
    code.copy(bytes, at, pos);
    this.open++;
    this.push(HEAD_CHECKED_LOOP, reached);
    this.pendings[this.height - 1] = 0;
    if ((reached & LABEL.catch) !== 0) this.reload();
    this.fuelLess(cost);
    emit(code, OP.localTee, fuel);
    emitConstant(code, 0);
    code.u8(OP.i32LtS);
    emit(code, OP.localGet, fellIn);
    code.u8(OP.i32Eqz);
    code.u8(OP.i32And);
    this.refuelIf();
    emitConstant(code, 0);
    emit(code, OP.localSet, fellIn);
  }

  private loopParams(bytes: Uint8Array, pos: number): readonly ValueType[] {
    if (bytes[pos] >= 0x40 && bytes[pos] < 0x80) return [];
    const reader = new Reader(bytes, pos);
    const type = readBlockType(reader);
    return type.kind === "index" ? (this.layout.types.types[type.index].composite as FunctionType).params : [];
  }

  /** Ends the innermost construct. @returns whether control goes on behind it */
  private end(live: boolean): boolean {
    const { code } = this;
    const frame = --this.height;
    switch (this.kinds[frame]) {
      case FUNCTION:
        return this.finish(frame, live);
      case CHECKED_LOOP:
        code.u8(OP.end);
        emit(code, OP.br, 2);
        code.u8(OP.end);
        // Stopped here, the guest stands at the loop's head, which it has paid for.
        this.positions?.push(code.length, this.heads[frame]);
        emit(code, OP.localGet, this.fuel);
        emit(code, OP.call, this.layout.slow);
        emit(code, OP.localSet, this.fuel);
        emit(code, OP.br, 0);
        code.u8(OP.end);
        code.u8(OP.end);
        this.open -= 4;
        if (!live) code.u8(OP.unreachable);
        return live;
      case PLAIN_LOOP:
      case HEAD_CHECKED_LOOP:
        code.u8(OP.end);
        this.open--;
        if (!live) code.u8(OP.unreachable);
        return live;
      case IF:
        // The arm that is not there arrives as well, with what was pending before the `if`.
        if (this.pendings[frame] === UNSET) this.pendings[frame] = this.others[frame];
        if (live) this.arrive(frame);
        if (this.pendings[frame] !== this.others[frame] || (this.reached[frame] & LABEL.catch) !== 0) {
          code.u8(OP.else);
          this.pending = this.others[frame];
          this.arrive(frame);
        }
        this.arrived[frame] = true;
        break;
      default:
        if (live) this.arrive(frame);
    }
    code.u8(OP.end);
    this.open--;
    return this.leave(frame);
  }

  /** Behind the end of a construct whose label stands there. @returns whether control can arrive */
  private leave(frame: number): boolean {
    this.synced = false;
    if (!this.arrived[frame]) {
      this.code.u8(OP.unreachable);
      return false;
    }
    this.pending = this.pendings[frame];
    if ((this.reached[frame] & LABEL.catch) !== 0) this.reload();
    return true;
  }

  private finish(frame: number, live: boolean): boolean {
    const { code } = this;
    if (this.open > 0) {
      if (live) this.arrive(frame);
      code.u8(OP.end);
      this.open--;
      live = this.leave(frame);
    }
    if (live) this.giveBack();
    code.u8(OP.end);
    return false;
  }

  /** Writes the clauses of a `try_table`. @returns the position behind them */
  private catches(bytes: Uint8Array, pos: number): number {
    const { code } = this;
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
      const frame = this.height - 1 - lebAt(bytes, pos);
      pos = skipLeb(bytes, pos);
      code.u32(this.open - this.opened[frame]);
      this.arrived[frame] = true;
    }
    return pos;
  }

  // Branches.

  /** Before control goes to a label: makes what is pending there agree. What follows a conditional branch goes on from that. */
  private arrive(frame: number): void {
    this.arrived[frame] = true;
    const target = this.pendings[frame];
    if (target === UNSET) {
      this.pendings[frame] = this.pending;
      return;
    }
    if (this.pending !== target) this.settleTo(target);
    if ((this.reached[frame] & LABEL.catch) !== 0) this.storeFuel();
  }

  /** `br` to the head of a loop that is checked here. */
  private branchBack(frame: number): void {
    const { code } = this;
    this.fuelLess(this.pending + this.headCosts[frame]);
    emit(code, OP.localTee, this.fuel);
    emitConstant(code, 0);
    code.u8(OP.i32LtS);
    this.hints.push(code.length - this.codeStart);
    // The block around the loop's head, behind which the fuel is refilled.
    emit(code, OP.brIf, this.open - this.opened[frame] + 1);
    emit(code, OP.br, this.open - this.opened[frame]);
  }

  private branchBackIf(frame: number): void {
    const { code } = this;
    code.u8(OP.if);
    this.passBlockType(this.carried[frame]);
    this.open++;
    this.branchBack(frame);
    this.open--;
    code.u8(OP.end);
  }

  private branchTable(bytes: Uint8Array, pos: number): number {
    const { code } = this;
    const frames: number[] = [];
    /** Loops whose back edges are checked: the table branches to a place of their own, where that is done. */
    const loops: number[] = [];
    let stored = false;
    let count = lebAt(bytes, pos) + 1;
    pos = skipLeb(bytes, pos);
    this.flush();
    while (count-- > 0) {
      const frame = this.height - 1 - lebAt(bytes, pos);
      pos = skipLeb(bytes, pos);
      frames.push(frame);
      if (this.kinds[frame] === CHECKED_LOOP) {
        if (!loops.includes(frame)) loops.push(frame);
      } else {
        this.arrived[frame] = true;
        if ((this.reached[frame] & LABEL.catch) !== 0 && !stored) {
          this.storeFuel();
          stored = true;
        }
      }
    }
    for (const _ of loops) {
      code.u8(OP.block);
      code.s33(this.layout.types.func([I32], []));
      this.open++;
    }
    code.u8(OP.brTable);
    code.u32(frames.length - 1);
    for (const frame of frames) {
      const place = loops.indexOf(frame);
      code.u32(place >= 0 ? loops.length - 1 - place : this.open - this.opened[frame]);
    }
    for (let place = loops.length - 1; place >= 0; place--) {
      code.u8(OP.end);
      this.open--;
      this.branchBack(loops[place]);
    }
    return pos;
  }

  /** `br_on_cast` and `br_on_cast_fail`: flags, a label and two heap types. */
  private branchOnCast(bytes: Uint8Array, at: number, immediates: number, end: number): void {
    const { code } = this;
    const frame = this.height - 1 - lebAt(bytes, immediates + 1);
    this.arrive(frame);
    code.copy(bytes, at, immediates + 1);
    code.u32(this.open - this.opened[frame]);
    code.copy(bytes, skipLeb(bytes, immediates + 1), end);
  }

  // Calls.

  private call(functionIndex: number): void {
    const { code, layout } = this;
    const cost = layout.leafCosts[functionIndex];
    const target = layout.targets[functionIndex];
    if (cost !== METERED) {
      this.pending += cost;
      if (this.exact) this.sync();
      emit(code, OP.call, target);
    } else if (this.byParameter) {
      this.fuelLess(this.pending);
      if (this.depth) emit(code, OP.localGet, this.depthLocal);
      emit(code, OP.call, target);
      emit(code, OP.localSet, this.fuel);
      this.pending = 0;
      this.synced = false;
    } else {
      this.handOver();
      emit(code, OP.call, target);
      this.reload();
    }
  }

  /**
   * Keeps the table index on the stack where it can be found after a trap: the platform tells a null element and one of another type
   * with the same words.
   */
  private noteElement(table: number): void {
    const { code, layout } = this;
    const wide = layout.syntax.tables[table].type.address === I64;
    emit(code, OP.localTee, wide ? this.element64 : this.element32);
    emit(code, OP.localGet, wide ? this.element64 : this.element32);
    if (wide) code.u8(OP.i32Wrap);
    emit(code, OP.globalSet, layout.elementGlobal);
  }

  /** Likewise the operand of a conversion to an integer: whether it was a NaN, or too large, the platform does not tell. */
  private noteOperand(opcode: number): void {
    const { code, layout } = this;
    const single = opcode === 0xa8 || opcode === 0xa9 || opcode === 0xae || opcode === 0xaf;
    if (single && this.operand32 === UNSET) this.operand32 = this.addLocal(F32);
    else if (!single && this.operand64 === UNSET) this.operand64 = this.addLocal(F64);
    const local = single ? this.operand32 : this.operand64;
    emit(code, OP.localTee, local);
    emit(code, OP.localGet, local);
    if (single) code.u8(OP.f64Promote);
    emit(code, OP.globalSet, layout.operandGlobal);
  }

  private tailCall(functionIndex: number): void {
    const { code, layout } = this;
    const cost = layout.leafCosts[functionIndex];
    const target = layout.targets[functionIndex];
    if (cost !== METERED) {
      // It calls nothing, so that the frame kept meanwhile is the last.
      this.call(functionIndex);
      this.giveBack();
      code.u8(OP.return);
    } else if (this.byParameter) {
      this.fuelLess(this.pending);
      if (this.depth) this.outerDepth();
      emit(code, OP.returnCall, target);
    } else {
      this.storeFuel();
      this.storeOuterDepth();
      emit(code, OP.returnCall, target);
    }
  }

  /** Puts fuel and depth where a function of the original type finds them. */
  private handOver(): void {
    this.storeFuel();
    if (this.depth) {
      emit(this.code, OP.localGet, this.depthLocal);
      emit(this.code, OP.globalSet, this.layout.depthGlobal);
    }
  }

  /** The depth that this function was called with: what a tail call hands on. */
  private outerDepth(): void {
    emit(this.code, OP.localGet, this.depthLocal);
    if (this.countsDepth) {
      emitConstant(this.code, 1);
      this.code.u8(OP.i32Add);
    }
  }

  private storeOuterDepth(): void {
    // A function that counts no frame has not changed it.
    if (!this.countsDepth) return;
    this.outerDepth();
    emit(this.code, OP.globalSet, this.layout.depthGlobal);
  }

  /** At a return: leaves the fuel behind the results, or in the global. */
  private giveBack(): void {
    if (this.byParameter) this.fuelLess(this.pending);
    else this.storeFuel();
  }

  // Dynamic charges.

  /** Charges what the operand on the stack says, divided by `1 << shift`, and checks. */
  private charge(shift: number, wide: boolean): void {
    const { code } = this;
    emit(code, OP.localTee, wide ? this.scratch64 : this.scratch32);
    this.fuelLess(this.pending);
    this.pending = 0;
    this.length(wide);
    emitConstant(code, shift);
    code.u8(OP.i32ShrU);
    this.chargeTop();
  }

  /** Subtracts the number on the stack from the fuel below it, and checks. */
  private chargeTop(): void {
    const { code } = this;
    code.u8(OP.i32Sub);
    emit(code, OP.localTee, this.fuel);
    emitConstant(code, 0);
    code.u8(OP.i32LtS);
    this.refuelIf();
    this.synced = false;
  }

  /** Pushes the length in the scratch local: of 64 bits, 2^32 - 1 at most. */
  private length(wide: boolean): void {
    const { code } = this;
    if (!wide) {
      emit(code, OP.localGet, this.scratch32);
      return;
    }
    emit(code, OP.localGet, this.scratch64);
    code.u8(OP.i32Wrap);
    emitConstant(code, -1);
    emit(code, OP.localGet, this.scratch64);
    code.u8(OP.i64Const);
    code.u8(32);
    code.u8(OP.i64ShrU);
    code.u8(OP.i64Eqz);
    code.u8(OP.select);
  }

  private growMemory(bytes: Uint8Array, at: number, memory: number): void {
    const { code, layout } = this;
    const wide = layout.syntax.memories[memory].address === I64;
    const helper = layout.growMemory(memory);
    this.flush();
    emit(code, OP.localTee, wide ? this.scratch64 : this.scratch32);
    if (helper === undefined) code.copy(bytes, at, skipLeb(bytes, at + 1));
    else emit(code, OP.call, helper);
    this.chargeGrowth(wide, 0);
  }

  private growTable(bytes: Uint8Array, at: number, end: number, table: number): void {
    const { code, layout } = this;
    const wide = layout.syntax.tables[table].type.address === I64;
    const helper = layout.growTable(table);
    this.flush();
    if (this.exact) this.sync();
    emit(code, OP.localTee, wide ? this.scratch64 : this.scratch32);
    if (helper === undefined) code.copy(bytes, at, end);
    else emit(code, OP.call, helper);
    this.chargeGrowth(wide, 3);
  }

  /** With the answer of a `grow` on the stack: charges what was granted. */
  private chargeGrowth(wide: boolean, shift: number): void {
    const { code } = this;
    const answer = wide ? this.scratch64 + 1 : this.scratch32 + 1;
    emit(code, OP.localTee, answer);
    emit(code, OP.localGet, this.fuel);
    this.length(wide);
    emitConstant(code, 0);
    emit(code, OP.localGet, answer);
    if (wide) {
      code.u8(OP.i64Const);
      code.s64(-1n);
      code.u8(OP.i64Ne);
    } else {
      emitConstant(code, -1);
      code.u8(OP.i32Ne);
    }
    code.u8(OP.select);
    if (shift !== 0) {
      emitConstant(code, shift);
      code.u8(OP.i32ShrU);
    }
    this.chargeTop();
  }

  /** Instructions behind 0xfc from 8 on. @returns whether it has been written whole */
  private bulk(bytes: Uint8Array, at: number, immediates: number, end: number, number: number): boolean {
    const { memories, tables } = this.layout.syntax;
    const first = lebAt(bytes, immediates);
    const second = number === 0x0a || number === 0x0e ? lebAt(bytes, skipLeb(bytes, immediates)) : first;
    switch (number) {
      case 0x08: // memory.init
        this.charge(6, false);
        return false;
      case 0x0a: // memory.copy
        this.charge(6, memories[first].address === I64 && memories[second].address === I64);
        return false;
      case 0x0b: // memory.fill
        this.charge(6, memories[first].address === I64);
        return false;
      case 0x0c: // table.init
        this.charge(3, false);
        return false;
      case 0x0e: // table.copy
        this.charge(3, tables[first].type.address === I64 && tables[second].type.address === I64);
        return false;
      case 0x11: // table.fill
        this.charge(3, tables[first].type.address === I64);
        return false;
      case 0x0f: // table.grow
        this.growTable(bytes, at, end, first);
        return true;
      default:
        return false;
    }
  }

  // Fuel.

  /** Pushes the fuel less `cost`. */
  private fuelLess(cost: number): void {
    const { code } = this;
    emit(code, OP.localGet, this.fuel);
    if (cost === 0) return;
    emitConstant(code, cost);
    code.u8(OP.i32Sub);
  }

  /** Charges what is pending but for `rest`, which may be more. */
  private settleTo(rest: number): void {
    this.fuelLess(this.pending - rest);
    emit(this.code, OP.localSet, this.fuel);
    this.pending = rest;
    this.synced = false;
  }

  private flush(): void {
    if (this.pending !== 0) this.settleTo(0);
  }

  /** Writes the fuel to the global, where whoever else looks finds it. */
  private storeFuel(): void {
    this.flush();
    emit(this.code, OP.localGet, this.fuel);
    emit(this.code, OP.globalSet, this.layout.fuelGlobal);
    this.synced = true;
  }

  /** In exact mode, before an instruction that may trap. */
  private sync(): void {
    if (!this.synced || this.pending !== 0) this.storeFuel();
  }

  /** Takes the fuel from the global, after whoever else may have changed it. */
  private reload(): void {
    emit(this.code, OP.globalGet, this.layout.fuelGlobal);
    emit(this.code, OP.localSet, this.fuel);
    this.pending = 0;
    this.synced = true;
  }

  /** With a condition on the stack: refuels if it holds. */
  private refuelIf(): void {
    const { code } = this;
    this.unlikelyIf();
    emit(code, OP.localGet, this.fuel);
    emit(code, OP.call, this.layout.slow);
    emit(code, OP.localSet, this.fuel);
    code.u8(OP.end);
  }

  private unlikelyIf(): void {
    this.hints.push(this.code.length - this.codeStart);
    this.code.u8(OP.if);
    this.code.u8(EMPTY_BLOCK);
  }

  // Block types.

  /** The type of a block that takes and gives `types`. */
  private passBlockType(types: readonly ValueType[]): void {
    if (types.length === 0) this.code.u8(EMPTY_BLOCK);
    else this.code.s33(this.layout.types.func(types, types));
  }

  private resultBlockType(results: readonly ValueType[]): void {
    if (results.length === 0) this.code.u8(EMPTY_BLOCK);
    else if (results.length === 1) writeValueType(this.code, results[0]);
    else this.code.s33(this.layout.types.func([], results));
  }

  private mapVerbatim(body: FunctionBody): void {
    for (let i = body.start; i < body.end; i++) this.positions?.push(this.codeStart + i - body.start, i);
  }
}

/** Of the instructions behind 0xfb, those that are charged by a length. */
function arrayCharge(number: number): boolean {
  return number === 0x06 || number === 0x07 || number === 0x09 || number === 0x0a || (number >= 0x10 && number <= 0x13);
}

/** The position behind the instruction at `pos`. */
function skipInstruction(bytes: Uint8Array, pos: number): number {
  const opcode = bytes[pos++];
  if (opcode < 0xfb || opcode > 0xfe) return skipImmediates(bytes, pos, shapes[opcode]);
  return skipImmediates(bytes, skipLeb(bytes, pos), shapes[shapeIndex(opcode, lebAt(bytes, pos))]);
}

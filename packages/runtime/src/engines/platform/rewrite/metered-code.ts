import { Writer } from "../../../binary/writer.ts";
import type { FunctionPlan } from "../../../metering/plan.ts";
import { LABEL } from "../../../metering/plan.ts";
import type { FunctionBody, LocalRun } from "../../../wasm/module.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { I32, I64, type ValueType } from "../../../wasm/types.ts";
import { MAX_CARRIED } from "./carried.ts";
import type { BranchHint } from "./hints.ts";
import { EMPTY_BLOCK, emit, emitConstant, type Layout, signatureOf } from "./layout.ts";

/**
 * The code of the function at hand, and the account of its fuel.
 *
 * The fuel is a local. Costs of blocks are not subtracted where they are due but summed up at compile time, in `pending`, and subtracted
 * where the sum can no longer be known or must be seen: before calls, at loop heads and back edges, and when control leaves.
 */
export class MeteredCode {
  /** All rewritten code, function after function. */
  readonly code: Writer;
  readonly layout: Layout;
  /** The branches of the current function that are likely or unlikely to be taken. */
  hints: BranchHint[] = [];
  /** When set: pairs of an offset in {@link code} and one in the original bytes, ascending. */
  positions: number[] | undefined = undefined;
  readonly byParameter: boolean;
  readonly depth: boolean;
  readonly exact: boolean;

  /** Where the current function begins. */
  codeStart = 0;
  /** The locals that it will have beside its parameters. */
  locals: LocalRun[] = [];
  private nextLocal = 0;
  private functionIndex = 0;
  /** Its own locals behind the parameters move up by `shift`. */
  params: readonly ValueType[] = [];
  private ownLocals: readonly LocalRun[] = [];
  shift = 0;
  fuel = 0;
  depthLocal = 0;
  /** The first of two: a length, and the answer of a `grow`. */
  scratch32 = 0;
  scratch64 = 0;
  /** Whether a loop that is checked at its head was entered from above. */
  fellIn = 0;
  /** The index of an indirect call. */
  element32 = 0;
  element64 = 0;
  /** Locals in which operands are kept for a moment, by type and number; made when the function first needs one. */
  private readonly scratches: Map<string, number> = new Map();

  /** What has been executed and is not yet subtracted. */
  pending = 0;
  /** In exact mode: the global holds the fuel, so that nothing is to be written back before a trap. */
  synced = false;
  countsDepth = false;

  constructor(layout: Layout, capacity: number) {
    this.layout = layout;
    this.code = new Writer(capacity);
    this.byParameter = layout.convention === "parameter";
    this.depth = layout.options.depth;
    this.exact = layout.options.exactFuel;
  }

  /** Begins a function, metered or not. */
  start(): void {
    this.codeStart = this.code.length;
    this.hints = [];
    this.scratches.clear();
  }

  /** Begins a function that is not metered, whose locals stay where they are. */
  beginPlain(body: FunctionBody, functionIndex: number): void {
    this.start();
    this.locals = [...body.locals];
    this.nextLocal = signatureOf(this.layout.syntax, functionIndex).params.length;
    for (const { count } of body.locals) this.nextLocal += count;
  }

  /** Begins a function that is metered: decides where the locals that the rewriting adds stand. */
  begin(body: FunctionBody, plan: FunctionPlan, functionIndex: number): void {
    this.start();
    this.pending = 0;
    this.synced = false;
    this.functionIndex = functionIndex;
    this.params = signatureOf(this.layout.syntax, functionIndex).params;
    this.ownLocals = body.locals;
    const params = this.params.length;
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
    if (plan.hasLoops && plan.labels.some((how) => (how & ~(LABEL.branch | LABEL.calls)) !== 0)) {
      this.fellIn = next++;
      locals.push({ count: 1, type: I32 });
    }
    this.locals = locals;
    this.nextLocal = next;
  }

  /**
   * A local for an operand that an instruction needs twice: nothing is kept in it from one instruction to the next.
   * @param place tells several of one type apart
   */
  scratch(type: ValueType, place: number): number {
    const key = `${type} ${place}`;
    let local = this.scratches.get(key);
    if (local === undefined) {
      local = this.addLocal(type);
      this.scratches.set(key, local);
    }
    return local;
  }

  /** The type of one of the function's own locals. */
  localType(local: number): ValueType {
    const { params } = this;
    if (local < params.length) return params[local];
    let behind = local - params.length;
    for (const { count, type } of this.ownLocals) {
      if (behind < count) return type;
      behind -= count;
    }
    throw new RangeError(`there is no local ${local}`);
  }

  /** Where one of the function's own locals stands. */
  private placeOf(local: number): number {
    return local < this.params.length ? local : local + this.shift;
  }

  private addLocal(type: ValueType): number {
    this.locals.push({ count: 1, type });
    return this.nextLocal++;
  }

  /** The function's entry: takes the fuel from where it is, and checks it, and the depth. The first block's cost stays pending. */
  enter(plan: FunctionPlan): void {
    const { code, layout, fuel } = this;
    const cost = plan.costs[0];
    if (!this.byParameter) {
      emit(code, OP.GLOBAL_GET, layout.fuelGlobal);
      emit(code, OP.LOCAL_SET, fuel);
    }
    if (this.countsDepth) {
      if (!this.byParameter) {
        emit(code, OP.GLOBAL_GET, layout.depthGlobal);
        emit(code, OP.LOCAL_SET, this.depthLocal);
      }
      this.fuelLess(cost);
      emit(code, OP.LOCAL_GET, this.depthLocal);
      emitConstant(code, 1);
      code.u8(OP.I32_SUB);
      emit(code, OP.LOCAL_TEE, this.depthLocal);
      code.u8(OP.I32_OR);
      emitConstant(code, 0);
      code.u8(OP.I32_LT_S);
      this.unlikelyIf();
      this.enterSlowly(plan);
      code.u8(OP.END);
    } else if (plan.entryCheck) {
      // The cost stays pending: comparing with it saves the subtraction.
      emit(code, OP.LOCAL_GET, fuel);
      emitConstant(code, cost);
      code.u8(OP.I32_LT_S);
      this.unlikelyIf();
      this.enterSlowly(plan);
      code.u8(OP.END);
    }
    this.pending = cost;
  }

  /**
   * The cold path of the entry. With what is live carried through it, the function is called anew, so that nothing is to be kept in it; where there
   * are loops that would make frames larger.
   */
  private enterSlowly({ costs, hasLoops }: FunctionPlan): void {
    const { code, layout, countsDepth } = this;
    const carries = layout.options.carries && !hasLoops && this.params.length <= MAX_CARRIED;
    const params = carries ? this.params.map((_, i) => i) : [];
    this.callCold(countsDepth ? layout.enter : layout.slowAt, params, () => {
      emit(code, OP.LOCAL_GET, this.fuel);
      emitConstant(code, costs[0]);
      if (countsDepth) emit(code, OP.LOCAL_GET, this.depthLocal);
    });
    if (!carries) return;
    for (const local of params) emit(code, OP.LOCAL_GET, local);
    emit(code, OP.LOCAL_GET, this.fuel);
    if (!this.byParameter) emit(code, OP.GLOBAL_SET, layout.fuelGlobal);
    else if (this.depth) this.outerDepth();
    emit(code, OP.RETURN_CALL, layout.targets[this.functionIndex]);
  }

  /**
   * Calls a cold path, which gives the fuel.
   * @param carried locals that go through it
   * @param operands writes what it takes beside
   */
  callCold(cold: number, carried: readonly number[], operands: () => void): void {
    const { code, layout } = this;
    // Those of one type together, so that there are fewer different lists.
    const locals = [...carried].sort((a, b) => this.localType(a) - this.localType(b));
    for (const local of locals) {
      emit(code, OP.LOCAL_GET, this.placeOf(local));
      if (this.localType(local) === I32) code.u8(OP.I64_EXTEND_I32_U);
    }
    operands();
    const types = locals.map((local) => widened(this.localType(local)));
    emit(code, OP.CALL, types.length === 0 ? cold : layout.carrying(cold, types));
    for (const local of locals.reverse()) {
      if (this.localType(local) === I32) code.u8(OP.I32_WRAP_I64);
      emit(code, OP.LOCAL_SET, this.placeOf(local));
    }
    emit(code, OP.LOCAL_SET, this.fuel);
  }

  /** Pushes the fuel less `cost`. */
  fuelLess(cost: number): void {
    const { code } = this;
    emit(code, OP.LOCAL_GET, this.fuel);
    if (cost === 0) return;
    emitConstant(code, cost);
    code.u8(OP.I32_SUB);
  }

  /** Charges what is pending but for `rest`, which may be more. */
  settleTo(rest: number): void {
    this.fuelLess(this.pending - rest);
    emit(this.code, OP.LOCAL_SET, this.fuel);
    this.pending = rest;
    this.synced = false;
  }

  flush(): void {
    if (this.pending !== 0) this.settleTo(0);
  }

  /** Writes the fuel to the global, where whoever else looks finds it. */
  storeFuel(): void {
    this.flush();
    emit(this.code, OP.LOCAL_GET, this.fuel);
    emit(this.code, OP.GLOBAL_SET, this.layout.fuelGlobal);
    this.synced = true;
  }

  /** In exact mode, before an instruction that may trap. */
  sync(): void {
    if (!this.synced || this.pending !== 0) this.storeFuel();
  }

  /** Takes the fuel from the global, after whoever else may have changed it. */
  reload(): void {
    emit(this.code, OP.GLOBAL_GET, this.layout.fuelGlobal);
    emit(this.code, OP.LOCAL_SET, this.fuel);
    this.pending = 0;
    this.synced = true;
  }

  /** Puts fuel and depth where a function of the original type finds them. */
  handOver(): void {
    this.storeFuel();
    if (this.depth) {
      emit(this.code, OP.LOCAL_GET, this.depthLocal);
      emit(this.code, OP.GLOBAL_SET, this.layout.depthGlobal);
    }
  }

  /** The depth that this function was called with: what a tail call hands on. */
  outerDepth(): void {
    emit(this.code, OP.LOCAL_GET, this.depthLocal);
    if (this.countsDepth) {
      emitConstant(this.code, 1);
      this.code.u8(OP.I32_ADD);
    }
  }

  storeOuterDepth(): void {
    // A function that counts no frame has not changed it.
    if (!this.countsDepth) return;
    this.outerDepth();
    emit(this.code, OP.GLOBAL_SET, this.layout.depthGlobal);
  }

  /** At a return: leaves the fuel behind the results, or in the global. */
  giveBack(): void {
    if (this.byParameter) this.fuelLess(this.pending);
    else {
      this.storeFuel();
      // Another instance may call a reference next, and finds the depth where it is now.
      this.storeOuterDepth();
    }
  }

  /** With a condition on the stack: refuels if it holds. */
  refuelIf(): void {
    const { code } = this;
    this.unlikelyIf();
    emit(code, OP.LOCAL_GET, this.fuel);
    emit(code, OP.CALL, this.layout.slow);
    emit(code, OP.LOCAL_SET, this.fuel);
    code.u8(OP.END);
  }

  unlikelyIf(): void {
    this.hint(false);
    this.code.u8(OP.IF);
    this.code.u8(EMPTY_BLOCK);
  }

  /** Notes what is to be expected of the branch that is written next. */
  hint(likely: boolean): void {
    this.hints.push({ offset: this.code.length - this.codeStart, likely });
  }
}

/**
 * As what a value is carried. Code that V8 11 optimises takes the upper half of an i32 that a call gives back on the stack for zero at
 * times, which it is not when unoptimised code put it there.
 */
function widened(type: ValueType): ValueType {
  return type === I32 ? I64 : type;
}

import { clock } from "../../store/clock.ts";
import type { EngineInstance } from "../../store/engine.ts";
import type { Func, HostFunction } from "../../store/function.ts";
import { checkHeadroom, isStackOverflow, lastResort, prepareLastResort } from "../../store/host-stack.ts";
import type { ViewHolder } from "../../store/memory.ts";
import type { Meter } from "../../store/meter.ts";
import type { StoreInstance } from "../../store/store-instance.ts";
import type { Builtin } from "../../store/string-builtins.ts";
import { Exception, jsTag } from "../../store/tag.ts";
import { thenOf } from "../../store/thenable.ts";
import { RuntimeError, SuspendError, Trap } from "../../store/trap.ts";
import { toJavaScript, toJavaScriptResults, toWasm, toWasmResults, type WasmValue } from "../../store/values.ts";
import { isReference } from "../../wasm/types.ts";
import type { FunctionCode } from "./code.ts";
import { isViewHolder, partOf } from "./names.ts";
import type { OffsetsOf } from "./positions.ts";
import type { proposalFunctions } from "./proposals.ts";
import { type Callable, type Cell, leaveGuest, makeState, next, noteThrown, type State } from "./state.ts";
import { fromArguments, fromResults, rawToArguments, resultsToRaw, toArguments, toResults } from "./values.ts";

/** Where the functions of a guest come from: translated now, or ahead of time; with an interpreter beside them, or without. */
export interface CodeSource {
  /** @returns undefined for a function without a translation, which {@link untranslated} has to run */
  translated(index: number): FunctionCode | undefined;
  /** What calls a function without a translation. @throws RuntimeError where nothing can run it */
  untranslated(guest: CompiledGuest, cell: Cell): Callable;
  /** Offsets in the module of the instruction at a place in the text of a function. */
  readonly offsetsOf?: OffsetsOf;
  /** What translated code calls for further proposals: `proposalFunctions`, or nothing. */
  readonly proposals?: typeof proposalFunctions;
  /** What calls a function of another engine's instance on the interpreter; undefined for a function that no instance of the interpreter owns. */
  interpreted?(func: Func): Callable | undefined;
}

/** Slices of fuel after which an instance is worth better code: about a tenth of a second. */
const SLICES_TO_RENEW = 1000;

/** A function that has been made for an instance. */
interface Made {
  readonly code: FunctionCode;
  /** Where it reads the views of memories. */
  readonly holders: readonly ViewHolder[];
}

/** An instance whose functions are translated to JavaScript. */
export interface CompiledInstance extends EngineInstance {
  readonly store: StoreInstance;
  readonly callDepth: number;
  readonly guest: CompiledGuest;
}

/** The translated functions of one instance: how they are called from outside, and how they call others. */
export class CompiledGuest {
  readonly instance: CompiledInstance;
  readonly store: StoreInstance;
  readonly meter: Meter;
  readonly callDepth: number;
  readonly code: CodeSource;
  readonly state: State;
  private readonly made: Map<Cell, Made> = new Map();
  /** Slices to run until functions are looked at again, and how many that is after the next time. */
  private renewAt = SLICES_TO_RENEW;
  private renewAfter = SLICES_TO_RENEW;
  /** When the next function may be taken apart, in slices of the meter. */
  piecesAt = 0;

  constructor(instance: CompiledInstance, code: CodeSource) {
    this.instance = instance;
    this.store = instance.store;
    this.meter = instance.meter;
    this.callDepth = instance.callDepth;
    this.code = code;
    prepareLastResort();
    this.state = makeState(this);
  }

  /** Calls one of the instance's own functions with values of JavaScript. */
  invoke(func: Func, args: readonly unknown[]): unknown {
    const { params, results } = func.signature;
    const types = func.type.context;
    const values = params.map((type, i) => toWasm(args[i], type, types));
    return toJavaScriptResults(this.enter(this.state.cell(func.index), toArguments(values, params)), results);
  }

  /** Calls one of the instance's own functions with values as bits. */
  callRaw(func: Func, args: readonly unknown[]): unknown[] {
    const { params, results } = func.signature;
    return resultsToRaw(this.enter(this.state.cell(func.index), rawToArguments(args, params)), results);
  }

  /** Calls a function of its own from outside. */
  private enter(cell: Cell, args: readonly unknown[]): WasmValue[] {
    return fromResults(this.within(cell, args, false), cell.func.signature.results);
  }

  /**
   * Calls one of its own functions: on the instance's clock, and with the fuel settled at the end.
   * @param leaves whether a tail call of another instance's function ends the call, which then returns {@link away}
   * @param caller the meter of the instance whose code calls; undefined for the host
   */
  within(cell: Cell, args: readonly unknown[], leaves: boolean, caller?: Meter): unknown {
    const { meter } = this;
    const { counters } = meter;
    const depth = counters[1];
    const calls = counters[2];
    if (calls !== 0) checkHeadroom();
    else {
      meter.settle();
      // Of an asynchronous call that has ended, or is suspended.
      meter.onSlice = undefined;
      if (meter.slices >= this.renewAt) this.renew();
    }
    // A call within a budget goes on with the fuel and the time that its caller has.
    const outer = calls !== 0 && meter === caller ? clock.deadline : meter.enter();
    counters[2] = calls + 1;
    let first: unknown;
    let failure: unknown = lastResort.trap;
    let failed = true;
    try {
      first = leaves ? run(cell, args) : cell.f(...args);
      failed = false;
    } catch (error) {
      // With a full stack the trap that is at hand takes the place of the error.
      try {
        let left = leaveGuest(error, calls === 0);
        // What a guest throws under this tag is a value of JavaScript's.
        if (!leaves && left instanceof Exception && left.tag === jsTag()) left = left.payload[0];
        failure = calls === 0 ? meter.settleFailure(left) : left;
      } catch {}
    }
    // JavaScript's stack may be full: nothing here depends on a call.
    counters[1] = depth;
    counters[2] = calls;
    try {
      meter.leave(outer);
    } catch {
      clock.deadline = outer;
    }
    if (failed) throw failure;
    if (calls === 0) meter.settle();
    return first;
  }

  /** Puts what calls a function into its cell. */
  fill(cell: Cell): void {
    const { func } = cell;
    const { owner } = func;
    const another = (owner as Partial<CompiledInstance> | undefined)?.guest;
    if (another === this) this.prepareOnCall(cell, () => this.share(cell.func.index));
    else if (another instanceof CompiledGuest) this.fillFromAnother(cell, another);
    else if (func.builtin !== undefined) cell.f = cell.body = this.ofBuiltin(func, func.builtin);
    else cell.f = cell.body = this.code.interpreted?.(func) ?? this.ofHost(func);
  }

  /**
   * V8 embeds what a function refers to only while its code has one instance, and knows a memory's view only in functions that were made after the memory's last growth. So
   * an instance that has run for a while gets new code of its own, of each such function that it calls from then on. Short lives share theirs, and what V8 has learnt of it.
   */
  private renew(): void {
    const current = new Set(this.store.memories.map((memory) => memory.viewHolder));
    for (const [cell, { code, holders }] of this.made) {
      const { uses, copy } = code;
      if (copy === undefined || (uses === 1 && holders.every((holder) => current.has(holder)))) continue;
      this.made.delete(cell);
      this.prepareOnCall(cell, () => ({ ...code, make: copy(), uses: 1 }));
    }
    this.renewAt = this.meter.slices + this.renewAfter;
    // Memories that grow on and on must not make functions new as often.
    this.renewAfter *= 2;
  }

  /** Translates the function when it is first called. */
  private prepareOnCall(cell: Cell, find: () => FunctionCode | undefined): void {
    const prepare = (): void => {
      const code = find();
      if (code === undefined) cell.f = cell.body = this.code.untranslated(this, cell);
      else this.make(cell, code);
    };
    cell.f = (...args) => {
      prepare();
      return cell.f(...args);
    };
    cell.body = (...args) => {
      prepare();
      return cell.body(...args);
    };
  }

  /** Puts the code of a function, made for this instance, into its cell. */
  make(cell: Cell, code: FunctionCode): void {
    const parts = code.names.map((name) => partOf(this.state, name));
    const holders = parts.filter((_, i) => isViewHolder(code.names[i])) as ViewHolder[];
    this.made.set(cell, { code, holders });
    cell.body = code.make(...parts);
    cell.f = code.hasTailCalls ? continuing(cell, this.meter) : cell.body;
  }

  /** The code of a function as other instances have it. */
  private share(index: number): FunctionCode | undefined {
    const code = this.code.translated(index);
    if (code !== undefined) code.uses++;
    return code;
  }

  /** A function of another instance: a tail call of it is left to whoever entered this instance. */
  private fillFromAnother(cell: Cell, guest: CompiledGuest): void {
    const target = guest.state.cell(cell.func.index);
    cell.f = (...args) => callAnother(guest, target, args, this.meter);
    cell.body = (...args) => {
      away.guest = guest;
      away.cell = target;
      away.args = args;
      return away;
    };
  }

  /** A builtin function: its arguments and its result are the same in translated code and in JavaScript. */
  private ofBuiltin({ cost }: Func, builtin: Builtin): Callable {
    const { work, run } = builtin;
    const { counters } = this.meter;
    const { charge } = this.state;
    return (a, b, c) => {
      try {
        counters[0] = (counters[0] - cost) | 0;
        if (work !== undefined) charge(work(a, b, c));
        return run(a, b, c);
      } catch (error) {
        noteThrown(error);
        throw error;
      }
    };
  }

  /** A function of the host, or of an engine whose functions only JavaScript can call. */
  private ofHost(func: Func): Callable {
    const { params, results } = func.signature;
    const call = func.host ?? func.toJavaScript();
    const types = func.type.context;
    const isHost = func.owner === undefined;
    const { awaits } = func;
    return (...args) => {
      try {
        if (isHost) this.state.charge(func.cost);
        const values = fromArguments(args, params).map((value, i) => toJavaScript(value, params[i]));
        const result: unknown = callHost(call, values);
        if (awaits === "everything") throw new SuspendError();
        if (awaits === "promises" && (results.length !== 1 || !isReference(results[0])) && thenOf(result) !== undefined)
          throw new RuntimeError(
            "a host function returned a promise to a synchronous call; call the export through instance.async.exports to wait for it",
          );
        const converted = toResults(toWasmResults(result, results, types), results);
        if (clock.isSet) this.meter.look();
        return converted;
      } catch (error) {
        if (clock.isSet) this.meter.look();
        noteThrown(error);
        throw error;
      }
    };
  }
}

/** Calls a host function; where it finds JavaScript's stack full, that is the guest's doing. */
function callHost(call: HostFunction, args: readonly unknown[]): unknown {
  try {
    return call(...args);
  } catch (error) {
    throw isStackOverflow(error) ? new Trap("call-stack-exhausted") : error;
  }
}

/** What a function returns that asks for a tail call of another instance's function. */
const away: { guest: CompiledGuest | undefined; cell: Cell | undefined; args: unknown[] } = {
  guest: undefined,
  cell: undefined,
  args: [],
};

/**
 * Calls a function of another instance, and then, in a loop instead of on the stack, those that tail calls ask for.
 * @param from the meter of the instance that calls
 */
function callAnother(guest: CompiledGuest, target: Cell, given: unknown[], from: Meter): unknown {
  let args = given;
  let caller = from;
  try {
    for (;;) {
      const result = guest.within(target, args, true, caller);
      if (result !== away) return result;
      caller = guest.meter;
      guest = away.guest as CompiledGuest;
      target = away.cell as Cell;
      args = away.args;
      away.guest = undefined;
      away.cell = undefined;
      away.args = [];
    }
  } catch (error) {
    let seen: unknown = lastResort.trap;
    try {
      if (!isStackOverflow(error)) seen = error;
      noteThrown(seen);
    } catch {}
    throw seen;
  }
}

/** Runs a function, and those of the same instance that its tail calls ask for. @returns its result, or {@link away} */
function run(cell: Cell, args: readonly unknown[]): unknown {
  let result = cell.body(...args);
  while (result === next) {
    const callee = next.cell as Cell;
    const passed = next.args;
    next.cell = undefined;
    next.args = [];
    result = callee.body(...passed);
  }
  return result;
}

/** What calls a function with tail calls. */
function continuing(cell: Cell, meter: Meter): Callable {
  return (...args) => {
    const result = run(cell, args);
    if (result !== away) return result;
    return callAnother(away.guest as CompiledGuest, away.cell as Cell, away.args, meter);
  };
}

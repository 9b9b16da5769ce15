import { meterOf } from "../../store/budget.ts";
import type { AbortSignalLike, EngineInstance, EngineName, Extern, InstanceOptions } from "../../store/engine.ts";
import type { Func, HostFunction } from "../../store/function.ts";
import { aggregateConstant } from "../../store/gc-constant.ts";
import { hostNow, keepAlive } from "../../store/host.ts";
import { exportedFunction, prepareLastResort } from "../../store/host-stack.ts";
import type { Meter, SliceVerdict } from "../../store/meter.ts";
import type { Module } from "../../store/module.ts";
import { nextTurn, type Sliced } from "../../store/scheduler.ts";
import { StoreInstance } from "../../store/store-instance.ts";
import { Trap } from "../../store/trap.ts";
import { toJavaScript, toJavaScriptResults, toWasm, type WasmValue } from "../../store/values.ts";
import { F32, F64, I32, I64 } from "../../wasm/types.ts";
import type { Activation } from "./machine/activation.ts";
import { theMachine } from "./machine/machine.ts";
import { ModuleCode } from "./machine/module-code.ts";
import { readBits, readValue, writeBits, writeValue } from "./machine/values-in-registers.ts";
import { classesOf } from "./translation/classes.ts";

const ENGINE = "interpreter";

/** Fuel in a slice of an asynchronous call: about a millisecond. Weights are the scheduler's matter. */
const SLICE = 100_000;

/** An instance that the interpreter runs. */
export class InterpreterInstance implements EngineInstance {
  readonly module: Module;
  readonly meter: Meter;
  readonly store: StoreInstance;
  /** Made when it is first needed: the compiler may never need it. */
  private translated: ModuleCode | undefined;
  protected readonly deterministic: boolean;
  readonly callDepth: number;
  readonly canSuspend: boolean = true;
  private readonly sliced: Sliced;

  constructor(module: Module, imports: readonly Extern[], options: InstanceOptions) {
    const { limits } = options;
    prepareLastResort();
    this.module = module;
    this.meter = meterOf(options, this.engine);
    this.sliced = { weight: options.weight, virtualTime: 0 };
    this.callDepth = limits.callDepth;
    this.deterministic = options.deterministic;
    this.store = new StoreInstance(this, module, imports, options, aggregateConstant);
    this.store.initialise();
    const { start } = module.syntax;
    if (start !== undefined) this.invoke(this.store.functions[start], []);
  }

  get engine(): EngineName {
    return ENGINE;
  }

  get code(): ModuleCode {
    this.translated ??= codeOf(this.module, this.deterministic);
    return this.translated;
  }

  get exports(): ReadonlyMap<string, Extern> {
    return this.store.exports;
  }

  get suspendable(): boolean {
    const { activation } = theMachine();
    return activation?.asynchronous === true && activation.segments.some(({ instance }) => instance === this);
  }

  makeExported(func: Func): HostFunction {
    return exportedFunction(this, func);
  }

  /** Calls one of its functions with values of JavaScript. */
  invoke(func: Func, args: readonly unknown[]): unknown {
    // A start function may be an import.
    if (!(func.owner instanceof InterpreterInstance)) return func.toJavaScript()(...args);
    const machine = theMachine();
    const values = arePlain(func, args) ? args : convertArguments(func, args);
    const activation = machine.begin(func, false);
    placeArguments(func, values, activation);
    machine.start(activation, func);
    return takeResults(func, activation);
  }

  async callAsync(func: Func, args: readonly unknown[], signal: AbortSignalLike | undefined): Promise<unknown> {
    if (!(func.owner instanceof InterpreterInstance)) return func.toJavaScript()(...args);
    const values = convertArguments(func, args);
    if (signal?.aborted) throw aborted(signal);
    // The caller may be a host function: the guest starts when nothing else is in the machine.
    await Promise.resolve();
    return this.runAsync(func, values, signal, "yield");
  }

  /**
   * As {@link callAsync}, but begins at once, and keeps the event loop waiting until a host function suspends it: what JavaScript Promise Integration
   * asks for.
   */
  async callPromising(func: Func, args: readonly unknown[]): Promise<unknown> {
    if (!(func.owner instanceof InterpreterInstance)) return func.toJavaScript()(...args);
    return this.runAsync(func, convertArguments(func, args), undefined, "continue");
  }

  /** @param atEnd what the end of a slice is for the guest */
  private async runAsync(
    func: Func,
    values: readonly WasmValue[],
    signal: AbortSignalLike | undefined,
    atEnd: SliceVerdict,
  ): Promise<unknown> {
    const machine = theMachine();
    const { meter } = func.owner as InterpreterInstance;
    const activation = machine.begin(func, true);
    if (atEnd === "yield") activation.slice = SLICE;
    activation.onSlice = () => {
      if (signal?.aborted) throw aborted(signal);
      return atEnd;
    };
    placeArguments(func, values, activation);
    let outcome = machine.start(activation, func);
    while (outcome !== "returned") {
      if (outcome === "yielded") {
        await nextTurn(this.sliced, meter.slice);
        outcome = machine.resume(activation, () => {
          if (signal?.aborted) throw aborted(signal);
        });
        continue;
      }
      const awaiting = activation.awaiting as NonNullable<Activation["awaiting"]>;
      // The clock stands still while a guest waits for its host, and goes on while it waits for another guest.
      const forHost = !("slot" in awaiting);
      const pausedAt = hostNow();
      const settling = settled(awaiting.promise, signal, meter);
      const settle = await (forHost ? settling : keepAlive(settling));
      if (forHost) activation.postpone(hostNow() - pausedAt);
      outcome = machine.resume(activation, settle);
    }
    return takeResults(func, activation);
  }

  callRaw(func: Func, args: readonly unknown[]): unknown[] {
    const { params, results } = func.signature;
    const machine = theMachine();
    const activation = machine.begin(func, false);
    const { arena } = machine;
    const classes = classesOf(func.signature);
    let slot = activation.baseFp;
    params.forEach((type, i) => {
      writeBits(arena, slot, type, args[i]);
      slot += classes.params[i] === 3 ? 2 : 1;
    });
    machine.start(activation, func);
    slot = activation.baseFp;
    return results.map((type, i) => {
      const value = readBits(arena, slot, type);
      slot += classes.results[i] === 3 ? 2 : 1;
      return value;
    });
  }
}

function codeOf(module: Module, deterministic: boolean): ModuleCode {
  const key = deterministic ? `${ENGINE} deterministic` : ENGINE;
  let code = module.prepared.get(key) as ModuleCode | undefined;
  if (code === undefined) {
    code = new ModuleCode(module, theMachine().codes, deterministic);
    module.prepared.set(key, code);
  }
  return code;
}

/** Converts all arguments before any is placed: a conversion may run code of the host, which may call guests. */
function convertArguments(func: Func, args: readonly unknown[]): WasmValue[] {
  const { params } = func.signature;
  const values: WasmValue[] = [];
  for (let i = 0; i < params.length; i++) values.push(toWasm(args[i], params[i], func.type.context));
  return values;
}

/** Whether the arguments are numbers that the registers take as they are: typed arrays convert them as the JavaScript API does. */
function arePlain(func: Func, args: readonly unknown[]): boolean {
  const { params } = func.signature;
  for (let i = 0; i < params.length; i++) {
    const type = params[i];
    if (
      typeof args[i] !== (type === I64 ? "bigint" : "number") ||
      (type !== I64 && type !== I32 && type !== F64 && type !== F32) ||
      // A host's NaN may have any bits.
      Number.isNaN(args[i])
    )
      return false;
  }
  return true;
}

function placeArguments(func: Func, values: readonly WasmValue[], activation: Activation): void {
  const { arena } = theMachine();
  const { params } = func.signature;
  for (let i = 0; i < params.length; i++) writeValue(arena, activation.baseFp + i, params[i], values[i]);
}

function takeResults(func: Func, activation: Activation): unknown {
  const { arena } = theMachine();
  const { results } = func.signature;
  const { baseFp } = activation;
  let result: unknown;
  if (results.length === 1) result = toJavaScript(readValue(arena, baseFp, results[0]), results[0]);
  else if (results.length > 1) {
    const values = results.map((type, i) => readValue(arena, baseFp + i, type));
    result = toJavaScriptResults(values, results);
  }
  // Arguments and results must not be held beyond the call.
  if (arena.refs.length > baseFp) arena.refs.fill(null, baseFp);
  return result;
}

function aborted(signal: AbortSignalLike): Trap {
  return new Trap("aborted", { cause: signal.reason });
}

/** Waits for a promise, for the signal, or for the end of all calls of the meter. @returns what gives the promise's value, or throws */
function settled(
  promise: PromiseLike<unknown>,
  signal: AbortSignalLike | undefined,
  meter: Meter,
): Promise<() => unknown> {
  return new Promise((resolve) => {
    const onAbort = (): void =>
      done(() => {
        if (signal?.aborted) throw aborted(signal);
        meter.checkAbort();
      });
    signal?.addEventListener("abort", onAbort, { once: true });
    meter.waiters.add(onAbort);
    const done = (settle: () => unknown): void => {
      signal?.removeEventListener("abort", onAbort);
      meter.waiters.delete(onAbort);
      resolve(settle);
    };
    promise.then(
      (value) => done(() => value),
      (error) =>
        done(() => {
          throw error;
        }),
    );
  });
}

import { clock } from "../../store/clock.ts";
import type { AbortSignalLike, EngineInstance, Extern, InstanceOptions } from "../../store/engine.ts";
import { Func, type HostFunction } from "../../store/function.ts";
import type { Global } from "../../store/global.ts";
import { checkHeadroom, isStackOverflow, lastResort } from "../../store/host-stack.ts";
import { importPlace } from "../../store/import-object.ts";
import type { Memory } from "../../store/memory.ts";
import type { NativeMemory } from "../../store/memory-storage.ts";
import { Meter } from "../../store/meter.ts";
import type { Module } from "../../store/module.ts";
import { tooLong } from "../../store/string-builtins.ts";
import type { Table } from "../../store/table.ts";
import type { Tag } from "../../store/tag.ts";
import { thenOf } from "../../store/thenable.ts";
import { LinkError, RuntimeError, Trap } from "../../store/trap.ts";
import type { ExternKind, Import } from "../../wasm/module.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import { I64 } from "../../wasm/types.ts";
import { atomicWait } from "../atomics.ts";
import { learnTypes } from "./aggregate-access.ts";
import { suppliedByUs } from "./builtins.ts";
import { type Entrance, entry, entryMaker, type HostCalls, hostCall, hostCallMaker } from "./calls.ts";
import { convertingHost, crossingsOf, resultsToHost, valueCrossing } from "./crossings.ts";
import { type Called, failureOf, thrownByHost, uncatchable } from "./failures.ts";
import { globalOf, memoryOf, nativeGlobal, nativeMemory, nativeTable, nativeTag, tableOf, tagOf } from "./natives.ts";
import { callRaw } from "./raw-call.ts";
import { crossingOf, nativeFunc, pairFunc, toGuest, typedFunction } from "./references.ts";
import { externName, hasReference, hasSharedMemory, NAMES, positional, referenceName } from "./rewrite/layout.ts";
import { anyStacks, currentStack } from "./stacks.ts";
import { prepareLastStop, stop } from "./stop.ts";
import { Suspension } from "./suspension.ts";
import type { Variant } from "./variant.ts";
import {
  type NativeFunction,
  type NativeGlobal,
  type NativeInstance,
  type NativeTable,
  type NativeTag,
  theWebAssembly,
} from "./web-assembly.ts";

/** Fuel between two looks at the deadline: about a millisecond. */
const SLICE = 250_000;

/** Imported functions of a module that get an adapter with code of its own, which takes some microseconds to make. */
const MAX_OWN_ADAPTERS = 64;

/** An instance that the platform's own WebAssembly runs. */
export class PlatformInstance implements EngineInstance, Entrance, Called {
  readonly engine = "platform";
  readonly module: Module;
  readonly meter: Meter;
  readonly exports: ReadonlyMap<string, Extern>;
  readonly canSuspend: boolean;

  readonly variant: Variant;
  readonly types: readonly DefinedType[];
  /** Whether its module has structures or arrays, so that any reference may be one. */
  private readonly aggregates: boolean;
  private readonly native: NativeInstance;
  private readonly fuel: NativeGlobal;
  watched = false;
  private readonly suspension: Suspension;
  /** Present when frames are counted: how many more there may be. */
  private readonly depth: NativeGlobal | undefined;
  private readonly callDepth: number;
  private readonly imported: readonly Func[];
  private readonly own: Map<number, Func> = new Map();
  active = 0;
  /** Decides whether calls are to be watched. */
  private readonly watch: () => void;
  /** Whether a guest has run here that can be suspended in the middle of its frames. */
  private hasSuspended = false;
  /** The deadline before the outermost call. */
  outerDeadline: number = Number.POSITIVE_INFINITY;
  /** Whether a call has failed here, which may have consumed more than the budget. */
  private hasFailed = false;
  /** Whether the failure at hand left the counter as it was at some earlier point. */
  private hasLostFuel = false;
  /** The depth at which each nested one began. */
  private readonly depths: number[] = [];

  /** @throws LinkError when the platform has no room for it; Trap; what host functions throw */
  constructor(variant: Variant, imports: readonly Extern[], options: InstanceOptions) {
    const { module } = variant;
    const { limits } = options;
    prepareLastStop();
    this.variant = variant;
    this.module = module;
    this.types = module.valid.types;
    this.aggregates = this.types.some(({ composite }) => composite.kind !== "func");
    if (this.aggregates) learnTypes(this.types);
    this.canSuspend = variant.options.suspends;
    this.callDepth = Math.min(limits.callDepth, 0x7fffffff);
    this.suspension = new Suspension(this, options.weight);
    const meter = new Meter(limits.fuel, limits.timeout);
    this.meter = meter;
    this.imported = imports.filter((extern): extern is Func => extern instanceof Func);

    const importObject = this.importObject(imports);
    this.native = this.instantiate({ [NAMES.module]: importObject, ...suppliedByUs(variant, this) });
    this.setSubtyped(importObject);
    const { exports } = this.native;
    const fuel = exports[NAMES.fuel] as NativeGlobal;
    this.fuel = fuel;
    this.suspension.waiting = exports[NAMES.waiting] as NativeGlobal | undefined;
    this.depth = exports[NAMES.depth] as NativeGlobal | undefined;
    if (this.depth !== undefined) this.depth.value = this.callDepth;
    // A timeout may be set later.
    let { timeout } = meter;
    this.watch = () => {
      // What the beginning of a call has set must be undone at its end, also when the timeout is changed meanwhile.
      this.watched =
        (this.watched && this.active > 0) ||
        timeout !== Number.POSITIVE_INFINITY ||
        this.hasFailed ||
        (this.depth !== undefined && this.hasSuspended);
    };
    Object.defineProperty(meter, "timeout", {
      get: () => timeout,
      set: (value: number) => {
        timeout = value;
        this.watch();
      },
    });
    this.watch();
    // The counter lives in the guest, where its code reads and writes it.
    Object.defineProperty(meter, "unspent", {
      get: () => fuel.value,
      set: (value: number) => {
        fuel.value = value;
      },
    });
    let exact = true;
    Object.defineProperty(meter, "exact", {
      get: () => exact && !variant.lostFuel,
      set: (value: boolean) => {
        exact = value;
      },
    });
    this.refill();
    this.exports = this.externs();
    const { start } = module.syntax;
    if (start !== undefined) this.funcAt(start).toJavaScript()();
  }

  private instantiate(imports: Record<string, Record<string, unknown>>): NativeInstance {
    const { Instance, LinkError: NativeLinkError } = theWebAssembly();
    try {
      return new Instance(this.variant.native, imports);
    } catch (error) {
      const failure = failureOf(error, this);
      if (error instanceof NativeLinkError) throw new LinkError(error.message);
      if (failure !== error || !(error instanceof RangeError)) throw failure;
      throw new LinkError(
        `the platform has no room for this instance: ${error.message}; V8 holds about 13,000 memories in one process`,
      );
    }
  }

  // Imports.

  private importObject(imports: readonly Extern[]): Record<string, unknown> {
    const { syntax } = this.module;
    const { suspends, depth } = this.variant.options;
    const object: Record<string, unknown> = {
      [NAMES.refuel]: (unspent: number) => this.refuel(unspent),
      [NAMES.settle]: () => this.settle(),
    };
    if (depth) object[NAMES.overflow] = () => stop(new Trap("call-stack-exhausted"));
    if (suspends) {
      const Suspending = theWebAssembly().Suspending as new (fn: NativeFunction) => object;
      object[NAMES.pause] = new Suspending(() => this.suspension.pause());
      object[NAMES.resumed] = (id: number) => this.suspension.resumed(id);
      const { resultTypes } = this.variant;
      resultTypes.forEach((results, i) => {
        const { deterministic } = this.variant.options;
        const crossings = results.map((type) => valueCrossing(type, this.types, this.aggregates, deterministic));
        object[NAMES.result + i] = () => this.suspension.outcome(crossings);
      });
    }
    if (hasSharedMemory(syntax)) {
      object[NAMES.wait32] = (memory: number, address: bigint, expected: bigint, timeout: bigint) =>
        this.wait(new Int32Array(this.sharedBuffer(memory)), Number(address) / 4, Number(expected), timeout);
      object[NAMES.wait64] = (memory: number, address: bigint, expected: bigint, timeout: bigint) =>
        this.wait(new BigInt64Array(this.sharedBuffer(memory)), Number(address) / 8, expected, timeout);
    }
    syntax.imports.forEach((item, i) => {
      const { kind, index } = item;
      if (positional(item, this.variant.options).module === NAMES.module)
        object[externName(kind, index)] = atPlace(item, () => this.importValue(kind, index, imports[i]));
    });
    this.imported.forEach((func, i) => {
      if (hasReference(this.variant.options, i)) object[referenceName(i)] = this.referenceTo(func);
    });
    object[NAMES.tooLong] = (length: number) => stop(tooLong(length));
    return object;
  }

  /**
   * Sets table elements again that are imported functions of a subtype of their import's type. V8 (14.6 at least) calls an element that a
   * segment or a table's initialiser has set with the import's type.
   */
  private setSubtyped(imports: Readonly<Record<string, unknown>>): void {
    const { subtyped } = this.variant.options;
    if (subtyped.length === 0) return;
    const functions = new Set(subtyped.map((index) => imports[referenceName(index)]));
    this.module.syntax.tables.forEach(({ type }, i) => {
      if (crossingOf(type.element, this.types, false) !== "func") return;
      const table = this.native.exports[externName("table", i)] as NativeTable;
      const length = Number(table.length);
      for (let place = 0; place < length; place++) {
        const index = type.address === I64 ? BigInt(place) : place;
        const value = table.get(index);
        if (functions.has(value)) table.set(index, value);
      }
    });
  }

  /** The function of the platform that references have for an imported function, with its own type. */
  private referenceTo(func: Func): NativeFunction {
    if (func.owner instanceof PlatformInstance) return func.owner.reference(func);
    if (func.owner !== undefined) return nativeFunc(func, this);
    const { params } = func.signature;
    const crossings = crossingsOf(func, true, true);
    const host = func.host as HostFunction;
    const call = crossings === undefined ? host : convertingHost(host, crossings, this);
    const paidCall: HostFunction = (...args) => {
      const { meter } = this;
      meter.charge(func.cost);
      if (meter.unspent < 0) meter.unspent = meter.refuel(meter.unspent);
      return call(...args);
    };
    const received = (value: object): unknown => {
      if (thenOf(value) === undefined) return value;
      throw new RuntimeError(
        "a host function returned a promise to a call through a reference of another type than its import's; import the function with its own type",
      );
    };
    return typedFunction(func, hostCall(paidCall, params.length, { meter: this.meter, received, failed: this.failed }));
  }

  /** The function of the platform that another instance's references have for one of this instance's. */
  private reference(func: Func): NativeFunction {
    const native = this.native.exports[referenceName(func.index)] as NativeFunction | undefined;
    if (native === undefined) return nativeFunc(func, this);
    pairFunc(native, func);
    return native;
  }

  private importValue(kind: ExternKind, index: number, extern: Extern): unknown {
    switch (kind) {
      case "func":
        return this.importFunction(extern as Func, index);
      case "memory":
        return nativeMemory(extern as Memory);
      case "table":
        return nativeTable(extern as Table, this);
      case "global":
        return nativeGlobal(extern as Global, this);
      case "tag":
        return nativeTag(extern as Tag);
    }
  }

  /** What the guest calls. Functions of other instances here are called without a frame of JavaScript between. */
  private importFunction(func: Func, index: number): NativeFunction {
    if (func.owner instanceof PlatformInstance) return nativeFunc(func, this);
    const { params, results } = func.signature;
    let host = func.host ?? func.toJavaScript();
    const crossings = crossingsOf(func, this.aggregates, this.variant.options.deterministic);
    if (crossings !== undefined) host = convertingHost(host, crossings, this);
    if (this.variant.catches) host = uncatchable(host, this);
    const calls: HostCalls = {
      meter: this.meter,
      received: (value) => this.suspension.received(value, results, crossings),
      failed: this.failed,
    };
    if (index >= MAX_OWN_ADAPTERS) return hostCall(host, params.length, calls);
    const { hostCalls } = this.variant;
    hostCalls[index] ??= hostCallMaker(params.length);
    return hostCalls[index](host, calls);
  }

  private readonly failed = (error: unknown): unknown => {
    if (clock.isSet) this.meter.look();
    return thrownByHost(error, this);
  };

  // What the rewritten code calls.

  /** The counter is below zero. @returns the new one, or -1 when the guest is to be stopped */
  private refuel(unspent: number): number {
    try {
      const { meter } = this;
      const stack = currentStack();
      stack?.checkAbort();
      meter.slice = SLICE;
      const fuel = meter.refuel(unspent);
      if (stack !== undefined) this.suspension.endSlice(stack);
      return fuel;
    } catch (error) {
      this.fuel.value = unspent;
      stop(error);
      return -1;
    }
  }

  private sharedBuffer(memory: number): ArrayBufferLike {
    return (this.native.exports[externName("memory", memory)] as NativeMemory).buffer;
  }

  /** Waits for another thread. @returns the answer, or -1 when the guest is to be stopped */
  private wait(view: Int32Array | BigInt64Array, index: number, expected: number | bigint, timeout: bigint): number {
    try {
      const answer = atomicWait(view, index, expected, timeout, this.suspendable);
      if (typeof answer === "number") return answer;
      this.suspension.threadWait(answer);
      return 0;
    } catch (error) {
      stop(error);
      return -1;
    }
  }

  /** At the beginning or the end of a call from outside, with the fuel below zero. @returns 1 when the guest is to be stopped */
  private settle(): number {
    if (this.active > 1) return 0;
    try {
      this.meter.settle();
      // Another guest may have called: it cannot be stopped here, and its next call of this instance is.
      if (this.active > 0 || !clock.hasPassed) this.refill();
      return 0;
    } catch (error) {
      stop(error);
      return 1;
    }
  }

  /** Fills the counter if there is nothing in it, so that small functions, which check nothing, need not ask at each of their ends. */
  private refill(): void {
    this.meter.leave(this.meter.enter());
  }

  // Exports.

  private externs(): ReadonlyMap<string, Extern> {
    const { syntax } = this.module;
    const { exports } = this.native;
    const externs = new Map<string, Extern>();
    for (const { name, kind, index } of syntax.exports) {
      const native = exports[externName(kind, index)];
      switch (kind) {
        case "func":
          externs.set(name, this.funcAt(index));
          break;
        case "memory":
          externs.set(name, memoryOf(native as NativeMemory, syntax.memories[index]));
          break;
        case "table":
          externs.set(name, tableOf(native as NativeTable, syntax.tables[index].type, this.types, this));
          break;
        case "global":
          externs.set(name, globalOf(native as NativeGlobal, syntax.globals[index].type, this.types, this));
          break;
        case "tag":
          externs.set(name, tagOf(native as NativeTag, this.types[syntax.tags[index]]));
      }
    }
    if (this.variant.catches)
      for (let i = syntax.importCounts.tag; i < syntax.tags.length; i++)
        tagOf(exports[externName("tag", i)] as NativeTag, this.types[syntax.tags[i]]);
    return externs;
  }

  /** The function of the store at an index of the module. */
  private funcAt(index: number): Func {
    if (index < this.imported.length) return this.imported[index];
    let func = this.own.get(index);
    if (func === undefined) {
      func = new Func(this.types[this.module.syntax.functions[index]], this, index);
      this.own.set(index, func);
      const native = this.native.exports[externName("func", index)];
      if (native !== undefined) pairFunc(native as NativeFunction, func);
    }
    return func;
  }

  /** Finds the function for one of the platform that came out of a table or global: its name is its index in the rewritten module. */
  find(native: NativeFunction): Func | undefined {
    const place = Number(native.name);
    const entry = this.variant.rewriter().referenced(place);
    const entries = this.native.exports[NAMES.entries] as NativeTable | undefined;
    if (entry === undefined || entries?.get(entry.place) !== native) return undefined;
    const func = this.funcAt(entry.original);
    pairFunc(native, func);
    return func;
  }

  makeExported(func: Func): HostFunction {
    const native = nativeFunc(func, this);
    const { params } = func.signature;
    const { entries } = this.variant;
    entries[func.index] ??= entryMaker(params.length);
    const call = entries[func.index](this, native);
    const crossings = crossingsOf(func, this.aggregates, this.variant.options.deterministic);
    if (crossings === undefined) return call;
    return (...args) => {
      try {
        return resultsToHost(
          call(...params.map((_, i) => toGuest(args[i], crossings.params[i], this))),
          crossings,
          this,
        );
      } catch (error) {
        throw isStackOverflow(error) ? lastResort.trap : error;
      }
    };
  }

  // Calls from outside.

  begin(): void {
    const { meter, depth } = this;
    if (this.active === 0) {
      if (depth !== undefined && anyStacks()) depth.value = this.callDepth;
      if (this.hasFailed) meter.settle();
      this.outerDeadline = meter.enter();
    } else {
      checkHeadroom();
      if (depth !== undefined) this.depths.push(depth.value as number);
    }
  }

  end(): void {
    if (this.active === 0) {
      this.meter.leave(this.outerDeadline);
      this.watch();
    } else if (this.depth !== undefined) this.depths.pop();
  }

  fail(error: unknown, begun: boolean): unknown {
    if (!begun) return failureOf(error, this);
    // What unwound did not count back.
    if (this.depth !== undefined)
      this.depth.value = this.active === 0 ? this.callDepth : this.depths[this.depths.length - 1];
    if (this.watched || this.active !== 0) this.end();
    const failure = failureOf(error, this);
    return this.active === 0 ? this.settleFailure(failure) : failure;
  }

  /** Ends an outermost call that fails. @returns what it throws */
  settleFailure(failure: unknown): unknown {
    if (!this.hasFailed) {
      this.hasFailed = true;
      this.watch();
    }
    const settled = this.meter.settleFailure(failure);
    // What the guest has consumed since it last wrote its counter back is not known: the next call may find the budget used up.
    if (this.hasLostFuel) this.meter.forfeit();
    this.hasLostFuel = false;
    return settled;
  }

  lostFuel(variant: Variant): void {
    if (variant === this.variant) {
      this.meter.exact = false;
      this.hasLostFuel = true;
    }
    // Guests call each other without a word to the host, also those of one module.
    if (variant !== this.variant || this.isLinked) variant.lostFuel = true;
  }

  /** Whether its guest code can come to that of another instance: by an import, a shared table, or a reference that somebody hands it. */
  private get isLinked(): boolean {
    const { importCounts, exports, types } = this.module.syntax;
    return (
      importCounts.table > 0 ||
      exports.some(({ kind }) => kind === "table") ||
      this.imported.some(({ owner }) => owner !== undefined) ||
      types.some(
        ({ composite }) =>
          composite.kind === "func" &&
          [...composite.params, ...composite.results].some((type) => crossingOf(type, this.types, false) === "func"),
      )
    );
  }

  isNullElement(table: number): boolean | undefined {
    const { exports } = this.native;
    const native = exports[externName("table", table)] as NativeTable;
    // As an unsigned number; an index of 64 bits that is not one of these was out of bounds.
    const index = ((exports[NAMES.element] as NativeGlobal).value as number) >>> 0;
    const wide = this.module.syntax.tables[table].type.address === I64;
    return native.get(wide ? BigInt(index) : index) === null;
  }

  hadNaN(): boolean {
    return Number.isNaN((this.native.exports[NAMES.operand] as NativeGlobal).value);
  }

  get suspendable(): boolean {
    return this.canSuspend && currentStack() !== undefined;
  }

  beginOnStack(): void {
    const { meter } = this;
    if (!this.hasSuspended) {
      this.hasSuspended = true;
      this.watch();
    }
    if (meter.timeout !== Number.POSITIVE_INFINITY) meter.enter();
    if (this.depth !== undefined) this.depth.value = this.callDepth;
  }

  callAsync(func: Func, args: readonly unknown[], signal: AbortSignalLike | undefined): Promise<unknown> {
    return this.suspension.call(
      func,
      args,
      crossingsOf(func, this.aggregates, this.variant.options.deterministic),
      signal,
    );
  }

  callRaw(func: Func, args: readonly unknown[]): unknown[] {
    if (!(func.owner instanceof PlatformInstance))
      throw new TypeError("only a function of an instance can be called with bits");
    const native = nativeFunc(func, this);
    return entry(this, () => callRaw(native, func, args, this), 0)() as unknown[];
  }
}

/** The value of an import. @throws LinkError that names the import, where its value cannot be used here */
function atPlace<T>(item: Import, value: () => T): T {
  try {
    return value();
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    throw new LinkError(`${importPlace(item)}: ${error.message}`);
  }
}

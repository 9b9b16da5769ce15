import { type Budget, meterOf } from "../../store/budget.ts";
import { clock } from "../../store/clock.ts";
import type { AbortSignalLike, EngineInstance, Extern, InstanceOptions } from "../../store/engine.ts";
import { Func, type HostFunction } from "../../store/function.ts";
import type { Global } from "../../store/global.ts";
import { isStackOverflow, lastResort } from "../../store/host-stack.ts";
import { importPlace } from "../../store/import-object.ts";
import type { Memory } from "../../store/memory.ts";
import type { NativeMemory } from "../../store/memory-storage.ts";
import type { Meter } from "../../store/meter.ts";
import type { Module } from "../../store/module.ts";
import { mostBytes, mostElements } from "../../store/sizes.ts";
import { tooLong } from "../../store/string-builtins.ts";
import type { Table } from "../../store/table.ts";
import type { Tag } from "../../store/tag.ts";
import { thenOf } from "../../store/thenable.ts";
import { LinkError, RuntimeError, Trap } from "../../store/trap.ts";
import type { ExternKind, Import } from "../../wasm/module.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import { I64 } from "../../wasm/types.ts";
import { atomicWait } from "../atomics.ts";
import { Account } from "./account.ts";
import { learnTypes } from "./aggregate-access.ts";
import { suppliedByUs } from "./builtins.ts";
import { entry, entryMaker, type HostCalls, hostCall, hostCallMaker } from "./calls.ts";
import { convertingHost, crossingsOf, resultsToHost, valueCrossing } from "./crossings.ts";
import { failureOf, thrownByHost, uncatchable } from "./failures.ts";
import { globalOf, memoryOf, nativeGlobal, nativeMemory, nativeTable, nativeTag, tableOf, tagOf } from "./natives.ts";
import { callRaw } from "./raw-call.ts";
import { crossingOf, nativeFunc, pairFunc, toGuest, typedFunction } from "./references.ts";
import { externName, hasReference, hasSharedMemory, NAMES, positional, referenceName } from "./rewrite/layout.ts";
import { currentStack } from "./stacks.ts";
import { prepareLastStop, stop } from "./stop.ts";
import { type Suspendable, Suspension } from "./suspension.ts";
import type { Variant } from "./variant.ts";
import {
  type NativeFunction,
  type NativeGlobal,
  type NativeInstance,
  type NativeTable,
  type NativeTag,
  theWebAssembly,
} from "./web-assembly.ts";

const PAGE = 65536;

/** Fuel between two looks at the deadline: about a millisecond. */
const SLICE = 250_000;

/** Imported functions of a module that get an adapter with code of its own, which takes some microseconds to make. */
const MAX_OWN_ADAPTERS = 64;

/** An instance that the platform's own WebAssembly runs. */
export class PlatformInstance implements EngineInstance, Suspendable {
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
  /** Its own, or that of its budget. */
  readonly account: Account;
  private readonly suspension: Suspension;
  private readonly options: InstanceOptions;
  private readonly imported: readonly Func[];
  private readonly own: Map<number, Func> = new Map();
  /** Of an instance with a budget: its memories and its tables. */
  private memories: readonly Memory[] = [];
  private tables: readonly Table[] = [];

  /** @throws LinkError when the platform has no room for it; Trap; what host functions throw */
  constructor(variant: Variant, imports: readonly Extern[], options: InstanceOptions) {
    const { module } = variant;
    const { budget } = options;
    prepareLastStop();
    this.variant = variant;
    this.module = module;
    this.types = module.valid.types;
    this.aggregates = this.types.some(({ composite }) => composite.kind !== "func");
    if (this.aggregates) learnTypes(this.types);
    this.canSuspend = variant.options.suspends;
    this.options = options;
    this.suspension = new Suspension(this, options.weight);
    this.meter = meterOf(options, this.engine);
    this.account = accountOf(options, this.meter);
    this.imported = imports.filter((extern): extern is Func => extern instanceof Func);

    const importObject = this.importObject(imports);
    this.native = this.instantiate({ [NAMES.module]: importObject, ...suppliedByUs(variant, this) });
    this.setSubtyped(importObject);
    const { exports } = this.native;
    if (budget === undefined)
      this.account.open(exports[NAMES.fuel] as NativeGlobal, exports[NAMES.depth] as NativeGlobal | undefined);
    else this.countIn(budget);
    this.suspension.waiting = exports[NAMES.waiting] as NativeGlobal | undefined;
    this.account.join(variant);
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
    if (this.variant.options.shared) {
      [object[NAMES.fuel], object[NAMES.depth]] = this.account.globals;
      object[NAMES.mayGrow] = (place: number, delta: bigint) => this.mayGrow(place, delta);
      object[NAMES.grown] = (place: number) => this.grown(place);
    }
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

  /** The function of the platform that calls one of this instance's from outside: it settles the fuel. */
  outermost(func: Func): NativeFunction {
    return (
      (this.native.exports[externName("func", func.index)] as NativeFunction | undefined) ?? nativeFunc(func, this)
    );
  }

  /** Whether an instance has the same budget. */
  private isNear(owner: EngineInstance): boolean {
    return owner instanceof PlatformInstance && owner.account === this.account;
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
    const { owner } = func;
    if (owner instanceof PlatformInstance) return this.isNear(owner) ? nativeFunc(func, this) : owner.outermost(func);
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
      this.meter.unspent = unspent;
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
    try {
      this.account.settle();
      return 0;
    } catch (error) {
      stop(error);
      return 1;
    }
  }

  // Its budget.

  /** Counts its memories and tables. */
  private countIn(budget: Budget): void {
    const { syntax } = this.module;
    const { exports } = this.native;
    this.memories = syntax.memories.map((type, i) => memoryOf(exports[externName("memory", i)] as NativeMemory, type));
    this.tables = syntax.tables.map(({ type }, i) =>
      tableOf(exports[externName("table", i)] as NativeTable, type, this.types, this),
    );
    for (const memory of this.memories) memory.countIn(budget.memories);
    for (const table of this.tables) table.countIn(budget.tables);
  }

  /** Whether a memory, or a table behind the memories, may grow. @returns 1 if it may */
  private mayGrow(place: number, delta: bigint): number {
    const { memories, tables, options } = this;
    const by = Number(BigInt.asUintN(64, delta));
    if (place < memories.length) {
      const memory = memories[place];
      const size = memory.bytes.length + by * PAGE;
      return size <= mostBytes(memory, memories, options) ? 1 : 0;
    }
    const table = tables[place - memories.length];
    return Number(table.length) + by <= mostElements(table, tables, options) ? 1 : 0;
  }

  /** A memory or table may have grown. */
  private grown(place: number): void {
    const { memories, tables } = this;
    const { budget } = this.options;
    if (place < memories.length) budget?.memories.count(memories[place], memories[place].bytes.length);
    else {
      const table = tables[place - memories.length];
      budget?.tables.count(table, Number(table.length));
    }
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
      const { exports } = this.native;
      // References within a budget are not settled.
      const native = (this.options.budget && exports[referenceName(index)]) ?? exports[externName("func", index)];
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
    const native = this.outermost(func);
    const { params } = func.signature;
    const { entries } = this.variant;
    entries[func.index] ??= entryMaker(params.length);
    const call = entries[func.index](this.account, native, this);
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

  lostFuel(variant: Variant): void {
    if (this.account.has(variant)) this.account.loseFuel();
    // Guests call each other without a word to the host, also those of one module.
    if (variant !== this.variant || this.isLinked) variant.lostFuel = true;
  }

  /** Whether its guest code can come to that of another instance: by an import, a shared table, or a reference that somebody hands it. */
  private get isLinked(): boolean {
    const { importCounts, exports, types } = this.module.syntax;
    return (
      importCounts.table > 0 ||
      exports.some(({ kind }) => kind === "table") ||
      this.imported.some(({ owner }) => owner !== undefined && !this.isNear(owner)) ||
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
    const native = this.outermost(func);
    return entry(this.account, () => callRaw(native, func, args, this), 0, this)() as unknown[];
  }
}

/** The account of a new instance: that of its budget, or one of its own. */
function accountOf({ budget, limits }: InstanceOptions, meter: Meter): Account {
  if (budget === undefined) return new Account(meter, limits.callDepth);
  budget.engineData ??= Account.shared(meter, limits.callDepth);
  return budget.engineData as Account;
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

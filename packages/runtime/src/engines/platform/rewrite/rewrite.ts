import { encodeModule } from "../../../binary/encode.ts";
import { lebAt, skipInstruction } from "../../../metering/instruction-shape.ts";
import { type FunctionPlan, planFunction } from "../../../metering/plan.ts";
import { stopPosition } from "../../../metering/stop-position.ts";
import type {
  DataSegment,
  ElementSegment,
  Export,
  Expression,
  ExternKind,
  FunctionBody,
  GlobalDefinition,
  Import,
  LocalRun,
  TableDefinition,
  WasmModule,
} from "../../../wasm/module.ts";
import { SECTION } from "../../../wasm/module.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { STRING_MODULE } from "../../../wasm/string-builtins.ts";
import {
  EXTERNREF,
  F64,
  FUNCREF,
  I32,
  I64,
  type MemoryType,
  type TableType,
  type ValueType,
} from "../../../wasm/types.ts";
import {
  atomicWaiter,
  carryingFunction,
  enterFunction,
  entryAdapter,
  importAdapter,
  leafAdapter,
  memoryGrower,
  type SupportImports,
  sharedGrower,
  slowAtFunction,
  slowFunction,
  tableGrower,
  waitFunction,
} from "./appended.ts";
import { builtinAdapter, hasWork, stringLengthFunction } from "./builtins.ts";
import { rewriteConstant } from "./constants.ts";
import { FunctionRewriter } from "./function-rewriter.ts";
import { type BranchHint, encodeHints, HINT_SECTION } from "./hints.ts";
import {
  type AppendedFunction,
  type Convention,
  externName,
  GUEST,
  globalIndex,
  hasReference,
  hasSharedMemory,
  type Layout,
  METERED,
  meteredType,
  NAMES,
  positional,
  type RewriteOptions,
  referenceName,
  signatureOf,
} from "./layout.ts";
import { isLeaf } from "./leaf.ts";
import { shiftedNames } from "./names.ts";
import { keepsTables } from "./tables.ts";
import { TypePool } from "./type-pool.ts";

/** Code grows by about this factor; buffers begin with it. */
const GROWTH = 1.6;

/** `f64.const 0`, and its end. */
const ZERO_F64 = new Uint8Array([OP.F64_CONST, 0, 0, 0, 0, 0, 0, 0, 0, OP.END]);

/** Rewrites modules: see `function-rewriter.ts` for the code, `layout.ts` for what stands where. */
export class Rewriter implements Layout {
  readonly syntax: WasmModule;
  readonly options: RewriteOptions;
  readonly convention: Convention;
  readonly metersTables: boolean;
  readonly types: TypePool;
  private plans: readonly FunctionPlan[] | undefined;
  readonly targets: Int32Array;
  readonly leafCosts: Int32Array;
  readonly shift: number;
  readonly fuelGlobal: number;
  readonly depthGlobal: number;
  readonly globalShift: number;
  readonly waitingGlobal: number;
  readonly elementGlobal: number;
  readonly operandGlobal: number;
  readonly slow: number;
  readonly slowAt: number;
  readonly enter: number;
  readonly resultTypes: readonly (readonly ValueType[])[];

  private readonly imports: Import[] = [];
  private readonly importTypes: number[] = [];
  private readonly support: SupportImports;
  private readonly appended: AppendedFunction[] = [];
  /** What references have for functions of the module, by their indices, and for imported ones that have a second import. */
  private readonly entries: Map<number, number> = new Map();
  private readonly references: Map<number, number> = new Map();
  /** Where each of {@link entries} stands in the table of {@link NAMES.entries}. */
  private places: Map<number, number> | undefined;
  private readonly outermost: Map<number, number> = new Map();
  private readonly sharedFunctions: Map<string, number> = new Map();
  private readonly firstAppended: number;

  /** @param plans those of all the module's bodies; they are let go once the module is rewritten */
  constructor(syntax: WasmModule, options: RewriteOptions, plans: readonly FunctionPlan[]) {
    this.syntax = syntax;
    this.options = options;
    this.types = new TypePool(syntax.types);
    this.plans = plans;
    this.metersTables = keepsTables(syntax, plans) && !this.tailCallsGuestElements(plans);
    this.convention =
      (plans.some((plan) => plan.hasIndirectTailCalls) && !this.metersTables) || this.tailCallsGuests(plans)
        ? "global"
        : "parameter";
    this.resultTypes = options.suspends ? resultTypesOf(syntax) : [];
    this.support = this.supportImports();
    this.shift = this.imports.length;
    this.globalShift = !options.shared ? 0 : options.depth ? 2 : 1;
    const imports = syntax.importCounts.global;
    let next = syntax.globals.length + this.globalShift;
    this.fuelGlobal = options.shared ? imports : next++;
    this.waitingGlobal = next++;
    this.elementGlobal = next++;
    this.operandGlobal = next++;
    this.depthGlobal = options.shared ? imports + 1 : next;
    this.firstAppended = syntax.functions.length + this.shift;
    const imported = syntax.importCounts.func;
    this.leafCosts = new Int32Array(syntax.functions.length).fill(METERED);
    this.targets = new Int32Array(syntax.functions.length);
    plans.forEach((plan, i) => {
      if (isLeaf(plan, syntax.bodies[i])) this.leafCosts[imported + i] = plan.costs[0];
      this.targets[imported + i] = imported + this.shift + i;
    });
    this.slow = this.append(slowFunction(this, this.support));
    this.slowAt = this.append(slowAtFunction(this));
    this.enter = options.depth ? this.append(enterFunction(this, this.support)) : -1;
    for (let i = 0; i < imported; i++) {
      const builtin = options.builtins[i];
      if (builtin === undefined) this.targets[i] = this.append(importAdapter(this, i));
      else if (hasWork(builtin)) this.targets[i] = this.append(builtinAdapter(this, this.support, i, builtin));
      else {
        // It costs the same always and calls nobody: callers pay for it, as for a leaf.
        this.targets[i] = i;
        this.leafCosts[i] = options.hostCosts[i];
      }
    }
  }

  planOf(bodyIndex: number): FunctionPlan {
    return this.plans?.[bodyIndex] ?? planFunction(this.syntax, bodyIndex);
  }

  isGuest(functionIndex: number): boolean {
    return this.options.hostCosts[functionIndex] === GUEST;
  }

  /** Whether a tail call through a table may call a function of another instance, which returns in its caller's place. */
  private tailCallsGuestElements(plans: readonly FunctionPlan[]): boolean {
    const { hostCosts } = this.options;
    return (
      hostCosts.includes(GUEST) &&
      plans.some((plan) => plan.hasIndirectTailCalls) &&
      this.syntax.elements.some(
        ({ kind, items }) => kind === "functions" && (items as readonly number[]).some((index) => this.isGuest(index)),
      )
    );
  }

  /** Whether there is a tail call of an imported function that belongs to an instance. */
  private tailCallsGuests(plans: readonly FunctionPlan[]): boolean {
    if (!this.options.hostCosts.includes(GUEST)) return false;
    return plans.some(({ hasTailCalls }, i) => {
      const { bytes, start, end } = this.syntax.bodies[i];
      for (let pos = start; hasTailCalls && pos < end; pos = skipInstruction(bytes, pos))
        if (bytes[pos] === OP.RETURN_CALL && this.isGuest(lebAt(bytes, pos + 1))) return true;
      return false;
    });
  }

  private supportImports(): SupportImports {
    const { options, types } = this;
    const waits = hasSharedMemory(this.syntax);
    const first = this.syntax.importCounts.func;
    const add = (
      name: string,
      params: readonly ValueType[],
      results: readonly ValueType[],
      module: string = NAMES.module,
    ): number => {
      const index = first + this.imports.length;
      this.imports.push({ module, name, kind: "func", index });
      this.importTypes.push(types.func(params, results));
      return index;
    };
    for (let i = 0; i < first; i++) {
      if (!hasReference(options, i)) continue;
      const index = first + this.imports.length;
      this.imports.push({ module: NAMES.module, name: referenceName(i), kind: "func", index });
      this.importTypes.push(this.syntax.functions[i]);
      this.references.set(i, index);
    }
    const measures = options.builtins.some((builtin) => builtin !== undefined && hasWork(builtin));
    return {
      refuel: add(NAMES.refuel, [I32], [I32]),
      settle: add(NAMES.settle, [], [I32]),
      overflow: options.depth ? add(NAMES.overflow, [], []) : -1,
      pause: options.suspends ? add(NAMES.pause, [], [I32]) : -1,
      tooLong: measures ? add(NAMES.tooLong, [I32], []) : -1,
      test: measures ? add("test", [EXTERNREF], [I32], STRING_MODULE) : -1,
      length: measures ? add("length", [EXTERNREF], [I32], STRING_MODULE) : -1,
      resumed: options.suspends ? add(NAMES.resumed, [I32], [I32]) : -1,
      wait32: waits ? add(NAMES.wait32, [I32, I64, I64, I64], [I32]) : -1,
      wait64: waits ? add(NAMES.wait64, [I32, I64, I64, I64], [I32]) : -1,
      mayGrow: options.shared ? add(NAMES.mayGrow, [I32, I64], [I32]) : -1,
      grown: options.shared ? add(NAMES.grown, [I32], []) : -1,
      results: new Map(
        this.resultTypes.map((results, i): [string, number] => [results.join(), add(NAMES.result + i, [], results)]),
      ),
    };
  }

  private append(fn: AppendedFunction): number {
    this.appended.push(fn);
    return this.firstAppended + this.appended.length - 1;
  }

  entryOf(functionIndex: number): number {
    let entry = this.references.get(functionIndex) ?? this.entries.get(functionIndex);
    if (entry === undefined) {
      entry =
        this.convention === "global" && this.leafCosts[functionIndex] === METERED
          ? this.targets[functionIndex]
          : this.append(entryAdapter(this, this.support, functionIndex, false));
      this.entries.set(functionIndex, entry);
    }
    return entry;
  }

  /** What stands for a function in the module's tables. */
  private elementOf(functionIndex: number): number {
    if (!this.metersTables) return this.entryOf(functionIndex);
    if (this.leafCosts[functionIndex] === METERED) return this.targets[functionIndex];
    return this.shared(`leaf ${functionIndex}`, () => leafAdapter(this, functionIndex));
  }

  carrying(cold: number, carried: readonly ValueType[]): number {
    const operands = cold === this.slow ? 1 : cold === this.slowAt ? 2 : 3;
    return this.shared(`carry ${cold} ${carried.join()}`, () => carryingFunction(this, cold, operands, carried));
  }

  /** The function that the host calls. */
  private outermostOf(functionIndex: number): number {
    let entry = this.outermost.get(functionIndex);
    if (entry === undefined) {
      entry = this.append(entryAdapter(this, this.support, functionIndex, true));
      this.outermost.set(functionIndex, entry);
    }
    return entry;
  }

  growMemory(memory: number): number | undefined {
    if (this.options.shared)
      return this.shared(`memory ${memory}`, () => sharedGrower(this, this.support, memory, false));
    if (this.options.memory === Number.POSITIVE_INFINITY || this.memoryCap(memory) !== undefined) return undefined;
    return this.shared(`memory ${memory}`, () => memoryGrower(this, memory));
  }

  growTable(table: number): number | undefined {
    if (this.options.shared) return this.shared(`table ${table}`, () => sharedGrower(this, this.support, table, true));
    if (this.options.tableElements === Number.POSITIVE_INFINITY || this.tableCap(table) !== undefined) return undefined;
    return this.shared(`table ${table}`, () => tableGrower(this, table));
  }

  stringLength(): number {
    return this.shared("string length", () => stringLengthFunction(this, this.support));
  }

  atomicWait(width: 4 | 8, access: Uint8Array, memory: number, offset: bigint): number {
    return this.shared(`atomic ${width} ${access.join()}`, () =>
      atomicWaiter(this, this.support, width, access, memory, offset),
    );
  }

  waitFor(results: readonly ValueType[]): number {
    return this.shared(`wait ${results.join()}`, () => waitFunction(this, this.support, results));
  }

  /** An appended function that many places call. */
  private shared(key: string, make: () => AppendedFunction): number {
    let index = this.sharedFunctions.get(key);
    if (index === undefined) {
      index = this.append(make());
      this.sharedFunctions.set(key, index);
    }
    return index;
  }

  /** The cap that can be written into the memory's type: when it is the only memory, and the module's own. */
  private memoryCap(memory: number): bigint | undefined {
    const { memories, importCounts } = this.syntax;
    if (memories.length !== 1 || importCounts.memory > memory) return undefined;
    return this.options.memory === Number.POSITIVE_INFINITY
      ? undefined
      : BigInt(Math.floor(this.options.memory / 65536));
  }

  private tableCap(table: number): bigint | undefined {
    const { tables, importCounts } = this.syntax;
    if (tables.length !== 1 || importCounts.table > table) return undefined;
    return this.options.tableElements === Number.POSITIVE_INFINITY ? undefined : BigInt(this.options.tableElements);
  }

  /**
   * The function of the module whose references are the function at `index` of the rewritten one, and its place in the table of
   * {@link NAMES.entries}; undefined when there is none.
   */
  referenced(index: number): { readonly original: number; readonly place: number } | undefined {
    this.places ??= new Map([...this.entries.values()].map((entry, place) => [entry, place]));
    const place = this.places.get(index);
    return place === undefined ? undefined : { original: [...this.entries.keys()][place], place };
  }

  /** Rewrites the module. @param id becomes the module's name, so that stack traces tell it */
  rewrite(id: string): Uint8Array {
    const { syntax, shift } = this;
    let size = 0;
    for (const { start, end } of syntax.bodies) size += end - start;
    const rewriter = new FunctionRewriter(this, Math.ceil(size * GROWTH) + 64);
    const bodies: { start: number; end: number; locals: readonly LocalRun[] }[] = [];
    const hints: (readonly BranchHint[])[] = [];
    for (let i = 0; i < syntax.bodies.length; i++) {
      const { locals, start } = rewriter.rewrite(i);
      bodies.push({ start, end: rewriter.out.code.length, locals });
      hints.push(rewriter.out.hints);
    }
    const code = rewriter.out.code.view();
    const exports = this.exports();
    const elements = syntax.elements.map((segment) => this.element(segment));
    const globals = this.globals();
    const tables = syntax.tables.map((definition, i) => this.table(definition, i));
    const entries = [...this.entries.values()];
    if (entries.length > 0) {
      // References of several instances meet in tables, globals and results: the host tells them apart by comparing with these.
      const min = BigInt(entries.length);
      tables.push({ type: { min, max: min, address: I32, element: FUNCREF }, init: undefined });
      exports.push({ name: NAMES.entries, kind: "table", index: tables.length - 1 });
      elements.push({
        mode: "active",
        table: tables.length - 1,
        offset: { bytes: new Uint8Array([OP.I32_CONST, 0, OP.END]), start: 0, end: 3 },
        type: FUNCREF,
        items: entries,
        kind: "functions",
      });
    }
    const imported = syntax.importCounts.func;
    const functions = [
      ...syntax.functions.slice(0, imported),
      ...this.importTypes,
      ...syntax.functions.slice(imported).map((_, i) => this.typeOf(imported + i)),
      ...this.appended.map(({ type }) => type),
    ];
    const importCounts: Record<ExternKind, number> = {
      ...syntax.importCounts,
      func: imported + shift,
      global: syntax.importCounts.global + this.globalShift,
    };
    const hintBytes = encodeHints(hints, bodies, imported + shift);
    const names = shiftedNames(syntax, id, shift);
    const rewritten: WasmModule = {
      types: this.types.types,
      imports: [...syntax.imports.map((item) => positional(item, this.options)), ...this.imports, ...this.counters()],
      importCounts,
      functions,
      tables,
      memories: syntax.memories.map((type, i): MemoryType => ({ ...type, max: lower(type.max, this.memoryCap(i)) })),
      globals,
      tags: syntax.tags,
      exports,
      start: undefined,
      elements: [...elements, ...this.declarations()],
      dataCount: syntax.dataCount,
      data: syntax.data.map((segment): DataSegment => ({ ...segment, offset: this.constant(segment.offset) })),
      bodies: [
        ...bodies.map((body): FunctionBody => ({ ...body, bytes: code })),
        ...this.appended.map(({ body }) => body),
      ],
      custom: [{ name: HINT_SECTION, bytes: hintBytes, after: SECTION.function }, names],
      sections: [],
    };
    this.plans = undefined;
    return encodeModule(
      rewritten,
      code.length + dataSize(syntax) + bodies.length * 8 + hintBytes.length + names.bytes.length + 65536,
    );
  }

  /**
   * Rewrites one function again, to learn which of its original instructions a place in the rewritten code belongs to.
   *
   * @param offset in the rewritten function's code, behind its locals
   * @returns the offset in the module's original bytes
   */
  originalOffset(bodyIndex: number, offset: number): number {
    const rewriter = new FunctionRewriter(this, 1024);
    const positions: number[] = [];
    rewriter.out.positions = positions;
    rewriter.rewrite(bodyIndex);
    const { bytes, start } = this.syntax.bodies[bodyIndex];
    let found = stopPosition(bytes, start);
    for (let i = 0; i < positions.length && positions[i] <= offset; i += 2) found = positions[i + 1];
    return found;
  }

  private typeOf(functionIndex: number): number {
    const { syntax, options, types } = this;
    return this.convention === "global" || this.leafCosts[functionIndex] !== METERED
      ? syntax.functions[functionIndex]
      : meteredType(types, signatureOf(syntax, functionIndex), options.depth);
  }

  private constant(expression: Expression): Expression;
  private constant(expression: Expression | undefined): Expression | undefined;
  private constant(expression: Expression | undefined): Expression | undefined {
    return expression === undefined ? undefined : rewriteConstant(expression, this);
  }

  private element(segment: ElementSegment): ElementSegment {
    return {
      ...segment,
      offset: this.constant(segment.offset),
      items:
        segment.kind === "functions"
          ? (segment.items as readonly number[]).map((index) => this.elementOf(index))
          : (segment.items as readonly Expression[]).map((item) => this.constant(item)),
    };
  }

  /** What `ref.func` names must be declared: the functions that stand for the module's own. */
  private declarations(): ElementSegment[] {
    if (this.entries.size === 0) return [];
    const items = [...this.entries.values()];
    return [{ mode: "declarative", table: 0, offset: undefined, type: FUNCREF, items, kind: "functions" }];
  }

  /** The globals of a budget. */
  private counters(): Import[] {
    if (!this.options.shared) return [];
    const names = this.options.depth ? [NAMES.fuel, NAMES.depth] : [NAMES.fuel];
    return names.map((name, i) => ({ module: NAMES.module, name, kind: "global", index: this.fuelGlobal + i }));
  }

  private globals(): GlobalDefinition[] {
    const { syntax, options } = this;
    const type = { type: I32, mutable: true };
    const own: GlobalDefinition = {
      type,
      init: { bytes: new Uint8Array([OP.I32_CONST, 0, OP.END]), start: 0, end: 3 },
    };
    const globals = syntax.globals.map(({ type, init }) => ({ type, init: this.constant(init) }));
    const imported = syntax.importCounts.global;
    return [
      ...globals.slice(0, imported),
      ...this.counters().map(() => ({ type, init: undefined })),
      ...globals.slice(imported),
      ...(options.shared ? [] : [own]),
      own,
      own,
      { type: { type: F64, mutable: true }, init: { bytes: ZERO_F64, start: 0, end: ZERO_F64.length } },
      ...(options.depth && !options.shared ? [own] : []),
    ];
  }

  private table({ type, init }: TableDefinition, index: number): TableDefinition {
    const capped: TableType = { ...type, max: lower(type.max, this.tableCap(index)) };
    return { type: capped, init: this.constant(init) };
  }

  /** What the instance needs to reach, each once, under the name of its kind and index. */
  private exports(): Export[] {
    const { syntax, options } = this;
    const exports: Export[] = [];
    const known = new Set<string>();
    const add = (kind: ExternKind, index: number, target: number): void => {
      const name = externName(kind, index);
      if (known.has(name)) return;
      known.add(name);
      exports.push({ name, kind, index: target });
    };
    for (const { kind, index } of syntax.exports) {
      if (kind !== "func") add(kind, index, kind === "global" ? globalIndex(this, index) : index);
      else if (index >= syntax.importCounts.func) {
        add(kind, index, this.outermostOf(index));
        // Another instance's tail call of it, which may come back by a tail call, must leave no frame. A call within a budget is not settled.
        const name = referenceName(index);
        if ((this.convention !== "global" && !options.shared) || known.has(name)) continue;
        known.add(name);
        exports.push({ name, kind, index: this.entryOf(index) });
      }
    }
    if (syntax.start !== undefined) add("func", syntax.start, this.outermostOf(syntax.start));
    // What an indirect call found there is looked up after a trap.
    syntax.tables.forEach((_, i) => {
      add("table", i, i);
    });
    // Exceptions that leave the guest are told by its tags.
    for (let i = syntax.importCounts.tag; i < syntax.tags.length; i++) add("tag", i, i);
    // The host waits on what they hold, or counts them in a budget.
    syntax.memories.forEach(({ shared }, i) => {
      if (shared || options.shared) add("memory", i, i);
    });
    if (!options.shared) exports.push({ name: NAMES.fuel, kind: "global", index: this.fuelGlobal });
    exports.push({ name: NAMES.element, kind: "global", index: this.elementGlobal });
    exports.push({ name: NAMES.operand, kind: "global", index: this.operandGlobal });
    if (options.suspends) exports.push({ name: NAMES.waiting, kind: "global", index: this.waitingGlobal });
    if (options.depth && !options.shared) exports.push({ name: NAMES.depth, kind: "global", index: this.depthGlobal });
    return exports;
  }
}

/** The tighter of two maxima. */
function lower(max: bigint | undefined, cap: bigint | undefined): bigint | undefined {
  return cap === undefined || (max !== undefined && max < cap) ? max : cap;
}

function dataSize({ data }: WasmModule): number {
  return data.reduce((size, { bytes }) => size + bytes.length, 0);
}

/** The different lists of result types that imported functions have, and waits. */
export function resultTypesOf(syntax: WasmModule): (readonly ValueType[])[] {
  const lists = new Map<string, readonly ValueType[]>();
  for (let i = 0; i < syntax.importCounts.func; i++) {
    const { results } = signatureOf(syntax, i);
    lists.set(results.join(), results);
  }
  if (hasSharedMemory(syntax)) lists.set([I32].join(), [I32]);
  return [...lists.values()];
}

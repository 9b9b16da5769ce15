import type { Writer } from "../../../binary/writer.ts";
import type { FunctionPlan } from "../../../metering/plan.ts";
import type { ExternKind, FunctionBody, Import, WasmModule } from "../../../wasm/module.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { STRING_MODULE, type StringBuiltin } from "../../../wasm/string-builtins.ts";
import type { FunctionType, ValueType } from "../../../wasm/types.ts";
import { I32 } from "../../../wasm/types.ts";
import type { TypePool } from "./type-pool.ts";

/** What of an instance's options is written into its code. Instances that agree in it share a rewritten module. */
export interface RewriteOptions {
  /** Count frames against a call depth. */
  readonly depth: boolean;
  /** Write the fuel back before everything that may trap. */
  readonly exactFuel: boolean;
  /** Make NaNs of arithmetic canonical, and relaxed instructions what the deterministic profile says. */
  readonly deterministic: boolean;
  /** The platform has JavaScript Promise Integration: slices may suspend, and host functions may return promises. */
  readonly suspends: boolean;
  /** Bytes over all memories, `Infinity` without a cap. */
  readonly memory: number;
  /** Elements over all tables, `Infinity` without a cap. */
  readonly tableElements: number;
  /**
   * What is live across a cold path goes through it as operands: for a platform that knows no branch hints. It would else keep it
   * on the stack also where the cold path is not taken.
   */
  readonly carries: boolean;
  /** The platform looks at the alignment of an atomic access before its bounds, as the specification says. */
  readonly alignsFirst: boolean;
  /** What a call of each imported function costs, or {@link GUEST}. */
  readonly hostCosts: readonly number[];
  /** Imported functions whose type is a strict subtype of the type that the module declares for them: their indices. */
  readonly subtyped: readonly number[];
  /** Which of the imported functions are builtin functions on strings. */
  readonly builtins: readonly (StringBuiltin | undefined)[];
  /** The module name under which globals are string constants. */
  readonly stringConstants: string | undefined;
  /**
   * For instances with a budget: fuel and depth are imported globals, growth asks the host, and references to the module's functions are exported,
   * for calls within the budget.
   */
  readonly shared: boolean;
}

/**
 * The cost, in {@link RewriteOptions.hostCosts}, of a function that belongs to an instance. Such a function pays for itself. A reference to it
 * is a second import, so that it keeps its run-time type.
 */
export const GUEST = -1;

/**
 * How fuel travels between functions.
 *
 * - `parameter`: each metered function takes the fuel as one more parameter and gives it back as one more, last, result. Where a function
 *   must have its own type, in tables and towards the host, an adapter stands in for it. The fastest.
 * - `global`: functions keep their types and hand the fuel over in a global. Only so can a tail call through a table or a reference
 *   stay a tail call, since what it calls returns in the caller's place.
 */
export type Convention = "parameter" | "global";

/** The cost of a function in {@link Layout.leafCosts} that is metered itself. */
export const METERED = -1;

/** Names under which the rewritten module imports and exports what the rewriting adds. Its own are named by kind and index: `f7`, `m0`. */
export const NAMES = {
  module: "w",
  refuel: "refuel",
  settle: "settle",
  overflow: "overflow",
  pause: "pause",
  resumed: "resumed",
  result: "result",
  wait32: "wait32",
  wait64: "wait64",
  mayGrow: "mayGrow",
  grown: "grown",
  fuel: "fuel",
  depth: "depth",
  waiting: "waiting",
  element: "element",
  operand: "operand",
  entries: "entries",
  tooLong: "tooLong",
  /** The module name of string constants. */
  strings: "s",
} as const;

/** The name of the import or export that is the reference to a function: a call of it is not settled at its end. */
export function referenceName(index: number): string {
  return `r${index}`;
}

/** A function that the rewriting appends: its type, and its code with the local declarations before it. */
export interface AppendedFunction {
  readonly type: number;
  readonly body: FunctionBody;
}

/**
 * Where everything stands in the rewritten module. Imported functions keep their indices, those that the rewriting imports follow,
 * then the module's own, and then those that the rewriting appends, in the order in which they were first asked for.
 */
export interface Layout {
  readonly syntax: WasmModule;
  readonly options: RewriteOptions;
  readonly convention: Convention;
  /** Whether functions in tables take the fuel as a parameter too: where nobody but the module itself can get at them. */
  readonly metersTables: boolean;
  readonly types: TypePool;
  /** For each function of the module the index that a direct call of it calls. */
  readonly targets: Int32Array;
  /** For each function what its caller pays for it, or {@link METERED}. */
  readonly leafCosts: Int32Array;
  /** Functions that the rewriting imports: what the module's own functions are shifted by. */
  readonly shift: number;
  readonly fuelGlobal: number;
  readonly depthGlobal: number;
  /** Globals that the rewriting imports, which follow those that the module imports: what the module's own are shifted by. */
  readonly globalShift: number;
  /** Set while a host function's promise, or the end of a slice, is to be waited for. */
  readonly waitingGlobal: number;
  /** Holds the table index of the last indirect call. */
  readonly elementGlobal: number;
  /** Holds the operand, as an f64, of the last conversion to an integer that may trap. */
  readonly operandGlobal: number;
  /** Index of the appended function `(fuel) -> fuel` that every check calls when the fuel is below zero. */
  readonly slow: number;
  /** Index of `(fuel, cost) -> fuel`: the same at an entry, whose block's cost stays pending. */
  readonly slowAt: number;
  /** Index of `(carried, operands) -> (fuel, carried)`, which calls a cold path, `(operands) -> fuel`, and hands on what it is given beside. */
  carrying(cold: number, carried: readonly ValueType[]): number;
  /** Index of `(fuel, cost, depth) -> fuel`, called when the fuel or the depth is below zero at an entry; with `depth` alone. */
  readonly enter: number;
  planOf(bodyIndex: number): FunctionPlan;
  /** Whether a function is imported and belongs to an instance. */
  isGuest(functionIndex: number): boolean;
  /** The function of the original type that references and unmetered tables have for a function. */
  entryOf(functionIndex: number): number;
  /** The function `(delta) -> size` or `(value, delta) -> size` that grows under the cap, or undefined when the plain instruction does. */
  growMemory(memory: number): number | undefined;
  growTable(table: number): number | undefined;
  /** The function `(externref) -> i32` that gives the length of a string, and 0 for anything else. */
  stringLength(): number;
  /** The function `(address, expected, timeout) -> answer` that waits for another thread; `access` is the memory argument of the instruction. */
  atomicWait(width: 4 | 8, access: Uint8Array, memory: number, offset: bigint): number;
  /** The function `(results) -> results` that waits for what a host function promised, and gives what it came to. */
  waitFor(results: readonly ValueType[]): number;
}

/** Whether references to an imported function are a second import, under its {@link referenceName}. */
export function hasReference({ hostCosts, subtyped }: RewriteOptions, functionIndex: number): boolean {
  return hostCosts[functionIndex] === GUEST || subtyped.includes(functionIndex);
}

/** Whether a module may wait for another thread. */
export function hasSharedMemory({ memories }: WasmModule): boolean {
  return memories.some(({ shared }) => shared);
}

/** The name that an import or export of this kind and index has in the rewritten module. */
export function externName(kind: ExternKind, index: number): string {
  return kind[0] + (kind === "tag" ? "g" : "") + index;
}

/**
 * An import under the name that its place gives it: two of the same name may be different things to the host. What the platform itself may
 * supply, builtin functions and string constants, keeps its name.
 */
export function positional({ module, name, kind, index }: Import, options: RewriteOptions): Import {
  const builtin = kind === "func" ? options.builtins[index] : undefined;
  if (builtin !== undefined) return { module: STRING_MODULE, name: builtin, kind, index };
  if (module === options.stringConstants) return { module: NAMES.strings, name, kind, index };
  return { module: NAMES.module, name: externName(kind, index), kind, index };
}

/** Whether a function is an import for which the host is called: builtin functions are none. */
export function isHostFunction(
  { syntax, options }: Pick<Layout, "syntax" | "options">,
  functionIndex: number,
): boolean {
  return functionIndex < syntax.importCounts.func && options.builtins[functionIndex] === undefined;
}

export function signatureOf(syntax: WasmModule, functionIndex: number): FunctionType {
  return syntax.types[syntax.functions[functionIndex]].composite as FunctionType;
}

/** The type that a metered function has in the `parameter` convention. */
export function meteredType(types: TypePool, { params, results }: FunctionType, depth: boolean): number {
  return types.func([...params, I32, ...(depth ? [I32] : [])], [...results, I32]);
}

/** Block type without parameters and results. */
export const EMPTY_BLOCK = 0x40;

/** The type of a block that takes and gives `types`. */
export function passBlockType(code: Writer, pool: TypePool, types: readonly ValueType[]): void {
  if (types.length === 0) code.u8(EMPTY_BLOCK);
  else code.s33(pool.func(types, types));
}

/** Where a global of the module stands in the rewritten one. */
export function globalIndex({ syntax, globalShift }: Pick<Layout, "syntax" | "globalShift">, index: number): number {
  return index < syntax.importCounts.global ? index : index + globalShift;
}

/** An instruction with one index. */
export function emit(writer: Writer, opcode: number, index: number): void {
  writer.u8(opcode);
  writer.u32(index);
}

export function emitConstant(writer: Writer, value: number): void {
  writer.u8(OP.I32_CONST);
  writer.s32(value);
}

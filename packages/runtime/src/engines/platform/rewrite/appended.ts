import { writeOpcode } from "../../../binary/instruction-writer.ts";
import { Writer } from "../../../binary/writer.ts";
import type { LocalRun } from "../../../wasm/module.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { type FunctionType, I32, I64, type ValueType } from "../../../wasm/types.ts";
import {
  type AppendedFunction,
  EMPTY_BLOCK,
  emit,
  emitConstant,
  type Layout,
  METERED,
  meteredType,
  passBlockType,
  signatureOf,
} from "./layout.ts";

/**
 * The functions that the rewriting appends: the cold path of checks, adapters between a function's own type and its metered one, and
 * growth under a cap.
 */

/** Indices of imported functions that the appended ones call. */
export interface SupportImports {
  readonly refuel: number;
  readonly settle: number;
  readonly overflow: number;
  readonly pause: number;
  readonly resumed: number;
  /** With builtin functions whose work depends on lengths: called before a trap for a string that would be too long, and two of the builtins. */
  readonly tooLong: number;
  readonly test: number;
  readonly length: number;
  /** `(memory, address, expected, timeout) -> answer`, or -1 when the guest is to be stopped; only where there is a shared memory. */
  readonly wait32: number;
  readonly wait64: number;
  /**
   * With a budget: `(index, delta) -> allowed`, before a memory or table grows, and `(index)` after it. Tables are counted behind the memories.
   */
  readonly mayGrow: number;
  readonly grown: number;
  /** For each list of result types, `() -> results`: what a host function's promise resolved to. */
  readonly results: ReadonlyMap<string, number>;
}

export function appended(type: number, locals: readonly LocalRun[], write: (code: Writer) => void): AppendedFunction {
  const code = new Writer();
  write(code);
  code.u8(OP.END);
  const bytes = code.finish();
  return { type, body: { bytes, start: 0, end: bytes.length, locals } };
}

/** With a number on the stack that is negative when the guest is to be stopped: a trap of the platform, which no guest can catch. */
function stopIfNegative(code: Writer, local: number): void {
  emit(code, OP.LOCAL_TEE, local);
  emitConstant(code, 0);
  code.u8(OP.I32_LT_S);
  code.u8(OP.IF);
  code.u8(EMPTY_BLOCK);
  code.u8(OP.UNREACHABLE);
  code.u8(OP.END);
}

/** Suspends until what is waited for has come, and leaves the fuel in a local. */
function writeWait(code: Writer, imports: SupportImports, fuel: number): void {
  emit(code, OP.CALL, imports.pause);
  emit(code, OP.CALL, imports.resumed);
  stopIfNegative(code, fuel);
}

/** `(fuel) -> fuel`: asks the host for more, and suspends if the host wants the event loop to run. */
export function slowFunction(layout: Layout, imports: SupportImports): AppendedFunction {
  return appended(layout.types.func([I32], [I32]), [], (code) => {
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.CALL, imports.refuel);
    stopIfNegative(code, 0);
    if (layout.options.suspends) {
      emit(code, OP.GLOBAL_GET, layout.waitingGlobal);
      code.u8(OP.IF);
      code.u8(EMPTY_BLOCK);
      writeWait(code, imports, 0);
      code.u8(OP.END);
    }
    emit(code, OP.LOCAL_GET, 0);
  });
}

/**
 * `(fuel, cost) -> fuel`: the cold path of an entry. The block's cost stays pending in the function, which saves it a subtraction, and makes
 * it smaller: the platform inlines small functions.
 */
export function slowAtFunction(layout: Layout): AppendedFunction {
  return appended(layout.types.func([I32, I32], [I32]), [], (code) => {
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.LOCAL_GET, 1);
    code.u8(OP.I32_SUB);
    emit(code, OP.CALL, layout.slow);
    emit(code, OP.LOCAL_GET, 1);
    code.u8(OP.I32_ADD);
  });
}

/** `(fuel, cost, depth) -> fuel`: the cold path of an entry that counts a frame. */
export function enterFunction(layout: Layout, imports: SupportImports): AppendedFunction {
  return appended(layout.types.func([I32, I32, I32], [I32]), [], (code) => {
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.LOCAL_GET, 1);
    code.u8(OP.I32_LT_S);
    code.u8(OP.IF);
    code.u8(EMPTY_BLOCK);
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.LOCAL_GET, 1);
    emit(code, OP.CALL, layout.slowAt);
    emit(code, OP.LOCAL_SET, 0);
    code.u8(OP.END);
    emit(code, OP.LOCAL_GET, 2);
    emitConstant(code, 0);
    code.u8(OP.I32_LT_S);
    code.u8(OP.IF);
    code.u8(EMPTY_BLOCK);
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.LOCAL_GET, 1);
    code.u8(OP.I32_SUB);
    emit(code, OP.GLOBAL_SET, layout.fuelGlobal);
    emit(code, OP.CALL, imports.overflow);
    code.u8(OP.UNREACHABLE);
    code.u8(OP.END);
    emit(code, OP.LOCAL_GET, 0);
  });
}

/** See {@link Layout.carrying}. @param operands how many the cold path takes, each an i32 */
export function carryingFunction(
  layout: Layout,
  cold: number,
  operands: number,
  carried: readonly ValueType[],
): AppendedFunction {
  const params = [...carried, ...new Array<ValueType>(operands).fill(I32)];
  return appended(layout.types.func(params, [I32, ...carried]), [], (code) => {
    for (let i = carried.length; i < params.length; i++) emit(code, OP.LOCAL_GET, i);
    emit(code, OP.CALL, cold);
    for (let i = 0; i < carried.length; i++) emit(code, OP.LOCAL_GET, i);
  });
}

/** What stands for a leaf in tables whose functions take the fuel as a parameter: pays for it. */
export function leafAdapter(layout: Layout, functionIndex: number): AppendedFunction {
  const signature = signatureOf(layout.syntax, functionIndex);
  return appended(meteredType(layout.types, signature, layout.options.depth), [], (code) => {
    pushParams(code, signature);
    emit(code, OP.CALL, layout.targets[functionIndex]);
    emit(code, OP.LOCAL_GET, signature.params.length);
    emitConstant(code, layout.leafCosts[functionIndex]);
    code.u8(OP.I32_SUB);
  });
}

export function pushParams(code: Writer, { params }: FunctionType): void {
  for (let i = 0; i < params.length; i++) emit(code, OP.LOCAL_GET, i);
}

/** `(results) -> results`: the cold path of a call of a host function that has returned a promise. */
export function waitFunction(layout: Layout, imports: SupportImports, results: readonly ValueType[]): AppendedFunction {
  return appended(layout.types.func(results, results), [{ count: 1, type: I32 }], (code) => {
    writeWait(code, imports, results.length);
    emit(code, OP.CALL, imports.results.get(results.join()) as number);
  });
}

/** See {@link Layout.atomicWait}. A load traps where the wait would; the host waits, for it knows the deadline and may suspend the guest. */
export function atomicWaiter(
  layout: Layout,
  imports: SupportImports,
  width: 4 | 8,
  access: Uint8Array,
  memory: number,
  offset: bigint,
): AppendedFunction {
  const { address } = layout.syntax.memories[memory];
  const expected = width === 4 ? I32 : I64;
  return appended(layout.types.func([address, expected, I64], [I32]), [{ count: 1, type: I32 }], (code) => {
    emit(code, OP.LOCAL_GET, 0);
    writeOpcode(code, width === 4 ? OP.I32_ATOMIC_LOAD : OP.I64_ATOMIC_LOAD);
    code.bytes(access);
    code.u8(OP.DROP);
    emitConstant(code, memory);
    emit(code, OP.LOCAL_GET, 0);
    if (address === I32) code.u8(OP.I64_EXTEND_I32_U);
    code.u8(OP.I64_CONST);
    code.s64(BigInt.asIntN(64, offset));
    code.u8(OP.I64_ADD);
    emit(code, OP.LOCAL_GET, 1);
    if (width === 4) code.u8(OP.I64_EXTEND_I32_S);
    emit(code, OP.LOCAL_GET, 2);
    emit(code, OP.CALL, width === 4 ? imports.wait32 : imports.wait64);
    stopIfNegative(code, 3);
    emit(code, OP.LOCAL_GET, 3);
    if (!layout.options.suspends) return;
    emit(code, OP.GLOBAL_GET, layout.waitingGlobal);
    code.u8(OP.IF);
    passBlockType(code, layout.types, [I32]);
    emit(code, OP.CALL, layout.waitFor([I32]));
    code.u8(OP.END);
  });
}

/**
 * Calls an imported function for a reference, a metered table or a tail call: charges its cost, checks the fuel, hands the fuel over, and takes
 * it back. When a host function returns a promise, it waits for the promise and fetches its value.
 */
export function importAdapter(layout: Layout, functionIndex: number): AppendedFunction {
  const { options, types, convention } = layout;
  const signature = signatureOf(layout.syntax, functionIndex);
  const { params, results } = signature;
  const byParameter = convention === "parameter";
  const type = byParameter ? meteredType(types, signature, options.depth) : layout.syntax.functions[functionIndex];
  // In the other convention the fuel is a local that begins with what the global holds.
  const fuel = params.length;
  return appended(type, byParameter ? [] : [{ count: 1, type: I32 }], (code) => {
    if (!byParameter) {
      emit(code, OP.GLOBAL_GET, layout.fuelGlobal);
      emit(code, OP.LOCAL_SET, fuel);
    }
    const isGuest = layout.isGuest(functionIndex);
    if (!isGuest) {
      emit(code, OP.LOCAL_GET, fuel);
      emitConstant(code, options.hostCosts[functionIndex]);
      code.u8(OP.I32_SUB);
      emit(code, OP.LOCAL_TEE, fuel);
      emitConstant(code, 0);
      code.u8(OP.I32_LT_S);
      code.u8(OP.IF);
      code.u8(EMPTY_BLOCK);
      emit(code, OP.LOCAL_GET, fuel);
      emit(code, OP.CALL, layout.slow);
      emit(code, OP.LOCAL_SET, fuel);
      code.u8(OP.END);
    }
    emit(code, OP.LOCAL_GET, fuel);
    emit(code, OP.GLOBAL_SET, layout.fuelGlobal);
    if (byParameter && options.depth) {
      emit(code, OP.LOCAL_GET, fuel + 1);
      emit(code, OP.GLOBAL_SET, layout.depthGlobal);
    }
    pushParams(code, signature);
    emit(code, OP.CALL, functionIndex);
    if (options.suspends && !isGuest) {
      emit(code, OP.GLOBAL_GET, layout.waitingGlobal);
      code.u8(OP.IF);
      passBlockType(code, types, results);
      emit(code, OP.CALL, layout.waitFor(results));
      code.u8(OP.END);
    }
    if (byParameter) emit(code, OP.GLOBAL_GET, layout.fuelGlobal);
  });
}

/**
 * A function of the original type that stands for a metered one, or for a leaf whose callers pay for it: in tables, in references, and,
 * with `outermost`, for the host, where the fuel is settled at the beginning and at the end of the outermost call.
 */
export function entryAdapter(
  layout: Layout,
  imports: SupportImports,
  functionIndex: number,
  outermost: boolean,
): AppendedFunction {
  const { syntax, options, convention, leafCosts, targets, fuelGlobal, depthGlobal } = layout;
  const signature = signatureOf(syntax, functionIndex);
  const savesDepth = options.depth && leafCosts[functionIndex] === METERED && (outermost || convention === "parameter");
  const saved = signature.params.length;
  return appended(syntax.functions[functionIndex], savesDepth ? [{ count: 1, type: I32 }] : [], (code) => {
    // A call that failed, through another instance, may have left it below zero.
    if (outermost) writeSettle(code, layout, imports);
    const cost = leafCosts[functionIndex];
    if (cost !== METERED) {
      emit(code, OP.GLOBAL_GET, fuelGlobal);
      emitConstant(code, cost);
      code.u8(OP.I32_SUB);
      emit(code, OP.GLOBAL_SET, fuelGlobal);
      pushParams(code, signature);
      emit(code, OP.CALL, targets[functionIndex]);
    } else {
      if (savesDepth) {
        emit(code, OP.GLOBAL_GET, depthGlobal);
        emit(code, OP.LOCAL_SET, saved);
      }
      pushParams(code, signature);
      if (convention === "parameter") {
        emit(code, OP.GLOBAL_GET, fuelGlobal);
        if (options.depth) emit(code, OP.LOCAL_GET, saved);
      }
      emit(code, OP.CALL, targets[functionIndex]);
      if (convention === "parameter") emit(code, OP.GLOBAL_SET, fuelGlobal);
      if (savesDepth) {
        emit(code, OP.LOCAL_GET, saved);
        emit(code, OP.GLOBAL_SET, depthGlobal);
      }
    }
    if (outermost) writeSettle(code, layout, imports);
  });
}

/** Stops the guest if it has consumed more than its budget, which it can only have done where the fuel is below zero. */
function writeSettle(code: Writer, layout: Layout, imports: SupportImports): void {
  emit(code, OP.GLOBAL_GET, layout.fuelGlobal);
  emitConstant(code, 0);
  code.u8(OP.I32_LT_S);
  code.u8(OP.IF);
  code.u8(EMPTY_BLOCK);
  emit(code, OP.CALL, imports.settle);
  code.u8(OP.IF);
  code.u8(EMPTY_BLOCK);
  code.u8(OP.UNREACHABLE);
  code.u8(OP.END);
  code.u8(OP.END);
}

/** Pushes the sum, as an i64, of the sizes of memories or tables. */
function pushTotal(code: Writer, wide: readonly boolean[], size: (index: number) => void): void {
  code.u8(OP.I64_CONST);
  code.u8(0);
  wide.forEach((is64, index) => {
    size(index);
    if (!is64) code.u8(OP.I64_EXTEND_I32_U);
    code.u8(OP.I64_ADD);
  });
}

/** Leaves the function with -1 if the sum on the stack, plus the parameter `delta`, is more than `cap`. */
function refuseAbove(code: Writer, cap: number, delta: number, wide: boolean): void {
  const pushDelta = (): void => {
    emit(code, OP.LOCAL_GET, delta);
    if (!wide) code.u8(OP.I64_EXTEND_I32_U);
  };
  const pushCap = (): void => {
    code.u8(OP.I64_CONST);
    code.s64(BigInt(cap));
  };
  pushDelta();
  code.u8(OP.I64_ADD);
  pushCap();
  code.u8(OP.I64_GT_U);
  // The sum wraps only for a delta that is beyond every cap by itself.
  pushDelta();
  pushCap();
  code.u8(OP.I64_GT_U);
  code.u8(OP.I32_OR);
  code.u8(OP.IF);
  code.u8(EMPTY_BLOCK);
  pushMinusOne(code, wide);
  code.u8(OP.RETURN);
  code.u8(OP.END);
}

/**
 * `(delta) -> size` for a memory, `(value, delta) -> size` for a table: grows unless the host refuses, and tells the host how it ended.
 * @param index among the memories or the tables
 */
export function sharedGrower(
  layout: Layout,
  imports: SupportImports,
  index: number,
  isTable: boolean,
): AppendedFunction {
  const { memories, tables } = layout.syntax;
  const wide = (isTable ? tables[index].type : memories[index]).address === I64;
  const address = wide ? I64 : I32;
  const params = isTable ? [tables[index].type.element, address] : [address];
  const delta = params.length - 1;
  const place = isTable ? memories.length + index : index;
  return appended(layout.types.func(params, [address]), [{ count: 1, type: address }], (code) => {
    emitConstant(code, place);
    emit(code, OP.LOCAL_GET, delta);
    if (!wide) code.u8(OP.I64_EXTEND_I32_U);
    emit(code, OP.CALL, imports.mayGrow);
    code.u8(OP.I32_EQZ);
    code.u8(OP.IF);
    code.u8(EMPTY_BLOCK);
    pushMinusOne(code, wide);
    code.u8(OP.RETURN);
    code.u8(OP.END);
    for (let i = 0; i < params.length; i++) emit(code, OP.LOCAL_GET, i);
    if (isTable) writeOpcode(code, OP.TABLE_GROW);
    else code.u8(OP.MEMORY_GROW);
    code.u32(index);
    emit(code, OP.LOCAL_SET, params.length);
    emitConstant(code, place);
    emit(code, OP.CALL, imports.grown);
    emit(code, OP.LOCAL_GET, params.length);
  });
}

/** The answer of a growth that is refused. */
function pushMinusOne(code: Writer, wide: boolean): void {
  if (wide) {
    code.u8(OP.I64_CONST);
    code.s64(-1n);
  } else emitConstant(code, -1);
}

const PAGE = 65536;

/** `(delta) -> size`: `memory.grow` unless all memories together would pass the cap. */
export function memoryGrower(layout: Layout, memory: number): AppendedFunction {
  const { memories } = layout.syntax;
  const wide = memories[memory].address === I64;
  const address = wide ? I64 : I32;
  return appended(layout.types.func([address], [address]), [], (code) => {
    pushTotal(
      code,
      memories.map((type) => type.address === I64),
      (index) => emit(code, OP.MEMORY_SIZE, index),
    );
    refuseAbove(code, Math.floor(layout.options.memory / PAGE), 0, wide);
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.MEMORY_GROW, memory);
  });
}

/** `(value, delta) -> size`: `table.grow` unless all tables together would pass the cap. */
export function tableGrower(layout: Layout, table: number): AppendedFunction {
  const { tables } = layout.syntax;
  const wide = tables[table].type.address === I64;
  const address = wide ? I64 : I32;
  return appended(layout.types.func([tables[table].type.element, address], [address]), [], (code) => {
    pushTotal(
      code,
      tables.map(({ type }) => type.address === I64),
      (index) => {
        writeOpcode(code, OP.TABLE_SIZE);
        code.u32(index);
      },
    );
    refuseAbove(code, layout.options.tableElements, 1, wide);
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.LOCAL_GET, 1);
    writeOpcode(code, OP.TABLE_GROW);
    code.u32(table);
  });
}

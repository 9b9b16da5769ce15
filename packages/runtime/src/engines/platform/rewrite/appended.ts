import { Writer } from "../../../binary/writer.ts";
import type { LocalRun } from "../../../wasm/module.ts";
import { type FunctionType, I32, I64, type ValueType } from "../../../wasm/types.ts";
import {
  type AppendedFunction,
  EMPTY_BLOCK,
  emit,
  emitConstant,
  type Layout,
  METERED,
  meteredType,
  OP,
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
  /** For each list of result types, `() -> results`: what a host function's promise resolved to. */
  readonly results: ReadonlyMap<string, number>;
}

export function appended(type: number, locals: readonly LocalRun[], write: (code: Writer) => void): AppendedFunction {
  const code = new Writer();
  write(code);
  code.u8(OP.end);
  const bytes = code.finish();
  return { type, body: { bytes, start: 0, end: bytes.length, locals } };
}

/** With a number on the stack that is negative when the guest is to be stopped: a trap of the platform, which no guest can catch. */
function stopIfNegative(code: Writer, local: number): void {
  emit(code, OP.localTee, local);
  emitConstant(code, 0);
  code.u8(OP.i32LtS);
  code.u8(OP.if);
  code.u8(EMPTY_BLOCK);
  code.u8(OP.unreachable);
  code.u8(OP.end);
}

/** Suspends until what is waited for has come, and leaves the fuel in a local. */
function writeWait(code: Writer, imports: SupportImports, fuel: number): void {
  emit(code, OP.call, imports.pause);
  emit(code, OP.call, imports.resumed);
  stopIfNegative(code, fuel);
}

/** `(fuel) -> fuel`: asks the host for more, and suspends if the host wants the event loop to run. */
export function slowFunction(layout: Layout, imports: SupportImports): AppendedFunction {
  return appended(layout.types.func([I32], [I32]), [], (code) => {
    emit(code, OP.localGet, 0);
    emit(code, OP.call, imports.refuel);
    stopIfNegative(code, 0);
    if (layout.options.suspends) {
      emit(code, OP.globalGet, layout.waitingGlobal);
      code.u8(OP.if);
      code.u8(EMPTY_BLOCK);
      writeWait(code, imports, 0);
      code.u8(OP.end);
    }
    emit(code, OP.localGet, 0);
  });
}

/**
 * `(fuel, cost) -> fuel`: the cold path of an entry. The block's cost stays pending in the function, which saves it a subtraction, and makes
 * it smaller: the platform inlines small functions.
 */
export function slowAtFunction(layout: Layout): AppendedFunction {
  return appended(layout.types.func([I32, I32], [I32]), [], (code) => {
    emit(code, OP.localGet, 0);
    emit(code, OP.localGet, 1);
    code.u8(OP.i32Sub);
    emit(code, OP.call, layout.slow);
    emit(code, OP.localGet, 1);
    code.u8(OP.i32Add);
  });
}

/** `(fuel, cost, depth) -> fuel`: the cold path of an entry that counts a frame. */
export function enterFunction(layout: Layout, imports: SupportImports): AppendedFunction {
  return appended(layout.types.func([I32, I32, I32], [I32]), [], (code) => {
    emit(code, OP.localGet, 0);
    emit(code, OP.localGet, 1);
    code.u8(OP.i32LtS);
    code.u8(OP.if);
    code.u8(EMPTY_BLOCK);
    emit(code, OP.localGet, 0);
    emit(code, OP.localGet, 1);
    emit(code, OP.call, layout.slowAt);
    emit(code, OP.localSet, 0);
    code.u8(OP.end);
    emit(code, OP.localGet, 2);
    emitConstant(code, 0);
    code.u8(OP.i32LtS);
    code.u8(OP.if);
    code.u8(EMPTY_BLOCK);
    emit(code, OP.localGet, 0);
    emit(code, OP.localGet, 1);
    code.u8(OP.i32Sub);
    emit(code, OP.globalSet, layout.fuelGlobal);
    emit(code, OP.call, imports.overflow);
    code.u8(OP.unreachable);
    code.u8(OP.end);
    emit(code, OP.localGet, 0);
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
    for (let i = carried.length; i < params.length; i++) emit(code, OP.localGet, i);
    emit(code, OP.call, cold);
    for (let i = 0; i < carried.length; i++) emit(code, OP.localGet, i);
  });
}

/** What stands for a leaf in tables whose functions take the fuel as a parameter: pays for it. */
export function leafAdapter(layout: Layout, functionIndex: number): AppendedFunction {
  const signature = signatureOf(layout.syntax, functionIndex);
  return appended(meteredType(layout.types, signature, layout.options.depth), [], (code) => {
    pushParams(code, signature);
    emit(code, OP.call, layout.targets[functionIndex]);
    emit(code, OP.localGet, signature.params.length);
    emitConstant(code, layout.leafCosts[functionIndex]);
    code.u8(OP.i32Sub);
  });
}

export function pushParams(code: Writer, { params }: FunctionType): void {
  for (let i = 0; i < params.length; i++) emit(code, OP.localGet, i);
}

/** `(results) -> results`: the cold path of a call of a host function that has returned a promise. */
export function waitFunction(layout: Layout, imports: SupportImports, results: readonly ValueType[]): AppendedFunction {
  return appended(layout.types.func(results, results), [{ count: 1, type: I32 }], (code) => {
    writeWait(code, imports, results.length);
    emit(code, OP.call, imports.results.get(results.join()) as number);
  });
}

const ATOMIC = 0xfe;
const I32_LOAD = 0x10;
const I64_LOAD = 0x11;

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
    emit(code, OP.localGet, 0);
    code.u8(ATOMIC);
    code.u8(width === 4 ? I32_LOAD : I64_LOAD);
    code.bytes(access);
    code.u8(OP.drop);
    emitConstant(code, memory);
    emit(code, OP.localGet, 0);
    if (address === I32) code.u8(OP.i64ExtendU);
    code.u8(OP.i64Const);
    code.s64(BigInt.asIntN(64, offset));
    code.u8(OP.i64Add);
    emit(code, OP.localGet, 1);
    if (width === 4) code.u8(OP.i64ExtendS);
    emit(code, OP.localGet, 2);
    emit(code, OP.call, width === 4 ? imports.wait32 : imports.wait64);
    stopIfNegative(code, 3);
    emit(code, OP.localGet, 3);
    if (!layout.options.suspends) return;
    emit(code, OP.globalGet, layout.waitingGlobal);
    code.u8(OP.if);
    passBlockType(code, layout.types, [I32]);
    emit(code, OP.call, layout.waitFor([I32]));
    code.u8(OP.end);
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
      emit(code, OP.globalGet, layout.fuelGlobal);
      emit(code, OP.localSet, fuel);
    }
    const isGuest = layout.isGuest(functionIndex);
    if (!isGuest) {
      emit(code, OP.localGet, fuel);
      emitConstant(code, options.hostCosts[functionIndex]);
      code.u8(OP.i32Sub);
      emit(code, OP.localTee, fuel);
      emitConstant(code, 0);
      code.u8(OP.i32LtS);
      code.u8(OP.if);
      code.u8(EMPTY_BLOCK);
      emit(code, OP.localGet, fuel);
      emit(code, OP.call, layout.slow);
      emit(code, OP.localSet, fuel);
      code.u8(OP.end);
    }
    emit(code, OP.localGet, fuel);
    emit(code, OP.globalSet, layout.fuelGlobal);
    if (byParameter && options.depth) {
      emit(code, OP.localGet, fuel + 1);
      emit(code, OP.globalSet, layout.depthGlobal);
    }
    pushParams(code, signature);
    emit(code, OP.call, functionIndex);
    if (options.suspends && !isGuest) {
      emit(code, OP.globalGet, layout.waitingGlobal);
      code.u8(OP.if);
      passBlockType(code, types, results);
      emit(code, OP.call, layout.waitFor(results));
      code.u8(OP.end);
    }
    if (byParameter) emit(code, OP.globalGet, layout.fuelGlobal);
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
      emit(code, OP.globalGet, fuelGlobal);
      emitConstant(code, cost);
      code.u8(OP.i32Sub);
      emit(code, OP.globalSet, fuelGlobal);
      pushParams(code, signature);
      emit(code, OP.call, targets[functionIndex]);
    } else {
      if (savesDepth) {
        emit(code, OP.globalGet, depthGlobal);
        emit(code, OP.localSet, saved);
      }
      pushParams(code, signature);
      if (convention === "parameter") {
        emit(code, OP.globalGet, fuelGlobal);
        if (options.depth) emit(code, OP.localGet, saved);
      }
      emit(code, OP.call, targets[functionIndex]);
      if (convention === "parameter") emit(code, OP.globalSet, fuelGlobal);
      if (savesDepth) {
        emit(code, OP.localGet, saved);
        emit(code, OP.globalSet, depthGlobal);
      }
    }
    if (outermost) writeSettle(code, layout, imports);
  });
}

/** Stops the guest if it has consumed more than its budget, which it can only have done where the fuel is below zero. */
function writeSettle(code: Writer, layout: Layout, imports: SupportImports): void {
  emit(code, OP.globalGet, layout.fuelGlobal);
  emitConstant(code, 0);
  code.u8(OP.i32LtS);
  code.u8(OP.if);
  code.u8(EMPTY_BLOCK);
  emit(code, OP.call, imports.settle);
  code.u8(OP.if);
  code.u8(EMPTY_BLOCK);
  code.u8(OP.unreachable);
  code.u8(OP.end);
  code.u8(OP.end);
}

/** Pushes the sum, as an i64, of the sizes of memories or tables. */
function pushTotal(code: Writer, wide: readonly boolean[], size: (index: number) => void): void {
  code.u8(OP.i64Const);
  code.u8(0);
  wide.forEach((is64, index) => {
    size(index);
    if (!is64) code.u8(OP.i64ExtendU);
    code.u8(OP.i64Add);
  });
}

/** Leaves the function with -1 if the sum on the stack, plus the parameter `delta`, is more than `cap`. */
function refuseAbove(code: Writer, cap: number, delta: number, wide: boolean): void {
  const pushDelta = (): void => {
    emit(code, OP.localGet, delta);
    if (!wide) code.u8(OP.i64ExtendU);
  };
  const pushCap = (): void => {
    code.u8(OP.i64Const);
    code.s64(BigInt(cap));
  };
  pushDelta();
  code.u8(OP.i64Add);
  pushCap();
  code.u8(OP.i64GtU);
  // The sum wraps only for a delta that is beyond every cap by itself.
  pushDelta();
  pushCap();
  code.u8(OP.i64GtU);
  code.u8(OP.i32Or);
  code.u8(OP.if);
  code.u8(EMPTY_BLOCK);
  if (wide) {
    code.u8(OP.i64Const);
    code.s64(-1n);
  } else emitConstant(code, -1);
  code.u8(OP.return);
  code.u8(OP.end);
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
      (index) => emit(code, OP.memorySize, index),
    );
    refuseAbove(code, Math.floor(layout.options.memory / PAGE), 0, wide);
    emit(code, OP.localGet, 0);
    emit(code, OP.memoryGrow, memory);
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
        code.u8(0xfc);
        emit(code, 0x10, index);
      },
    );
    refuseAbove(code, layout.options.tableElements, 1, wide);
    emit(code, OP.localGet, 0);
    emit(code, OP.localGet, 1);
    code.u8(0xfc);
    emit(code, 0x0f, table);
  });
}

import type { Writer } from "../../../binary/writer.ts";
import { ELEMENTS_SHIFT, MAX_STRING, UNITS_SHIFT } from "../../../store/string-builtins.ts";
import type { StringBuiltin } from "../../../wasm/string-builtins.ts";
import { EXTERNREF, I32 } from "../../../wasm/types.ts";
import { appended, pushParams, type SupportImports } from "./appended.ts";
import {
  type AppendedFunction,
  EMPTY_BLOCK,
  emit,
  emitConstant,
  type Layout,
  meteredType,
  OP,
  signatureOf,
} from "./layout.ts";

/**
 * Builtin functions on strings whose work depends on lengths: the platform's functions charge nothing, so each is called through a function that
 * charges what `store/string-builtins.ts` says, and refuses strings that are too long.
 */

/** Where the operands, the fuel and the adapter's own locals stand. */
interface Places {
  readonly fuel: number;
  /** The first of two i32. */
  readonly scratch: number;
}

type Write = (code: Writer, layout: Layout, places: Places) => void;

function pushLength(code: Writer, layout: Layout, param: number, local: number): void {
  emit(code, OP.localGet, param);
  emit(code, OP.call, layout.stringLength());
  emit(code, OP.localTee, local);
}

/** With nothing on the stack: leaves the lower of two unsigned locals. */
function pushLower(code: Writer, a: number, b: number): void {
  emit(code, OP.localGet, a);
  emit(code, OP.localGet, b);
  emit(code, OP.localGet, a);
  emit(code, OP.localGet, b);
  code.u8(OP.i32LtU);
  code.u8(OP.select);
}

function shift(code: Writer, bits: number): void {
  emitConstant(code, bits);
  code.u8(OP.i32ShrU);
}

const lowerLength: Write = (code, layout, { scratch }) => {
  pushLength(code, layout, 0, scratch);
  emit(code, OP.localSet, scratch);
  pushLength(code, layout, 1, scratch + 1);
  emit(code, OP.localSet, scratch + 1);
  pushLower(code, scratch, scratch + 1);
  shift(code, UNITS_SHIFT);
};

/** For each such function, what leaves the units that it costs beyond those of its call. */
const works: ReadonlyMap<StringBuiltin, Write> = new Map<StringBuiltin, Write>([
  [
    "fromCharCodeArray",
    (code) => {
      emit(code, OP.localGet, 2);
      emit(code, OP.localGet, 1);
      code.u8(OP.i32Sub);
      shift(code, ELEMENTS_SHIFT);
      emitConstant(code, 0);
      emit(code, OP.localGet, 1);
      emit(code, OP.localGet, 2);
      code.u8(OP.i32LeU);
      code.u8(OP.select);
    },
  ],
  [
    "intoCharCodeArray",
    (code, layout, { scratch }) => {
      pushLength(code, layout, 0, scratch);
      shift(code, ELEMENTS_SHIFT);
    },
  ],
  [
    "concat",
    (code, layout, { scratch }) => {
      pushLength(code, layout, 0, scratch);
      pushLength(code, layout, 1, scratch + 1);
      code.u8(OP.i32Add);
      emit(code, OP.localTee, scratch);
      shift(code, UNITS_SHIFT);
    },
  ],
  [
    "substring",
    (code, layout, { scratch }) => {
      pushLength(code, layout, 0, scratch);
      emit(code, OP.localSet, scratch);
      pushLower(code, 2, scratch);
      emit(code, OP.localGet, 1);
      code.u8(OP.i32Sub);
      shift(code, UNITS_SHIFT);
      emitConstant(code, 0);
      for (const end of [2, scratch]) {
        emit(code, OP.localGet, 1);
        emit(code, OP.localGet, end);
        code.u8(OP.i32LeU);
      }
      code.u8(OP.i32And);
      code.u8(OP.select);
    },
  ],
  ["equals", lowerLength],
  ["compare", lowerLength],
]);

/** Whether a builtin function's work depends on lengths. */
export function hasWork(builtin: StringBuiltin): boolean {
  return works.has(builtin);
}

/** `(externref) -> i32`: see {@link Layout.stringLength}. */
export function stringLengthFunction(layout: Layout, imports: SupportImports): AppendedFunction {
  return appended(layout.types.func([EXTERNREF], [I32]), [], (code) => {
    emit(code, OP.localGet, 0);
    emit(code, OP.call, imports.test);
    code.u8(OP.if);
    code.u8(I32);
    emit(code, OP.localGet, 0);
    emit(code, OP.call, imports.length);
    code.u8(OP.else);
    emitConstant(code, 0);
    code.u8(OP.end);
  });
}

/** Calls a builtin function with its own type, or its metered one: charges, checks, and calls the platform's. */
export function builtinAdapter(
  layout: Layout,
  imports: SupportImports,
  functionIndex: number,
  builtin: StringBuiltin,
): AppendedFunction {
  const { options, types, convention, fuelGlobal } = layout;
  const signature = signatureOf(layout.syntax, functionIndex);
  const byParameter = convention === "parameter";
  const type = byParameter ? meteredType(types, signature, options.depth) : layout.syntax.functions[functionIndex];
  const fuel = signature.params.length;
  const scratch = fuel + (byParameter && options.depth ? 2 : 1);
  const locals = [{ count: byParameter ? 2 : 3, type: I32 }];
  return appended(type, locals, (code) => {
    const storeFuel = (): void => {
      emit(code, OP.localGet, fuel);
      emit(code, OP.globalSet, fuelGlobal);
    };
    const begin = (): void => {
      code.u8(OP.if);
      code.u8(EMPTY_BLOCK);
    };
    const refuse = (length: () => void): void => {
      storeFuel();
      length();
      emit(code, OP.call, imports.tooLong);
      code.u8(OP.unreachable);
    };
    emit(code, byParameter ? OP.localGet : OP.globalGet, byParameter ? fuel : fuelGlobal);
    emitConstant(code, options.hostCosts[functionIndex]);
    code.u8(OP.i32Sub);
    (works.get(builtin) as Write)(code, layout, { fuel, scratch });
    code.u8(OP.i32Sub);
    emit(code, OP.localTee, fuel);
    emitConstant(code, 0);
    code.u8(OP.i32LtS);
    begin();
    emit(code, OP.localGet, fuel);
    emit(code, OP.call, layout.slow);
    emit(code, OP.localSet, fuel);
    code.u8(OP.end);
    if (builtin === "concat") {
      emit(code, OP.localGet, scratch);
      emitConstant(code, MAX_STRING);
      code.u8(OP.i32GtU);
      begin();
      // What is no string has another trap.
      emit(code, OP.localGet, 0);
      emit(code, OP.call, imports.test);
      emit(code, OP.localGet, 1);
      emit(code, OP.call, imports.test);
      code.u8(OP.i32And);
      begin();
      refuse(() => emit(code, OP.localGet, scratch));
      code.u8(OP.end);
      code.u8(OP.end);
    }
    if (builtin === "fromCharCodeArray") {
      const length = (): void => {
        emit(code, OP.localGet, 2);
        emit(code, OP.localGet, 1);
        code.u8(OP.i32Sub);
      };
      length();
      emitConstant(code, MAX_STRING);
      code.u8(OP.i32GtU);
      emit(code, OP.localGet, 1);
      emit(code, OP.localGet, 2);
      code.u8(OP.i32LeU);
      code.u8(OP.i32And);
      begin();
      // What is outside the array has another trap.
      emit(code, OP.localGet, 2);
      emit(code, OP.localGet, 0);
      code.u8(0xfb);
      code.u32(0x0f); // array.len
      code.u8(OP.i32LeU);
      begin();
      refuse(length);
      code.u8(OP.end);
      code.u8(OP.end);
    }
    if (!byParameter || options.exactFuel) storeFuel();
    pushParams(code, signature);
    emit(code, OP.call, functionIndex);
    if (byParameter) emit(code, OP.localGet, fuel);
  });
}

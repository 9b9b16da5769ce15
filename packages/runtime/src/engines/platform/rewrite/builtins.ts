import { writeOpcode } from "../../../binary/instruction-writer.ts";
import type { Writer } from "../../../binary/writer.ts";
import { ELEMENTS_SHIFT, MAX_STRING, UNITS_SHIFT } from "../../../store/string-builtins.ts";
import * as OP from "../../../wasm/opcodes.ts";
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
  emit(code, OP.LOCAL_GET, param);
  emit(code, OP.CALL, layout.stringLength());
  emit(code, OP.LOCAL_TEE, local);
}

/** With nothing on the stack: leaves the lower of two unsigned locals. */
function pushLower(code: Writer, a: number, b: number): void {
  emit(code, OP.LOCAL_GET, a);
  emit(code, OP.LOCAL_GET, b);
  emit(code, OP.LOCAL_GET, a);
  emit(code, OP.LOCAL_GET, b);
  code.u8(OP.I32_LT_U);
  code.u8(OP.SELECT);
}

function shift(code: Writer, bits: number): void {
  emitConstant(code, bits);
  code.u8(OP.I32_SHR_U);
}

const lowerLength: Write = (code, layout, { scratch }) => {
  pushLength(code, layout, 0, scratch);
  emit(code, OP.LOCAL_SET, scratch);
  pushLength(code, layout, 1, scratch + 1);
  emit(code, OP.LOCAL_SET, scratch + 1);
  pushLower(code, scratch, scratch + 1);
  shift(code, UNITS_SHIFT);
};

/** For each such function, what leaves the units that it costs beyond those of its call. */
const works: ReadonlyMap<StringBuiltin, Write> = new Map<StringBuiltin, Write>([
  [
    "fromCharCodeArray",
    (code) => {
      emit(code, OP.LOCAL_GET, 2);
      emit(code, OP.LOCAL_GET, 1);
      code.u8(OP.I32_SUB);
      shift(code, ELEMENTS_SHIFT);
      emitConstant(code, 0);
      emit(code, OP.LOCAL_GET, 1);
      emit(code, OP.LOCAL_GET, 2);
      code.u8(OP.I32_LE_U);
      code.u8(OP.SELECT);
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
      code.u8(OP.I32_ADD);
      emit(code, OP.LOCAL_TEE, scratch);
      shift(code, UNITS_SHIFT);
    },
  ],
  [
    "substring",
    (code, layout, { scratch }) => {
      pushLength(code, layout, 0, scratch);
      emit(code, OP.LOCAL_SET, scratch);
      pushLower(code, 2, scratch);
      emit(code, OP.LOCAL_GET, 1);
      code.u8(OP.I32_SUB);
      shift(code, UNITS_SHIFT);
      emitConstant(code, 0);
      for (const end of [2, scratch]) {
        emit(code, OP.LOCAL_GET, 1);
        emit(code, OP.LOCAL_GET, end);
        code.u8(OP.I32_LE_U);
      }
      code.u8(OP.I32_AND);
      code.u8(OP.SELECT);
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
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.CALL, imports.test);
    code.u8(OP.IF);
    code.u8(I32);
    emit(code, OP.LOCAL_GET, 0);
    emit(code, OP.CALL, imports.length);
    code.u8(OP.ELSE);
    emitConstant(code, 0);
    code.u8(OP.END);
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
      emit(code, OP.LOCAL_GET, fuel);
      emit(code, OP.GLOBAL_SET, fuelGlobal);
    };
    const begin = (): void => {
      code.u8(OP.IF);
      code.u8(EMPTY_BLOCK);
    };
    const refuse = (length: () => void): void => {
      storeFuel();
      length();
      emit(code, OP.CALL, imports.tooLong);
      code.u8(OP.UNREACHABLE);
    };
    emit(code, byParameter ? OP.LOCAL_GET : OP.GLOBAL_GET, byParameter ? fuel : fuelGlobal);
    emitConstant(code, options.hostCosts[functionIndex]);
    code.u8(OP.I32_SUB);
    (works.get(builtin) as Write)(code, layout, { fuel, scratch });
    code.u8(OP.I32_SUB);
    emit(code, OP.LOCAL_TEE, fuel);
    emitConstant(code, 0);
    code.u8(OP.I32_LT_S);
    begin();
    emit(code, OP.LOCAL_GET, fuel);
    emit(code, OP.CALL, layout.slow);
    emit(code, OP.LOCAL_SET, fuel);
    code.u8(OP.END);
    if (builtin === "concat") {
      emit(code, OP.LOCAL_GET, scratch);
      emitConstant(code, MAX_STRING);
      code.u8(OP.I32_GT_U);
      begin();
      // What is no string has another trap.
      emit(code, OP.LOCAL_GET, 0);
      emit(code, OP.CALL, imports.test);
      emit(code, OP.LOCAL_GET, 1);
      emit(code, OP.CALL, imports.test);
      code.u8(OP.I32_AND);
      begin();
      refuse(() => emit(code, OP.LOCAL_GET, scratch));
      code.u8(OP.END);
      code.u8(OP.END);
    }
    if (builtin === "fromCharCodeArray") {
      const length = (): void => {
        emit(code, OP.LOCAL_GET, 2);
        emit(code, OP.LOCAL_GET, 1);
        code.u8(OP.I32_SUB);
      };
      length();
      emitConstant(code, MAX_STRING);
      code.u8(OP.I32_GT_U);
      emit(code, OP.LOCAL_GET, 1);
      emit(code, OP.LOCAL_GET, 2);
      code.u8(OP.I32_LE_U);
      code.u8(OP.I32_AND);
      begin();
      // What is outside the array has another trap.
      emit(code, OP.LOCAL_GET, 2);
      emit(code, OP.LOCAL_GET, 0);
      writeOpcode(code, OP.ARRAY_LEN);
      code.u8(OP.I32_LE_U);
      begin();
      refuse(length);
      code.u8(OP.END);
      code.u8(OP.END);
    }
    if (!byParameter || options.exactFuel) storeFuel();
    pushParams(code, signature);
    emit(code, OP.CALL, functionIndex);
    if (byParameter) emit(code, OP.LOCAL_GET, fuel);
  });
}

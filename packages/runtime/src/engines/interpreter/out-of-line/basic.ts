import {
  convertS64ToF32,
  convertU64ToF32,
  fitsS64,
  fitsU64,
  trunc64,
  truncSatS64,
  truncSatU64,
} from "../../../numerics/conversions.ts";
import { CANONICAL_HIGH, canonicalF32, isNaN64 } from "../../../numerics/floats.ts";
import { add128, mulWideS, mulWideU, sub128 } from "../../../numerics/wide.ts";
import type { Table } from "../../../store/table.ts";
import { Trap } from "../../../store/trap.ts";
import { I64 } from "../../../wasm/types.ts";
import type { Arena } from "../machine/arena.ts";
import type { MachineState } from "../machine/state.ts";
import { accessAny } from "./memory-access.ts";
import { OUT_OF_LINE } from "./numbers.ts";

/**
 * An out-of-line function executes one instruction. Its words are at `pc`, and its registers count from `fp`.
 * @returns for `extendedBranch`: whether the branch is taken
 */
export type OutOfLineFunction = (pc: number, fp: number) => boolean;

/** An index or size in a register of the table's or memory's address type, as a number; exact below 2^53, and far too large beyond. */
export function readAddress(arena: Arena, slot: number, type: number): number {
  return type === I64
    ? (arena.halves[slot * 2 + 1] >>> 0) * 4294967296 + (arena.halves[slot * 2] >>> 0)
    : arena.i32[slot] >>> 0;
}

export function writeAddress(arena: Arena, slot: number, type: number, value: number): void {
  if (type === I64) arena.i64[slot] = BigInt(value);
  else arena.i32[slot] = value;
}

/** Instructions of WebAssembly 2.0 that the loop leaves to functions: rare conversions, references, tables, odd memories. */
export function defineBasic(arena: Arena, S: MachineState, outOfLine: OutOfLineFunction[]): void {
  const { code, i32, f32, i64, f64, halves, refs } = arena;
  const define = (number: number, execute: (pc: number, fp: number) => unknown): void => {
    outOfLine[number] = (pc, fp) => execute(pc, fp) === true;
  };

  define(OUT_OF_LINE.f32ConvertI64S, (pc, fp) => {
    f32[fp + code[pc + 3]] = convertS64ToF32(halves[2 * (fp + code[pc + 4])], halves[2 * (fp + code[pc + 4]) + 1]);
  });
  define(OUT_OF_LINE.f32ConvertI64U, (pc, fp) => {
    f32[fp + code[pc + 3]] = convertU64ToF32(halves[2 * (fp + code[pc + 4])], halves[2 * (fp + code[pc + 4]) + 1]);
  });
  const truncate = (number: number, floats: Float32Array | Float64Array, fits: (x: number) => boolean): void =>
    define(number, (pc, fp) => {
      const x = floats[fp + code[pc + 4]];
      if (!fits(x)) throw new Trap(Number.isNaN(x) ? "invalid-conversion-to-integer" : "integer-overflow");
      i64[fp + code[pc + 3]] = trunc64(x);
    });
  truncate(OUT_OF_LINE.i64TruncF32S, f32, fitsS64);
  truncate(OUT_OF_LINE.i64TruncF32U, f32, fitsU64);
  truncate(OUT_OF_LINE.i64TruncF64S, f64, fitsS64);
  truncate(OUT_OF_LINE.i64TruncF64U, f64, fitsU64);
  const saturate = (number: number, floats: Float32Array | Float64Array, convert: (x: number) => bigint): void =>
    define(number, (pc, fp) => {
      i64[fp + code[pc + 3]] = convert(floats[fp + code[pc + 4]]);
    });
  saturate(OUT_OF_LINE.i64TruncSatF32S, f32, truncSatS64);
  saturate(OUT_OF_LINE.i64TruncSatF32U, f32, truncSatU64);
  saturate(OUT_OF_LINE.i64TruncSatF64S, f64, truncSatS64);
  saturate(OUT_OF_LINE.i64TruncSatF64U, f64, truncSatU64);

  // [result, operand]
  define(OUT_OF_LINE.canonicalF32, (pc, fp) => {
    i32[fp + code[pc + 3]] = canonicalF32(i32[fp + code[pc + 4]]);
  });
  const canonical64 = (to: number, from: number): void => {
    const replaced = isNaN64(halves[from], halves[from + 1]);
    halves[to + 1] = replaced ? CANONICAL_HIGH : halves[from + 1];
    halves[to] = replaced ? 0 : halves[from];
  };
  define(OUT_OF_LINE.canonicalF64, (pc, fp) => canonical64(2 * (fp + code[pc + 3]), 2 * (fp + code[pc + 4])));
  define(OUT_OF_LINE.canonicalF32x4, (pc, fp) => {
    for (let i = 0; i < 4; i++) halves[2 * (fp + code[pc + 3]) + i] = canonicalF32(halves[2 * (fp + code[pc + 4]) + i]);
  });
  define(OUT_OF_LINE.canonicalF64x2, (pc, fp) => {
    for (let i = 0; i < 4; i += 2) canonical64(2 * (fp + code[pc + 3]) + i, 2 * (fp + code[pc + 4]) + i);
  });

  // [first, end]: at the entry of a function that holds references.
  define(OUT_OF_LINE.referenceFrame, (pc, fp) => {
    const end = fp + code[pc + 4];
    while (refs.length < end) refs.push(null);
    refs.fill(null, fp + code[pc + 3], end);
  });
  define(OUT_OF_LINE.refIsNull, (pc, fp) => {
    i32[fp + code[pc + 3]] = refs[fp + code[pc + 4]] === null ? 1 : 0;
  });
  define(OUT_OF_LINE.refFunc, (pc, fp) => {
    refs[fp + code[pc + 3]] = S.instance.store.functions[code[pc + 4]];
  });
  define(OUT_OF_LINE.refAsNonNull, (pc, fp) => {
    if (refs[fp + code[pc + 3]] === null) throw new Trap("null-reference");
  });
  define(OUT_OF_LINE.refEq, (pc, fp) => {
    i32[fp + code[pc + 3]] = refs[fp + code[pc + 4]] === refs[fp + code[pc + 5]] ? 1 : 0;
  });
  define(OUT_OF_LINE.brOnNull, (pc, fp) => refs[fp + code[pc + 5]] === null);
  define(OUT_OF_LINE.brOnNonNull, (pc, fp) => refs[fp + code[pc + 5]] !== null);

  define(OUT_OF_LINE.globalGetRef, (pc, fp) => {
    refs[fp + code[pc + 3]] = S.globals[code[pc + 4]].ref;
  });
  define(OUT_OF_LINE.globalSetRef, (pc, fp) => {
    S.globals[code[pc + 4]].ref = refs[fp + code[pc + 3]];
  });
  define(OUT_OF_LINE.globalGetVector, (pc, fp) => {
    const slot = fp + code[pc + 3];
    const cell = S.globals[code[pc + 4]].i64;
    i64[slot] = cell[0];
    i64[slot + 1] = cell[1];
  });
  define(OUT_OF_LINE.globalSetVector, (pc, fp) => {
    const slot = fp + code[pc + 3];
    const cell = S.globals[code[pc + 4]].i64;
    cell[0] = i64[slot];
    cell[1] = i64[slot + 1];
  });

  const index = (table: Table, slot: number): number => {
    const at = readAddress(arena, slot, table.type.address);
    if (at >= table.elements.length) throw new Trap("out-of-bounds-table");
    return at;
  };
  define(OUT_OF_LINE.tableGet, (pc, fp) => {
    const table = S.instance.store.tables[code[pc + 5]];
    refs[fp + code[pc + 3]] = table.elements[index(table, fp + code[pc + 4])];
  });
  define(OUT_OF_LINE.tableSet, (pc, fp) => {
    const table = S.instance.store.tables[code[pc + 5]];
    table.elements[index(table, fp + code[pc + 3])] = refs[fp + code[pc + 4]];
  });
  define(OUT_OF_LINE.tableSize, (pc, fp) => {
    const table = S.instance.store.tables[code[pc + 4]];
    writeAddress(arena, fp + code[pc + 3], table.type.address, table.elements.length);
  });
  define(OUT_OF_LINE.narrowIndex, (pc, fp) => {
    const wide = readAddress(arena, fp + code[pc + 4], I64);
    i32[fp + code[pc + 3]] = wide > 0x7fffffff ? -1 : wide;
  });
  define(OUT_OF_LINE.elemDrop, (pc) => {
    S.instance.store.elements[code[pc + 3]] = [];
  });
  define(OUT_OF_LINE.dataDrop, (pc) => {
    S.instance.store.data[code[pc + 3]] = new Uint8Array(0);
  });
  define(OUT_OF_LINE.memorySize, (pc, fp) => {
    const memory = S.instance.store.memories[code[pc + 4]];
    writeAddress(arena, fp + code[pc + 3], memory.type.address, memory.pages);
  });
  const general = (pc: number, fp: number): void => accessAny(arena, S.instance.store.memories[code[pc + 6]], pc, fp);
  const wide = (number: number, compute: (a: bigint, b: bigint, c: bigint, d: bigint) => [bigint, bigint]): void =>
    define(number, (pc, fp) => {
      const [low, high] = compute(
        i64[fp + code[pc + 5]],
        i64[fp + code[pc + 6]],
        i64[fp + code[pc + 7]],
        i64[fp + code[pc + 8]],
      );
      i64[fp + code[pc + 3]] = low;
      i64[fp + code[pc + 4]] = high;
    });
  wide(OUT_OF_LINE.add128, add128);
  wide(OUT_OF_LINE.sub128, sub128);
  const product = (number: number, compute: (a: bigint, b: bigint) => [bigint, bigint]): void =>
    define(number, (pc, fp) => {
      const [low, high] = compute(i64[fp + code[pc + 5]], i64[fp + code[pc + 6]]);
      i64[fp + code[pc + 3]] = low;
      i64[fp + code[pc + 4]] = high;
    });
  product(OUT_OF_LINE.mulWideS, mulWideS);
  product(OUT_OF_LINE.mulWideU, mulWideU);
  define(OUT_OF_LINE.memoryLoad, general);
  define(OUT_OF_LINE.memoryStore, general);
}

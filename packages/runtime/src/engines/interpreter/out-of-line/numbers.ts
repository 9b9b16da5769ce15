/**
 * Numbers of the instructions that the dispatch loop has no case for. The number follows the opcode `extended`, `pure`,
 * `extendedBranch` or `driver`. The loop calls an out-of-line function for the first three. For `driver` it returns, and
 * the driver executes the instruction.
 */
const names = [
  "f32ConvertI64S",
  "f32ConvertI64U",
  "i64TruncF32S",
  "i64TruncF32U",
  "i64TruncF64S",
  "i64TruncF64U",
  "i64TruncSatF32S",
  "i64TruncSatF32U",
  "i64TruncSatF64S",
  "i64TruncSatF64U",
  "referenceFrame",
  "refIsNull",
  "refFunc",
  "refAsNonNull",
  "refEq",
  "globalGetRef",
  "globalSetRef",
  "globalGetVector",
  "globalSetVector",
  "tableGet",
  "tableSet",
  "tableSize",
  "memorySize",
  "elemDrop",
  "dataDrop",
  "memoryLoad",
  "memoryStore",
  "brOnNull",
  "brOnNonNull",
  "narrowIndex",
  "add128",
  "sub128",
  "mulWideS",
  "mulWideU",
  "structNew",
  "structNewDefault",
  "structGet",
  "structSet",
  "arrayNewFixed",
  "arrayGet",
  "arraySet",
  "arrayLen",
  "refTest",
  "refCast",
  "brOnCast",
  "brOnCastFail",
  "refI31",
  "i31GetS",
  "i31GetU",
  // In the order of the kinds of `numerics/canonical-nans.ts`.
  "canonicalF32",
  "canonicalF64",
  "canonicalF32x4",
  "canonicalF64x2",
] as const;

const driverNames = [
  "memoryGrow",
  "memoryCopy",
  "memoryFill",
  "memoryInit",
  "tableGrow",
  "tableCopy",
  "tableFill",
  "tableInit",
  "throw",
  "throwRef",
  "arrayNew",
  "arrayNewDefault",
  "arrayNewData",
  "arrayNewElem",
  "arrayFill",
  "arrayCopy",
  "arrayInitData",
  "arrayInitElem",
  "atomicWait32",
  "atomicWait64",
] as const;

function number<T extends string>(list: readonly T[]): Readonly<Record<T, number>> {
  return Object.fromEntries(list.map((name, i) => [name, i])) as Record<T, number>;
}

export const OUT_OF_LINE: Readonly<Record<(typeof names)[number], number>> = number(names);
export const DRIVER_OP: Readonly<Record<(typeof driverNames)[number], number>> = number(driverNames);

/** The number of a vector instruction is this plus its opcode after the prefix. */
export const OUT_OF_LINE_VECTOR: number = 256;

/** Likewise of an atomic instruction. */
export const OUT_OF_LINE_ATOMIC: number = 1024;

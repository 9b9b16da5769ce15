import type { FeatureSet } from "../wasm/features.ts";
import { type Instruction, instructions } from "../wasm/instructions.ts";

/**
 * The instruction table flattened for the validator's loop: one index for all opcode spaces, and typed arrays by that index.
 * A single-byte opcode is its own index; what follows a prefix is added to the prefix's base.
 */
export const FB_BASE = 0x100;
export const FC_BASE = 0x120;
export const FD_BASE = 0x140;
export const FE_BASE = 0x260;
const OPCODE_COUNT = 0x2b0;
const bases: Readonly<Record<number, number>> = { 0: 0, 251: FB_BASE, 252: FC_BASE, 253: FD_BASE, 254: FE_BASE };
/** The first index beyond each prefix's space, by prefix. */
export const opcodeLimits: Readonly<Record<number, number>> = {
  251: FC_BASE,
  252: FD_BASE,
  253: FE_BASE,
  254: OPCODE_COUNT,
};

/** How the loop treats an opcode. */
export const ILLEGAL = 0;
/** Typed by code of its own. */
export const SPECIAL = 1;
/** Has a signature and no immediates; the two commonest shapes, of scalars alone, apart. */
export const UNARY = 2;
export const BINARY = 3;
export const PLAIN = 4;
/** Has a signature and immediates. */
export const WITH_IMMEDIATES = 5;

export const instructionAt: (Instruction | undefined)[] = new Array(OPCODE_COUNT).fill(undefined);
export const shapes: Uint8Array = new Uint8Array(OPCODE_COUNT);
/** The type of all operands, and of the result, of a {@link UNARY} or {@link BINARY} instruction. */
export const operandTypes: Int32Array = new Int32Array(OPCODE_COUNT);
export const resultTypes: Int32Array = new Int32Array(OPCODE_COUNT);
/** What an integer constant or a load of WebAssembly 1.0 pushes, and a store pops. */
export const valueTypes: Int32Array = new Int32Array(OPCODE_COUNT);
/** Base-two logarithm of a memory instruction's natural alignment. */
export const naturalAlignments: Uint8Array = new Uint8Array(OPCODE_COUNT);

export function opcodeIndex(opcode: number): number {
  return bases[opcode >>> 12] + (opcode & 0xfff);
}

function shapeOf(instruction: Instruction): number {
  const { params, results, immediates } = instruction;
  if (params === undefined || results === undefined) return SPECIAL;
  if (immediates.length > 0) return WITH_IMMEDIATES;
  if (results.length === 1 && params.length === 1) return UNARY;
  if (results.length === 1 && params.length === 2 && params[0] === params[1]) return BINARY;
  return PLAIN;
}

for (const instruction of instructions) {
  const index = opcodeIndex(instruction.opcode);
  instructionAt[index] = instruction;
  shapes[index] = shapeOf(instruction);
  if (shapes[index] === UNARY || shapes[index] === BINARY) {
    operandTypes[index] = instruction.params![0];
    resultTypes[index] = instruction.results![0];
  }
  if (index === 0x41 || index === 0x42) valueTypes[index] = instruction.results![0];
  if (instruction.width > 0) valueTypes[index] = instruction.results![0] ?? instruction.params![1];
  if (instruction.width > 0) naturalAlignments[index] = 31 - Math.clz32(instruction.width);
}

/** By opcode index, whether an instruction may be used: 1 for the instructions of WebAssembly 1.0 and of `features`. */
export function allowedOpcodes(features: FeatureSet): Uint8Array {
  const allowed = new Uint8Array(OPCODE_COUNT);
  for (const { opcode, name, feature } of instructions) {
    // Both ways of handling exceptions throw alike.
    const legacyThrow = name === "throw" && features.has("legacy-exceptions");
    if (feature === undefined || features.has(feature) || legacyThrow) allowed[opcodeIndex(opcode)] = 1;
  }
  return allowed;
}

import type { FeatureSet } from "../wasm/features.ts";
import { type Instruction, instructions } from "../wasm/instructions.ts";
import { OPCODE_SLOTS, opcodeSlot } from "../wasm/opcode-slots.ts";
import * as OP from "../wasm/opcodes.ts";

/** The instruction table as typed arrays for the validator's loop, by the slot of the opcode. */

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

export const shapes: Uint8Array = new Uint8Array(OPCODE_SLOTS);
/** The type of all operands, and of the result, of a {@link UNARY} or {@link BINARY} instruction. */
export const operandTypes: Int32Array = new Int32Array(OPCODE_SLOTS);
export const resultTypes: Int32Array = new Int32Array(OPCODE_SLOTS);
/** What an integer constant or a load of WebAssembly 1.0 pushes, and a store pops. */
export const valueTypes: Int32Array = new Int32Array(OPCODE_SLOTS);
/** Base-two logarithm of a memory instruction's natural alignment. */
export const naturalAlignments: Uint8Array = new Uint8Array(OPCODE_SLOTS);

function shapeOf(instruction: Instruction): number {
  const { params, results, immediates } = instruction;
  if (params === undefined || results === undefined) return SPECIAL;
  if (immediates.length > 0) return WITH_IMMEDIATES;
  if (results.length === 1 && params.length === 1) return UNARY;
  if (results.length === 1 && params.length === 2 && params[0] === params[1]) return BINARY;
  return PLAIN;
}

for (const instruction of instructions) {
  const { opcode } = instruction;
  const index = opcodeSlot(opcode);
  shapes[index] = shapeOf(instruction);
  if (shapes[index] === UNARY || shapes[index] === BINARY) {
    operandTypes[index] = instruction.params![0];
    resultTypes[index] = instruction.results![0];
  }
  if (opcode === OP.I32_CONST || opcode === OP.I64_CONST) valueTypes[index] = instruction.results![0];
  if (instruction.width > 0) valueTypes[index] = instruction.results![0] ?? instruction.params![1];
  if (instruction.width > 0) naturalAlignments[index] = 31 - Math.clz32(instruction.width);
}

/** By slot, whether an instruction may be used: 1 for the instructions of WebAssembly 1.0 and of `features`. */
export function allowedOpcodes(features: FeatureSet): Uint8Array {
  const allowed = new Uint8Array(OPCODE_SLOTS);
  for (const { opcode, name, feature } of instructions) {
    // Both ways of handling exceptions throw alike.
    const legacyThrow = name === "throw" && features.has("legacy-exceptions");
    if (feature === undefined || features.has(feature) || legacyThrow) allowed[opcodeSlot(opcode)] = 1;
  }
  return allowed;
}

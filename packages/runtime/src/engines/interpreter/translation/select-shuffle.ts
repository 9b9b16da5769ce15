import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Emitter } from "./emitter.ts";
import { CLASS, type Operands } from "./operands.ts";

/**
 * Translates `i8x16.shuffle`. What compilers make of it most often moves whole words, or takes each word of the result from two words of the
 * operands at the same distance: rotations of lanes, and vectors moved along by some bytes. Others are executed out of line.
 *
 * @param lanes sixteen numbers, below 16 of the first operand and above of the second
 */
export function selectShuffle(
  lanes: Uint8Array,
  a: number,
  b: number,
  number: number,
  operands: Operands,
  emitter: Emitter,
): void {
  const slot = operands.pushSlot(CLASS.vector);
  const pairs = wordPairs(lanes);
  if (pairs === undefined) {
    // [result, sixteen bytes of the operands, counted from the frame's base]
    const bytes = [...lanes].map((lane) => (lane < 16 ? a * 8 + lane : b * 8 + lane - 16));
    operands.result(emitter.emitList(MACHINE_OP.pure, [number, 20, slot, ...bytes]) + 3);
    return;
  }
  const { shift, words } = pairs;
  // Words are counted from the frame's base: a register has two.
  const place = (word: number): number => (word < 4 ? a * 2 + word : b * 2 + word - 4);
  if (shift === 0) {
    const low = words.filter((_, i) => i % 2 === 0);
    operands.result(emitter.emitList(MACHINE_OP.shuffleWords, [slot, ...low.map(place)]) + 1);
  } else operands.result(emitter.emitList(MACHINE_OP.shuffleFunnel, [slot, shift, ...words.map(place)]) + 1);
}

/**
 * The words of the operands (0 to 7) that each word of the result comes from: its low bits from the first, moved down by `shift`, the others
 * from the second. Undefined when the lanes are not of that kind.
 */
function wordPairs(lanes: Uint8Array): { shift: number; words: number[] } | undefined {
  const skip = lanes[0] % 4;
  const words: number[] = [];
  for (let word = 0; word < 4; word++) {
    const from = lanes.subarray(word * 4, word * 4 + 4);
    const low = from[0] >> 2;
    const high = from[3] >> 2;
    for (let i = 0; i < 4; i++) {
      const byte = skip + i;
      if (from[i] !== (byte < 4 ? low * 4 + byte : high * 4 + byte - 4)) return undefined;
    }
    words.push(low, high);
  }
  return { shift: skip * 8, words };
}

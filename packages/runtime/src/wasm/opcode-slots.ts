/**
 * Prefixed opcodes (specification, 5.4) and the slots of tables that hold one entry for each opcode.
 *
 * An opcode is one number: its byte, or the prefix above the number that follows it, `prefix << 12 | number` (`opcodes.ts`). Tables by
 * opcode are indexed by slot, so that they stay small: the slot of a one-byte opcode is the byte, and each prefix has 512 slots.
 */

export const GC_PREFIX = 0xfb;
export const NUMERIC_PREFIX = 0xfc;
export const VECTOR_PREFIX = 0xfd;
export const ATOMIC_PREFIX = 0xfe;

const NUMBERS_LOG2 = 9;
const BEFORE_FIRST_PREFIX = GC_PREFIX - 1;

/** The number of slots. */
export const OPCODE_SLOTS: number = (ATOMIC_PREFIX - BEFORE_FIRST_PREFIX + 1) << NUMBERS_LOG2;

/** The slot of numbers that are out of range. No instruction has it. */
export const NO_OPCODE = 0x1ff;

/** Whether the byte begins an opcode of two parts. */
export function isPrefix(byte: number): boolean {
  return byte >= GC_PREFIX && byte <= ATOMIC_PREFIX;
}

/** The slot of a prefixed opcode; {@link NO_OPCODE} where no instruction can have the number. */
export function prefixedSlot(prefix: number, number: number): number {
  return number >>> NUMBERS_LOG2 === 0 ? ((prefix - BEFORE_FIRST_PREFIX) << NUMBERS_LOG2) | number : NO_OPCODE;
}

/**
 * The slot of an opcode in the form of `Instruction.opcode`.
 * @throws RangeError when it has none: a prefix is unknown or followed by nothing, or the number after it is too large
 */
export function opcodeSlot(opcode: number): number {
  const prefix = opcode >>> 12;
  if (opcode < 0x100 && !isPrefix(opcode)) return opcode;
  const slot = isPrefix(prefix) ? prefixedSlot(prefix, opcode & 0xfff) : NO_OPCODE;
  if (slot === NO_OPCODE) throw new RangeError(`the opcode 0x${opcode.toString(16)} has no slot`);
  return slot;
}

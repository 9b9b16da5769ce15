import { Trap } from "../../../store/trap.ts";
import { atomicWait, placeAt } from "../../atomics.ts";
import type { Arena } from "../machine/arena.ts";
import type { MachineState } from "../machine/state.ts";
import type { Waiting } from "./bulk.ts";
import { isMisaligned, sumOfAddress } from "./memory-access.ts";

/**
 * `memory.atomic.wait32` and `wait64`. Their words: [number, length, charge, result, address, memory, offset in halves, expected, timeout].
 *
 * @param suspends whether the call may be suspended
 * @returns what a suspended guest waits for; undefined when the answer is in its register
 */
export function executeWait(
  arena: Arena,
  S: MachineState,
  pc: number,
  fp: number,
  width: 4 | 8,
  suspends: boolean,
): Waiting | undefined {
  const { code, i32, i64 } = arena;
  const memory = S.instance.store.memories[code[pc + 6]];
  if (memory.type.shared) memory.refresh();
  const register = fp + code[pc + 5];
  const misaligned = isMisaligned(arena, memory, register, code[pc + 7], width);
  if (!misaligned && !memory.type.shared) throw new Trap("expected-shared-memory");
  const address = sumOfAddress(arena, memory, register, code[pc + 7], code[pc + 8]);
  const { index } = placeAt(memory, address, width, misaligned);
  const { buffer } = memory;
  const view = width === 8 ? new BigInt64Array(buffer) : new Int32Array(buffer);
  const expected = width === 8 ? i64[fp + code[pc + 9]] : i32[fp + code[pc + 9]];
  const answer = atomicWait(view, index, expected, i64[fp + code[pc + 10]], suspends);
  if (typeof answer !== "number") return { slot: code[pc + 4], promise: answer };
  i32[fp + code[pc + 4]] = answer;
  return undefined;
}

import { platformAtomics } from "../../numerics/atomics.ts";
import { clock } from "../../store/clock.ts";
import { keepAlive } from "../../store/host.ts";
import { RuntimeError, Trap } from "../../store/trap.ts";
import { placeAt } from "../atomics.ts";
import type { Arena } from "./arena.ts";
import { isMisaligned, sumOfAddress } from "./memory-access.ts";
import type { Waiting } from "./outside.ts";
import type { MachineState } from "./state.ts";

/** What `memory.atomic.wait` answers (threads proposal). */
const WOKEN = 0;
const NOT_EQUAL = 1;
const TIMED_OUT = 2;

/**
 * `memory.atomic.wait32` and `wait64`. Their words: [room, length, charge, result, address, memory, offset in halves, expected, timeout].
 *
 * A synchronous call blocks its thread, as the platform's own WebAssembly does; an asynchronous one is suspended, so that what is to wake it may run
 * on the same thread.
 *
 * @param suspends whether the call may be suspended
 * @returns what a suspended guest waits for; undefined when the answer is in its register
 */
export function atomicWait(
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
  const nanoseconds = i64[fp + code[pc + 10]];
  const timeout = nanoseconds < 0n ? Number.POSITIVE_INFINITY : Number(nanoseconds) / 1e6;
  // The deadline of the call ends a wait that its own timeout would not. It is looked at after every wait: a guest may wait often and briefly.
  const bounded = Math.min(timeout, Math.max(0, clock.timeLeft));
  const answered = (answer: string): number => {
    if (answer === "not-equal") return NOT_EQUAL;
    if (answer === "ok") return WOKEN;
    if (bounded < timeout) throw new Trap("deadline-exceeded");
    return TIMED_OUT;
  };
  const atomics = platformAtomics();
  if (suspends && atomics.waitAsync !== undefined) {
    const waiting = atomics.waitAsync(view, index, expected, bounded);
    if (waiting.async) return { slot: code[pc + 4], promise: keepAlive(waiting.value.then(answered)) };
    i32[fp + code[pc + 4]] = answered(waiting.value);
    return undefined;
  }
  let answer: string;
  try {
    answer = atomics.wait(view, index, expected, bounded);
  } catch {
    throw new RuntimeError(
      "memory.atomic.wait would block this thread, which the platform does not allow: call the guest through instance.async, or on a worker",
    );
  }
  if (clock.isOver) throw new Trap("deadline-exceeded");
  i32[fp + code[pc + 4]] = answered(answer);
  return undefined;
}

import { SHAPE, skipBlockType, skipImmediates } from "./instruction-shape.ts";

/** Bytes of free instructions from which on a run is remembered. */
const LONG = 256;

/**
 * The long runs of free instructions found last, by the module's bytes. A hostile function nests loops by the thousand
 * without anything between them: each head would walk over all that follow.
 */
const longRuns = new WeakMap<Uint8Array, { readonly from: number; readonly to: number }>();

/**
 * Where a guest stands that a check has stopped: the offset that the innermost frame names, on every engine. At a function's entry it is the first
 * instruction of the body, and at a branch to a loop's head the first of the loop; instructions that cost nothing are passed over (`block`,
 * `loop`, `nop`, `try`, `try_table`), so that heads at one place have one position. At a dynamic charge it is the instruction that is charged.
 *
 * @param bytes the module's
 * @param pos of the first instruction behind the entry or the head
 */
export function stopPosition(bytes: Uint8Array, pos: number): number {
  const from = pos;
  for (;;) {
    if (pos - from >= LONG) {
      const run = longRuns.get(bytes);
      if (run !== undefined && pos >= run.from && pos <= run.to) return run.to;
      pos = endOfRun(bytes, pos);
      longRuns.set(bytes, { from, to: pos });
      return pos;
    }
    const next = afterFree(bytes, pos);
    if (next === pos) return pos;
    pos = next;
  }
}

function endOfRun(bytes: Uint8Array, pos: number): number {
  for (;;) {
    const next = afterFree(bytes, pos);
    if (next === pos) return pos;
    pos = next;
  }
}

/** @returns the offset after a free instruction, or the same offset when the instruction costs something */
function afterFree(bytes: Uint8Array, pos: number): number {
  switch (bytes[pos]) {
    case 0x01: // nop
      return pos + 1;
    case 0x02: // block
    case 0x03: // loop
    case 0x06: // try
      return skipBlockType(bytes, pos + 1);
    case 0x1f: // try_table
      return skipImmediates(bytes, pos + 1, SHAPE.catches);
    default:
      return pos;
  }
}

import { lebAt, skipLeb } from "../../../metering/instruction-shape.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { EMPTY_BLOCK } from "./layout.ts";

/**
 * The head of a loop that does nothing but branch by a local:
 *
 *     loop  block block … local.get $at  br_table …
 *
 * Compilers whose code has no structure, Go's first of all, begin each function so, and write every jump in it as
 * `i32.const k  local.set $at  br $loop`. Where such a jump leads can be known when the module is rewritten.
 */
export interface Dispatch {
  readonly local: number;
  /** How many blocks stand between the loop and the table. */
  readonly blocks: number;
  /** The labels of the table, the default last. */
  readonly labels: readonly number[];
}

/** @param pos behind the block type of a loop */
export function dispatchAt(bytes: Uint8Array, pos: number): Dispatch | undefined {
  let blocks = 0;
  for (; bytes[pos] === OP.BLOCK && bytes[pos + 1] === EMPTY_BLOCK; pos += 2) blocks++;
  if (blocks === 0 || bytes[pos] !== OP.LOCAL_GET) return undefined;
  const local = lebAt(bytes, pos + 1);
  pos = skipLeb(bytes, pos + 1);
  if (bytes[pos++] !== OP.BR_TABLE) return undefined;
  const labels: number[] = [];
  for (let count = lebAt(bytes, pos) + 1; count > 0; count--) {
    pos = skipLeb(bytes, pos);
    labels.push(lebAt(bytes, pos));
  }
  return { local, blocks, labels };
}

/**
 * The label that the table branches to when two instructions set its local to a constant.
 *
 * @param first where one instruction stands, and `second` the next, or -1
 * @returns counted from inside all the blocks; undefined when the two are something else
 */
export function dispatched(
  { local, labels }: Dispatch,
  bytes: Uint8Array,
  first: number,
  second: number,
): number | undefined {
  if (bytes[first] !== OP.I32_CONST || bytes[second] !== OP.LOCAL_SET || lebAt(bytes, second + 1) !== local)
    return undefined;
  // The sign of a constant is in its last byte. A negative one is beyond every table.
  const isNegative = (bytes[second - 1] & 0x40) !== 0;
  const last = labels.length - 1;
  return labels[isNegative ? last : Math.min(lebAt(bytes, first + 1), last)];
}

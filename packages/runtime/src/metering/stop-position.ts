import { SHAPE, skipBlockType, skipImmediates } from "./instruction-shape.ts";

/**
 * Where a guest stands that a check has stopped: the offset that the innermost frame names, on every engine. At a function's entry it is the first
 * instruction of the body, and at a branch to a loop's head the first of the loop; instructions that cost nothing are passed over (`block`,
 * `loop`, `nop`, `try`, `try_table`), so that heads at one place have one position. At a dynamic charge it is the instruction that is charged.
 *
 * @param bytes the module's
 * @param pos of the first instruction behind the entry or the head
 */
export function stopPosition(bytes: Uint8Array, pos: number): number {
  for (;;) {
    switch (bytes[pos]) {
      case 0x01: // nop
        pos++;
        break;
      case 0x02: // block
      case 0x03: // loop
      case 0x06: // try
        pos = skipBlockType(bytes, pos + 1);
        break;
      case 0x1f: // try_table
        pos = skipImmediates(bytes, pos + 1, SHAPE.catches);
        break;
      default:
        return pos;
    }
  }
}

import { instructions } from "../../../wasm/instructions.ts";
import { OPCODE_SLOTS, opcodeSlot } from "../../../wasm/opcode-slots.ts";
import * as OP from "../../../wasm/opcodes.ts";

/** Instructions without a memory operand that trap on some operands. */
const TRAPPING_NAMES =
  /^(i(32|64)\.(div|rem|trunc_f)|table\.|ref\.(as_non_null|cast)|struct\.[gs]et|array\.|i31\.get|memory\.(init|copy|fill|atomic)|call)/;

/** Whether the instruction makes an integer of a float, and traps when there is none. */
export function isTrappingTruncation(opcode: number): boolean {
  return (
    opcode >= OP.I32_TRUNC_F32_S &&
    opcode <= OP.I64_TRUNC_F64_U &&
    opcode !== OP.I64_EXTEND_I32_S &&
    opcode !== OP.I64_EXTEND_I32_U
  );
}

/** By slot, whether the instruction may trap by itself. */
export const mayTrap: Uint8Array = new Uint8Array(OPCODE_SLOTS);
for (const { opcode, name, width } of instructions) {
  const slot = opcodeSlot(opcode);
  const safe = name.startsWith("table.size") || name.includes("trunc_sat");
  if (!safe && (width > 0 || TRAPPING_NAMES.test(name))) mayTrap[slot] = 1;
}

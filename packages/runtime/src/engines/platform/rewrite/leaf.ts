import { skipInstruction } from "../../../metering/instruction-shape.ts";
import type { FunctionPlan } from "../../../metering/plan.ts";
import type { FunctionBody } from "../../../wasm/module.ts";
import { isTrappingTruncation } from "./may-trap.ts";

/**
 * Whether a function costs the same on every way through it, and stops nowhere by itself: its callers then pay for it, and its
 * code stays as it is.
 */
export function isLeaf(plan: FunctionPlan, body: FunctionBody): boolean {
  return !plan.entryCheck && plan.offsets.length === 1 && !plan.hasDynamicCharges && isSelfContained(body);
}

/**
 * Whether the code names no function, whose index would change, leaves by no instruction that must find its fuel written back, and has
 * none before which the rewriting writes something.
 */
function isSelfContained({ bytes, start, end }: FunctionBody): boolean {
  for (let pos = start; pos < end; pos = skipInstruction(bytes, pos)) {
    const opcode = bytes[pos];
    if (opcode === 0xd2 || opcode === 0x00 || (opcode >= 0x08 && opcode <= 0x0a) || opcode === 0x10 || opcode === 0x12)
      return false;
    if (isTrappingTruncation(opcode) || opcode === 0xfe) return false;
  }
  return true;
}

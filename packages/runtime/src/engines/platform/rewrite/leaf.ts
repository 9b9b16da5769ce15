import { skipInstruction } from "../../../metering/instruction-shape.ts";
import type { FunctionPlan } from "../../../metering/plan.ts";
import type { FunctionBody } from "../../../wasm/module.ts";
import { ATOMIC_PREFIX } from "../../../wasm/opcode-slots.ts";
import * as OP from "../../../wasm/opcodes.ts";
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
    if (
      opcode === OP.REF_FUNC ||
      opcode === OP.UNREACHABLE ||
      (opcode >= OP.THROW && opcode <= OP.THROW_REF) ||
      opcode === OP.CALL ||
      opcode === OP.RETURN_CALL
    )
      return false;
    if (isTrappingTruncation(opcode) || opcode === ATOMIC_PREFIX) return false;
  }
  return true;
}

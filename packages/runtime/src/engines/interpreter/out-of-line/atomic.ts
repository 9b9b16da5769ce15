import type { AtomicValue } from "../../../numerics/atomics.ts";
import { instructions } from "../../../wasm/instructions.ts";
import { ATOMIC_PREFIX } from "../../../wasm/opcode-slots.ts";
import { atomicOperation, placeAt, wrapOperand } from "../../atomics.ts";
import type { Arena } from "../machine/arena.ts";
import type { MachineState } from "../machine/state.ts";
import type { OutOfLineFunction } from "./basic.ts";
import { isMisaligned, sumOfAddress } from "./memory-access.ts";
import { OUT_OF_LINE_ATOMIC } from "./numbers.ts";

/**
 * The atomic instructions. Their words: [number, length, result, address, memory, offset in halves, operands …]; the result is absent from
 * stores, where its place is not looked at.
 */
export function defineAtomic(arena: Arena, S: MachineState, outOfLine: OutOfLineFunction[]): void {
  const { code, i32, i64 } = arena;

  for (const { opcode, name, width, params, results } of instructions) {
    // What may suspend the guest is the driver's: `atomic-wait.ts`. A fence is not even emitted.
    if (opcode >>> 12 !== ATOMIC_PREFIX || name.startsWith("memory.atomic.wait") || name === "atomic.fence") continue;
    const wide = name.startsWith("i64");
    const operation = atomicOperation(name);
    const operands = params!.length - 1;
    const hasResult = results!.length > 0;
    const take = (slot: number): AtomicValue =>
      width === 8 ? i64[slot] : wrapOperand(wide ? arena.halves[slot * 2] : i32[slot], width);
    outOfLine[OUT_OF_LINE_ATOMIC + (opcode & 0xfff)] = (pc, fp) => {
      const memory = S.instance.store.memories[code[pc + 5]];
      // Another thread may have grown it.
      if (memory.type.shared) memory.refresh();
      const register = fp + code[pc + 4];
      const address = sumOfAddress(arena, memory, register, code[pc + 6], code[pc + 7]);
      const place = placeAt(memory, address, width, isMisaligned(arena, memory, register, code[pc + 6], width));
      const x = operands > 0 ? take(fp + code[pc + 8]) : 0;
      const y = operands > 1 ? take(fp + code[pc + 9]) : 0;
      const result = operation(place, x, y);
      if (hasResult) {
        if (wide) i64[fp + code[pc + 3]] = BigInt(result);
        else i32[fp + code[pc + 3]] = result as number;
      }
      return false;
    };
  }
}

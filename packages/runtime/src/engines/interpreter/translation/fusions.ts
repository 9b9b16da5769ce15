import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Emitter } from "./emitter.ts";
import type { Operands } from "./operands.ts";

/** What an instruction and the one before, which made an operand of it, become together: `op`, then by the earlier one. */
const fusions: ReadonlyMap<number, ReadonlyMap<number, number>> = new Map<number, ReadonlyMap<number, number>>([
  [
    MACHINE_OP.i32Add,
    new Map<number, number>([
      [MACHINE_OP.i32ShlImm, MACHINE_OP.i32AddShl],
      [MACHINE_OP.i32Add, MACHINE_OP.i32Add3],
    ]),
  ],
  [MACHINE_OP.i32Or, new Map<number, number>([[MACHINE_OP.i32ShlImm, MACHINE_OP.i32OrShl]])],
  [
    MACHINE_OP.i32Xor,
    new Map<number, number>([
      [MACHINE_OP.i32ShlImm, MACHINE_OP.i32XorShl],
      [MACHINE_OP.i32ShrUImm, MACHINE_OP.i32XorShrU],
      [MACHINE_OP.i32RotlImm, MACHINE_OP.i32XorRotl],
      [MACHINE_OP.i32Xor, MACHINE_OP.i32Xor3],
    ]),
  ],
  [MACHINE_OP.i64Xor, new Map<number, number>([[MACHINE_OP.i64MulConst, MACHINE_OP.i64XorMul]])],
]);

/** Emits the fused form of a commutative instruction on two registers, if there is one. */
export function fuse(operands: Operands, emitter: Emitter, op: number, resultClass: number): boolean {
  const byMaker = fusions.get(op);
  if (byMaker === undefined) return false;
  for (let depth = 0; depth < 2; depth++) {
    if (!operands.isFresh(depth)) continue;
    const { last, words } = emitter;
    const fused = byMaker.get(words[last]);
    if (fused === undefined) return false;
    const other = operands.register(1 - depth);
    const x = words[last + 2];
    const y = words[last + 3];
    const constant = emitter.constantAt(last + 3);
    emitter.takeBack();
    operands.popMany(2);
    const slot = operands.pushSlot(resultClass);
    const at = emitter.emit5(fused, slot, other, x, y);
    operands.result(at + 1);
    if (constant !== undefined) emitter.constant(at + 4, constant.low, constant.high);
    return true;
  }
  return false;
}

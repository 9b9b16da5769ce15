import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Emitter } from "./emitter.ts";
import { fuse } from "./fusions.ts";
import { CLASS, type Operands } from "./operands.ts";
import { emit, emitConstant, type Name, Selections } from "./selections.ts";

/** Arithmetic on i64, with the forms that hold a constant operand in the instruction. */
export const i64: Selections = new Selections();

function binary64(name: string, op: Name, withConstant: Name, commutes: boolean, negate = false): void {
  i64.define(name, (operands, emitter) => {
    const depth = operands.isConstant(0) ? 0 : commutes && operands.isConstant(1) ? 1 : -1;
    if (depth >= 0) {
      let low = operands.constant(depth);
      let high = operands.constantHigh(depth);
      if (negate) {
        low = -low | 0;
        high = (~high + (low === 0 ? 1 : 0)) | 0;
      }
      const made = emitter.last;
      const factor =
        op === "i64Add" && operands.isFresh(1 - depth) && emitter.words[made] === MACHINE_OP.i64MulConst
          ? emitter.constantAt(made + 3)
          : undefined;
      if (factor !== undefined) {
        const x = emitter.words[made + 2];
        emitter.takeBack();
        operands.popMany(2);
        const at = emitter.emit5(MACHINE_OP.i64MulAddConst, operands.pushSlot(CLASS.long), x, 0, 0);
        operands.result(at + 1);
        emitter.constant(at + 3, factor.low, factor.high);
        emitter.constant(at + 4, low, high);
        return;
      }
      const a = operands.register(1 - depth);
      operands.popMany(2);
      emitConstant(operands, emitter, MACHINE_OP[withConstant], CLASS.long, a, low, high, false);
      return;
    }
    if (fuse(operands, emitter, MACHINE_OP[op], CLASS.long)) return;
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    emit(operands, emitter, MACHINE_OP[op], CLASS.long, a, b);
  });
}
binary64("i64.add", "i64Add", "i64AddConst", true);
binary64("i64.sub", "i64Sub", "i64AddConst", false, true);
binary64("i64.mul", "i64Mul", "i64MulConst", true);
binary64("i64.and", "i64And", "i64AndConst", true);
binary64("i64.or", "i64Or", "i64OrConst", true);
binary64("i64.xor", "i64Xor", "i64XorConst", true);

function shift64(
  name: string,
  op: Name,
  byConstant: (operands: Operands, emitter: Emitter, a: number, count: number) => void,
): void {
  i64.define(name, (operands, emitter) => {
    if (operands.isConstant(0)) {
      const count = operands.constant(0) & 63;
      // By nothing: the value stays.
      if (count === 0) {
        operands.pop();
        return;
      }
      const a = operands.register(1);
      operands.popMany(2);
      byConstant(operands, emitter, a, count);
      return;
    }
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    emit(operands, emitter, MACHINE_OP[op], CLASS.long, a, b);
  });
}
// A product with a power of two costs as little as a shift by a literal, and a shift by a register much more.
shift64("i64.shl", "i64Shl", (operands, emitter, a, count) =>
  emitConstant(
    operands,
    emitter,
    MACHINE_OP.i64MulConst,
    CLASS.long,
    a,
    count < 32 ? 1 << count : 0,
    count < 32 ? 0 : 1 << count,
    false,
  ),
);
function withCount(op: Name): (operands: Operands, emitter: Emitter, a: number, count: number) => void {
  return (operands, emitter, a, count) => emit(operands, emitter, MACHINE_OP[op], CLASS.long, a, count);
}
shift64("i64.shr_s", "i64ShrS", (operands, emitter, a, count) =>
  emit(operands, emitter, count < 32 ? MACHINE_OP.i64ShrSImm : MACHINE_OP.i64ShrSImmHigh, CLASS.long, a, count & 31),
);
shift64("i64.shr_u", "i64ShrU", (operands, emitter, a, count) =>
  emit(operands, emitter, count < 32 ? MACHINE_OP.i64ShrUImm : MACHINE_OP.i64ShrUImmHigh, CLASS.long, a, count & 31),
);
shift64("i64.rotl", "i64Rotl", withCount("i64RotlImm"));
shift64("i64.rotr", "i64Rotr", (operands, emitter, a, count) =>
  emit(operands, emitter, MACHINE_OP.i64RotlImm, CLASS.long, a, 64 - count),
);
i64.binary("i64.div_s", "i64DivS", CLASS.long);
i64.binary("i64.div_u", "i64DivU", CLASS.long);
i64.binary("i64.rem_s", "i64RemS", CLASS.long);
i64.binary("i64.rem_u", "i64RemU", CLASS.long);
i64.unary("i64.clz", "i64Clz", CLASS.long);
i64.unary("i64.ctz", "i64Ctz", CLASS.long);
i64.unary("i64.popcnt", "i64Popcnt", CLASS.long);
i64.unary("i64.extend8_s", "i64Extend8S", CLASS.long);
i64.unary("i64.extend16_s", "i64Extend16S", CLASS.long);
i64.unary("i64.extend32_s", "i64Extend32S", CLASS.long);

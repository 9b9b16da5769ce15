import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { fuse } from "./fusions.ts";
import { CLASS } from "./operands.ts";
import { emit, type Name, Selections } from "./selections.ts";

/** Arithmetic on i32, with the forms that hold a constant operand in the instruction. */
export const i32: Selections = new Selections();

function binary32(
  name: string,
  op: Name,
  immediate: Name,
  options: { commutes?: boolean; left?: Name; change?: (x: number) => number } = {},
): void {
  i32.define(name, (operands, emitter) => {
    if (operands.isConstant(0)) {
      const value = operands.constant(0);
      const { last, words } = emitter;
      if (op === "i32Add" && operands.isFresh(1) && words[last] === MACHINE_OP.i32ShlImm) {
        const [x, count] = words.subarray(last + 2, last + 4);
        emitter.takeBack();
        operands.popMany(2);
        operands.result(emitter.emit5(MACHINE_OP.i32ShlAddImm, operands.pushSlot(CLASS.word), x, count, value) + 1);
        return;
      }
      const a = operands.register(1);
      operands.popMany(2);
      emit(operands, emitter, MACHINE_OP[immediate], CLASS.word, a, 0);
      emitter.words[emitter.length - 1] = options.change === undefined ? value : options.change(value);
      return;
    }
    if (operands.isConstant(1) && (options.commutes || options.left !== undefined)) {
      const value = operands.constant(1);
      const b = operands.register(0);
      operands.popMany(2);
      emit(
        operands,
        emitter,
        options.commutes ? MACHINE_OP[immediate] : MACHINE_OP[options.left!],
        CLASS.word,
        options.commutes ? b : 0,
        options.commutes ? 0 : b,
      );
      emitter.words[emitter.length - (options.commutes ? 1 : 2)] = value;
      return;
    }
    if (fuse(operands, emitter, MACHINE_OP[op], CLASS.word)) return;
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    emit(operands, emitter, MACHINE_OP[op], CLASS.word, a, b);
  });
}
binary32("i32.add", "i32Add", "i32AddImm", { commutes: true });
binary32("i32.sub", "i32Sub", "i32AddImm", { change: (x) => -x | 0, left: "i32SubFromImm" });
binary32("i32.mul", "i32Mul", "i32MulImm", { commutes: true });
binary32("i32.and", "i32And", "i32AndImm", { commutes: true });
binary32("i32.or", "i32Or", "i32OrImm", { commutes: true });
binary32("i32.xor", "i32Xor", "i32XorImm", { commutes: true });
binary32("i32.shl", "i32Shl", "i32ShlImm", { left: "i32ShlOfImm" });
binary32("i32.shr_s", "i32ShrS", "i32ShrSImm");
binary32("i32.shr_u", "i32ShrU", "i32ShrUImm");
binary32("i32.rotl", "i32Rotl", "i32RotlImm");
binary32("i32.rotr", "i32Rotr", "i32RotlImm", { change: (x) => -x & 31 });
i32.binary("i32.div_s", "i32DivS", CLASS.word);
i32.binary("i32.div_u", "i32DivU", CLASS.word);
i32.binary("i32.rem_s", "i32RemS", CLASS.word);
i32.binary("i32.rem_u", "i32RemU", CLASS.word);
i32.unary("i32.clz", "i32Clz", CLASS.word);
i32.unary("i32.ctz", "i32Ctz", CLASS.word);
i32.unary("i32.popcnt", "i32Popcnt", CLASS.word);
i32.unary("i32.extend8_s", "i32Extend8S", CLASS.word);
i32.unary("i32.extend16_s", "i32Extend16S", CLASS.word);

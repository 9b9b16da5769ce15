import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { OUT_OF_LINE } from "../out-of-line/numbers.ts";
import { CLASS } from "./operands.ts";
import { emit, Selections } from "./selections.ts";

/** Conversions between the numeric types. */
export const conversions: Selections = new Selections();

conversions.unary("i64.extend_i32_s", "i64ExtendI32S", CLASS.long);
conversions.unary("i64.extend_i32_u", "i64ExtendI32U", CLASS.long);
conversions.define("i32.wrap_i64", (operands, emitter) => {
  if (operands.isConstant(0)) {
    const low = operands.constant(0);
    operands.pop();
    operands.pushConstant(CLASS.word, low, 0);
    return;
  }
  const { last, words } = emitter;
  // The high half alone is wanted.
  if (
    operands.isFresh() &&
    (words[last] === MACHINE_OP.i64ShrSImmHigh || words[last] === MACHINE_OP.i64ShrUImmHigh) &&
    words[last + 3] === 0
  ) {
    const a = words[last + 2];
    emitter.takeBack();
    operands.pop();
    emit(operands, emitter, MACHINE_OP.i32HighI64, CLASS.word, a, -1);
    return;
  }
  const a = operands.register(0);
  operands.pop();
  emit(operands, emitter, MACHINE_OP.i32WrapI64, CLASS.word, a, -1);
});

for (const type of ["f32", "f64"] as const) {
  const valueClass = type === "f32" ? CLASS.word : CLASS.long;
  conversions.unary(`${type}.convert_i32_s`, `${type}ConvertI32S`, valueClass);
  conversions.unary(`${type}.convert_i32_u`, `${type}ConvertI32U`, valueClass);
  conversions.unary(`i32.trunc_${type}_s`, type === "f32" ? "i32TruncF32S" : "i32TruncF64S", CLASS.word);
  conversions.unary(`i32.trunc_${type}_u`, type === "f32" ? "i32TruncF32U" : "i32TruncF64U", CLASS.word);
  conversions.unary(`i32.trunc_sat_${type}_s`, type === "f32" ? "i32TruncSatF32S" : "i32TruncSatF64S", CLASS.word);
  conversions.unary(`i32.trunc_sat_${type}_u`, type === "f32" ? "i32TruncSatF32U" : "i32TruncSatF64U", CLASS.word);
}
conversions.unary("f32.demote_f64", "f32DemoteF64", CLASS.word);
conversions.unary("f64.promote_f32", "f64PromoteF32", CLASS.long);
conversions.unary("f64.convert_i64_s", "f64ConvertI64S", CLASS.long);
conversions.unary("f64.convert_i64_u", "f64ConvertI64U", CLASS.long);
conversions.rename("i32.reinterpret_f32");
conversions.rename("f32.reinterpret_i32");
conversions.rename("i64.reinterpret_f64");
conversions.rename("f64.reinterpret_i64");
conversions.rare("f32.convert_i64_s", OUT_OF_LINE.f32ConvertI64S);
conversions.rare("f32.convert_i64_u", OUT_OF_LINE.f32ConvertI64U);
conversions.rare("i64.trunc_f32_s", OUT_OF_LINE.i64TruncF32S);
conversions.rare("i64.trunc_f32_u", OUT_OF_LINE.i64TruncF32U);
conversions.rare("i64.trunc_f64_s", OUT_OF_LINE.i64TruncF64S);
conversions.rare("i64.trunc_f64_u", OUT_OF_LINE.i64TruncF64U);
conversions.rare("i64.trunc_sat_f32_s", OUT_OF_LINE.i64TruncSatF32S);
conversions.rare("i64.trunc_sat_f32_u", OUT_OF_LINE.i64TruncSatF32U);
conversions.rare("i64.trunc_sat_f64_s", OUT_OF_LINE.i64TruncSatF64S);
conversions.rare("i64.trunc_sat_f64_u", OUT_OF_LINE.i64TruncSatF64U);

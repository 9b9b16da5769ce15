import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Emitter } from "./emitter.ts";
import { CLASS, type Operands } from "./operands.ts";
import { emit, emitConstant, Selections } from "./selections.ts";

/** Arithmetic on f32 and f64, with the forms of f64 that hold a constant operand in the instruction. */
export const floats: Selections = new Selections();

/** f64 arithmetic on a product, or with an operand from memory, if one of them was made by the instruction before. */
function fuseFloat(operands: Operands, emitter: Emitter, part: "Add" | "Sub" | "Mul"): boolean {
  const depth = operands.isFresh(0) ? 0 : operands.isFresh(1) ? 1 : -1;
  if (depth < 0) return false;
  const { last, words } = emitter;
  const op = words[last];
  // The right operand can be in memory, and for what commutes either.
  const fromMemory = op === MACHINE_OP.load64 || op === MACHINE_OP.load64AddImm;
  if (!fromMemory && op !== MACHINE_OP.f64Mul) return false;
  if (fromMemory && part === "Sub" && depth === 1) return false;
  const other = operands.register(1 - depth);
  const parts = [...words.subarray(last + 2, emitter.length)];
  emitter.takeBack();
  operands.popMany(2);
  const slot = operands.pushSlot(CLASS.long);
  let at: number;
  if (fromMemory) {
    emitter.offset = emitter.offsetTaken;
    at = emitter.emitList(MACHINE_OP[`f64${part}Load${op === MACHINE_OP.load64 ? "" : "AddImm"}`], [
      slot,
      other,
      ...parts,
    ]);
  } else {
    const fused =
      part === "Sub" ? (depth === 0 ? MACHINE_OP.f64SubMul : MACHINE_OP.f64MulSub) : MACHINE_OP[`f64Mul${part}`];
    at = emitter.emitList(fused, [slot, ...parts, other]);
  }
  operands.result(at + 1);
  return true;
}

for (const type of ["f32", "f64"] as const) {
  const valueClass = type === "f32" ? CLASS.word : CLASS.long;
  for (const [name, part] of [
    ["add", "Add"],
    ["sub", "Sub"],
    ["mul", "Mul"],
    ["div", "Div"],
  ] as const) {
    if (type === "f32") {
      floats.binary(`f32.${name}`, `f32${part}`, valueClass);
      continue;
    }
    floats.define(`f64.${name}`, (operands, emitter) => {
      const right = operands.isConstant(0);
      if (right || operands.isConstant(1)) {
        const depth = right ? 0 : 1;
        const low = operands.constant(depth);
        const high = operands.constantHigh(depth);
        const a = operands.register(1 - depth);
        operands.popMany(2);
        const commutes = part === "Add" || part === "Mul";
        const op = right || commutes ? MACHINE_OP[`f64${part}Const`] : MACHINE_OP[`f64${part as "Sub" | "Div"}OfConst`];
        emitConstant(operands, emitter, op, valueClass, a, low, high, !right && !commutes);
        return;
      }
      if (part !== "Div" && fuseFloat(operands, emitter, part)) return;
      const a = operands.register(1);
      const b = operands.register(0);
      operands.popMany(2);
      emit(operands, emitter, MACHINE_OP[`f64${part}`], valueClass, a, b);
    });
  }
  for (const [name, part] of [
    ["min", "Min"],
    ["max", "Max"],
    ["copysign", "Copysign"],
  ] as const)
    floats.binary(`${type}.${name}`, `${type}${part}`, valueClass);
  for (const [name, part] of [
    ["abs", "Abs"],
    ["neg", "Neg"],
    ["ceil", "Ceil"],
    ["floor", "Floor"],
    ["trunc", "Trunc"],
    ["nearest", "Nearest"],
    ["sqrt", "Sqrt"],
  ] as const)
    floats.unary(`${type}.${name}`, `${type}${part}`, valueClass);
}

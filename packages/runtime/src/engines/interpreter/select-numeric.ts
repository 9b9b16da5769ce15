import { instructionsByName } from "../../wasm/instructions.ts";
import type { Emitter } from "./emitter.ts";
import { OP } from "./opcodes.ts";
import { CLASS, classOf, type Operands } from "./operands.ts";
import { ROOM } from "./room-numbers.ts";

/** How a numeric instruction of the guest becomes one of the machine. */
interface Selection {
  readonly select: (operands: Operands, emitter: Emitter) => void;
}

type Name = keyof typeof OP;

/** By single-byte opcode, and by the number behind 0xfc for the saturating truncations. */
const selections: (Selection | undefined)[] = [];
const saturating: (Selection | undefined)[] = [];

function define(name: string, select: Selection["select"]): void {
  const { opcode } = instructionsByName.get(name)!;
  if (opcode < 0x100) selections[opcode] = { select };
  else saturating[opcode & 0xfff] = { select };
}

/** Emits an instruction with a result and operands in registers, and pushes the result. */
function emit(operands: Operands, emitter: Emitter, op: number, resultClass: number, a: number, b: number): void {
  const slot = operands.pushSlot(resultClass);
  operands.result((b < 0 ? emitter.emit3(op, slot, a) : emitter.emit4(op, slot, a, b)) + 1);
}

/** The same with a 64-bit constant as its last or, with `left`, first operand. */
function emitConstant(
  operands: Operands,
  emitter: Emitter,
  op: number,
  resultClass: number,
  register: number,
  low: number,
  high: number,
  left: boolean,
): void {
  const slot = operands.pushSlot(resultClass);
  const at = left ? emitter.emit4(op, slot, 0, register) : emitter.emit4(op, slot, register, 0);
  operands.result(at + 1);
  emitter.constant(at + (left ? 2 : 3), low, high);
}

function unary(name: string, op: Name, resultClass: number): void {
  define(name, (operands, emitter) => {
    const a = operands.register(0);
    operands.pop();
    emit(operands, emitter, OP[op], resultClass, a, -1);
  });
}

function binary(name: string, op: Name, resultClass: number): void {
  define(name, (operands, emitter) => {
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    emit(operands, emitter, OP[op], resultClass, a, b);
  });
}

/** The value stays where it is and only changes its type: both types share registers. */
function rename(name: string): void {
  define(name, () => {});
}

// ---- i32

/** What an instruction and the one before, which made an operand of it, become together: `op`, then by the earlier one. */
const fusions: ReadonlyMap<number, ReadonlyMap<number, number>> = new Map<number, ReadonlyMap<number, number>>([
  [
    OP.i32Add,
    new Map<number, number>([
      [OP.i32ShlImm, OP.i32AddShl],
      [OP.i32Add, OP.i32Add3],
    ]),
  ],
  [OP.i32Or, new Map<number, number>([[OP.i32ShlImm, OP.i32OrShl]])],
  [
    OP.i32Xor,
    new Map<number, number>([
      [OP.i32ShlImm, OP.i32XorShl],
      [OP.i32ShrUImm, OP.i32XorShrU],
      [OP.i32RotlImm, OP.i32XorRotl],
      [OP.i32Xor, OP.i32Xor3],
    ]),
  ],
  [OP.i64Xor, new Map<number, number>([[OP.i64MulConst, OP.i64XorMul]])],
]);

/** Emits the fused form of a commutative instruction on two registers, if there is one. */
function fuse(operands: Operands, emitter: Emitter, op: number, resultClass: number): boolean {
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

function binary32(
  name: string,
  op: Name,
  immediate: Name,
  options: { commutes?: boolean; left?: Name; change?: (x: number) => number } = {},
): void {
  define(name, (operands, emitter) => {
    if (operands.isConstant(0)) {
      const value = operands.constant(0);
      const { last, words } = emitter;
      if (op === "i32Add" && operands.isFresh(1) && words[last] === OP.i32ShlImm) {
        const [x, count] = words.subarray(last + 2, last + 4);
        emitter.takeBack();
        operands.popMany(2);
        operands.result(emitter.emit5(OP.i32ShlAddImm, operands.pushSlot(CLASS.word), x, count, value) + 1);
        return;
      }
      const a = operands.register(1);
      operands.popMany(2);
      emit(operands, emitter, OP[immediate], CLASS.word, a, 0);
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
        options.commutes ? OP[immediate] : OP[options.left!],
        CLASS.word,
        options.commutes ? b : 0,
        options.commutes ? 0 : b,
      );
      emitter.words[emitter.length - (options.commutes ? 1 : 2)] = value;
      return;
    }
    if (fuse(operands, emitter, OP[op], CLASS.word)) return;
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    emit(operands, emitter, OP[op], CLASS.word, a, b);
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
binary("i32.div_s", "i32DivS", CLASS.word);
binary("i32.div_u", "i32DivU", CLASS.word);
binary("i32.rem_s", "i32RemS", CLASS.word);
binary("i32.rem_u", "i32RemU", CLASS.word);
unary("i32.clz", "i32Clz", CLASS.word);
unary("i32.ctz", "i32Ctz", CLASS.word);
unary("i32.popcnt", "i32Popcnt", CLASS.word);
unary("i32.extend8_s", "i32Extend8S", CLASS.word);
unary("i32.extend16_s", "i32Extend16S", CLASS.word);

/** Comparisons as the machine has them: less-than and its opposite; a constant moves to the right, and one below or above it serves for the rest. */
type Order = "eq" | "ne" | "lt" | "gt" | "le" | "ge";
const mirrored: Readonly<Record<Order, Order>> = { eq: "eq", ne: "ne", lt: "gt", gt: "lt", le: "ge", ge: "le" };

function compare32(name: string, order: Order, sign: "S" | "U" | ""): void {
  define(name, (operands, emitter) => {
    let by = order;
    let constantDepth = operands.isConstant(0) ? 0 : -1;
    if (constantDepth < 0 && operands.isConstant(1)) {
      constantDepth = 1;
      by = mirrored[by];
    }
    if (constantDepth >= 0) {
      let value = operands.constant(constantDepth);
      const greatest = sign === "U" ? -1 : 0x7fffffff;
      const next = by === "gt" || by === "le";
      if (!next || value !== greatest) {
        if (next) value = (value + 1) | 0;
        const a = operands.register(1 - constantDepth);
        operands.popMany(2);
        const op =
          by === "eq"
            ? "i32EqImm"
            : by === "ne"
              ? "i32NeImm"
              : (`i32${by === "lt" || by === "le" ? "Lt" : "Ge"}${sign}Imm` as Name);
        emit(operands, emitter, OP[op], CLASS.word, a, 0);
        emitter.words[emitter.length - 1] = value;
        return;
      }
      by = order;
    }
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    const swap = by === "gt" || by === "le";
    const op =
      by === "eq" ? "i32Eq" : by === "ne" ? "i32Ne" : (`i32${by === "lt" || by === "gt" ? "Lt" : "Ge"}${sign}` as Name);
    emit(operands, emitter, OP[op], CLASS.word, swap ? b : a, swap ? a : b);
  });
}
function compare64(name: string, order: Order, sign: "S" | "U" | ""): void {
  define(name, (operands, emitter) => {
    let by = order;
    let constantDepth = operands.isConstant(0) ? 0 : -1;
    if (constantDepth < 0 && operands.isConstant(1)) {
      constantDepth = 1;
      by = mirrored[by];
    }
    if (constantDepth >= 0 && sign !== "U") {
      let low = operands.constant(constantDepth);
      let high = operands.constantHigh(constantDepth);
      const next = by === "gt" || by === "le";
      if (!next || low !== -1 || high !== 0x7fffffff) {
        if (next) {
          low = (low + 1) | 0;
          if (low === 0) high = (high + 1) | 0;
        }
        const a = operands.register(1 - constantDepth);
        operands.popMany(2);
        const op =
          by === "eq"
            ? "i64EqConst"
            : by === "ne"
              ? "i64NeConst"
              : by === "lt" || by === "le"
                ? "i64LtSConst"
                : "i64GeSConst";
        emitConstant(operands, emitter, OP[op], CLASS.word, a, low, high, false);
        return;
      }
    }
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    const swap = order === "gt" || order === "le";
    const op =
      order === "eq"
        ? "i64Eq"
        : order === "ne"
          ? "i64Ne"
          : (`i64${order === "lt" || order === "gt" ? "Lt" : "Ge"}${sign}` as Name);
    emit(operands, emitter, OP[op], CLASS.word, swap ? b : a, swap ? a : b);
  });
}
for (const [type, compare] of [
  ["i32", compare32],
  ["i64", compare64],
] as const) {
  compare(`${type}.eq`, "eq", "");
  compare(`${type}.ne`, "ne", "");
  for (const order of ["lt", "gt", "le", "ge"] as const)
    for (const sign of ["S", "U"] as const) compare(`${type}.${order}_${sign.toLowerCase()}`, order, sign);
}

/** What a comparison becomes when its result is negated, and as a branch when it holds. */
const negations = new Map<number, number>();
const branches = new Map<number, number>();
function comparisonPair(type: string, yes: string, no: string): void {
  for (const form of ["", "Imm", "Const"]) {
    const a = OP[`${type}${yes}${form}` as Name] as number | undefined;
    const b = OP[`${type}${no}${form}` as Name] as number | undefined;
    if (a === undefined || b === undefined) continue;
    negations.set(a, b);
    negations.set(b, a);
    const upper = type.toUpperCase();
    branches.set(a, OP[`br${upper}${yes}${form}` as Name]);
    branches.set(b, OP[`br${upper}${no}${form}` as Name]);
  }
}
for (const type of ["i32", "i64"]) {
  comparisonPair(type, "Eq", "Ne");
  comparisonPair(type, "LtS", "GeS");
  comparisonPair(type, "LtU", "GeU");
}
for (const type of ["f32", "f64"]) {
  comparisonPair(type, "Eq", "Ne");
  comparisonPair(type, "Lt", "NotLt");
  comparisonPair(type, "Le", "NotLe");
}

/** The comparison whose result is the opposite, or undefined for what is no comparison. */
export function negated(op: number): number | undefined {
  return negations.get(op);
}

/** The branch that is taken when the comparison holds, or undefined. Its operands are the comparison's. */
export function branchOf(op: number): number | undefined {
  return branches.get(op);
}

define("i32.eqz", (operands, emitter) => {
  const opposite = operands.isFresh() ? negations.get(emitter.words[emitter.last]) : undefined;
  if (opposite !== undefined) {
    emitter.words[emitter.last] = opposite;
    return;
  }
  const a = operands.register(0);
  operands.pop();
  emit(operands, emitter, OP.i32EqImm, CLASS.word, a, 0);
});
define("i64.eqz", (operands, emitter) => {
  const a = operands.register(0);
  operands.pop();
  emitConstant(operands, emitter, OP.i64EqConst, CLASS.word, a, 0, 0, false);
});

// ---- i64
function binary64(name: string, op: Name, withConstant: Name, commutes: boolean, negate = false): void {
  define(name, (operands, emitter) => {
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
        op === "i64Add" && operands.isFresh(1 - depth) && emitter.words[made] === OP.i64MulConst
          ? emitter.constantAt(made + 3)
          : undefined;
      if (factor !== undefined) {
        const x = emitter.words[made + 2];
        emitter.takeBack();
        operands.popMany(2);
        const at = emitter.emit5(OP.i64MulAddConst, operands.pushSlot(CLASS.long), x, 0, 0);
        operands.result(at + 1);
        emitter.constant(at + 3, factor.low, factor.high);
        emitter.constant(at + 4, low, high);
        return;
      }
      const a = operands.register(1 - depth);
      operands.popMany(2);
      emitConstant(operands, emitter, OP[withConstant], CLASS.long, a, low, high, false);
      return;
    }
    if (fuse(operands, emitter, OP[op], CLASS.long)) return;
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    emit(operands, emitter, OP[op], CLASS.long, a, b);
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
  define(name, (operands, emitter) => {
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
    emit(operands, emitter, OP[op], CLASS.long, a, b);
  });
}
// A product with a power of two costs as little as a shift by a literal, and a shift by a register much more.
shift64("i64.shl", "i64Shl", (operands, emitter, a, count) =>
  emitConstant(
    operands,
    emitter,
    OP.i64MulConst,
    CLASS.long,
    a,
    count < 32 ? 1 << count : 0,
    count < 32 ? 0 : 1 << count,
    false,
  ),
);
function withCount(op: Name): (operands: Operands, emitter: Emitter, a: number, count: number) => void {
  return (operands, emitter, a, count) => emit(operands, emitter, OP[op], CLASS.long, a, count);
}
shift64("i64.shr_s", "i64ShrS", (operands, emitter, a, count) =>
  emit(operands, emitter, count < 32 ? OP.i64ShrSImm : OP.i64ShrSImmHigh, CLASS.long, a, count & 31),
);
shift64("i64.shr_u", "i64ShrU", (operands, emitter, a, count) =>
  emit(operands, emitter, count < 32 ? OP.i64ShrUImm : OP.i64ShrUImmHigh, CLASS.long, a, count & 31),
);
shift64("i64.rotl", "i64Rotl", withCount("i64RotlImm"));
shift64("i64.rotr", "i64Rotr", (operands, emitter, a, count) =>
  emit(operands, emitter, OP.i64RotlImm, CLASS.long, a, 64 - count),
);
binary("i64.div_s", "i64DivS", CLASS.long);
binary("i64.div_u", "i64DivU", CLASS.long);
binary("i64.rem_s", "i64RemS", CLASS.long);
binary("i64.rem_u", "i64RemU", CLASS.long);
unary("i64.clz", "i64Clz", CLASS.long);
unary("i64.ctz", "i64Ctz", CLASS.long);
unary("i64.popcnt", "i64Popcnt", CLASS.long);
unary("i64.extend8_s", "i64Extend8S", CLASS.long);
unary("i64.extend16_s", "i64Extend16S", CLASS.long);
unary("i64.extend32_s", "i64Extend32S", CLASS.long);
unary("i64.extend_i32_s", "i64ExtendI32S", CLASS.long);
unary("i64.extend_i32_u", "i64ExtendI32U", CLASS.long);
define("i32.wrap_i64", (operands, emitter) => {
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
    (words[last] === OP.i64ShrSImmHigh || words[last] === OP.i64ShrUImmHigh) &&
    words[last + 3] === 0
  ) {
    const a = words[last + 2];
    emitter.takeBack();
    operands.pop();
    emit(operands, emitter, OP.i32HighI64, CLASS.word, a, -1);
    return;
  }
  const a = operands.register(0);
  operands.pop();
  emit(operands, emitter, OP.i32WrapI64, CLASS.word, a, -1);
});

// ---- floats

/** f64 arithmetic on a product, or with an operand from memory, if one of them was made by the instruction before. */
function fuseFloat(operands: Operands, emitter: Emitter, part: "Add" | "Sub" | "Mul"): boolean {
  const depth = operands.isFresh(0) ? 0 : operands.isFresh(1) ? 1 : -1;
  if (depth < 0) return false;
  const { last, words } = emitter;
  const op = words[last];
  // The right operand can be in memory, and for what commutes either.
  const fromMemory = op === OP.load64 || op === OP.load64AddImm;
  if (!fromMemory && op !== OP.f64Mul) return false;
  if (fromMemory && part === "Sub" && depth === 1) return false;
  const other = operands.register(1 - depth);
  const parts = [...words.subarray(last + 2, emitter.length)];
  emitter.takeBack();
  operands.popMany(2);
  const slot = operands.pushSlot(CLASS.long);
  let at: number;
  if (fromMemory) {
    emitter.offset = emitter.offsetTaken;
    at = emitter.emitList(OP[`f64${part}Load${op === OP.load64 ? "" : "AddImm"}`], [slot, other, ...parts]);
  } else {
    const fused = part === "Sub" ? (depth === 0 ? OP.f64SubMul : OP.f64MulSub) : OP[`f64Mul${part}`];
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
      binary(`f32.${name}`, `f32${part}`, valueClass);
      continue;
    }
    define(`f64.${name}`, (operands, emitter) => {
      const right = operands.isConstant(0);
      if (right || operands.isConstant(1)) {
        const depth = right ? 0 : 1;
        const low = operands.constant(depth);
        const high = operands.constantHigh(depth);
        const a = operands.register(1 - depth);
        operands.popMany(2);
        const commutes = part === "Add" || part === "Mul";
        const op = right || commutes ? OP[`f64${part}Const`] : OP[`f64${part as "Sub" | "Div"}OfConst`];
        emitConstant(operands, emitter, op, valueClass, a, low, high, !right && !commutes);
        return;
      }
      if (part !== "Div" && fuseFloat(operands, emitter, part)) return;
      const a = operands.register(1);
      const b = operands.register(0);
      operands.popMany(2);
      emit(operands, emitter, OP[`f64${part}`], valueClass, a, b);
    });
  }
  for (const [name, part] of [
    ["min", "Min"],
    ["max", "Max"],
    ["copysign", "Copysign"],
  ] as const)
    binary(`${type}.${name}`, `${type}${part}`, valueClass);
  for (const [name, part] of [
    ["abs", "Abs"],
    ["neg", "Neg"],
    ["ceil", "Ceil"],
    ["floor", "Floor"],
    ["trunc", "Trunc"],
    ["nearest", "Nearest"],
    ["sqrt", "Sqrt"],
  ] as const)
    unary(`${type}.${name}`, `${type}${part}`, valueClass);
  for (const [name, part, swap] of [
    ["eq", "Eq", false],
    ["ne", "Ne", false],
    ["lt", "Lt", false],
    ["gt", "Lt", true],
    ["le", "Le", false],
    ["ge", "Le", true],
  ] as const)
    define(`${type}.${name}`, (operands, emitter) => {
      const a = operands.register(1);
      const b = operands.register(0);
      operands.popMany(2);
      emit(operands, emitter, OP[`${type}${part}`], CLASS.word, swap ? b : a, swap ? a : b);
    });
  unary(`${type}.convert_i32_s`, `${type}ConvertI32S`, valueClass);
  unary(`${type}.convert_i32_u`, `${type}ConvertI32U`, valueClass);
  unary(`i32.trunc_${type}_s`, type === "f32" ? "i32TruncF32S" : "i32TruncF64S", CLASS.word);
  unary(`i32.trunc_${type}_u`, type === "f32" ? "i32TruncF32U" : "i32TruncF64U", CLASS.word);
  unary(`i32.trunc_sat_${type}_s`, type === "f32" ? "i32TruncSatF32S" : "i32TruncSatF64S", CLASS.word);
  unary(`i32.trunc_sat_${type}_u`, type === "f32" ? "i32TruncSatF32U" : "i32TruncSatF64U", CLASS.word);
}
unary("f32.demote_f64", "f32DemoteF64", CLASS.word);
unary("f64.promote_f32", "f64PromoteF32", CLASS.long);
unary("f64.convert_i64_s", "f64ConvertI64S", CLASS.long);
unary("f64.convert_i64_u", "f64ConvertI64U", CLASS.long);
rename("i32.reinterpret_f32");
rename("f32.reinterpret_i32");
rename("i64.reinterpret_f64");
rename("f64.reinterpret_i64");

/** Rare ones, as functions outside the loop: [room, length, result, operand]. */
function rare(name: string, room: number): void {
  const { results } = instructionsByName.get(name)!;
  const resultClass = classOf(results![0]);
  define(name, (operands, emitter) => {
    const a = operands.register(0);
    operands.pop();
    const slot = operands.pushSlot(resultClass);
    operands.result(emitter.emit5(OP.extended, room, 5, slot, a) + 3);
  });
}
rare("f32.convert_i64_s", ROOM.f32ConvertI64S);
rare("f32.convert_i64_u", ROOM.f32ConvertI64U);
rare("i64.trunc_f32_s", ROOM.i64TruncF32S);
rare("i64.trunc_f32_u", ROOM.i64TruncF32U);
rare("i64.trunc_f64_s", ROOM.i64TruncF64S);
rare("i64.trunc_f64_u", ROOM.i64TruncF64U);
rare("i64.trunc_sat_f32_s", ROOM.i64TruncSatF32S);
rare("i64.trunc_sat_f32_u", ROOM.i64TruncSatF32U);
rare("i64.trunc_sat_f64_s", ROOM.i64TruncSatF64S);
rare("i64.trunc_sat_f64_u", ROOM.i64TruncSatF64U);

/** Translates a numeric instruction of one byte. */
export function selectNumeric(opcode: number, operands: Operands, emitter: Emitter): void {
  selections[opcode]!.select(operands, emitter);
}

/** Translates one of the saturating truncations, by the number behind 0xfc. */
export function selectSaturating(code: number, operands: Operands, emitter: Emitter): void {
  saturating[code]!.select(operands, emitter);
}

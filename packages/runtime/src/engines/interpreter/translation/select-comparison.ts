import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { CLASS } from "./operands.ts";
import { emit, emitConstant, type Name, Selections } from "./selections.ts";

/** Comparisons of all four types. */
export const comparisons: Selections = new Selections();

/** Comparisons as the machine has them: less-than and its opposite; a constant moves to the right, and one below or above it serves for the rest. */
type Order = "eq" | "ne" | "lt" | "gt" | "le" | "ge";
const mirrored: Readonly<Record<Order, Order>> = { eq: "eq", ne: "ne", lt: "gt", gt: "lt", le: "ge", ge: "le" };

function compare32(name: string, order: Order, sign: "S" | "U" | ""): void {
  comparisons.define(name, (operands, emitter) => {
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
        emit(operands, emitter, MACHINE_OP[op], CLASS.word, a, 0);
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
    emit(operands, emitter, MACHINE_OP[op], CLASS.word, swap ? b : a, swap ? a : b);
  });
}
function compare64(name: string, order: Order, sign: "S" | "U" | ""): void {
  comparisons.define(name, (operands, emitter) => {
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
        emitConstant(operands, emitter, MACHINE_OP[op], CLASS.word, a, low, high, false);
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
    emit(operands, emitter, MACHINE_OP[op], CLASS.word, swap ? b : a, swap ? a : b);
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
for (const type of ["f32", "f64"] as const)
  for (const [name, part, swap] of [
    ["eq", "Eq", false],
    ["ne", "Ne", false],
    ["lt", "Lt", false],
    ["gt", "Lt", true],
    ["le", "Le", false],
    ["ge", "Le", true],
  ] as const)
    comparisons.define(`${type}.${name}`, (operands, emitter) => {
      const a = operands.register(1);
      const b = operands.register(0);
      operands.popMany(2);
      emit(operands, emitter, MACHINE_OP[`${type}${part}`], CLASS.word, swap ? b : a, swap ? a : b);
    });

/** What a comparison becomes when its result is negated, and as a branch when it holds. */
const negations = new Map<number, number>();
const branches = new Map<number, number>();
function comparisonPair(type: string, yes: string, no: string): void {
  for (const form of ["", "Imm", "Const"]) {
    const a = MACHINE_OP[`${type}${yes}${form}` as Name] as number | undefined;
    const b = MACHINE_OP[`${type}${no}${form}` as Name] as number | undefined;
    if (a === undefined || b === undefined) continue;
    negations.set(a, b);
    negations.set(b, a);
    const upper = type.toUpperCase();
    branches.set(a, MACHINE_OP[`br${upper}${yes}${form}` as Name]);
    branches.set(b, MACHINE_OP[`br${upper}${no}${form}` as Name]);
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

comparisons.define("i32.eqz", (operands, emitter) => {
  const opposite = operands.isFresh() ? negations.get(emitter.words[emitter.last]) : undefined;
  if (opposite !== undefined) {
    emitter.words[emitter.last] = opposite;
    return;
  }
  const a = operands.register(0);
  operands.pop();
  emit(operands, emitter, MACHINE_OP.i32EqImm, CLASS.word, a, 0);
});
comparisons.define("i64.eqz", (operands, emitter) => {
  const a = operands.register(0);
  operands.pop();
  emitConstant(operands, emitter, MACHINE_OP.i64EqConst, CLASS.word, a, 0, 0, false);
});

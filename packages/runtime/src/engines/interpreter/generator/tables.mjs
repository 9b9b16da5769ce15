import { kindsOf, REASONS } from "./notation.mjs";

/** What the rest of the interpreter must know of the instructions. */
export function tables(ops, firstVector) {
  return `
/** The machine's instructions. A register operand is a slot counted from the frame's base. */
export const MACHINE_OP = {
${ops.map(({ name }, number) => `  ${name}: ${number},`).join("\n")}
} as const;

/** Words of each instruction, its opcode included; 0 where that depends on its operands. */
export const lengths: readonly number[] = [${ops.map(({ length }) => length).join(", ")}];

/** The first instruction on vectors; all from there on are. */
export const FIRST_VECTOR: number = ${firstVector};

/** Names of the instructions, for listings. */
export const opNames: readonly string[] = Object.keys(MACHINE_OP);

/**
 * What the operands of each instruction are, word by word: \`r\` a register, \`k\` a 64-bit constant, \`c\` a number, \`t\` an address in
 * the code. Empty where that depends on the operands.
 */
export const operandKinds: readonly string[] = [${ops.map((o) => JSON.stringify(kindsOf(o))).join(", ")}];

/** Why the loop was left. */
export const WHY = {
${REASONS.map((name, number) => `  ${name}: ${number},`).join("\n")}
} as const;

/** How a memory instruction's operands stand in its words. The address is (first + (second << shift) + addend) + offset. */
export interface MemoryForm {
  readonly store: boolean;
  readonly signed: boolean;
  readonly type: "i32" | "i64" | "v128";
  readonly width: number;
  readonly first?: number;
  readonly second?: number;
  readonly shift?: number;
  readonly addend?: number;
  readonly offset: number;
  /** Word 1 is the value to store, not its register. */
  readonly constant?: boolean;
  /** What floats loaded are the right operand of, or what computes those to store. */
  readonly operation?: "add" | "sub" | "mul" | "mulAdd";
}

export const memoryForms: ReadonlyMap<number, MemoryForm> = new Map<number, MemoryForm>([
${ops.flatMap(({ memory }, number) => (memory ? [`[${number}, ${JSON.stringify(memory)}],`] : [])).join("\n")}
]);
`;
}

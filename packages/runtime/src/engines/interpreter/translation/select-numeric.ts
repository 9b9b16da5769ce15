import { instructionsByName } from "../../../wasm/instructions.ts";
import type { Emitter } from "./emitter.ts";
import type { Operands } from "./operands.ts";
import { comparisons } from "./select-comparison.ts";
import { conversions } from "./select-conversion.ts";
import { floats } from "./select-float.ts";
import { i32 } from "./select-i32.ts";
import { i64 } from "./select-i64.ts";
import type { Select } from "./selections.ts";

/** By single-byte opcode, and by the number behind 0xfc for the saturating truncations. */
const selections: (Select | undefined)[] = [];
const saturating: (Select | undefined)[] = [];

for (const { byName } of [i32, i64, comparisons, floats, conversions])
  for (const [name, select] of byName) {
    const { opcode } = instructionsByName.get(name)!;
    if (opcode < 0x100) selections[opcode] = select;
    else saturating[opcode & 0xfff] = select;
  }

/** Translates a numeric instruction of one byte. */
export function selectNumeric(opcode: number, operands: Operands, emitter: Emitter): void {
  selections[opcode]!(operands, emitter);
}

/** Translates one of the saturating truncations, by the number behind 0xfc. */
export function selectSaturating(code: number, operands: Operands, emitter: Emitter): void {
  saturating[code]!(operands, emitter);
}

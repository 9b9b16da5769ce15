import { Writer } from "../../../binary/writer.ts";
import { lebAt, skipInstruction } from "../../../metering/instruction-shape.ts";
import type { Expression } from "../../../wasm/module.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { emit, globalIndex, type Layout } from "./layout.ts";

/** A constant expression with the functions and globals that it names replaced by those of the rewritten module. */
export function rewriteConstant(expression: Expression, layout: Layout): Expression {
  const { bytes, start, end } = expression;
  let writer: Writer | undefined;
  let copied = start;
  for (let pos = start; pos < end; ) {
    const at = pos;
    pos = skipInstruction(bytes, pos);
    const opcode = bytes[at];
    if (opcode !== OP.REF_FUNC && (opcode !== OP.GLOBAL_GET || layout.globalShift === 0)) continue;
    const index = lebAt(bytes, at + 1);
    writer ??= new Writer();
    writer.copy(bytes, copied, at);
    emit(writer, opcode, opcode === OP.REF_FUNC ? layout.entryOf(index) : globalIndex(layout, index));
    copied = pos;
  }
  if (writer === undefined) return expression;
  writer.copy(bytes, copied, end);
  const code = writer.finish();
  return { bytes: code, start: 0, end: code.length };
}

import { Writer } from "../../../binary/writer.ts";
import { lebAt, skipInstruction } from "../../../metering/instruction-shape.ts";
import type { Expression } from "../../../wasm/module.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { emit, type Layout } from "./layout.ts";

/** A constant expression with the functions that it refers to replaced by those that stand for them. */
export function rewriteConstant(expression: Expression, layout: Layout): Expression {
  const { bytes, start, end } = expression;
  let writer: Writer | undefined;
  let copied = start;
  for (let pos = start; pos < end; ) {
    const at = pos;
    pos = skipInstruction(bytes, pos);
    if (bytes[at] !== OP.REF_FUNC) continue;
    writer ??= new Writer();
    writer.copy(bytes, copied, at);
    emit(writer, OP.REF_FUNC, layout.entryOf(lebAt(bytes, at + 1)));
    copied = pos;
  }
  if (writer === undefined) return expression;
  writer.copy(bytes, copied, end);
  const code = writer.finish();
  return { bytes: code, start: 0, end: code.length };
}

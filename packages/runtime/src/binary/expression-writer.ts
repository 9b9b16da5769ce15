import type { Expression } from "../wasm/module.ts";
import type { Writer } from "./writer.ts";

/** An expression: its bytes as they are. */
export function writeExpression(writer: Writer, { bytes, start, end }: Expression): void {
  writer.bytes(bytes.subarray(start, end));
}

import { readMemArg } from "../../../binary/instruction-reader.ts";
import type { Reader } from "../../../binary/reader.ts";
import { lookupInstruction } from "../../../wasm/instructions.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { DRIVER_OP, OUT_OF_LINE_ATOMIC } from "../out-of-line/numbers.ts";
import { classOf } from "./operands.ts";
import type { OutOfLineEmitter } from "./out-of-line-emitter.ts";

/** Translates an instruction of the threads proposal, by the number behind 0xfe: [result, address, memory, offset in halves, operands …] */
export function selectAtomic(code: number, reader: Reader, outOfLine: OutOfLineEmitter): void {
  const { operands, emitter } = outOfLine;
  const { params, results, name } = lookupInstruction(0xfe, code)!;
  if (name === "atomic.fence") {
    reader.byte();
    return;
  }
  const { memory, offset } = readMemArg(reader);
  const [address, ...rest] = outOfLine.take(params!.length);
  const slot = results!.length > 0 ? operands.pushSlot(classOf(results![0])) : 0;
  const low = Number(BigInt.asIntN(32, offset));
  const high = Number(BigInt.asIntN(32, offset >> 32n));
  if (name.startsWith("memory.atomic.wait")) {
    const number = name.endsWith("32") ? DRIVER_OP.atomicWait32 : DRIVER_OP.atomicWait64;
    operands.result(outOfLine.driver(number, [slot, address, memory, low, high, ...rest]) + 4);
    operands.fence();
    return;
  }
  const at = emitter.emitList(MACHINE_OP.extended, [
    OUT_OF_LINE_ATOMIC + code,
    8 + rest.length,
    slot,
    address,
    memory,
    low,
    high,
    ...rest,
  ]);
  if (results!.length > 0) operands.result(at + 3);
}

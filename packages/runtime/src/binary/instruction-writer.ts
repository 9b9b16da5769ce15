import type { Instruction } from "../wasm/instructions.ts";
import type { BlockType, CatchClause, Immediate, MemArg } from "./instruction-reader.ts";
import { writeHeapType, writeValueType } from "./type-writer.ts";
import type { Writer } from "./writer.ts";

/** An opcode in the form of {@link Instruction.opcode}: one byte, or a prefix and a number. */
export function writeOpcode(writer: Writer, opcode: number): void {
  if (opcode < 0x100) {
    writer.u8(opcode);
    return;
  }
  writer.u8(opcode >>> 12);
  writer.u32(opcode & 0xfff);
}

export function writeBlockType(writer: Writer, type: BlockType): void {
  if (type.kind === "empty") writer.u8(0x40);
  else if (type.kind === "value") writeValueType(writer, type.type);
  else writer.s33(type.index);
}

export function writeMemArg(writer: Writer, { align, memory, offset }: MemArg): void {
  writer.u32(memory === 0 ? align : align | 0x40);
  if (memory !== 0) writer.u32(memory);
  writer.u64(offset);
}

function writeCatch(writer: Writer, { kind, tag, label }: CatchClause): void {
  writer.u8(kind);
  if (kind < 2) writer.u32(tag);
  writer.u32(label);
}

function writeIndex(writer: Writer, index: number): void {
  writer.u32(index);
}

/**
 * The immediates of an instruction, in the order of its table row and in the shapes that `readImmediates` gives them.
 *
 * @throws RangeError when there are more or fewer than the instruction has
 */
export function writeImmediates(writer: Writer, instruction: Instruction, immediates: readonly Immediate[]): void {
  const { immediates: kinds, name } = instruction;
  if (kinds.length !== immediates.length)
    throw new RangeError(`${name} has ${kinds.length} immediates, not ${immediates.length}`);
  for (let i = 0; i < kinds.length; i++) {
    const value = immediates[i];
    switch (kinds[i]) {
      case "blocktype":
        writeBlockType(writer, value as BlockType);
        break;
      case "labels": {
        const labels = value as readonly number[];
        writer.vector(labels.slice(0, -1), writeIndex);
        writer.u32(labels[labels.length - 1]);
        break;
      }
      case "catches":
        writer.vector(value as readonly CatchClause[], writeCatch);
        break;
      case "i32":
        writer.s32(value as number);
        break;
      case "i64":
        writer.s64(value as bigint);
        break;
      case "f32":
        writer.fixed32(value as number);
        break;
      case "f64":
        writer.fixed64(value as bigint);
        break;
      case "v128":
      case "lanes":
        writer.bytes(value as Uint8Array);
        break;
      case "memarg":
        writeMemArg(writer, value as MemArg);
        break;
      case "lane":
      case "castflags":
      case "fence":
        writer.u8(value as number);
        break;
      case "heaptype":
        writeHeapType(writer, value as number);
        break;
      case "valtypes":
        writer.vector(value as readonly number[], writeValueType);
        break;
      default:
        writer.u32(value as number);
    }
  }
}

/** An instruction whole: its opcode and its immediates. */
export function writeInstruction(writer: Writer, instruction: Instruction, immediates: readonly Immediate[]): void {
  writeOpcode(writer, instruction.opcode);
  writeImmediates(writer, instruction, immediates);
}

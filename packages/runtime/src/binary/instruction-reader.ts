import { type Instruction, instructionAt, lookupInstruction } from "../wasm/instructions.ts";
import { isPrefix } from "../wasm/opcode-slots.ts";
import type { HeapType, ValueType } from "../wasm/types.ts";
import type { Reader } from "./reader.ts";
import { readHeapType, readValueType } from "./type-reader.ts";

/** The type of a block: no value, one value, or the index of a function type. */
export type BlockType =
  | { readonly kind: "empty" }
  | { readonly kind: "value"; readonly type: ValueType }
  | { readonly kind: "index"; readonly index: number };

/** Where a memory instruction reads or writes (specification, 5.4.6). `align` is the base-two logarithm. */
export interface MemArg {
  readonly align: number;
  readonly memory: number;
  readonly offset: bigint;
}

/** A clause of `try_table`: which exceptions it takes and where control goes. */
export interface CatchClause {
  /** 0 `catch`, 1 `catch_ref`, 2 `catch_all`, 3 `catch_all_ref`. */
  readonly kind: number;
  /** The tag of the first two kinds, 0 for the others. */
  readonly tag: number;
  readonly label: number;
}

/** The value of one immediate; which it is follows from the `ImmediateKind` at the same place. */
export type Immediate =
  | number
  | bigint
  | BlockType
  | MemArg
  | HeapType
  | readonly number[]
  | readonly CatchClause[]
  | Uint8Array;

/**
 * Reads the opcode at the cursor and says which instruction it is.
 * @throws MalformedError `illegal opcode` when there is none
 */
export function readOpcode(reader: Reader): Instruction {
  const start = reader.pos;
  const first = reader.byte();
  if (!isPrefix(first)) {
    const instruction = instructionAt[first];
    if (instruction === undefined) reader.fail(`illegal opcode 0x${first.toString(16)}`, start);
    return instruction!;
  }
  const code = reader.u32();
  const instruction = lookupInstruction(first, code);
  if (instruction === undefined) reader.fail(`illegal opcode 0x${first.toString(16)} 0x${code.toString(16)}`, start);
  return instruction!;
}

const emptyBlock: BlockType = { kind: "empty" };

export function readBlockType(reader: Reader): BlockType {
  const start = reader.pos;
  const code = reader.s33();
  if (code >= 0) return { kind: "index", index: code };
  if (code === -0x40) return emptyBlock;
  reader.pos = start;
  return { kind: "value", type: readValueType(reader) };
}

export function readMemArg(reader: Reader): MemArg {
  const start = reader.pos;
  const flags = reader.u32();
  if (flags >= 0x80) reader.fail("malformed memop flags", start);
  const memory = flags & 0x40 ? reader.u32() : 0;
  return { align: flags & 0x3f, memory, offset: reader.u64() };
}

/** A count of things of at least one byte each: no more than there are bytes left. */
export function readCount(reader: Reader): number {
  const start = reader.pos;
  const count = reader.u32();
  if (count > reader.end - reader.pos) reader.fail("unexpected end", start);
  return count;
}

function readCatch(reader: Reader): CatchClause {
  const start = reader.pos;
  const kind = reader.byte();
  if (kind > 3) reader.fail("malformed catch clause", start);
  const tag = kind < 2 ? reader.u32() : 0;
  return { kind, tag, label: reader.u32() };
}

function readMany<T>(reader: Reader, read: (reader: Reader) => T): T[] {
  const count = readCount(reader);
  const list: T[] = [];
  for (let i = 0; i < count; i++) list.push(read(reader));
  return list;
}

const readIndex = (reader: Reader): number => reader.u32();

/** The clauses of `try_table`. */
export function readCatches(reader: Reader): CatchClause[] {
  return readMany(reader, readCatch);
}

/**
 * Reads the immediates of an instruction, in the order of its table row. For walking code where speed does not matter;
 * the validator and the engines' translators read theirs in line.
 */
export function readImmediates(reader: Reader, instruction: Instruction): Immediate[] {
  return instruction.immediates.map((kind): Immediate => {
    switch (kind) {
      case "blocktype":
        return readBlockType(reader);
      case "labels":
        return [...readMany(reader, readIndex), reader.u32()];
      case "catches":
        return readCatches(reader);
      case "i32":
        return reader.s32();
      case "i64":
        return reader.s64();
      case "f32":
        return reader.fixed32();
      case "f64":
        return reader.fixed64();
      case "v128":
      case "lanes":
        return reader.take(16);
      case "memarg":
        return readMemArg(reader);
      case "lane":
      case "castflags":
        return reader.byte();
      case "fence": {
        const start = reader.pos;
        if (reader.byte() !== 0) reader.fail("zero byte expected", start);
        return 0;
      }
      case "heaptype":
        return readHeapType(reader);
      case "valtypes":
        return readMany(reader, readValueType);
      default:
        return reader.u32();
    }
  });
}

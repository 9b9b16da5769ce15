import { type Feature, featureNames } from "../wasm/features.ts";
import { type ImmediateKind, instructions } from "../wasm/instructions.ts";
import { isPrefix, OPCODE_SLOTS, opcodeSlot, prefixedSlot } from "../wasm/opcode-slots.ts";
import * as OP from "../wasm/opcodes.ts";

/**
 * How the bytes of an instruction's immediates run, so that code can be walked without reading what it does not ask for.
 * Made from the one instruction table; only for code that has been validated.
 */
export const SHAPE = {
  /** No immediates. */
  none: 0,
  /** One, two or three LEB128 integers. */
  leb: 1,
  leb2: 2,
  leb3: 3,
  /** Single bytes. */
  byte: 4,
  bytes4: 5,
  bytes8: 6,
  bytes16: 7,
  memarg: 8,
  /** A memory argument and a lane. */
  memargLane: 9,
  blocktype: 10,
  labels: 11,
  /** The block type and the clauses of `try_table`. */
  catches: 12,
  valtypes: 13,
  /** Flags, a label and two heap types. */
  cast: 14,
} as const;

const INTEGER_KINDS: ReadonlySet<ImmediateKind> = new Set<ImmediateKind>([
  "label",
  "func",
  "type",
  "table",
  "memory",
  "global",
  "local",
  "tag",
  "data",
  "elem",
  "field",
  "u32",
  "i32",
  "i64",
  "heaptype",
]);

const SHAPE_OF_KINDS: Readonly<Record<string, number>> = {
  "": SHAPE.none,
  lane: SHAPE.byte,
  fence: SHAPE.byte,
  f32: SHAPE.bytes4,
  f64: SHAPE.bytes8,
  v128: SHAPE.bytes16,
  lanes: SHAPE.bytes16,
  memarg: SHAPE.memarg,
  "memarg lane": SHAPE.memargLane,
  blocktype: SHAPE.blocktype,
  labels: SHAPE.labels,
  "blocktype catches": SHAPE.catches,
  valtypes: SHAPE.valtypes,
  "castflags label heaptype heaptype": SHAPE.cast,
};

function shapeOf(kinds: readonly ImmediateKind[]): number {
  if (kinds.length > 0 && kinds.every((kind) => INTEGER_KINDS.has(kind))) return SHAPE.leb + kinds.length - 1;
  const shape = SHAPE_OF_KINDS[kinds.join(" ")];
  if (shape === undefined) throw new Error(`no shape for the immediates ${kinds.join(" ")}`);
  return shape;
}

/** The shape of each instruction, by the slot of its opcode. */
export const shapes: Uint8Array = new Uint8Array(OPCODE_SLOTS);
for (const { opcode, immediates } of instructions) {
  shapes[opcodeSlot(opcode)] = shapeOf(immediates);
}

/** A proposal as one bit. */
export function featureBit(feature: Feature): number {
  return 1 << featureNames.indexOf(feature);
}

/**
 * The proposal that each instruction belongs to, as a bit, by slot; 0 for WebAssembly 1.0, and for `throw`,
 * which both proposals for exceptions have.
 */
export const featureBits: Int32Array = new Int32Array(OPCODE_SLOTS);
for (const { opcode, feature } of instructions) {
  if (feature === undefined || opcode === OP.THROW) continue;
  featureBits[opcodeSlot(opcode)] = featureBit(feature);
}

export function skipLeb(bytes: Uint8Array, pos: number): number {
  while (bytes[pos++] >= 0x80);
  return pos;
}

/** The position after the value type at `pos`. */
export function skipValueType(bytes: Uint8Array, pos: number): number {
  const code = bytes[pos];
  return code === 0x63 || code === 0x64 ? skipLeb(bytes, pos + 1) : pos + 1;
}

/** The position after the block type at `pos`: a value type, 0x40, or a type index. */
export function skipBlockType(bytes: Uint8Array, pos: number): number {
  const code = bytes[pos];
  return code === 0x63 || code === 0x64 || code >= 0x80 ? skipLeb(bytes, pos + 1) : pos + 1;
}

/** An unsigned LEB128 of at most 32 bits; the position after it is that of {@link skipLeb}. */
export function lebAt(bytes: Uint8Array, pos: number): number {
  let byte = bytes[pos];
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = bytes[++pos];
    value |= (byte & 0x7f) << shift;
  }
  return value >>> 0;
}

/** The position after immediates of the given shape that begin at `pos`. */
export function skipImmediates(bytes: Uint8Array, pos: number, shape: number): number {
  switch (shape) {
    case SHAPE.none:
      return pos;
    case SHAPE.leb:
      return skipLeb(bytes, pos);
    case SHAPE.leb2:
      return skipLeb(bytes, skipLeb(bytes, pos));
    case SHAPE.leb3:
      return skipLeb(bytes, skipLeb(bytes, skipLeb(bytes, pos)));
    case SHAPE.byte:
      return pos + 1;
    case SHAPE.bytes4:
      return pos + 4;
    case SHAPE.bytes8:
      return pos + 8;
    case SHAPE.bytes16:
      return pos + 16;
    case SHAPE.memarg:
    case SHAPE.memargLane: {
      const flags = bytes[pos];
      pos = skipLeb(bytes, pos);
      if (flags & 0x40) pos = skipLeb(bytes, pos);
      pos = skipLeb(bytes, pos);
      return shape === SHAPE.memarg ? pos : pos + 1;
    }
    case SHAPE.blocktype:
      return skipBlockType(bytes, pos);
    case SHAPE.labels: {
      let count = lebAt(bytes, pos) + 1;
      pos = skipLeb(bytes, pos);
      while (count-- > 0) pos = skipLeb(bytes, pos);
      return pos;
    }
    case SHAPE.catches: {
      pos = skipBlockType(bytes, pos);
      let count = lebAt(bytes, pos);
      pos = skipLeb(bytes, pos);
      while (count-- > 0) {
        const kind = bytes[pos++];
        if (kind < 2) pos = skipLeb(bytes, pos);
        pos = skipLeb(bytes, pos);
      }
      return pos;
    }
    case SHAPE.valtypes: {
      let count = lebAt(bytes, pos);
      pos = skipLeb(bytes, pos);
      while (count-- > 0) pos = skipValueType(bytes, pos);
      return pos;
    }
    default:
      return skipImmediates(bytes, pos + 1, SHAPE.leb3);
  }
}

/** The opcode of the instruction at `pos`, a prefix above the number that follows it (`opcodes.ts`). */
export function opcodeAt(bytes: Uint8Array, pos: number): number {
  const byte = bytes[pos];
  return isPrefix(byte) ? (byte << 12) | lebAt(bytes, pos + 1) : byte;
}

/** The position behind the instruction at `pos`. */
export function skipInstruction(bytes: Uint8Array, pos: number): number {
  const opcode = bytes[pos++];
  if (!isPrefix(opcode)) return skipImmediates(bytes, pos, shapes[opcode]);
  return skipImmediates(bytes, skipLeb(bytes, pos), shapes[prefixedSlot(opcode, lebAt(bytes, pos))]);
}

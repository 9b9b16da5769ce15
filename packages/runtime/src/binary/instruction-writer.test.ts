import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ImmediateKind, type Instruction, instructions } from "../wasm/instructions.ts";
import { abstractHeapTypes, heapTypeOfIndex, I32, I64, referenceType, V128 } from "../wasm/types.ts";
import { type Immediate, readImmediates, readOpcode } from "./instruction-reader.ts";
import { writeImmediates, writeInstruction, writeOpcode } from "./instruction-writer.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

const u32 = fc.nat(0xffffffff);
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
const heapType = fc.oneof(
  fc.constantFrom(...abstractHeapTypes.values()),
  fc.nat(0xfffff).map((index) => heapTypeOfIndex(index)),
);
const valueType = fc.oneof(
  fc.constantFrom(I32, I64, V128),
  fc.tuple(fc.boolean(), heapType).map(([nullable, heap]) => referenceType(nullable, heap)),
);

const immediate: Partial<Record<ImmediateKind, fc.Arbitrary<Immediate>>> = {
  blocktype: fc.oneof(
    fc.constant({ kind: "empty" as const }),
    valueType.map((type) => ({ kind: "value" as const, type })),
    u32.map((index) => ({ kind: "index" as const, index })),
  ),
  labels: fc.array(u32, { minLength: 1 }),
  catches: fc.array(
    fc.tuple(fc.nat(3), u32, u32).map(([kind, tag, label]) => ({ kind, tag: kind < 2 ? tag : 0, label })),
  ),
  i32: fc.integer(),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f64: u64,
  v128: sixteen,
  lanes: sixteen,
  memarg: fc.tuple(fc.nat(0x3f), u32, u64).map(([align, memory, offset]) => ({ align, memory, offset })),
  lane: fc.nat(255),
  castflags: fc.nat(255),
  fence: fc.constant(0),
  heaptype: heapType,
  valtypes: fc.array(valueType),
};

function written(write: (writer: Writer) => void): Reader {
  const writer = new Writer();
  write(writer);
  return new Reader(writer.finish());
}

test("every instruction comes back with its immediates", () => {
  for (const instruction of instructions) {
    const lists = fc.tuple(...instruction.immediates.map((kind) => immediate[kind] ?? u32));
    fc.assert(
      fc.property(lists, (immediates) => {
        const reader = written((writer) => writeInstruction(writer, instruction, immediates));
        expect(readOpcode(reader)).toBe(instruction);
        expect(readImmediates(reader, instruction)).toEqual(immediates);
        expect(reader.pos).toBe(reader.end);
      }),
      { numRuns: 10 },
    );
  }
});

test("opcodes beyond the table are illegal", () => {
  for (const bytes of [[0xff], [0x27], [0xfb, 0x1f], [0xfc, 0x12], [0xfd, 0x80, 0x40], [0xfe, 0xff, 0xff, 0xff, 0x0f]])
    expect(() => readOpcode(new Reader(Uint8Array.from(bytes)))).toThrow(/^illegal opcode.* \(at offset 0x0\)$/);
});

describe("immediates that do not follow the grammar", () => {
  const named = (name: string): Instruction => instructions.find((instruction) => instruction.name === name)!;
  test.each([
    ["i32.load", [0x80, 0x01, 0], "malformed memop flags"],
    ["atomic.fence", [1], "zero byte expected"],
    ["try_table", [0x40, 1, 4, 0], "malformed catch clause"],
    ["br_table", [5, 0, 0], "unexpected end"],
    ["ref.null", [0x40], "malformed heap type"],
    ["block", [0x41], "malformed value type"],
    ["i32.const", [0x80, 0x80, 0x80, 0x80, 0x70], "integer too large"],
    ["i32.const", [0x80, 0x80, 0x80, 0x80, 0x80, 0], "integer representation too long"],
  ])("%s %j: %s", (name, bytes, message) => {
    expect(() => readImmediates(new Reader(Uint8Array.from(bytes)), named(name))).toThrow(message);
  });
});

test("an instruction is not written with too few or too many immediates", () => {
  const call = instructions.find(({ name }) => name === "call")!;
  expect(() => writeImmediates(new Writer(), call, [])).toThrow(RangeError);
  expect(() => writeImmediates(new Writer(), call, [1, 2])).toThrow("call has 1 immediates, not 2");
});

test("a prefix and its number", () => {
  expect([...written((writer) => writeOpcode(writer, 0xfd0ff)).bytes]).toEqual([0xfd, 0xff, 0x01]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer(0);
  write(writer);
  return writer.finish();
}

/** Writes and reads back; nothing may be left over, and no shorter form may exist. */
function roundTrip<T>(
  values: fc.Arbitrary<T>,
  write: (writer: Writer, value: T) => void,
  read: (reader: Reader) => T,
  bits = 0,
): void {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = written((writer) => write(writer, value));
      const reader = new Reader(bytes);
      expect(read(reader)).toBe(value);
      expect(reader.pos).toBe(bytes.length);
      expect(bytes.length).toBeLessThanOrEqual(bits === 0 ? 8 : Math.ceil(bits / 7));
    }),
  );
}

/** Numbers of every magnitude, the edges among them. */
function integers(bits: number, signed: boolean): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }), fc.nat(bits - 1))
    .map(([value, shift]) =>
      signed ? BigInt.asIntN(bits, value) >> BigInt(shift) : BigInt.asUintN(bits, value) >> BigInt(shift),
    );
}

test("integers come back", () => {
  roundTrip(
    integers(32, false).map(Number),
    (w, v) => w.u32(v),
    (r) => r.u32(),
    32,
  );
  roundTrip(
    integers(32, true).map(Number),
    (w, v) => w.s32(v),
    (r) => r.s32(),
    32,
  );
  roundTrip(
    integers(33, true).map(Number),
    (w, v) => w.s33(v),
    (r) => r.s33(),
    33,
  );
  roundTrip(
    integers(64, false),
    (w, v) => w.u64(v),
    (r) => r.u64(),
    64,
  );
  roundTrip(
    integers(64, true),
    (w, v) => w.s64(v),
    (r) => r.s64(),
    64,
  );
  roundTrip(
    integers(32, false).map(Number),
    (w, v) => w.fixed32(v),
    (r) => r.fixed32(),
  );
  roundTrip(
    integers(64, false),
    (w, v) => w.fixed64(v),
    (r) => r.fixed64(),
  );
});

test("integers take the fewest bytes", () => {
  expect(written((w) => w.u32(127))).toHaveLength(1);
  expect(written((w) => w.u32(128))).toHaveLength(2);
  expect(written((w) => w.s32(63))).toHaveLength(1);
  expect(written((w) => w.s32(64))).toHaveLength(2);
  expect(written((w) => w.s32(-64))).toHaveLength(1);
  expect(written((w) => w.s33(-65))).toHaveLength(2);
  expect(written((w) => w.s64(-1n))).toHaveLength(1);
  expect(written((w) => w.u64(2n ** 64n - 1n))).toHaveLength(10);
});

test("names and vectors come back", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (names) => {
      const reader = new Reader(written((w) => w.vector(names, (writer, name) => writer.name(name))));
      expect(reader.u32()).toBe(names.length);
      expect(names.map(() => reader.name())).toEqual(names);
    }),
  );
});

describe("sized", () => {
  test.each([0, 1, 127, 128, 16_383, 16_384, 2_097_152])("puts the size before %i bytes", (size) => {
    const contents = new Uint8Array(size).fill(7);
    const reader = new Reader(
      written((w) => {
        w.u8(1);
        w.sized((inner) => inner.bytes(contents));
        w.u8(2);
      }),
    );
    expect(reader.byte()).toBe(1);
    expect(reader.u32()).toBe(size);
    expect(Buffer.compare(reader.take(size), contents)).toBe(0);
    expect(reader.byte()).toBe(2);
    expect(reader.pos).toBe(reader.end);
  });

  test("nests", () => {
    expect([
      ...written((w) =>
        w.sized(() => {
          w.u8(9);
          w.sized(() => w.u8(8));
        }),
      ),
    ]).toEqual([3, 9, 1, 8]);
  });
});

test("what was written can be patched, cut and taken in part", () => {
  const writer = new Writer(0);
  writer.bytes(Uint8Array.of(1, 2, 3, 4));
  writer.patch(1, 9);
  writer.truncate(3);
  expect(writer.length).toBe(3);
  expect([...writer.slice(1)]).toEqual([9, 3]);
  expect([...writer.finish()]).toEqual([1, 9, 3]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { Content } from "./content.ts";

type Operation =
  | { kind: "write"; at: number; length: number; value: number }
  | { kind: "resize"; size: number }
  | { kind: "clone" }
  | { kind: "swap" };

// Around the borders of chunks, where mistakes would be.
const place = fc.oneof(
  fc.integer({ min: 0, max: 700 }),
  fc.tuple(fc.constantFrom(1 << 20, 2 << 20), fc.integer({ min: -3, max: 3 })).map(([border, off]) => border + off),
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), at: place, length: place, value: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("resize" as const), size: place }),
  fc.constant({ kind: "clone" as const }),
  fc.constant({ kind: "swap" as const }),
);

test("a content and its clone are two plain arrays of bytes", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(place, fc.array(operation, { maxLength: 14 }), (baseLength, operations) => {
      const base = new Uint8Array(baseLength).fill(7);
      let content = new Content(base);
      let model = base.slice();
      let twin = content.clone();
      let twinModel = model.slice();
      for (const operation of operations) {
        if (operation.kind === "write") {
          const bytes = new Uint8Array(operation.length).fill(operation.value);
          const grown = new Uint8Array(Math.max(model.length, bytes.length === 0 ? 0 : operation.at + bytes.length));
          grown.set(model);
          if (bytes.length > 0) grown.set(bytes, operation.at);
          model = grown;
          if (bytes.length > 0) content.write(bytes, operation.at);
        } else if (operation.kind === "resize") {
          const resized = new Uint8Array(operation.size);
          resized.set(model.subarray(0, operation.size));
          model = resized;
          content.resize(operation.size);
        } else if (operation.kind === "clone") {
          twin = content.clone();
          twinModel = model.slice();
        } else {
          [content, twin] = [twin, content];
          [model, twinModel] = [twinModel, model];
        }
      }
      for (const [actual, expected] of [
        [content, model],
        [twin, twinModel],
      ] as const) {
        expect(actual.size).toBe(expected.length);
        const bytes = new Uint8Array(expected.length + 10).fill(9);
        expect(actual.read(bytes, 0)).toBe(expected.length);
        expect(Buffer.compare(bytes.subarray(0, expected.length), expected)).toBe(0);
        expect(bytes.subarray(expected.length)).toEqual(new Uint8Array(10).fill(9));
      }
      expect(base.every((byte) => byte === 7)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("reading beyond the end reads nothing", () => {
  const content = new Content(Uint8Array.of(1, 2, 3));
  expect(content.read(new Uint8Array(4), 3)).toBe(0);
  expect(content.read(new Uint8Array(4), 2 ** 40)).toBe(0);
});

test("a hole costs nothing", () => {
  const content = new Content();
  content.write(Uint8Array.of(1), 2 ** 36);
  const bytes = new Uint8Array(3);
  expect(content.read(bytes, 2 ** 36 - 2)).toBe(3);
  expect(bytes).toEqual(Uint8Array.of(0, 0, 1));
});

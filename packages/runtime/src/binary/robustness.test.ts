import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CompileError } from "../wasm/errors.ts";
import { allFeatures } from "../wasm/features.ts";
import type { WasmModule } from "../wasm/module.ts";
import { decodeModule } from "./decode.ts";
import { encodeModule } from "./encode.ts";
import { namesOf } from "./names.ts";

const kernels = new URL("../../../../../shared/kernels/", import.meta.url);
const corpus = ["fib", "binarytrees", "sha256", "simd_saxpy", "interp"].map(
  (kernel) => new Uint8Array(readFileSync(new URL(`${kernel}.wasm`, kernels))),
);

/** Decodes, and takes a CompileError for an answer; whatever decodes must encode, and decode again. */
function survives(bytes: Uint8Array): void {
  let module: WasmModule;
  try {
    module = decodeModule(bytes, allFeatures);
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
    return;
  }
  namesOf(module);
  const encoded = encodeModule(module);
  const again = encodeModule(decodeModule(encoded, allFeatures));
  expect(Buffer.compare(again, encoded)).toBe(0);
}

const modules = fc.constantFrom(...corpus);
/** A place in a module, more often than not among its first bytes, where sections and counts are. */
const place = fc.oneof(fc.nat(255), fc.nat(0xffff));
/** Bytes that mean most in the format, and any other. */
const byte = fc.oneof(
  fc.constantFrom(0, 1, 2, 0x0b, 0x40, 0x4e, 0x5f, 0x60, 0x63, 0x7f, 0x80, 0xfb, 0xff),
  fc.nat(255),
);
const runs = { numRuns: 1000 };

test("cut anywhere", () => {
  for (const bytes of corpus)
    for (let length = 0; length < Math.min(bytes.length, 3000); length++) survives(bytes.subarray(0, length));
});

test("with bytes changed", () => {
  fc.assert(
    fc.property(modules, fc.array(fc.tuple(place, byte), { minLength: 1, maxLength: 8 }), (original, changes) => {
      const bytes = original.slice();
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      survives(bytes);
    }),
    runs,
  );
});

test("spliced with another", () => {
  fc.assert(
    fc.property(modules, modules, place, place, fc.uint8Array({ maxLength: 12 }), (a, b, from, to, middle) => {
      const head = a.subarray(0, from % a.length);
      const tail = b.subarray(to % b.length);
      survives(Buffer.concat([head, middle, tail]));
    }),
    runs,
  );
});

test("with parts taken out or said twice", () => {
  fc.assert(
    fc.property(modules, place, fc.nat(64), fc.boolean(), (original, at, length, twice) => {
      const start = at % original.length;
      const part = original.subarray(start, start + length);
      const rest = original.subarray(start + length);
      survives(Buffer.concat([original.subarray(0, start), ...(twice ? [part, part] : []), rest]));
    }),
    runs,
  );
});

test("noise after a header", () => {
  fc.assert(
    fc.property(fc.array(byte), (noise) => survives(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...noise]))),
    { numRuns: 5000 },
  );
});

test("counts that promise more than there are bytes allocate nothing", () => {
  const promise = [0xff, 0xff, 0xff, 0xff, 0x0f];
  // The start section is an index, and holds no count.
  for (const id of [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]) {
    const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, id, 5, ...promise]);
    expect(() => decodeModule(bytes, allFeatures)).toThrow(CompileError);
  }
});

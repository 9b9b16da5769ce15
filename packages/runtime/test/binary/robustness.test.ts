import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { kernels } from "../../../../scripts/places.mjs";
import { lacks } from "../../../../test/needs.ts";
import { decodeModule } from "../../src/binary/decode.ts";
import { encodeModule } from "../../src/binary/encode.ts";
import { namesOf } from "../../src/binary/names.ts";
import { parseModule } from "../../src/text/parser.ts";
import { CompileError } from "../../src/wasm/errors.ts";
import { allFeatures } from "../../src/wasm/features.ts";
import type { WasmModule } from "../../src/wasm/module.ts";

/** Modules with every section and most kinds of immediates. */
const texts = [
  `(module $all
    (@custom "note" "before the types")
    (type $pair (sub (struct (field $x (mut i32)) (field i8 (ref null $pair)))))
    (rec (type $f (func (param i32) (result i64))) (type $numbers (array (mut f32))))
    (import "host" "log" (func $log (param i32 f64)))
    (import "host" "memory" (memory 1 2))
    (tag $failure (param i32))
    (table $t 3 10 funcref (ref.null func))
    (memory $second i64 1)
    (global $counter (export "counter") (mut i64) (i64.const -5))
    (elem (table $t) (i32.const 0) func $twice $log)
    (elem $declared declare func $twice)
    (data $words "hello\\00\\ff")
    (data (memory 0) (offset (i32.const 16)) "at sixteen")
    (start $begin)
    (func $begin (memory.init $words (i32.const 0) (i32.const 0) (i32.const 5)) (data.drop $words))
    (func $twice (type $f) (local $sum i64) (local f32 f32 v128)
      (block $out (loop $next
        (br_if $out (i32.eqz (local.get 0)))
        (local.set $sum (i64.add (local.get $sum) (i64.const 0x7fffffffffffffff)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_table $next $out $next (local.get 0))))
      (return (local.get $sum)))
    (func (export "vectors") (result v128)
      (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (v128.const i64x2 1 2) (v128.load offset=8 (i32.const 0))))
    (func (export "catches") (result i32)
      (block $caught (result i32) (try_table (catch $failure $caught) (throw $failure (i32.const 3))) (i32.const 0)))
    (func (export "structures") (result i32)
      (struct.get $pair $x (struct.new $pair (i32.const 1) (i32.const 2) (ref.null $pair)))))`,
  `(module (func (export "fib") (param i64) (result i64)
    (if (result i64) (i64.lt_u (local.get 0) (i64.const 2)) (then (local.get 0)) (else
      (i64.add (call 0 (i64.sub (local.get 0) (i64.const 1))) (call 0 (i64.sub (local.get 0) (i64.const 2))))))))`,
];
/** What linkers make is larger and has other names and padding; it is not part of the repository. */
const linked = lacks("the benchmark kernels", existsSync(kernels))
  ? []
  : ["fib", "binarytrees", "sha256", "simd_saxpy", "interp"].map((name) => readFileSync(join(kernels, `${name}.wasm`)));
const corpus = [
  ...texts.map((text) => encodeModule(parseModule(text, allFeatures).module)),
  ...linked.map((bytes) => new Uint8Array(bytes)),
];

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

import { Runtime } from "@wardian/runtime";

const texts: Readonly<Record<string, string>> = {
  empty: "(module)",
  plain: `(module
    (import "m" "f" (func $f))
    (memory (export "memory") 1) (table (export "table") 2 funcref)
    (global (export "global") (mut i64) (i64.const -1))
    (elem (i32.const 0) $add)
    (func $add (export "add") (export "again") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "two") (result i32 f32) (i32.const 1) (f32.const 0.5))
    (func (export "none") (call $f))
    (func (export "long") (param i64) (result i64) (local.get 0))
    (func (export "single") (param f32) (result f32) (local.get 0))
    (func (export "double") (param f64) (result f64) (local.get 0))
    (func (export "reference") (param externref) (result externref) (local.get 0)))`,
  grower: `(module (memory (export "memory") 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`,
  custom: `(module (@custom "mine" "abc") (@custom "mine" "") (@custom "" "x"))`,
  many: `(module (import "a" "f" (func)) (import "b" "g" (global i32)) (import "a" "memory" (memory 1)) (import "b" "table" (table 1 funcref)))`,
  through: `(module (import "m" "f" (func $f (param i32) (result i32))) (export "f" (func $f))
    (func (export "call") (param i32) (result i32) (call $f (local.get 0))))`,
  pair: `(module (import "m" "f" (func $f (result i64 i32))) (func (export "call") (result i64 i32) (call $f)))`,
  holders: `(module (memory (export "memory") 1) (table (export "table") 1 funcref) (global (export "global") (mut i32) (i32.const 3))
    (global (export "constant") f64 (f64.const 1.5)))`,
  through2: `(module (import "m" "memory" (memory 1)) (import "m" "table" (table 1 funcref)) (import "m" "global" (global (mut i32)))
    (export "memory" (memory 0)) (export "table" (table 0)) (export "global" (global 0))
    (func (global.set 0 (i32.const 9))) (start 0))`,
  traps: `(module (type $t (func (param i32) (result i32))) (memory 1) (table 2 funcref) (elem (i32.const 0) $other)
    (func $other)
    (func (export "unreachable") (param i32) unreachable)
    (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
    (func (export "overflow") (param i32) (result i32) (i32.div_s (i32.const 0x80000000) (i32.const -1)))
    (func (export "load") (param i32) (result i32) (i32.load offset=65536 (local.get 0)))
    (func (export "indirect") (param i32) (result i32) (call_indirect (type $t) (i32.const 1) (local.get 0)))
    (func (export "null") (param i32) (result i32) (call_indirect (type $t) (i32.const 1) (i32.const 1)))
    (func $deep (export "deep") (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0)))))`,
  outside: `(module (memory 1) (data (i32.const 65536) "x"))`,
  badStart: `(module (func $f unreachable) (start $f))`,
  catcher: `(module (import "m" "tag" (tag $js (param externref))) (import "m" "f" (func $f))
    (func (export "catch") (result externref) (block $h (result externref) (try_table (catch $js $h) (call $f)) (ref.null extern)))
    (func (export "rethrow") (param externref) (throw $js (local.get 0))))`,
  thrower: `(module (tag $t (export "tag") (param i32)) (func (export "throw") (param i32) (throw $t (local.get 0))))`,
  uncallable: `(module (global (export "global") v128 (v128.const i32x4 0 0 0 0)) (func (export "vector") (result v128) (v128.const i32x4 0 0 0 0)))`,
  managed: `(module (type $s (struct (field (mut i32))))
    (func (export "make") (result (ref $s)) (struct.new $s (i32.const 1)))
    (func (export "same") (param (ref null $s)) (result (ref null $s)) (local.get 0))
    (func (export "any") (param anyref) (result anyref) (local.get 0))
    (func (export "i31") (param i32) (result i31ref) (ref.i31 (local.get 0))))`,
};

/** The modules of the questions, in the binary format. */
export function assembleAll(): Record<string, Uint8Array> {
  const runtime = new Runtime();
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, runtime.compileSync(text).bytes]));
}

/** Modules in the text format that between them use every part of its grammar. */
export const textSamples: readonly string[] = [
  // Definitions, abbreviations, names.
  `(module $sample
  (type $pair (func (param i32 i64) (result f64)))
  (rec (type $a (sub (struct (field $x (mut i32)) (field f32 i8)))) (type $b (sub $a (struct (field $x (mut i32)) (field f32 i8) (field (ref null $b))))))
  (type $bytes (array (mut i8)))
  (import "env" "log" (func $log (param $what i32)))
  (func $imported (export "again") (import "env" "other") (result i32 i32))
  (global $counter (import "env" "counter") (mut i32))
  (import "env" "mem" (memory $shared 1 2))
  (import "env" "tag" (tag $t (param i32)))
  (memory $m (export "memory") (data "inline \\00\\ff\\u{48}\\t"))
  (table $tab 1 10 funcref (ref.null func))
  (table $inline funcref (elem $log $imported))
  (table $by-expression (ref null func) (elem (item ref.func $log) (ref.null func)))
  (global $limit i64 (i64.add (i64.const 0x7fff_ffff) (i64.const -1)))
  (tag $own (type $pair0))
  (type $pair0 (func (param f32)))
  (start $main)
  (elem $passive func $main $log)
  (elem (table $tab) (offset i32.const 0) funcref (item (ref.func $main)) (ref.null func))
  (elem declare func $main)
  (data $d (memory $m) (i32.const 1024) "a" "b" "\\7f")
  (data "passive")
  (func $main (local $i i32) (local f64 f64) (local $"quoted name" i32)
    (local.set $"quoted name" (i32.const 1))
    (memory.init $m $d (i32.const 0) (i32.const 0) (i32.const 1)))
  (export "main" (func $main)))`,
  // Control, plain and folded.
  `(func $f (export "f") (param $n i32) (result i32)
  (local $sum i32)
  (block $out (result i32)
    (loop $next
      (br_if $out (local.get $sum) (i32.eqz (local.get $n)))
      (if (i32.and (local.get $n) (i32.const 1))
        (then (local.set $sum (i32.add (local.get $sum) (local.get $n))))
        (else nop))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $next))
    unreachable)
  block $x (param i32) (result i32) i32.const 2 i32.mul end $x
  if (result i32) i32.const 1 else i32.const 2 end
  (block $a (block $b (br_table $a $b 0 1 (local.get $n))))
  (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3))
  return)`,
  // Constants.
  `(func
  (drop (i32.const -0x80000000)) (drop (i64.const 0xffff_ffff_ffff_ffff)) (drop (f32.const 0x1.8p-149))
  (drop (f64.const -nan:0x4000000000001)) (drop (f32.const inf)) (drop (f64.const 1e-400)) (drop (f32.const 3.4028235e38))
  (drop (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -1)) (drop (v128.const f64x2 nan 0x1p-1074)))`,
  // Exceptions, old and new.
  `(module (tag $e (param i32))
  (func $new (block $h (result i32) (try_table (catch $e $h) (catch_all_ref 1) (throw $e (i32.const 1))) (i32.const 0)) drop)
  (func $old (try $l (do (throw $e (i32.const 1))) (catch $e drop) (catch_all (rethrow $l)))
    (try (do (try (do) (delegate 0))))
    try call $new catch $e drop catch_all end))`,
  // Memories, tables, vectors, atomics, references.
  `(module (memory $a 1) (memory $b i64 1 2) (memory $c 1 1 shared) (table $t i64 2 externref) (table $u 2 externref)
  (type $f (func)) (type $arr (array (mut i32))) (type $s (struct (field $one i32)))
  (func (param (ref null $f) anyref eqref (ref $arr) (ref any))
    (drop (i32.load8_s $b offset=0x10 align=1 (i64.const 0)))
    (drop (v128.load8_lane $b offset=1 3 (i64.const 0) (v128.const i32x4 0 0 0 0)))
    (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (v128.const i64x2 0 0) (v128.const i64x2 0 0)))
    (drop (i32x4.extract_lane 3 (v128.const i64x2 0 0)))
    (drop (i32.atomic.rmw.add $c (i32.const 0) (i32.const 1))) (atomic.fence)
    (memory.copy $a $b (i32.const 0) (i64.const 0) (i32.const 1)) (memory.fill $a (i32.const 0) (i32.const 0) (i32.const 0))
    (table.copy $t $u (i64.const 0) (i32.const 0) (i32.const 1)) (drop (table.get $t (i64.const 0)))
    (call_ref $f (local.get 0)) (call_indirect $u (param i32) (result i32) (i32.const 0) (i32.const 0)) drop
    (drop (struct.get $s $one (struct.new $s (i32.const 1))))
    (drop (array.new_fixed $arr 2 (i32.const 1) (i32.const 2)))
    (drop (ref.test (ref null $s) (local.get 1))) (drop (ref.cast (ref i31) (local.get 1)))
    (drop (block (result anyref) (br_on_cast 0 anyref (ref $s) (local.get 1))))))`,
  // Annotations and comments.
  `(module (@name "Modül") (@custom "one" (before first) "bytes" "\\00") (@other (anything "at" all) ,;)
  ;; a comment
  (; a (; nested ;) one ;)
  (func $f (@name "f of x") (param $x i32) (@metadata.code.branch_hint "\\01") (if (local.get $x) (then)))
  (func (@name "") (local (@name "twice") i32) (local (@name "twice") i32))
  (@custom "two" (after code) "") (@custom "three"))`,
  "",
];

/** Loops over structures and arrays, each an export that takes a size and how often. */
export const kernels: readonly (readonly [name: string, size: number, times: number])[] = [
  ["trees", 12, 40],
  ["ints", 10_000, 100],
  ["longs", 10_000, 100],
  ["doubles", 10_000, 100],
  ["casts", 10_000, 50],
  ["strings", 12, 20_000],
];

export const source = `(module
  (type $node (sub (struct (field $left (mut (ref null $node))) (field $right (mut (ref null $node))) (field $key (mut i32)))))
  (type $ints (array (mut i32)))
  (type $doubles (array (mut f64)))
  (type $longs (array (mut i64)))
  (type $shape (sub (struct (field $kind i32))))
  (type $circle (sub final $shape (struct (field $kind i32) (field $r f64))))
  (type $square (sub $shape (struct (field $kind i32) (field $a f64))))
  (type $tile (sub final $square (struct (field $kind i32) (field $a f64) (field $n i64))))
  (type $shapes (array (mut (ref null $shape))))
  (func $make (param $depth i32) (result (ref $node))
    (if (result (ref $node)) (i32.eqz (local.get $depth))
      (then (struct.new $node (ref.null $node) (ref.null $node) (i32.const 1)))
      (else (struct.new $node (call $make (i32.sub (local.get $depth) (i32.const 1)))
         (call $make (i32.sub (local.get $depth) (i32.const 1))) (local.get $depth)))))
  (func $check (param $n (ref null $node)) (result i32)
    (if (result i32) (ref.is_null (local.get $n)) (then (i32.const 0))
      (else (i32.add (struct.get $node $key (local.get $n))
        (i32.add (call $check (struct.get $node $left (local.get $n))) (call $check (struct.get $node $right (local.get $n))))))))
  (func (export "trees") (param $depth i32) (param $times i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $check (call $make (local.get $depth)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))
  (func (export "ints") (param $n i32) (param $times i32) (result i32) (local $a (ref null $ints)) (local $i i32) (local $sum i32)
    (local.set $a (array.new $ints (i32.const 3) (local.get $n)))
    (loop $again
      (local.set $i (i32.const 0))
      (loop $next
        (array.set $ints (local.get $a) (local.get $i) (i32.add (array.get $ints (local.get $a) (local.get $i)) (local.get $i)))
        (local.set $sum (i32.add (local.get $sum) (array.get $ints (local.get $a) (local.get $i))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $a)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))
  (func (export "doubles") (param $n i32) (param $times i32) (result f64) (local $a (ref null $doubles)) (local $i i32) (local $sum f64)
    (local.set $a (array.new $doubles (f64.const 0.5) (local.get $n)))
    (loop $again
      (local.set $i (i32.const 0))
      (loop $next
        (array.set $doubles (local.get $a) (local.get $i) (f64.add (array.get $doubles (local.get $a) (local.get $i)) (f64.const 1)))
        (local.set $sum (f64.add (local.get $sum) (array.get $doubles (local.get $a) (local.get $i))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $a)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))
  (func (export "longs") (param $n i32) (param $times i32) (result i64) (local $a (ref null $longs)) (local $i i32) (local $sum i64)
    (local.set $a (array.new $longs (i64.const 5) (local.get $n)))
    (loop $again
      (local.set $i (i32.const 0))
      (loop $next
        (array.set $longs (local.get $a) (local.get $i) (i64.add (array.get $longs (local.get $a) (local.get $i)) (i64.const 1)))
        (local.set $sum (i64.add (local.get $sum) (array.get $longs (local.get $a) (local.get $i))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $a)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))
  (func $area (param $s (ref null $shape)) (result f64)
    (block $other (result (ref null $shape))
      (block $circle (result (ref $circle))
        (br_on_cast $circle (ref null $shape) (ref $circle) (local.get $s))
        (br $other))
      (struct.get $circle $r) (f64.mul (f64.const 3)) (return))
    (struct.get $square $a (ref.cast (ref $square))))
  (func (export "casts") (param $n i32) (param $times i32) (result f64) (local $a (ref null $shapes)) (local $i i32) (local $sum f64)
    (local.set $a (array.new_default $shapes (local.get $n)))
    (loop $fill
      (array.set $shapes (local.get $a) (local.get $i)
        (if (result (ref $shape)) (i32.rem_u (local.get $i) (i32.const 3))
          (then (if (result (ref $shape)) (i32.and (local.get $i) (i32.const 1)) (then (struct.new $circle (i32.const 1) (f64.const 2)))
             (else (struct.new $square (i32.const 2) (f64.const 3)))))
          (else (struct.new $tile (i32.const 3) (f64.const 4) (i64.const 5)))))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (loop $again
      (local.set $i (i32.const 0))
      (loop $next
        (local.set $sum (f64.add (local.get $sum) (call $area (array.get $shapes (local.get $a) (local.get $i)))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $a)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))
  (type $chars (array (mut i16)))
  (func (export "strings") (param $n i32) (param $times i32) (result i32) (local $a (ref null $chars)) (local $b (ref null $chars)) (local $sum i32)
    (local.set $a (array.new $chars (i32.const 0x61) (local.get $n)))
    (loop $again
      (local.set $b (array.new_default $chars (i32.mul (local.get $n) (i32.const 2))))
      (array.copy $chars $chars (local.get $b) (i32.const 0) (local.get $a) (i32.const 0) (local.get $n))
      (array.copy $chars $chars (local.get $b) (local.get $n) (local.get $a) (i32.const 0) (local.get $n))
      (local.set $sum (i32.add (local.get $sum) (array.get_u $chars (local.get $b) (local.get $n))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum)))`;

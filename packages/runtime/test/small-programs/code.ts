import { call, type Program, trap } from "./program.ts";

/** The order of traps and effects. */
export const order: readonly Program[] = [
  {
    name: "operands that a branch discards trap first",
    source: `(module
      (func (export "branch") (param i32) (block (i32.div_s (i32.const 1) (local.get 0)) (br 0)))
      (func (export "return") (param i32) (i32.div_s (i32.const 1) (local.get 0)) (return))
      (func (export "value") (param i32) (result i32)
        (block (result i32) (i32.div_s (i32.const 1) (local.get 0)) (br 0 (i32.const 7)))))`,
    calls: [
      call("branch", [0], trap("integer-divide-by-zero")),
      call("branch", [1], undefined),
      call("return", [0], trap("integer-divide-by-zero")),
      call("value", [0], trap("integer-divide-by-zero")),
      call("value", [1], 7),
    ],
  },
  {
    name: "the parameters of a loop change at once",
    source: `(module (func (export "fibonacci") (param $n i32) (result i32) (local $a i32) (local $b i32)
      (i32.const 0) (i32.const 1)
      (loop $l (param i32 i32) (result i32)
        (local.set $b) (local.set $a)
        (if (i32.eqz (local.get $n)) (then (return (local.get $a))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $l (local.get $b) (i32.add (local.get $a) (local.get $b)))))
      (func (export "swapped") (param $n i32) (result i32)
        (i32.const 100) (i32.const 1)
        (loop $l (param i32 i32) (result i32)
          (call $swap) (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (br_if $l) (i32.sub)))
      (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
      (func (export "exchanged") (param i32 i32 i32) (result i32)
        (local.get 0) (local.get 1)
        (loop $l (param i32 i32) (result i32)
          (local.set 1) (local.set 0)
          (local.get 1) (local.get 0)
          (local.set 2 (i32.sub (local.get 2) (i32.const 1)))
          (br_if $l (i32.gt_s (local.get 2) (i32.const 0)))
          (i32.sub))))`,
    calls: [
      call("fibonacci", [10], 55),
      call("swapped", [1], -99),
      call("swapped", [2], 99),
      call("exchanged", [100, 1, 1], -99),
      call("exchanged", [100, 1, 2], 99),
    ],
  },
  {
    name: "reads come before the writes that follow them",
    source: `(module (memory 1) (global $g (mut i32) (i32.const 1)) (table $t 1 funcref)
      (func $write (result i32) (global.set $g (i32.const 5)) (i32.store (i32.const 0) (i32.const 7)) (i32.const 0))
      (func $id (param i32) (result i32) (loop) (local.get 0))
      (func (export "reset") (global.set $g (i32.const 1)) (i32.store (i32.const 0) (i32.const 1)))
      (func (export "store") (result i32)
        (i32.load (i32.const 0)) (i32.store (i32.const 0) (i32.const 7)))
      (func (export "store8") (param i32) (result i32)
        (i32.load8_u (local.get 0)) (i32.store8 (local.get 0) (i32.const 9)))
      (func (export "fill") (result i32)
        (i32.load (i32.const 0)) (memory.fill (i32.const 0) (i32.const 1) (i32.const 4)))
      (func (export "global") (result i32) (global.get $g) (global.set $g (i32.const 5)))
      (func (export "call, global") (result i32) (i32.add (global.get $g) (call $write)))
      (func (export "call, memory") (result i32) (i32.add (i32.load (i32.const 0)) (call $write)))
      (func (export "local") (param i32) (result i32) (local.get 0) (local.set 0 (i32.const 5)))
      (func (export "grow") (result i32) (memory.size) (drop (memory.grow (i32.const 1)))))`,
    calls: ["store", "fill", "global", "call, global", "call, memory", "grow"]
      .flatMap((name) => [call("reset", [], undefined), call(name, [], 1)])
      .concat(call("store8", [100], 0), call("store8", [100], 9), call("local", [1], 1)),
  },
];

/** Instructions that the interpreter fuses. */
export const code: readonly Program[] = [
  {
    name: "instructions that make the operands of others",
    source: `(module
      (func (export "left xor") (param i32 i32 i32) (result i32)
        (i32.xor (i32.xor (local.get 0) (local.get 1)) (local.get 2)))
      (func (export "right xor") (param i32 i32 i32) (result i32)
        (i32.xor (local.get 2) (i32.xor (local.get 0) (local.get 1))))
      (func (export "left sum") (param i32 i32 i32) (result i32)
        (i32.add (i32.add (local.get 0) (local.get 1)) (local.get 2)))
      (func (export "right sum") (param i32 i32 i32) (result i32)
        (i32.add (local.get 2) (i32.add (local.get 0) (local.get 1))))
      (func (export "set between") (param i32 i32 i32) (result i32)
        (local.set 2 (i32.add (local.get 0) (local.get 1)))
        (i32.add (local.get 2) (local.get 2)))
      (func (export "shifted") (param i32 i32) (result i32)
        (i32.add (i32.shl (local.get 0) (i32.const 3)) (local.get 1)))
      (func (export "product") (param i64 i64) (result i64)
        (i64.xor (i64.mul (local.get 0) (i64.const 31)) (local.get 1))))`,
    calls: [
      ...["left xor", "right xor"].map((name) => call(name, [1, 6, 16], 23)),
      ...["left sum", "right sum"].map((name) => call(name, [1, 20, 300], 321)),
      call("set between", [1, 20, 300], 42),
      call("shifted", [5, 2], 42),
      call("product", [2n, 1n], 63n),
    ],
  },
  {
    name: "branches on bits",
    source: `(module
      (func (export "br_if") (param i32) (result i32)
        (block (br_if 0 (i32.and (local.get 0) (i32.const 4))) (return (i32.const 0))) (i32.const 1))
      (func (export "if") (param i32) (result i32)
        (if (result i32) (i32.and (local.get 0) (i32.const 4)) (then (i32.const 1)) (else (i32.const 0))))
      (func (export "br_if eqz") (param i32) (result i32)
        (block (br_if 0 (i32.eqz (i32.and (local.get 0) (i32.const 4)))) (return (i32.const 1))) (i32.const 0))
      (func (export "br_if ne") (param i32) (result i32)
        (block (br_if 0 (i32.ne (i32.and (local.get 0) (i32.const 4)) (i32.const 0))) (return (i32.const 0)))
        (i32.const 1))
      (func (export "loop") (param i32) (result i32) (local i32)
        (loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if 0 (i32.and (local.get 1) (i32.const 3))))
        (i32.and (local.get 1) (local.get 0))))`,
    calls: [
      ...["br_if", "if", "br_if eqz", "br_if ne"].flatMap((name) => [
        call(name, [0], 0),
        call(name, [4], 1),
        call(name, [3], 0),
        call(name, [-1], 1),
      ]),
      call("loop", [4], 4),
    ],
  },
  {
    name: "addresses that are sums",
    source: `(module (memory 1) (data (i32.const 16) "\\01\\00\\00\\00\\02\\00\\00\\00\\03\\00\\00\\00")
      ${["i32.load", "i32.load8_u", "i64.load", "f64.load", "f32.load"]
        .flatMap((name) => {
          const type = name.slice(0, 3);
          const make = (form: string, address: string): string =>
            `(func (export "${name} ${form}") (param i32 i32) (result ${type}) (${name} offset=4 ${address}))`;
          return [
            make("constant", "(i32.add (local.get 0) (i32.const 12))"),
            make("sum", "(i32.add (local.get 0) (local.get 1))"),
            make("scaled", "(i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 2)))"),
          ];
        })
        .join("\n")}
      (func (export "store") (param i32 i32)
        (i32.store offset=4 (i32.add (local.get 0) (i32.const 100)) (local.get 1))))`,
    calls: [
      ...["i32.load", "i32.load8_u"].flatMap((name) => [
        call(`${name} constant`, [0, 0], 1),
        call(`${name} constant`, [8, 0], 3),
        // The sum wraps, and the offset does not.
        call(`${name} constant`, [-8, 0], 0),
        call(`${name} constant`, [-16, 0], trap("out-of-bounds-memory")),
        call(`${name} constant`, [65536, 0], trap("out-of-bounds-memory")),
        call(`${name} sum`, [10, 6], 2),
        call(`${name} sum`, [-4, 16], 1),
        call(`${name} sum`, [-5, 1], trap("out-of-bounds-memory")),
        call(`${name} scaled`, [4, 4], 3),
        call(`${name} scaled`, [-8, 5], 1),
      ]),
      call("i64.load constant", [0, 0], 0x2_0000_0001n),
      call("i64.load sum", [10, 6], 0x3_0000_0002n),
      call("i64.load scaled", [4, 2], 0x2_0000_0001n),
      call("f64.load constant", [100, 0], 0),
      call("f32.load constant", [65536, 0], trap("out-of-bounds-memory")),
      call("store", [0, 5], undefined),
      call("i32.load constant", [88, 0], 5),
      call("store", [-104, 6], trap("out-of-bounds-memory")),
    ],
  },
];

/** Structures and arrays. */
export const references: readonly Program[] = [
  {
    name: "packed fields, and casts to a type from its subtypes",
    source: `(module
      (type $base (sub (struct (field (mut i16)))))
      (type $middle (sub $base (struct (field (mut i16)) (field (mut i8)))))
      (type $leaf (sub final $middle (struct (field (mut i16)) (field (mut i8)) (field i64))))
      (type $other (sub $base (struct (field (mut i16)) (field (mut f64)))))
      (type $array (array (mut i16)))
      (func $make (param i32) (result (ref null $base))
        (if (i32.eq (local.get 0) (i32.const 0)) (then (return (struct.new $base (i32.const -1)))))
        (if (i32.eq (local.get 0) (i32.const 1)) (then (return (struct.new $middle (i32.const -2) (i32.const -3)))))
        (if (i32.eq (local.get 0) (i32.const 2))
          (then (return (struct.new $leaf (i32.const 3) (i32.const 4) (i64.const 5)))))
        (if (i32.eq (local.get 0) (i32.const 3)) (then (return (struct.new $other (i32.const 6) (f64.const 7)))))
        (ref.null $base))
      ${["base", "middle", "leaf", "other"]
        .map(
          (type) => `(func (export "is ${type}") (param i32) (result i32)
            (ref.test (ref $${type}) (call $make (local.get 0))))
          (func (export "cast ${type}") (param i32) (drop (ref.cast (ref $${type}) (call $make (local.get 0)))))`,
        )
        .join("\n")}
      (func (export "read, write") (param i32) (result i32) (local $s (ref $base))
        (local.set $s (struct.new $base (local.get 0)))
        (struct.get_u $base 0 (local.get $s))
        (struct.set $base 0 (local.get $s) (i32.const 9)))
      (func (export "get_s") (param i32) (result i32) (struct.get_s $base 0 (call $make (local.get 0))))
      (func (export "get_u") (param i32) (result i32) (struct.get_u $base 0 (call $make (local.get 0))))
      (func (export "array.get_s") (param i32) (result i32)
        (array.get_s $array (array.new $array (local.get 0) (i32.const 3)) (i32.const 1)))
      (func (export "array.get_u") (param i32) (result i32)
        (array.get_u $array (array.new $array (local.get 0) (i32.const 3)) (i32.const 1))))`,
    calls: [
      ...Object.entries({
        base: [1, 1, 1, 1, 0],
        middle: [0, 1, 1, 0, 0],
        leaf: [0, 0, 1, 0, 0],
        other: [0, 0, 0, 1, 0],
      }).flatMap(([type, answers]) =>
        answers.flatMap((answer, i) => [
          call(`is ${type}`, [i], answer),
          call(`cast ${type}`, [i], answer === 1 ? undefined : trap("cast-failure")),
        ]),
      ),
      call("read, write", [5], 5),
      call("get_s", [0], -1),
      call("get_u", [0], 65535),
      call("get_s", [1], -2),
      call("get_s", [2], 3),
      call("get_s", [4], trap("null-reference")),
      call("array.get_s", [0x18000], -32768),
      call("array.get_u", [0x18000], 32768),
    ],
  },
];

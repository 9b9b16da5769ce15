import { call, type Program, trap } from "./program.ts";

/** Operators on numbers and vectors, and their traps. */
export const operators: readonly Program[] = [
  {
    name: "i32 division and its overflow",
    source: `(module
      (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
      (func (export "rem") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1))))`,
    calls: [
      call("div", [-7, 2], -3),
      call("div", [-0x80000000, 1], -0x80000000),
      call("div", [-0x80000000, -1], trap("integer-overflow")),
      call("div", [1, 0], trap("integer-divide-by-zero")),
      call("rem", [-0x80000000, -1], 0),
      call("rem", [-7, 2], -1),
      call("rem", [1, 0], trap("integer-divide-by-zero")),
    ],
  },
  ...comparisons("i32", [
    [5, 5],
    [-1, 1],
    [1, -1],
  ]),
  ...comparisons("i64", [
    [0x1_0000_0005n, 0x1_0000_0005n],
    [-1n, 1n],
    [1n, -1n],
    [0x2_0000_0000n, 0x1_0000_0001n],
    [0x1_0000_0001n, 0x1_8000_0000n],
  ]),
  {
    name: "i64 arithmetic across the halves",
    source: `(module
      (func (export "sub") (param i64 i64) (result i64) (i64.sub (local.get 0) (local.get 1)))
      (func (export "add") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
      (func (export "shr_s") (param i64 i64) (result i64) (i64.shr_s (local.get 0) (local.get 1)))
      (func (export "shr_u") (param i64 i64) (result i64) (i64.shr_u (local.get 0) (local.get 1)))
      (func (export "shl") (param i64 i64) (result i64) (i64.shl (local.get 0) (local.get 1)))
      (func (export "rotl") (param i64 i64) (result i64) (i64.rotl (local.get 0) (local.get 1))))`,
    calls: [
      call("sub", [0x2_0000_0003n, 0x1_0000_0003n], 0x1_0000_0000n),
      call("sub", [0x1_0000_0000n, 1n], 0xffff_ffffn),
      call("add", [0xffff_ffffn, 1n], 0x1_0000_0000n),
      ...([0n, 1n, 31n, 32n, 33n, 63n, 64n] as const).flatMap((count) => {
        const value = -0x1234_5678_9abc_def1n;
        const shift = count % 64n;
        const unsigned = BigInt.asUintN(64, value);
        const signed = (bits: bigint): bigint => BigInt.asIntN(64, bits);
        return [
          call("shr_s", [value, count], value >> shift),
          call("shr_u", [value, count], signed(unsigned >> shift)),
          call("shl", [value, count], signed(value << shift)),
          call("rotl", [value, count], signed((unsigned << shift) | (unsigned >> (64n - shift)))),
        ];
      }),
    ],
  },
  {
    name: "floats",
    source: `(module
      (func (export "f32.convert_i32_u") (param i32) (result f32) (f32.convert_i32_u (local.get 0)))
      (func (export "f64.convert_i32_u") (param i32) (result f64) (f64.convert_i32_u (local.get 0)))
      (func (export "f64.convert_i64_u") (param i64) (result f64) (f64.convert_i64_u (local.get 0)))
      (func (export "f64.min") (param f64 f64) (result f64) (f64.min (local.get 0) (local.get 1)))
      (func (export "f64.max") (param f64 f64) (result f64) (f64.max (local.get 0) (local.get 1)))
      (func (export "f64.nearest") (param f64) (result f64) (f64.nearest (local.get 0)))
      (func (export "f64.trunc") (param f64) (result f64) (f64.trunc (local.get 0)))
      (func (export "f64.copysign") (param f64 f64) (result f64) (f64.copysign (local.get 0) (local.get 1)))
      (func (export "f64.le") (param f64 f64) (result i32) (f64.le (local.get 0) (local.get 1)))
      (func (export "f64.lt") (param f64 f64) (result i32) (f64.lt (local.get 0) (local.get 1)))
      (func (export "unless f64.lt") (param f64 f64) (result i32)
        (block (br_if 0 (i32.eqz (f64.lt (local.get 0) (local.get 1)))) (return (i32.const 0))) (i32.const 1))
      (func (export "f64.sub") (param f64 f64) (result f64) (f64.sub (local.get 0) (local.get 1)))
      (func (export "f64.div") (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
      (func (export "product minus") (param f64 f64 f64) (result f64)
        (f64.sub (f64.mul (local.get 0) (local.get 1)) (local.get 2)))
      (func (export "minus product") (param f64 f64 f64) (result f64)
        (f64.sub (local.get 2) (f64.mul (local.get 0) (local.get 1))))
      (func (export "product plus") (param f64 f64 f64) (result f64)
        (f64.add (f64.mul (local.get 0) (local.get 1)) (local.get 2)))
      (func (export "minus constant") (param f64) (result f64) (f64.sub (local.get 0) (f64.const 1.5)))
      (func (export "constant minus") (param f64) (result f64) (f64.sub (f64.const 1.5) (local.get 0)))
      (func (export "f32.add") (param f32 f32) (result f32) (f32.add (local.get 0) (local.get 1)))
      (func (export "i32.trunc_f64_s") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
      (func (export "i32.trunc_f64_u") (param f64) (result i32) (i32.trunc_f64_u (local.get 0))))`,
    calls: [
      call("f32.convert_i32_u", [-1], 4294967296),
      call("f64.convert_i32_u", [-1], 4294967295),
      call("f64.convert_i64_u", [-1n], 2 ** 64),
      call("f64.min", [0, -0], -0),
      call("f64.min", [-0, 0], -0),
      call("f64.min", [Number.NaN, 1], Number.NaN),
      call("f64.min", [2, 1], 1),
      call("f64.max", [-0, 0], 0),
      call("f64.max", [0, -0], 0),
      call("f64.max", [1, Number.NaN], Number.NaN),
      call("f64.max", [2, 1], 2),
      ...[
        [0.5, 0],
        [1.5, 2],
        [2.5, 2],
        [-0.5, -0],
        [-1.5, -2],
        [0.49999999999999994, 0],
        [4503599627370495.5, 4503599627370496],
      ].map(([from, to]) => call("f64.nearest", [from], to)),
      call("f64.trunc", [-1.5], -1),
      call("f64.trunc", [-0.5], -0),
      call("f64.copysign", [3, -0], -3),
      call("f64.copysign", [-3, 1], 3),
      call("f64.le", [1, 1], 1),
      call("f64.le", [Number.NaN, 1], 0),
      call("f64.lt", [1, 1], 0),
      call("unless f64.lt", [Number.NaN, 1], 1),
      call("unless f64.lt", [0, 1], 0),
      call("f64.sub", [0.3, 0.1], 0.3 - 0.1),
      call("f64.div", [1, -0], Number.NEGATIVE_INFINITY),
      call("product minus", [3, 5, 4], 11),
      call("minus product", [3, 5, 4], -11),
      call("product plus", [3, 5, 4], 19),
      // The product is rounded before the sum.
      call("product minus", [134217729, 134217729, 18014398777917440], 0),
      call("minus constant", [4], 2.5),
      call("constant minus", [4], -2.5),
      call("f32.add", [16777216, 1], 16777216),
      call("i32.trunc_f64_s", [-2147483648.9], -2147483648),
      call("i32.trunc_f64_s", [2147483648], trap("integer-overflow")),
      call("i32.trunc_f64_s", [-2147483649], trap("integer-overflow")),
      call("i32.trunc_f64_s", [Number.NaN], trap("invalid-conversion-to-integer")),
      call("i32.trunc_f64_u", [-0.9], 0),
      call("i32.trunc_f64_u", [-1], trap("integer-overflow")),
      call("i32.trunc_f64_u", [4294967295.5], -1),
    ],
  },
  {
    name: "vectors",
    source: `(module (memory 1)
      (func (export "min_u") (param i32 i32) (result i32)
        (i32x4.extract_lane 2 (i32x4.min_u (i32x4.splat (local.get 0)) (i32x4.splat (local.get 1)))))
      (func (export "max_u") (param i32 i32) (result i32)
        (i32x4.extract_lane 2 (i32x4.max_u (i32x4.splat (local.get 0)) (i32x4.splat (local.get 1)))))
      (func (export "store") (param i32) (v128.store (local.get 0) (v128.const i32x4 1 2 3 4)))
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))`,
    calls: [
      call("min_u", [-1, 1], 1),
      call("max_u", [-1, 1], -1),
      call("min_u", [3, 2], 2),
      // Nothing is stored of a vector that does not fit.
      ...[65521, 65524, 65528, 65532, 65536].map((address) => call("store", [address], trap("out-of-bounds-memory"))),
      ...[65520, 65524, 65528, 65532].map((address) => call("load", [address], 0)),
      call("store", [65520], undefined),
      ...[65520, 65524, 65528, 65532].map((address, i) => call("load", [address], i + 1)),
    ],
  },
];

/** Each comparison of a type, as a value and as the condition of a branch in both directions. */
function comparisons(type: "i32" | "i64", pairs: readonly (readonly [number | bigint, number | bigint])[]): Program[] {
  const names = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"];
  const bits = type === "i32" ? 32 : 64;
  const holds = (name: string, a: bigint, b: bigint): boolean => {
    const as = name.endsWith("_u") ? BigInt.asUintN : BigInt.asIntN;
    const [x, y] = [as(bits, a), as(bits, b)];
    const [less, equal] = [x < y, x === y];
    const relation = name.slice(0, 2);
    if (relation === "eq" || relation === "ne") return equal === (relation === "eq");
    if (relation === "lt" || relation === "ge") return less === (relation === "lt");
    return (less || equal) === (relation === "le");
  };
  return [
    {
      name: `${type} comparisons`,
      source: `(module ${names
        .map((name) => {
          const test = `(${type}.${name} (local.get 0) (local.get 1))`;
          return `(func (export "${name}") (param ${type} ${type}) (result i32) ${test})
            (func (export "if ${name}") (param ${type} ${type}) (result i32)
              (if (result i32) ${test} (then (i32.const 1)) (else (i32.const 0))))
            (func (export "br ${name}") (param ${type} ${type}) (result i32)
              (block (br_if 0 ${test}) (return (i32.const 0))) (i32.const 1))`;
        })
        .join("\n")})`,
      calls: names.flatMap((name) =>
        pairs.flatMap(([a, b]) =>
          ["", "if ", "br "].map((way) => call(`${way}${name}`, [a, b], holds(name, BigInt(a), BigInt(b)) ? 1 : 0)),
        ),
      ),
    },
  ];
}

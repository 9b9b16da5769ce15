import { describe, expect, it } from "vitest";
import { invokeRaw } from "../../../src/api/instance.ts";
import { Runtime } from "../../../src/api/runtime.ts";
import { codeOf, ModuleCode } from "../../../src/engines/compiler/code.ts";
import { Exception, type Tag } from "../../../src/store/tag.ts";
import { agreed } from "../../agreed.ts";

/** Control of every kind, with values that branches carry. */
const control = `(module
  (memory 1)
  (global $g (mut i32) (i32.const 5))
  (func $collatz (export "collatz") (param i32) (result i32) (local i32)
    (loop $l
      (if (i32.eq (local.get 0) (i32.const 1)) (then (return (local.get 1))))
      (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (local.set 0 (if (result i32) (i32.and (local.get 0) (i32.const 1))
        (then (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1)))
        (else (i32.shr_u (local.get 0) (i32.const 1)))))
      (br $l))
    unreachable)
  (func (export "table") (param i32) (result i32 i64)
    (block $a (result i32 i64) (block $b (result i32 i64) (block $c (result i32 i64)
      (br_table $a $b $c $a (i32.const 7) (i64.const -2) (local.get 0)))
      (drop) (i64.const 3)) (drop) (i64.const 4)))
  (func (export "params") (param i32) (result i32)
    (i32.const 0) (i32.const 1)
    (loop $l (param i32 i32) (result i32)
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (global.set $g) (i32.add (global.get $g)) (global.get $g)
      (br_if $l (i32.gt_s (local.get 0) (i32.const 0)))
      (i32.sub)))
  (func (export "order") (param i32) (result i32)
    (i32.load (local.get 0)) (i32.div_s (i32.const 1) (i32.const 0)) i32.add)
  (func (export "swap") (param i32) (result i32)
    (local.get 0) (local.set 0 (i32.const 9)) (local.get 0) i32.sub)
  (func $even (export "even") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (call $odd (i32.sub (local.get 0) (i32.const 1))))))
  (func $odd (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0)) (else (call $even (i32.sub (local.get 0) (i32.const 1)))))))`;

describe("the compiler beside the interpreter", () => {
  it("gives the same values and burns the same fuel", () => {
    expect(agreed(control, "collatz", [27]).value).toBe(111);
    expect(agreed(control, "table", [0]).value).toEqual([7, -2n]);
    expect(agreed(control, "table", [1]).value).toEqual([7, 4n]);
    expect(agreed(control, "table", [-1]).value).toEqual([7, -2n]);
    expect(agreed(control, "params", [10]).value).toBeTypeOf("number");
    expect(agreed(control, "swap", [4]).value).toBe(-5);
    expect(agreed(control, "even", [101]).value).toBe(0);
  });

  it("charges no block for a trap that stands before it", () => {
    const source = `(module (type $t (func)) (memory 1)
      (func (export "reference") (param i32 (ref null $t)) (result (ref $t))
        (if (result (ref $t)) (local.get 0) (then unreachable) (else (ref.as_non_null (local.get 1))))
        (if (i32.eqz (local.get 0)) (then nop)))
      (func (export "load") (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0)) (then unreachable) (else (i32.load (local.get 0))))
        (if (i32.eqz (local.get 0)) (then nop))))`;
    expect(agreed(source, "reference", [0, null]).value).toMatchObject({ trap: "null-reference" });
    expect(agreed(source, "load", [-1]).value).toMatchObject({ trap: "out-of-bounds-memory" });
  });

  it("traps at the same instruction, with the frames that were left", () => {
    expect(agreed(control, "order", [0]).value).toEqual({ trap: "integer-divide-by-zero", frames: [[3, 238]] });
    const outside = { trap: "out-of-bounds-memory", frames: [[3, expect.any(Number)]] };
    expect(agreed(control, "order", [65533]).value).toEqual(outside);
    expect(agreed(control, "order", [-1]).value).toEqual(outside);
  });

  it("stops at the same point whatever the budget, the fuel exact", () => {
    for (let fuel = 0n; fuel < 130n; fuel++) {
      agreed(control, "collatz", [6], { fuel });
      agreed(control, "even", [9], { fuel });
      agreed(control, "params", [5], { fuel });
    }
  });

  it("counts frames alike", () => {
    for (let callDepth = 0; callDepth < 12; callDepth++) agreed(control, "even", [8], { callDepth });
    expect(agreed(control, "even", [8], { callDepth: 8 }).value).toMatchObject({ trap: "call-stack-exhausted" });
  });

  it("runs tail calls in constant space, through tables too", () => {
    const source = `(module
      (type $t (func (param i32 i64) (result i64)))
      (table funcref (elem $a $b))
      (func $a (export "a") (type $t)
        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
        (return_call $b (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3000000000))))
      (func $b (type $t)
        (if (i32.eqz (local.get 0)) (then (return (i64.sub (i64.const 0) (local.get 1)))))
        (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (i32.const 0))))`;
    expect(agreed(source, "a", [100_001, 1n]).value).toBe(-(1n + 50_001n * 3_000_000_000n));
    agreed(source, "a", [1000, 1n], { callDepth: 1 });
  });

  it("charges for bulk operations and host functions, also where they end the budget", () => {
    const source = `(module (import "m" "f" (func $f (param i64) (result i32))) (memory 1 3)
      (func (export "run") (result i32) (local i32)
        (loop $l
          (memory.fill (i32.const 0) (i32.const 1) (i32.const 640))
          (memory.copy (i32.const 700) (i32.const 0) (i32.const 65000))
          (drop (memory.grow (i32.const 1)))
          (local.set 0 (i32.add (local.get 0) (call $f (i64.const -5))))
          (br_if $l (i32.lt_s (local.get 0) (i32.const 3))))
        (i32.store8 (memory.size) (i32.const 1)) (memory.size)))`;
    for (let fuel = 0n; fuel < 60n; fuel++)
      agreed(source, "run", [], { fuel: fuel * 2n }, { m: { f: (x: bigint) => (x === -5n ? 1 : 100) } });
  });

  it("sees that memory has grown in loops that the platform has optimised before", () => {
    const source = `(module (memory 1)
      (func $grow (param i32) (if (i32.eq (local.get 0) (i32.const 29990)) (then (drop (memory.grow (i32.const 1))))))
      (func (export "run") (result i32) (local i32 i32 i32)
        (loop $outer
          (local.set 1 (i32.const 0))
          (loop $inner
            (i32.store (i32.add (i32.shl (local.get 1) (i32.const 2)) (i32.const 65500)) (local.get 0))
            (local.set 2 (i32.add (local.get 2) (i32.load (i32.const 65500))))
            (br_if $inner (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 8))))
          (call $grow (local.get 0))
          (if (i32.gt_u (local.get 0) (i32.const 29990))
            (then (local.set 2 (i32.add (local.get 2) (i32.load (i32.const 65600))))
              (i32.store (i32.const 65600) (local.get 2))))
          (br_if $outer (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 30000))))
        (local.get 2))
      (func (export "late") (result i32) (i32.load (i32.const 65600))))`;
    const { value } = agreed(source, "run", []);
    expect(value).not.toBe(0);
    const [expected, got] = (["interpreter", "compiler"] as const).map((engine) => {
      const runtime = new Runtime({ engine });
      const { exports } = runtime.instantiateSync(runtime.compileSync(source));
      return [exports.run(), exports.run(), exports.late()];
    });
    expect(got).toEqual(expected);
  });

  it("catches and throws exceptions, of today and of old, the guest's and the host's", () => {
    const source = `(module (import "m" "f" (func $f (param i32))) (import "m" "t" (tag $t (param i64 f64)))
      (tag $u (param i32))
      (func $inner (param i32)
        (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $t (i64.const -9) (f64.const 0.5))))
        (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $u (i32.const 77))))
        (call $f (local.get 0)))
      (func (export "new") (param i32) (result i32)
        (block $u (result i32)
          (block $t (result i64 f64)
            (block $all
              (try_table (catch $t $t) (catch $u $u) (catch_all $all) (call $inner (local.get 0)) (return (i32.const 1)))
              unreachable)
            (return (i32.const 2)))
          (drop) (return (i32.wrap_i64)))
        )
      (func (export "old") (param i32) (result i32)
        (try (result i32)
          (do (try (result i32) (do (call $inner (local.get 0)) (i32.const 1)) (catch $u (i32.const 5) (i32.add))))
          (catch $t (drop) (i32.wrap_i64))
          (catch_all (i32.const 2))))
      (func (export "delegated") (param i32) (result i32)
        (try $outer (result i32)
          (do (try (result i32)
            (do (try (result i32) (do (call $inner (local.get 0)) (i32.const 1)) (delegate $outer)))
            (catch_all (i32.const 99))))
          (catch $u) (catch_all (i32.const 3)))))`;
    const tag = (): unknown =>
      new Runtime({ engine: "interpreter" }).instantiateSync(
        new Runtime().compileSync(`(module (tag (export "t") (param i64 f64)))`),
      ).exports.t;
    const shared = tag() as Tag;
    const imports = {
      m: {
        t: shared,
        f: (x: number) => {
          if (x === 3) throw new Error("the host's");
          if (x === 4) throw new Exception(shared, [8n, 0.25]);
        },
      },
    };
    for (const name of ["new", "old", "delegated"]) for (let x = 0; x < 5; x++) agreed(source, name, [x], {}, imports);
    expect(agreed(source, "new", [2], {}, imports).value).toBe(77);
    expect(agreed(source, "old", [2], {}, imports).value).toBe(82);
  });

  it("lets what a host function throws pass unchanged, and calls the guest again from it", () => {
    const source = `(module (import "m" "f" (func $f (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0)))))`;
    const runtime = new Runtime({ engine: "compiler" });
    const thrown = { any: "thing" };
    const instance = runtime.instantiateSync(runtime.compileSync(source), {
      m: {
        f: (x: number): number => {
          if (x === 0) throw thrown;
          return x > 100 ? x : instance.exports.run(x * 3);
        },
      },
    });
    expect(instance.exports.run(5)).toBe(139);
    expect(() => instance.exports.run(0)).toThrow(expect.objectContaining(thrown));
  });

  it("leaves a function that is too large to the interpreter, in one chain of calls", () => {
    const long = Array.from(
      { length: 6000 },
      (_, i) => `(local.set 0 (i32.xor (i32.rotl (local.get 0) (i32.const 5)) (i32.const ${i})))`,
    );
    const source = `(module
      (func $small (export "small") (param i32) (result i32)
        (if (i32.le_s (local.get 0) (i32.const 0)) (then (return (i32.const 7))))
        (call $large (i32.sub (local.get 0) (i32.const 1))))
      (func $large (param i32) (result i32) (local i32)
        (local.set 1 (local.get 0))
        ${long.join("\n")}
        (if (i32.eq (local.get 1) (i32.const 2)) (then (drop (i32.div_u (local.get 0) (i32.const 0)))))
        (i32.add (local.get 0) (call $small (i32.sub (local.get 1) (i32.const 1))))))`;
    const module = new Runtime().compileSync(source);
    expect(codeOf(ModuleCode, module, { depth: false, alone: false }).function(0)).toBeDefined();
    expect(codeOf(ModuleCode, module, { depth: false, alone: false }).function(1)).toBeUndefined();
    agreed(source, "small", [6]);
    agreed(source, "small", [7]);
    for (let callDepth = 0; callDepth < 9; callDepth++) agreed(source, "small", [6], { callDepth });
    for (let fuel = 23_990n; fuel < 24_060n; fuel += 3n) agreed(source, "small", [6], { fuel });
  });

  it("runs calls that host functions suspend", async () => {
    const source = `(module (import "m" "f" (func $f (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0)))))`;
    const runtime = new Runtime({ engine: "compiler" });
    const instance = runtime.instantiateSync(
      runtime.compileSync(source),
      { m: { f: async (x: number) => x * 2 } },
      { async: true },
    );
    await expect(instance.async.exports.run(20)).resolves.toBe(41);
    expect(() => instance.exports.run(20)).toThrow(/promise/);
  });
});

describe("64-bit integers in halves", () => {
  const operations = [
    "add",
    "sub",
    "mul",
    "div_s",
    "div_u",
    "rem_s",
    "rem_u",
    "and",
    "or",
    "xor",
    "shl",
    "shr_s",
    "shr_u",
    "rotl",
    "rotr",
  ];
  const tests = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"];
  const source = `(module ${operations.map((op) => `(func (export "${op}") (param i64 i64) (result i64) (i64.${op} (local.get 0) (local.get 1)))`).join("\n")}
    ${tests.map((op) => `(func (export "${op}") (param i64 i64) (result i32) (i64.${op} (local.get 0) (local.get 1)))`).join("\n")})`;
  const mask = 0xffffffffffffffffn;
  const u = (x: bigint): bigint => x & mask;
  const s = (x: bigint): bigint => BigInt.asIntN(64, x);
  const reference: Readonly<Record<string, (a: bigint, b: bigint) => bigint | boolean>> = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    div_s: (a, b) => a / b,
    div_u: (a, b) => u(a) / u(b),
    rem_s: (a, b) => a % b,
    rem_u: (a, b) => u(a) % u(b),
    and: (a, b) => a & b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
    shl: (a, b) => a << (b & 63n),
    shr_s: (a, b) => a >> (b & 63n),
    shr_u: (a, b) => u(a) >> (b & 63n),
    rotl: (a, b) => (u(a) << (b & 63n)) | (u(a) >> (64n - (b & 63n))),
    rotr: (a, b) => (u(a) >> (b & 63n)) | (u(a) << (64n - (b & 63n))),
    eq: (a, b) => a === b,
    ne: (a, b) => a !== b,
    lt_s: (a, b) => a < b,
    lt_u: (a, b) => u(a) < u(b),
    gt_s: (a, b) => a > b,
    gt_u: (a, b) => u(a) > u(b),
    le_s: (a, b) => a <= b,
    le_u: (a, b) => u(a) <= u(b),
    ge_s: (a, b) => a >= b,
    ge_u: (a, b) => u(a) >= u(b),
  };

  let seed = 7;
  const random32 = (): bigint => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return BigInt(seed >>> 0);
  };
  /** Numbers of all lengths, and those next to powers of two, where quotients of doubles are most in doubt. */
  const random64 = (): bigint => {
    const shape = Number(random32() % 6n);
    const shift = random32() % 64n;
    const value = (random32() << 32n) | random32();
    if (shape === 0) return s(value);
    if (shape === 1) return s(u(value) >> shift);
    if (shape === 2) return s((1n << shift) - 1n);
    if (shape === 3) return s((1n << shift) + (random32() % 3n) - 1n);
    if (shape === 4) return s(mask - (u(value) >> shift));
    return s(random32());
  };

  it.each([...operations, ...tests])("i64.%s", (name) => {
    const { exports } = new Runtime({ engine: "compiler" }).instantiateSync(new Runtime().compileSync(source));
    for (let i = 0; i < 1500; i++) {
      const a = random64();
      let b = random64();
      // Dividends next to multiples of the divisor.
      const dividend =
        name.startsWith("div") || name.startsWith("rem")
          ? i % 2 === 0
            ? s(b * (random32() % 5000n) + (random32() % 3n) - 1n)
            : a
          : a;
      if (/div|rem/.test(name) && (b === 0n || b === -1n)) b = 3n;
      const expected = reference[name](dividend, b);
      const wanted = typeof expected === "boolean" ? Number(expected) : s(expected);
      if (exports[name](dividend, b) !== wanted)
        expect([dividend, b, exports[name](dividend, b)]).toEqual([dividend, b, wanted]);
    }
  });
});

it("moves a vector that a branch carries", () => {
  const source = `(module (func (export "f") (param i32) (result i32)
    (i32x4.extract_lane 0 (if (result v128) (local.get 0)
      (then (block $b (result v128) (br_if $b (v128.const i32x4 7 0 0 0) (local.get 0)) (drop) (v128.const i32x4 8 0 0 0)))
      (else (v128.const i32x4 9 0 0 0))))))`;
  expect(agreed(source, "f", [1]).value).toBe(7);
  expect(agreed(source, "f", [0]).value).toBe(9);
});

describe("a signalling NaN", () => {
  const instance = new Runtime({ engine: "compiler" }).instantiateSync(
    new Runtime().compileSync(`(module
      (memory 1)
      (global $g (mut f64) (f64.const 0))
      (func $pair (param f64) (result f64 f64) (local.get 0) (local.get 0))
      (func (export "memory") (param f64) (result f64)
        (f64.store (i32.const 3) (local.get 0))
        (f64.store (i32.const 16) (f64.load (i32.const 3)))
        (f64.load (i32.const 16)))
      (func (export "global") (param f64) (result f64) (global.set $g (local.get 0)) (global.get $g))
      (func (export "results") (param f64) (result f64) (local f64) (call $pair (local.get 0)) (local.set 1) (drop) (local.get 1))
      (func (export "bits") (param f64) (result f64) (f64.reinterpret_i64 (i64.reinterpret_f64 (local.get 0))))
      (func (export "signs") (param f64) (result f64)
        (f64.copysign (f64.neg (f64.abs (f64.neg (local.get 0)))) (f64.const 1))))`),
  );

  // Often enough for each tier of the platform's compiler, of which one alone may make NaNs quiet.
  it.each(["memory", "global", "results", "bits", "signs"])("is kept by %s however often it runs", (name) => {
    const bits = 0x7ff00000f1e27a6bn;
    for (let i = 0; i < 30_000; i++) {
      invokeRaw(instance.exports[name], [0x3ff8000000000000n]);
      const [result] = invokeRaw(instance.exports[name], [bits]);
      if (result !== bits) expect.fail(`after ${i} calls: 0x${BigInt.asUintN(64, result as bigint).toString(16)}`);
    }
  });
});

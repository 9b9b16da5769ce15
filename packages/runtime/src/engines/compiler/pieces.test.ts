import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Instance } from "../../api/instance.ts";
import { Runtime } from "../../api/runtime.ts";
import type { EngineName } from "../../store/engine.ts";
import { Trap } from "../../store/trap.ts";

/* Functions with a ladder of blocks, so large that they are taken apart. */

const RUNGS = 60;
const LOCALS =
  "(local $a i32) (local $b i32) (local $c i64) (local $d i64) (local $e f32) (local $f f64) (local $unused i64)";

/** Numbers that look random and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return (x >>> 8) % below;
  };
}

/** Statements on all locals; what traps does so for few values. */
function statements(next: (below: number) => number, count: number): string {
  const kinds = [
    () =>
      `local.get $a i32.const ${next(1000)} i32.add local.get $b i32.const ${next(31)} i32.rotl i32.xor local.set $a`,
    () => `local.get $b local.get $a i32.const ${next(99) + 3} i32.mul i32.sub local.set $b`,
    () => `local.get $c i64.const ${next(1e6)} i64.mul local.get $a i64.extend_i32_u i64.add local.set $c`,
    () => `local.get $d local.get $c i64.const ${next(63)} i64.rotl i64.xor local.set $d`,
    () => `local.get $e f32.const ${next(9)}.5 f32.add local.get $a f32.convert_i32_s f32.max local.set $e`,
    () => `local.get $f f64.const 0.${next(9) + 1} f64.mul local.get $c f64.convert_i64_s f64.add local.set $f`,
    () => `local.get $a i32.const 0xfff8 i32.and local.get $d i64.store offset=${8 * next(9)}`,
    () => `local.get $b i32.const 0xfff8 i32.and i64.load offset=${8 * next(8)} local.get $d i64.xor local.set $d`,
    () => `local.get $b i32.const 7 i32.and if local.get $a i32.const ${next(50)} i32.sub local.set $a end`,
    () =>
      `i32.const ${next(9999)} local.get $a i32.const 0xffff i32.and i32.const ${next(0xffff)} i32.sub i32.div_u local.set $b`,
    () =>
      `local.get $a i32.const 0x1ffff i32.and i32.const ${0x10000 + next(50)} i32.gt_u if local.get $a i32.const 0x1ffff i32.and i32.load8_u local.set $b end`,
  ];
  return Array.from({ length: count }, () => kinds[next(kinds.length)]()).join("\n");
}

/** What the locals come to. */
const hash = `local.get $a local.get $b i32.xor local.get $c i32.wrap_i64 i32.xor local.get $d i64.const 32 i64.shr_u i32.wrap_i64 i32.xor
  local.get $e i32.reinterpret_f32 i32.xor local.get $f i64.reinterpret_f64 i32.wrap_i64 i32.xor`;

/** A segment's end: one that returns when no steps are left, or goes on somewhere. */
function jump(next: (below: number) => number, rung: number, back: (rung: string) => string): string {
  const done = `local.get $steps i32.const 1 i32.sub local.tee $steps i32.eqz if ${hash} return end`;
  const kinds = [
    () => "",
    () => back(`i32.const ${next(RUNGS + 3)}`),
    () => back("local.get $b i32.const 0x7f i32.and"),
    () => (rung < 2 ? "" : `local.get $a i32.const 1 i32.and br_if $b${1 + next(rung - 1)}`),
    () => (rung < 2 ? "" : `br $b${1 + next(rung - 1)}`),
    () => `local.get $a i32.const 3 i32.and i32.eqz if local.get $b local.get $c local.get $f local.get $steps i32.const 4 i32.shr_u i32.const 1 i32.add
        call $again local.get $d i64.xor local.set $d local.set $b end`,
    () => `local.get $d i64.const 0xff i64.and i64.eqz if local.get $d i64.const 5 i64.add br $out end`,
  ];
  return `${done} ${kinds[next(kinds.length)]()}`;
}

/** As Go writes its functions: all control is a loop, a table and a ladder. */
function goLike(seed: number): string {
  const next = numbers(seed);
  const back = (rung: string): string => `${rung} local.set $pc br $l`;
  const opening = Array.from({ length: RUNGS }, (_, i) => `block $b${i + 1}`).join(" ");
  const table = Array.from({ length: RUNGS + 2 }, () => `$b${1 + next(RUNGS)}`).join(" ");
  const segments = Array.from({ length: RUNGS }, (_, i) => RUNGS - i).map(
    (rung) => `end ${statements(next, 25)} ${jump(next, rung, back)}`,
  );
  return `(func $f (export "f") (param $pc i32) (param $c0 i64) (param $f0 f64) (param $steps i32) (result i32) ${LOCALS}
    local.get $c0 local.set $c local.get $f0 local.set $f
    block $out (result i64) loop $l ${opening} local.get $pc br_table ${table} ${segments.join("\n")} br $l end unreachable end
    i32.wrap_i64)`;
}

/** A ladder without a loop: each call goes down it once. */
function straight(seed: number): string {
  const next = numbers(seed);
  const opening = Array.from({ length: RUNGS }, (_, i) => `block $b${i + 1}`).join(" ");
  const table = Array.from({ length: RUNGS }, () => `$b${1 + next(RUNGS)}`).join(" ");
  const segments = Array.from({ length: RUNGS }, (_, i) => RUNGS - i).map(
    (rung) => `end ${statements(next, 25)} ${jump(next, rung, () => "")}`,
  );
  return `(func $f (export "f") (param $pc i32) (param $c0 i64) (param $f0 f64) (param $steps i32) (result i32) ${LOCALS}
    local.get $c0 local.set $c local.get $f0 local.set $f
    block $out (result i64) ${opening} local.get $pc br_table ${table} ${segments.join("\n")} i64.const 7 end
    i32.wrap_i64)`;
}

/** As a switch in C: the head computes, and what follows the ladder belongs to the loop as well. */
function switchLike(seed: number): string {
  const next = numbers(seed);
  const opening = Array.from({ length: RUNGS }, (_, i) => `block $b${i + 1}`).join(" ");
  const table = Array.from({ length: RUNGS }, () => `$b${1 + next(RUNGS)}`).join(" ");
  const segments = Array.from({ length: RUNGS }, (_, i) => RUNGS - i).map(
    (rung) => `end ${statements(next, 25)} ${jump(next, rung, (rung) => `${rung} local.set $pc br $l`)}`,
  );
  return `(func $f (export "f") (param $pc i32) (param $c0 i64) (param $f0 f64) (param $steps i32) (result i64) ${LOCALS}
    local.get $c0 local.set $c local.get $f0 local.set $f
    block $out (result i64) loop $l ${opening}
      local.get $pc i32.const 3 i32.add local.tee $b i32.const 5 i32.eq br_if $b7
      local.get $b i32.const 63 i32.and br_table ${table} ${segments.join("\n")}
      local.get $b local.set $pc local.get $steps i32.const 1 i32.sub local.tee $steps br_if $l end
    i64.const -1 end)`.replaceAll(`${hash} return`, `${hash} i64.extend_i32_s return`);
}

const moduleOf = (func: string): string => `(module (memory 2) (global $depth (mut i32) (i32.const 0))
  ${func}
  (func $again (param i32 i64 f64 i32) (result i32 i64)
    global.get $depth i32.const 12 i32.gt_u if i32.const 1 i64.const 2 return end
    global.get $depth i32.const 1 i32.add global.set $depth
    local.get 0 i32.const 0x3f i32.and local.get 1 local.get 2 local.get 3 call $f ${func.includes("(result i64) (local") ? "i32.wrap_i64" : ""}
    global.get $depth i32.const 1 i32.sub global.set $depth
    local.get 1)
  (func (export "reset") i32.const 0 global.set $depth)
  (func (export "many") (param i32 i64 f64 i32 i32)
    loop $l local.get 0 local.get 1 local.get 2 local.get 3 call $f drop
      local.get 4 i32.const 1 i32.sub local.tee 4 br_if $l end))`;

let texts: string[] = [];
const { Function: original } = globalThis;

beforeEach(() => {
  texts = [];
  globalThis.Function = new Proxy(original, {
    construct(target, args): object {
      texts.push(String(args[args.length - 1]));
      return Reflect.construct(target, args);
    },
  });
});

afterEach(() => {
  globalThis.Function = original;
});

/** What a call comes to: a result or a trap with its frames, and the fuel it took. */
function outcome({ exports, fuel }: Instance, args: readonly unknown[]): unknown[] {
  exports.reset();
  const before = fuel.consumed;
  try {
    return [exports.f(...args), fuel.consumed - before];
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    const isAt = error.code !== "fuel-exhausted";
    return [
      error.code,
      // Where the fuel ends, engines name the place of the check or its loop's.
      error.frames.map(({ functionIndex, offset }) => [functionIndex, isAt ? offset : 0]),
      fuel.consumed - before,
    ];
  }
}

interface Variant {
  readonly name: string;
  readonly make: (seed: number) => string;
  readonly seed: number;
  readonly limits: { readonly callDepth?: number };
}

const variants: readonly Variant[] = [
  { name: "Go's functions", make: goLike, seed: 1, limits: {} },
  { name: "Go's functions", make: goLike, seed: 2, limits: {} },
  { name: "Go's functions", make: goLike, seed: 7, limits: { callDepth: 3 } },
  { name: "a ladder without a loop", make: straight, seed: 1, limits: {} },
  { name: "a switch", make: switchLike, seed: 1, limits: {} },
  { name: "a switch", make: switchLike, seed: 2, limits: {} },
  { name: "a switch", make: switchLike, seed: 2, limits: { callDepth: 3 } },
];

describe("a function in pieces", () => {
  it.each(variants)("does what the interpreter does: $name, seed $seed, $limits", ({ make, seed, limits }) => {
    const next = numbers(seed * 77);
    const source = moduleOf(make(seed));
    const open = (engine: EngineName): Instance => {
      const runtime = new Runtime({ engine });
      return runtime.instantiateSync(runtime.compileSync(source), {}, { limits });
    };
    const pieces = open("compiler");
    const expected = open("interpreter");
    // Until it is worth taking apart.
    for (let i = 0; !texts.some((text) => text.includes("const p1 = (function f0(")); i++) {
      if (i > 3000) throw new Error("never taken apart");
      for (const { exports } of [pieces, expected]) {
        try {
          exports.reset();
          exports.many(i % 64, BigInt(i) * 0x9e3779b97f4an, i / 3, 20_000, make === straight ? 1000 : 1);
        } catch (error) {
          if (!(error instanceof Trap)) throw error;
        }
      }
    }
    const kinds = new Set<unknown>();
    for (let i = 0; i < 300; i++) {
      const args = [next(70), BigInt(next(1e9)) * 0x9e3779b9n, next(1e6) / 7, 1 + next(400)];
      const left = i % 5 === 0 ? BigInt(next(30_000)) : 2n ** 60n;
      for (const { fuel } of [pieces, expected]) fuel.remaining = left;
      const found = outcome(pieces, args);
      expect([args, found]).toEqual([args, outcome(expected, args)]);
      kinds.add(typeof found[0] === "string" ? found[0] : "result");
    }
    for (const kind of [
      "result",
      "fuel-exhausted",
      ...(limits.callDepth === undefined ? [] : ["call-stack-exhausted"]),
    ])
      expect([...kinds]).toContain(kind);
  });
});

import { Table } from "../../src/index.ts";
import { call, type Program, trap } from "./program.ts";

/** Code that traps in the middle of its block, the trap, and the instructions of the code that cost a unit. */
const trapping: Readonly<Record<string, readonly [code: string, trap: string, cost: bigint]>> = {
  "i32.div_u": ["(drop (i32.div_u (i32.const 1) (local.get 0)))", "integer-divide-by-zero", 4n],
  "i32.trunc_f32_s": ["(drop (i32.trunc_f32_s (f32.const nan)))", "invalid-conversion-to-integer", 3n],
  "i32.load": ["(drop (i32.load (i32.const -1)))", "out-of-bounds-memory", 3n],
  "memory.fill": ["(memory.fill (i32.const -1) (i32.const 0) (i32.const 8))", "out-of-bounds-memory", 4n],
  "memory.copy": ["(memory.copy (i32.const -1) (i32.const 0) (i32.const 8))", "out-of-bounds-memory", 4n],
  "table.get": ["(drop (table.get $t (i32.const 2)))", "out-of-bounds-table", 3n],
  "table.set": ["(table.set $t (i32.const 2) (ref.null func))", "out-of-bounds-table", 3n],
  "table.fill": ["(table.fill $t (i32.const 2) (ref.null func) (i32.const 1))", "out-of-bounds-table", 4n],
  "table.copy": ["(table.copy $t $t (i32.const 2) (i32.const 0) (i32.const 1))", "out-of-bounds-table", 4n],
  "table.init": ["(table.init $t $e (i32.const 2) (i32.const 0) (i32.const 1))", "out-of-bounds-table", 4n],
};

const depth = { callDepth: 20 };
/** Limits of call depth, memories and tables. */
export const limited: readonly Program[] = [
  ...[
    "(try (do (call $throw (i32.const 10))) (catch_all))",
    "(block (try_table (catch_all 0) (call $throw (i32.const 10))))",
  ].map(
    (handled, i): Program => ({
      name: `the call depth after exceptions that are caught, ${["legacy", "current"][i]}`,
      source: `(module (tag $t)
        (func $throw (param i32)
          (if (local.get 0) (then (call $throw (i32.sub (local.get 0) (i32.const 1)))) (else (throw $t))))
        (func $down (export "down") (param i32) (result i32)
          (if (result i32) (local.get 0)
            (then (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
            (else (i32.const 0))))
        (func (export "caught") (param $times i32) (param $depth i32) (result i32)
          (loop $l ${handled} (br_if $l (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
          (call $down (local.get $depth))))`,
      limits: depth,
      calls: [
        call("down", [19], 19),
        call("down", [20], trap("call-stack-exhausted")),
        call("caught", [1, 18], 18),
        call("caught", [1, 19], trap("call-stack-exhausted")),
        call("caught", [5, 18], 18),
        call("caught", [5, 19], trap("call-stack-exhausted")),
        call("down", [19], 19),
      ],
    }),
  ),
  {
    name: "the call depth of indirect and tail calls",
    source: `(module (table funcref (elem $indirect $tail)) (type $t (func (param i32) (result i32)))
      (func $indirect (export "indirect") (type $t)
        (if (result i32) (local.get 0)
          (then (i32.add (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)) (i32.const 1)))
          (else (i32.const 0))))
      (func $tail (export "tail") (type $t)
        (if (result i32) (local.get 0)
          (then (return_call $tail (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7))))
      (func $tails (export "tails, indirect") (param i32 i32) (result i32)
        (if (result i32) (local.get 0)
          (then (return_call $tails (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
          (else (return_call $indirect (local.get 1)))))
      (func $mixed (export "mixed") (param i32) (result i32)
        (drop (call $indirect (i32.const 18)))
        (if (result i32) (local.get 0)
          (then (return_call $mixed (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7)))))`,
    limits: depth,
    calls: [
      call("indirect", [19], 19),
      call("indirect", [20], trap("call-stack-exhausted")),
      call("tail", [1000], 7),
      call("tails, indirect", [5, 19], 19),
      call("tails, indirect", [5, 20], trap("call-stack-exhausted")),
      call("mixed", [100], 7),
      call("indirect", [19], 19),
    ],
  },
  {
    name: "several memories, under one limit",
    source: `(module (memory $a 1) (memory $b 2)
      (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
      (func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0))))`,
    limits: { memory: 6 * 65536 },
    calls: [
      call("a", [4], -1),
      call("a", [1], 1),
      call("b", [3], -1),
      call("b", [2], 2),
      call("a", [1], -1),
      call("b", [1], -1),
      call("a", [0], 2),
    ],
  },
  {
    name: "one memory, under a limit",
    source: `(module (memory 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`,
    limits: { memory: 3 * 65536 },
    calls: [
      call("grow", [3], -1, 33n),
      call("grow", [1], 1, 33n + 256n),
      call("grow", [-1], -1),
      call("grow", [1], 2),
      call("grow", [1], -1),
    ],
  },
  {
    name: "an imported table, under the limit of all",
    source: `(module (import "m" "t" (table 4 funcref))
      (func (export "grow") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
      (func (export "size") (result i32) (table.size 0)))`,
    imports: () => ({ m: { t: new Table({ element: "anyfunc", initial: 4 }) } }),
    limits: { tableElements: 10 },
    calls: [
      call("grow", [7], -1),
      call("grow", [5], 4),
      call("grow", [2], -1),
      call("grow", [1], 9),
      call("grow", [1], -1),
      call("size", [], 10),
    ],
  },
  {
    name: "an imported table and an own one, under the limit of both",
    source: `(module (import "m" "t" (table 4 funcref)) (table 2 funcref)
      (func (export "imported") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
      (func (export "own") (param i32) (result i32) (table.grow 1 (ref.null func) (local.get 0))))`,
    imports: () => ({ m: { t: new Table({ element: "anyfunc", initial: 4 }) } }),
    limits: { tableElements: 10 },
    calls: [
      call("own", [5], -1),
      call("own", [1], 2),
      call("imported", [4], -1),
      call("imported", [3], 4),
      call("own", [1], -1),
    ],
  },
];

/** Fuel figures. */
export const fuel: readonly Program[] = [
  {
    name: "the fuel of bulk instructions and of growth",
    source: `(module (memory 4) (table $t 100 funcref) (table $g 1 funcref) (data $d "0123456789") (elem $e func $f $f $f) (func $f)
      (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
      (func (export "copy") (param i32) (memory.copy (i32.const 0) (i32.const 1) (local.get 0)))
      (func (export "init") (param i32) (memory.init $d (i32.const 0) (i32.const 0) (local.get 0)))
      (func (export "table.fill") (param i32) (table.fill $t (i32.const 0) (ref.null func) (local.get 0)))
      (func (export "table.copy") (param i32) (table.copy $t $t (i32.const 0) (i32.const 1) (local.get 0)))
      (func (export "table.grow") (param i32) (result i32) (table.grow $g (ref.null func) (local.get 0)))
      (func (export "two fills") (param i32)
        (memory.fill (i32.const 0) (i32.const 1) (local.get 0)) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
      (func (export "br_if") (param i32) (result i32) (block (br_if 0 (local.get 0))) (i32.const 1)))`,
    limits: { tableElements: 1000 },
    calls: [
      call("fill", [0], undefined, 4n),
      call("fill", [63], undefined, 4n),
      call("fill", [6400], undefined, 104n),
      call("copy", [6400], undefined, 104n),
      call("init", [10], undefined, 4n),
      call("table.fill", [80], undefined, 14n),
      call("table.copy", [80], undefined, 14n),
      call("table.grow", [80], 1, 44n),
      call("table.grow", [7], 81, 34n),
      call("table.grow", [10_000], -1, 34n),
      call("two fills", [640], undefined, 28n),
      call("br_if", [0], 1, 3n),
      call("br_if", [1], 1, 3n),
    ],
  },
  {
    name: "the exact fuel of traps in the middle of a block",
    source: `(module (memory 1) (table $t 2 funcref) (elem $e func $f) (func $f)
      ${Object.entries(trapping)
        .map(
          ([name, [code]]) => `(func (export "${name}") (param i32)
            (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0)))
            ${code} (drop (i32.add (local.get 0) (i32.const 1))))`,
        )
        .join("\n")})`,
    // Ten rounds of six units; then the whole block, with the four instructions that the trap prevents.
    calls: Object.entries(trapping).map(([name, [, trapCode, cost]]) =>
      call(name, [10], trap(trapCode), 60n + cost + 4n),
    ),
  },
];

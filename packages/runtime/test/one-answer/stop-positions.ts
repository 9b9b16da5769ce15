import assert from "node:assert/strict";
import { Runtime } from "../../src/api/runtime.ts";
import { decodeModule } from "../../src/binary/decode.ts";
import { type Instance, Trap } from "../../src/index.ts";
import { allFeatures } from "../../src/wasm/features.ts";
import { instances, type Scenarios } from "./engines.ts";

/** Guests that never end, with every way to reach a check. The export is `run`. */
const guests: Readonly<Record<string, string>> = {
  "calls, at entries": `(func $f (export "run") (param i32) (result i32) (call $g (local.get 0)))
    (func $g (param i32) (result i32) (call $f (i32.add (local.get 0) (i32.const 1))))`,
  "an entry before a loop": `(func $f (export "run") (param i32) (result i32) (nop)
    (loop $l (result i32) (br_if $l (i32.and (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3)))
      (call $f (local.get 0))))`,
  br: `(func (export "run") (param i32) (result i32)
    (loop $l (result i32) (nop) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br $l)))`,
  br_if: `(func (export "run") (param i32) (result i32) (i32.const 5) (drop)
    (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if $l (local.get 0))) (local.get 0))`,
  br_table: `(func (export "run") (param i32) (result i32)
    (loop $o (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (br_table $l $o $l (i32.and (local.get 0) (i32.const 3))))) (i32.const 1))`,
  "loops at one place": `(func (export "run") (param i32) (result i32)
    (loop $o (loop $l (block (loop $m (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (br_if $l (i32.and (local.get 0) (i32.const 3))) (br_if $m (i32.and (local.get 0) (i32.const 4)))))
      (br $o))) (i32.const 1))`,
  "loops with an operand between": `(func (export "run") (param i32) (result i32)
    (loop $o (result i32) (i32.const 7)
      (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (br_if $l (i32.and (local.get 0) (i32.const 1)))) (drop) (br $o)))`,
  "parameters of a loop": `(func (export "run") (param i32) (result i32)
    (local.get 0) (loop $l (param i32) (result i32) (i32.add (i32.const 1)) (br $l)))`,
  "bulk instructions": `(memory 1) (func (export "run") (param i32) (result i32)
    (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 1000))
      (memory.copy (i32.const 0) (i32.const 1) (i32.const 3000)) (br $l)) (i32.const 1))`,
  "growth of memory": `(memory 0 60000) (func (export "run") (param i32) (result i32)
    (loop $l (drop (memory.grow (i32.const 1))) (br $l)) (i32.const 1))`,
  tables: `(table $t 10 funcref) (func (export "run") (param i32) (result i32)
    (loop $l (drop (table.grow $t (ref.null func) (i32.const 1)))
      (table.fill $t (i32.const 0) (ref.null func) (i32.const 9)) (br $l)) (i32.const 1))`,
  "host functions": `(import "h" "f" (func $f (param i32))) (func (export "run") (param i32) (result i32)
    (loop $l (call $f (i32.const 1)) (call $f (i32.add (local.get 0) (i32.const 1))) (br $l)) (i32.const 1))`,
  "tail calls of host functions": `(import "h" "f" (func $f (param i32)))
    (func $t (param i32) (drop (i32.const 4)) (return_call $f (local.get 0)))
    (func (export "run") (param i32) (result i32) (loop $l (call $t (i32.const 1)) (br $l)) (i32.const 1))`,
  "indirect calls": `(table 2 funcref) (elem (i32.const 0) $a $b) (type $v (func (param i32) (result i32)))
    (func $a (param i32) (result i32) (call_indirect (type $v) (local.get 0) (i32.const 1)))
    (func $b (param i32) (result i32) (call_indirect (type $v) (local.get 0) (i32.const 0)))
    (func (export "run") (param i32) (result i32) (call $a (i32.const 1)))`,
  "tail calls": `(func $a (param i32) (result i32) (return_call $b (i32.add (local.get 0) (i32.const 1))))
    (func $b (param i32) (result i32) (return_call $a (local.get 0)))
    (func (export "run") (param i32) (result i32) (call $a (i32.const 1)))`,
  br_on_null: `(func (export "run") (param i32) (result i32) (local externref)
    (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_on_null $l (local.get 1)) (drop)) (i32.const 1))`,
  br_on_non_null: `(func $f (export "run") (param i32) (result i32) (ref.func $f)
    (loop $l (param funcref) (drop) (br_on_non_null $l (ref.func $f))) (i32.const 1)) (elem declare func $f)`,
  br_on_cast: `(func (export "run") (param i32) (result i32) (ref.null any)
    (loop $l (param anyref) (result anyref) (drop) (br_on_cast $l anyref i31ref (ref.i31 (i32.const 1))))
    (drop) (i32.const 1))`,
  "catch clauses": `(tag $t) (func (export "run") (param i32) (result i32)
    (loop $l (try_table (catch $t $l) (throw $t))) (i32.const 1))`,
  arrays: `(type $a (array (mut i32))) (func (export "run") (param i32) (result i32) (local (ref null $a))
    (loop $l (local.set 1 (array.new_default $a (i32.const 90)))
      (array.fill $a (local.get 1) (i32.const 0) (i32.const 1) (i32.const 80)) (br $l)) (i32.const 1))`,
};

const imports = { h: { f: () => {} } };

/** How a call ended: the trap's code, and every frame. */
function end(error: unknown): unknown {
  if (!(error instanceof Trap)) throw error;
  const frames = error.frames.map(({ functionIndex, offset }) => `${functionIndex}@${offset?.toString(16)}`);
  return { code: error.code, frames };
}

function ended(instance: Instance): unknown {
  try {
    return instance.exports.run(1);
  } catch (error) {
    return { ...(end(error) as object), consumed: instance.fuel.consumed };
  }
}

export const stopPositions: Scenarios = {
  "a guest out of fuel stands at the same place, frame for frame"() {
    for (const [name, text] of Object.entries(guests))
      for (let fuel = 40n; fuel < 75n; fuel++) {
        const [[, first], ...others] = instances(`(module ${text})`, imports, { limits: { fuel } });
        const expected = ended(first);
        assert.equal((expected as { code?: string }).code, "fuel-exhausted", name);
        for (const [engine, instance] of others)
          assert.deepEqual([engine, name, ended(instance)], [engine, name, expected]);
      }
  },

  "a guest that is stopped at a loop's head stands at the first instruction that costs something"() {
    const bytes = new Runtime().compileSync(`(module ${guests["loops at one place"]})`).bytes;
    const { start } = decodeModule(bytes, allFeatures).bodies[0];
    // Three loops and a block, each of two bytes.
    for (const [engine, instance] of instances(bytes, imports, { limits: { fuel: 50n } }))
      assert.deepEqual(
        [engine, (ended(instance) as { frames: string[] }).frames],
        [engine, [`0@${(start + 8).toString(16)}`]],
      );
  },

  async "so does one that is past its deadline, or aborted"() {
    const source = `(module ${guests.br})`;
    const expected = {
      frames: (ended([...instances(source, imports, { limits: { fuel: 9n } }).values()][0]) as { frames: string[] })
        .frames,
    };
    for (const [engine, instance] of instances(source, imports, { limits: { timeout: 20 } })) {
      const stopped = ended(instance) as { code: string; frames: string[] };
      assert.deepEqual([engine, stopped.code, stopped.frames], [engine, "deadline-exceeded", expected.frames]);
    }
    for (const [engine, instance] of instances(source, imports)) {
      if (!instance.canSuspend) continue;
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 20);
      const error = await instance.async.call("run", [1], { signal: controller.signal }).catch((thrown) => thrown);
      assert.deepEqual([engine, end(error)], [engine, { code: "aborted", ...expected }]);
    }
  },
};

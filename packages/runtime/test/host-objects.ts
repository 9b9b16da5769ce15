import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ArrayRef, type EngineName, Exception, jsTag, Runtime, StructRef, Tag, Trap } from "../src/index.ts";

const types = `
  (rec (type $node (sub (struct (field $value (mut i32)) (field $next (mut (ref null $node)))))))
  (type $wide (sub final $node (struct (field (mut i32)) (field (mut (ref null $node))) (field f64))))
  (type $mixed (struct (field (mut i8)) (field (mut i16)) (field (mut i64)) (field (mut f32)) (field (mut f64)) (field (mut v128))
    (field (mut externref)) (field (mut anyref)) (field (mut funcref)) (field i32)))
  (type $bytes (array (mut i8))) (type $doubles (array (mut f64))) (type $nodes (array (mut (ref null $node))))
  (type $names (array (ref extern))) (type $vectors (array (mut v128)))`;

const guest = `(module ${types}
  (func (export "sum") (param $n (ref null $node)) (result i32) (local $sum i32)
    (block $end (loop $next
      (br_if $end (ref.is_null (local.get $n)))
      (local.set $sum (i32.add (local.get $sum) (struct.get $node $value (local.get $n))))
      (local.set $n (struct.get $node $next (local.get $n))) (br $next)))
    (local.get $sum))
  (func (export "cons") (param i32 (ref null $node)) (result (ref $node)) (struct.new $node (local.get 0) (local.get 1)))
  (func (export "wide") (param f64) (result (ref $node)) (struct.new $wide (i32.const 7) (ref.null $node) (local.get 0)))
  (func (export "increment") (param (ref $node))
    (struct.set $node $value (local.get 0) (i32.add (struct.get $node $value (local.get 0)) (i32.const 1))))
  (func (export "isWide") (param anyref) (result i32) (ref.test (ref $wide) (local.get 0)))
  (func (export "same") (param eqref eqref) (result i32) (ref.eq (local.get 0) (local.get 1)))
  (func (export "toExtern") (param anyref) (result externref) (extern.convert_any (local.get 0)))
  (func (export "fromExtern") (param externref) (result anyref) (any.convert_extern (local.get 0)))
  (func (export "i31") (param i32) (result i31ref) (ref.i31 (local.get 0)))
  (func (export "fill") (param (ref $bytes)) (array.fill $bytes (local.get 0) (i32.const 1) (i32.const 255) (i32.const 2)))
  (func (export "doubles") (param f64 i32) (result (ref $doubles)) (array.new $doubles (local.get 0) (local.get 1)))
  (func (export "first") (param (ref $names)) (result externref) (array.get $names (local.get 0) (i32.const 0)))
  (func (export "length") (param arrayref) (result i32) (array.len (local.get 0)))
  (func (export "nodes") (param (ref $nodes)) (result i32)
    (struct.get $node $value (array.get $nodes (local.get 0) (i32.const 0))))
  (func (export "mixed") (result (ref $mixed)) (struct.new $mixed (i32.const -1) (i32.const -2) (i64.const -3) (f32.const 0.5) (f64.const 0.25)
    (v128.const i64x2 1 2) (ref.null extern) (ref.i31 (i32.const 5)) (ref.func $noop) (i32.const 6)))
  (func $noop (export "noop"))
  (func (export "pass") (param (ref $mixed)) (result (ref $mixed)) (local.get 0))
  (global (export "kept") (mut anyref) (ref.null any))
  (table (export "table") 2 anyref)
  (func (export "keptIsNode") (result i32) (ref.test (ref $node) (global.get 0)))
  (func (export "tableIsNode") (result i32) (ref.test (ref $node) (table.get 0 (i32.const 1)))))`;

const exceptions = `(module ${types}
  (import "h" "failed" (tag $failed (param i32 externref)))
  (import "h" "js" (tag $js (param externref)))
  (import "h" "nodeTag" (tag $nodeTag (param (ref $node))))
  (import "h" "fail" (func $fail (param i32)))
  (tag $own (export "own") (param i64))
  (global $held (mut exnref) (ref.null exn))
  (func (export "throw") (param i32 externref) (throw $failed (local.get 0) (local.get 1)))
  (func (export "throwOwn") (throw $own (i64.const -9)))
  (func (export "throwNode") (throw $nodeTag (struct.new $node (i32.const 3) (ref.null $node))))
  (func (export "catch") (param i32) (result i32 externref)
    (block $h (result i32 externref) (try_table (catch $failed $h) (call $fail (local.get 0))) (i32.const -1) (ref.null extern)))
  (func (export "catchJs") (param i32) (result externref)
    (block $h (result externref) (try_table (catch $js $h) (call $fail (local.get 0))) (ref.null extern)))
  (func (export "catchNode") (param i32) (result i32)
    (struct.get $node $value (block $h (result (ref $node)) (try_table (catch $nodeTag $h) (call $fail (local.get 0))) unreachable)))
  (func (export "hold") (param i32)
    (block $h (result exnref) (try_table (catch_all_ref $h) (call $fail (local.get 0))) (ref.null exn)) (global.set $held))
  (func (export "throwHeld") (throw_ref (global.get $held))))`;

/** What holds on every engine. Each returns when it does, and throws otherwise. */
export const scenarios: Readonly<Record<string, (runtime: Runtime) => void | Promise<void>>> = {
  "a host makes structures for a guest, and reads and writes what the guest made"(runtime) {
    const module = runtime.compileSync(guest);
    const { exports } = runtime.instantiateSync(module);
    const node = module.type("node");
    const last = new StructRef(node, [2, null]);
    const first = new StructRef(node, [40, last]);
    assert.equal(exports.sum(first), 42);
    exports.increment(last);
    assert.equal(last.get(0), 3);
    last.set(0, 10);
    assert.equal(exports.sum(first), 50);
    assert.equal(first.get(1), last);
    const made = exports.cons(1, first);
    assert.ok(made instanceof StructRef);
    assert.equal(made.type, node);
    assert.equal(made.get(1), first);
    assert.equal(exports.sum(made), 51);
    assert.equal(exports.cons(5, null).get(1), null);
    made.set(1, null);
    assert.equal(exports.sum(made), 1);
    made.set(1, exports.cons(8, null));
    assert.equal(exports.sum(made), 9);
  },

  "a reference is the same object each time, and knows its own type"(runtime) {
    const module = runtime.compileSync(guest);
    const { exports } = runtime.instantiateSync(module);
    const wide = exports.wide(0.5);
    assert.equal(wide.type, module.type("wide"));
    assert.deepEqual([wide.get(0), wide.get(1), wide.get(2)], [7, null, 0.5]);
    assert.throws(() => wide.set(2, 1), /field 2 is immutable/);
    assert.equal(exports.isWide(wide), 1);
    assert.equal(exports.isWide(new StructRef(module.type("node"))), 0);
    const outer = exports.cons(1, wide);
    assert.equal(outer.get(1), wide);
    assert.equal(exports.same(outer.get(1), wide), 1);
    assert.equal(exports.toExtern(wide), wide);
    assert.equal(exports.fromExtern(wide), wide);
    assert.equal(exports.toExtern(exports.cons(1, null)) instanceof StructRef, true);
    const other = new Map();
    assert.equal(exports.fromExtern(other), other);
    assert.equal(exports.toExtern("text"), "text");
    assert.equal(exports.i31(-5), -5);
    assert.equal(exports.isWide(5), 0);
    assert.equal(exports.same(5, exports.i31(5)), 1);
  },

  "types are equal by structure, so any module that declares them gives them"(runtime) {
    const { exports } = runtime.instantiateSync(runtime.compileSync(guest));
    const alone = runtime.compileSync(`(module ${types})`);
    assert.equal(exports.sum(new StructRef(alone.type("wide"), [4, null, 1])), 4);
    assert.equal(exports.cons(1, null).type, alone.type(0));
    assert.throws(() => alone.type("none"), /no type "none"/);
    assert.throws(() => alone.type(99), /no type 99/);
    assert.throws(() => exports.sum(new StructRef(alone.type("mixed"))), TypeError);
    assert.throws(() => exports.sum({}), TypeError);
  },

  "every kind of field crosses as the JavaScript API converts it"(runtime) {
    const module = runtime.compileSync(guest);
    const { exports } = runtime.instantiateSync(module);
    const read = (struct: StructRef): unknown[] => [0, 1, 2, 3, 4, 6, 7, 9].map((i) => struct.get(i));
    const mixed = exports.mixed();
    assert.deepEqual(read(mixed), [255, 65534, -3n, 0.5, 0.25, null, 5, 6]);
    assert.throws(() => mixed.get(5), /v128/);
    assert.throws(() => mixed.set(5, 1), TypeError);
    assert.equal(mixed.get(8), exports.noop);
    const key = Symbol("of the host");
    const write = (struct: StructRef): void => {
      for (const [i, value] of [300, -70000, 2n ** 63n, 0.1, Number.NaN].entries()) struct.set(i, value);
      struct.set(6, key);
      struct.set(7, struct);
      struct.set(8, null);
    };
    write(mixed);
    const expected = [44, 61072, -(2n ** 63n), Math.fround(0.1), Number.NaN, key];
    assert.deepEqual(read(mixed), [...expected, mixed, 6]);
    assert.equal(mixed.get(8), null);
    assert.throws(() => mixed.set(2, 1), TypeError);
    assert.throws(() => mixed.set(8, () => 1), TypeError);
    assert.throws(() => mixed.get(10), RangeError);
    // One of the host's own, before and after a guest has had it, itself inside itself.
    const own = new StructRef(module.type("mixed"));
    assert.deepEqual(read(own), [0, 0, 0n, 0, 0, null, null, 0]);
    write(own);
    own.set(8, exports.noop);
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(read(own), [...expected, own, 0]);
      assert.equal(own.get(8), exports.noop);
      assert.equal(exports.pass(own), own);
    }
    assert.throws(() => new StructRef(module.type("mixed"), [1]), /10 fields/);
    assert.throws(() => new StructRef(module.type("bytes")), /structure type/);
  },

  "globals and tables of every reference type are imported"(runtime) {
    const module = runtime.compileSync(guest);
    const { exports } = runtime.instantiateSync(module);
    const node = new StructRef(module.type("node"), [3, null]);
    const array = new ArrayRef(module.type("bytes"), [1, 2]);
    const rows: readonly (readonly [type: string, value: unknown])[] = [
      ["(ref extern)", "text"],
      ["(ref extern)", node],
      ["externref", null],
      ["anyref", 5],
      ["(ref any)", 5],
      ["(ref any)", node],
      ["(ref i31)", -7],
      ["i31ref", null],
      ["eqref", node],
      ["(ref eq)", array],
      ["structref", node],
      ["(ref struct)", node],
      ["arrayref", array],
      ["(ref array)", array],
      ["nullref", null],
      ["(ref $node)", node],
      ["(ref null $node)", node],
      ["(ref $bytes)", array],
      ["funcref", exports.noop],
      ["(ref func)", exports.noop],
      ["(ref $noop)", exports.noop],
    ];
    for (const [type, value] of rows) {
      const noop = "(type $noop (func))";
      const get = `(func (export "get") (result ${type}) (global.get 0))`;
      const constant = `(module ${types} ${noop} (global (export "v") (import "h" "v") ${type}) ${get})`;
      const given = runtime.instantiateSync(runtime.compileSync(constant), { h: { v: value } }).exports;
      assert.equal(given.get(), value, type);
      assert.equal(given.v.value, value, type);
      // Another instance of the same types, on the same and on another engine.
      const makers = [runtime, new Runtime({ engine: "interpreter" })];
      for (const maker of makers) {
        const source = `(module ${types} ${noop} (import "h" "v" (global ${type}))
          (global (export "v") (mut ${type}) (global.get 0)) (table (export "t") 2 5 ${type} (global.get 0)))`;
        const isOwn = maker === runtime || !(value === exports.noop || value === null);
        if (!isOwn) continue;
        const other = maker.instantiateSync(maker.compileSync(source), { h: { v: value } }).exports;
        const user = `(module ${types} ${noop} (import "h" "v" (global (mut ${type}))) (import "h" "t" (table 2 5 ${type}))
          (func (export "get") (result ${type}) (global.get 0))
          (func (export "at") (param i32) (result ${type}) (table.get 0 (local.get 0)))
          (func (export "put") (param i32) (table.set 0 (local.get 0) (global.get 0)) (global.set 0 (table.get 0 (i32.const 0))))
          (func (export "grow") (result i32) (table.grow 0 (global.get 0) (i32.const 1))))`;
        const used = runtime.instantiateSync(runtime.compileSync(user), { h: { v: other.v, t: other.t } }).exports;
        assert.equal(used.get(), value, type);
        assert.equal(used.at(1), value, type);
        used.put(1);
        assert.equal(used.grow(), 2, type);
        assert.equal(used.at(2), value, type);
        assert.equal(other.t.length, 3, type);
        assert.equal(other.v.value, value, type);
      }
    }
  },

  "a host makes arrays for a guest, and reads and writes what the guest made"(runtime) {
    const module = runtime.compileSync(guest);
    const { exports } = runtime.instantiateSync(module);
    const bytes = new ArrayRef(module.type("bytes"), new TextEncoder().encode("abcd"));
    assert.deepEqual([...bytes], [97, 98, 99, 100]);
    exports.fill(bytes);
    assert.deepEqual(Uint8Array.from(bytes as Iterable<number>), Uint8Array.of(97, 255, 255, 100));
    bytes.set(3, -1);
    assert.equal(bytes.get(3), 255);
    assert.equal(exports.length(bytes), 4);
    assert.throws(() => bytes.get(4), RangeError);
    assert.throws(() => bytes.set(-1, 0), RangeError);
    const doubles = exports.doubles(-0.5, 3);
    assert.ok(doubles instanceof ArrayRef);
    assert.equal(doubles.length, 3);
    assert.equal(doubles.type, module.type("doubles"));
    doubles.set(1, Number.NaN);
    assert.deepEqual([...doubles], [-0.5, Number.NaN, -0.5]);
    const nodes = new ArrayRef(module.type("nodes"), 3);
    nodes.set(0, new StructRef(module.type("node"), [11, null]));
    assert.equal(exports.nodes(nodes), 11);
    assert.throws(() => nodes.set(0, bytes), TypeError);
    assert.equal(exports.length(new ArrayRef(module.type("vectors"), 2)), 2);
    // Immutable elements are there from the beginning.
    const names = new ArrayRef(module.type("names"), ["a", "b"]);
    assert.equal(exports.first(names), "a");
    assert.deepEqual([...names], ["a", "b"]);
    assert.throws(() => names.set(0, "c"), /immutable/);
    assert.throws(() => new ArrayRef(module.type("names"), 2), /no default/);
    assert.throws(() => new ArrayRef(module.type("names"), [null]), TypeError);
    assert.throws(() => new ArrayRef(module.type("bytes"), 2 ** 40), RangeError);
    assert.throws(() => new ArrayRef(module.type("node"), 1), /array type/);
  },

  "cycles and long lists of the host's cross whole"(runtime) {
    const module = runtime.compileSync(guest);
    const { exports } = runtime.instantiateSync(module);
    const node = module.type("node");
    const [a, b] = [new StructRef(node, [1, null]), new StructRef(node, [2, null])];
    a.set(1, b);
    b.set(1, a);
    exports.increment(a);
    assert.equal((b.get(1) as StructRef).get(0), 2);
    assert.equal(a.get(1), b);
    let list: StructRef | null = null;
    for (let i = 0; i < 50_000; i++) list = new StructRef(node, [1, list]);
    assert.equal(exports.sum(list), 50_000);
  },

  "globals and tables of references hold the host's structures"(runtime) {
    const module = runtime.compileSync(guest);
    const { exports } = runtime.instantiateSync(module);
    const struct = new StructRef(module.type("node"), [1, null]);
    exports.kept.value = struct;
    assert.equal(exports.keptIsNode(), 1);
    assert.equal(exports.kept.value, struct);
    exports.table.set(1, struct);
    assert.equal(exports.tableIsNode(), 1);
    assert.equal(exports.table.get(1), struct);
    exports.kept.value = () => 1;
    assert.equal(exports.keptIsNode(), 0);
    assert.equal(exports.kept.value(), 1);
  },

  "what lives in the platform's WebAssembly is refused by another engine"(runtime) {
    const module = runtime.compileSync(guest);
    const { exports, engine } = runtime.instantiateSync(module);
    const own = new StructRef(module.type("node"), [1, exports.cons(2, null)]);
    const bytes = new ArrayRef(module.type("bytes"), 4);
    exports.fill(bytes);
    for (const name of ["interpreter", "compiler"] as const) {
      const another = new Runtime({ engine: name });
      const other = another.instantiateSync(another.compileSync(guest)).exports;
      if (engine.name === "platform") {
        assert.throws(() => other.sum(own), /lives in the platform's own WebAssembly/);
        assert.throws(() => other.fill(bytes), /lives in the platform's own WebAssembly/);
      } else {
        assert.equal(other.sum(own), 3);
        other.fill(bytes);
      }
    }
    assert.equal(exports.sum(own), 3);
    assert.deepEqual([...bytes], [0, 255, 255, 0]);
  },

  async "asynchronous calls and host functions pass them as well"(runtime) {
    const module = runtime.compileSync(`(module ${types}
      (import "h" "swap" (func $swap (param (ref $node)) (result (ref null $node))))
      (func (export "swap") (param (ref $node)) (result (ref null $node)) (call $swap (local.get 0))))`);
    const other = new StructRef(module.type("node"), [2, null]);
    const one = new StructRef(module.type("node"), [1, null]);
    let given: unknown;
    const host = (node: StructRef): StructRef => {
      given = node;
      return other;
    };
    const { exports } = runtime.instantiateSync(module, { h: { swap: host } });
    assert.equal(exports.swap(one), other);
    assert.equal(given, one);
    const later = runtime.instantiateSync(module, { h: { swap: async (node: StructRef) => host(node) } });
    if (!later.canSuspend) return;
    given = undefined;
    assert.equal(await later.async.exports.swap(one), other);
    assert.equal(given, one);
  },

  "a host catches what a guest throws"(runtime) {
    const { exports, failed } = withExceptions(runtime);
    const key = {};
    const thrown = caught(() => exports.throw(7, key));
    assert.ok(thrown instanceof Exception);
    assert.ok(thrown.is(failed) && !thrown.is(exports.own));
    assert.deepEqual([thrown.getArg(failed, 0), thrown.getArg(failed, 1)], [7, key]);
    assert.equal(thrown.getArg(failed, 1), key);
    assert.throws(() => thrown.getArg(exports.own, 0), TypeError);
    assert.throws(() => thrown.getArg(failed, 2), RangeError);
    const own = caught(() => exports.throwOwn()) as Exception;
    assert.equal(own.getArg(exports.own, 0), -9n);
    const { nodeTag } = withExceptions(runtime);
    assert.ok(!own.is(nodeTag));
  },

  "a guest catches what a host throws: exceptions, and anything at all under the tag of JavaScript's own"(runtime) {
    const { exports, failed, nodeTag, node, next } = withExceptions(runtime);
    const key = {};
    next.error = new Exception(failed, [-5, key]);
    const [code, reference] = exports.catch(0);
    assert.deepEqual([code, reference === key], [-5, true]);
    next.error = new RangeError("of the host");
    assert.equal(exports.catchJs(0), next.error);
    // What no clause names goes on to the caller, the same object.
    assert.equal(
      caught(() => exports.catch(0)),
      next.error,
    );
    next.error = new Exception(nodeTag, [new StructRef(node, [21, null])]);
    assert.equal(exports.catchNode(0), 21);
    const thrown = caught(() => exports.throwNode()) as Exception;
    assert.equal((thrown.getArg(nodeTag, 0) as StructRef).get(0), 3);
    // Of a type that is not the plain one of its parameters.
    const open =
      runtime.compileSync(`(module (type $open (sub (func (param i32)))) (type (sub $open (func (param i32))))
      (import "h" "open" (tag $e (type $open))) (func (export "throw") (throw $e (i32.const 6))))`);
    const openTag = new Tag(open.type("open"));
    const { exports: thrower } = runtime.instantiateSync(open, { h: { open: openTag } });
    assert.equal((caught(() => thrower.throw()) as Exception).getArg(openTag, 0), 6);
    assert.throws(() => new Exception(failed, [1]), /carry 2 values/);
    assert.throws(() => new Exception(nodeTag, [null]), TypeError);
    assert.throws(() => new Exception(jsTag(), [1]), TypeError);
    assert.throws(() => new Tag({ parameters: ["i33" as never] }), TypeError);
    assert.throws(() => new Tag(node), TypeError);
  },

  "an exnref that a guest holds and throws again is the object that the host threw"(runtime) {
    const { exports, failed, next } = withExceptions(runtime);
    next.error = new Exception(failed, [1, "payload"]);
    exports.hold(0);
    assert.equal(
      caught(() => exports.throwHeld()),
      next.error,
    );
    next.error = { anything: true };
    exports.hold(0);
    assert.equal(
      caught(() => exports.throwHeld()),
      next.error,
    );
    const { exports: fresh } = withExceptions(runtime);
    const trap = caught(() => fresh.throwHeld());
    assert.equal(trap instanceof Trap && trap.code, "null-reference");
  },
};

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

interface WithExceptions {
  // biome-ignore lint/suspicious/noExplicitAny: what a module exports
  readonly exports: any;
  readonly failed: Tag;
  readonly nodeTag: Tag;
  readonly node: StructRef["type"];
  /** What the import throws. */
  readonly next: { error: unknown };
}

function withExceptions(runtime: Runtime): WithExceptions {
  const module = runtime.compileSync(exceptions);
  const alone = runtime.compileSync(`(module ${types} (type $carries (func (param (ref $node)))))`);
  const failed = new Tag({ parameters: ["i32", "externref"] });
  const nodeTag = new Tag(alone.type("carries"));
  const next: { error: unknown } = { error: undefined };
  const fail = (): never => {
    throw next.error;
  };
  const { exports } = runtime.instantiateSync(module, { h: { failed, js: jsTag(), nodeTag, fail } });
  return { exports, failed, nodeTag, node: alone.type("node"), next };
}

/** Runs all on an engine. @returns what failed */
export async function runScenarios(engine: EngineName): Promise<string[]> {
  const failures: string[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      await scenario(new Runtime({ engine }));
    } catch (error) {
      failures.push(`${engine}: ${name}: ${(error as Error).stack}`);
    }
  }
  return failures;
}

// As a program: for a newer Node, which runs TypeScript as it is.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await runScenarios("platform")));

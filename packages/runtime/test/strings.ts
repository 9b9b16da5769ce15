import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { platformAbilities } from "../src/engines/platform/probe.ts";
import { CompileError, type EngineName, type Instance, Runtime, type RuntimeOptions, Trap } from "../src/index.ts";

/** The type of the arrays, and all builtin functions. */
const imports = `
  (type $codes (array (mut i16)))
  (import "wasm:js-string" "cast" (func $cast (param externref) (result (ref extern))))
  (import "wasm:js-string" "test" (func $test (param externref) (result i32)))
  (import "wasm:js-string" "fromCharCodeArray" (func $fromCharCodeArray (param (ref null $codes) i32 i32) (result (ref extern))))
  (import "wasm:js-string" "intoCharCodeArray" (func $intoCharCodeArray (param externref (ref null $codes) i32) (result i32)))
  (import "wasm:js-string" "fromCharCode" (func $fromCharCode (param i32) (result (ref extern))))
  (import "wasm:js-string" "fromCodePoint" (func $fromCodePoint (param i32) (result (ref extern))))
  (import "wasm:js-string" "charCodeAt" (func $charCodeAt (param externref i32) (result i32)))
  (import "wasm:js-string" "codePointAt" (func $codePointAt (param externref i32) (result i32)))
  (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
  (import "wasm:js-string" "concat" (func $concat (param externref externref) (result (ref extern))))
  (import "wasm:js-string" "substring" (func $substring (param externref i32 i32) (result (ref extern))))
  (import "wasm:js-string" "equals" (func $equals (param externref externref) (result i32)))
  (import "wasm:js-string" "compare" (func $compare (param externref externref) (result i32)))`;

const names = [...imports.matchAll(/"wasm:js-string" "(\w+)" \(func \$\w+ \(param (.*?)\) \(result (.*?)\)\)\)$/gm)];

/** An exported function for each builtin, which calls it; and some that call them in other ways. */
const guest = `(module ${imports}
  ${names
    .map(([, name, params, result]) => {
      const operands = (params.match(/\(.*?\)|\w+/g) as string[]).map((_, i) => `(local.get ${i})`).join(" ");
      return `(func (export "${name}") (param ${params}) (result ${result}) (call $${name} ${operands}))`;
    })
    .join("\n  ")}
  (func (export "codes") (param i32 i32) (result (ref $codes)) (array.new $codes (local.get 0) (local.get 1)))
  (func (export "tailLength") (param externref) (result i32) (return_call $length (local.get 0)))
  (func (export "tailConcat") (param externref externref) (result externref)
    (return_call $concat (local.get 0) (local.get 1)))
  (table (export "table") 2 funcref)
  (elem (i32.const 0) func $length $concat)
  (elem declare func $compare)
  (type $two (func (param externref externref) (result i32)))
  (func (export "byReference") (param externref externref) (result i32)
    (call_ref $two (local.get 0) (local.get 1) (ref.func $compare)))
  (func (export "byTable") (param externref externref) (result externref)
    (call_indirect (param externref externref) (result (ref extern)) (local.get 0) (local.get 1) (i32.const 1)))
  (export "concatItself" (func $concat))
  (func (export "caught") (param externref i32) (result i32)
    (block $handler
      (try_table (catch_all $handler)
        (drop (call $fromCodePoint (local.get 1)))
        (drop (call $length (local.get 0)))))
    (i32.const 7))
  (func (export "double") (param externref i32) (result externref)
    (loop $again
      (if (local.get 1) (then
        (local.set 0 (call $concat (local.get 0) (local.get 0)))
        (local.set 1 (i32.sub (local.get 1) (i32.const 1)))
        (br $again))))
    (local.get 0))
  (func (export "compareForEver") (param externref)
    (loop $again (drop (call $compare (local.get 0) (local.get 0))) (br $again))))`;

async function instantiate(runtime: Runtime, options: { exactFuel?: boolean } = {}): Promise<Instance> {
  const module = await runtime.compile(guest, { builtins: ["js-string"] });
  assert.deepEqual(module.imports, []);
  return runtime.instantiate(module, undefined, { limits: { fuel: 1n << 40n }, ...options });
}

/** What a call gives, a value or the code of a trap, and the fuel that it costs beyond its block. */
function outcome(instance: Instance, name: string, args: readonly unknown[]): { readonly got: unknown; fuel: number } {
  const before = instance.fuel.consumed;
  let got: unknown;
  try {
    got = instance.exports[name](...args);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    got = error;
  }
  return { got, fuel: Number(instance.fuel.consumed - before) };
}

const text = "abcdefgh".repeat(20);

/** Calls, what they give (of a trap the code), and the units beyond the call's own two, with the operands. */
const calls: readonly (readonly [name: string, args: readonly unknown[], got: unknown, work?: number])[] = [
  ["cast", ["a"], "a"],
  ["cast", [null], "cast-failure"],
  ["cast", [{}], "cast-failure"],
  ["cast", [new String("a")], "cast-failure"],
  ["test", ["a"], 1],
  ["test", [""], 1],
  ["test", [null], 0],
  ["test", [undefined], 0],
  ["test", [5], 0],
  ["length", [text], 160],
  ["length", ["\u{1f600}"], 2],
  ["length", [undefined], "cast-failure"],
  ["fromCharCode", [97], "a"],
  ["fromCharCode", [0xd800], "\ud800"],
  ["fromCharCode", [65536 + 98], "b"],
  ["fromCharCode", [-1], "\uffff"],
  ["fromCodePoint", [0x1f600], "\u{1f600}"],
  ["fromCodePoint", [0xdc00], "\udc00"],
  ["fromCodePoint", [0x110000], "invalid-code-point"],
  ["fromCodePoint", [-1], "invalid-code-point"],
  ["charCodeAt", ["abc", 2], 99],
  ["charCodeAt", ["\u{1f600}", 1], 0xde00],
  ["charCodeAt", ["abc", 3], "out-of-bounds-string"],
  ["charCodeAt", ["abc", -1], "out-of-bounds-string"],
  ["charCodeAt", ["", 0], "out-of-bounds-string"],
  ["charCodeAt", [null, 0], "cast-failure"],
  ["codePointAt", ["\u{1f600}", 0], 0x1f600],
  ["codePointAt", ["\u{1f600}", 1], 0xde00],
  ["codePointAt", ["a", 1], "out-of-bounds-string"],
  ["concat", ["a", "b"], "ab"],
  ["concat", [text, text], text + text, 10],
  ["concat", [text, null], "cast-failure", 5],
  ["concat", [1, text], "cast-failure", 5],
  ["tailConcat", [text, text], text + text, 10],
  ["byTable", [text, text], text + text, 10],
  ["substring", ["abc", 1, 2], "b"],
  ["substring", ["abc", 1, -1], "bc"],
  ["substring", ["abc", 2, 1], ""],
  ["substring", ["abc", 3, 3], ""],
  ["substring", ["abc", 4, 5], ""],
  ["substring", ["abc", -2, -1], ""],
  ["substring", [text, 0, 64], text.slice(0, 64), 2],
  ["substring", [text, 32, 1000], text.slice(32), 4],
  ["substring", [text, 1000, 2000], ""],
  ["substring", [null, 0, 0], "cast-failure"],
  ["equals", ["a", "a"], 1],
  ["equals", ["a", "b"], 0],
  ["equals", [text, text.slice(0, 100) + text.slice(100)], 1, 5],
  ["equals", [text, "a"], 0],
  ["equals", [null, null], 1],
  ["equals", [text, null], 0],
  ["equals", [text, undefined], "cast-failure"],
  ["equals", [undefined, undefined], "cast-failure"],
  ["compare", ["a", "b"], -1],
  ["compare", ["b", "a"], 1],
  ["compare", ["\uffff", "\u{1f600}"], 1],
  ["compare", [text, text], 0, 5],
  ["compare", [null, "a"], "cast-failure"],
  ["byReference", [text, text], 0, 5],
];

/** Scenarios by name; each makes its assertions on the engine of the runtime. */
export const scenarios: Readonly<Record<string, (runtime: Runtime, options: RuntimeOptions) => Promise<void>>> = {
  async "every function gives what JavaScript gives, traps, and costs what its lengths say"(runtime) {
    for (const exactFuel of [false, true]) {
      const instance = await instantiate(runtime, { exactFuel });
      for (const [name, args, expected, work = 0] of calls) {
        const { got, fuel } = outcome(instance, name, args);
        const place = `${name}(${args.map((value) => JSON.stringify(value))})`;
        const isTrap = got instanceof Trap;
        assert.equal(isTrap ? got.code : got, expected, place);
        // A trap that the platform raises by itself leaves its fuel out, unless it was asked to be exact.
        const extra = name.startsWith("by") ? 1 : 0;
        if (!isTrap || exactFuel) assert.equal(fuel, args.length + 2 + work + extra, `${place} fuel`);
        if (isTrap && !name.startsWith("tail")) assert.equal(got.frames.length, 1, `${place} frames`);
      }
    }
  },

  async "arrays of 16-bit elements are copied from and into"(runtime) {
    const instance = await instantiate(runtime);
    const { exports } = instance;
    for (const length of [0, 1, 8, 9, 4095, 4096, 4097, 20_000]) {
      const array = exports.codes(0x2603, length);
      assert.equal(exports.fromCharCodeArray(array, 0, length), "\u2603".repeat(length));
    }
    const array = exports.codes(97, 100);
    assert.deepEqual(outcome(instance, "intoCharCodeArray", [text.slice(0, 64), array, 36]), { got: 64, fuel: 5 + 8 });
    assert.deepEqual(outcome(instance, "fromCharCodeArray", [array, 34, 46]), { got: "aaabcdefghab", fuel: 5 + 1 });
    exports.intoCharCodeArray("\ud83d\ude00\udfff\u0000\uffff", array, 0);
    assert.equal(exports.fromCharCodeArray(array, 0, 5), "\ud83d\ude00\udfff\u0000\uffff");
    assert.equal(exports.intoCharCodeArray("", array, 100), 0);
    const trap = (name: string, ...args: unknown[]): string => (outcome(instance, name, args).got as Trap).code;
    assert.equal(trap("fromCharCodeArray", null, 0, 0), "null-reference");
    assert.equal(trap("fromCharCodeArray", array, 0, 101), "out-of-bounds-array");
    assert.equal(trap("fromCharCodeArray", array, 2, 1), "out-of-bounds-array");
    assert.equal(trap("fromCharCodeArray", array, -1, -1), "out-of-bounds-array");
    assert.equal(trap("intoCharCodeArray", "a", null, 0), "null-reference");
    assert.equal(trap("intoCharCodeArray", 1, null, 0), "cast-failure");
    assert.equal(trap("intoCharCodeArray", "a", array, 100), "out-of-bounds-array");
    assert.equal(trap("intoCharCodeArray", "", array, 101), "out-of-bounds-array");
    assert.equal(trap("intoCharCodeArray", "a", array, -1), "out-of-bounds-array");
  },

  async "a host may call them, and finds them in tables"(runtime) {
    const { exports } = await instantiate(runtime);
    assert.equal(exports.concatItself("a", "b"), "ab");
    assert.equal(exports.table.get(0)("abc"), 3);
    assert.equal(exports.table.get(1)("a", "b"), "ab");
    assert.throws(() => exports.concatItself("a", 1), { code: "cast-failure" });
  },

  async "handlers of the guest do not catch their traps"(runtime) {
    const { exports } = await instantiate(runtime);
    assert.equal(exports.caught("a", 97), 7);
    assert.throws(() => exports.caught(null, 97), { code: "cast-failure" });
    assert.throws(() => exports.caught("a", 0x110000), { code: "invalid-code-point" });
  },

  async "what a program puts in the place of String's methods is not called"(runtime) {
    const { exports } = await instantiate(runtime);
    const array = exports.codes(0, 3);
    // Functions are translated when they are first called, with the methods that are about to be replaced.
    exports.charCodeAt("abc", 1);
    exports.intoCharCodeArray("abc", array, 0);
    const { charCodeAt } = String.prototype;
    String.prototype.charCodeAt = () => assert.fail("called");
    try {
      assert.equal(exports.charCodeAt("abc", 1), 98);
      assert.equal(exports.intoCharCodeArray("abc", array, 0), 3);
    } finally {
      String.prototype.charCodeAt = charCodeAt;
    }
  },

  async "a string that would be too long is a trap, and building it is paid for"(runtime) {
    const instance = await instantiate(runtime);
    const { got, fuel } = outcome(instance, "double", ["0123456789abcdef", 60]);
    assert.equal((got as Trap).code, "allocation-size-too-large");
    // Of sixteen code units, twenty-four doublings are 2^28, which is too long: the last one is paid for as well.
    assert.equal(fuel >= (16 * 2 ** 25 - 32) / 32, true, String(fuel));
  },

  async "their work counts against the fuel"(runtime) {
    const instance = await instantiate(runtime);
    const long = "ab".repeat(50_000);
    instance.fuel.remaining = 1_000_000n;
    const { got, fuel } = outcome(instance, "compareForEver", [long]);
    assert.equal((got as Trap).code, "fuel-exhausted");
    // A turn of the loop: two operands, call, drop, branch; the function; and its work.
    const turn = 5 + 1 + 100_000 / 32;
    assert.equal(fuel, 320 * turn, String(fuel));
  },

  async "another instance that imports one pays for it"(runtime) {
    const { exports } = await instantiate(runtime);
    const module = await runtime.compile(`(module
      (import "other" "concat" (func $concat (param externref externref) (result (ref extern))))
      (func (export "f") (param externref externref) (result externref) (call $concat (local.get 0) (local.get 1))))`);
    const other = await runtime.instantiate(module, { other: { concat: exports.concatItself } });
    assert.deepEqual(outcome(other, "f", [text, text]), { got: text + text, fuel: 14 });
    assert.equal((outcome(other, "f", [text, 5]).got as Trap).code, "cast-failure");
  },

  async "globals are string constants"(runtime) {
    const module = await runtime.compile(
      `(module
        (import "'" "a \\f0\\9f\\98\\80" (global $a (ref extern)))
        (import "'" "" (global $empty externref))
        (import "'" "__proto__" (global $proto externref))
        (import "'" "a \\f0\\9f\\98\\80" (global $again externref))
        (import "x" "f" (func $f (result externref)))
        (global (export "copy") externref (global.get $a))
        (export "empty" (global $empty))
        (func (export "get") (result externref externref externref) (global.get $again) (global.get $proto) (call $f)))`,
      { importedStringConstants: "'" },
    );
    assert.deepEqual(module.imports, [{ module: "x", name: "f", kind: "function" }]);
    const { exports } = await runtime.instantiate(module, { x: { f: () => "host" } });
    assert.equal(exports.copy.value, "a \u{1f600}");
    assert.equal(exports.empty.value, "");
    assert.deepEqual(exports.get(), ["a \u{1f600}", "__proto__", "host"]);
  },

  async "imports of other types are refused"(runtime) {
    const options = { builtins: ["js-string"], importedStringConstants: "'" };
    const bad = [
      `(import "wasm:js-string" "length" (func (param externref) (result i64)))`,
      `(import "wasm:js-string" "length" (func))`,
      `(import "wasm:js-string" "length" (global i32))`,
      `(import "wasm:js-string" "cast" (func (param externref) (result externref)))`,
      `(type $t (sub (func (param externref) (result i32)))) (import "wasm:js-string" "length" (func (type $t)))`,
      `(rec (type $t (func (param externref) (result i32))) (type (struct))) (import "wasm:js-string" "length" (func (type $t)))`,
      `(type $a (array i16)) (import "wasm:js-string" "fromCharCodeArray" (func (param (ref null $a) i32 i32) (result (ref extern))))`,
      `(import "'" "x" (global (mut externref)))`,
      `(import "'" "x" (global i32))`,
      `(import "'" "x" (global anyref))`,
      `(import "'" "x" (func))`,
    ];
    for (const declaration of bad) {
      const source = `(module ${declaration})`;
      assert.equal(runtime.validate(source, options), false, declaration);
      assert.equal(runtime.validate(source), true, declaration);
      await assert.rejects(() => runtime.compile(source, options), CompileError);
    }
    // A name that is no builtin's, and a module name that was not asked for, are ordinary imports.
    const module = await runtime.compile(
      `(module (import "wasm:js-string" "split" (func)) (import "wasm:js-string" "length" (func $l (param externref) (result i32)))
        (func (export "f") (result i32) (call $l (ref.null extern))))`,
    );
    assert.equal(module.imports.length, 2);
    const host = { "wasm:js-string": { split() {}, length: () => 5 } };
    assert.equal((await runtime.instantiate(module, host)).exports.f(), 5);
    await assert.rejects(() => runtime.compile("(module)", { builtins: ["js-strings"] }), /unknown set of builtins/);
    await assert.rejects(() => runtime.compile("(module)", { builtins: ["js-string", "js-string"] }), /twice/);
  },
};

/** Runs all on an engine. @returns what failed */
export async function runScenarios(engine: EngineName): Promise<string[]> {
  const failures: string[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      await scenario(new Runtime({ engine }), { engine });
    } catch (error) {
      failures.push(`${engine}: ${name}: ${(error as Error).stack}`);
    }
  }
  return failures;
}

// As a program: for a newer Node, whose WebAssembly has them. With the argument "ours" it is used as if it had not.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const abilities = platformAbilities();
  assert.equal(typeof abilities === "object" && abilities.stringBuiltins && abilities.stringConstants, true);
  if (process.argv[2] === "ours") Object.assign(abilities, { stringBuiltins: false, stringConstants: false });
  console.log(JSON.stringify(await runScenarios("platform")));
}

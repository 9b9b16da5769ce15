import { fileURLToPath } from "node:url";
import {
  type EngineName,
  Exception,
  type ImportObject,
  type Instance,
  jsTag,
  LinkError,
  Memory,
  type MemoryDescriptor,
  Runtime,
  Tag,
  Trap,
} from "../src/index.ts";

/** What instances share and how they call each other: each scenario gives the same on every engine that holds its modules. */

export type Make = (text: string, imports?: ImportObject) => Instance;

export interface Scenario {
  readonly run: (first: Make, second: Make) => unknown;
  readonly expected: unknown;
  /** Runs on pairs of different engines too. */
  readonly mixed?: boolean;
  /** It ends where JavaScript's stack ends, so that engines consume different amounts of fuel. */
  readonly fillsStack?: boolean;
  readonly limits?: ConstructorParameters<typeof Runtime>[0];
}

const SUBTYPES = `(type $super (sub (func (param i32) (result i32))))
  (type $sub (sub $super (func (param i32) (result i32))))`;
const GROUP = `(rec ${SUBTYPES})`;

/** A guest function and a host function, both of the type `$sub`, given out in every way. */
const givesSubtypes = (types: string): string => `(module ${types}
  (import "h" "host" (func $host (type $sub)))
  (func $f (export "f") (type $sub) (local.get 0))
  (export "host" (func $host))
  (global (export "g") funcref (ref.func $f))
  (func (export "get") (result funcref) (ref.func $f))
  (func (export "getHost") (result funcref) (ref.func $host))
  (elem declare func $host))`;

/** Imports both functions as `$super`. */
const takesSubtypes = (types: string): string => `(module ${types}
  (import "A" "f" (func $f (type $super)))
  (import "A" "host" (func $host (type $super)))
  (import "A" "g" (global $g funcref))
  (import "A" "get" (func $get (result funcref)))
  (import "A" "getHost" (func $getHost (result funcref)))
  (export "f" (func $f)) (export "host" (func $host)) (export "g" (global $g)) (export "get" (func $get))
  (export "getHost" (func $getHost))
  (table $own (export "own") 6 6 funcref)
  (table $initial 1 1 funcref (ref.func $f))
  (elem (table $own) (i32.const 0) func $f $host)
  (elem (table $own) (i32.const 2) funcref (ref.func $host))
  (elem $passive func $f)
  (elem declare func $f $host)
  (func (export "direct") (result i32) (i32.add (call $f (i32.const 1)) (call $host (i32.const 2))))
  (func (export "indirect") (param i32) (result i32) (call_indirect $own (type $sub) (i32.const 7) (local.get 0)))
  (func (export "asSuper") (param i32) (result i32) (call_indirect $own (type $super) (i32.const 7) (local.get 0)))
  (func (export "initial") (result i32) (call_indirect $initial (type $sub) (i32.const 7) (i32.const 0)))
  (func (export "fill") (table.set $own (i32.const 3) (ref.func $host))
    (table.init $own $passive (i32.const 4) (i32.const 0) (i32.const 1)))
  (func (export "test") (param funcref) (result i32) (ref.test (ref $sub) (local.get 0)))
  (func (export "tests") (result i32 i32 i32 i32 i32)
    (ref.test (ref $sub) (ref.func $f)) (ref.test (ref $sub) (ref.func $host)) (ref.test (ref $sub) (global.get $g))
    (ref.test (ref $sub) (call $get)) (ref.test (ref $sub) (call $getHost)))
  (func (export "cast") (result i32)
    (i32.add
      (call_ref $sub (i32.const 8) (ref.cast (ref $sub) (ref.func $f)))
      (call_ref $sub (i32.const 8) (ref.cast (ref $sub) (ref.func $host)))))
  (func (export "reference") (result funcref) (ref.func $f))
  (func (export "same") (param funcref) (result funcref) (local.get 0)))`;

function subtypes(types: string, first: Make, second: Make): unknown {
  const a = first(givesSubtypes(types), { h: { host: (x: number) => x + 100 } });
  const answers = (given: Instance, b: Instance): unknown => {
    const { exports } = b;
    exports.fill();
    return {
      calls: [exports.direct(), exports.initial(), exports.asSuper(0), exports.cast()],
      indirect: [0, 1, 2, 3, 4].map((place) => exports.indirect(place)),
      tests: [...exports.tests(), exports.test(given.exports.f), exports.test(given.exports.host)],
      identities: [
        exports.f === a.exports.f,
        exports.reference() === a.exports.f,
        exports.own.get(0) === a.exports.f,
        exports.own.get(1) === a.exports.host,
        exports.own.get(3) === a.exports.host,
        exports.same(a.exports.f) === a.exports.f,
        exports.g.value === a.exports.f,
      ],
    };
  };
  const b = second(takesSubtypes(types), { A: a.exports });
  // A third module gets them from the second.
  const c = second(takesSubtypes(types), { A: b.exports });
  return [answers(a, b), answers(b, c)];
}

const subtypesExpected = {
  calls: [103, 7, 7, 116],
  indirect: [7, 107, 107, 107, 7],
  tests: [1, 1, 1, 1, 1, 1, 1],
  identities: new Array(7).fill(true),
};

/** Calls through tables, references and imports, which leave no depth behind. */
const deepCallee = `(module
  (type $t (func (param i32) (result i32)))
  (table (export "t") 2 2 funcref)
  (elem (i32.const 0) $f $tail)
  (func $bottom (param i32) (result i32) (loop (br_if 0 (i32.const 0))) (local.get 0))
  (func $middle (param i32) (result i32) (call $bottom (local.get 0)))
  (func $upper (param i32) (result i32) (i32.add (call $middle (local.get 0)) (i32.const 1)))
  (func $f (export "f") (type $t) (i32.add (call $upper (local.get 0)) (i32.const 1)))
  (func $tail (type $t) (return_call_indirect (type $t) (local.get 0) (i32.const 0))))`;
const loopCall = (call: string): string => `(func $${call} (export "${call}") (param $n i32) (result i32)
  (local $sum i32)
  (loop
    (local.set $sum (i32.add (local.get $sum) (call $do_${call})))
    (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (local.get $sum))`;
const deepCaller = `(module
  (type $t (func (param i32) (result i32)))
  (import "A" "t" (table 2 2 funcref))
  (import "A" "f" (func $f (type $t)))
  (func $do_table (result i32) (call_indirect (type $t) (i32.const 1) (i32.const 0)))
  (func $do_tail (result i32) (call_indirect (type $t) (i32.const 1) (i32.const 1)))
  (func $do_direct (result i32) (call $f (i32.const 1)))
  (func $do_directTail (result i32) (return_call $f (i32.const 1)))
  ${["table", "tail", "direct", "directTail"].map(loopCall).join("\n")})`;

/** Two instances that call each other by tail calls, through an import one way and through a table the other. */
const firstHop = `(module
  (type $t (func (param i32) (result i32)))
  (table (export "t") 1 1 funcref)
  (func $f (export "f") (type $t)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 42))
      (else (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))))`;
const secondHop = `(module
  (type $t (func (param i32) (result i32)))
  (import "A" "t" (table $t 1 1 funcref))
  (import "A" "f" (func $f (type $t)))
  (table $private 1 1 funcref)
  (elem (table $private) (i32.const 0) func $f)
  (func $next (type $t) (return_call $f (local.get 0)))
  (func $g (export "g") (type $t) (return_call $next (local.get 0)))
  (func $h (export "h") (type $t) (return_call_indirect $private (type $t) (local.get 0) (i32.const 0)))
  (func (export "use") (param i32) (table.set $t (i32.const 0) (if (result funcref) (local.get 0) (then (ref.func $h)) (else (ref.func $g)))))
  (elem declare func $g $h))`;

/** Recursion through a host function, through an argument's `valueOf` and by itself; the guest tries to catch what ends it. */
const recursive = `(module
  (import "h" "again" (func $again (param i32) (result i32)))
  (import "h" "leaf" (func $leaf))
  (import "h" "js" (tag $js (param externref)))
  (global $caught (export "caught") (mut i32) (i32.const 0))
  (func $note (global.set $caught (i32.add (global.get $caught) (i32.const 1))))
  (func (export "plain") (param i32) (result i32) (i32.add (call $again (local.get 0)) (i32.const 1)))
  (func (export "all") (param i32) (result i32)
    (try (result i32)
      (do (i32.add (call $again (local.get 0)) (i32.const 1)))
      (catch_all (call $note) (i32.const 0))))
  (func (export "js") (param i32) (result i32)
    (try (result i32)
      (do (i32.add (call $again (local.get 0)) (i32.const 1)))
      (catch $js (drop) (call $note) (i32.const 0))))
  (func $own (export "own") (param i32) (result i32)
    (try (do (call $leaf)) (catch_all (call $note)))
    (i32.add (call $own (local.get 0)) (i32.const 1)))
  (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))`;

/** What a call throws, in words. */
function thrownBy(call: () => unknown): string {
  try {
    return `returned ${call()}`;
  } catch (error) {
    return error instanceof Trap ? error.code : `${error}`;
  }
}

/** Calls with `frames` frames of `width` further arguments below. */
function below<T>(frames: number, width: number, call: () => T): T {
  const descend = (left: number, ..._rest: readonly number[]): T =>
    left === 0 ? call() : descend(left - 1, ...new Array(width).fill(0));
  return descend(frames);
}

/** Ends the stack at many different places. @returns what was thrown there, each once */
function atManyEnds(call: () => unknown): string[] {
  const seen = new Set<string>();
  for (let end = 0; end < 9; end++) seen.add(below(end, end % 7, () => thrownBy(call)));
  return [...seen];
}

const callsOther = `(module
  (import "o" "f" (func $f (param i32) (result i32)))
  (import "h" "leaf" (func $leaf))
  (table (export "t") 1 1 funcref)
  (type $t (func (param i32) (result i32)))
  (func (export "g") (param i32) (result i32)
    (call $leaf)
    (i32.add (i32.const 1) (call_indirect (type $t) (call $f (local.get 0)) (i32.const 0)))))`;

/** What a host function throws, caught in the guest in every way. */
const catching = `(module
  (import "h" "js" (tag $js (param externref)))
  (import "h" "own" (tag $own (param i32)))
  (import "h" "throws" (func $throws (param i32)))
  (func (export "js") (param i32) (result externref)
    (try (result externref) (do (call $throws (local.get 0)) (ref.null extern)) (catch $js)))
  (func (export "own") (param i32) (result i32)
    (try (result i32) (do (call $throws (local.get 0)) (i32.const 0)) (catch $own)))
  (func (export "all") (param i32) (result i32)
    (try (result i32) (do (call $throws (local.get 0)) (i32.const 0)) (catch_all (i32.const 1))))
  (func (export "again") (param i32)
    (try (do (call $throws (local.get 0))) (catch $js (drop) (rethrow 0)) (catch $own (drop) (rethrow 0))))
  (func (export "throw") (param externref) (throw $js (local.get 0))))`;

/** Hands on what it calls, and catches nothing. */
const between = `(module
  (import "o" "throws" (func $throws (param i32)))
  (func (export "throws") (param i32) (call $throws (local.get 0))))`;

/** Reads, writes and grows a memory of a host, also between and around calls of the host and of another instance. */
const usesMemory = (type: string, address: "i32" | "i64"): string => `(module
  (import "e" "m" (memory ${type}))
  (import "h" "between" (func $between))
  (func (export "store") (param ${address} i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "load") (param ${address}) (result i32) (i32.load8_u (local.get 0)))
  (func (export "size") (result ${address}) (memory.size))
  (func (export "grow") (param ${address}) (result ${address}) (memory.grow (local.get 0)))
  (func (export "around") (param ${address}) (result i32)
    (i32.store8 (${address}.const 1) (i32.const 5))
    (call $between)
    (i32.store8 (local.get 0) (i32.add (i32.const 1) (i32.load8_u (${address}.const 1))))
    (i32.load8_u (local.get 0))))`;

/** What two instances and their host see of one memory, whose buffer the host has read before the instances were made. */
function sharesMemory(first: Make, second: Make, descriptor: MemoryDescriptor): unknown {
  const { initial, maximum = "", shared = false, address = "i32" } = descriptor;
  const index = (at: number): number | bigint => (address === "i64" ? BigInt(at) : at);
  const text = usesMemory(`${address === "i64" ? "i64 " : ""}${initial} ${maximum} ${shared ? "shared" : ""}`, address);
  const memory = new Memory(descriptor);
  const log: unknown[] = [];
  let buffer = memory.buffer;
  let bytes = new Uint8Array(buffer);
  const grown = (): void => {
    buffer = memory.buffer;
    log.push(memory.pages, memory.buffer === buffer, buffer.byteLength === memory.pages * 65536);
    bytes = new Uint8Array(buffer);
  };
  bytes[5] = 9;
  let between = (): void => {};
  const imports = { e: { m: memory }, h: { between: () => between() } };
  const instances = [first(text, imports), second(text, imports), first(text, imports)];
  /** Each writes to its own byte of the last page, and all must see it. */
  const check = (): void => {
    const last = (memory.pages - 1) * 65536;
    instances.forEach(({ exports }, i) => {
      exports.store(index(last + i), 42 + i);
      bytes[last + 10 + i] = 52 + i;
    });
    const seen = instances.map(({ exports }, i) => [
      ...instances.flatMap((_, j) => [exports.load(index(last + j)), exports.load(index(last + 10 + j))]),
      bytes[last + i],
      memory.bytes[last + i],
      memory.view.getUint8(last + i),
      Number(exports.size()),
      exports.load(index(5)),
    ]);
    const all = [42, 52, 43, 53, 44, 54];
    instances.forEach((_, i) => {
      const expected = [...all, 42 + i, 42 + i, 42 + i, memory.pages, 9];
      if (String(seen[i]) !== String(expected)) log.push(`instance ${i} sees ${seen[i]}, not ${expected}`);
    });
    if (memory.buffer !== buffer) log.push("the memory has another buffer");
  };
  check();
  if (Number(maximum) === initial) return log;
  for (const { exports } of instances) {
    log.push(Number(exports.grow(index(1))));
    grown();
    check();
  }
  log.push(Number(memory.grow(index(1))));
  grown();
  check();
  // An instance goes on with what another one, or the host, has made of the memory meanwhile.
  for (const { exports } of instances)
    for (const grow of [...instances.map((other) => other.exports.grow), (by: number | bigint) => memory.grow(by)]) {
      const last = memory.pages * 65536;
      between = () => {
        grow(index(1));
        grown();
        bytes[1] = 7;
      };
      log.push(exports.around(index(last + 3)), bytes[last + 3], bytes[1]);
      check();
    }
  log.push(Number(instances[0].exports.grow(index(100))), Number(instances[1].exports.grow(index(100))));
  check();
  return log;
}

/** What {@link sharesMemory} gives for a memory that may grow. */
const sharedGrowth: readonly unknown[] = [
  ...[1, 2, 3, 4].flatMap((pages) => [pages, pages + 1, true, true]),
  ...Array.from({ length: 12 }, (_, i) => [6 + i, true, true, 8, 8, 7]).flat(),
  -1,
  -1,
];

export const scenarios: Readonly<Record<string, Scenario>> = {
  "functions keep their run-time types through imports": {
    mixed: true,
    run: (first, second) => subtypes(SUBTYPES, first, second),
    expected: [subtypesExpected, subtypesExpected],
  },
  "types of equal recursion groups are equal": {
    run: (first, second) => subtypes(GROUP, first, second),
    expected: [subtypesExpected, subtypesExpected],
  },
  "calls of another instance leave no depth behind": {
    limits: { limits: { callDepth: 20, fuel: 1_000_000n } },
    run(first, second) {
      const a = first(deepCallee);
      const { exports } = second(deepCaller, { A: a.exports });
      return ["table", "tail", "direct", "directTail"].map((name) => exports[name](100));
    },
    expected: [300, 300, 300, 300],
  },
  "tail calls between instances stay in one frame": {
    run(first, second) {
      const a = first(firstHop);
      const b = second(secondHop, { A: a.exports });
      return [0, 1].map((way) => {
        b.exports.use(way);
        return [b.exports.g(20_001), b.exports.h(20_001), a.exports.f(20_000)];
      });
    },
    expected: [
      [42, 42, 42],
      [42, 42, 42],
    ],
  },
  "a memory of the host keeps the buffer that the host has read, and all see what is written and grown": {
    mixed: true,
    run: (first, second) => sharesMemory(first, second, { initial: 1, maximum: 20 }),
    expected: sharedGrowth,
  },
  "so does one that only the limit on memory holds": {
    mixed: true,
    limits: { limits: { memory: 20 * 65536 } },
    run: (first, second) => sharesMemory(first, second, { initial: 1 }),
    expected: sharedGrowth,
  },
  "so does one with 64-bit addresses": {
    mixed: true,
    run: (first, second) => sharesMemory(first, second, { initial: 1, maximum: 20, address: "i64" }),
    expected: sharedGrowth,
  },
  "so does a shared one of a fixed size": {
    mixed: true,
    run: (first, second) => sharesMemory(first, second, { initial: 2, maximum: 2, shared: true }),
    expected: [],
  },
  "a memory of the host that a guest has grown keeps the buffer that the host has read since": {
    mixed: true,
    run(first, second) {
      const memory = new Memory({ initial: 1 });
      const imports = { e: { m: memory }, h: { between() {} } };
      const text = usesMemory("1", "i32");
      const a = first(text, imports);
      const results: unknown[] = [];
      for (let i = 1; i < 4; i++) {
        a.exports.grow(1);
        const { buffer } = memory;
        const bytes = new Uint8Array(buffer);
        bytes[i] = 10 + i;
        results.push(a.exports.load(i));
        const b = second(text, imports);
        b.exports.store(100, i);
        results.push([memory.buffer === buffer, bytes[100], a.exports.load(i), b.exports.load(i)]);
        const last = b.exports.grow(1) * 65536;
        b.exports.store(last, 20 + i);
        results.push([a.exports.load(i), a.exports.load(last), memory.bytes[last]]);
      }
      return results;
    },
    expected: [1, 2, 3].flatMap((i) => [10 + i, [true, i, 10 + i, 10 + i], [10 + i, 20 + i, 20 + i]]),
  },
  "a recursion through the host ends in a trap wherever the stack ends": {
    fillsStack: true,
    run(first) {
      let name = "plain";
      const instance: Instance = first(recursive, {
        h: { again: (x: unknown) => instance.exports[name](x), leaf() {}, js: jsTag() },
      });
      const { exports } = instance;
      const results: unknown[] = ["plain", "all", "js", "own"].map((each) => {
        name = each;
        return [...atManyEnds(() => exports[each](1)), exports.double(21), exports.caught.value];
      });
      name = "plain";
      const argument = { valueOf: (): unknown => exports.plain(argument) };
      results.push([...atManyEnds(() => exports.plain(argument)), exports.double(21)]);
      return results;
    },
    expected: [
      ["call-stack-exhausted", 42, 0],
      ["call-stack-exhausted", 42, 0],
      ["call-stack-exhausted", 42, 0],
      ["call-stack-exhausted", 42, 0],
      ["call-stack-exhausted", 42],
    ],
  },
  "a recursion between instances ends in a trap wherever the stack ends": {
    fillsStack: true,
    run(first, second) {
      const a = first('(module (func (export "f") (param i32) (result i32) (local.get 0)))');
      const b = second(callsOther, { o: a.exports, h: { leaf() {} } });
      const c = second(callsOther, { o: b.exports.g === undefined ? {} : { f: b.exports.g }, h: { leaf() {} } });
      b.exports.t.set(0, c.exports.g);
      c.exports.t.set(0, b.exports.g);
      return [atManyEnds(() => c.exports.g(1)), atManyEnds(() => b.exports.g(1)), a.exports.f(7)];
    },
    expected: [["call-stack-exhausted"], ["call-stack-exhausted"], 7],
  },
  "what a host function throws is caught by its tag, and traps are not": {
    run(first, second) {
      const own = new Tag({ parameters: ["i32"] });
      const error = new Error("no");
      const exception = new Exception(own, [7]);
      const thrown = [error, exception, new Trap("aborted"), 5];
      const throws = (which: number): never => {
        throw thrown[which];
      };
      const middle = first(between, { o: { throws } });
      const { exports } = second(catching, { h: { js: jsTag(), own, throws: middle.exports.throws } });
      const same = (which: number): boolean => {
        try {
          exports.again(which);
        } catch (caught) {
          return caught === thrown[which];
        }
        return false;
      };
      return [
        [exports.js(0) === error, exports.js(3), exports.own(1), exports.all(0), exports.all(1), exports.all(3)],
        [same(0), same(1), same(2), same(3)],
        ["js", "own", "all"].map((name) => thrownBy(() => exports[name](2))),
        [thrownBy(() => exports.own(0)), thrownBy(() => exports.throw(error))],
      ];
    },
    expected: [
      [true, 5, 7, 1, 1, 1],
      [true, true, true, true],
      ["aborted", "aborted", "aborted"],
      ["Error: no", "Error: no"],
    ],
  },
};

export interface Outcome {
  readonly value: unknown;
  /** What each instance consumed, in the order in which they were made; nothing for a scenario that fills the stack. */
  readonly fuel: readonly string[];
}

/** What a scenario gives on two engines; undefined when they cannot hold its modules. */
export function outcome(
  { run, limits, fillsStack }: Scenario,
  first: EngineName,
  second: EngineName,
): Outcome | undefined {
  const made: Instance[] = [];
  const maker = (engine: EngineName): Make => {
    const runtime = new Runtime({ ...limits, engine, features: { threads: true } });
    return (text, imports) => {
      const instance = runtime.instantiateSync(runtime.compileSync(text), imports);
      made.push(instance);
      return instance;
    };
  };
  const fuel = (): string[] => (fillsStack === true ? [] : made.map((instance) => String(instance.fuel.consumed)));
  try {
    return { value: run(maker(first), maker(second)), fuel: fuel() };
  } catch (error) {
    if (error instanceof LinkError && /no engine can hold/.test(error.message)) return undefined;
    return { value: error instanceof Trap ? `Trap ${error.code}` : `${error}`, fuel: fuel() };
  }
}

/** The pairs of engines that a scenario runs on. */
export function pairs({ mixed }: Scenario): (readonly [EngineName, EngineName])[] {
  const engines: readonly EngineName[] = ["interpreter", "compiler", "platform"];
  return engines.flatMap((first) =>
    engines.filter((second) => mixed === true || second === first).map((second) => [first, second] as const),
  );
}

// As a program: for a newer Node, which runs TypeScript as it is. Prints what each scenario gives on each pair.
if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(
    JSON.stringify(
      Object.values(scenarios).map((scenario) =>
        pairs(scenario).map(([first, second]) => outcome(scenario, first, second)),
      ),
    ),
  );

import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type EngineName, Runtime, StructRef } from "../src/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** How many of these are still there when the collector has run. */
export async function alive(references: readonly WeakRef<object>[]): Promise<number> {
  let count = references.length;
  // Weak references hold what they refer to until the job that made them has ended.
  for (let i = 0; i < 20 && count > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collectGarbage();
    count = references.filter((reference) => reference.deref() !== undefined).length;
  }
  return count;
}

const guest = `(module
  (import "h" "later" (func $later (param anyref)))
  (import "h" "fail" (func $fail (param anyref)))
  (import "h" "make" (func $make (result externref)))
  (tag $e (param anyref))
  (type $box (struct (field $value (mut externref)) (field $next (mut anyref))))
  (global $kept (mut anyref) (ref.null any))
  (table $table 4 anyref)
  (func (export "box") (param externref) (result (ref $box)) (struct.new $box (local.get 0) (ref.null any)))
  (func (export "link") (param (ref $box) anyref) (struct.set $box $next (local.get 0) (local.get 1)))
  (func (export "keep") (param anyref) (global.set $kept (local.get 0)) (table.set $table (i32.const 1) (local.get 0)))
  ;; Leaves references in many registers, in many frames, before it ends in one way or another.
  (func $deep (export "deep") (param $depth i32) (param $value externref) (param $how i32)
    (local $a (ref null $box)) (local $b anyref)
    (local.set $a (struct.new $box (local.get $value) (ref.null any)))
    (local.set $b (local.get $a))
    (struct.set $box $next (local.get $a) (local.get $b))
    (if (local.get $depth)
      (then (call $deep (i32.sub (local.get $depth) (i32.const 1)) (local.get $value) (local.get $how)))
      (else
        (if (i32.eq (local.get $how) (i32.const 1)) (then unreachable))
        (if (i32.eq (local.get $how) (i32.const 2)) (then (throw $e (local.get $b))))
        (if (i32.eq (local.get $how) (i32.const 3)) (then (call $fail (local.get $b))))
        (if (i32.eq (local.get $how) (i32.const 4)) (then (loop $spin (br $spin))))
        (if (i32.eq (local.get $how) (i32.const 5)) (then (call $later (local.get $b)))))))
  ;; Calls and drops, so that a frame above has held what this one does not hold any longer.
  (func (export "sleep") (local $value externref)
    (local.set $value (call $make))
    (call $deep (i32.const 20) (local.get $value) (i32.const 0)) (local.set $value (ref.null extern))
    (call $later (ref.null any))))`;

/** What the collector must be able to free. Each returns how many objects stayed that should not have. */
export const scenarios: Readonly<Record<string, (engine: EngineName) => Promise<number>>> = {
  async "structures in cycles with each other and with objects of the host"(engine) {
    const { exports } = instantiate(engine);
    return alive(
      many(() => {
        const host: { box?: StructRef } = {};
        const box = exports.box(host);
        const other = exports.box(box);
        exports.link(box, other);
        exports.link(other, box);
        host.box = box;
        return [host, box, other];
      }),
    );
  },

  async "structures that the host made, in cycles too"(engine) {
    const { exports, module } = instantiate(engine);
    const type = module.type("box");
    return alive(
      many(() => {
        const host: { box?: StructRef } = {};
        const box = new StructRef(type, [host, null]);
        box.set(1, box);
        host.box = box;
        exports.keep(box);
        exports.keep(null);
        return [host, box];
      }),
    );
  },

  async "what calls held that returned, trapped, threw or were stopped"(engine) {
    const { exports, fuel } = instantiate(engine);
    const references = [0, 1, 2, 3, 4].flatMap((how) =>
      many(() => {
        const value = {};
        fuel.add(10_000n);
        try {
          exports.deep(20, value, how);
        } catch {
          // That it ends is the point, and in how many ways.
        }
        return [value];
      }),
    );
    return alive(references);
  },

  async "what suspended calls no longer hold, and what finished and aborted ones held"(engine) {
    const waiting: (() => void)[] = [];
    const made: object[] = [];
    const instance = instantiate(engine, () => new Promise<void>((resolve) => waiting.push(resolve)), made);
    if (!instance.canSuspend) return 0;
    const calls: Promise<unknown>[] = [];
    // Suspended now, and for a while: nothing but what their live registers hold may stay.
    for (let i = 0; i < 50; i++) calls.push(instance.async.exports.sleep());
    const controllers: AbortController[] = [];
    const aborted = many(() => {
      const value = {};
      const controller = new AbortController();
      controllers.push(controller);
      calls.push(instance.async.call("deep", [20, value, 5], { signal: controller.signal }).catch(() => undefined));
      return [value];
    });
    while (waiting.length < 100) await new Promise((resolve) => setTimeout(resolve, 1));
    const dropped = made.splice(0).map((object) => new WeakRef(object));
    for (const controller of controllers) controller.abort();
    const asleep = await alive(dropped);
    const stopped = await alive(aborted);
    for (const resolve of waiting) resolve();
    await Promise.all(calls);
    return asleep + stopped;
  },

  async "modules and instances whose structures nobody holds"(engine) {
    const references = Array.from({ length: 20 }, () => {
      const instance = instantiate(engine);
      instance.exports.keep(instance.exports.box(instance));
      return new WeakRef(instance);
    });
    // The interpreter holds the instance that ran last until another runs.
    instantiate(engine).exports.box(null);
    return alive(references);
  },
};

function many(make: () => object[]): WeakRef<object>[] {
  return Array.from({ length: 50 }, () => make().map((object) => new WeakRef(object))).flat();
}

/** @param made where the host keeps what it made for the guest */
function instantiate(engine: EngineName, later: () => unknown = () => undefined, made: object[] = []) {
  const runtime = new Runtime({ engine, limits: { fuel: 1_000_000n } });
  const fail = (): never => {
    throw new Error("of the host");
  };
  const make = (): object => {
    const object = {};
    made.push(object);
    return object;
  };
  return runtime.instantiateSync(runtime.compileSync(guest), { h: { later, fail, make } });
}

// As a program: for a newer Node, which runs TypeScript as it is.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stayed: Record<string, number> = {};
  for (const [name, scenario] of Object.entries(scenarios)) stayed[name] = await scenario("platform");
  console.log(JSON.stringify(stayed));
}

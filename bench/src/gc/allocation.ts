import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type EngineName, Runtime, Trap } from "@wardian/runtime";

const FUEL = 300_000n;

/** A guest that keeps all it makes, as fast as it can: a list of structures. `fields` stand beside the link, which `make` leaves null. */
const list = (fields: string): string => `(module
  (type $t (struct (field $next (mut (ref null $t))) ${fields}))
  (global $keep (mut (ref null $t)) (ref.null $t))
  (func (export "run") (local $made (ref null $t))
    (loop $again
      (local.set $made (struct.new_default $t))
      (struct.set $t $next (local.get $made) (global.get $keep))
      (global.set $keep (local.get $made))
      (br $again))))`;

/** The same with an array in each. */
const arrays = (element: string, length: number): string => `(module
  (type $a (array (mut ${element})))
  (type $t (struct (field (ref null $t)) (field (ref $a))))
  (global $keep (mut (ref null $t)) (ref.null $t))
  (func (export "run")
    (loop $again
      (global.set $keep (struct.new $t (global.get $keep) (array.new_default $a (i32.const ${length}))))
      (br $again))))`;

/** Exceptions, which the list keeps by reference. */
const exceptions = `(module
  (tag $tag)
  (type $t (struct (field (ref null $t)) (field exnref)))
  (global $keep (mut (ref null $t)) (ref.null $t))
  (func (export "run")
    (loop $again
      (global.set $keep (struct.new $t (global.get $keep)
        (block $caught (result exnref) (try_table (catch_all_ref $caught) (throw $tag)) (unreachable))))
      (br $again))))`;

const guests: readonly (readonly [name: string, source: string])[] = [
  ["structures of one field", list("")],
  ["structures of seven fields", list("(field v128)".repeat(6))],
  ["structures of 8,000 fields", list("(field v128)".repeat(7999))],
  ["arrays of no elements", arrays("i8", 0)],
  ["arrays of seven vectors", arrays("v128", 7)],
  ["arrays of 1,000 vectors", arrays("v128", 1000)],
  ["exceptions", exceptions],
];

/** Bytes of heap and buffers that a guest can hold for each unit of fuel, by what it makes. */
export function bytesOfAUnit(engines: readonly EngineName[]): (string | number)[][] {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = (): number => {
    collect();
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const measure = (engine: EngineName, source: string): number => {
    const runtime = new Runtime({ engine });
    const module = runtime.compileSync(source);
    const make = () => runtime.instantiateSync(module, {}, { limits: { fuel: FUEL } });
    const run = (instance: ReturnType<typeof make>): void => {
      try {
        instance.exports.run();
      } catch (error) {
        if (!(error instanceof Trap && error.code === "fuel-exhausted")) throw error;
      }
    };
    // What an engine makes once is not the guest's.
    run(make());
    const instance = make();
    const before = used();
    run(instance);
    const after = used();
    if (instance.fuel.remaining !== 0n) throw new Error("there is fuel left");
    return (after - before) / Number(FUEL);
  };
  return guests.map(([name, source]) => [name, ...engines.map((engine) => measure(engine, source))]);
}

import { describe, expect, it } from "vitest";
import { type OptionNames, readOptions, useSuggestions } from "./options.ts";

interface Sample {
  readonly fuel?: bigint;
  readonly memory?: number;
  readonly timeout?: number;
}

const names: OptionNames<Sample> = { fuel: true, memory: true, timeout: true };
const read = (options: unknown): Sample => readOptions<Sample>("sample", names, options as Sample);

describe("options", () => {
  it("are refused in bundles without suggestions, too", () => {
    // The first test of the file: suggestions cannot be switched off again.
    expect(() => read({ fule: 1n })).toThrow(/^sample: unknown option "fule"; known are fuel, memory, timeout$/);
    useSuggestions();
  });

  it.each([
    ["fule", "fuel"],
    ["FUEL", "fuel"],
    ["memroy", "memory"],
    ["timout", "timeout"],
    ["timeoutMs", "timeout"],
    ["constructor", "fuel"],
    ["__proto__", "memory"],
  ])("refuse %s and name the nearest", (name, nearest) => {
    const options = Object.fromEntries([[name, undefined]]);
    const known = name === "constructor" || name === "__proto__" ? ".*" : nearest;
    expect(() => read(options)).toThrow(TypeError);
    expect(() => read(options)).toThrow(
      new RegExp(`^sample: unknown option "${name}"; did you mean "${known}"\\? Known are fuel, memory, timeout$`),
    );
  });

  it("are read once, from own properties, into an object without a prototype", () => {
    let reads = 0;
    const options = read({
      get fuel() {
        return BigInt(++reads);
      },
      memory: undefined,
    });
    expect([options.fuel, options.fuel, reads]).toEqual([1n, 1n, 1]);
    expect([Object.getPrototypeOf(options), Object.isFrozen(options), options.memory]).toEqual([null, true, undefined]);
    expect(read(options)).toBe(options);
    expect(Object.keys(read(undefined))).toEqual([]);
    expect(Object.keys(read(Object.assign(Object.create(null), { memory: 1 })))).toEqual(["memory"]);
  });

  it("that cannot be enumerated are options too", () => {
    expect(read(Object.defineProperty({}, "memory", { value: 5 })).memory).toBe(5);
    expect(() => read(Object.defineProperty({}, "memroy", { value: 5 }))).toThrow(/unknown option "memroy"/);
  });

  it("that are inherited are refused, and not ignored", () => {
    class Defaults {
      get memory(): number {
        return 5;
      }
    }
    for (const options of [Object.create({ memory: 5 }), new Defaults()])
      expect(() => read(options)).toThrow('sample: the option "memory" is inherited');
  });

  it("are not what a program did to Object.prototype", () => {
    Object.defineProperty(Object.prototype, "fuel", { value: 5n, configurable: true });
    try {
      expect(read({}).fuel).toBeUndefined();
    } finally {
      delete (Object.prototype as { fuel?: unknown }).fuel;
    }
  });

  it("are an object", () => {
    for (const value of [null, 1, "text", () => {}, true])
      expect(() => read(value)).toThrow(/^sample: expected an object with options, not /);
    expect(() => read([1])).toThrow(/unknown option "0"/);
  });
});

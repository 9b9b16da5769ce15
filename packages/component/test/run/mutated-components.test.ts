import { CompileError, LinkError, MalformedError, Trap, ValidationError } from "@wardian/runtime";
import { expect, test } from "vitest";
import { ConversionError } from "../../src/abi/host-values.ts";
import { ComponentError, ComponentRuntime, encodeComponent } from "../../src/index.ts";
import { parseComponent } from "../../src/text.ts";
import { Random } from "../abi/random-values.ts";
import { COUNTERS, FILES, GREETER } from "./component-texts.ts";

const seeds = [COUNTERS, FILES, GREETER].map((text) => encodeComponent(parseComponent(text).component));
const limits = {
  fuel: 100_000n,
  memory: 1 << 24,
  tableElements: 10_000,
  callDepth: 200,
  handles: 1_000,
  hostBytes: 1 << 20,
};
const runtimes = (["interpreter", "compiler"] as const).map((engine) => new ComponentRuntime({ engine, limits }));
const imports = {
  "my:app/log": { writeLine: (text: unknown) => String(text).length },
  "my:app/files": {
    File: class {
      static count(): number {
        return 1;
      }
      size(): number {
        return 2;
      }
    },
  },
};
const values: readonly unknown[] = [
  0,
  -1,
  2 ** 31,
  1.5,
  "text",
  "\ud800",
  5n,
  true,
  undefined,
  null,
  [],
  {},
  { tag: "ok" },
];

/** TypeErrors of the API that have their own words. */
const described = /has no constructor|expected an? .* of this instance|was disposed of|given away|lent to a call/;

/** The name of an error that is described. @throws any other error */
function nameOf(error: unknown): string {
  if (error instanceof Trap) return `${error.code} ${"kind" in error ? error.kind : ""}`;
  if (error instanceof TypeError && described.test(error.message)) return "TypeError";
  for (const type of [MalformedError, ValidationError, CompileError, LinkError, ComponentError, ConversionError])
    if (error instanceof type) return type.name;
  throw error;
}

/** Compiles and instantiates a component, calls what it exports, and writes down each outcome. */
function outcomes(runtime: ComponentRuntime, bytes: Uint8Array, random: Random): string[] {
  const seen: string[] = [];
  const attempt = (run: () => unknown): void => {
    try {
      seen.push(typeof run());
    } catch (error) {
      seen.push(nameOf(error));
    }
  };
  attempt(() => {
    const { exports, fuel } = runtime.compileSync(bytes).instantiateSync(imports);
    const visit = (object: Readonly<Record<string, unknown>>): void => {
      for (const [name, value] of Object.entries(object)) {
        const args = random.many(random.below(3), () => random.pick(values));
        if (typeof value === "object") visit(value as typeof object);
        else if (/^[A-Z]/.test(name)) attempt(() => new (value as new (...args: unknown[]) => object)(...args));
        else attempt(() => (value as (...args: unknown[]) => unknown)(...args));
      }
    };
    visit(exports);
    seen.push(String(fuel.consumed));
  });
  return seen;
}

test("every outcome of a changed component is a result or a described error, equal on two engines", () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 1_500; seed++) {
    const random = new Random(seed);
    const bytes = random.pick(seeds).slice();
    for (let i = 1 + random.below(3); i > 0; i--) bytes[8 + random.below(bytes.length - 8)] = random.below(256);
    const [first, second] = runtimes.map((runtime) => outcomes(runtime, bytes, new Random(seed)));
    expect(second, `seed ${seed}`).toEqual(first);
    for (const kind of first) kinds.add(kind);
  }
  // The changes reach every layer.
  for (const kind of ["MalformedError", "ValidationError", "LinkError", "fuel-exhausted ", "ConversionError", "number"])
    expect([...kinds]).toContain(kind);
});

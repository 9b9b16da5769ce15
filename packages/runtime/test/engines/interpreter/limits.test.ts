import { describe, expect, test } from "vitest";
import { Runtime } from "../../../src/api/runtime.ts";
import { LIMITS } from "../../../src/binary/limits.ts";
import { CompileError } from "../../../src/wasm/errors.ts";

/*
 * Modules as large as the JavaScript API's limits allow are compiled and run, and those past them refused in words. None may overflow the
 * host's stack or take time that grows with the square of their size: these would not end within a test's time.
 */

const runtime = new Runtime({ engine: "interpreter" });

const leb = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 128))];
/** `i32.const` of a number that is not negative. */
const constant = (value: number): number[] => {
  const bytes = [0x41];
  for (; value >= 0x40; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
};
const repeat = (bytes: readonly number[], count: number): Uint8Array =>
  new Uint8Array(bytes.length * count).map((_, i) => bytes[i % bytes.length]);
function join(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
const section = (id: number, ...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array => {
  const body = join(...parts);
  return join([id], leb(body.length), body);
};
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module with a memory, whose only function `f` takes an i32, gives one, and has the given code. */
function moduleOf(
  code: Uint8Array,
  { locals = [0], data = new Uint8Array(0) }: { locals?: readonly number[]; data?: Uint8Array } = {},
): Uint8Array {
  const body = join(locals, code, [0x0b]);
  return join(
    HEADER,
    section(1, [1, 0x60, 1, 0x7f, 1, 0x7f]),
    section(3, [1, 0]),
    section(5, [1, 0, 16]),
    section(7, [1, 1, 0x66, 0, 0]),
    section(10, [1], leb(body.length), body),
    ...(data.length > 0 ? [data] : []),
  );
}

const run = (bytes: Uint8Array, argument: number): number =>
  runtime.instantiateSync(runtime.compileSync(bytes)).exports.f(argument);
const refusal = (bytes: Uint8Array): string => {
  try {
    runtime.compileSync(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
    return (error as CompileError).message;
  }
  return "accepted";
};

const GET = [0x20, 0];
const BLOCK = [0x02, 0x40];
const END = [0x0b];
const DROP = [0x1a];

test("100,000 data segments are copied into a memory; one more is refused", () => {
  const segments = (count: number): Uint8Array =>
    section(11, leb(count), join(...Array.from({ length: count }, (_, i) => [0, ...constant(i), 0x0b, 1, i % 251])));
  // i32.load8_u of the argument
  const code = join(GET, [0x2d, 0, 0]);
  expect(run(moduleOf(code, { data: segments(LIMITS.dataSegments) }), 99_999)).toBe(99_999 % 251);
  expect(refusal(moduleOf(code, { data: segments(LIMITS.dataSegments + 1) }))).toContain(
    "too many data segments: 100001, the limit is 100000",
  );
});

describe("a million types", () => {
  const type = [0x60, 1, 0x7f, 1, 0x7f];
  const group = (count: number): Uint8Array => join([0x4e], leb(count), repeat(type, count));
  /** A module whose function is of the type at an index. */
  const withTypes = (
    index: number,
    groups: number,
    ...types: readonly (readonly number[] | Uint8Array)[]
  ): Uint8Array =>
    join(
      HEADER,
      section(1, leb(groups), ...types),
      section(3, [1], leb(index)),
      section(7, [1, 1, 0x66, 0, 0]),
      section(10, [1, 4, 0], GET, END),
    );

  test("of a group each", () => {
    expect(run(withTypes(LIMITS.types - 1, LIMITS.types, repeat(type, LIMITS.types)), 9)).toBe(9);
    expect(refusal(withTypes(0, LIMITS.types + 1))).toContain(
      "too many recursion groups: 1000001, the limit is 1000000",
    );
  });

  test("counted over all groups", () => {
    expect(refusal(withTypes(0, 1, [0x4e], leb(LIMITS.types + 1)))).toContain(
      "too many types: 1000001, the limit is 1000000",
    );
    expect(refusal(withTypes(0, 2, group(LIMITS.types), type))).toContain(
      "too many types: more than the limit of 1000000",
    );
  });
});

test("a million functions; one more is refused", () => {
  const withFunctions = (imported: number, count: number, bodies: Uint8Array): Uint8Array =>
    join(
      HEADER,
      section(1, [1, 0x60, 1, 0x7f, 1, 0x7f]),
      ...(imported > 0 ? [section(2, leb(imported), repeat([0, 0, 0, 0], imported))] : []),
      section(3, leb(count), new Uint8Array(count)),
      section(7, [1, 1, 0x66, 0], leb(LIMITS.functions - 1)),
      section(10, leb(count), bodies),
    );
  const bodies = repeat([4, 0, ...GET, ...END], LIMITS.functions);
  expect(run(withFunctions(0, LIMITS.functions, bodies), 4)).toBe(4);
  const none = new Uint8Array(0);
  expect(refusal(withFunctions(0, LIMITS.functions + 1, none))).toContain(
    "too many functions: 1000001, the limit is 1000000",
  );
  // Those that are imported count.
  expect(refusal(withFunctions(1, LIMITS.functions, none))).toContain("too many functions: 1000001");
});

test("50,000 locals; one more is refused", () => {
  const last = leb(LIMITS.locals - 1);
  const code = join(GET, [0x21, ...last, 0x20, ...last]);
  const locals = (count: number): number[] => [1, ...leb(count), 0x7f];
  // The parameter is one of them.
  expect(run(moduleOf(code, { locals: locals(LIMITS.locals - 1) }), 7)).toBe(7);
  expect(refusal(moduleOf(code, { locals: locals(LIMITS.locals) }))).toContain("too many locals: 50001");
});

test("a br_table of 65,520 labels; one more is refused", () => {
  const table = (count: number): Uint8Array =>
    join(
      BLOCK,
      BLOCK,
      GET,
      [0x0e],
      leb(count),
      repeat([1], count - 1),
      [0],
      [1],
      END,
      constant(1),
      [0x0f],
      END,
      constant(2),
    );
  const module = moduleOf(table(LIMITS.brTableLabels));
  expect(run(module, LIMITS.brTableLabels - 1)).toBe(1);
  expect(run(module, LIMITS.brTableLabels)).toBe(2);
  expect(run(module, -1)).toBe(2);
  expect(refusal(moduleOf(table(LIMITS.brTableLabels + 1)))).toContain("too many labels of br_table: 65521");
});

describe("large functions", () => {
  /** Bytes that the code of one takes; as large as it may be, it takes half of all code memory. */
  const room = 2_000_000;

  test("one beyond the limit is refused", () => {
    expect(refusal(moduleOf(join(repeat([0x01], LIMITS.functionSize), GET)))).toMatch(/too large|limit/);
  });

  test("blocks, loops, ifs and try_tables in one another, half a million deep", () => {
    const opening = [...BLOCK, 0x03, 0x40, ...GET, 0x04, 0x40, 0x1f, 0x40, 0];
    const depth = Math.floor(room / (opening.length + 4));
    expect(run(moduleOf(join(repeat(opening, depth), repeat(END, 4 * depth), GET)), 5)).toBe(5);
  });

  test("many constructs above many operands", () => {
    const operands = 300_000;
    const construct = [...GET, ...BLOCK, ...END, ...DROP];
    const count = Math.floor((room - 3 * operands) / construct.length);
    const code = join(repeat(constant(1), operands), repeat(construct, count), repeat(DROP, operands), GET);
    expect(run(moduleOf(code), 6)).toBe(6);
  });

  test("a local that changes again and again above many operands", () => {
    const operands = 300_000;
    const change = [...GET, ...constant(1), 0x21, 0, ...DROP];
    const count = Math.floor((room - 3 * operands) / change.length);
    const code = join(repeat(constant(1), operands), repeat(change, count), repeat(DROP, operands), GET);
    expect(run(moduleOf(code), 6)).toBe(1);
  });

  test("one whose prepared code would be larger than all code may be is an error, and others run", () => {
    // Each branch carries a thousand values to where they are not: a thousand moves for four bytes.
    const values = 1000;
    const type = [0x60, 0, ...leb(values), ...repeat([0x7f], values)];
    const branches = 10_000;
    const body = join(
      [0, 0x02, 1],
      GET,
      DROP,
      repeat(constant(3), values + 1),
      repeat([...GET, 0x0d, 0], branches),
      [0x0c, 0],
      END,
      repeat(DROP, values),
      GET,
      END,
    );
    const module = join(
      HEADER,
      section(1, [2, 0x60, 1, 0x7f, 1, 0x7f], type),
      section(3, [2, 0, 0]),
      section(7, [2, 1, 0x66, 0, 0, 1, 0x67, 0, 1]),
      section(10, [2], leb(body.length), body, [4, 0], GET, END),
    );
    const { exports } = runtime.instantiateSync(runtime.compileSync(module));
    expect(() => exports.f(0)).toThrow("has no room for this function");
    expect(exports.g(8)).toBe(8);
  });
});

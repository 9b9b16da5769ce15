import { describe, expect, test } from "vitest";
import { I32, type SubType, V128 } from "../wasm/types.ts";
import { featureBit } from "./instruction-shape.ts";
import { GROW_COST, LABEL, type PlannedModule, planFunction, UNCHECKED_COST } from "./plan.ts";
import { FREE_LOCALS } from "./widths.ts";

const typeOf = (composite: SubType["composite"]): SubType => ({
  final: true,
  supertypes: [],
  composite,
  groupStart: 0,
  groupSize: 1,
});
const functionType = (params: number, results: number): SubType =>
  typeOf({ kind: "func", params: new Array(params).fill(I32), results: new Array(results).fill(I32) });

/**
 * Plans code given as bytes and nested lists of them; the last `end` is added. Function and tag `i` have type `i`; the code is of
 * function `own`.
 */
function planOf(
  types: readonly SubType[],
  own: number,
  locals: number,
  ...code: (number | number[])[]
): ReturnType<typeof planFunction> & { blocks: [number, number][] } {
  const bytes = new Uint8Array([0xff, ...code.flat(), 0x0b]);
  const functions = types.map((_, i) => i);
  const module: PlannedModule = {
    types,
    functions,
    tags: functions,
    importCounts: { func: own, table: 0, memory: 0, global: 0, tag: 0 },
    bodies: [{ bytes, start: 1, end: bytes.length, locals: [{ count: locals, type: I32 }] }],
  };
  const result = planFunction(module, 0);
  return { ...result, blocks: [...result.offsets].map((offset, i) => [offset, result.costs[i]]) };
}

const plan = (...code: (number | number[])[]): ReturnType<typeof planOf> => planOf([functionType(0, 0)], 0, 0, ...code);

const EMPTY = 0x40;
const get = [0x20, 0];
const block = [0x02, EMPTY];
const loop = [0x03, EMPTY];
const iff = [0x04, EMPTY];
const otherwise = 0x05;
const end = 0x0b;
const drop = 0x1a;
const nop = 0x01;

test("a one-byte opcode that the plan does not name costs one unit, and is not taken for a prefix", () => {
  for (const opcode of [0x16, 0xd7, 0xe0, 0xfa]) {
    // As a prefix it would hide the loop's opcode, and its block type would be an instruction.
    expect(plan(opcode, loop, get, drop, end).blocks, opcode.toString(16)).toEqual([
      [1, 1],
      [4, 2],
    ]);
  }
});

describe("blocks", () => {
  test("straight code is one block, and structure is free", () => {
    expect(plan(nop, block, get, drop, nop, end, get, drop).blocks).toEqual([[1, 4]]);
  });

  test("the block at the entry is listed when it costs nothing", () => {
    expect(plan().blocks).toEqual([[1, 0]]);
  });

  test("a conditional branch ends a block, and so does the end of the block it leaves", () => {
    expect(plan(block, get, [0x0d, 0], get, drop, end, get, drop).blocks).toEqual([
      [1, 2],
      [7, 2],
      [11, 2],
    ]);
  });

  test("a block goes on behind the end of a loop, whose head is always listed", () => {
    expect(plan(loop, get, [0x0d, 0], get, drop, end, get, drop).blocks).toEqual([
      [1, 0],
      [3, 2],
      [7, 4],
    ]);
    expect(plan(loop, loop, get, drop, end, end).blocks).toEqual([
      [1, 0],
      [3, 0],
      [5, 2],
    ]);
  });

  test("both arms of an if and what follows are blocks of their own", () => {
    expect(plan(get, iff, get, drop, otherwise, get, drop, get, drop, end, get, drop).blocks).toEqual([
      [1, 2],
      [5, 2],
      [9, 4],
      [16, 2],
    ]);
    expect(plan(get, iff, [0x0f], end, nop).blocks).toEqual([
      [1, 2],
      [5, 1],
    ]);
  });

  test("code that cannot be reached costs nothing, nor does it make a label", () => {
    const { blocks, hasCalls } = plan(
      block,
      [0x0f],
      get,
      [0x0d, 0],
      [0x10, 0],
      iff,
      loop,
      end,
      otherwise,
      get,
      end,
      end,
      get,
      drop,
    );
    expect(blocks).toEqual([[1, 1]]);
    expect(hasCalls).toBe(false);
    expect(plan(block, [0x0c, 0], get, drop, end, get, drop).blocks).toEqual([
      [1, 1],
      [9, 2],
    ]);
  });

  test("br_table marks all its labels", () => {
    expect(plan(block, block, get, [0x0e, 1, 0, 1], end, get, drop, end, get, drop).blocks).toEqual([
      [1, 2],
      [12, 2],
      [16, 2],
    ]);
  });

  test("the clauses of try_table mark their labels, handlers of try begin blocks", () => {
    expect(plan(block, [0x1f, EMPTY, 1, 2, 0], get, drop, end, get, drop, end, get, drop).blocks).toEqual([
      [1, 5],
      [16, 2],
    ]);
    expect(plan([0x06, EMPTY], get, drop, [0x07, 0], get, drop, 0x19, end, get, drop).blocks).toEqual([
      [1, 3],
      [8, 2],
      [13, 2],
    ]);
    expect(plan([0x06, EMPTY], get, drop, [0x18, 0], get, drop).blocks).toEqual([[1, 5]]);
  });

  test("labels of loops that are branched to tell of calls in them, also in loops inside", () => {
    const call = [0x10, 0];
    const again = [get, [0x0d, 0]].flat();
    const { labels } = plan(loop, loop, call, again, end, loop, again, end, again, end, loop, call, end);
    expect([...labels]).toEqual([0, LABEL.branch | LABEL.calls, LABEL.branch | LABEL.calls, LABEL.branch, 0]);
  });

  test("labels tell how they are reached, in the order of their opcodes", () => {
    const { labels } = plan(loop, block, get, [0x0d, 1], get, iff, end, end, block, get, [0x0e, 1, 0, 2], end, end);
    expect([...labels]).toEqual([LABEL.table, LABEL.branch, 0, 0, LABEL.table]);
    expect([...plan(block, [0x1f, EMPTY, 1, 2, 0], get, [0xd5, 1], drop, end, end).labels]).toEqual([
      0,
      LABEL.catch | LABEL.operand,
      0,
    ]);
  });

  test("a branch by casting ends a block", () => {
    expect(plan(block, get, [0xfb, 0x18, 0, 0, 0x6e, 0x6d], drop, end).blocks).toEqual([
      [1, 2],
      [11, 1],
    ]);
  });

  test("immediates of every shape are stepped over", () => {
    const code = [
      [0x41, 0xff, 0x0b, drop],
      [0x43, end, end, end, end, drop],
      [0x44, end, end, end, end, end, end, end, end, drop],
      [0xfd, 12, ...new Array(16).fill(end), drop],
      [0x41, 0, 0xfd, 0x54, 0x40, 11, 0x8b, 11, 11, drop],
      [0x41, 0, 0x28, 0x02, 11, drop],
      [0x1c, 1, 0x63, 0x8b, 0],
      [0xfc, 10, 11, 11],
    ];
    expect(plan(...code).blocks).toEqual([[1, 16]]);
  });
});

describe("instructions that handle many values", () => {
  const field = { storage: I32, mutable: true };
  const structType = (fields: number): SubType => typeOf({ kind: "struct", fields: new Array(fields).fill(field) });
  // 0: no values; 1 and 2: at the limit, and below it; 3: many parameters; 4: many results; 5 and 6: fields.
  const types = [
    functionType(0, 0),
    functionType(5, 3),
    functionType(4, 3),
    functionType(80, 0),
    functionType(0, 80),
    structType(80),
    structType(7),
  ];
  const costs = (...code: (number | number[])[]): number[] => [...planOf(types, 0, 0, ...code).costs];

  test.each([
    ["call", [0x10]],
    ["return_call", [0x12]],
    ["call_ref", [0x14]],
    ["return_call_ref", [0x15]],
  ])("%s pays for parameters and results", (_, opcode) => {
    expect([0, 1, 2, 3, 4].map((type) => costs([...opcode, type])[0])).toEqual([1, 2, 1, 11, 11]);
  });

  test("indirect calls pay by their type", () => {
    expect(costs([0x11, 4, 0])).toEqual([11]);
    expect(costs([0x13, 3, 0])).toEqual([11]);
  });

  test("blocks pay for their parameters and results where they are entered", () => {
    expect(costs([0x02, 1], end)).toEqual([1]);
    expect(costs([0x02, 0x7f], end)).toEqual([0]);
    expect(costs([0x03, 3], end)).toEqual([10, 0]);
    expect(costs([0x04, 4], otherwise, end)).toEqual([11]);
    expect(costs([0x06, 4], end)).toEqual([11]);
  });

  test("branches pay for what they carry", () => {
    expect(costs([0x02, 4], [0x0c, 0], end)).toEqual([10 + 11]);
    expect(costs([0x02, 4], [0x0d, 0], nop, [0x0e, 0, 0], end)).toEqual([10 + 11, 11]);
    expect(costs([0x02, 4], [0xd5, 0], [0xd6, 0], [0xfb, 0x18, 0, 0, 0x6e, 0x6d], nop, end)).toEqual([21, 11, 11]);
    expect(costs([0x03, 3], [0x0c, 0], end)).toEqual([10, 11]);
    // The results of a loop are not carried back to its head.
    expect(costs([0x03, 4], [0x0c, 0], end)).toEqual([10, 1]);
  });

  test("return pays for the function's results", () => {
    expect([...planOf(types, 4, 0, [0x0f]).costs]).toEqual([11]);
    expect([...planOf(types, 4, 0, [0x0c, 0]).costs]).toEqual([11]);
  });

  test("throw pays for the tag's values, and so do those who catch", () => {
    expect(costs([0x08, 3])).toEqual([11]);
    // Legacy: the handler's block.
    expect(costs([0x06, EMPTY], [0x07, 3], 0x19, end)).toEqual([1, 10]);
    // The clause and its 80 values.
    expect(costs([0x02, 4], [0x1f, EMPTY, 1, 0, 3, 0], end, nop, end)).toEqual([10 + 11]);
    expect(costs([0x02, EMPTY], [0x1f, EMPTY, 16, ...new Array(16).fill([2, 0]).flat()], end, end)).toEqual([3]);
  });

  test("structures and fixed arrays pay for what they hold", () => {
    expect(costs([0xfb, 0x00, 5], [0xfb, 0x00, 6], [0xfb, 0x01, 5], [0xfb, 0x01, 6])).toEqual([11 + 1 + 11 + 1]);
    expect(costs([0xfb, 0x08, 0, 80], [0xfb, 0x08, 0, 7])).toEqual([11 + 1]);
  });

  test("a vector counts as two fields", () => {
    const vectors = typeOf({ kind: "struct", fields: new Array(4).fill({ storage: V128, mutable: true }) });
    expect([...planOf([functionType(0, 0), vectors], 0, 0, [0xfb, 0x01, 1]).costs]).toEqual([2]);
  });

  test("a call clears some locals for nothing", () => {
    const entry = (locals: number): number => planOf(types, 0, locals).costs[0];
    expect([0, FREE_LOCALS, FREE_LOCALS + 7, FREE_LOCALS + 8, FREE_LOCALS + 80].map(entry)).toEqual([0, 0, 0, 1, 10]);
  });

  test("growth costs what it takes when it adds nothing", () => {
    expect(costs([0x40, 0], [0xfc, 0x0f, 0])).toEqual([2 * (1 + GROW_COST)]);
  });

  test("unreachable code pays nothing", () => {
    expect(costs([0x0f], [0x02, 4], [0x0c, 0], [0x10, 3], end, [0x08, 3], [0xfb, 0x00, 5])).toEqual([1]);
  });
});

describe("what an engine may leave out", () => {
  test("a small leaf checks nothing and counts no frame", () => {
    expect(plan(get, drop)).toMatchObject({ entryCheck: false, countsDepth: false });
  });

  test("a large leaf, a loop and a call check", () => {
    const large = new Array(UNCHECKED_COST / 2).fill([get, drop].flat());
    expect(plan(...large)).toMatchObject({ entryCheck: false });
    expect(plan(...large, get, drop)).toMatchObject({ entryCheck: true, countsDepth: false });
    expect(plan(loop, end)).toMatchObject({ entryCheck: true, countsDepth: false, hasLoops: true });
    expect(plan([0x10, 0])).toMatchObject({ entryCheck: true, countsDepth: true, hasCalls: true });
  });

  test("a tail call gives up its frame", () => {
    expect(plan([0x12, 0])).toMatchObject({ entryCheck: true, countsDepth: false, hasCalls: true });
  });

  test("the proposals that its instructions belong to are told", () => {
    expect(plan(get, drop).features).toBe(0);
    expect(plan([0x12, 0]).features).toBe(featureBit("tail-call"));
    expect(plan([0xfd, 12, ...new Array(16).fill(0), drop], [0x1f, EMPTY, 0], end).features).toBe(
      featureBit("simd") | featureBit("exceptions"),
    );
  });

  test("dynamic charges are told", () => {
    expect(plan(get, [0x40, 0], drop).hasDynamicCharges).toBe(true);
    expect(plan(get, get, get, [0xfc, 11, 0]).hasDynamicCharges).toBe(true);
    expect(plan(get, get, get, [0xfb, 0x10, 0]).hasDynamicCharges).toBe(true);
    expect(plan(get, drop).hasDynamicCharges).toBe(false);
  });
});

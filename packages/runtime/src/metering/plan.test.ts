import { describe, expect, test } from "vitest";
import { I32, type SubType } from "../wasm/types.ts";
import { featureBit } from "./instruction-shape.ts";
import { LABEL, planFunction, UNCHECKED_COST } from "./plan.ts";

/** Plans code given as bytes and nested lists of them; the last `end` is added. */
function plan(...code: (number | number[])[]): ReturnType<typeof planFunction> & { blocks: [number, number][] } {
  const bytes = new Uint8Array([0xff, ...code.flat(), 0x0b]);
  const result = planFunction({ bytes, start: 1, end: bytes.length }, []);
  return { ...result, blocks: [...result.offsets].map((offset, i) => [offset, result.costs[i]]) };
}

const EMPTY = 0x40;
const get = [0x20, 0];
const block = [0x02, EMPTY];
const loop = [0x03, EMPTY];
const iff = [0x04, EMPTY];
const otherwise = 0x05;
const end = 0x0b;
const drop = 0x1a;
const nop = 0x01;

describe("blocks", () => {
  test("straight code is one block, and structure is free", () => {
    expect(plan(nop, block, get, drop, nop, end, get, drop).blocks).toEqual([[1, 4]]);
  });

  test("a structure without values pays for its fields", () => {
    const field = { storage: I32, mutable: true };
    const typeOf = (fields: number): SubType => ({
      final: true,
      supertypes: [],
      composite: { kind: "struct", fields: new Array(fields).fill(field) },
      groupStart: 0,
      groupSize: 1,
    });
    const costOf = (fields: number): number => {
      const bytes = new Uint8Array([0xfb, 0x01, 1, drop, end]);
      return planFunction({ bytes, start: 0, end: bytes.length }, [typeOf(100), typeOf(fields)]).costs[0];
    };
    expect([0, 7, 8, 10_000].map(costOf)).toEqual([2, 2, 3, 1252]);
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
      [1, 4],
      [16, 2],
    ]);
    expect(plan([0x06, EMPTY], get, drop, [0x07, 0], get, drop, 0x19, end, get, drop).blocks).toEqual([
      [1, 2],
      [8, 2],
      [13, 2],
    ]);
    expect(plan([0x06, EMPTY], get, drop, [0x18, 0], get, drop).blocks).toEqual([[1, 4]]);
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

import { expect, test } from "vitest";
import { CodeMemory } from "./code-memory.ts";

test("blocks are even, do not overlap, and are found by their addresses", () => {
  const memory = new CodeMemory<object>(4, 100);
  const owner = {};
  const blocks = [5, 8, 3].map((words, i) => memory.reserve(words, owner, i)!);
  expect(blocks.map(({ start, end }) => [start, end])).toEqual([
    [4, 10],
    [10, 18],
    [18, 22],
  ]);
  expect(memory.at(3)).toBeUndefined();
  expect(memory.at(10)).toBe(blocks[1]);
  expect(memory.at(17)).toBe(blocks[1]);
  expect(memory.at(22)).toBeUndefined();
  expect(blocks[0].owner()).toBe(owner);
});

test("what is released is joined to its neighbours and given away again", () => {
  const memory = new CodeMemory<object>(0, 40);
  const owner = {};
  const blocks = [0, 1, 2, 3].map((i) => memory.reserve(10, owner, i)!);
  expect(memory.reserve(2, owner, 4)).toBeUndefined();
  memory.release((block) => block === blocks[1] || block === blocks[2]);
  expect(memory.at(15)).toBeUndefined();
  expect(memory.likely).toMatchObject({ start: 10, end: 30 });
  const again = memory.reserve(20, owner, 5)!;
  expect([again.start, again.end]).toEqual([10, 30]);
  expect(memory.at(29)).toBe(again);
  expect(memory.at(30)).toBe(blocks[3]);
  expect(memory.all()).toEqual([blocks[0], again, blocks[3]]);
});

test("a range that is likely to fit is not taken when it does not", () => {
  const memory = new CodeMemory<object>(0, 10);
  expect(memory.reserveIn(memory.likely, 12, {}, 0)).toBeUndefined();
  expect(memory.reserveIn(memory.likely, 9, {}, 0)).toMatchObject({ start: 0, end: 10 });
});

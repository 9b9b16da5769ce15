import { expect, test } from "vitest";
import type { Context } from "./context.ts";
import { ContextTable } from "./context-table.ts";

const context = (id: number): Context => ({ id, nextInTable: undefined }) as unknown as Context;

test("contexts are found by their numbers, however many come and go", () => {
  const table = new ContextTable();
  const open = new Map<number, Context>();
  let seed = 1;
  for (let i = 0; i < 5_000; i++) {
    seed = (seed * 48_271) % 0x7fff_ffff;
    // Few numbers, so that they meet again; and some that share their low bits.
    const id = seed % 3 === 0 ? (seed % 50) * 4096 : seed % 700;
    const known = open.get(id);
    expect(table.get(id)).toBe(known);
    if (known === undefined) {
      const made = context(id);
      open.set(id, made);
      table.add(made);
    } else {
      open.delete(id);
      table.delete(known);
    }
  }
  table.delete(context([...open.keys()][0]));
  for (const [id, known] of open) expect(table.get(id)).toBe(known);
  expect(table.clear()).toEqual([...open.values()].sort((a, b) => a.id - b.id));
  for (const id of open.keys()) expect(table.get(id)).toBeUndefined();
});

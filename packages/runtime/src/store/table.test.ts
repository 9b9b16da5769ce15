import { describe, expect, it } from "vitest";
import { Table } from "./table.ts";

describe("Table", () => {
  it("starts with nulls", () => {
    const table = new Table({ element: "anyfunc", initial: 3 });
    expect(table.length).toBe(3);
    expect(table.get(2)).toBeNull();
  });

  it("holds any value as externref", () => {
    const table = new Table({ element: "externref", initial: 1 });
    const value = { a: 1 };
    table.set(0, value);
    expect(table.get(0)).toBe(value);
  });

  it("refuses a function that no instance exports", () => {
    const table = new Table({ element: "anyfunc", initial: 1 });
    expect(() => table.set(0, () => 1)).toThrow(/no WebAssembly instance exports/);
  });

  it("refuses places outside it", () => {
    const table = new Table({ element: "externref", initial: 1 });
    for (const index of [1, 1.5, 0xffff_ffff]) expect(() => table.get(index)).toThrow(RangeError);
    for (const index of [-1, 2 ** 32, Number.NaN, 0n]) expect(() => table.get(index)).toThrow(TypeError);
    expect(table.get(0.5)).toBeNull();
  });

  it("grows up to its maximum and to what a caller bounds it to", () => {
    const table = new Table({ element: "externref", initial: 1, maximum: 4 });
    expect(table.grow(1, "x")).toBe(1);
    expect(table.get(1)).toBe("x");
    expect(table.tryGrow(2, null, 3)).toBe(-1);
    expect(() => table.grow(3)).toThrow(RangeError);
    expect(table.length).toBe(2);
  });

  it("counts in bigints when its addresses are 64-bit", () => {
    const table = new Table({ element: "externref", initial: 1n, address: "i64" });
    expect(table.length).toBe(1n);
    expect(table.get(0n)).toBeNull();
    for (const index of [0, -1n, 2n ** 64n]) expect(() => table.get(index)).toThrow(TypeError);
  });

  it.each([
    [{ element: "i32", initial: 1 }, TypeError],
    [{ element: "anyfunc", initial: -1 }, TypeError],
    [{ element: "anyfunc", initial: 2, maximum: 1 }, RangeError],
    [{ element: "anyfunc", initial: 2 ** 32 }, RangeError],
  ])("refuses the descriptor %j", (descriptor, error) => {
    expect(() => new Table(descriptor as never)).toThrow(error);
  });
});

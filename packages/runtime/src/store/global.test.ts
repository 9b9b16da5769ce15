import { describe, expect, it } from "vitest";
import { F32, V128 } from "../wasm/types.ts";
import { Global } from "./global.ts";

describe("Global", () => {
  it.each([
    ["i32", 2 ** 32 + 5, 5],
    ["i64", 2n ** 64n - 1n, -1n],
    ["f32", 0.1, Math.fround(0.1)],
    ["f64", 0.1, 0.1],
  ] as const)("converts to %s as the platform does", (value, given, held) => {
    expect(new Global({ value }, given).value).toBe(held);
  });

  it("has the type's zero when no value is given, and undefined as externref", () => {
    expect(new Global({ value: "i64" }).value).toBe(0n);
    expect(new Global({ value: "anyfunc" }).value).toBeNull();
    expect(new Global({ value: "externref" }).value).toBeUndefined();
  });

  it("can be set only when mutable", () => {
    const variable = new Global({ value: "i32", mutable: true }, 1);
    variable.value = 2;
    expect(variable.value).toBe(2);
    const constant = new Global({ value: "i32" }, 1);
    expect(() => {
      constant.value = 2;
    }).toThrow(TypeError);
  });

  it("keeps the bits of a NaN that its cell was given", () => {
    const global = new Global({ type: F32, mutable: true });
    global.i32[0] = 0x7fa00001;
    expect(global.i32[0]).toBe(0x7fa00001);
  });

  it("keeps vectors, which do not cross into JavaScript", () => {
    const global = new Global({ type: V128, mutable: true });
    global.store(Uint8Array.from({ length: 16 }, (_, i) => i));
    expect((global.load() as Uint8Array)[15]).toBe(15);
    expect(() => global.value).toThrow(TypeError);
  });

  it("refuses values of another type", () => {
    expect(() => new Global({ value: "i64" }, 1)).toThrow(TypeError);
    expect(() => new Global({ value: "f64" }, 1n)).toThrow(TypeError);
    expect(() => new Global({ value: "v128" as never })).toThrow(TypeError);
  });
});

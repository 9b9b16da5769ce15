import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { f32Literal, f64Literal } from "./floats.ts";
import { integerConstant, integerLiteral } from "./integers.ts";

const view = new DataView(new ArrayBuffer(8));
function f64Bits(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
function f32Value(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}
function hexOf(value: number): string {
  const bits = f64Bits(value);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = (bits & ((1n << 52n) - 1n)).toString(16).padStart(13, "0");
  return `${bits >> 63n ? "-" : ""}0x${exponent === 0 ? 0 : 1}.${fraction}p${(exponent === 0 ? 1 : exponent) - 1023}`;
}

describe("integer literals", () => {
  test.each([
    ["0", 0n],
    ["-1", 0xffffffffn],
    ["+7", 7n],
    ["4294967295", 0xffffffffn],
    ["-2147483648", 0x80000000n],
    ["0xffff_FFFF", 0xffffffffn],
    ["1_000_000", 1000000n],
    ["0000000000000000000000000000012", 12n],
  ])("%s", (word, value) => expect(integerConstant(word, 32)).toBe(value));

  test.each(["", "-", "0x", "_1", "1_", "1__0", "0x_1", "1a", "--1", "0xg", "1.0"])("%s is none", (word) =>
    expect(integerLiteral(word)).toBeUndefined(),
  );

  test.each(["4294967296", "-2147483649", "0x1_0000_0000", "9".repeat(100_000)])("%# is out of range", (word) =>
    expect(integerConstant(word, 32)).toBe("constant out of range"),
  );
});

describe("float literals", () => {
  test.each([
    ["0", 0],
    ["-0.0", 0x80000000],
    ["1.", 0x3f800000],
    ["0x1p0", 0x3f800000],
    ["inf", 0x7f800000],
    ["-inf", 0xff800000],
    ["nan", 0x7fc00000],
    ["-nan:0x1", 0xff800001],
    ["nan:0x7f_ffff", 0x7fffffff],
    ["0x1.fffffep127", 0x7f7fffff],
    ["0x1.fffffefffffff8p127", 0x7f7fffff],
    ["340282356779733661637539395458142568447", 0x7f7fffff],
    ["0x1p-149", 1],
    ["0x1p-150", 0],
    ["0x1.00000000000000000001p-150", 1],
    ["0x.8p0", "unknown operator"],
    ["0x1p-9999999999999999999999", 0],
    ["0x0p9999999999999999999999", 0],
    ["1e-9999999999999999999999", 0],
    // Halfway between two f32 as a double, but not by its digits.
    ["1.00000005960464477539062499999999999999999999999999", 0x3f800000],
    ["1.00000005960464477539062500000000000000000000000001", 0x3f800001],
    ["1.000000059604644775390625", 0x3f800000],
    ["1.000000178813934326171875", 0x3f800002],
    ["0x1.000001p0", 0x3f800000],
    ["0x1.000003p0", 0x3f800002],
    ["0x1.00000100000000000000000000001p0", 0x3f800001],
    ["7.0064923216240853546186479164495806564013097093825788587853e-46", 0],
    ["7.0064923216240853546186479164495806564013097093825788587854e-46", 1],
  ])("f32 %s", (word, bits) => expect(f32Literal(word)).toBe(bits));

  test.each([
    "0x1p128",
    "0x1.ffffffp127",
    "1e39",
    "340282356779733661637539395458142568448",
    "nan:0x0",
    "nan:0x80_0000",
  ])("f32 %s is out of range", (word) => expect(f32Literal(word)).toBe("constant out of range"));

  test.each([
    "",
    "-",
    ".1",
    "1e",
    "1e+",
    "1_.0",
    "1._0",
    "0x1.p",
    "nan:1",
    "nan:canonical",
    "0xnan",
    "1.0.0",
    "infinity",
  ])("%s is no float", (word) => expect(f64Literal(word)).toBe("unknown operator"));

  test("f64 at the edges", () => {
    expect(f64Literal("0x1p1024")).toBe("constant out of range");
    expect(f64Literal("0x1.fffffffffffff8p1023")).toBe("constant out of range");
    expect(f64Literal("0x1.fffffffffffff7p1023")).toBe(0x7fefffffffffffffn);
    expect(f64Literal("0x1p-1074")).toBe(1n);
    expect(f64Literal("0x1p-1075")).toBe(0n);
    expect(f64Literal("0x1.8p-1075")).toBe(1n);
    expect(f64Literal("nan:0xf_ffff_ffff_ffff")).toBe(0x7fffffffffffffffn);
  });

  test("every double is read back from its decimal and its hexadecimal form", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(f64Literal(Object.is(value, -0) ? "-0" : String(value))).toBe(f64Bits(value));
        expect(f64Literal(hexOf(value))).toBe(f64Bits(value));
        expect(f32Literal(hexOf(value))).toBe(f32Literal(Object.is(value, -0) ? "-0" : String(value)));
      }),
    );
  });

  test("a decimal f32 is the nearest one, exactly between two the even one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7f7ffffe }), (bits) => {
        const middle = (f32Value(bits) + f32Value(bits + 1)) / 2;
        const hex = hexOf(middle);
        expect(f32Literal(hex)).toBe(bits % 2 === 0 ? bits : bits + 1);
        expect(f32Literal(hex.replace("p", "00000000001p"))).toBe(bits + 1);
      }),
    );
  });
});

import { truncSatS32, truncSatU32 } from "./conversions.ts";
import { makeSimdViews, type SimdOperation, type SimdViews } from "./simd-views.ts";

function clamp(x: number, min: number, max: number): number {
  return x < min ? min : Math.min(x, max);
}

/** For results whose lanes are not where their operands are: a result may lie over an operand. */
const scratch = makeSimdViews(new ArrayBuffer(16));

function keep({ i64 }: SimdViews, d: number): void {
  i64[d] = scratch.i64[0];
  i64[d + 1] = scratch.i64[1];
}

/** Instructions whose result has lanes of another width or kind than their operands (specification, 4.3.4 and 4.3.5). */
export const conversions: Readonly<Record<string, SimdOperation>> = {
  "i16x8.extend_low_i8x16_s": ({ i8, i16 }, d, a) => {
    d <<= 2;
    a <<= 3;
    for (let i = 7; i >= 0; i--) i16[d + i] = i8[a + i];
  },
  "i16x8.extend_high_i8x16_s": ({ i8, i16 }, d, a) => {
    d <<= 2;
    a <<= 3;
    for (let i = 0; i < 8; i++) i16[d + i] = i8[a + i + 8];
  },
  "i16x8.extadd_pairwise_i8x16_s": ({ i8, i16 }, d, a) => {
    d <<= 2;
    a <<= 3;
    for (let i = 0; i < 8; i++) i16[d + i] = i8[a + 2 * i] + i8[a + 2 * i + 1];
  },
  "i16x8.extmul_low_i8x16_s": (v, d, a, b) => {
    const { i8 } = v;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 8; i++) scratch.i16[i] = i8[a + i] * i8[b + i];
    keep(v, d);
  },
  "i16x8.extmul_high_i8x16_s": (v, d, a, b) => {
    const { i8 } = v;
    a <<= 3;
    b <<= 3;
    a += 8;
    b += 8;
    for (let i = 0; i < 8; i++) scratch.i16[i] = i8[a + i] * i8[b + i];
    keep(v, d);
  },
  "i16x8.extend_low_i8x16_u": ({ u8, i16 }, d, a) => {
    d <<= 2;
    a <<= 3;
    for (let i = 7; i >= 0; i--) i16[d + i] = u8[a + i];
  },
  "i16x8.extend_high_i8x16_u": ({ u8, i16 }, d, a) => {
    d <<= 2;
    a <<= 3;
    for (let i = 0; i < 8; i++) i16[d + i] = u8[a + i + 8];
  },
  "i16x8.extadd_pairwise_i8x16_u": ({ u8, i16 }, d, a) => {
    d <<= 2;
    a <<= 3;
    for (let i = 0; i < 8; i++) i16[d + i] = u8[a + 2 * i] + u8[a + 2 * i + 1];
  },
  "i16x8.extmul_low_i8x16_u": (v, d, a, b) => {
    const { u8 } = v;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 8; i++) scratch.i16[i] = u8[a + i] * u8[b + i];
    keep(v, d);
  },
  "i16x8.extmul_high_i8x16_u": (v, d, a, b) => {
    const { u8 } = v;
    a <<= 3;
    b <<= 3;
    a += 8;
    b += 8;
    for (let i = 0; i < 8; i++) scratch.i16[i] = u8[a + i] * u8[b + i];
    keep(v, d);
  },
  "i32x4.extend_low_i16x8_s": ({ i16, i32 }, d, a) => {
    d <<= 1;
    a <<= 2;
    for (let i = 3; i >= 0; i--) i32[d + i] = i16[a + i];
  },
  "i32x4.extend_high_i16x8_s": ({ i16, i32 }, d, a) => {
    d <<= 1;
    a <<= 2;
    for (let i = 0; i < 4; i++) i32[d + i] = i16[a + i + 4];
  },
  "i32x4.extadd_pairwise_i16x8_s": ({ i16, i32 }, d, a) => {
    d <<= 1;
    a <<= 2;
    for (let i = 0; i < 4; i++) i32[d + i] = i16[a + 2 * i] + i16[a + 2 * i + 1];
  },
  "i32x4.extmul_low_i16x8_s": (v, d, a, b) => {
    const { i16 } = v;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 4; i++) scratch.i32[i] = i16[a + i] * i16[b + i];
    keep(v, d);
  },
  "i32x4.extmul_high_i16x8_s": (v, d, a, b) => {
    const { i16 } = v;
    a <<= 2;
    b <<= 2;
    a += 4;
    b += 4;
    for (let i = 0; i < 4; i++) scratch.i32[i] = i16[a + i] * i16[b + i];
    keep(v, d);
  },
  "i32x4.extend_low_i16x8_u": ({ u16, i32 }, d, a) => {
    d <<= 1;
    a <<= 2;
    for (let i = 3; i >= 0; i--) i32[d + i] = u16[a + i];
  },
  "i32x4.extend_high_i16x8_u": ({ u16, i32 }, d, a) => {
    d <<= 1;
    a <<= 2;
    for (let i = 0; i < 4; i++) i32[d + i] = u16[a + i + 4];
  },
  "i32x4.extadd_pairwise_i16x8_u": ({ u16, i32 }, d, a) => {
    d <<= 1;
    a <<= 2;
    for (let i = 0; i < 4; i++) i32[d + i] = u16[a + 2 * i] + u16[a + 2 * i + 1];
  },
  "i32x4.extmul_low_i16x8_u": (v, d, a, b) => {
    const { u16 } = v;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 4; i++) scratch.i32[i] = u16[a + i] * u16[b + i];
    keep(v, d);
  },
  "i32x4.extmul_high_i16x8_u": (v, d, a, b) => {
    const { u16 } = v;
    a <<= 2;
    b <<= 2;
    a += 4;
    b += 4;
    for (let i = 0; i < 4; i++) scratch.i32[i] = u16[a + i] * u16[b + i];
    keep(v, d);
  },
  "i64x2.extend_low_i32x4_s": ({ i32, i64 }, d, a) => {
    a <<= 1;
    for (let i = 1; i >= 0; i--) i64[d + i] = BigInt(i32[a + i]);
  },
  "i64x2.extend_high_i32x4_s": ({ i32, i64 }, d, a) => {
    a <<= 1;
    for (let i = 0; i < 2; i++) i64[d + i] = BigInt(i32[a + i + 2]);
  },
  "i64x2.extmul_low_i32x4_s": (v, d, a, b) => {
    const { i32 } = v;
    a <<= 1;
    b <<= 1;
    for (let i = 0; i < 2; i++) scratch.i64[i] = BigInt(i32[a + i]) * BigInt(i32[b + i]);
    keep(v, d);
  },
  "i64x2.extmul_high_i32x4_s": (v, d, a, b) => {
    const { i32 } = v;
    a <<= 1;
    b <<= 1;
    a += 2;
    b += 2;
    for (let i = 0; i < 2; i++) scratch.i64[i] = BigInt(i32[a + i]) * BigInt(i32[b + i]);
    keep(v, d);
  },
  "i64x2.extend_low_i32x4_u": ({ u32, i64 }, d, a) => {
    a <<= 1;
    for (let i = 1; i >= 0; i--) i64[d + i] = BigInt(u32[a + i]);
  },
  "i64x2.extend_high_i32x4_u": ({ u32, i64 }, d, a) => {
    a <<= 1;
    for (let i = 0; i < 2; i++) i64[d + i] = BigInt(u32[a + i + 2]);
  },
  "i64x2.extmul_low_i32x4_u": (v, d, a, b) => {
    const { u32 } = v;
    a <<= 1;
    b <<= 1;
    for (let i = 0; i < 2; i++) scratch.i64[i] = BigInt(u32[a + i]) * BigInt(u32[b + i]);
    keep(v, d);
  },
  "i64x2.extmul_high_i32x4_u": (v, d, a, b) => {
    const { u32 } = v;
    a <<= 1;
    b <<= 1;
    a += 2;
    b += 2;
    for (let i = 0; i < 2; i++) scratch.i64[i] = BigInt(u32[a + i]) * BigInt(u32[b + i]);
    keep(v, d);
  },
  "i8x16.narrow_i16x8_s": (v, d, a, b) => {
    const { i16 } = v;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      scratch.i8[i] = clamp(i16[a + i], -128, 127);
      scratch.i8[i + 8] = clamp(i16[b + i], -128, 127);
    }
    keep(v, d);
  },
  "i8x16.narrow_i16x8_u": (v, d, a, b) => {
    const { i16 } = v;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      scratch.u8[i] = clamp(i16[a + i], 0, 255);
      scratch.u8[i + 8] = clamp(i16[b + i], 0, 255);
    }
    keep(v, d);
  },
  "i16x8.narrow_i32x4_s": (v, d, a, b) => {
    const { i32 } = v;
    a <<= 1;
    b <<= 1;
    for (let i = 0; i < 4; i++) {
      scratch.i16[i] = clamp(i32[a + i], -32768, 32767);
      scratch.i16[i + 4] = clamp(i32[b + i], -32768, 32767);
    }
    keep(v, d);
  },
  "i16x8.narrow_i32x4_u": (v, d, a, b) => {
    const { i32 } = v;
    a <<= 1;
    b <<= 1;
    for (let i = 0; i < 4; i++) {
      scratch.u16[i] = clamp(i32[a + i], 0, 65535);
      scratch.u16[i + 4] = clamp(i32[b + i], 0, 65535);
    }
    keep(v, d);
  },
  "i32x4.dot_i16x8_s": ({ i16, i32 }, d, a, b) => {
    d <<= 1;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 4; i++) i32[d + i] = i16[a + 2 * i] * i16[b + 2 * i] + i16[a + 2 * i + 1] * i16[b + 2 * i + 1];
  },
  "i32x4.trunc_sat_f32x4_s": ({ i32, f32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    i32[d] = truncSatS32(f32[a]);
    i32[d + 1] = truncSatS32(f32[a + 1]);
    i32[d + 2] = truncSatS32(f32[a + 2]);
    i32[d + 3] = truncSatS32(f32[a + 3]);
  },
  "i32x4.trunc_sat_f64x2_s_zero": ({ i32, f64 }, d, a) => {
    const low = truncSatS32(f64[a]);
    const high = truncSatS32(f64[a + 1]);
    d <<= 1;
    i32[d] = low;
    i32[d + 1] = high;
    i32[d + 2] = 0;
    i32[d + 3] = 0;
  },
  "f32x4.convert_i32x4_s": ({ f32, i32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    f32[d] = i32[a];
    f32[d + 1] = i32[a + 1];
    f32[d + 2] = i32[a + 2];
    f32[d + 3] = i32[a + 3];
  },
  "f64x2.convert_low_i32x4_s": ({ i32, f64 }, d, a) => {
    const low = i32[a << 1];
    const high = i32[(a << 1) + 1];
    f64[d] = low;
    f64[d + 1] = high;
  },
  "i32x4.trunc_sat_f32x4_u": ({ i32, f32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    i32[d] = truncSatU32(f32[a]);
    i32[d + 1] = truncSatU32(f32[a + 1]);
    i32[d + 2] = truncSatU32(f32[a + 2]);
    i32[d + 3] = truncSatU32(f32[a + 3]);
  },
  "i32x4.trunc_sat_f64x2_u_zero": ({ i32, f64 }, d, a) => {
    const low = truncSatU32(f64[a]);
    const high = truncSatU32(f64[a + 1]);
    d <<= 1;
    i32[d] = low;
    i32[d + 1] = high;
    i32[d + 2] = 0;
    i32[d + 3] = 0;
  },
  "f32x4.convert_i32x4_u": ({ f32, u32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    f32[d] = u32[a];
    f32[d + 1] = u32[a + 1];
    f32[d + 2] = u32[a + 2];
    f32[d + 3] = u32[a + 3];
  },
  "f64x2.convert_low_i32x4_u": ({ u32, f64 }, d, a) => {
    const low = u32[a << 1];
    const high = u32[(a << 1) + 1];
    f64[d] = low;
    f64[d + 1] = high;
  },
  "f32x4.demote_f64x2_zero": ({ f32, f64 }, d, a) => {
    const low = f64[a];
    const high = f64[a + 1];
    d <<= 1;
    f32[d] = low;
    f32[d + 1] = high;
    f32[d + 2] = 0;
    f32[d + 3] = 0;
  },
  "f64x2.promote_low_f32x4": ({ f32, f64 }, d, a) => {
    const low = f32[a << 1];
    const high = f32[(a << 1) + 1];
    f64[d] = low;
    f64[d + 1] = high;
  },
  // The second operand is signed, and a sum of two products saturates: what the deterministic profile leaves of it.
  "i16x8.relaxed_dot_i8x16_i7x16_s": ({ i8, i16 }, d, a, b) => {
    d <<= 2;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 8; i++)
      i16[d + i] = clamp(i8[a + 2 * i] * i8[b + 2 * i] + i8[a + 2 * i + 1] * i8[b + 2 * i + 1], -32768, 32767);
  },
  "i32x4.relaxed_dot_i8x16_i7x16_add_s": (v, d, a, b, c) => {
    const { i8, i32 } = v;
    a <<= 3;
    b <<= 3;
    c <<= 1;
    for (let i = 0; i < 4; i++) {
      const k = 4 * i;
      scratch.i32[i] =
        clamp(i8[a + k] * i8[b + k] + i8[a + k + 1] * i8[b + k + 1], -32768, 32767) +
        clamp(i8[a + k + 2] * i8[b + k + 2] + i8[a + k + 3] * i8[b + k + 3], -32768, 32767) +
        i32[c + i];
    }
    keep(v, d);
  },
};

import { popcnt32 } from "./integers.ts";
import type { SimdOperation, SimdShift } from "./simd-views.ts";

function clamp(x: number, min: number, max: number): number {
  return x < min ? min : Math.min(x, max);
}

/** Lane-wise arithmetic on integers (specification, 4.3.2 and 4.3.5). What does not fit into a lane is cut off as it is stored. */
export const integerOperations: Readonly<Record<string, SimdOperation>> = {
  "i8x16.add": ({ i8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      i8[d + i] = i8[a + i] + i8[b + i];
    }
  },
  "i8x16.sub": ({ i8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      i8[d + i] = i8[a + i] - i8[b + i];
    }
  },
  "i8x16.neg": ({ i8 }, d, a) => {
    d <<= 3;
    a <<= 3;
    for (let i = 0; i < 16; i++) {
      i8[d + i] = -i8[a + i];
    }
  },
  "i8x16.abs": ({ i8 }, d, a) => {
    d <<= 3;
    a <<= 3;
    for (let i = 0; i < 16; i++) {
      i8[d + i] = Math.abs(i8[a + i]);
    }
  },
  "i8x16.popcnt": ({ u8 }, d, a) => {
    d <<= 3;
    a <<= 3;
    for (let i = 0; i < 16; i++) {
      u8[d + i] = popcnt32(u8[a + i]);
    }
  },
  "i8x16.min_s": ({ i8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      i8[d + i] = Math.min(i8[a + i], i8[b + i]);
    }
  },
  "i8x16.min_u": ({ u8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      u8[d + i] = Math.min(u8[a + i], u8[b + i]);
    }
  },
  "i8x16.max_s": ({ i8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      i8[d + i] = Math.max(i8[a + i], i8[b + i]);
    }
  },
  "i8x16.max_u": ({ u8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      u8[d + i] = Math.max(u8[a + i], u8[b + i]);
    }
  },
  "i8x16.add_sat_s": ({ i8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      i8[d + i] = clamp(i8[a + i] + i8[b + i], -128, 127);
    }
  },
  "i8x16.add_sat_u": ({ u8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      u8[d + i] = clamp(u8[a + i] + u8[b + i], 0, 255);
    }
  },
  "i8x16.sub_sat_s": ({ i8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      i8[d + i] = clamp(i8[a + i] - i8[b + i], -128, 127);
    }
  },
  "i8x16.sub_sat_u": ({ u8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      u8[d + i] = clamp(u8[a + i] - u8[b + i], 0, 255);
    }
  },
  "i8x16.avgr_u": ({ u8 }, d, a, b) => {
    d <<= 3;
    a <<= 3;
    b <<= 3;
    for (let i = 0; i < 16; i++) {
      u8[d + i] = (u8[a + i] + u8[b + i] + 1) >> 1;
    }
  },
  "i16x8.add": ({ i16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = i16[a + i] + i16[b + i];
    }
  },
  "i16x8.sub": ({ i16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = i16[a + i] - i16[b + i];
    }
  },
  "i16x8.neg": ({ i16 }, d, a) => {
    d <<= 2;
    a <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = -i16[a + i];
    }
  },
  "i16x8.abs": ({ i16 }, d, a) => {
    d <<= 2;
    a <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = Math.abs(i16[a + i]);
    }
  },
  "i16x8.mul": ({ i16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = i16[a + i] * i16[b + i];
    }
  },
  "i16x8.min_s": ({ i16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = Math.min(i16[a + i], i16[b + i]);
    }
  },
  "i16x8.min_u": ({ u16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      u16[d + i] = Math.min(u16[a + i], u16[b + i]);
    }
  },
  "i16x8.max_s": ({ i16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = Math.max(i16[a + i], i16[b + i]);
    }
  },
  "i16x8.max_u": ({ u16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      u16[d + i] = Math.max(u16[a + i], u16[b + i]);
    }
  },
  "i16x8.add_sat_s": ({ i16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = clamp(i16[a + i] + i16[b + i], -32768, 32767);
    }
  },
  "i16x8.add_sat_u": ({ u16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      u16[d + i] = clamp(u16[a + i] + u16[b + i], 0, 65535);
    }
  },
  "i16x8.sub_sat_s": ({ i16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = clamp(i16[a + i] - i16[b + i], -32768, 32767);
    }
  },
  "i16x8.sub_sat_u": ({ u16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      u16[d + i] = clamp(u16[a + i] - u16[b + i], 0, 65535);
    }
  },
  "i16x8.avgr_u": ({ u16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      u16[d + i] = (u16[a + i] + u16[b + i] + 1) >> 1;
    }
  },
  "i16x8.q15mulr_sat_s": ({ i16 }, d, a, b) => {
    d <<= 2;
    a <<= 2;
    b <<= 2;
    for (let i = 0; i < 8; i++) {
      i16[d + i] = clamp((i16[a + i] * i16[b + i] + 0x4000) >> 15, -32768, 32767);
    }
  },
  "i32x4.add": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    i32[d] = i32[a] + i32[b];
    i32[d + 1] = i32[a + 1] + i32[b + 1];
    i32[d + 2] = i32[a + 2] + i32[b + 2];
    i32[d + 3] = i32[a + 3] + i32[b + 3];
  },
  "i32x4.sub": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    i32[d] = i32[a] - i32[b];
    i32[d + 1] = i32[a + 1] - i32[b + 1];
    i32[d + 2] = i32[a + 2] - i32[b + 2];
    i32[d + 3] = i32[a + 3] - i32[b + 3];
  },
  "i32x4.neg": ({ i32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    i32[d] = -i32[a];
    i32[d + 1] = -i32[a + 1];
    i32[d + 2] = -i32[a + 2];
    i32[d + 3] = -i32[a + 3];
  },
  "i32x4.abs": ({ i32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    i32[d] = Math.abs(i32[a]);
    i32[d + 1] = Math.abs(i32[a + 1]);
    i32[d + 2] = Math.abs(i32[a + 2]);
    i32[d + 3] = Math.abs(i32[a + 3]);
  },
  "i32x4.mul": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    i32[d] = Math.imul(i32[a], i32[b]);
    i32[d + 1] = Math.imul(i32[a + 1], i32[b + 1]);
    i32[d + 2] = Math.imul(i32[a + 2], i32[b + 2]);
    i32[d + 3] = Math.imul(i32[a + 3], i32[b + 3]);
  },
  "i32x4.min_s": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    i32[d] = Math.min(i32[a], i32[b]);
    i32[d + 1] = Math.min(i32[a + 1], i32[b + 1]);
    i32[d + 2] = Math.min(i32[a + 2], i32[b + 2]);
    i32[d + 3] = Math.min(i32[a + 3], i32[b + 3]);
  },
  "i32x4.min_u": ({ u32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    u32[d] = Math.min(u32[a], u32[b]);
    u32[d + 1] = Math.min(u32[a + 1], u32[b + 1]);
    u32[d + 2] = Math.min(u32[a + 2], u32[b + 2]);
    u32[d + 3] = Math.min(u32[a + 3], u32[b + 3]);
  },
  "i32x4.max_s": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    i32[d] = Math.max(i32[a], i32[b]);
    i32[d + 1] = Math.max(i32[a + 1], i32[b + 1]);
    i32[d + 2] = Math.max(i32[a + 2], i32[b + 2]);
    i32[d + 3] = Math.max(i32[a + 3], i32[b + 3]);
  },
  "i32x4.max_u": ({ u32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    u32[d] = Math.max(u32[a], u32[b]);
    u32[d + 1] = Math.max(u32[a + 1], u32[b + 1]);
    u32[d + 2] = Math.max(u32[a + 2], u32[b + 2]);
    u32[d + 3] = Math.max(u32[a + 3], u32[b + 3]);
  },
  "i64x2.add": ({ i64 }, d, a, b) => {
    i64[d] = i64[a] + i64[b];
    i64[d + 1] = i64[a + 1] + i64[b + 1];
  },
  "i64x2.sub": ({ i64 }, d, a, b) => {
    i64[d] = i64[a] - i64[b];
    i64[d + 1] = i64[a + 1] - i64[b + 1];
  },
  "i64x2.neg": ({ i64 }, d, a) => {
    i64[d] = 0n - i64[a];
    i64[d + 1] = 0n - i64[a + 1];
  },
  "i64x2.abs": ({ i64 }, d, a) => {
    i64[d] = i64[a] < 0n ? 0n - i64[a] : i64[a];
    i64[d + 1] = i64[a + 1] < 0n ? 0n - i64[a + 1] : i64[a + 1];
  },
  "i64x2.mul": ({ i64 }, d, a, b) => {
    i64[d] = i64[a] * i64[b];
    i64[d + 1] = i64[a + 1] * i64[b + 1];
  },
};

/** Shifts of every lane by one count, taken modulo the lane's width. */
export const integerShifts: Readonly<Record<string, SimdShift>> = {
  "i8x16.shl": ({ i8 }, d, a, count) => {
    d <<= 3;
    a <<= 3;
    count &= 7;
    for (let i = 0; i < 16; i++) i8[d + i] = i8[a + i] << count;
  },
  "i8x16.shr_s": ({ i8 }, d, a, count) => {
    d <<= 3;
    a <<= 3;
    count &= 7;
    for (let i = 0; i < 16; i++) i8[d + i] = i8[a + i] >> count;
  },
  "i8x16.shr_u": ({ u8 }, d, a, count) => {
    d <<= 3;
    a <<= 3;
    count &= 7;
    for (let i = 0; i < 16; i++) u8[d + i] = u8[a + i] >>> count;
  },
  "i16x8.shl": ({ i16 }, d, a, count) => {
    d <<= 2;
    a <<= 2;
    count &= 15;
    for (let i = 0; i < 8; i++) i16[d + i] = i16[a + i] << count;
  },
  "i16x8.shr_s": ({ i16 }, d, a, count) => {
    d <<= 2;
    a <<= 2;
    count &= 15;
    for (let i = 0; i < 8; i++) i16[d + i] = i16[a + i] >> count;
  },
  "i16x8.shr_u": ({ u16 }, d, a, count) => {
    d <<= 2;
    a <<= 2;
    count &= 15;
    for (let i = 0; i < 8; i++) u16[d + i] = u16[a + i] >>> count;
  },
  "i32x4.shl": ({ i32 }, d, a, count) => {
    d <<= 1;
    a <<= 1;
    count &= 31;
    for (let i = 0; i < 4; i++) i32[d + i] = i32[a + i] << count;
  },
  "i32x4.shr_s": ({ i32 }, d, a, count) => {
    d <<= 1;
    a <<= 1;
    count &= 31;
    for (let i = 0; i < 4; i++) i32[d + i] = i32[a + i] >> count;
  },
  "i32x4.shr_u": ({ u32 }, d, a, count) => {
    d <<= 1;
    a <<= 1;
    count &= 31;
    for (let i = 0; i < 4; i++) u32[d + i] = u32[a + i] >>> count;
  },
  "i64x2.shl": ({ i64 }, d, a, count) => {
    const k = BigInt(count & 63);
    i64[d] = i64[a] << k;
    i64[d + 1] = i64[a + 1] << k;
  },
  "i64x2.shr_s": ({ i64 }, d, a, count) => {
    const k = BigInt(count & 63);
    i64[d] = i64[a] >> k;
    i64[d + 1] = i64[a + 1] >> k;
  },
  "i64x2.shr_u": ({ u64 }, d, a, count) => {
    const k = BigInt(count & 63);
    u64[d] = u64[a] >> k;
    u64[d + 1] = u64[a + 1] >> k;
  },
};

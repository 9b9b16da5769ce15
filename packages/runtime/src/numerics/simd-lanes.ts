import type { SimdExtract, SimdOperation, SimdReplace, SimdSplat, SimdTest, SimdViews } from "./simd-views.ts";

/** Bitwise instructions and those that pick lanes by a vector (specification, 4.3.5). */
export const bitOperations: Readonly<Record<string, SimdOperation>> = {
  "v128.not": ({ i32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    for (let i = 0; i < 4; i++) i32[d + i] = ~i32[a + i];
  },
  "v128.and": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    for (let i = 0; i < 4; i++) i32[d + i] = i32[a + i] & i32[b + i];
  },
  "v128.andnot": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    for (let i = 0; i < 4; i++) i32[d + i] = i32[a + i] & ~i32[b + i];
  },
  "v128.or": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    for (let i = 0; i < 4; i++) i32[d + i] = i32[a + i] | i32[b + i];
  },
  "v128.xor": ({ i32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    for (let i = 0; i < 4; i++) i32[d + i] = i32[a + i] ^ i32[b + i];
  },
  "v128.bitselect": ({ i32 }, d, a, b, c) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    c <<= 1;
    for (let i = 0; i < 4; i++) {
      const mask = i32[c + i];
      i32[d + i] = (i32[a + i] & mask) | (i32[b + i] & ~mask);
    }
  },
  "i8x16.swizzle": (v, d, a, b) => {
    const { u8 } = v;
    const at = a << 3;
    const chosen = b << 3;
    for (let i = 0; i < 16; i++) {
      const lane = u8[chosen + i];
      scratch[i] = lane < 16 ? u8[at + lane] : 0;
    }
    keep(v, d);
  },
};

const scratch = new Uint8Array(16);
const scratch64 = new BigInt64Array(scratch.buffer);

/** A result whose lanes come from all over its operands is put together apart from them: it may lie over one. */
function keep({ i64 }: SimdViews, d: number): void {
  i64[d] = scratch64[0];
  i64[d + 1] = scratch64[1];
}

export const tests: Readonly<Record<string, SimdTest>> = {
  "v128.any_true": ({ i32 }, a) => {
    a <<= 1;
    return (i32[a] | i32[a + 1] | i32[a + 2] | i32[a + 3]) === 0 ? 0 : 1;
  },
  "i8x16.all_true": ({ u8 }, a) => {
    a <<= 3;
    for (let i = 0; i < 16; i++) if (u8[a + i] === 0) return 0;
    return 1;
  },
  "i16x8.all_true": ({ u16 }, a) => {
    a <<= 2;
    for (let i = 0; i < 8; i++) if (u16[a + i] === 0) return 0;
    return 1;
  },
  "i32x4.all_true": ({ i32 }, a) => {
    a <<= 1;
    return i32[a] === 0 || i32[a + 1] === 0 || i32[a + 2] === 0 || i32[a + 3] === 0 ? 0 : 1;
  },
  "i64x2.all_true": ({ i32 }, a) => {
    a <<= 1;
    return (i32[a] | i32[a + 1]) === 0 || (i32[a + 2] | i32[a + 3]) === 0 ? 0 : 1;
  },
  "i8x16.bitmask": ({ i8 }, a) => {
    a <<= 3;
    let mask = 0;
    for (let i = 0; i < 16; i++) if (i8[a + i] < 0) mask |= 1 << i;
    return mask;
  },
  "i16x8.bitmask": ({ i16 }, a) => {
    a <<= 2;
    let mask = 0;
    for (let i = 0; i < 8; i++) if (i16[a + i] < 0) mask |= 1 << i;
    return mask;
  },
  "i32x4.bitmask": ({ i32 }, a) => {
    a <<= 1;
    return (i32[a] >>> 31) | ((i32[a + 1] >>> 31) << 1) | ((i32[a + 2] >>> 31) << 2) | ((i32[a + 3] >>> 31) << 3);
  },
  "i64x2.bitmask": ({ i32 }, a) => {
    a <<= 1;
    return (i32[a + 1] >>> 31) | ((i32[a + 3] >>> 31) << 1);
  },
};

function splat32({ i32 }: SimdViews, d: number, value: number): void {
  d <<= 1;
  for (let i = 0; i < 4; i++) i32[d + i] = value;
}

export const splats: Readonly<Record<string, SimdSplat>> = {
  "i8x16.splat": ({ i8 }, d, value) => {
    d <<= 3;
    for (let i = 0; i < 16; i++) i8[d + i] = value;
  },
  "i16x8.splat": ({ i16 }, d, value) => {
    d <<= 2;
    for (let i = 0; i < 8; i++) i16[d + i] = value;
  },
  "i32x4.splat": splat32,
  "f32x4.splat": splat32,
};

const extract32: SimdExtract = ({ i32 }, a, lane) => i32[(a << 1) + lane];

export const extracts: Readonly<Record<string, SimdExtract>> = {
  "i8x16.extract_lane_s": ({ i8 }, a, lane) => i8[(a << 3) + lane],
  "i8x16.extract_lane_u": ({ u8 }, a, lane) => u8[(a << 3) + lane],
  "i16x8.extract_lane_s": ({ i16 }, a, lane) => i16[(a << 2) + lane],
  "i16x8.extract_lane_u": ({ u16 }, a, lane) => u16[(a << 2) + lane],
  "i32x4.extract_lane": extract32,
  "f32x4.extract_lane": extract32,
};

const replace32: SimdReplace = ({ i32 }, d, lane, value) => {
  i32[(d << 1) + lane] = value;
};

export const replaces: Readonly<Record<string, SimdReplace>> = {
  "i8x16.replace_lane": ({ i8 }, d, lane, value) => {
    i8[(d << 3) + lane] = value;
  },
  "i16x8.replace_lane": ({ i16 }, d, lane, value) => {
    i16[(d << 2) + lane] = value;
  },
  "i32x4.replace_lane": replace32,
  "f32x4.replace_lane": replace32,
};

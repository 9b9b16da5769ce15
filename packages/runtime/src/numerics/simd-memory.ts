import type { SimdLaneAccess, SimdLoad, SimdViews } from "./simd-views.ts";

/** Four words move a vector: they keep the bits of NaNs, and cost less than bigints. */
const load: SimdLoad = ({ i32 }, d, memory, address) => {
  d <<= 1;
  i32[d] = memory.getInt32(address, true);
  i32[d + 1] = memory.getInt32(address + 4, true);
  i32[d + 2] = memory.getInt32(address + 8, true);
  i32[d + 3] = memory.getInt32(address + 12, true);
};

/** `v128.store`. @param a the vector; `address` has been checked */
export function storeVector({ i32 }: SimdViews, a: number, memory: DataView, address: number): void {
  a <<= 1;
  memory.setInt32(address, i32[a], true);
  memory.setInt32(address + 4, i32[a + 1], true);
  memory.setInt32(address + 8, i32[a + 2], true);
  memory.setInt32(address + 12, i32[a + 3], true);
}

/** `v128.load` and what makes a vector of fewer bytes: extended, repeated, or filled up with zeroes. */
export const loads: Readonly<Record<string, SimdLoad>> = {
  "v128.load": load,
  "v128.load8x8_s": ({ i16 }, d, memory, address) => {
    d <<= 2;
    for (let i = 0; i < 8; i++) i16[d + i] = memory.getInt8(address + i);
  },
  "v128.load8x8_u": ({ i16 }, d, memory, address) => {
    d <<= 2;
    for (let i = 0; i < 8; i++) i16[d + i] = memory.getUint8(address + i);
  },
  "v128.load16x4_s": ({ i32 }, d, memory, address) => {
    d <<= 1;
    for (let i = 0; i < 4; i++) i32[d + i] = memory.getInt16(address + 2 * i, true);
  },
  "v128.load16x4_u": ({ i32 }, d, memory, address) => {
    d <<= 1;
    for (let i = 0; i < 4; i++) i32[d + i] = memory.getUint16(address + 2 * i, true);
  },
  "v128.load32x2_s": ({ i32 }, d, memory, address) => {
    d <<= 1;
    const low = memory.getInt32(address, true);
    const high = memory.getInt32(address + 4, true);
    i32[d] = low;
    i32[d + 1] = low >> 31;
    i32[d + 2] = high;
    i32[d + 3] = high >> 31;
  },
  "v128.load32x2_u": ({ i32 }, d, memory, address) => {
    d <<= 1;
    i32[d] = memory.getInt32(address, true);
    i32[d + 1] = 0;
    i32[d + 2] = memory.getInt32(address + 4, true);
    i32[d + 3] = 0;
  },
  "v128.load8_splat": ({ u8 }, d, memory, address) => {
    d <<= 3;
    u8.fill(memory.getUint8(address), d, d + 16);
  },
  "v128.load16_splat": ({ u16 }, d, memory, address) => {
    d <<= 2;
    u16.fill(memory.getUint16(address, true), d, d + 8);
  },
  "v128.load32_splat": ({ i32 }, d, memory, address) => {
    d <<= 1;
    const value = memory.getInt32(address, true);
    for (let i = 0; i < 4; i++) i32[d + i] = value;
  },
  "v128.load64_splat": ({ i32 }, d, memory, address) => {
    d <<= 1;
    const low = memory.getInt32(address, true);
    const high = memory.getInt32(address + 4, true);
    i32[d] = low;
    i32[d + 1] = high;
    i32[d + 2] = low;
    i32[d + 3] = high;
  },
  "v128.load32_zero": ({ i32 }, d, memory, address) => {
    d <<= 1;
    i32[d] = memory.getInt32(address, true);
    i32[d + 1] = 0;
    i32[d + 2] = 0;
    i32[d + 3] = 0;
  },
  "v128.load64_zero": ({ i32 }, d, memory, address) => {
    d <<= 1;
    i32[d] = memory.getInt32(address, true);
    i32[d + 1] = memory.getInt32(address + 4, true);
    i32[d + 2] = 0;
    i32[d + 3] = 0;
  },
};

/** The `load_lane` instructions, once `d` is a copy of their operand. */
export const laneLoads: Readonly<Record<string, SimdLaneAccess>> = {
  "v128.load8_lane": ({ u8 }, d, memory, address, lane) => {
    u8[(d << 3) + lane] = memory.getUint8(address);
  },
  "v128.load16_lane": ({ u16 }, d, memory, address, lane) => {
    u16[(d << 2) + lane] = memory.getUint16(address, true);
  },
  "v128.load32_lane": ({ i32 }, d, memory, address, lane) => {
    i32[(d << 1) + lane] = memory.getInt32(address, true);
  },
  "v128.load64_lane": ({ i32 }, d, memory, address, lane) => {
    const at = (d + lane) << 1;
    i32[at] = memory.getInt32(address, true);
    i32[at + 1] = memory.getInt32(address + 4, true);
  },
};

export const laneStores: Readonly<Record<string, SimdLaneAccess>> = {
  "v128.store8_lane": ({ u8 }, d, memory, address, lane) => memory.setUint8(address, u8[(d << 3) + lane]),
  "v128.store16_lane": ({ u16 }, d, memory, address, lane) => memory.setUint16(address, u16[(d << 2) + lane], true),
  "v128.store32_lane": ({ i32 }, d, memory, address, lane) => memory.setInt32(address, i32[(d << 1) + lane], true),
  "v128.store64_lane": ({ i32 }, d, memory, address, lane) => {
    const at = (d + lane) << 1;
    memory.setInt32(address, i32[at], true);
    memory.setInt32(address + 4, i32[at + 1], true);
  },
};

import { describe, expect, it } from "vitest";
import { type Instruction, instructions } from "../wasm/instructions.ts";
import { F32, F64, I32, I64, V128 } from "../wasm/types.ts";
import {
  makeSimdViews,
  simdExtracts,
  simdLaneLoads,
  simdLaneStores,
  simdLoads,
  simdOperations,
  simdReplaces,
  simdShifts,
  simdSplats,
  simdStore,
  simdTests,
} from "./simd.ts";

const plain = instructions.filter(({ feature }) => feature === "simd");
const relaxed = instructions.filter(({ feature }) => feature === "relaxed-simd");

/** Names that are no function here: 64-bit lanes are slots, constants are moves, and of a shuffle each engine makes the moves that its pattern asks for. */
const moves = new Set(["i8x16.shuffle", "i64x2.splat", "f64x2.splat", "v128.const", "v128.load", "v128.store"]);
const isMove = (name: string): boolean => moves.has(name) || /^[if]64x2\.(extract|replace)_lane$/.test(name);

const leb = (n: number): number[] => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...leb(n >>> 7)]);
const section = (id: number, bytes: number[]): number[] => [id, ...leb(bytes.length), ...bytes];
const load = (opcode: number[], at: number): number[] => [0x41, 0, ...opcode, 0, ...leb(at)];

/** Operands at 0, 16 and 32, results at 48, scalars and what loads read at 64. */
function platformModule(instruction: Instruction, lane: number): { run: () => void; memory: Uint8Array } {
  const { opcode, immediates, params, results } = instruction;
  const op = [0xfd, ...leb(opcode & 0xfff)];
  for (const kind of immediates)
    if (kind === "memarg") op.push(0, 64);
    else op.push(lane);
  const code: number[] = results!.length > 0 ? [0x41, 0] : [];
  params!.forEach((type, i) => {
    if (type === V128) code.push(...load([0xfd, 0], 16 * (i - (params![0] === 1 ? 1 : 0))));
    else if (type === I32) code.push(...load([0x28], 64));
    else if (type === I64) code.push(...load([0x29], 64));
    else if (type === F32) code.push(...load([0x2a], 64));
    else if (type === F64) code.push(...load([0x2b], 64));
    else code.push(0x41, 0);
  });
  code.push(...op);
  const store: Record<number, number[]> = {
    [V128]: [0xfd, 11],
    [I32]: [0x36],
    [I64]: [0x37],
    [F32]: [0x38],
    [F64]: [0x39],
  };
  if (results!.length > 0) code.push(...store[results![0]], 0, 48);
  const body = [0, ...code, 0x0b];
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, 1, 0x72, 0, 0, 1, 0x6d, 2, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
  return {
    run: exports.r as () => void,
    memory: new Uint8Array((exports.m as WebAssembly.Memory).buffer),
  };
}

/** Registers laid out as the platform's memory, starting at an odd slot to show that eight bytes are alignment enough. */
function ours(instruction: Instruction, memory: Uint8Array, lane: number): Uint8Array {
  const { name, params } = instruction;
  const views = makeSimdViews(new ArrayBuffer(104));
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  views.u8.set(memory.subarray(0, 64), 8);
  const scalar = view.getInt32(64, true);
  const result = 7;
  const operation = simdOperations[name];
  if (operation !== undefined) operation(views, result, 1, 3, 5);
  else if (simdShifts[name]) simdShifts[name](views, result, 1, scalar);
  else if (simdTests[name]) views.i32[2 * result] = simdTests[name](views, 1);
  else if (simdSplats[name]) simdSplats[name](views, result, scalar);
  else if (simdExtracts[name]) views.i32[2 * result] = simdExtracts[name](views, 1, lane);
  else if (simdReplaces[name]) {
    views.i64.copyWithin(result, 1, 3);
    simdReplaces[name](views, result, lane, scalar);
  } else if (simdLoads[name]) simdLoads[name](views, result, view, 64);
  else if (simdLaneLoads[name]) {
    views.i64.copyWithin(result, 1, 3);
    simdLaneLoads[name](views, result, view, 64, lane);
  } else if (simdLaneStores[name]) simdLaneStores[name](views, 1, view, 64, lane);
  else if (name === "v128.store") simdStore(views, 1, view, 64);
  else throw new Error(`nothing computes ${name} with ${params!.length} operands`);
  const after = memory.slice();
  after.set(views.u8.subarray(56, 72), 48);
  return after;
}

const interesting32 = [
  0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fa00001, 0xffc12345, 1, 0x80000001,
  0x4f000000, 0xcf000000, 0x4f800000, 0x3f000000, 0x40200000, 0x3fc00000, 0xffffffff, 0x7fffffff, 0x7f7f8180,
  0x00ff00ff,
];
const interesting64 = [
  0n,
  1n << 63n,
  0x3ff8000000000000n,
  0x41dfffffffe00000n,
  0xc1e0000000200000n,
  0x7ff8000000000000n,
  0x7ff4000000000001n,
  0xfff0000000000000n,
  0x4004000000000000n,
];

let seed = 1;
function random(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
  return (seed >>> 8) / 2 ** 24;
}

function fill(memory: Uint8Array): void {
  const view = new DataView(memory.buffer, memory.byteOffset);
  for (let at = 0; at < 96; at += 8) {
    const kind = random();
    if (kind < 0.3) view.setBigUint64(at, interesting64[Math.floor(random() * interesting64.length)], true);
    else
      for (const word of [at, at + 4])
        view.setUint32(
          word,
          kind < 0.7 ? interesting32[Math.floor(random() * interesting32.length)] : random() * 2 ** 32,
          true,
        );
  }
}

/** NaNs of results of float arithmetic compare as one: the specification leaves their payload open. */
function normal(bytes: Uint8Array, name: string): unknown {
  const copy = bytes.slice();
  const bits = /^f32x4/.test(name) ? 32 : /^f64x2/.test(name) ? 64 : 0;
  const exact = /(abs|neg|pmin|pmax|splat|lane|[^a-z](eq|ne|lt|gt|le|ge))$/.test(name) || bits === 0;
  if (!exact) {
    const view = new DataView(copy.buffer);
    for (let at = 48; at < 64; at += bits / 8) {
      if (bits === 32 && Number.isNaN(view.getFloat32(at, true))) view.setUint32(at, 0x7fc00000, true);
      if (bits === 64 && Number.isNaN(view.getFloat64(at, true))) view.setBigUint64(at, 0x7ff8000000000000n, true);
    }
  }
  return Buffer.from(copy.subarray(0, 96)).toString("hex");
}

describe("vector instructions", () => {
  it.each(plain.filter(({ name }) => !isMove(name)).map((instruction) => [instruction.name, instruction] as const))(
    "%s computes what the platform computes",
    (name, instruction) => {
      const lane = instruction.lanes > 0 ? instruction.lanes - 1 : 0;
      const { run, memory } = platformModule(instruction, lane);
      for (let round = 0; round < 40; round++) {
        fill(memory);
        memory.fill(0, 48, 64);
        const mine = ours(instruction, memory.slice(), lane);
        run();
        expect(normal(mine, name)).toBe(normal(memory.slice(), name));
      }
    },
  );

  it("may write the result over an operand", () => {
    for (const { name } of [...plain, ...relaxed]) {
      const operation = simdOperations[name];
      if (operation === undefined) continue;
      for (const target of [1, 3, 5]) {
        const apart = makeSimdViews(new ArrayBuffer(104));
        fill(apart.u8);
        const over = makeSimdViews(apart.u8.slice().buffer);
        operation(apart, 9, 1, 3, 5);
        operation(over, target, 1, 3, 5);
        expect([name, target, over.u64[target], over.u64[target + 1]]).toEqual([
          name,
          target,
          apart.u64[9],
          apart.u64[10],
        ]);
      }
    }
  });

  it("has a function for every relaxed instruction, each within what the specification allows", () => {
    for (const { name } of relaxed) expect(simdOperations[name], name).toBeTypeOf("function");
    const v = makeSimdViews(new ArrayBuffer(80));
    v.f32.fill(0.1, 2, 6);
    v.f32.fill(10, 6, 10);
    v.f32.fill(-1, 10, 14);
    simdOperations["f32x4.relaxed_madd"](v, 7, 1, 3, 5);
    expect(v.f32[14]).toBe(Math.fround(Math.fround(Math.fround(0.1) * 10) - 1));
    simdOperations["f32x4.relaxed_nmadd"](v, 7, 1, 3, 5);
    expect(v.f32[14]).toBe(Math.fround(-1 - Math.fround(Math.fround(0.1) * 10)));
    v.i8.fill(-128, 8, 40);
    v.i32.fill(5, 10, 14);
    simdOperations["i16x8.relaxed_dot_i8x16_i7x16_s"](v, 7, 1, 3, 5);
    expect(v.i16[28]).toBe(32767);
    simdOperations["i32x4.relaxed_dot_i8x16_i7x16_add_s"](v, 7, 1, 3, 5);
    expect(v.i32[14]).toBe(2 * 32767 + 5);
  });
});

import {
  makeSimdViews,
  simdExtracts,
  simdLaneLoads,
  simdLaneStores,
  simdLoads,
  simdOperations,
  simdReplaces,
  simdShifts,
  simdShuffle,
  simdSplats,
  simdStore,
  simdTests,
} from "../../numerics/simd.ts";
import { instructions } from "../../wasm/instructions.ts";
import { type Arena, floatsKeepBits } from "./arena.ts";
import { commonVectorRooms } from "./common-vectors.ts";
import { effectiveAddress } from "./memory-access.ts";
import { VECTOR_ROOMS } from "./room-numbers.ts";
import type { Room } from "./rooms.ts";
import type { MachineState } from "./state.ts";

/** The vector instructions, as the loop calls them. */
export function vectorRooms(arena: Arena, S: MachineState, rooms: Room[]): void {
  const { code, i32, bytes } = arena;
  const views = makeSimdViews(arena.f64.buffer as ArrayBuffer);
  const memoryAt = (pc: number) => S.instance.store.memories[code[pc + 5]];
  const addressOf = (pc: number, fp: number, width: number): number =>
    effectiveAddress(arena, memoryAt(pc), fp + code[pc + 4], code[pc + 6], code[pc + 7], width);

  for (const { opcode, name, width } of instructions) {
    if (opcode >>> 12 !== 0xfd) continue;
    const room = roomOf(name, width);
    if (room !== undefined)
      rooms[VECTOR_ROOMS + (opcode & 0xfff)] = (pc, fp) => {
        room(pc, fp);
        return false;
      };
  }

  commonVectorRooms(arena, rooms);

  // Memory 0 with a small offset, away from the end, and on platforms whose floats keep bits: two moves of 64 bits.
  const { f64 } = arena;
  const generalLoad = rooms[VECTOR_ROOMS];
  const generalStore = rooms[VECTOR_ROOMS + 0x0b];
  if (floatsKeepBits()) {
    rooms[VECTOR_ROOMS] = (pc, fp) => {
      const base = i32[fp + code[pc + 4]];
      const at = (base + code[pc + 6]) | 0;
      if (
        (base | at | code[pc + 6] | code[pc + 5] | code[pc + 7] | ((S.limit - 8 - at) | 0)) < 0 ||
        code[pc + 5] !== 0 ||
        code[pc + 7] !== 0
      )
        return generalLoad(pc, fp);
      const slot = fp + code[pc + 3];
      const { view } = S;
      f64[slot] = view.getFloat64(at, true);
      f64[slot + 1] = view.getFloat64(at + 8, true);
      return false;
    };
    rooms[VECTOR_ROOMS + 0x0b] = (pc, fp) => {
      const base = i32[fp + code[pc + 4]];
      const at = (base + code[pc + 6]) | 0;
      if (
        (base | at | code[pc + 6] | code[pc + 5] | code[pc + 7] | ((S.limit - 8 - at) | 0)) < 0 ||
        code[pc + 5] !== 0 ||
        code[pc + 7] !== 0
      )
        return generalStore(pc, fp);
      const slot = fp + code[pc + 3];
      const { view } = S;
      view.setFloat64(at, f64[slot], true);
      view.setFloat64(at + 8, f64[slot + 1], true);
      return false;
    };
  }

  function roomOf(name: string, width: number): ((pc: number, fp: number) => void) | undefined {
    const operation = simdOperations[name];
    if (operation !== undefined)
      return (pc, fp) => operation(views, fp + code[pc + 3], fp + code[pc + 4], fp + code[pc + 5], fp + code[pc + 6]);
    const shift = simdShifts[name];
    if (shift !== undefined)
      return (pc, fp) => shift(views, fp + code[pc + 3], fp + code[pc + 4], i32[fp + code[pc + 5]]);
    const test = simdTests[name];
    if (test !== undefined)
      return (pc, fp) => {
        i32[fp + code[pc + 3]] = test(views, fp + code[pc + 4]);
      };
    const splat = simdSplats[name];
    if (splat !== undefined) return (pc, fp) => splat(views, fp + code[pc + 3], i32[fp + code[pc + 4]]);
    const extract = simdExtracts[name];
    if (extract !== undefined)
      return (pc, fp) => {
        i32[fp + code[pc + 3]] = extract(views, fp + code[pc + 4], code[pc + 5]);
      };
    const replace = simdReplaces[name];
    if (replace !== undefined)
      return (pc, fp) => replace(views, fp + code[pc + 3], code[pc + 4], i32[fp + code[pc + 5]]);
    if (name === "i8x16.shuffle")
      return (pc, fp) => simdShuffle(views, fp + code[pc + 3], fp + code[pc + 4], fp + code[pc + 5], code, pc + 6);
    const load = simdLoads[name];
    if (load !== undefined)
      return (pc, fp) => load(views, fp + code[pc + 3], memoryAt(pc).view, addressOf(pc, fp, width));
    if (name === "v128.store")
      return (pc, fp) => {
        const address = addressOf(pc, fp, width);
        simdStore(views, fp + code[pc + 3], memoryAt(pc).view, address);
      };
    const laneLoad = simdLaneLoads[name];
    if (laneLoad !== undefined)
      return (pc, fp) => {
        const address = addressOf(pc, fp, width);
        const target = fp + code[pc + 3];
        const source = (fp + code[pc + 9]) * 8;
        bytes.copyWithin(target * 8, source, source + 16);
        laneLoad(views, target, memoryAt(pc).view, address, code[pc + 8]);
      };
    const laneStore = simdLaneStores[name];
    if (laneStore !== undefined)
      return (pc, fp) => {
        const address = addressOf(pc, fp, width);
        laneStore(views, fp + code[pc + 9], memoryAt(pc).view, address, code[pc + 8]);
      };
    return undefined;
  }
}

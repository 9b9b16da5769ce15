import {
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
} from "../../../numerics/simd.ts";
import { instructions } from "../../../wasm/instructions.ts";
import { VECTOR_PREFIX } from "../../../wasm/opcode-slots.ts";
import type { Arena } from "../machine/arena.ts";
import type { MachineState } from "../machine/state.ts";
import type { OutOfLineFunction } from "./basic.ts";
import { effectiveAddress } from "./memory-access.ts";
import { OUT_OF_LINE_VECTOR } from "./numbers.ts";

/** The vector instructions, as the loop calls them. */
export function defineVector(arena: Arena, S: MachineState, outOfLine: OutOfLineFunction[]): void {
  const { code, i32, bytes, lanes: views } = arena;
  const memoryAt = (pc: number) => S.instance.store.memories[code[pc + 5]];
  const addressOf = (pc: number, fp: number, width: number): number =>
    effectiveAddress(arena, memoryAt(pc), fp + code[pc + 4], code[pc + 6], code[pc + 7], width);

  for (const { opcode, name, width } of instructions) {
    if (opcode >>> 12 !== VECTOR_PREFIX) continue;
    const execute = functionOf(name, width);
    if (execute !== undefined)
      outOfLine[OUT_OF_LINE_VECTOR + (opcode & 0xfff)] = (pc, fp) => {
        execute(pc, fp);
        return false;
      };
  }

  const { halves } = arena;
  const wordOf = (base: number, at: number): number =>
    bytes[base + code[at]] |
    (bytes[base + code[at + 1]] << 8) |
    (bytes[base + code[at + 2]] << 16) |
    (bytes[base + code[at + 3]] << 24);
  function shuffle(pc: number, fp: number): void {
    const base = fp << 3;
    const d = (fp + code[pc + 3]) << 1;
    // All is read before anything is written: the result may be where an operand is.
    const a = wordOf(base, pc + 4);
    const b = wordOf(base, pc + 8);
    const c = wordOf(base, pc + 12);
    halves[d + 3] = wordOf(base, pc + 16);
    halves[d] = a;
    halves[d + 1] = b;
    halves[d + 2] = c;
  }

  function functionOf(name: string, width: number): ((pc: number, fp: number) => void) | undefined {
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
    if (name === "i8x16.shuffle") return shuffle;
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

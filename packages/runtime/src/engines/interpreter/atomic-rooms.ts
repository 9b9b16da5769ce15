import {
  type AtomicValue,
  type AtomicView,
  atomicCompareExchange,
  atomicLoad,
  atomicModify,
  atomicStore,
  type Modification,
  platformAtomics,
} from "../../numerics/atomics.ts";
import type { Memory } from "../../store/memory.ts";
import { Trap } from "../../store/trap.ts";
import { instructions } from "../../wasm/instructions.ts";
import type { Arena } from "./arena.ts";
import { effectiveAddress } from "./memory-access.ts";
import { ATOMIC_ROOMS } from "./room-numbers.ts";
import type { Room } from "./rooms.ts";
import type { MachineState } from "./state.ts";

/** A memory in elements of each width, by that width. */
type Views = Readonly<Record<number, AtomicView>>;

const viewsOf = new WeakMap<Uint8Array, Views>();

function views(memory: Memory): Views {
  const { bytes } = memory;
  let made = viewsOf.get(bytes);
  if (made === undefined) {
    const { buffer, length } = bytes;
    made = {
      1: new Uint8Array(buffer, 0, length),
      2: new Uint16Array(buffer, 0, length >>> 1),
      4: new Uint32Array(buffer, 0, Math.floor(length / 4)),
      8: new BigInt64Array(buffer, 0, Math.floor(length / 8)),
    };
    viewsOf.set(bytes, made);
  }
  return made;
}

/** Of an address that has been checked: the element it names, of the access's width. */
interface Place {
  readonly view: AtomicView;
  readonly index: number;
  readonly shared: boolean;
  readonly memory: Memory;
}

/**
 * The atomic instructions. Their words: [room, length, result, address, memory, offset in halves, operands …]; the result is absent from
 * stores, where its place is not looked at.
 */
export function atomicRooms(arena: Arena, S: MachineState, rooms: Room[]): void {
  const { code, i32, i64 } = arena;

  function place(pc: number, fp: number, width: number): Place {
    const memory = S.instance.store.memories[code[pc + 5]];
    // Another thread may have grown it.
    if (memory.type.shared) memory.refresh();
    const address = effectiveAddress(arena, memory, fp + code[pc + 4], code[pc + 6], code[pc + 7], width);
    if (address % width !== 0) throw new Trap("unaligned-atomic", { detail: `address ${address}, width ${width}` });
    return { view: views(memory)[width], index: address / width, shared: memory.type.shared, memory };
  }
  /** An operand, wrapped to the access's width. */
  function take(slot: number, wide: boolean, width: number): AtomicValue {
    if (width === 8) return i64[slot];
    const value = wide ? arena.halves[slot * 2] : i32[slot];
    return width === 4 ? value >>> 0 : value & (width === 2 ? 0xffff : 0xff);
  }
  function put(slot: number, wide: boolean, value: AtomicValue): void {
    if (wide) i64[slot] = BigInt(value);
    else i32[slot] = value as number;
  }

  for (const { opcode, name, width } of instructions) {
    // What may suspend the guest is the driver's: `atomic-wait.ts`.
    if (opcode >>> 12 !== 0xfe || name.startsWith("memory.atomic.wait")) continue;
    const wide = name.startsWith("i64");
    const room = roomOf(name, width, wide);
    rooms[ATOMIC_ROOMS + (opcode & 0xfff)] = (pc, fp) => {
      room(pc, fp);
      return false;
    };
  }

  function roomOf(name: string, width: number, wide: boolean): (pc: number, fp: number) => void {
    if (name === "atomic.fence") return () => {};
    if (name === "memory.atomic.notify")
      return (pc, fp) => {
        const { memory, index, shared } = place(pc, fp, width);
        const count = i32[fp + code[pc + 8]] >>> 0;
        i32[fp + code[pc + 3]] = shared ? platformAtomics().notify(new Int32Array(memory.buffer), index, count) : 0;
      };
    if (name.includes(".load"))
      return (pc, fp) => {
        const { view, index, shared } = place(pc, fp, width);
        put(fp + code[pc + 3], wide, atomicLoad(view, index, shared));
      };
    if (name.includes(".store"))
      return (pc, fp) => {
        const { view, index, shared } = place(pc, fp, width);
        atomicStore(view, index, take(fp + code[pc + 8], wide, width), shared);
      };
    if (name.includes(".cmpxchg"))
      return (pc, fp) => {
        const { view, index, shared } = place(pc, fp, width);
        const expected = take(fp + code[pc + 8], wide, width);
        const value = take(fp + code[pc + 9], wide, width);
        put(fp + code[pc + 3], wide, atomicCompareExchange(view, index, expected, value, shared));
      };
    const how = /rmw\d*\.([a-z]+)/.exec(name)?.[1] as Modification;
    return (pc, fp) => {
      const { view, index, shared } = place(pc, fp, width);
      const value = take(fp + code[pc + 8], wide, width);
      put(fp + code[pc + 3], wide, atomicModify(how, view, index, value, shared));
    };
  }
}

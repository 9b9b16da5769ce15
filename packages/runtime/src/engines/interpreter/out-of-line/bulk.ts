import { moveWithin } from "../../../store/gc.ts";
import { GROWN_BYTES_PER_UNIT } from "../../../store/meter.ts";
import { Trap } from "../../../store/trap.ts";
import type { Arena } from "../machine/arena.ts";
import type { MachineState } from "../machine/state.ts";
import { readAddress, writeAddress } from "./basic.ts";
import { DRIVER_OP } from "./numbers.ts";

/**
 * An instruction that the driver executes between two stays in the loop.
 * @param charge pays fuel and makes the check that the metering plan asks for after it; it may throw a trap
 */
export type DriverInstruction = (pc: number, fp: number, charge: (units: number) => void) => Waiting | undefined;

/** What an instruction suspends the guest for, and the register that gets what it comes to, an i32. */
export interface Waiting {
  readonly slot: number;
  readonly promise: PromiseLike<unknown>;
}

/** A length as the metering plan counts it: at most 2^32 - 1. */
function units(length: number, divisor: number): number {
  return Math.floor(Math.min(length, 0xffffffff) / divisor);
}

/** Instructions of linear memory and tables whose cost depends on an operand. Their words: number, length, charge, then the operands. */
export function defineBulk(arena: Arena, S: MachineState, refresh: () => void, driver: DriverInstruction[]): void {
  const { code, refs } = arena;
  // The length of a copy between address types is of the narrower one; I32 is the greater code.
  const memoryAt = (index: number) => S.instance.store.memories[index];
  const tableAt = (index: number) => S.instance.store.tables[index];
  const BYTES = 64;
  const ELEMENTS = 8;

  // [result, delta, memory]
  driver[DRIVER_OP.memoryGrow] = (pc, fp, charge) => {
    const memory = memoryAt(code[pc + 6]);
    const { address, pageSizeLog2 } = memory.type;
    const delta = readAddress(arena, fp + code[pc + 5], address);
    const before = S.instance.store.growMemory(memory, delta);
    writeAddress(arena, fp + code[pc + 4], address, before);
    refresh();
    charge(before < 0 ? 0 : Math.floor((delta * 2 ** pageSizeLog2) / GROWN_BYTES_PER_UNIT));
  };
  // [target, source, length, target memory, source memory]
  driver[DRIVER_OP.memoryCopy] = (pc, fp, charge) => {
    const to = memoryAt(code[pc + 7]);
    const from = memoryAt(code[pc + 8]);
    const target = readAddress(arena, fp + code[pc + 4], to.type.address);
    const source = readAddress(arena, fp + code[pc + 5], from.type.address);
    const length = readAddress(arena, fp + code[pc + 6], Math.max(to.type.address, from.type.address));
    charge(units(length, BYTES));
    if (target + length > to.bytes.length || source + length > from.bytes.length)
      throw new Trap("out-of-bounds-memory");
    if (to === from) to.bytes.copyWithin(target, source, source + length);
    else to.bytes.set(from.bytes.subarray(source, source + length), target);
  };
  // [target, value, length, memory]
  driver[DRIVER_OP.memoryFill] = (pc, fp, charge) => {
    const memory = memoryAt(code[pc + 7]);
    const target = readAddress(arena, fp + code[pc + 4], memory.type.address);
    const length = readAddress(arena, fp + code[pc + 6], memory.type.address);
    charge(units(length, BYTES));
    if (target + length > memory.bytes.length) throw new Trap("out-of-bounds-memory");
    memory.bytes.fill(arena.i32[fp + code[pc + 5]], target, target + length);
  };
  // [target, source, length, segment, memory]
  driver[DRIVER_OP.memoryInit] = (pc, fp, charge) => {
    const memory = memoryAt(code[pc + 8]);
    const data = S.instance.store.data[code[pc + 7]];
    const target = readAddress(arena, fp + code[pc + 4], memory.type.address);
    const source = arena.i32[fp + code[pc + 5]] >>> 0;
    const length = arena.i32[fp + code[pc + 6]] >>> 0;
    charge(units(length, BYTES));
    if (target + length > memory.bytes.length || source + length > data.length) throw new Trap("out-of-bounds-memory");
    memory.bytes.set(data.subarray(source, source + length), target);
  };

  // [result, value, delta, table]
  driver[DRIVER_OP.tableGrow] = (pc, fp, charge) => {
    const table = tableAt(code[pc + 7]);
    const { address } = table.type;
    const delta = readAddress(arena, fp + code[pc + 6], address);
    const before = S.instance.store.growTable(table, delta, refs[fp + code[pc + 5]]);
    writeAddress(arena, fp + code[pc + 4], address, before);
    charge(before < 0 ? 0 : units(delta, ELEMENTS));
  };
  // [target, source, length, target table, source table]
  driver[DRIVER_OP.tableCopy] = (pc, fp, charge) => {
    const to = tableAt(code[pc + 7]);
    const from = tableAt(code[pc + 8]);
    const target = readAddress(arena, fp + code[pc + 4], to.type.address);
    const source = readAddress(arena, fp + code[pc + 5], from.type.address);
    const length = readAddress(arena, fp + code[pc + 6], Math.max(to.type.address, from.type.address));
    charge(units(length, ELEMENTS));
    if (target + length > to.elements.length || source + length > from.elements.length)
      throw new Trap("out-of-bounds-table");
    if (to === from) moveWithin(to.elements, target, source, length);
    else for (let i = 0; i < length; i++) to.elements[target + i] = from.elements[source + i];
  };
  // [target, value, length, table]
  driver[DRIVER_OP.tableFill] = (pc, fp, charge) => {
    const table = tableAt(code[pc + 7]);
    const target = readAddress(arena, fp + code[pc + 4], table.type.address);
    const length = readAddress(arena, fp + code[pc + 6], table.type.address);
    charge(units(length, ELEMENTS));
    if (target + length > table.elements.length) throw new Trap("out-of-bounds-table");
    table.elements.fill(refs[fp + code[pc + 5]], target, target + length);
  };
  // [target, source, length, segment, table]
  driver[DRIVER_OP.tableInit] = (pc, fp, charge) => {
    const table = tableAt(code[pc + 8]);
    const items = S.instance.store.elements[code[pc + 7]];
    const target = readAddress(arena, fp + code[pc + 4], table.type.address);
    const source = arena.i32[fp + code[pc + 5]] >>> 0;
    const length = arena.i32[fp + code[pc + 6]] >>> 0;
    charge(units(length, ELEMENTS));
    if (target + length > table.elements.length || source + length > items.length)
      throw new Trap("out-of-bounds-table");
    for (let i = 0; i < length; i++) table.elements[target + i] = items[source + i];
  };
}

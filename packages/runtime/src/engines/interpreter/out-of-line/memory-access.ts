import type { Memory } from "../../../store/memory.ts";
import { Trap } from "../../../store/trap.ts";
import { I64 } from "../../../wasm/types.ts";
import { type MemoryForm, memoryForms } from "../generated/machine-opcodes.ts";
import type { Arena } from "../machine/arena.ts";

/**
 * The exact path of loads and stores: for addresses near the end of a memory, memories above 2 GiB or with 64-bit addresses, and the
 * trap that all others end in.
 */

/** Reads `width` bytes into a register, as the instruction's type and signedness want them. */
function load(
  arena: Arena,
  view: DataView,
  address: number,
  type: MemoryForm["type"],
  width: number,
  signed: boolean,
  register: number,
): void {
  if (width === 16) {
    for (let i = 0; i < 4; i++) arena.halves[register * 2 + i] = view.getInt32(address + 4 * i, true);
    return;
  }
  if (width === 8) {
    arena.halves[register * 2] = view.getInt32(address, true);
    arena.halves[register * 2 + 1] = view.getInt32(address + 4, true);
    return;
  }
  const value =
    width === 4
      ? signed
        ? view.getInt32(address, true)
        : view.getUint32(address, true)
      : width === 2
        ? signed
          ? view.getInt16(address, true)
          : view.getUint16(address, true)
        : signed
          ? view.getInt8(address)
          : view.getUint8(address);
  if (type === "i32") arena.i32[register] = value;
  else arena.i64[register] = BigInt(value);
}

function store(
  arena: Arena,
  view: DataView,
  address: number,
  type: MemoryForm["type"],
  width: number,
  register: number,
): void {
  if (width === 16) {
    for (let i = 0; i < 4; i++) view.setInt32(address + 4 * i, arena.halves[register * 2 + i], true);
    return;
  }
  const value = type === "i32" ? arena.i32[register] : arena.halves[register * 2];
  if (width === 1) view.setInt8(address, value);
  else if (width === 2) view.setInt16(address, value, true);
  else view.setInt32(address, value, true);
  if (width === 8) view.setInt32(address + 4, arena.halves[register * 2 + 1], true);
}

/**
 * Executes a memory instruction of the loop that its quick check has refused.
 * @throws Trap `out-of-bounds-memory`
 */
export function accessExactly(arena: Arena, memory: Memory, pc: number, fp: number): void {
  const { code, i32 } = arena;
  const form = memoryForms.get(code[pc]) as MemoryForm;
  const { first, second, shift, addend, offset, type, width } = form;
  let address = first === undefined ? 0 : i32[fp + code[pc + first]];
  if (second !== undefined) address += i32[fp + code[pc + second]] << (shift === undefined ? 0 : code[pc + shift]);
  if (addend !== undefined) address += code[pc + addend];
  const at = (address >>> 0) + code[pc + offset];
  if (at + width > memory.bytes.length) throw new Trap("out-of-bounds-memory");
  const target = fp + code[pc + 1];
  const { view } = memory;
  if (form.operation !== undefined) {
    const { f64 } = arena;
    if (type === "v128") accessVector(arena, form, pc, fp, view, at);
    else if (form.store) view.setFloat64(at, compute(form.operation, f64[target], f64[fp + code[pc + 2]]), true);
    else f64[target] = compute(form.operation, f64[fp + code[pc + 2]], view.getFloat64(at, true));
  } else if (form.constant) {
    if (width === 4) view.setInt32(at, code[pc + 1], true);
    else view.setInt8(at, code[pc + 1]);
  } else if (form.store) store(arena, view, at, type, width, target);
  else load(arena, view, at, type, width, form.signed, target);
}

/** Arithmetic on lanes of f32 whose right operand or whose result is in memory. */
function accessVector(arena: Arena, form: MemoryForm, pc: number, fp: number, view: DataView, at: number): void {
  const { code, lanes } = arena;
  const lane = (word: number, i: number): number => (fp + code[pc + word]) * 2 + i;
  const { f32 } = lanes;
  for (let i = 0; i < 4; i++) {
    const address = at + 4 * i;
    if (form.store) view.setFloat32(address, Math.fround(f32[lane(1, i)] * f32[lane(2, i)]) + f32[lane(3, i)], true);
    else f32[lane(1, i)] = compute(form.operation, f32[lane(2, i)], view.getFloat32(address, true));
  }
}

function compute(operation: MemoryForm["operation"], a: number, b: number): number {
  return operation === "add" ? a + b : operation === "sub" ? a - b : a * b;
}

/** Widths, signs and types of the instructions 0x28 to 0x3e. */
const shapes: readonly (readonly ["i32" | "i64", number, boolean])[] = [
  ["i32", 4, true],
  ["i64", 8, true],
  ["i32", 4, true],
  ["i64", 8, true],
  ["i32", 1, true],
  ["i32", 1, false],
  ["i32", 2, true],
  ["i32", 2, false],
  ["i64", 1, true],
  ["i64", 1, false],
  ["i64", 2, true],
  ["i64", 2, false],
  ["i64", 4, true],
  ["i64", 4, false],
  ["i32", 4, true],
  ["i64", 8, true],
  ["i32", 4, true],
  ["i64", 8, true],
  ["i32", 1, true],
  ["i32", 2, true],
  ["i64", 1, true],
  ["i64", 2, true],
  ["i64", 4, true],
];

/** An address with its offset, in any memory: exact, or beyond every memory. It never wraps. */
export function sumOfAddress(arena: Arena, memory: Memory, register: number, low: number, high: number): number {
  const offset = (high >>> 0) * 4294967296 + (low >>> 0);
  const base =
    memory.type.address === I64
      ? (arena.halves[register * 2 + 1] >>> 0) * 4294967296 + (arena.halves[register * 2] >>> 0)
      : arena.i32[register] >>> 0;
  return base + offset;
}

/** Whether an address with its offset is not a multiple of `width`, by its lowest bits: the sum may not be exact. */
export function isMisaligned(arena: Arena, memory: Memory, register: number, low: number, width: number): boolean {
  const lowest = memory.type.address === I64 ? arena.halves[register * 2] : arena.i32[register];
  return ((lowest + low) & (width - 1)) !== 0;
}

/**
 * The same, of an access.
 * @throws Trap `out-of-bounds-memory` when `width` bytes do not fit there
 */
export function effectiveAddress(
  arena: Arena,
  memory: Memory,
  register: number,
  low: number,
  high: number,
  width: number,
): number {
  const address = sumOfAddress(arena, memory, register, low, high);
  if (address + width > memory.bytes.length) throw new Trap("out-of-bounds-memory");
  return address;
}

/** Executes a load or store of any memory: [number, length, opcode, register, address, memory, offset in halves]. */
export function accessAny(arena: Arena, memory: Memory, pc: number, fp: number): void {
  const { code } = arena;
  const opcode = code[pc + 3];
  const [type, width, signed] = shapes[opcode - 0x28];
  const address = effectiveAddress(arena, memory, fp + code[pc + 5], code[pc + 7], code[pc + 8], width);
  const register = fp + code[pc + 4];
  if (opcode >= 0x36) store(arena, memory.view, address, type, width, register);
  else load(arena, memory.view, address, type, width, signed, register);
}

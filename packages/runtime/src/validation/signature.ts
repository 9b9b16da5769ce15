import { ADDRESS, instructionAt } from "../wasm/instructions.ts";
import { ATOMIC_PREFIX, prefixedSlot } from "../wasm/opcode-slots.ts";
import { switchedOff } from "../wasm/type-features.ts";
import { I32, type ValueType } from "../wasm/types.ts";
import type { BodyState } from "./body-state.ts";
import { naturalAlignments } from "./opcode-table.ts";

const FIRST_ATOMIC = prefixedSlot(ATOMIC_PREFIX, 0);

/**
 * Reads a memory argument (specification, 3.4.7 and 5.4.6).
 * @returns the memory's address type
 */
function readMemArg(state: BodyState, index: number): ValueType {
  const { reader } = state;
  const flags = reader.u32();
  if (flags >= 0x80) state.malformed(`malformed memop flags 0x${flags.toString(16)}`);
  let memory = 0;
  if (flags & 0x40) {
    state.need("multi-memory", "a memory index");
    memory = reader.u32();
  }
  const address = addressOfMemory(state, memory);
  const alignment = flags & 0x3f;
  const natural = naturalAlignments[index];
  if (alignment > natural)
    state.fail(`alignment must not be larger than natural: 2**${alignment}, where 2**${natural} is natural`);
  if (index >= FIRST_ATOMIC && alignment !== natural)
    state.fail(`atomic alignment must be natural: 2**${alignment}, where 2**${natural} is natural`);
  const offset = reader.u64();
  if (address === I32 && offset > 0xffffffffn) state.fail(`offset out of range: ${offset} in a 32-bit memory`);
  return address;
}

function addressOfMemory(state: BodyState, memory: number): ValueType {
  const address = state.context.memories[memory];
  if (address === undefined) state.fail(`unknown memory ${memory}`);
  return address;
}

/** Reads a memory index. @returns the memory's address type */
export function readMemory(state: BodyState): ValueType {
  const memory = state.reader.u32();
  if (memory > 0 && !state.context.has("multi-memory"))
    state.malformed(`zero byte expected: ${switchedOff("a memory index", "multi-memory")}`);
  return addressOfMemory(state, memory);
}

/** A data segment must exist and have been announced. */
export function checkDataIndex(state: BodyState, index: number): void {
  const { module } = state.context;
  if (module.dataCount === undefined) state.malformed("data count section required");
  if (index >= module.dataCount) state.fail(`unknown data segment ${index}`);
}

/** The type of an element segment's elements. */
export function elementsOf(state: BodyState, index: number): ValueType {
  const segment = state.context.module.elements[index];
  if (segment === undefined) state.fail(`unknown elem segment ${index}`);
  return segment.type;
}

/** Validates an instruction whose type stands in the instruction table, whatever its immediates. */
export function signatureInstruction(state: BodyState, index: number): void {
  const { immediates, params, results, lanes } = instructionAt[index]!;
  const { reader } = state;
  let address = I32;
  for (let i = 0; i < immediates.length; i++) {
    switch (immediates[i]) {
      case "memarg":
        address = readMemArg(state, index);
        break;
      case "memory":
        address = readMemory(state);
        break;
      case "lane": {
        const lane = reader.byte();
        if (lane >= lanes) state.fail(`invalid lane index ${lane}: expected less than ${lanes}`);
        break;
      }
      case "lanes":
        for (const lane of reader.take(16))
          if (lane >= lanes) state.fail(`invalid lane index ${lane}: expected less than ${lanes}`);
        break;
      case "i32":
        reader.s32();
        break;
      case "i64":
        reader.s64Low();
        break;
      case "f32":
        reader.skip(4);
        break;
      case "f64":
        reader.skip(8);
        break;
      case "v128":
        reader.skip(16);
        break;
      case "data":
        checkDataIndex(state, reader.u32());
        break;
      case "elem":
        elementsOf(state, reader.u32());
        break;
      case "fence":
        if (reader.byte() !== 0) state.malformed("zero byte expected");
        break;
      default:
        throw new Error(`no rule for the immediate "${immediates[i]}" of an instruction with a signature`);
    }
  }
  for (let i = params!.length - 1; i >= 0; i--) state.pop(params![i] === ADDRESS ? address : params![i]);
  for (let i = 0; i < results!.length; i++) state.push(results![i] === ADDRESS ? address : results![i]);
}

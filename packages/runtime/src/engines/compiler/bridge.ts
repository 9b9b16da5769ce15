import type { Func } from "../../store/function.ts";
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/types.ts";
import { theMachine } from "../interpreter/machine/machine.ts";
import { writeReference } from "../interpreter/machine/values-in-registers.ts";
import { type Callable, noteThrown } from "./state.ts";
import { support } from "./support.ts";

const { bitsOfF32, f32OfBits, Q, setF64, W, X, Y } = support;

/**
 * Calls a function on the interpreter, in the midst of translated code: it stands in a call chain as any other.
 * @param func of an instance that the interpreter can run, which every instance of this engine is
 */
export function interpreted(func: Func): Callable {
  const { params, results } = func.signature;
  return (...args) => {
    const machine = theMachine();
    const { arena } = machine;
    try {
      const activation = machine.begin(func, false);
      let slot = activation.baseFp;
      let at = 0;
      for (const type of params) {
        switch (type) {
          case I32:
            arena.i32[slot] = args[at++] as number;
            break;
          case I64:
            arena.halves[2 * slot] = args[at++] as number;
            arena.halves[2 * slot + 1] = args[at++] as number;
            break;
          case F32:
            arena.i32[slot] = bitsOfF32(args[at++] as number);
            break;
          case F64:
            setF64(arena.f64, slot, args[at++] as number);
            break;
          case V128:
            for (let k = 0; k < 4; k++) arena.halves[2 * slot + k] = args[at++] as number;
            slot++;
            break;
          default:
            writeReference(arena, slot, args[at++]);
        }
        slot++;
      }
      machine.start(activation, func);
      return handOver(activation.baseFp, results);
    } catch (error) {
      // The machine has made the meter exact.
      noteThrown(error);
      throw error;
    }
  };
}

/** Results in the machine's registers, from `slot` on, as translated code hands them over. */
function handOver(slot: number, types: readonly ValueType[]): unknown {
  const { arena } = theMachine();
  let first: unknown;
  const start = slot;
  for (let i = 0; i < types.length; i++, slot++) {
    const type = types[i];
    switch (type) {
      case I32:
        X[2 * i] = arena.i32[slot];
        break;
      case I64:
        X[2 * i] = arena.halves[2 * slot];
        X[2 * i + 1] = arena.halves[2 * slot + 1];
        break;
      case F32:
        Y[i] = f32OfBits(arena.i32[slot]);
        break;
      case F64:
        setF64(Y, i, arena.f64[slot]);
        break;
      case V128:
        for (let k = 0; k < 4; k++) Q[4 * i + k] = arena.halves[2 * slot + k];
        slot++;
        break;
      default:
        // What nobody fetches would be held.
        if (i === 0) first = arena.refs[slot];
        else W[i] = arena.refs[slot];
        continue;
    }
    if (i === 0 && type !== V128) first = type === I32 || type === I64 ? X[0] : Y[0];
  }
  if (arena.refs.length > start) arena.refs.fill(null, start);
  return first;
}

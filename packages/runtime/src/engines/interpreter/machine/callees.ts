import type { Func } from "../../../store/function.ts";
import { Trap } from "../../../store/trap.ts";
import { isDefinedSubtype } from "../../../wasm/type-registry.ts";
import type { Arena } from "./arena.ts";
import type { MachineState } from "./state.ts";

/*
 * Which function an indirect call means.
 */

/** What a table holds, checked against the type that the call expects. */
export function element(S: MachineState, index: number, table: number, type: number): Func {
  const { store } = S.instance;
  const { elements } = store.tables[table];
  const at = index >>> 0;
  if (at >= elements.length) throw new Trap("undefined-element", { detail: `index ${at} of ${elements.length}` });
  const func = elements[at] as Func | null;
  if (func === null) throw new Trap("uninitialized-element", { detail: `index ${at}` });
  if (func.type !== store.types[type] && !isDefinedSubtype(func.type, store.types[type]))
    throw new Trap("indirect-call-type-mismatch");
  return func;
}

/** For the loop: the entry of the function that a `call_indirect` means, or -1 when it is not a plain call within the instance. */
export function resolve(arena: Arena, S: MachineState, pc: number, index: number): number {
  const { code } = arena;
  const { instance } = S;
  const { elements } = instance.store.tables[code[pc + 3]];
  if (index < 0 || index >= elements.length) return -1;
  const func = elements[index] as Func | null;
  if (func === null || func.owner !== instance || func.type !== instance.store.types[code[pc + 4]]) return -1;
  return instance.code.entry(func.index);
}

/** What a register holds that is called. */
export function referenceAt(arena: Arena, S: MachineState, register: number): Func {
  const func = arena.refs[S.fp + register] as Func | null;
  if (func === null) throw new Trap("null-reference");
  return func;
}

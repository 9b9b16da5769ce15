import type { State } from "./state.ts";
import { harmless, support } from "./support.ts";

/** What a name of the text stands for: parts of the instance by their letter and index, or something of the state itself. */
export function partOf(state: State, name: string): unknown {
  // A letter and a number is a part of the instance.
  const rest = name.slice(1);
  switch (isDigit(rest.charCodeAt(0)) ? name[0] : "") {
    case "a":
      return (state.atomic as (opcode: number) => unknown)(Number(rest));
    case "c":
      return state.cell(Number(rest));
    case "m":
      return state.memories[Number(rest)];
    case "M":
      return state.memories[Number(rest)].viewHolder;
    case "t":
      return state.tables[Number(rest)];
    case "E":
      return state.tables[Number(rest)].elements;
    case "G":
      return state.globals[Number(rest)];
    case "I":
      return state.globals[Number(rest)].i32;
    case "D":
      return state.globals[Number(rest)].f64;
    case "F":
      return state.functions[Number(rest)];
    case "T":
      return state.tags[Number(rest)];
    case "Y":
      return state.types[Number(rest)];
    case "k":
      return support.f32OfBits(Number(rest));
    case "K": {
      const [low, high] = rest.split("_");
      return support.f64OfBits(Number(low), Number(high));
    }
    default:
      return state[name];
  }
}

/** Whether what a name stands for cannot throw: some functions, globals and constants. */
export function isHarmless(name: string): boolean {
  return harmless.has(name) || ("GIDFTYkK".includes(name[0]) && isDigit(name.charCodeAt(1)));
}

/** Whether it stands for what holds the view of a memory. */
export function isViewHolder(name: string): boolean {
  return name[0] === "M" && isDigit(name.charCodeAt(1));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

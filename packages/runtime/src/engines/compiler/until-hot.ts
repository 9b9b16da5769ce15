import { interpreted } from "./bridge.ts";
import type { CodeInPieces } from "./code-in-pieces.ts";
import type { CompiledGuest } from "./guest.ts";
import { addPieceParts } from "./piece-parts.ts";
import type { Callable, Cell } from "./state.ts";

/**
 * Slices of fuel that a function consumes on the interpreter, with all that it calls, until it is taken apart, and that pass before the next one is: V8 takes longer to
 * optimise pieces than the interpreter is slow.
 */
const SLICES_TO_PIECES = 1000;
const SLICES_BETWEEN = 2000;

/** Calls a function without a translation on the interpreter, until it is worth taking apart. */
export function untilHot(guest: CompiledGuest, cell: Cell, code: CodeInPieces): Callable {
  const call = interpreted(cell.func);
  const { meter } = guest;
  let left = SLICES_TO_PIECES;
  return (...args) => {
    const before = meter.slices;
    const result = call(...args);
    left -= meter.slices - before;
    if (left < 0 && meter.slices >= guest.piecesAt) {
      left = Number.POSITIVE_INFINITY;
      addPieceParts(guest.state);
      const found = code.inPieces(cell.func.index);
      if (found !== undefined) {
        guest.piecesAt = meter.slices + SLICES_BETWEEN;
        guest.make(cell, found);
      }
    }
    return result;
  };
}

import { type State, skipFrame } from "./state.ts";

/** Room for the locals of all functions in pieces that are being called, in each of two arrays. */
export const FRAME_SLOTS: number = 1 << 18;

/** Gives a state what functions in pieces use of it beside the rest, once. */
export function addPieceParts(state: State): void {
  if (state.Z !== undefined) return;
  Object.assign(state, {
    // Where locals stand between pieces: words, the first of which says where there is room, and floats.
    Z: new Int32Array(FRAME_SLOTS).fill(1, 0, 1),
    N: new Float64Array(FRAME_SLOTS),

    /** Something leaves a function that was in one of its pieces, which has shown itself as the function. */
    passed(error: unknown, index: number, fuel: number): unknown {
      return skipFrame(error)
        ? error
        : (state.unwind as (error: unknown, index: number, fuel: number) => unknown)(error, index, fuel);
    },
  });
}

import type { Frame, Trap } from "@wardian/runtime";

/** A call of a component function on the stack of a trap. */
export interface ComponentFrame {
  /** The instance that was called: `root`, and for the instances inside of another the other's path and a number. */
  readonly instance: string;
  /** The name by which the component exports the function; undefined for one that it does not export. */
  readonly function: string | undefined;
  /** The frames of core functions in this call, the innermost first. */
  readonly core: readonly Frame[];
}

/** A guest may trap with a deep stack of instances. */
const MAX_FRAMES = 100;

const framesOf = new WeakMap<Trap, { readonly frames: ComponentFrame[]; seen: number }>();

/** Notes that a trap leaves a call of a component function. */
export function noteFrame(trap: Trap, instance: string, name: string | undefined): void {
  let noted = framesOf.get(trap);
  if (noted === undefined) framesOf.set(trap, (noted = { frames: [], seen: 0 }));
  if (noted.frames.length >= MAX_FRAMES) return;
  noted.frames.push({ instance, function: name, core: trap.frames.slice(noted.seen) });
  noted.seen = trap.frames.length;
}

/**
 * The calls of component functions that a trap went through, the innermost first.
 *
 * @returns an empty list for an error that left no component
 */
export function componentFrames(trap: Trap): readonly ComponentFrame[] {
  return framesOf.get(trap)?.frames ?? [];
}

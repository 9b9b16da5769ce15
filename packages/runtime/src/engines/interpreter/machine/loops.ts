import { makeLoop } from "../generated/loop.ts";
import { FIRST_VECTOR, opNames } from "../generated/machine-opcodes.ts";
import { makeVectorLoop } from "../generated/vector-loop.ts";
import type { Loop, LoopParts } from "./state.ts";
import { EXIT_STUB } from "./stubs.ts";
import { train } from "./training.ts";

/**
 * V8 optimises the loop for its next entry; a run that never leaves it would go on in slow code, or in code entered in mid-loop,
 * in which the arena's addresses are not constants. So the first runs are short: this much fuel, this many times.
 */
export const WARM_FUEL = 20_000;
const WARM_RUNS = 4_000;

/** The dispatch loops of the machine: which one runs, and how they are made fast. */
export class Loops {
  private readonly parts: LoopParts;
  private readonly main: Loop;
  /** Made when the first vector instruction is met. */
  private vector: Loop | undefined;
  /** The one that runs. From the first vector instruction it is the one that has them, until the slice ends. */
  current: Loop;
  private warmRuns = WARM_RUNS;

  constructor(parts: LoopParts) {
    this.parts = parts;
    this.main = makeLoop(parts);
    this.current = this.main;
    train(parts, this.main, FIRST_VECTOR, EXIT_STUB);
  }

  /** Whether runs are still to be short, of {@link WARM_FUEL}. */
  get warming(): boolean {
    return this.warmRuns > 0;
  }

  /** Goes on with the loop that has the vector instructions. */
  useVectors(): void {
    this.current = this.vector ??= this.makeVectorLoop();
  }

  endSlice(): void {
    if (this.warmRuns > 0) this.warmRuns--;
    this.current = this.main;
  }

  private makeVectorLoop(): Loop {
    const loop = makeVectorLoop(this.parts);
    train(this.parts, loop, opNames.length, EXIT_STUB);
    this.warmRuns = WARM_RUNS;
    return loop;
  }
}

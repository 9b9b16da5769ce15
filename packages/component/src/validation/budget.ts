import { CompileError } from "@wardian/runtime/internal";
import { LIMITS } from "../binary/limits.ts";

/** The steps that the validation of one component, with all that is inside, may take to compare and copy types. */
export class Budget {
  private left: number = LIMITS.typeSteps;

  /** @throws CompileError when there is none left */
  step(count = 1): void {
    this.left -= count;
    if (this.left < 0)
      throw new CompileError(`types too large: comparing them takes more than ${LIMITS.typeSteps} steps`);
  }
}

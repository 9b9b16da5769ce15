import { aggregateInstruction } from "./aggregates.ts";
import { checkSupertype, depthOf } from "./subtypes.ts";

/**
 * What the validation of garbage collection adds. A runtime without garbage collection leaves it out: the decoder refuses its types, and the
 * validator its instructions.
 */
export interface AggregateRules {
  readonly instruction: typeof aggregateInstruction;
  readonly subtypes: { readonly depthOf: typeof depthOf; readonly checkSupertype: typeof checkSupertype };
}

export const aggregateRules: AggregateRules = {
  instruction: aggregateInstruction,
  subtypes: { depthOf, checkSupertype },
};

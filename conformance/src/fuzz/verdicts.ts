import { CompileError, type Feature, Runtime } from "@wardian/runtime";
import { platform } from "./platform.ts";

/** What two judges said of a module. An accepted module has no reason. */
export interface Disagreement {
  readonly ours: string | undefined;
  readonly platform: string | undefined;
}

/**
 * Where V8 says no to valid modules: its own limits on sizes, and combinations that it does not take.
 */
const platformLimits: readonly RegExp[] = [
  /larger than implementation limit/,
  /exceeds .*limit|exceeds the maximum|maximum number of|maximum function size/,
  /module uses a mix of legacy and new exception handling/,
];

/**
 * Where this runtime says no to modules that some platforms take. V8 did not ask for natural alignment of atomics at first, and it takes
 * a `br_on_non_null` to a label without operands.
 */
const ourLimits: readonly RegExp[] = [
  /^atomic alignment must be natural/,
  /where a reference comes last/,
  /^code too complex/,
  /^too many operands/,
];

/** Judges the module by this runtime and by the platform; undefined when they agree, or may differ. */
export function compareVerdicts(bytes: Uint8Array, runtime: Runtime): Disagreement | undefined {
  const ours = ourReason(bytes, runtime);
  const accepted = platform.validate(bytes);
  if (accepted === (ours === undefined)) return undefined;
  if (ours !== undefined && ourLimits.some((limit) => limit.test(ours))) return undefined;
  const theirs = accepted ? undefined : platformReason(bytes);
  if (theirs !== undefined && platformLimits.some((limit) => limit.test(theirs))) return undefined;
  return { ours, platform: theirs };
}

export function judge(features: ReadonlySet<Feature>): Runtime {
  const off = Object.fromEntries([...new Runtime().features].map((name) => [name, false]));
  return new Runtime({ features: { ...off, ...Object.fromEntries([...features].map((name) => [name, true])) } });
}

function ourReason(bytes: Uint8Array, runtime: Runtime): string | undefined {
  try {
    runtime.compileSync(bytes);
    return undefined;
  } catch (error) {
    // Anything else is a fault of the decoder or the validator, whatever the platform says.
    if (!(error instanceof CompileError)) throw error;
    return error.message;
  }
}

function platformReason(bytes: Uint8Array): string | undefined {
  try {
    new platform.Module(bytes);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

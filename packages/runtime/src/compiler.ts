/**
 * The compiler engine alone, for bundles in which every kilobyte counts: bytes to JavaScript, without the interpreter, the platform engine and
 * the text format. It differs from `@wardian/runtime` in this: modules with garbage collection, threads or wide arithmetic are refused, guests
 * cannot be called through `instance.async`, and a function that JavaScript cannot be made of is a `RuntimeError` when it is called.
 *
 * @module
 */

import { BaseRuntime, type RuntimeOptions } from "./api/base-runtime.ts";
import { compilerAlone } from "./engines/compiler/alone.ts";
import { codeGenerator, codeOf, ModuleCode } from "./engines/compiler/code.ts";
import { validateWithoutAggregates } from "./validation/validate.ts";

export * from "./api/shared-exports.ts";

const engine = compilerAlone({
  unfit: () => (codeGenerator() === undefined ? "this platform does not let JavaScript be made from text" : undefined),
  translatedFor(module, { limits, deterministic }) {
    const depth = limits.callDepth !== Number.POSITIVE_INFINITY;
    const code = codeOf(ModuleCode, module, { depth, deterministic, alone: true });
    return (index) => code.function(index);
  },
});

/** As `Runtime` of `@wardian/runtime`, with the compiler alone. */
export class Runtime extends BaseRuntime {
  /** @throws TypeError for an option that makes no sense */
  constructor(options?: RuntimeOptions) {
    super(
      { engines: [engine], lacks: ["gc", "threads", "wide-arithmetic"], validate: validateWithoutAggregates },
      options,
    );
  }
}

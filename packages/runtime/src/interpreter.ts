/**
 * The interpreter alone, for platforms where neither WebAssembly nor making code from text is allowed: edge workers, pages with a strict
 * content security policy, extensions. It does what `@wardian/runtime` does there, without the other engines and the text format.
 *
 * @module
 */

import { BaseRuntime, type RuntimeOptions } from "./api/base-runtime.ts";
import { fullParts } from "./api/full-parts.ts";
import { interpreter } from "./engines/interpreter/engine.ts";

export * from "./api/shared-exports.ts";

/** As `Runtime` of `@wardian/runtime`, with the interpreter alone. */
export class Runtime extends BaseRuntime {
  /** @throws TypeError for an option that makes no sense */
  constructor(options?: RuntimeOptions) {
    super(fullParts([interpreter]), options);
  }
}

/**
 * The interpreter alone, for platforms where neither WebAssembly nor making code from text is allowed: edge workers, pages with a strict
 * content security policy, extensions. It does what `@wardian/runtime` does there, without the other engines and the text format.
 *
 * @module
 */
import { interpreter } from "./engines/interpreter/engine.ts";
import { RuntimeOf, type RuntimeOptions } from "./runtime-of.ts";
import { wholeParts } from "./whole-parts.ts";

export * from "./face.ts";

/** As `Runtime` of `@wardian/runtime`, with the interpreter alone. */
export class Runtime extends RuntimeOf {
  /** @throws TypeError for an option that makes no sense */
  constructor(options?: RuntimeOptions) {
    super(wholeParts([interpreter]), options);
  }
}

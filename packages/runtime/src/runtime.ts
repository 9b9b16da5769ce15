import { compileOther } from "./compile-other.ts";
import { demangle } from "./demangle/demangle.ts";
import { compiler } from "./engines/compiler/engine.ts";
import { interpreter } from "./engines/interpreter/engine.ts";
import { platform } from "./engines/platform/engine.ts";
import { checkBytes } from "./module-source.ts";
import { RuntimeOf, type RuntimeOptions } from "./runtime-of.ts";
import { useDemangler } from "./store/frame-name.ts";
import { wholeParts } from "./whole-parts.ts";

/**
 * Compiles and runs WebAssembly under limits: the way into this package.
 *
 * @example
 * const runtime = new Runtime({ limits: { fuel: 1_000_000n } });
 * const instance = await runtime.instantiate(await runtime.compile(bytes), imports);
 */
export class Runtime extends RuntimeOf {
  /** @throws TypeError for an option that makes no sense */
  constructor(options?: RuntimeOptions) {
    // The fastest first, the one that holds everything last.
    super({ ...wholeParts([platform, compiler, interpreter]), compileOther, checkBytes }, options);
    useDemangler(demangle);
  }
}

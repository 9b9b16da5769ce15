import { demangle } from "../demangle/demangle.ts";
import { compiler } from "../engines/compiler/engine.ts";
import { interpreter } from "../engines/interpreter/engine.ts";
import { platform } from "../engines/platform/engine.ts";
import { useDemangler } from "../store/frame-name.ts";
import { BaseRuntime, type RuntimeOptions } from "./base-runtime.ts";
import { compileNonBinary } from "./compile-non-binary.ts";
import { fullParts } from "./full-parts.ts";
import { checkBytes } from "./module-source.ts";

/**
 * Compiles and runs WebAssembly under limits: the way into this package.
 *
 * @example
 * const runtime = new Runtime({ limits: { fuel: 1_000_000n } });
 * const instance = await runtime.instantiate(await runtime.compile(bytes), imports);
 */
export class Runtime extends BaseRuntime {
  /** @throws TypeError for an option that makes no sense */
  constructor(options?: RuntimeOptions) {
    // The fastest first, the one that holds everything last.
    super({ ...fullParts([platform, compiler, interpreter]), compileNonBinary, checkBytes }, options);
    useDemangler(demangle);
  }
}

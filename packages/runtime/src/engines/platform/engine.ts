import type { Engine, EngineInstance, Extern, InstanceOptions } from "../../store/engine.ts";
import { Func } from "../../store/function.ts";
import type { Module } from "../../store/module.ts";
import { checkInitialSizes } from "../../store/sizes.ts";
import { LinkError } from "../../store/trap.ts";
import type { StringBuiltin } from "../../wasm/string-builtins.ts";
import { burdenOf } from "./burden.ts";
import { PlatformInstance } from "./instance.ts";
import { platformAbilities } from "./probe.ts";
import { GUEST, type RewriteOptions } from "./rewrite/layout.ts";
import { platformModule, type Variant } from "./variant.ts";

/**
 * The engine that hands modules to the platform's own WebAssembly, rewritten so that they meter themselves: the fastest, where the platform
 * has WebAssembly and lets it be compiled at run time.
 */
export const platform: Engine = {
  name: "platform",

  refuse(module: Module, options: InstanceOptions): string | undefined {
    const abilities = platformAbilities();
    if (typeof abilities === "string") return abilities;
    if (options.async && !abilities.suspends)
      return "this platform cannot suspend its WebAssembly (it has no JavaScript Promise Integration), which asynchronous calls need";
    const known = platformModule(module);
    const missing = known.missingFeatures();
    if (missing.length > 0) return `this platform's WebAssembly lacks ${missing.join(", ")}`;
    const burden = burdenOf(module);
    if (burden !== undefined) return burden;
    return known.failure(rewriteOptions(module, undefined, options));
  },

  async prepare(module: Module, options: InstanceOptions, imports?: readonly Extern[]): Promise<void> {
    await platformModule(module).compile(rewriteOptions(module, imports, options), options.cache);
  },

  instantiate(module: Module, imports: readonly Extern[], options: InstanceOptions): EngineInstance {
    checkInitialSizes(module, imports, options);
    let variant: Variant;
    try {
      variant = platformModule(module).compileSync(rewriteOptions(module, imports, options));
    } catch (error) {
      throw new LinkError(`the platform's WebAssembly refuses the module: ${(error as Error).message}`);
    }
    return new PlatformInstance(variant, imports, options);
  },
};

/** @param imports undefined before they are known: then each costs what most cost */
function rewriteOptions(
  module: Module,
  imports: readonly Extern[] | undefined,
  { limits, budget, exactFuel, deterministic }: InstanceOptions,
): RewriteOptions {
  const abilities = platformAbilities();
  const { syntax, valid } = module;
  const functions = imports?.filter((extern): extern is Func => extern instanceof Func);
  return {
    depth: limits.callDepth !== Number.POSITIVE_INFINITY,
    exactFuel,
    deterministic,
    suspends: typeof abilities !== "string" && abilities.suspends,
    carries: typeof abilities !== "string" && !abilities.hints && abilities.features.has("tail-call"),
    alignsFirst: typeof abilities !== "string" && abilities.alignsFirst,
    // The host knows what a budget's instances hold, and applies the limits of the instance as well.
    memory: budget === undefined ? limits.memory : Number.POSITIVE_INFINITY,
    tableElements: budget === undefined ? limits.tableElements : Number.POSITIVE_INFINITY,
    hostCosts:
      functions === undefined
        ? new Array<number>(syntax.importCounts.func).fill(1)
        : functions.map(({ owner, cost }) => (owner === undefined ? cost : GUEST)),
    subtyped: (functions ?? []).flatMap(({ type }, i) => (type === valid.types[syntax.functions[i]] ? [] : [i])),
    // Another instance may export a builtin function, too.
    builtins: functions?.map(({ builtin }) => builtin?.name) ?? suppliedBuiltins(module),
    stringConstants: valid.supplied?.importedStringConstants,
    shared: budget !== undefined,
  };
}

function suppliedBuiltins({ syntax, valid }: Module): (StringBuiltin | undefined)[] {
  return syntax.imports
    .filter(({ kind }) => kind === "func")
    .map((item) => valid.supplied?.imports.get(item)?.builtin?.name);
}

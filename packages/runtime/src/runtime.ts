import { decodeModule } from "./binary/decode.ts";
import { encodeModule } from "./binary/encode.ts";
import { chooseEngine, type EngineChoice } from "./engines/choose.ts";
import { adoptCompiled, bytesOfCompiled, type CompiledModule, isCompiledModule } from "./engines/compiler/ahead.ts";
import { adoptShared, isSharedModule, type SharedModule } from "./engines/share.ts";
import { Instance } from "./instance.ts";
import { Module } from "./module.ts";
import type { EngineName, Extern, InstanceOptions } from "./store/engine.ts";
import { type Limits, resolveLimits } from "./store/limits.ts";
import { type ImportObject, resolveImports } from "./store/link.ts";
import type { ModuleCache } from "./store/module-cache.ts";
import { LinkError } from "./store/trap.ts";
import { parseModule } from "./text/parser.ts";
import { revalidateModule, validateModule } from "./validation/validate.ts";
import { CompileError } from "./wasm/errors.ts";
import { type Feature, type FeatureSet, selectFeatures } from "./wasm/features.ts";
import type { WasmModule } from "./wasm/module.ts";

export interface RuntimeOptions {
  /** Which engine runs the guests; `"auto"`, the default, picks the fastest that can hold the module under the asked limits. */
  readonly engine?: EngineName | "auto";
  /** Proposals to switch on or off; the default is WebAssembly 3.0 and the older exception handling. */
  readonly features?: Partial<Record<Feature, boolean>>;
  /** Limits of every instance; an instance may lower them. */
  readonly limits?: Limits;
  /**
   * Keeps what engines make of modules, for the next runtime or process that compiles the same bytes: the platform engine's rewritten modules.
   * Used by the asynchronous `compile` and `instantiate`. A `MemoryCache`, or a `FolderCache` of `@wardian/runtime/node`.
   */
  readonly cache?: ModuleCache;
}

export interface InstantiateOptions {
  /** Limits of this instance; none may be higher than the runtime's. */
  readonly limits?: Limits;
  /** The instance will be called through `instance.async`, so `"auto"` must pick an engine that can suspend it here. Default false. */
  readonly async?: boolean;
  /** On the platform engine, keep `fuel.consumed` exact after traps that the platform itself raises. Costs some speed. Default false. */
  readonly exactFuel?: boolean;
  /** Share of the event loop beside other guests that run in slices. Default 1. */
  readonly weight?: number;
}

/**
 * A module as bytes in the binary format, as text in the text format, translated ahead of time by `compileAhead`, or from another thread
 * by `shareModule`.
 */
export type ModuleSource = Uint8Array | ArrayBuffer | string | CompiledModule | SharedModule;

/**
 * Compiles and runs WebAssembly under limits: the way into this package.
 *
 * @example
 * const runtime = new Runtime({ limits: { fuel: 1_000_000n } });
 * const instance = await runtime.instantiate(await runtime.compile(bytes), imports);
 */
export class Runtime {
  /** The features that modules may use. */
  readonly features: FeatureSet;
  private readonly engine: EngineName | "auto";
  private readonly limits: Limits | undefined;
  private readonly cache: ModuleCache | undefined;

  /** @throws TypeError for an option that makes no sense */
  constructor(options: RuntimeOptions = {}) {
    this.engine = options.engine ?? "auto";
    if (!["auto", "interpreter", "compiler", "platform"].includes(this.engine))
      throw new TypeError(`unknown engine "${this.engine}"; expected "auto", "platform", "compiler" or "interpreter"`);
    this.features = selectFeatures(options.features);
    resolveLimits(options.limits);
    this.limits = options.limits;
    this.cache = options.cache;
  }

  /** Whether the source is a module that is well-formed, valid, and within this runtime's features. */
  validate(source: ModuleSource): boolean {
    try {
      this.compileSync(source);
      return true;
    } catch (error) {
      if (error instanceof CompileError) return false;
      throw error;
    }
  }

  /**
   * Decodes and validates a module.
   * @throws CompileError that names the place: a byte offset, or line and column
   */
  compileSync(source: ModuleSource): Module {
    if (typeof source === "string") return this.compileText(source);
    if (isCompiledModule(source)) {
      const module = this.compileSync(bytesOfCompiled(source));
      adoptCompiled(module, source);
      return module;
    }
    if (isSharedModule(source)) {
      const module = new Module(
        source.bytes,
        revalidateModule(decodeModule(source.bytes, this.features), this.features),
      );
      adoptShared(module, source);
      return module;
    }
    // A copy, as the platform makes: code is read from the bytes again when it first runs, and must be what was validated.
    const bytes = source instanceof Uint8Array ? new Uint8Array(source) : new Uint8Array(source.slice(0));
    return new Module(bytes, validateModule(decodeModule(bytes, this.features), this.features));
  }

  /**
   * As {@link compileSync}; what the engine can prepare ahead of the first instance is prepared too.
   *
   * @param instances options that instances will have; what is prepared for others is of no use to them on the platform engine
   */
  async compile(source: ModuleSource, instances: InstantiateOptions = {}): Promise<Module> {
    const module = this.compileSync(source);
    const options = this.instanceOptions(instances);
    try {
      await chooseEngine(this.engine, module, options).engine.prepare(module, options);
    } catch (error) {
      // That no engine can hold it is said by `instantiate`, whose options may differ.
      if (error instanceof CompileError) throw error;
    }
    return module;
  }

  /**
   * Makes an instance and calls its start function.
   *
   * @param imports as on the platform: objects by module name
   * @throws LinkError when an import is missing or of another type, or the module does not fit into its limits; Trap when
   *   a segment does not fit or the start function traps; and what host functions throw
   */
  instantiateSync(module: Module, imports?: ImportObject, options: InstantiateOptions = {}): Instance {
    const resolved = this.instanceOptions(options);
    return this.makeInstance(module, resolveImports(module.valid, imports), resolved);
  }

  private makeInstance(module: Module, externs: readonly Extern[], options: InstanceOptions): Instance {
    const choice = chooseEngine(this.engine, module, options);
    const make = ({ engine, reason }: EngineChoice): Instance =>
      new Instance(engine.instantiate(module, externs, options), reason);
    try {
      return make(choice);
    } catch (error) {
      if (this.engine !== "auto" || !(error instanceof LinkError)) throw error;
      // An engine may find out only now that it cannot hold the module; asked again, it says so.
      const other = chooseEngine(this.engine, module, options);
      if (other.engine === choice.engine) throw error;
      return make(other);
    }
  }

  /** As {@link instantiateSync}, preparing the module for its engine first without blocking where the platform can. */
  async instantiate(module: Module, imports?: ImportObject, options: InstantiateOptions = {}): Promise<Instance> {
    const resolved = this.instanceOptions(options);
    const externs = resolveImports(module.valid, imports);
    // What cannot be prepared is refused below, in words, or held by another engine.
    await chooseEngine(this.engine, module, resolved)
      .engine.prepare(module, resolved, externs)
      .catch(() => {});
    return this.makeInstance(module, externs, resolved);
  }

  private compileText(text: string): Module {
    const parsed = parseModule(text, this.features);
    const bytes = encodeModule(parsed.module);
    let module: WasmModule | undefined;
    try {
      module = decodeModule(bytes, this.features);
      return new Module(bytes, validateModule(module, this.features));
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      const { reason, offset, functionIndex, section, entry } = error;
      // An offset in bytes that the caller never saw says nothing: the place in the text stands for it, where there is one.
      const instruction = module === undefined || offset === undefined ? undefined : parsed.positionOf(module, offset);
      const position = instruction ?? parsed.declarationOf(error);
      const Kind = error.constructor as typeof CompileError;
      throw new Kind(reason, { position, functionIndex, section, entry });
    }
  }

  private instanceOptions(options: InstantiateOptions): InstanceOptions {
    const weight = options.weight ?? 1;
    if (!(weight > 0 && weight <= 1000))
      throw new TypeError(`weight must be a number above 0 and at most 1000, not ${weight}`);
    return {
      limits: resolveLimits(this.limits, options.limits),
      async: options.async ?? false,
      exactFuel: options.exactFuel ?? false,
      weight,
      cache: this.cache,
    };
  }
}

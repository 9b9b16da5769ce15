import { decodeModule } from "../binary/decode.ts";
import { chooseEngine, type EngineChoice } from "../engines/choose.ts";
import type { CompiledModule } from "../engines/compiler/compiled-module.ts";
import type { SharedModule } from "../engines/share.ts";
import type { Budget } from "../store/budget.ts";
import type { Engine, EngineName, Extern, InstanceOptions } from "../store/engine.ts";
import type { ImportObject } from "../store/import-object.ts";
import { type Limits, readLimits, resolveLimits } from "../store/limits.ts";
import { resolveImports } from "../store/link.ts";
import { Module } from "../store/module.ts";
import type { ModuleCache } from "../store/module-cache.ts";
import type { SupplyOptions, supplies } from "../store/supplied.ts";
import { LinkError, WHOLE } from "../store/trap.ts";
import type { validateModule } from "../validation/validate.ts";
import { CompileError } from "../wasm/errors.ts";
import { type Feature, type FeatureSet, selectFeatures } from "../wasm/features.ts";
import { type OptionNames, readOptions } from "../wasm/options.ts";
import { Instance } from "./instance.ts";
import { type InstantiateOptions, instanceOptionNames, resolveOptions } from "./instantiate-options.ts";

export interface RuntimeOptions {
  /** Which engine runs the guests; `"auto"`, the default, picks the fastest that can hold the module under the asked limits. */
  readonly engine?: EngineName | "auto";
  /** Proposals to switch on or off; the default is WebAssembly 3.0 and the older exception handling. */
  readonly features?: Partial<Record<Feature, boolean>>;
  /** Limits of every instance; an instance may lower them. */
  readonly limits?: Limits;
  /** Whether instances are deterministic to the bit unless they say otherwise: see `InstantiateOptions.deterministic`. Default false. */
  readonly deterministic?: boolean;
  /**
   * Keeps what engines make of modules, for the next runtime or process that compiles the same bytes: the platform engine's rewritten modules.
   * Used by the asynchronous `compile` and `instantiate`. A `MemoryCache`, or a `FolderCache` of `@wardian/runtime/node`.
   */
  readonly cache?: ModuleCache;
}

/**
 * A module as bytes in the binary format, as text in the text format, translated ahead of time by `compileAhead`, or from another thread
 * by `shareModule`.
 */
export type ModuleSource = Uint8Array | ArrayBuffer | string | CompiledModule | SharedModule;

/** Options of `compile`, named as the platform names them. */
export interface CompileOptions extends SupplyOptions {}

/** What a runtime is made of: bundles that need less than everything leave parts out. */
export interface RuntimeParts {
  /** The engines, in the order in which `"auto"` tries them. */
  readonly engines: readonly Engine[];
  /** Features that no engine of these has, off whatever was asked. */
  readonly lacks: readonly Feature[];
  /** Validates a decoded module. */
  readonly validate: typeof validateModule;
  /** Finds the imports that options supply; undefined where there are no such options. */
  readonly supplies?: typeof supplies;
  /** Refuses bytes that are plainly no module, in words of its own. @throws CompileError */
  readonly checkBytes?: (source: Uint8Array | ArrayBuffer) => void;
  /** Compiles what is not a module's bytes; undefined where there is nothing that knows the other forms. @throws CompileError */
  readonly compileNonBinary?: (source: NonBinarySource, features: FeatureSet, options: CompileOptions) => Module;
}

/** A module in another form than its bytes. */
export type NonBinarySource = Exclude<ModuleSource, Uint8Array | ArrayBuffer>;

/** Whether a value is bytes, of this realm or another. Any view will do, as on the platform. */
function isBytes(source: unknown): source is Uint8Array | ArrayBuffer {
  return ArrayBuffer.isView(source) || /ArrayBuffer\]$/.test(Object.prototype.toString.call(source));
}

/** @throws CompileError that names the byte offset */
export function compileBytes(
  source: Uint8Array | ArrayBuffer,
  features: FeatureSet,
  { validate, supplies }: Pick<RuntimeParts, "validate" | "supplies">,
  options: CompileOptions = {},
): Module {
  // A copy, as the platform makes: code is read from the bytes again when it first runs, and must be what was validated.
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source.slice(0));
  const valid = validate(decodeModule(bytes, features), features);
  return new Module(bytes, supplies?.supply(valid, options) ?? valid);
}

const compileNames: OptionNames<CompileOptions> = { builtins: true, importedStringConstants: true };

const optionNames: OptionNames<RuntimeOptions> = {
  engine: true,
  features: true,
  limits: true,
  deterministic: true,
  cache: true,
};

/** Compiles and runs WebAssembly under limits with the engines that it is given. Entries of the package export it with theirs as `Runtime`. */
export class BaseRuntime {
  /** The features that modules may use. */
  readonly features: FeatureSet;
  private readonly parts: RuntimeParts;
  private readonly engine: EngineName | "auto";
  private readonly limits: Limits | undefined;
  private readonly deterministic: boolean;
  private readonly cache: ModuleCache | undefined;

  /** @throws TypeError for an option that is not known or makes no sense */
  constructor(parts: RuntimeParts, given?: RuntimeOptions) {
    const options = readOptions("Runtime", optionNames, given);
    this.parts = parts;
    this.engine = options.engine ?? "auto";
    const names = ["auto", ...parts.engines.map(({ name }) => name)];
    if (!names.includes(this.engine))
      throw new TypeError(`unknown engine "${this.engine}"; expected "${names.join('", "')}"`);
    this.features = selectFeatures(options.features);
    for (const feature of parts.lacks)
      if (options.features?.[feature]) throw new TypeError(`the feature "${feature}" needs ${WHOLE}`);
    if (parts.lacks.length > 0)
      this.features = new Set([...this.features].filter((feature) => !parts.lacks.includes(feature)));
    this.limits = readLimits(options.limits);
    resolveLimits(this.limits);
    this.deterministic = options.deterministic ?? false;
    this.cache = options.cache;
  }

  /**
   * Whether the source is a module that is well-formed, valid, and within this runtime's features.
   * @param options as {@link compile} takes them: the imports that they supply must have the right types
   */
  validate(source: ModuleSource, options?: CompileOptions): boolean {
    try {
      this.compileSync(source, options);
      return true;
    } catch (error) {
      if (error instanceof CompileError) return false;
      throw error;
    }
  }

  /**
   * Decodes and validates a module.
   *
   * @param options what the module may import without its host giving it
   * @throws CompileError that names the place: a byte offset, or line and column; TypeError for what is neither bytes
   *   nor text, and for a set of builtins that does not exist
   */
  compileSync(source: ModuleSource, given?: CompileOptions): Module {
    const options = readOptions("compileSync", compileNames, given);
    const { checkBytes, compileNonBinary, supplies } = this.parts;
    if (supplies !== undefined) supplies.check(options);
    else if (options.builtins !== undefined || options.importedStringConstants !== undefined)
      throw new TypeError(`builtins and importedStringConstants need ${WHOLE}`);
    if (isBytes(source)) {
      checkBytes?.(source);
      return compileBytes(source, this.features, this.parts, options);
    }
    if (compileNonBinary === undefined) throw new TypeError(`here a module is its bytes; for other forms use ${WHOLE}`);
    return compileNonBinary(source, this.features, options);
  }

  /**
   * As {@link compileSync}; what the engine can prepare ahead of the first instance is prepared too.
   *
   * @param options what the module may import without its host giving it, and the options that instances will have: what is prepared for others is
   *   of no use to them on the platform engine
   */
  async compile(source: ModuleSource, options?: CompileOptions & InstantiateOptions): Promise<Module> {
    const read = readOptions("compile", { ...compileNames, ...instanceOptionNames }, options);
    const module = this.compileSync(source, read);
    const instances = this.instanceOptions(read);
    try {
      await chooseEngine(this.parts.engines, this.engine, [module], instances).engine.prepare(module, instances);
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
  instantiateSync(module: Module, imports?: ImportObject, options?: InstantiateOptions): Instance {
    const resolved = this.instanceOptions(options);
    return this.makeInstance(module, this.importsOf(module, imports), resolved);
  }

  private makeInstance(module: Module, externs: readonly Extern[], options: InstanceOptions): Instance {
    const choice = chooseEngine(this.parts.engines, this.engine, [module], options);
    const make = ({ engine, reason }: EngineChoice): Instance =>
      new Instance(engine.instantiate(module, externs, options), reason);
    try {
      return make(choice);
    } catch (error) {
      if (this.engine !== "auto" || !(error instanceof LinkError)) throw error;
      // An engine may find out only now that it cannot hold the module; asked again, it says so.
      const other = chooseEngine(this.parts.engines, this.engine, [module], options);
      if (other.engine === choice.engine) throw error;
      return make(other);
    }
  }

  /** As {@link instantiateSync}, preparing the module for its engine first without blocking where the platform can. */
  async instantiate(module: Module, imports?: ImportObject, options?: InstantiateOptions): Promise<Instance> {
    const resolved = this.instanceOptions(options);
    const externs = this.importsOf(module, imports);
    // What cannot be prepared is refused below, in words, or held by another engine.
    await chooseEngine(this.parts.engines, this.engine, [module], resolved)
      .engine.prepare(module, resolved, externs)
      .catch(() => {});
    return this.makeInstance(module, externs, resolved);
  }

  /**
   * Chooses the engine of a budget before its first instance: one that can hold all modules. Without this, the first instance decides.
   *
   * @param budget what the instances will share
   * @param modules those that will be instantiated with it
   * @param options as the instances will have them
   * @throws LinkError when no engine can hold all of them, or the budget's instances run on another engine already
   */
  bindBudget(budget: Budget, modules: readonly Module[], options?: InstantiateOptions): void {
    const resolved = this.instanceOptions({ ...options, budget });
    budget.bind(chooseEngine(this.parts.engines, this.engine, modules, resolved).engine.name);
  }

  /** The imports' values. @throws TypeError for what `compile` did not make */
  private importsOf(module: Module, imports: ImportObject | undefined): Extern[] {
    if (module?.valid === undefined)
      throw new TypeError("instantiate takes a Module, as `await compile(bytes)` gives it");
    return resolveImports(module.valid, imports);
  }

  private instanceOptions(options: InstantiateOptions | undefined): InstanceOptions {
    return resolveOptions(this.limits, options, this.cache, this.deterministic);
  }
}

import { featureBit, lebAt, skipLeb, skipValueType } from "../../metering/instruction-shape.ts";
import { type FunctionPlan, planFunctions } from "../../metering/plan.ts";
import type { Module } from "../../store/module.ts";
import { contentHash, type ModuleCache } from "../../store/module-cache.ts";
import { SECTION } from "../../wasm/module.ts";
import { STRING_SET } from "../../wasm/string-builtins.ts";
import type { ValueType } from "../../wasm/types.ts";
import type { EntryMaker, HostCallMaker } from "./calls.ts";
import { platformAbilities } from "./probe.ts";
import { NAMES, type RewriteOptions } from "./rewrite/layout.ts";
import { Rewriter, resultTypesOf } from "./rewrite/rewrite.ts";
import { missingFeatures } from "./uses.ts";
import { type NativeCompileOptions, type NativeModule, theWebAssembly } from "./web-assembly.ts";

/** Grows with every change to what the rewriter writes: what an older one wrote is not taken from a cache. */
const REWRITER_VERSION = 12;

/** A module rewritten under certain options and compiled by the platform. */
export interface Variant {
  /** What stack traces call it. */
  readonly id: string;
  readonly module: Module;
  readonly options: RewriteOptions;
  readonly native: NativeModule;
  /** For each list of result types of imported functions, one function of `NAMES.result`. */
  readonly resultTypes: readonly (readonly ValueType[])[];
  /** Whether its code may catch exceptions. */
  readonly catches: boolean;
  /** Where each of the module's own functions begins in the rewritten bytes, behind its locals. */
  readonly codeStarts: Int32Array;
  /** Set once fuel of an instance of it may have been lost in a call that came through another instance: which one is not known. */
  lostFuel: boolean;
  /** For each imported function, once there is an instance, what makes its adapters. */
  readonly hostCalls: HostCallMaker[];
  /** For each exported function that a host has asked for, by its index, what makes the functions that hosts call. */
  readonly entries: EntryMaker[];
  /** The rewriter that wrote it, or one that has done the same again. */
  rewriter(): Rewriter;
}

/** What of a {@link Variant} another thread cannot make for nothing; all of it can be posted there. */
export type SharedVariant = Pick<Variant, "id" | "options" | "native" | "codeStarts" | "catches">;

const CATCHING = featureBit("exceptions") | featureBit("legacy-exceptions");

/** All variants of one module, and what is known of it beside. */
export class PlatformModule {
  private readonly module: Module;
  private readonly variants: Map<string, Variant> = new Map();
  /** Why the platform did not compile a variant. */
  private readonly failures: Map<string, string> = new Map();
  private plans: readonly FunctionPlan[] | undefined;
  private missing: readonly string[] | undefined;
  private catches = false;

  constructor(module: Module) {
    this.module = module;
  }

  /** The plans of all its functions; kept until the first variant is compiled, for few modules have a second. */
  private takePlans(): readonly FunctionPlan[] {
    if (this.plans === undefined) {
      this.plans = planFunctions(this.module.syntax);
      this.catches =
        this.module.syntax.tags.length > 0 || this.plans.some(({ features }) => (features & CATCHING) !== 0);
    }
    return this.plans;
  }

  /** What the module needs and the platform lacks. */
  missingFeatures(): readonly string[] {
    if (this.missing === undefined) {
      const abilities = platformAbilities();
      if (typeof abilities === "string") return [];
      this.missing = missingFeatures(this.module.syntax, this.takePlans(), abilities);
    }
    return this.missing;
  }

  /** All variants that there are, for another thread. */
  share(): SharedVariant[] {
    return [...this.variants.values()].map(({ id, options, native, codeStarts, catches }) => ({
      id,
      options,
      native,
      codeStarts,
      catches,
    }));
  }

  /** Takes variants over from another thread, whose platform has compiled them and so lacked nothing. */
  adopt(variants: readonly SharedVariant[]): void {
    if (variants.length > 0) this.missing = [];
    for (const shared of variants) this.add(keyOf(shared.options), shared, undefined);
  }

  /** Why the platform refused the rewritten module, if it was tried and did. */
  failure(options: RewriteOptions): string | undefined {
    return this.failures.get(keyOf(options));
  }

  /** @throws whatever the platform throws when it cannot compile the rewritten module */
  compileSync(options: RewriteOptions): Variant {
    const key = keyOf(options);
    const known = this.variants.get(key);
    if (known !== undefined) return known;
    const { rewriter, bytes, id } = this.rewrite(options);
    return this.keep(
      key,
      id,
      options,
      bytes,
      this.recording(key, () => new (theWebAssembly().Module)(bytes, compileOptions())),
      rewriter,
    );
  }

  /** As {@link compileSync}, in the platform's background threads, and through the cache if there is one. */
  async compile(options: RewriteOptions, cache: ModuleCache | undefined): Promise<Variant> {
    const key = keyOf(options);
    const known = this.variants.get(key);
    if (known !== undefined) return known;
    const hash = cache === undefined ? undefined : await contentHash(this.module.bytes);
    const cacheKey = `wardian-${REWRITER_VERSION}-${hash}-${await contentHash(encodeText(key))}`;
    const cached = cache === undefined || hash === undefined ? undefined : await cache.get(cacheKey);
    if (cached !== undefined) {
      // What the platform does not take is no entry of ours: it is written anew.
      const native = await theWebAssembly()
        .compile(cached, compileOptions())
        .catch(() => undefined);
      if (native !== undefined)
        return this.variants.get(key) ?? this.keep(key, cacheId(cacheKey), options, cached, native, undefined);
    }
    const { rewriter, bytes, id } = this.rewrite(options, hash === undefined ? undefined : cacheId(cacheKey));
    const native = await this.recordingAsync(key, theWebAssembly().compile(bytes, compileOptions()));
    if (cache !== undefined && hash !== undefined) await cache.set(cacheKey, bytes);
    return this.variants.get(key) ?? this.keep(key, id, options, bytes, native, rewriter);
  }

  private rewrite(
    options: RewriteOptions,
    id = `wardian-${++count}`,
  ): { rewriter: Rewriter; bytes: Uint8Array; id: string } {
    const rewriter = new Rewriter(this.module.syntax, options, this.takePlans());
    this.plans = undefined;
    return { rewriter, bytes: rewriter.rewrite(id), id };
  }

  private keep(
    key: string,
    id: string,
    options: RewriteOptions,
    bytes: Uint8Array,
    native: NativeModule,
    rewriter: Rewriter | undefined,
  ): Variant {
    return this.add(key, { id, options, native, codeStarts: codeStartsOf(bytes), catches: this.catches }, rewriter);
  }

  private add(key: string, made: SharedVariant, rewriter: Rewriter | undefined): Variant {
    const { module } = this;
    const { id, options } = made;
    const variant: Variant = {
      ...made,
      module,
      resultTypes: options.suspends ? resultTypesOf(module.syntax) : [],
      lostFuel: false,
      hostCalls: [],
      entries: [],
      rewriter(): Rewriter {
        if (rewriter === undefined) {
          rewriter = new Rewriter(module.syntax, options, planFunctions(module.syntax));
          rewriter.rewrite(id);
        }
        return rewriter;
      },
    };
    this.variants.set(key, variant);
    register(id, variant);
    return variant;
  }

  private recording<T>(key: string, compile: () => T): T {
    try {
      return compile();
    } catch (error) {
      this.failures.set(key, (error as Error).message);
      throw error;
    }
  }

  private async recordingAsync<T>(key: string, compiled: Promise<T>): Promise<T> {
    try {
      return await compiled;
    } catch (error) {
      this.failures.set(key, (error as Error).message);
      throw error;
    }
  }
}

const ENGINE = "platform";

/** What this engine knows of a module. */
export function platformModule(module: Module): PlatformModule {
  let known = module.prepared.get(ENGINE) as PlatformModule | undefined;
  if (known === undefined) {
    known = new PlatformModule(module);
    module.prepared.set(ENGINE, known);
  }
  return known;
}

/** Asks the platform for the builtin functions and string constants that it has. */
function compileOptions(): NativeCompileOptions {
  const abilities = platformAbilities();
  if (typeof abilities === "string") return {};
  return {
    ...(abilities.stringBuiltins ? { builtins: [STRING_SET] } : {}),
    ...(abilities.stringConstants ? { importedStringConstants: NAMES.strings } : {}),
  };
}

let count = 0;

function cacheId(cacheKey: string): string {
  return cacheKey.slice(0, 30) + cacheKey.slice(-16);
}

function encodeText(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function keyOf(options: RewriteOptions): string {
  const { depth, exactFuel, deterministic, suspends, carries, alignsFirst } = options;
  const { memory, tableElements, hostCosts, subtyped, builtins, stringConstants } = options;
  const costs = `${hostCosts.join()} ${subtyped.join()}`;
  const supplied = JSON.stringify([builtins.some((name) => name !== undefined) ? builtins : [], stringConstants]);
  const flags = `${depth} ${exactFuel} ${deterministic} ${suspends} ${carries} ${alignsFirst}`;
  return `${flags} ${memory} ${tableElements} ${costs} ${supplied}${options.shared ? " shared" : ""}`;
}

/** Variants by the module name that they were given, for stack traces; they go when nothing else holds them. */
const registry = new Map<string, WeakRef<Variant>>();
let forget: FinalizationRegistry<string> | undefined;

function register(id: string, variant: Variant): void {
  if (typeof WeakRef !== "function" || typeof FinalizationRegistry !== "function") return;
  forget ??= new FinalizationRegistry((gone) => {
    if (registry.get(gone)?.deref() === undefined) registry.delete(gone);
  });
  registry.set(id, new WeakRef(variant));
  forget.register(variant, id);
}

export function variantOf(id: string): Variant | undefined {
  return registry.get(id)?.deref();
}

/** Where each body of the code section begins, behind its locals. */
function codeStartsOf(bytes: Uint8Array): Int32Array {
  for (let pos = 8; pos < bytes.length; ) {
    const id = bytes[pos++];
    const size = lebAt(bytes, pos);
    pos = skipLeb(bytes, pos);
    if (id !== SECTION.code) {
      pos += size;
      continue;
    }
    const starts = new Int32Array(lebAt(bytes, pos));
    pos = skipLeb(bytes, pos);
    for (let i = 0; i < starts.length; i++) {
      const length = lebAt(bytes, pos);
      pos = skipLeb(bytes, pos);
      let at = skipLeb(bytes, pos);
      for (let runs = lebAt(bytes, pos); runs > 0; runs--) at = skipValueType(bytes, skipLeb(bytes, at));
      starts[i] = at;
      pos += length;
    }
    return starts;
  }
  return new Int32Array(0);
}

/** Plans and rewrites a module, for what measures that. @returns the rewritten bytes */
export function rewriteForMeasure(module: Module): Uint8Array {
  const { syntax } = module;
  const options: RewriteOptions = {
    depth: false,
    exactFuel: false,
    deterministic: false,
    suspends: false,
    carries: false,
    alignsFirst: true,
    memory: Number.POSITIVE_INFINITY,
    tableElements: Number.POSITIVE_INFINITY,
    hostCosts: new Array<number>(syntax.importCounts.func).fill(1),
    subtyped: [],
    builtins: new Array<undefined>(syntax.importCounts.func).fill(undefined),
    stringConstants: undefined,
    shared: false,
  };
  return new Rewriter(syntax, options, planFunctions(syntax)).rewrite("measured");
}

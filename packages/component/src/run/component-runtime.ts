import { type EngineName, type Feature, type ModuleCache, Runtime } from "@wardian/runtime";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { decodeComponent } from "../binary/decode.ts";
import type { Component } from "../model/definitions.ts";
import { type ComponentFeature, type ComponentFeatureSet, selectComponentFeatures } from "../model/features.ts";
import type { ValidComponent } from "../types/valid.ts";
import { validateComponent } from "../validation/validate.ts";
import { type ComponentLimits, resolveComponentLimits } from "./component-limits.ts";
import { LoadedComponent } from "./loaded-component.ts";

export interface ComponentRuntimeOptions {
  /** The engine of core modules; `"auto"`, the default, selects one that can run all modules of a component. */
  readonly engine?: EngineName | "auto";
  /** Core proposals to switch on or off, as in `Runtime`. */
  readonly features?: Partial<Record<Feature, boolean>>;
  /** Gated features of the Component Model to switch on or off. */
  readonly componentFeatures?: Partial<Record<ComponentFeature, boolean>>;
  /** Limits of every instance; an instance may lower them. */
  readonly limits?: ComponentLimits;
  /** Keeps what the platform engine makes of core modules, as in `Runtime`. */
  readonly cache?: ModuleCache;
}

const names: OptionNames<ComponentRuntimeOptions> = {
  engine: true,
  features: true,
  componentFeatures: true,
  limits: true,
  cache: true,
};

/**
 * Compiles and runs components under limits (Component Model, Explainer and Canonical ABI).
 *
 * @example
 * const runtime = new ComponentRuntime({ limits: { fuel: 10_000_000n, memory: 64 * 1024 * 1024 } });
 * const component = await runtime.compile(bytes);
 * const instance = await component.instantiate({ "my:app/log": { write: (text) => console.log(text) } });
 * instance.exports["my:app/api"].greet("world");
 */
export class ComponentRuntime {
  private readonly runtime: Runtime;
  private readonly limits: ComponentLimits | undefined;
  private readonly componentFeatures: ComponentFeatureSet;

  /** @throws TypeError for an unknown option, or a limit below 0 */
  constructor(given?: ComponentRuntimeOptions) {
    const { engine, features, componentFeatures, limits, cache } = readOptions("ComponentRuntime", names, given);
    this.runtime = new Runtime({ engine, features, cache });
    this.limits = limits;
    resolveComponentLimits(limits);
    this.componentFeatures = selectComponentFeatures(componentFeatures);
  }

  /**
   * Decodes and validates a component.
   *
   * @param source bytes in the binary format, or what `parseComponent` of `@wardian/component/text` returns
   * @throws CompileError that names the byte offset; ComponentFeatureError for a feature that is off
   */
  compileSync(source: Uint8Array | ArrayBuffer | Component): LoadedComponent {
    const { features } = this.runtime;
    const { componentFeatures } = this;
    const options = { features, componentFeatures };
    const component = isBytes(source) ? decodeComponent(bytesOf(source), options) : source;
    return this.load(validateComponent(component, options));
  }

  /** For tools: takes a component that has been validated already. */
  load(valid: ValidComponent): LoadedComponent {
    return new LoadedComponent(valid, this.runtime, this.limits);
  }

  /** The same as {@link compileSync}, as a promise. Engines compile the core modules when the component is first instantiated. */
  async compile(source: Uint8Array | ArrayBuffer | Component): Promise<LoadedComponent> {
    return this.compileSync(source);
  }
}

function isBytes(source: unknown): source is Uint8Array | ArrayBuffer {
  return ArrayBuffer.isView(source) || Object.prototype.toString.call(source) === "[object ArrayBuffer]";
}

/** A copy of the bytes: code is read again when it first runs, and must be what was validated. */
function bytesOf(source: Uint8Array | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source.slice(0));
}

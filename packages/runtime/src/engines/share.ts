import { decodeModule } from "../binary/decode.ts";
import { Module } from "../store/module.ts";
import { supplyImports } from "../store/supplied.ts";
import { revalidateModule } from "../validation/validate.ts";
import type { FeatureSet } from "../wasm/features.ts";
import { platformModule, type SharedVariant } from "./platform/variant.ts";

const MARK = "wardian shared module";

/**
 * A compiled module on its way to another thread: `postMessage` carries it, and `Runtime.compile` takes it there in place of bytes.
 * Its code is not validated, rewritten or compiled again, so it must come from a thread of the same program and from nowhere else.
 */
export interface SharedModule {
  readonly kind: typeof MARK;
  readonly bytes: Uint8Array;
  readonly builtins?: readonly string[];
  readonly importedStringConstants?: string;
  /** What the platform engine has made of it so far. */
  readonly variants: readonly SharedVariant[];
}

/**
 * Makes of a compiled module what can be posted to another thread. What was prepared by then is shared: give `Runtime.compile` the
 * options that the instances will have.
 */
export function shareModule(module: Module): SharedModule {
  let { bytes } = module;
  if (typeof SharedArrayBuffer === "function" && !(bytes.buffer instanceof SharedArrayBuffer)) {
    // One copy for all threads.
    bytes = new Uint8Array(new SharedArrayBuffer(module.bytes.length));
    bytes.set(module.bytes);
  }
  const { builtins, importedStringConstants } = module.valid.supplied ?? {};
  return { kind: MARK, bytes, builtins, importedStringConstants, variants: platformModule(module).share() };
}

/** Whether a value is what {@link shareModule} makes. */
export function isSharedModule(value: unknown): value is SharedModule {
  return typeof value === "object" && value !== null && (value as Partial<SharedModule>).kind === MARK;
}

/** Compiles a module that another thread has prepared. */
export function compileShared(shared: SharedModule, features: FeatureSet): Module {
  const { bytes, variants } = shared;
  const module = new Module(bytes, supplyImports(revalidateModule(decodeModule(bytes, features), features), shared));
  platformModule(module).adopt(variants);
  return module;
}

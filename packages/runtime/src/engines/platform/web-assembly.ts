/**
 * The platform's own `WebAssembly`, as much of it as is used, and typed by what is relied on. It is looked up when it is first needed:
 * some platforms have none.
 */

import type { NativeMemory } from "../../store/memory-storage.ts";

export interface NativeModule {
  readonly brand?: "module";
}

export interface NativeInstance {
  readonly exports: Record<string, unknown>;
}

export interface NativeTable {
  readonly length: number | bigint;
  get(index: number | bigint): unknown;
  set(index: number | bigint, value?: unknown): void;
  grow(delta: number | bigint, value?: unknown): number | bigint;
}

export interface NativeGlobal {
  value: unknown;
}

export interface NativeTag {
  readonly brand?: "tag";
}

export interface NativeException {
  is(tag: NativeTag): boolean;
  getArg(tag: NativeTag, index: number): unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: what a function of the platform takes is known from its WebAssembly type alone
export type NativeFunction = (...args: any[]) => any;

type NativeImports = Record<string, Record<string, unknown>>;

/** `WebAssemblyCompileOptions`. A platform that does not know them ignores them. */
export interface NativeCompileOptions {
  readonly builtins?: readonly string[];
  readonly importedStringConstants?: string;
}

export interface NativeWebAssembly {
  readonly Module: (new (
    bytes: Uint8Array,
    options?: NativeCompileOptions,
  ) => NativeModule) & {
    customSections(module: NativeModule, name: string): ArrayBuffer[];
  };
  readonly Instance: new (module: NativeModule, imports: NativeImports) => NativeInstance;
  readonly Memory: new (descriptor: object) => NativeMemory;
  readonly Table: new (descriptor: object, value?: unknown) => NativeTable;
  readonly Global: new (descriptor: object, value?: unknown) => NativeGlobal;
  readonly RuntimeError: new (message?: string) => Error;
  readonly LinkError: new (message?: string) => Error;
  readonly Tag?: new (descriptor: { parameters: readonly string[] }) => NativeTag;
  readonly Exception?: new (tag: NativeTag, payload: readonly unknown[]) => NativeException;
  readonly JSTag?: NativeTag;
  readonly Suspending?: new (fn: NativeFunction) => object;
  readonly promising?: (fn: NativeFunction) => (...args: readonly unknown[]) => Promise<unknown>;
  compile(bytes: Uint8Array, options?: NativeCompileOptions): Promise<NativeModule>;
  validate(bytes: Uint8Array, options?: NativeCompileOptions): boolean;
}

/** The platform's `WebAssembly`, or undefined. */
export function nativeWebAssembly(): NativeWebAssembly | undefined {
  return (globalThis as unknown as { WebAssembly?: NativeWebAssembly }).WebAssembly;
}

/** The same where it is known to be there: an instance exists. */
export function theWebAssembly(): NativeWebAssembly {
  return nativeWebAssembly() as NativeWebAssembly;
}

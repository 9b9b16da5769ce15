import type { Module } from "../../store/module.ts";
import { compiledFunction } from "./compiled-module.ts";
import type { Callable } from "./state.ts";
import { type TranslateOptions, Translation, Unsupported } from "./translate.ts";

/** A translated function of a module: what makes it for an instance, of the parts of the instance with these names. */
export interface FunctionCode {
  readonly names: readonly string[];
  readonly make: (...parts: unknown[]) => Callable;
  /** Whether what it makes may ask for a tail call by returning `next`. */
  readonly hasTailCalls: boolean;
  /** How many instances it has been made for. */
  uses: number;
  /** Makes the same for one instance alone; undefined for a function that was translated ahead of time. */
  readonly copy?: () => FunctionCode["make"];
}

type Generate = (names: readonly string[], text: string) => FunctionCode["make"];

let generate: Generate | undefined | null;

/** `new Function`, or undefined where the platform refuses to make code from text. */
export function codeGenerator(): Generate | undefined {
  if (generate === undefined) {
    try {
      const make: Generate = (names, text) =>
        new Function(names.join(), `"use strict";\n${text}`) as FunctionCode["make"];
      make(["S"], "return S")(undefined);
      generate = make;
    } catch {
      generate = null;
    }
  }
  return generate ?? undefined;
}

/** What makes one copy another text: a text that it has seen before would be the same code to V8. */
let copies = 0;

/** The translated functions of a module, shared by its instances; each is translated when it is first called. */
export class ModuleCode {
  protected readonly module: Module;
  protected readonly options: TranslateOptions;
  /** By function index; null for a function that is left to the interpreter. */
  private readonly functions: Map<number, FunctionCode | null> = new Map();

  constructor(module: Module, options: TranslateOptions) {
    this.module = module;
    this.options = options;
  }

  /** @returns undefined for a function that the interpreter has to run */
  function(index: number): FunctionCode | undefined {
    let code = this.functions.get(index);
    if (code === undefined) {
      // What was translated ahead of time makes whatever NaNs the platform makes.
      const ahead = this.options.deterministic ? undefined : compiledFunction(this.module, index);
      code = ahead ?? this.make(index, Translation);
      this.functions.set(index, code);
    }
    return code ?? undefined;
  }

  protected make(index: number, Kind: typeof Translation): FunctionCode | null {
    const make = codeGenerator();
    // The others of a module that was translated ahead of time run on the interpreter where it must be so.
    if (make === undefined) return null;
    const begin = (): Translation => new Kind(this.module.valid, index, this.options);
    try {
      const translation = begin();
      const text = translation.translate();
      const names = [...translation.names];
      // The text is not kept: there are as many as functions, and few are ever needed again.
      const copy = (): FunctionCode["make"] => make(names, `${begin().translate()}\n// ${copies++}`);
      return { names, make: make(names, text), hasTailCalls: translation.hasTailCalls, uses: 0, copy };
    } catch (error) {
      // A parser of JavaScript may find text too deep that is not too long.
      if (error instanceof Unsupported || error instanceof RangeError) return null;
      throw error;
    }
  }
}

/** The code of a module for instances with these options. */
export function codeOf<C extends ModuleCode>(
  Kind: new (module: Module, options: TranslateOptions) => C,
  module: Module,
  options: TranslateOptions,
): C {
  const key = `compiler${options.depth ? " with depth" : ""}${options.alone ? " alone" : ""}${options.deterministic ? " deterministic" : ""}${options.parts === undefined ? "" : " whole"}`;
  let code = module.prepared.get(key) as C | undefined;
  if (code === undefined) {
    code = new Kind(module, options);
    module.prepared.set(key, code);
  }
  return code;
}

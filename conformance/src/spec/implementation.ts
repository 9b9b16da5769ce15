import {
  CompileError,
  type EngineName,
  Exception,
  Global,
  type Instance,
  type InstantiateOptions,
  LinkError,
  MalformedError,
  type Module,
  Runtime,
  Trap,
  ValidationError,
} from "@wardian/runtime";
import { invokeRaw } from "@wardian/runtime/internal";
import { featuresFor } from "./suite-features.ts";
import { isExpectedTrap } from "./traps.ts";
import { rawGlobal } from "./values.ts";

/** What runs a script: an engine of this project, or the platform's WebAssembly by itself. */
export interface Implementation<M = unknown> {
  /** Features that the modules of the script may use. */
  readonly features: Runtime["features"];
  /** @param source a module in the binary or the text format */
  compile(source: Uint8Array | string): M;
  /** @throws Unsupported when it cannot hold the module, and says so when it is asked */
  instantiate(module: M, imports: Record<string, Exports>): Exports;
  /** The modules whose names stand in a module's imports. */
  importedModules(module: M): readonly string[];
  /** @returns the value of an exported global as bits, in one element; undefined when it is none */
  readGlobal(extern: unknown): readonly [unknown] | undefined;
  /** Calls an exported function with values as bits. @returns the results as bits */
  invoke(exported: unknown, args: readonly unknown[]): readonly unknown[];
  isMalformed(error: unknown): boolean;
  isInvalid(error: unknown): boolean;
  /** @param message what the script expects */
  isUnlinkable(error: unknown, message: string): boolean;
  isTrap(error: unknown, message: string): boolean;
  isException(error: unknown): boolean;
}

export type Exports = Readonly<Record<string, unknown>>;

/** The implementation cannot hold a module, and said so when it was asked. */
export class Unsupported extends Error {}

/** An action takes no longer than this, in milliseconds, on a machine under load. */
const TIMEOUT = 60_000;

/**
 * An engine of this project.
 *
 * @param name the script's path below the suite's folder, on which the features depend
 * @param made is told of each instance
 */
export function engineImplementation(
  engine: EngineName | "auto",
  name: string,
  options: InstantiateOptions = {},
  made: (instance: Instance) => void = () => {},
): Implementation<Module> {
  const runtime = new Runtime({ engine, features: featuresFor(name) });
  return {
    features: runtime.features,
    compile: (source) => runtime.compileSync(source),
    instantiate(module, imports) {
      try {
        const limits = { timeout: TIMEOUT, ...options.limits };
        const instance = runtime.instantiateSync(module, imports, { ...options, limits });
        made(instance);
        return instance.exports;
      } catch (error) {
        if (error instanceof LinkError && error.message.startsWith("no engine can hold this module"))
          throw new Unsupported(error.message);
        throw error;
      }
    },
    importedModules: (module) => module.imports.map((item) => item.module),
    readGlobal: (extern) => (extern instanceof Global ? [rawGlobal(extern)] : undefined),
    invoke: (exported, args) => invokeRaw(exported as (...args: unknown[]) => unknown, args),
    // What only a proposal that is off gives a meaning is malformed without it, and refused in the proposal's name.
    isMalformed: (error) => error instanceof CompileError && !(error instanceof ValidationError),
    isInvalid: (error) => error instanceof CompileError && !(error instanceof MalformedError),
    // A missing import is a LinkError or, when the whole module is missing, a TypeError, as on the platform.
    isUnlinkable: (error, message) =>
      error instanceof LinkError
        ? error.message.includes(message)
        : error instanceof TypeError && message === "unknown import",
    isTrap: (error, message) => error instanceof Trap && isExpectedTrap(error.code, message),
    isException: (error) => error instanceof Exception,
  };
}

import { BaseRuntime, type RuntimeOptions } from "../api/base-runtime.ts";
import { fullParts } from "../api/full-parts.ts";
import { resolveOptions } from "../api/instantiate-options.ts";
import { codeGenerator } from "../engines/compiler/code.ts";
import { compiler } from "../engines/compiler/engine.ts";
import { interpreter } from "../engines/interpreter/engine.ts";
import { InterpreterInstance } from "../engines/interpreter/instance.ts";
import { type OptionNames, readOptions } from "../options.ts";
import type { Budget } from "../store/budget.ts";
import type { EngineInstance, EngineName, Extern } from "../store/engine.ts";
import { Func, funcOf, type HostFunction, withAwaiting } from "../store/function.ts";
import { Global as StoreGlobal } from "../store/global.ts";
import { type ImportObject, readImports } from "../store/import-object.ts";
import { matchImports } from "../store/link.ts";
import { Memory as StoreMemory } from "../store/memory.ts";
import type { Module as OwnModule } from "../store/module.ts";
import type { SupplyOptions } from "../store/supplied.ts";
import { Table as StoreTable } from "../store/table.ts";
import { jsTag, Exception as StoreException, type Tag as StoreTag } from "../store/tag.ts";
import { LinkError as StoreLinkError } from "../store/trap.ts";
import { CompileError as OwnCompileError } from "../wasm/errors.ts";
import { STRING_SET } from "../wasm/string-builtins.ts";
import { type FunctionType, isReference } from "../wasm/types.ts";
import { bytesOf, compileOptions, interfaceObject } from "./conversions.ts";
import { CompileError, fromNamespaceError, LinkError, RuntimeError, SuspendError, toNamespaceError } from "./errors.ts";
import { Exception, makeJsTag, Tag } from "./exceptions.ts";
import { Global } from "./global.ts";
import { Memory } from "./memory.ts";
import { toOpaque, toOpaqueResults } from "./opaque.ts";
import { Suspending } from "./suspending.ts";
import { Table } from "./table.ts";
import { unwrap, wrap } from "./wrappers.ts";

export interface NamespaceOptions extends Omit<RuntimeOptions, "engine"> {
  /** Which engine runs the guests; by default the compiler where it can work, the interpreter elsewhere. */
  readonly engine?: Exclude<EngineName, "platform">;
  /**
   * Whether imports are own properties of the import object and of its modules only, as for `Runtime`. By default false: the JavaScript API reads
   * them through prototypes, so that an untrusted module can import `Object.prototype.constructor`. Set it wherever modules are not trusted.
   */
  readonly ownImports?: boolean;
  /** The budget of all instances of this namespace. */
  readonly budget?: Budget;
}

const names: OptionNames<NamespaceOptions> = {
  engine: true,
  features: true,
  limits: true,
  deterministic: true,
  cache: true,
  ownImports: true,
  budget: true,
};

/** As much of the Fetch API's `Response` as the streaming forms use. */
interface ResponseLike {
  readonly ok?: boolean;
  readonly headers?: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface NamespaceModule {
  readonly [Symbol.toStringTag]: string;
}

export interface NamespaceInstance {
  // biome-ignore lint/suspicious/noExplicitAny: as in the platform's API, what a module exports is known to the caller alone
  readonly exports: Record<string, any>;
}

export interface InstantiatedSource {
  readonly module: NamespaceModule;
  readonly instance: NamespaceInstance;
}

interface ModuleConstructor {
  new (bytes: unknown, options?: NamespaceCompileOptions): NamespaceModule;
  exports(module: NamespaceModule): { name: string; kind: string }[];
  imports(module: NamespaceModule): { module: string; name: string; kind: string }[];
  customSections(module: NamespaceModule, name: string): ArrayBuffer[];
}

/** `WebAssemblyCompileOptions` of the API. A set of builtins that does not exist is ignored, as the API has it. */
export interface NamespaceCompileOptions {
  readonly builtins?: readonly string[];
  readonly importedStringConstants?: string | null;
}

/** The namespace (JavaScript API, chapter 5). */
export interface WebAssemblyNamespace {
  validate(bytes: unknown, options?: NamespaceCompileOptions): boolean;
  compile(bytes: unknown, options?: NamespaceCompileOptions): Promise<NamespaceModule>;
  instantiate(
    bytes: ArrayBuffer | ArrayBufferView,
    imports?: unknown,
    options?: NamespaceCompileOptions,
  ): Promise<InstantiatedSource>;
  instantiate(module: NamespaceModule, imports?: unknown): Promise<NamespaceInstance>;
  compileStreaming(source: unknown, options?: NamespaceCompileOptions): Promise<NamespaceModule>;
  instantiateStreaming(
    source: unknown,
    imports?: unknown,
    options?: NamespaceCompileOptions,
  ): Promise<InstantiatedSource>;
  readonly Module: ModuleConstructor;
  readonly Instance: new (module: NamespaceModule, imports?: unknown) => NamespaceInstance;
  readonly Memory: typeof Memory;
  readonly Table: typeof Table;
  readonly Global: typeof Global;
  readonly Tag: typeof Tag;
  readonly Exception: typeof Exception;
  readonly JSTag: Tag;
  readonly CompileError: ErrorConstructor;
  readonly LinkError: ErrorConstructor;
  readonly RuntimeError: ErrorConstructor;
  /** JavaScript Promise Integration: makes an exported function return a promise, and lets `Suspending` functions that it calls suspend it. */
  promising(fn: unknown): (...args: unknown[]) => Promise<unknown>;
  readonly Suspending: typeof Suspending;
  readonly SuspendError: ErrorConstructor;
}

/** What a guest threw, as JavaScript sees it. */
function outward(error: unknown): unknown {
  if (!(error instanceof StoreException)) return toNamespaceError(error);
  // What a guest throws under this tag is a value of JavaScript's.
  return error.tag === jsTag() ? toOpaque(error.payload[0]) : wrap(error, Exception);
}

/** What a host function threw, as the guest sees it. */
function inward(error: unknown): unknown {
  return unwrap.exception(error) ?? fromNamespaceError(error);
}

/** An export as JavaScript sees it. */
function exported(extern: Extern): unknown {
  if (extern instanceof Func) {
    if (extern.owner === undefined) extern.translate ??= (fn) => translated(fn, extern.signature);
    return extern.toJavaScript();
  }
  if (extern instanceof StoreMemory) return wrap(extern, Memory);
  if (extern instanceof StoreTable) return wrap(extern, Table);
  if (extern instanceof StoreGlobal) return wrap(extern, Global);
  return wrap(extern as StoreTag, Tag);
}

/** A host function that hands on what it lets pass in the guest's terms. */
function hostFunction(fn: HostFunction): HostFunction {
  return withAwaiting((...args) => {
    try {
      for (let i = 0; i < args.length; i++) if (typeof args[i] === "object") args[i] = toOpaque(args[i]);
      return fn(...args);
    } catch (error) {
      throw inward(error);
    }
  }, "nothing");
}

/** A function of the host that suspends the guest until what it returns is settled. */
function suspendingFunction(fn: HostFunction): HostFunction {
  return withAwaiting(async (...args) => {
    try {
      return await fn(...args.map(toOpaque));
    } catch (error) {
      throw inward(error);
    }
  }, "everything");
}

/** What an exported function of the namespace comes to when it is called so that it can be suspended. */
async function callPromising(func: Func, args: readonly unknown[]): Promise<unknown> {
  const { owner } = func;
  const { results } = func.signature;
  if (!(owner instanceof InterpreterInstance)) return func.toJavaScript()(...args);
  try {
    func.requireCallable();
    return toOpaqueResults(await owner.callPromising(func, args), results.length);
  } catch (error) {
    throw outward(error);
  }
}

/** The values of a module's imports, read as the API reads them (5.4): through prototypes. */
function readAnyImports(module: OwnModule, imports: unknown): unknown[] {
  const { supplied, module: syntax } = module.valid;
  return syntax.imports.map((item) => {
    if (supplied?.imports.has(item)) return undefined;
    const namespace = (imports as Record<string, unknown>)[item.module];
    if (namespace === null || (typeof namespace !== "object" && typeof namespace !== "function"))
      throw new TypeError(`the import object has no object named "${item.module}"`);
    return (namespace as Record<string, unknown>)[item.name];
  });
}

function readOwnImports(module: OwnModule, imports: unknown): unknown[] {
  try {
    return readImports(module.valid, imports as ImportObject);
  } catch (error) {
    // What the host's own accessors throw is not translated.
    throw error instanceof StoreLinkError ? toNamespaceError(error) : error;
  }
}

/** A value of the import object in the store's terms. */
function inner(value: unknown): unknown {
  const suspending = unwrap.suspending(value);
  if (suspending !== undefined) return suspendingFunction(suspending);
  return unwrap.memory(value) ?? unwrap.table(value) ?? unwrap.global(value) ?? unwrap.tag(value) ?? ownFunction(value);
}

/** The sets of builtins that there are. @throws CompileError for one that is named twice */
function knownBuiltins({ builtins, importedStringConstants }: SupplyOptions): SupplyOptions {
  if (builtins !== undefined && new Set(builtins).size < builtins.length)
    throw new OwnCompileError("a set of builtins is named twice");
  return { builtins: builtins?.filter((name) => name === STRING_SET), importedStringConstants };
}

function requireImportObject(imports: unknown): void {
  if (imports !== undefined && (imports === null || (typeof imports !== "object" && typeof imports !== "function")))
    throw new TypeError("an import object must be an object");
}

function ownFunction(value: unknown): unknown {
  return typeof value === "function" && funcOf(value) === undefined ? hostFunction(value as HostFunction) : value;
}

/** An exported function that returns and throws what the namespace does. */
function translated(fn: HostFunction, { results }: FunctionType): HostFunction {
  const references = results.some(isReference);
  return (...args) => {
    try {
      const result = fn(...args);
      return references ? toOpaqueResults(result, results.length) : result;
    } catch (error) {
      throw outward(error);
    }
  };
}

function translateExports(instance: EngineInstance): void {
  const { makeExported } = instance;
  instance.makeExported = (func) => translated(makeExported.call(instance, func), func.signature);
}

/**
 * Makes a namespace.
 * @param given features and limits of everything that is made through it
 * @throws TypeError for an option that is not known or makes no sense
 */
export function createWebAssembly(given?: NamespaceOptions): WebAssemblyNamespace {
  const options = readOptions("createWebAssembly", names, given);
  const name = options.engine ?? (codeGenerator() === undefined ? "interpreter" : "compiler");
  const engine = name === "compiler" ? compiler : interpreter;
  const { limits, cache } = options;
  const features = { threads: true, ...options.features };
  const runtime = new BaseRuntime(fullParts([engine]), { engine: name, features, limits, cache });
  const instanceOptions = resolveOptions(limits, { budget: options.budget }, undefined, options.deterministic);

  const compileBytes = (bytes: Uint8Array, options: SupplyOptions): OwnModule => {
    try {
      return runtime.compileSync(bytes, knownBuiltins(options));
    } catch (error) {
      throw toNamespaceError(error);
    }
  };

  class Module {
    #own: OwnModule;

    constructor(bytes: unknown, ...given: readonly unknown[]) {
      if (pending === undefined) this.#own = compileBytes(bytesOf(bytes), compileOptions(given[0]));
      else {
        this.#own = pending;
        pending = undefined;
      }
    }

    get [Symbol.toStringTag](): string {
      return "WebAssembly.Module";
    }

    static own(value: unknown): OwnModule {
      if (typeof value !== "object" || value === null || !(#own in value))
        throw new TypeError("expected a WebAssembly.Module");
      return (value as Module).#own;
    }

    static exports(module: NamespaceModule): { name: string; kind: string }[] {
      return ownModule(module).exports;
    }

    static imports(module: NamespaceModule): { module: string; name: string; kind: string }[] {
      return ownModule(module).imports;
    }

    static customSections(module: NamespaceModule, name: string): ArrayBuffer[] {
      const own = ownModule(module);
      if (name === undefined) throw new TypeError("customSections takes the name of the sections");
      return own.customSections(String(name));
    }
  }
  const ownModule = Module.own;
  // Known in here alone.
  delete (Module as { own?: unknown }).own;
  /** A compiled module that the next `Module` is to stand for. */
  let pending: OwnModule | undefined;
  const moduleOf = (own: OwnModule): Module => {
    pending = own;
    return new Module(undefined);
  };

  class Instance {
    #exports: Record<string, unknown>;

    constructor(module: unknown, imports?: unknown) {
      const own = ownModule(module);
      requireImportObject(imports);
      this.#exports = instantiateOwn(own, imports);
    }

    get exports(): Record<string, unknown> {
      return this.#exports;
    }
  }

  const instantiateOwn = (module: OwnModule, imports: unknown): Record<string, unknown> => {
    if (module.imports.length > 0 && imports === undefined)
      throw new TypeError("the module has imports, and no import object was given");
    let instance: EngineInstance;
    const values = options.ownImports ? readOwnImports(module, imports) : readAnyImports(module, imports);
    try {
      const resolved = matchImports(module.valid, values.map(inner));
      instance = engine.instantiate(module, resolved, instanceOptions);
    } catch (error) {
      throw outward(error);
    }
    translateExports(instance);
    const exports: Record<string, unknown> = Object.create(null);
    for (const [name, extern] of instance.exports)
      Object.defineProperty(exports, name, { value: exported(extern), enumerable: true });
    return Object.freeze(exports);
  };

  interfaceObject(Module, "Module");
  interfaceObject(Instance, "Instance");

  const fetched = async (source: unknown): Promise<Uint8Array> => {
    const response = (await source) as ResponseLike | undefined;
    if (typeof response?.arrayBuffer !== "function") throw new TypeError("expected a Response or a promise of one");
    const type = response.headers?.get("content-type");
    if (response.headers !== undefined && type?.trim().toLowerCase() !== "application/wasm")
      throw new TypeError(`a module's response must be of type application/wasm, not ${type}`);
    if (response.ok === false) throw new TypeError("the response is an error");
    return bytesOf(await response.arrayBuffer());
  };

  const operations = {
    promising(fn: unknown): HostFunction {
      const func = funcOf(fn);
      if (func === undefined) throw new TypeError("promising takes an exported function of an instance");
      const call: HostFunction = (...args) => callPromising(func, args);
      Object.defineProperty(call, "name", { value: String(func.index), configurable: true });
      Object.defineProperty(call, "length", { value: func.signature.params.length, configurable: true });
      return call;
    },
    validate(source: unknown, ...given: readonly unknown[]): boolean {
      const bytes = bytesOf(source);
      const options = compileOptions(given[0]);
      try {
        compileBytes(bytes, options);
        return true;
      } catch (error) {
        if (error instanceof CompileError) return false;
        throw error;
      }
    },
    async compile(source: unknown, ...given: readonly unknown[]): Promise<NamespaceModule> {
      const bytes = bytesOf(source);
      return moduleOf(compileBytes(bytes, compileOptions(given[0])));
    },
    async instantiate(source: unknown, ...given: readonly unknown[]): Promise<NamespaceInstance | InstantiatedSource> {
      const [imports, options] = given;
      if (source instanceof Module) {
        requireImportObject(imports);
        return new Instance(source, imports);
      }
      const bytes = bytesOf(source);
      requireImportObject(imports);
      const compiling = compileOptions(options);
      // The imports are read once the module is compiled, after the caller has gone on.
      await null;
      const module = moduleOf(compileBytes(bytes, compiling));
      return { module, instance: new Instance(module, imports) };
    },
    async compileStreaming(source: unknown, ...given: readonly unknown[]): Promise<NamespaceModule> {
      const options = compileOptions(given[0]);
      return moduleOf(compileBytes(await fetched(source), options));
    },
    async instantiateStreaming(source: unknown, ...given: readonly unknown[]): Promise<InstantiatedSource> {
      const [imports, options] = given;
      requireImportObject(imports);
      const compiling = compileOptions(options);
      const module = moduleOf(compileBytes(await fetched(source), compiling));
      return { module, instance: new Instance(module, imports) };
    },
  };
  const namespace = { ...operations };
  const classes = { Module, Instance, Memory, Table, Global, Tag, Exception, Suspending };
  const hidden = { ...classes, CompileError, LinkError, RuntimeError, SuspendError };
  for (const [name, value] of Object.entries(hidden))
    Object.defineProperty(namespace, name, { value, writable: true, configurable: true });
  Object.defineProperty(namespace, "JSTag", { value: makeJsTag(), configurable: true });
  Object.defineProperty(namespace, Symbol.toStringTag, { value: "WebAssembly", configurable: true });
  return namespace as unknown as WebAssemblyNamespace;
}

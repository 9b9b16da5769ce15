import { CompileError, Runtime } from "@wardian/runtime";
import { decodeModule, encodeModule, parseModule, type WasmModule } from "@wardian/runtime/formats";
import { callNative } from "@wardian/runtime/internal";
import type { Exports, Implementation } from "./implementation.ts";
import { featuresFor } from "./suite-features.ts";

/** As much of the platform's own namespace as is used here; the types of Node lag behind it. */
interface PlatformWebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
  readonly Global: new (descriptor: object) => { value: unknown };
  readonly CompileError: new () => Error;
  readonly LinkError: new () => Error;
  readonly RuntimeError: new () => Error;
  readonly Exception?: new (tag: unknown, payload: unknown[]) => Error;
}

const platform = (globalThis as unknown as { WebAssembly: PlatformWebAssembly }).WebAssembly;

/** A compiled module with what was compiled: types of exports are read from that. */
interface Compiled {
  readonly native: object;
  readonly syntax: WasmModule;
}

/**
 * V8's words for traps, with those that the suite expects in their place. It tells some traps that the specification tells apart with one
 * message: then all of them are right.
 */
const wordings: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^unreachable/, ["unreachable"]],
  [/^(divide|remainder) by zero/, ["integer divide by zero"]],
  [/^divide result unrepresentable/, ["integer overflow"]],
  [/^float unrepresentable/, ["integer overflow", "invalid conversion to integer"]],
  [/^memory access out of bounds|data segment/, ["out of bounds memory access"]],
  [/^table index is out of bounds/, ["undefined element", "out of bounds table access"]],
  [/^table access|element segment|table initializer/, ["out of bounds table access"]],
  [/^array element access|^array.*out of bounds/, ["out of bounds array access"]],
  [/^null function|signature mismatch/, ["uninitialized element", "indirect call type mismatch"]],
  [/^(dereferencing a null|rethrowing null)/, ["null "]],
  [/^illegal cast/, ["cast failure"]],
  [/unaligned/, ["unaligned atomic"]],
  [/Atomics\.wait/, ["expected shared memory"]],
  [/^Maximum call stack/, ["call stack exhausted"]],
];

/**
 * The platform's WebAssembly by itself: what it fails at as well is no fault of the engine over it. The text format, which it has not, is
 * assembled by this project's parser.
 *
 * @param name the script's path below the suite's folder, on which the features depend
 */
export function barePlatform(name: string): Implementation<Compiled> {
  const { features } = new Runtime({ features: featuresFor(name) });
  /** The type of each exported function and global, for calls with bits. */
  const functions = new WeakMap<object, { readonly syntax: WasmModule; readonly typeIndex: number }>();
  const globals = new WeakMap<object, { readonly syntax: WasmModule; readonly index: number }>();
  return {
    features,
    compile(source) {
      const bytes = typeof source === "string" ? encodeModule(parseModule(source, features).module) : source;
      const native = new platform.Module(bytes);
      return { native, syntax: decodeModule(bytes, features) };
    },
    instantiate({ native, syntax }, imports) {
      const { exports } = new platform.Instance(native, imports);
      for (const { name, kind, index } of syntax.exports) {
        const extern = exports[name] as object;
        if (kind === "func") functions.set(extern, { syntax, typeIndex: syntax.functions[index] });
        else if (kind === "global") globals.set(extern, { syntax, index });
      }
      return exports;
    },
    importedModules: ({ syntax }) => syntax.imports.map((item) => item.module),
    readGlobal(extern) {
      if (!(extern instanceof platform.Global)) return undefined;
      const { syntax, index } = globals.get(extern) as { syntax: WasmModule; index: number };
      return [readGlobal(extern, syntax, index)];
    },
    invoke(exported, args) {
      const { syntax, typeIndex } = functions.get(exported as object) as { syntax: WasmModule; typeIndex: number };
      return callNative(exported as () => unknown, syntax.types, typeIndex, args);
    },
    // The platform tells what is malformed from what is invalid by its words alone.
    isMalformed: (error) => error instanceof platform.CompileError || error instanceof CompileError,
    isInvalid: (error) => error instanceof platform.CompileError || error instanceof CompileError,
    // When the whole module is missing it is a TypeError.
    isUnlinkable: (error, message) =>
      error instanceof platform.LinkError || (error instanceof TypeError && message === "unknown import"),
    isTrap(error, message) {
      if (!(error instanceof platform.RuntimeError || error instanceof RangeError)) return false;
      // At instantiation the message begins with the place.
      const words = error.message.replace(/^WebAssembly\.\w+\(\): /, "");
      return (
        wordings.find(([pattern]) => pattern.test(words))?.[1].some((expected) => message.startsWith(expected)) ?? false
      );
    },
    isException: (error) => platform.Exception !== undefined && error instanceof platform.Exception,
  };
}

/** A global's bits, through a function that gets it. */
function readGlobal(global: object, syntax: WasmModule, index: number): unknown {
  const { type } = syntax.globals[index];
  const typeIndex = syntax.types.length;
  const types = [
    ...syntax.types,
    {
      final: true,
      supertypes: [],
      composite: { kind: "func", params: [], results: [type.type] },
      groupStart: typeIndex,
      groupSize: 1,
    } as const,
  ];
  const bytes = encodeModule({
    types,
    imports: [{ module: "m", name: "g", kind: "global", index: 0 }],
    importCounts: { func: 0, table: 0, memory: 0, global: 1, tag: 0 },
    functions: [typeIndex],
    tables: [],
    memories: [],
    globals: [{ type, init: undefined }],
    tags: [],
    exports: [{ name: "f", kind: "func", index: 0 }],
    start: undefined,
    elements: [],
    dataCount: undefined,
    data: [],
    bodies: [{ bytes: new Uint8Array([0x23, 0, 0x0b]), start: 0, end: 3, locals: [] }],
    custom: [],
    sections: [],
  });
  const { exports } = new platform.Instance(new platform.Module(bytes), { m: { g: global } });
  return callNative(exports.f as () => unknown, types, typeIndex, [])[0];
}

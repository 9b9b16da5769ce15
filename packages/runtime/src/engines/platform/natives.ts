import { encodeModule } from "../../binary/encode.ts";
import { Func, funcOf } from "../../store/function.ts";
import { Global, type GlobalStorage } from "../../store/global.ts";
import { Memory, type MemoryStorage } from "../../store/memory.ts";
import { Table, type TableStorage } from "../../store/table.ts";
import { Exception, jsTag, Tag } from "../../store/tag.ts";
import { LinkError } from "../../store/trap.ts";
import type { WasmValue } from "../../store/values.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  type FunctionType,
  type GlobalType,
  HEAP_FUNC,
  HEAP_NOFUNC,
  heapTypeOf,
  I32,
  I64,
  isReference,
  isTypeIndex,
  type MemoryType,
  type TableType,
  typeIndexOf,
  typeName,
  V128,
  type ValueType,
} from "../../wasm/types.ts";
import {
  type NativeException,
  type NativeFunction,
  type NativeGlobal,
  type NativeMemory,
  type NativeTable,
  type NativeTag,
  theWebAssembly,
} from "./web-assembly.ts";

/**
 * Both sides of what instances share: the objects of the store, which the host has, and those of the platform, which guests have.
 * Each has one counterpart, made when it is first needed. A memory, table or mutable global of the store moves into the platform's when it is first
 * handed to a guest there.
 */

const PAGE = 65536;

// Memories.

const nativeMemories = new WeakMap<Memory, NativeMemory>();
const memories = new WeakMap<NativeMemory, Memory>();

class PlatformMemoryStorage implements MemoryStorage {
  private readonly native: NativeMemory;
  private readonly wide: boolean;

  constructor(native: NativeMemory, wide: boolean) {
    this.native = native;
    this.wide = wide;
  }

  get buffer(): ArrayBufferLike {
    return this.native.buffer;
  }

  grow(byteLength: number): boolean {
    const delta = (byteLength - this.native.buffer.byteLength) / PAGE;
    try {
      this.native.grow(this.wide ? BigInt(delta) : delta);
      return true;
    } catch {
      return false;
    }
  }
}

/** The memory of the store that stands for one of the platform. */
export function memoryOf(native: NativeMemory, type: MemoryType): Memory {
  let memory = memories.get(native);
  if (memory === undefined) {
    memory = new Memory(type, new PlatformMemoryStorage(native, type.address === I64));
    pairMemory(memory, native);
  }
  return memory;
}

function pairMemory(memory: Memory, native: NativeMemory): void {
  nativeMemories.set(memory, native);
  memories.set(native, memory);
  // Guests grow it without a word: whoever looks gets views of what it is now.
  let bytes = memory.bytes;
  let view = memory.view;
  const refresh = (): void => {
    const { buffer } = native;
    if (bytes.buffer === buffer) return;
    bytes = new Uint8Array(buffer);
    view = new DataView(buffer);
  };
  Object.defineProperties(memory, {
    bytes: {
      get: () => {
        refresh();
        return bytes;
      },
      set: () => {},
    },
    view: {
      get: () => {
        refresh();
        return view;
      },
      set: () => {},
    },
  });
}

export function nativeMemory(memory: Memory): NativeMemory {
  let native = nativeMemories.get(memory);
  if (native === undefined) {
    const { type } = memory;
    const wide = type.address === I64;
    const size = (pages: bigint): number | bigint => (wide ? pages : Number(pages));
    native = new (theWebAssembly().Memory)({
      initial: size(BigInt(memory.pages)),
      ...(type.max === undefined ? {} : { maximum: size(type.max) }),
      ...(type.shared ? { shared: true } : {}),
      ...(wide ? { address: "i64" } : {}),
    });
    new Uint8Array(native.buffer).set(new Uint8Array(memory.buffer));
    memory.moveTo(new PlatformMemoryStorage(native, wide));
    pairMemory(memory, native);
  }
  return native;
}

// Functions and other references.

const funcs = new WeakMap<NativeFunction, Func>();

/** Notes that `native` is the platform's function for `func`. */
export function pairFunc(native: NativeFunction, func: Func): void {
  func.engineData ??= native;
  funcs.set(native, func);
}

/** Whether values of the type are functions on one side and something else on the other, so that they must be converted. */
export function isFunctionReference(type: ValueType, types: readonly DefinedType[]): boolean {
  if (!isReference(type)) return false;
  const heap = heapTypeOf(type);
  if (isTypeIndex(heap)) return types[typeIndexOf(heap)].composite.kind === "func";
  return heap === HEAP_FUNC || heap === HEAP_NOFUNC;
}

/** Finds the function of the store for one of the platform that nobody has met yet: one that only tables and globals hold. */
export type FuncFinder = (native: NativeFunction) => Func | undefined;

/** A reference as the store has it. */
export function fromNative(value: unknown, find: FuncFinder): unknown {
  if (typeof value !== "function") return value;
  return funcs.get(value as NativeFunction) ?? find(value as NativeFunction) ?? value;
}

/** A reference as the platform has it. */
export function toNative(value: unknown): unknown {
  return value instanceof Func ? nativeFunc(value) : value;
}

/** The platform's function for a function of the store. One that no guest there has made is exported by a module made for it. */
export function nativeFunc(func: Func): NativeFunction {
  const known = func.engineData;
  if (typeof known === "function" && funcs.get(known as NativeFunction) === func) return known as NativeFunction;
  let native = wrapped.get(func);
  if (native === undefined) {
    native = wrappedFunction(func);
    wrapped.set(func, native);
    funcs.set(native, func);
  }
  return native;
}

/** Functions of other engines, which keep `engineData` for themselves. */
const wrapped = new WeakMap<Func, NativeFunction>();

function wrappedFunction(func: Func): NativeFunction {
  const { params, results } = func.signature;
  const simple = (type: ValueType): boolean => !isReference(type) || type === FUNCREF || type === EXTERNREF;
  if (![...params, ...results].every(simple))
    throw new LinkError(
      "a function of another engine with references of a defined type cannot become a reference here",
    );
  const composite: FunctionType = { kind: "func", params, results };
  const { Module, Instance } = theWebAssembly();
  const module = new Module(
    encodeModule({
      types: [{ final: true, supertypes: [], composite, groupStart: 0, groupSize: 1 }],
      imports: [{ module: "w", name: "f", kind: "func", index: 0 }],
      importCounts: { func: 1, table: 0, memory: 0, global: 0, tag: 0 },
      functions: [0],
      tables: [],
      memories: [],
      globals: [],
      tags: [],
      exports: [{ name: "f", kind: "func", index: 0 }],
      start: undefined,
      elements: [],
      dataCount: undefined,
      data: [],
      bodies: [],
      custom: [],
      sections: [],
    }),
  );
  return new Instance(module, { w: { f: func.toJavaScript() } }).exports.f as NativeFunction;
}

/** What JavaScript hands to a function of the platform for a reference to a function. */
export function functionArgument(value: unknown): unknown {
  const func = funcOf(value);
  return func === undefined ? value : nativeFunc(func);
}

/** What JavaScript gets for a reference to a function. */
export function functionResult(value: unknown, find: FuncFinder): unknown {
  const reference = fromNative(value, find);
  return reference instanceof Func ? reference.toJavaScript() : reference;
}

// Tables.

const nativeTables = new WeakMap<Table, NativeTable>();
const tables = new WeakMap<NativeTable, Table>();

class PlatformTableStorage implements TableStorage {
  private readonly native: NativeTable;
  private readonly wide: boolean;
  /** Those of all instances that have the table. */
  private readonly finders: Set<FuncFinder> = new Set();

  constructor(native: NativeTable, wide: boolean) {
    this.native = native;
    this.wide = wide;
  }

  share(find: FuncFinder): void {
    this.finders.add(find);
  }

  private readonly find: FuncFinder = (native) => {
    for (const find of this.finders) {
      const func = find(native);
      if (func !== undefined) return func;
    }
    return undefined;
  };

  private at(index: number): number | bigint {
    return this.wide ? BigInt(index) : index;
  }

  get length(): number {
    return Number(this.native.length);
  }

  get(index: number): unknown {
    return fromNative(this.native.get(this.at(index)), this.find);
  }

  set(index: number, value: unknown): void {
    this.native.set(this.at(index), toNative(value));
  }

  grow(delta: number, value: unknown): boolean {
    try {
      this.native.grow(this.at(delta), toNative(value));
      return true;
    } catch {
      return false;
    }
  }
}

export function tableOf(native: NativeTable, type: TableType, types: readonly DefinedType[], find: FuncFinder): Table {
  let table = tables.get(native);
  if (table === undefined) {
    table = new Table({ ...type, min: 0n }, null, types);
    // Its size is the platform's to tell; the type is the module's own.
    Object.defineProperty(table, "type", { value: type, enumerable: true });
    table.moveTo(new PlatformTableStorage(native, type.address === I64));
    nativeTables.set(table, native);
    tables.set(native, table);
  }
  (table.storage as PlatformTableStorage).share(find);
  return table;
}

export function nativeTable(table: Table, find: FuncFinder): NativeTable {
  let native = nativeTables.get(table);
  if (native === undefined) {
    const { type } = table;
    const wide = type.address === I64;
    if (type.element !== FUNCREF && type.element !== EXTERNREF)
      throw new LinkError(
        `a table of ${typeName(type.element)} made by another engine cannot be used on the platform's`,
      );
    const size = (count: bigint): number | bigint => (wide ? count : Number(count));
    native = new (theWebAssembly().Table)({
      element: type.element === FUNCREF ? "anyfunc" : "externref",
      initial: size(BigInt(table.length)),
      ...(type.max === undefined ? {} : { maximum: size(type.max) }),
      ...(wide ? { address: "i64" } : {}),
    });
    const storage = new PlatformTableStorage(native, wide);
    table.elements.forEach((element, i) => {
      storage.set(i, element);
    });
    table.moveTo(storage);
    nativeTables.set(table, native);
    tables.set(native, table);
  }
  (table.storage as PlatformTableStorage).share(find);
  return native;
}

// Globals.

const nativeGlobals = new WeakMap<Global, NativeGlobal>();
const globals = new WeakMap<NativeGlobal, Global>();

function globalStorage(native: NativeGlobal, find: FuncFinder): GlobalStorage {
  return {
    load: () => fromNative(native.value, find) as WasmValue,
    store: (value) => {
      native.value = toNative(value);
    },
  };
}

export function globalOf(
  native: NativeGlobal,
  type: GlobalType,
  types: readonly DefinedType[],
  find: FuncFinder,
): Global {
  let global = globals.get(native);
  if (global === undefined) {
    global = new Global(type, undefined, types);
    global.storage = globalStorage(native, find);
    nativeGlobals.set(global, native);
    globals.set(native, global);
  }
  return global;
}

const globalTypeNames: ReadonlyMap<ValueType, string> = new Map([
  [I32, "i32"],
  [I64, "i64"],
  [F32, "f32"],
  [F64, "f64"],
  [EXTERNREF, "externref"],
  [FUNCREF, "anyfunc"],
]);

/**
 * The platform's counterpart of a global. An immutable one of the store is copied and stays where it is, so that every engine can use it.
 * @throws LinkError for a type that the platform's API cannot make a global of
 */
export function nativeGlobal(global: Global, find: FuncFinder): NativeGlobal {
  let native = nativeGlobals.get(global);
  if (native === undefined) {
    const { type, mutable } = global.type;
    native =
      globalTypeNames.get(type) !== undefined
        ? new (theWebAssembly().Global)({ value: globalTypeNames.get(type), mutable }, toNative(global.load()))
        : constantGlobal(global);
    nativeGlobals.set(global, native);
    if (mutable) {
      global.storage = globalStorage(native, find);
      globals.set(native, global);
    }
  }
  return native;
}

/** A global of a type that the API has no name for: made by a module whose only global is initialised to the value. */
function constantGlobal(global: Global): NativeGlobal {
  const { type, mutable } = global.type;
  const value = global.load();
  let init: number[];
  if (type === V128) init = [0xfd, 12, ...(value as Uint8Array)];
  else throw new LinkError(`a global of ${typeName(type)} made by another engine cannot be used on the platform's`);
  const bytes = new Uint8Array([...init, 0x0b]);
  const { Module, Instance } = theWebAssembly();
  const module = new Module(
    encodeModule({
      types: [],
      imports: [],
      importCounts: { func: 0, table: 0, memory: 0, global: 0, tag: 0 },
      functions: [],
      tables: [],
      memories: [],
      globals: [{ type: { type, mutable }, init: { bytes, start: 0, end: bytes.length } }],
      tags: [],
      exports: [{ name: "g", kind: "global", index: 0 }],
      start: undefined,
      elements: [],
      dataCount: undefined,
      data: [],
      bodies: [],
      custom: [],
      sections: [],
    }),
  );
  return new Instance(module, {}).exports.g as NativeGlobal;
}

// Tags and exceptions.

const nativeTags = new WeakMap<Tag, NativeTag>();
const tags = new WeakMap<NativeTag, Tag>();
/** All tags that an exception may turn out to have, not kept from being collected where that is possible. */
const knownTags = new Set<{ deref(): NativeTag | undefined }>();
let pruneAt = 64;

export function pairTag(native: NativeTag, tag: Tag): void {
  nativeTags.set(tag, native);
  tags.set(native, tag);
  knownTags.add(typeof WeakRef === "function" ? new WeakRef(native) : { deref: () => native });
  if (knownTags.size < pruneAt) return;
  for (const known of knownTags) if (known.deref() === undefined) knownTags.delete(known);
  pruneAt = Math.max(64, knownTags.size * 2);
}

export function tagOf(native: NativeTag, type: DefinedType): Tag {
  let tag = tags.get(native);
  if (tag === undefined) {
    tag = new Tag(type);
    pairTag(native, tag);
  }
  return tag;
}

export function nativeTag(tag: Tag): NativeTag {
  let native = nativeTags.get(tag);
  if (native === undefined) {
    const { JSTag, Tag: MakeTag } = theWebAssembly();
    if (MakeTag === undefined) throw new LinkError("this platform's WebAssembly has no exception tags");
    const parameters = tag.parameters.map((type) => globalTypeNames.get(type));
    if (parameters.includes(undefined))
      throw new LinkError(
        `a tag of ${tag.parameters.map(typeName).join(" ")} made by another engine cannot be used on the platform's`,
      );
    native = tag === jsTag() && JSTag !== undefined ? JSTag : new MakeTag({ parameters: parameters as string[] });
    pairTag(native, tag);
  }
  return native;
}

const nativeExceptions = new WeakMap<Exception, NativeException>();
const exceptions = new WeakMap<NativeException, Exception>();

/** The exception of the store for one of the platform that a guest threw; undefined when its tag is not known. */
export function exceptionOf(native: NativeException): Exception | undefined {
  const known = exceptions.get(native);
  if (known !== undefined) return known;
  for (const known of knownTags) {
    const nativeTag = known.deref();
    const tag = nativeTag === undefined ? undefined : tags.get(nativeTag);
    if (nativeTag === undefined || tag === undefined || !native.is(nativeTag)) continue;
    const payload = tag.parameters.map((_, i) => {
      try {
        return fromNative(native.getArg(nativeTag, i), () => undefined);
      } catch {
        // A vector or an exception reference, which JavaScript cannot hold.
        return undefined;
      }
    });
    const exception = new Exception(tag, payload);
    exceptions.set(native, exception);
    nativeExceptions.set(exception, native);
    return exception;
  }
  return undefined;
}

/** What a host function throws into a guest, for an exception of the store. */
export function nativeException(exception: Exception): unknown {
  let native = nativeExceptions.get(exception);
  if (native === undefined) {
    const MakeException = theWebAssembly().Exception;
    if (MakeException === undefined) return exception;
    native = new MakeException(nativeTag(exception.tag), exception.payload.map(toNative));
    nativeExceptions.set(exception, native);
    exceptions.set(native, exception);
  }
  return native;
}

import type { Func } from "../../store/function.ts";
import { Global, type GlobalStorage } from "../../store/global.ts";
import { Memory } from "../../store/memory.ts";
import { type MemoryStorage, makeNativeMemory, type NativeMemory } from "../../store/memory-storage.ts";
import { Table, type TableStorage } from "../../store/table.ts";
import { Exception, jsTag, Tag } from "../../store/tag.ts";
import { LinkError } from "../../store/trap.ts";
import { canCross, type WasmValue } from "../../store/values.ts";
import { declareTypes } from "../../wasm/type-declarations.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import {
  ANYREF,
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  type GlobalType,
  I32,
  I64,
  isNullable,
  type MemoryType,
  type TableType,
  type ValueType,
} from "../../wasm/types.ts";
import { makeHelper } from "./helper-module.ts";
import { type Crossing, crossingOf, type Finder, fromNative, toNative } from "./references.ts";
import { makeTypedGlobal, makeTypedTable } from "./typed-externs.ts";
import {
  type NativeException,
  type NativeFunction,
  type NativeGlobal,
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
  readonly native: NativeMemory;
  /** The buffer stays the same until the memory grows, whoever has read it. */
  readonly isGiven = false;
  private readonly wide: boolean;

  constructor(native: NativeMemory, wide: boolean) {
    this.native = native;
    this.wide = wide;
  }

  get buffer(): ArrayBufferLike {
    return this.native.buffer;
  }

  get reserved(): ArrayBufferLike {
    return this.native.buffer;
  }

  get byteLength(): number {
    return this.native.buffer.byteLength;
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

/** The memory of the store for a memory of the platform that a guest there has made. */
export function memoryOf(native: NativeMemory, type: MemoryType): Memory {
  let memory = memories.get(native);
  if (memory === undefined) {
    const storage = new PlatformMemoryStorage(native, type.address === I64);
    memory = new Memory(type, storage);
    pairMemory(memory, storage);
  }
  return memory;
}

function pairMemory(memory: Memory, storage: PlatformMemoryStorage): void {
  memory.follow(storage);
  nativeMemories.set(memory, storage.native);
  memories.set(storage.native, memory);
}

/**
 * The platform's counterpart of a memory. Its buffer is the one that the memory has now, if a host has read that.
 * @throws LinkError where the platform cannot take over such a buffer
 */
export function nativeMemory(memory: Memory): NativeMemory {
  let native = nativeMemories.get(memory);
  if (native === undefined) {
    if (memory.isReceived)
      throw new LinkError(
        "a memory made of another thread's buffer cannot be used on the platform's engine: make the instances of both threads on the compiler or the interpreter",
      );
    const { type } = memory;
    native = memory.native;
    if (native === undefined) {
      if (memory.isGiven) throw new LinkError(givenProblem(memory));
      native = makeNativeMemory({ ...type, min: BigInt(memory.pages) });
      new Uint8Array(native.buffer).set(memory.bytes);
    }
    pairMemory(memory, new PlatformMemoryStorage(native, type.address === I64));
  }
  return native;
}

/** Why a memory cannot be used whose plain buffer a host has read. */
function givenProblem({ type }: Memory): string {
  const remedy = type.shared
    ? "make a shared memory with equal initial and maximum sizes"
    : "make it with new Memory({ initial }) and import it on both engines";
  return `the memory's buffer was read before, and the platform's WebAssembly cannot take it over, so writes to it would be lost: ${remedy}, read the buffer only after this instance is made, or make the instances on the compiler or the interpreter`;
}

// Tables.

const nativeTables = new WeakMap<Table, NativeTable>();
const tables = new WeakMap<NativeTable, Table>();

class PlatformTableStorage implements TableStorage, Finder {
  private readonly native: NativeTable;
  private readonly wide: boolean;
  private readonly crossing: Crossing;
  readonly types: readonly DefinedType[];
  /** Those of all instances that have the table. */
  private readonly finders: Set<Finder> = new Set();

  constructor(native: NativeTable, { type, types }: Table) {
    this.native = native;
    this.wide = type.address === I64;
    this.crossing = crossingOf(type.element, types, true);
    this.types = types;
  }

  share(finder: Finder): void {
    this.finders.add(finder);
  }

  find(native: NativeFunction): Func | undefined {
    for (const finder of this.finders) {
      const func = finder.find(native);
      if (func !== undefined) return func;
    }
    return undefined;
  }

  private at(index: number): number | bigint {
    return this.wide ? BigInt(index) : index;
  }

  get length(): number {
    return Number(this.native.length);
  }

  get(index: number): unknown {
    return fromNative(this.native.get(this.at(index)), this.crossing, this);
  }

  set(index: number, value: unknown): void {
    this.native.set(this.at(index), toNative(value, this.crossing, this));
  }

  grow(delta: number, value: unknown): boolean {
    try {
      this.native.grow(this.at(delta), toNative(value, this.crossing, this));
      return true;
    } catch {
      return false;
    }
  }
}

export function tableOf(native: NativeTable, type: TableType, types: readonly DefinedType[], finder: Finder): Table {
  let table = tables.get(native);
  if (table === undefined) {
    table = new Table({ ...type, min: 0n }, null, types);
    // Its size is the platform's to tell; the type is the module's own.
    Object.defineProperty(table, "type", { value: type, enumerable: true });
    table.moveTo(new PlatformTableStorage(native, table));
    nativeTables.set(table, native);
    tables.set(native, table);
  }
  (table.storage as PlatformTableStorage).share(finder);
  return table;
}

export function nativeTable(table: Table, finder: Finder): NativeTable {
  let native = nativeTables.get(table);
  if (native === undefined) {
    const { type } = table;
    const wide = type.address === I64;
    if (type.element !== FUNCREF && type.element !== EXTERNREF) {
      const first = isNullable(type.element) ? null : table.elements[0];
      native = makeTypedTable(table, toNative(first, crossingOf(type.element, table.types, true), finder));
    } else {
      const size = (count: bigint): number | bigint => (wide ? count : Number(count));
      native = new (theWebAssembly().Table)({
        element: type.element === FUNCREF ? "anyfunc" : "externref",
        initial: size(BigInt(table.length)),
        ...(type.max === undefined ? {} : { maximum: size(type.max) }),
        ...(wide ? { address: "i64" } : {}),
      });
    }
    const storage = new PlatformTableStorage(native, table);
    table.elements.forEach((element, i) => {
      storage.set(i, element);
    });
    table.moveTo(storage);
    nativeTables.set(table, native);
    tables.set(native, table);
  }
  (table.storage as PlatformTableStorage).share(finder);
  return native;
}

// Globals.

const nativeGlobals = new WeakMap<Global, NativeGlobal>();
const globals = new WeakMap<NativeGlobal, Global>();

function globalStorage(native: NativeGlobal, { type, types }: Global, finder: Finder): GlobalStorage {
  const crossing = crossingOf(type.type, types, true);
  return {
    load: () => fromNative(native.value, crossing, finder) as WasmValue,
    store: (value) => {
      native.value = toNative(value, crossing, finder);
    },
  };
}

export function globalOf(
  native: NativeGlobal,
  type: GlobalType,
  types: readonly DefinedType[],
  finder: Finder,
): Global {
  let global = globals.get(native);
  if (global === undefined) {
    global = new Global(type, undefined, types);
    const storage = globalStorage(native, global, finder);
    // A constant is copied, so that every engine can use it.
    if (!type.mutable && canCross(type.type)) global.store(storage.load());
    else global.storage = storage;
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
  [ANYREF, "anyref"],
]);

/**
 * The platform's counterpart of a global. An immutable one of the store is copied and stays where it is, so that every engine can use it.
 * @throws LinkError for a type whose values JavaScript cannot give, as exceptions are
 */
export function nativeGlobal(global: Global, finder: Finder): NativeGlobal {
  let native = nativeGlobals.get(global);
  if (native === undefined) {
    const { type, mutable } = global.type;
    const value = toNative(global.load(), crossingOf(type, global.types, true), finder);
    const name = globalTypeNames.get(type);
    native =
      name === undefined
        ? makeTypedGlobal(global, value)
        : new (theWebAssembly().Global)({ value: name, mutable }, value);
    nativeGlobals.set(global, native);
    if (mutable) {
      global.storage = globalStorage(native, global, finder);
      globals.set(native, global);
    }
  }
  return native;
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
    if (tag === jsTag() && JSTag !== undefined) native = JSTag;
    else if (parameters.includes(undefined) || !isPlain(tag.type)) native = declaredTag(tag);
    else native = new MakeTag({ parameters: parameters as string[] });
    pairTag(native, tag);
  }
  return native;
}

/** Whether a type is the one that the API makes of a list of parameters. */
function isPlain({ final, supertype, group }: DefinedType): boolean {
  return final && supertype === undefined && group.members.length === 1;
}

/** A tag of a type that the API has no words for, made by a module that declares it. */
function declaredTag({ type }: Tag): NativeTag {
  const { types, indices } = declareTypes([type]);
  const { t } = makeHelper({
    types,
    tags: [indices.get(type) as number],
    exports: [{ name: "t", kind: "tag", index: 0 }],
  });
  return t as NativeTag;
}

const nativeExceptions = new WeakMap<Exception, NativeException>();
const exceptions = new WeakMap<NativeException, Exception>();

/** The exception of the store for one of the platform that a guest threw; undefined when its tag is not known. */
export function exceptionOf(native: NativeException, finder: Finder): Exception | undefined {
  const known = exceptions.get(native);
  if (known !== undefined) return known;
  for (const known of knownTags) {
    const nativeTag = known.deref();
    const tag = nativeTag === undefined ? undefined : tags.get(nativeTag);
    if (nativeTag === undefined || tag === undefined || !native.is(nativeTag)) continue;
    const { parameters, type } = tag;
    // A vector or an exception reference cannot be asked for; nor can a host ask us for it.
    const payload = parameters.map((parameter, i) =>
      canCross(parameter)
        ? fromNative(native.getArg(nativeTag, i), crossingOf(parameter, type.context, true), finder)
        : undefined,
    );
    const exception = new Exception(tag, [], payload);
    exceptions.set(native, exception);
    nativeExceptions.set(exception, native);
    return exception;
  }
  return undefined;
}

/**
 * What a host function throws into a guest, for a value of JavaScript's. A platform without `JSTag` (V8 before 13) cannot catch such a value by a tag.
 * There the value is wrapped in an exception, once a guest has the tag.
 */
export function thrownValue(value: unknown): unknown {
  const { JSTag, Exception: MakeException, RuntimeError } = theWebAssembly();
  const native = JSTag === undefined ? nativeTags.get(jsTag()) : undefined;
  if (native === undefined || MakeException === undefined) return value;
  return value instanceof MakeException || value instanceof RuntimeError ? value : new MakeException(native, [value]);
}

/** What a host function throws into a guest, for an exception of the store. */
export function nativeException(exception: Exception, finder: Finder): unknown {
  let native = nativeExceptions.get(exception);
  if (native === undefined) {
    const MakeException = theWebAssembly().Exception;
    if (MakeException === undefined) return exception;
    const { tag, payload } = exception;
    const { parameters, type } = tag;
    const values = payload.map((value, i) => toNative(value, crossingOf(parameters[i], type.context, true), finder));
    native = new MakeException(nativeTag(tag), values);
    nativeExceptions.set(exception, native);
    exceptions.set(native, exception);
  }
  return native;
}

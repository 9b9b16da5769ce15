import { clock } from "../../store/clock.ts";
import { Func, funcOf, type HostFunction } from "../../store/function.ts";
import { ArrayRef, elementStorage, moveAggregate, StructRef } from "../../store/gc.ts";
import { Trap } from "../../store/trap.ts";
import { declareTypes } from "../../wasm/type-declarations.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import {
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_NOEXN,
  HEAP_NOEXTERN,
  HEAP_NOFUNC,
  heapTypeOf,
  isDefaultable,
  isReference,
  isTypeIndex,
  type StructType,
  typeIndexOf,
  type ValueType,
} from "../../wasm/types.ts";
import { accessOf, isGiven, MAX_FIXED, makeFixedArray, theKinds, typeOfNative } from "./aggregate-access.ts";
import { convertingHost, crossingsOf } from "./crossings.ts";
import { makeHelper } from "./helper-module.ts";
import { platformAbilities } from "./probe.ts";
import { stopped } from "./stop.ts";
import type { NativeFunction } from "./web-assembly.ts";

/**
 * References on both sides: functions, structures and arrays are objects of the store for the host, and the platform's own for guests. Each has
 * one counterpart. A structure or array of the host moves into the platform's when it is first handed to a guest there.
 */

/** Who knows what a reference of the platform may be that nobody has met yet. */
export interface Finder {
  /** The function of the store for one of the platform that only tables, globals and fields hold. */
  find(native: NativeFunction): Func | undefined;
  /** The types that structures and arrays are first looked for among. */
  readonly types: readonly DefinedType[];
}

/**
 * How a value is converted: among which references it stands, for those that differ on both sides, or that it is a float whose NaNs are made canonical on the
 * way to the guest. Undefined for all others.
 */
export type Crossing = "func" | "any" | "extern" | "float" | undefined;

/**
 * How values of a type cross.
 * @param aggregates whether there may be structures or arrays: where none are, an `externref` is what it is
 */
export function crossingOf(type: ValueType, types: readonly DefinedType[], aggregates: boolean): Crossing {
  if (!isReference(type)) return undefined;
  const heap = heapTypeOf(type);
  if (isTypeIndex(heap)) return types[typeIndexOf(heap)].composite.kind === "func" ? "func" : "any";
  switch (heap) {
    case HEAP_FUNC:
    case HEAP_NOFUNC:
      return "func";
    case HEAP_EXN:
    case HEAP_NOEXN:
      return undefined;
    case HEAP_EXTERN:
    case HEAP_NOEXTERN:
      return aggregates ? "extern" : undefined;
    default:
      return "any";
  }
}

/** A reference of the platform as the store has it. */
export function fromNative(value: unknown, crossing: Crossing, finder: Finder): unknown {
  if (value === null || crossing === undefined || crossing === "float") return value;
  if (crossing === "func") {
    if (typeof value !== "function") return value;
    return funcs.get(value as NativeFunction) ?? finder.find(value as NativeFunction) ?? value;
  }
  return typeof value === "object" ? fromNativeObject(value, finder) : value;
}

/** A reference of the store as the platform has it. */
export function toNative(value: unknown, crossing: Crossing, finder: Finder): unknown {
  if (crossing === "func") return value instanceof Func ? nativeFunc(value, finder) : value;
  if (crossing === undefined) return value;
  return value instanceof StructRef || value instanceof ArrayRef ? nativeObject(value, finder) : value;
}

/** What JavaScript gets for a reference of the platform. */
export function toHost(value: unknown, crossing: Crossing, finder: Finder): unknown {
  const reference = fromNative(value, crossing, finder);
  return reference instanceof Func ? reference.toJavaScript() : reference;
}

/** What JavaScript hands to the platform for a reference. */
export function toGuest(value: unknown, crossing: Crossing, finder: Finder): unknown {
  // What is no number becomes one on the platform.
  if (crossing === "float") return typeof value === "number" && Number.isNaN(value) ? Number.NaN : value;
  if (crossing !== "func") return toNative(value, crossing, finder);
  const func = funcOf(value);
  return func === undefined ? value : nativeFunc(func, finder);
}

// Functions.

const funcs = new WeakMap<NativeFunction, Func>();

/** Notes that `native` is the platform's function for `func`. */
export function pairFunc(native: NativeFunction, func: Func): void {
  func.engineData ??= native;
  funcs.set(native, func);
}

/**
 * The platform's function for a function of the store. A function of another engine or of the host gets one that calls it, of the same type.
 * @param finder knows the functions that the guests which call it may pass
 */
export function nativeFunc(func: Func, finder: Finder): NativeFunction {
  const known = func.engineData;
  if (typeof known === "function" && funcs.get(known as NativeFunction) === func) return known as NativeFunction;
  let native = wrapped.get(func);
  if (native === undefined) {
    const call = func.toJavaScript();
    const crossings = crossingsOf(func, true, true);
    native = typedFunction(func, timed(crossings === undefined ? call : convertingHost(call, crossings, finder)));
    wrapped.set(func, native);
  }
  return native;
}

/** Functions of other engines, which keep `engineData` for themselves. */
const wrapped = new WeakMap<Func, NativeFunction>();

/** Makes a function of the platform, of the type of `func`, that calls JavaScript: a module exports it again. */
export function typedFunction(func: Func, call: NativeFunction): NativeFunction {
  const { types, indices } = declareTypes([func.type]);
  const type = indices.get(func.type) as number;
  const { f } = makeHelper(
    {
      types,
      imports: [{ module: "w", name: "f", kind: "func", index: 0 }],
      importCounts: { func: 1, table: 0, memory: 0, global: 0, tag: 0 },
      functions: [type],
      exports: [{ name: "f", kind: "func", index: 0 }],
    },
    { w: { f: call } },
  );
  funcs.set(f as NativeFunction, func);
  return f as NativeFunction;
}

/** No instance is known here whose next check could stop the guest. */
function timed(call: HostFunction): HostFunction {
  const check = (): void => {
    if (clock.isSet && clock.isOver) throw stopped(new Trap("deadline-exceeded"));
  };
  return (...args) => {
    let result: unknown;
    try {
      result = call(...args);
    } catch (error) {
      check();
      throw error;
    }
    check();
    return result;
  };
}

// Structures and arrays.

const natives = new WeakMap<StructRef | ArrayRef, object>();
const objects = new WeakMap<object, StructRef | ArrayRef>();

/** The crossing of a field or element: what stands in it crosses as a reference of any module does. */
const inside = (storage: number, type: DefinedType): Crossing => crossingOf(storage, type.context, true);

function pair(object: StructRef | ArrayRef, native: object, finder: Finder): void {
  natives.set(object, native);
  objects.set(native, object);
  const storageOf = (index: number): number =>
    object instanceof StructRef
      ? (object.type.composite as StructType).fields[index].storage
      : elementStorage(object.type);
  moveAggregate(object, {
    get(index) {
      const storage = storageOf(index);
      if (!isGiven(storage))
        throw new TypeError("a v128 or exnref value cannot cross between JavaScript and WebAssembly");
      return toHost(accessOf(object.type).get(native, index), inside(storage, object.type), finder);
    },
    set(index, value) {
      accessOf(object.type).set(native, index, toGuest(value, inside(storageOf(index), object.type), finder));
    },
  });
}

function fromNativeObject(native: object, finder: Finder): unknown {
  const known = objects.get(native);
  if (known !== undefined) return known;
  // Where there are none, nothing can be one.
  const abilities = platformAbilities();
  if (typeof abilities === "string" || !abilities.features.has("gc")) return native;
  const { kindOf, lengthOf } = theKinds();
  const kind = kindOf(native);
  if (kind === 0) return native;
  const unknown = undefined as unknown as DefinedType;
  const object = kind === 1 ? new StructRef(unknown, undefined, []) : new ArrayRef(unknown, lengthOf(native), []);
  // Found when somebody asks: most references are only handed on.
  Object.defineProperty(object, "type", {
    configurable: true,
    enumerable: true,
    get() {
      const value = typeOfNative(native, finder.types);
      Object.defineProperty(object, "type", { value, enumerable: true });
      return value;
    },
  });
  pair(object, native, finder);
  return object;
}

/** A field that can only be filled when all objects of a cycle are there. */
interface Deferred {
  readonly object: StructRef | ArrayRef;
  readonly index: number;
  readonly value: StructRef | ArrayRef;
}

function nativeObject(object: StructRef | ArrayRef, finder: Finder): object {
  const known = natives.get(object);
  if (known !== undefined) return known;
  // What it refers to comes first; a list of the host's may be longer than JavaScript's stack.
  const entered = new Set<StructRef | ArrayRef>();
  const waiting = [object];
  const order = new Set<StructRef | ArrayRef>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (natives.has(next)) continue;
    if (entered.has(next)) {
      order.add(next);
      continue;
    }
    entered.add(next);
    waiting.push(next);
    for (const value of contents(next))
      if ((value instanceof StructRef || value instanceof ArrayRef) && !entered.has(value)) waiting.push(value);
  }
  const deferred: Deferred[] = [];
  const made = new Map<StructRef | ArrayRef, object>();
  for (const item of order) made.set(item, makeNative(item, made, deferred, finder));
  for (const { object: item, index, value } of deferred)
    accessOf(item.type).set(made.get(item) as object, index, made.get(value));
  for (const [item, native] of made) pair(item, native, finder);
  return made.get(object) as object;
}

/** The references in an object of the store; nothing for elements that are numbers. */
function contents(object: StructRef | ArrayRef): readonly unknown[] {
  if (object instanceof StructRef) return object.fields;
  return Array.isArray(object.elements) ? object.elements : [];
}

/** Makes the platform's object of one of the store, in which all is made that it refers to but what it is in a cycle with. */
function makeNative(
  object: StructRef | ArrayRef,
  made: ReadonlyMap<StructRef | ArrayRef, object>,
  deferred: Deferred[],
  finder: Finder,
): object {
  const { type } = object;
  const convert = (index: number, storage: number, mutable: boolean): unknown => {
    const value = object.get(index);
    if (!(value instanceof StructRef || value instanceof ArrayRef))
      return toGuest(value, inside(storage, type), finder);
    const native = made.get(value) ?? natives.get(value);
    if (native !== undefined) return native;
    if (!mutable || !isDefaultable(storage))
      throw new TypeError(
        "a cycle of structures through a field that is never null cannot be handed to the platform's WebAssembly: let a guest make it",
      );
    deferred.push({ object, index, value });
    return null;
  };
  if (object instanceof StructRef) {
    const { fields } = type.composite as StructType;
    const values: unknown[] = [];
    fields.forEach(({ storage, mutable }, i) => {
      if (isGiven(storage)) values.push(convert(i, storage, mutable));
    });
    return accessOf(type).make(...values);
  }
  const { composite } = type;
  const { storage, mutable } = composite.kind === "array" ? composite.field : { storage: 0, mutable: false };
  const values = isGiven(storage) ? Array.from({ length: object.length }, (_, i) => convert(i, storage, mutable)) : [];
  if (!mutable && values.length > 0) {
    if (values.length > MAX_FIXED)
      throw new TypeError(
        `an immutable array of more than ${MAX_FIXED} elements cannot be handed to the platform's WebAssembly: let a guest make it`,
      );
    return makeFixedArray(type, values);
  }
  const access = accessOf(type);
  const native = access.make(object.length, values[0]);
  values.forEach((value, i) => {
    access.set(native, i, value);
  });
  return native;
}

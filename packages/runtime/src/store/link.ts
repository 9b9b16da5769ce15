import type { ValidModule } from "../validation/validate.ts";
import type { Import, WasmModule } from "../wasm/module.ts";
import { type DefinedType, isSubtype } from "../wasm/type-registry.ts";
import type { Limits as LimitsType } from "../wasm/types.ts";
import { I64, isReference, typeName } from "../wasm/types.ts";
import type { Extern } from "./engine.ts";
import { awaitsOf, Func, fuelCostOf, funcOf, type HostFunction } from "./function.ts";
import { Global } from "./global.ts";
import { type ImportObject, importPlace, readImports } from "./import-object.ts";
import { Memory } from "./memory.ts";
import type { Supplied } from "./supplied.ts";
import { Table } from "./table.ts";
import { Tag } from "./tag.ts";
import { LinkError } from "./trap.ts";
import { toWasm } from "./values.ts";

/**
 * Reads the imports of a module from an import object and checks that each matches (specification, 4.7.1; JavaScript API, 4.2).
 *
 * @returns one external value for each import, in their order
 * @throws LinkError when an import is missing or does not match, and what {@link readImports} throws
 */
export function resolveImports(valid: ValidModule, imports: ImportObject | undefined): Extern[] {
  return matchImports(valid, readImports(valid, imports));
}

/**
 * Checks that the values of a module's imports match.
 *
 * @param values one for each import, in their order; those of supplied imports are not looked at
 * @returns one external value for each import
 * @throws LinkError when one does not match
 */
export function matchImports(valid: ValidModule, values: readonly unknown[]): Extern[] {
  return valid.module.imports.map((item, i) => {
    const supplied = valid.supplied?.imports.get(item);
    return supplied === undefined
      ? resolveImport(values[i], item, valid, importPlace(item))
      : suppliedImport(supplied, item, valid);
  });
}

function suppliedImport({ builtin, constant }: Supplied, { index }: Import, { module, types }: ValidModule): Extern {
  if (builtin === undefined) return new Global(module.globals[index].type, constant, types);
  return new Func(types[module.functions[index]], undefined, index, builtin.run, 1, builtin);
}

function resolveImport(value: unknown, item: Import, { module, types }: ValidModule, place: string): Extern {
  switch (item.kind) {
    case "func":
      return functionImport(value, types[module.functions[item.index]], item.index, place);
    case "table":
      return tableImport(value, module, types, item.index, place);
    case "memory":
      return memoryImport(value, module, item.index, place);
    case "global":
      return globalImport(value, module, types, item.index, place);
    case "tag":
      if (!(value instanceof Tag)) return objectMismatch(place, "Tag", value);
      if (value.type !== types[module.tags[item.index]])
        throw new LinkError(`${place}: incompatible import type: the tag carries values of other types`);
      return value;
  }
}

/** The kinds of import that are objects, with how a host makes one. */
const makers = {
  Memory: "new Memory({ initial })",
  Table: "new Table({ element, initial })",
  Global: "new Global({ value, mutable }, init)",
  Tag: "new Tag({ parameters })",
};

type ObjectKind = keyof typeof makers;

/** @throws LinkError for a value that is no object of the wanted kind */
function objectMismatch(place: string, kind: ObjectKind, value: unknown, orValue = ""): never {
  const owner = foreignOwner(value, kind);
  if (owner === undefined) return mismatch(place, `a ${kind}${orValue}`, value);
  throw new LinkError(
    `${place}: incompatible import type: expected a ${kind} of @wardian/runtime${orValue}, got ${owner}; make it with ${makers[kind]} from @wardian/runtime`,
  );
}

function mismatch(place: string, expected: string, value: unknown): never {
  if (value === undefined) throw new LinkError(`${place}: unknown import: expected ${expected}`);
  const found =
    value === null
      ? "null"
      : typeof value === "object"
        ? (foreignOwner(value) ?? value.constructor?.name ?? "an object")
        : `a ${typeof value}`;
  throw new LinkError(`${place}: incompatible import type: expected ${expected}, got ${found}`);
}

/** The `X` of an object of a class `WebAssembly.X`, whoever made it. */
function webAssemblyClass(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return /^\[object WebAssembly\.(\w+)\]$/.exec(Object.prototype.toString.call(value))?.[1];
}

/**
 * An object of a WebAssembly API that this copy of the package did not make, in words that name its owner.
 *
 * @param kind the name of the package's class that was expected
 * @returns undefined for any other value
 */
function foreignOwner(value: unknown, kind?: ObjectKind): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const name = webAssemblyClass(value);
  if (name !== undefined) {
    const platform = (globalThis as { WebAssembly?: object }).WebAssembly;
    const native: unknown =
      platform !== undefined && Object.hasOwn(platform, name) ? Reflect.get(platform, name) : undefined;
    return typeof native === "function" && value instanceof native
      ? `the platform's WebAssembly.${name}`
      : `a WebAssembly.${name} of another realm or of a namespace that createWebAssembly made`;
  }
  return kind !== undefined && value.constructor?.name === kind
    ? `a ${kind} of another copy or version of the package`
    : undefined;
}

function functionImport(value: unknown, type: DefinedType, index: number, place: string): Func {
  if (typeof value !== "function") return mismatch(place, "a function", value);
  const func = funcOf(value);
  if (func === undefined) {
    const host = value as HostFunction;
    const made = new Func(type, undefined, index, host, fuelCostOf(host));
    made.awaits = awaitsOf(host);
    return made;
  }
  if (!isDefinedSubtypeOf(func.type, type))
    throw new LinkError(
      `${place}: incompatible import type: the function's type is ${signature(func.type)}, expected ${signature(type)}`,
    );
  return func;
}

function isDefinedSubtypeOf(type: DefinedType, expected: DefinedType): boolean {
  return type.ancestors[expected.depth] === expected;
}

function signature(type: DefinedType): string {
  const { composite } = type;
  if (composite.kind !== "func") return composite.kind;
  return `[${composite.params.map(typeName).join(" ")}] -> [${composite.results.map(typeName).join(" ")}]`;
}

/** Whether limits with a current size of `size` may stand where `wanted` are expected (specification, 3.3.14). */
function limitsMatch(size: bigint, given: LimitsType, wanted: LimitsType): boolean {
  return (
    given.address === wanted.address &&
    size >= wanted.min &&
    (wanted.max === undefined || (given.max !== undefined && given.max <= wanted.max))
  );
}

function tableImport(
  value: unknown,
  module: WasmModule,
  types: readonly DefinedType[],
  index: number,
  place: string,
): Table {
  if (!(value instanceof Table)) return objectMismatch(place, "Table", value);
  const wanted = module.tables[index].type;
  const { element } = value.type;
  if (
    !isSubtype(element, value.types, wanted.element, types) ||
    !isSubtype(wanted.element, types, element, value.types)
  )
    throw new LinkError(
      `${place}: incompatible import type: a table of ${typeName(value.type.element)}, expected one of ${typeName(wanted.element)}`,
    );
  if (!limitsMatch(BigInt(value.length), value.type, wanted))
    throw new LinkError(
      `${place}: incompatible import type: the table's size ${value.length} or maximum ${value.type.max} does not fit into ${wanted.min} to ${wanted.max}`,
    );
  return value;
}

function memoryImport(value: unknown, module: WasmModule, index: number, place: string): Memory {
  if (!(value instanceof Memory)) return objectMismatch(place, "Memory", value);
  const wanted = module.memories[index];
  if (value.type.shared !== wanted.shared)
    throw new LinkError(
      `${place}: incompatible import type: expected ${wanted.shared ? "a shared" : "an unshared"} memory`,
    );
  if (value.type.pageSizeLog2 !== wanted.pageSizeLog2)
    throw new LinkError(`${place}: incompatible import type: expected pages of ${2 ** wanted.pageSizeLog2} bytes`);
  if (!limitsMatch(BigInt(value.pages), value.type, wanted))
    throw new LinkError(
      `${place}: incompatible import type: the memory's ${value.pages} pages or maximum ${value.type.max} do not fit into ${wanted.min} to ${wanted.max}`,
    );
  return value;
}

function globalImport(
  value: unknown,
  module: WasmModule,
  types: readonly DefinedType[],
  index: number,
  place: string,
): Global {
  const wanted = module.globals[index].type;
  if (!(value instanceof Global)) {
    // As the platform has it: a bare number, bigint or reference stands for an immutable global of it.
    if (wanted.mutable || value === undefined) return objectMismatch(place, "Global", value);
    // A number is not made from whatever JavaScript could make one from: a table would be NaN.
    const isOfType = isReference(wanted.type) || typeof value === (wanted.type === I64 ? "bigint" : "number");
    // A global of another API is meant by its value, never as a reference to the object.
    if (isOfType && webAssemblyClass(value) !== "Global") {
      try {
        return new Global(wanted, toWasm(value, wanted.type, types), types);
      } catch {
        // It is refused below.
      }
    }
    return objectMismatch(place, "Global", value, ` or a value of type ${typeName(wanted.type)}`);
  }
  const { type } = value;
  const fits =
    type.mutable === wanted.mutable &&
    isSubtype(type.type, value.types, wanted.type, types) &&
    (!wanted.mutable || isSubtype(wanted.type, types, type.type, value.types));
  if (!fits)
    throw new LinkError(
      `${place}: incompatible import type: ${type.mutable ? "a mutable" : "an immutable"} global of ${typeName(type.type)}, expected ${wanted.mutable ? "a mutable" : "an immutable"} one of ${typeName(wanted.type)}`,
    );
  return value;
}

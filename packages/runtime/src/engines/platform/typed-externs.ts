import type { Global } from "../../store/global.ts";
import type { Table } from "../../store/table.ts";
import { LinkError } from "../../store/trap.ts";
import { canCross } from "../../store/values.ts";
import * as OP from "../../wasm/opcodes.ts";
import { declareTypes } from "../../wasm/type-declarations.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import {
  heapTypeOf,
  heapTypeOfIndex,
  isNullable,
  isReference,
  isTypeIndex,
  referenceType,
  type SubType,
  typeIndexOf,
  typeName,
  V128,
  type ValueType,
} from "../../wasm/types.ts";
import { body, makeHelper, prefixed, u32 } from "./helper-module.ts";
import type { NativeGlobal, NativeTable } from "./web-assembly.ts";

/**
 * Globals and tables of types that the platform's JavaScript API has no name for: each is made by a module that defines it.
 * The module imports the value as an immutable global, which may be given as a JavaScript value (JavaScript API, 5.1, "read the imports").
 */

/** A value type as a module of its own names it, with the declarations that it needs. */
function declared(type: ValueType, types: readonly DefinedType[]): { type: ValueType; types: SubType[] } {
  const heap = isReference(type) ? heapTypeOf(type) : undefined;
  if (heap === undefined || !isTypeIndex(heap)) return { type, types: [] };
  const defined = types[typeIndexOf(heap)];
  const declarations = declareTypes([defined]);
  const own = heapTypeOfIndex(declarations.indices.get(defined) as number);
  return { type: referenceType(isNullable(type), own), types: [...declarations.types] };
}

const IMPORTS = [{ module: "v", name: "v", kind: "global", index: 0 }] as const;
const GET_IMPORT = [OP.GLOBAL_GET, ...u32(0)];

/**
 * @param value - in the platform's form
 * @throws LinkError when JavaScript cannot give the platform a value of the type
 */
export function makeTypedGlobal(global: Global, value: unknown): NativeGlobal {
  const { mutable } = global.type;
  const { type, types } = declared(global.type.type, global.types);
  if (type === V128) {
    const init = body(...prefixed(OP.V128_CONST), ...(value as Uint8Array));
    const exports = [{ name: "g", kind: "global", index: 0 }] as const;
    return makeHelper({ globals: [{ type: { type, mutable }, init }], exports }).g as NativeGlobal;
  }
  refuseUnlessGiven("global", global.type.type);
  const constant = { type, mutable: false };
  return makeHelper(
    {
      types,
      imports: IMPORTS,
      importCounts: { func: 0, table: 0, memory: 0, global: 1, tag: 0 },
      globals: [
        { type: constant, init: undefined },
        { type: { type, mutable }, init: body(...GET_IMPORT) },
      ],
      exports: [{ name: "g", kind: "global", index: 1 }],
    },
    { v: { v: value } },
  ).g as NativeGlobal;
}

/**
 * A table of the same type, whose elements are all `value`.
 * @param value - in the platform's form
 * @throws LinkError when JavaScript cannot give the platform a value of the type
 */
export function makeTypedTable(table: Table, value: unknown): NativeTable {
  const { type, types } = declared(table.type.element, table.types);
  refuseUnlessGiven("table", table.type.element);
  if (value === undefined) throw new LinkError(`an empty table of ${typeName(table.type.element)} has no first value`);
  return makeHelper(
    {
      types,
      imports: IMPORTS,
      importCounts: { func: 0, table: 0, memory: 0, global: 1, tag: 0 },
      globals: [{ type: { type, mutable: false }, init: undefined }],
      tables: [{ type: { ...table.type, element: type, min: BigInt(table.length) }, init: body(...GET_IMPORT) }],
      exports: [{ name: "t", kind: "table", index: 0 }],
    },
    { v: { v: value } },
  ).t as NativeTable;
}

function refuseUnlessGiven(kind: string, type: ValueType): void {
  if (!canCross(type))
    throw new LinkError(`a ${kind} of ${typeName(type)} made by another engine cannot be used on the platform's`);
}

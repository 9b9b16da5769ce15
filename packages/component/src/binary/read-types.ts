import {
  I32,
  I64,
  readGlobalType,
  readMemoryType,
  readTableType,
  readTagType,
  readTypeGroup,
  type SubType,
} from "@wardian/runtime/internal";
import type { CoreImportType } from "../model/definitions.ts";
import type {
  CoreTypeDefinition,
  Declaration,
  ExternTypeUse,
  LabelledType,
  ModuleDeclaration,
  PrimitiveType,
  TypeDefinition,
  ValueTypeUse,
} from "../model/types.ts";
import type { ComponentReader } from "./component-reader.ts";
import { LIMITS } from "./limits.ts";
import {
  BOUND,
  byNumber,
  COMPONENT_SORT,
  CORE_PREFIX,
  CORE_SORT,
  CORE_TYPE,
  DECLARATION,
  MODULE_DECLARATION,
  PRIMITIVE,
  RESULT,
  TYPE,
} from "./opcodes.ts";
import { readAlias, readExternName } from "./read-parts.ts";

const primitivesByCode: ReadonlyMap<number, PrimitiveType> = byNumber(PRIMITIVE);

/** Whether a primitive type may be used here; `start` is where it begins. */
function primitive(reader: ComponentReader, code: number, start: number): PrimitiveType | undefined {
  const type = primitivesByCode.get(code);
  if (type === "error-context") reader.needComponent("error-context", "the type `error-context`", start);
  return type;
}

/** A value type: a primitive one, or an index (Binary: `valtype`). */
export function readValueTypeUse(reader: ComponentReader): ValueTypeUse {
  const start = reader.pos;
  const code = reader.s33();
  if (code >= 0) return code;
  const type = code >= -0x40 ? primitive(reader, code & 0x7f, start) : undefined;
  return type ?? reader.fail(`malformed value type 0x${(code & 0x7f).toString(16)}`, start);
}

function readLabelled(reader: ComponentReader): LabelledType {
  return { name: reader.name(), type: readValueTypeUse(reader) };
}

const readOptionalType = (reader: ComponentReader): ValueTypeUse | undefined =>
  reader.optional("optional type", () => readValueTypeUse(reader));

/** The result of a function (Binary: `resultlist`). */
export function readResult(reader: ComponentReader): ValueTypeUse | undefined {
  const start = reader.pos;
  switch (reader.byte()) {
    case RESULT.single:
      return readValueTypeUse(reader);
    case RESULT.none:
      reader.expect(0, "result list");
      return undefined;
    default:
      return reader.fail("malformed result list", start);
  }
}

/** A definition of the type index space (Binary: `deftype`). */
export function readTypeDefinition(reader: ComponentReader): TypeDefinition {
  const start = reader.pos;
  const code = reader.byte();
  const type = primitive(reader, code, start);
  if (type !== undefined) return { kind: "primitive", type };
  const labels = (what: string): string[] => reader.vector(what, () => reader.name(), LIMITS.members);
  switch (code) {
    case TYPE.record:
      return { kind: "record", fields: reader.vector("fields", () => readLabelled(reader), LIMITS.members) };
    case TYPE.variant: {
      const readCase = (): { name: string; type: ValueTypeUse | undefined } => {
        const item = { name: reader.name(), type: readOptionalType(reader) };
        reader.expect(0, "variant case: it cannot refine another");
        return item;
      };
      return { kind: "variant", cases: reader.vector("cases", readCase, LIMITS.members) };
    }
    case TYPE.list:
      return { kind: "list", element: readValueTypeUse(reader), length: undefined };
    case TYPE.fixedLengthList:
      reader.needComponent("fixed-length-lists", "a list of a fixed length", start);
      return { kind: "list", element: readValueTypeUse(reader), length: reader.u32() };
    case TYPE.tuple:
      return {
        kind: "tuple",
        types: reader.vector("types of a tuple", () => readValueTypeUse(reader), LIMITS.members),
      };
    case TYPE.flags:
      return { kind: "flags", labels: labels("flags") };
    case TYPE.enum:
      return { kind: "enum", labels: labels("labels") };
    case TYPE.option:
      return { kind: "option", type: readValueTypeUse(reader) };
    case TYPE.result:
      return { kind: "result", ok: readOptionalType(reader), error: readOptionalType(reader) };
    case TYPE.own:
      return { kind: "own", resource: reader.u32() };
    case TYPE.borrow:
      return { kind: "borrow", resource: reader.u32() };
    case TYPE.stream:
    case TYPE.future: {
      const kind = code === TYPE.stream ? "stream" : "future";
      reader.needComponent("async", `the type \`${kind}\``, start);
      return { kind, element: readOptionalType(reader) };
    }
    case TYPE.map:
      reader.needComponent("map", "the type `map`", start);
      return { kind: "map", key: readValueTypeUse(reader), value: readValueTypeUse(reader) };
    case TYPE.func:
    case TYPE.asyncFunc: {
      if (code === TYPE.asyncFunc) reader.needComponent("async", "an `async` function type", start);
      const params = reader.vector("parameters", () => readLabelled(reader), LIMITS.members);
      return { kind: "func", async: code === TYPE.asyncFunc, params, result: readResult(reader) };
    }
    case TYPE.component:
    case TYPE.instance: {
      const kind = code === TYPE.component ? "component" : "instance";
      const read = (): Declaration => readDeclaration(reader, kind);
      return { kind, declarations: reader.nested(() => reader.vector("declarations", read)) };
    }
    case TYPE.resource: {
      const at = reader.pos;
      const representation = reader.byte();
      if (representation === I64) reader.needComponent("memory64", "a resource with an i64 representation", at);
      else if (representation !== I32) reader.fail("resources can only be represented by `i32`", at);
      return { kind: "resource", representation, destructor: reader.optional("destructor", () => reader.u32()) };
    }
    default:
      return reader.fail(`malformed type 0x${code.toString(16)}`, start);
  }
}

function readDeclaration(reader: ComponentReader, of: "component" | "instance"): Declaration {
  const at = reader.pos;
  switch (reader.byte()) {
    case DECLARATION.coreType:
      return { kind: "core type", at, type: readCoreType(reader) };
    case DECLARATION.type:
      return { kind: "type", at, type: readTypeDefinition(reader) };
    case DECLARATION.alias:
      return { kind: "alias", at, alias: readAlias(reader) };
    case DECLARATION.import:
      if (of === "instance") break;
      return { kind: "import", at, name: readExternName(reader), type: readExternType(reader) };
    case DECLARATION.export:
      return { kind: "export", at, name: readExternName(reader), type: readExternType(reader) };
  }
  return reader.fail(`malformed declaration of ${of === "instance" ? "an instance" : "a component"} type`, at);
}

/** What an import or export stands for (Binary: `externtype`). */
export function readExternType(reader: ComponentReader): ExternTypeUse {
  const start = reader.pos;
  switch (reader.byte()) {
    case CORE_PREFIX:
      reader.expect(CORE_SORT.module, "sort of an import or export: of the core it can only be a module");
      return { sort: "core module", type: reader.u32() };
    case COMPONENT_SORT.func:
      return { sort: "func", type: reader.u32() };
    case COMPONENT_SORT.component:
      return { sort: "component", type: reader.u32() };
    case COMPONENT_SORT.instance:
      return { sort: "instance", type: reader.u32() };
    case COMPONENT_SORT.type: {
      const at = reader.pos;
      const bound = reader.byte();
      if (bound === BOUND.eq) return { sort: "type", bound: { kind: "eq", type: reader.u32() } };
      if (bound === BOUND.sub) return { sort: "type", bound: { kind: "sub" } };
      return reader.fail("malformed bound of a type", at);
    }
    case COMPONENT_SORT.value: {
      reader.needComponent("values", "an import or export of a value", start);
      const at = reader.pos;
      const bound = reader.byte();
      if (bound === BOUND.eq) return { sort: "value", bound: { kind: "eq", value: reader.u32() } };
      if (bound === BOUND.valueType) return { sort: "value", bound: { kind: "type", type: readValueTypeUse(reader) } };
      return reader.fail("malformed bound of a value", at);
    }
    default:
      return reader.fail("malformed type of an import or export", start);
  }
}

/** A definition of the core type index space (Binary: `core:deftype`). */
export function readCoreType(reader: ComponentReader): CoreTypeDefinition {
  const start = reader.pos;
  const next = reader.pos < reader.end ? reader.bytes[reader.pos] : -1;
  if (next === CORE_TYPE.module) {
    reader.byte();
    return {
      kind: "module",
      declarations: reader.nested(() => reader.vector("declarations", () => readModuleDeclaration(reader))),
    };
  }
  if (next === CORE_TYPE.subPrefix) {
    reader.byte();
    // What follows is a sub type that is not final, and nothing else.
    if (reader.bytes[reader.pos] !== CORE_TYPE.module) reader.fail("malformed core type", start);
  }
  const types: SubType[] = [];
  const { place } = reader;
  const explicit = readTypeGroup(reader, types);
  reader.place = place;
  return { kind: "group", types, explicit };
}

function readModuleDeclaration(reader: ComponentReader): ModuleDeclaration {
  const at = reader.pos;
  switch (reader.byte()) {
    case MODULE_DECLARATION.import:
      return { kind: "import", at, module: reader.name(), name: reader.name(), type: readCoreImportType(reader) };
    case MODULE_DECLARATION.type:
      return { kind: "type", at, type: readCoreType(reader) };
    case MODULE_DECLARATION.alias:
      reader.expect(CORE_SORT.type, "alias in a module type: it can only be of a type");
      reader.expect(0x01, "alias in a module type: its target can only be an outer scope");
      return { kind: "alias", at, count: reader.u32(), index: reader.u32() };
    case MODULE_DECLARATION.export:
      return { kind: "export", at, name: reader.name(), type: readCoreImportType(reader) };
    default:
      return reader.fail("malformed declaration of a module type", at);
  }
}

/** The type of what a core module imports or exports (Binary: `core:externtype`). */
function readCoreImportType(reader: ComponentReader): CoreImportType {
  const start = reader.pos;
  switch (reader.byte()) {
    case CORE_SORT.func:
      return { kind: "func", type: reader.u32() };
    case CORE_SORT.table:
      return { kind: "table", type: readTableType(reader) };
    case CORE_SORT.memory:
      return { kind: "memory", type: readMemoryType(reader) };
    case CORE_SORT.global:
      return { kind: "global", type: readGlobalType(reader) };
    case CORE_SORT.tag:
      return { kind: "tag", type: readTagType(reader) };
    default:
      return reader.fail("malformed import kind", start);
  }
}

import {
  type Writer,
  writeGlobalType,
  writeMemoryType,
  writeTableType,
  writeTagType,
  writeTypeGroup,
} from "@wardian/runtime/internal";
import type { CoreImportType } from "../model/definitions.ts";
import type {
  CoreTypeDefinition,
  Declaration,
  ExternTypeUse,
  LabelledType,
  ModuleDeclaration,
  TypeDefinition,
  ValueTypeUse,
} from "../model/types.ts";
import {
  BOUND,
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
import { writeAlias, writeExternName } from "./write-parts.ts";

export function writeValueTypeUse(writer: Writer, use: ValueTypeUse): void {
  if (typeof use === "number") writer.s33(use);
  else writer.u8(PRIMITIVE[use]);
}

function writeOptional(writer: Writer, use: ValueTypeUse | undefined): void {
  writer.u8(use === undefined ? 0 : 1);
  if (use !== undefined) writeValueTypeUse(writer, use);
}

function writeLabelled(writer: Writer, { name, type }: LabelledType): void {
  writer.name(name);
  writeValueTypeUse(writer, type);
}

const writeName = (writer: Writer, name: string): void => writer.name(name);

export function writeResult(writer: Writer, result: ValueTypeUse | undefined): void {
  if (result === undefined) {
    writer.u8(RESULT.none);
    writer.u8(0);
    return;
  }
  writer.u8(RESULT.single);
  writeValueTypeUse(writer, result);
}

export function writeTypeDefinition(writer: Writer, type: TypeDefinition): void {
  switch (type.kind) {
    case "primitive":
      writer.u8(PRIMITIVE[type.type]);
      break;
    case "record":
      writer.u8(TYPE.record);
      writer.vector(type.fields, writeLabelled);
      break;
    case "variant":
      writer.u8(TYPE.variant);
      writer.vector(type.cases, (_, item) => {
        writer.name(item.name);
        writeOptional(writer, item.type);
        writer.u8(0);
      });
      break;
    case "list":
      writer.u8(type.length === undefined ? TYPE.list : TYPE.fixedLengthList);
      writeValueTypeUse(writer, type.element);
      if (type.length !== undefined) writer.u32(type.length);
      break;
    case "tuple":
      writer.u8(TYPE.tuple);
      writer.vector(type.types, writeValueTypeUse);
      break;
    case "flags":
    case "enum":
      writer.u8(TYPE[type.kind]);
      writer.vector(type.labels, writeName);
      break;
    case "option":
      writer.u8(TYPE.option);
      writeValueTypeUse(writer, type.type);
      break;
    case "result":
      writer.u8(TYPE.result);
      writeOptional(writer, type.ok);
      writeOptional(writer, type.error);
      break;
    case "own":
    case "borrow":
      writer.u8(TYPE[type.kind]);
      writer.u32(type.resource);
      break;
    case "stream":
    case "future":
      writer.u8(TYPE[type.kind]);
      writeOptional(writer, type.element);
      break;
    case "map":
      writer.u8(TYPE.map);
      writeValueTypeUse(writer, type.key);
      writeValueTypeUse(writer, type.value);
      break;
    case "func":
      writer.u8(type.async ? TYPE.asyncFunc : TYPE.func);
      writer.vector(type.params, writeLabelled);
      writeResult(writer, type.result);
      break;
    case "component":
    case "instance":
      writer.u8(TYPE[type.kind]);
      writer.vector(type.declarations, writeDeclaration);
      break;
    case "resource":
      writer.u8(TYPE.resource);
      writer.u8(type.representation);
      writer.u8(type.destructor === undefined ? 0 : 1);
      if (type.destructor !== undefined) writer.u32(type.destructor);
  }
}

function writeDeclaration(writer: Writer, declaration: Declaration): void {
  switch (declaration.kind) {
    case "core type":
      writer.u8(DECLARATION.coreType);
      writeCoreType(writer, declaration.type);
      break;
    case "type":
      writer.u8(DECLARATION.type);
      writeTypeDefinition(writer, declaration.type);
      break;
    case "alias":
      writer.u8(DECLARATION.alias);
      writeAlias(writer, declaration.alias);
      break;
    case "import":
    case "export":
      writer.u8(DECLARATION[declaration.kind]);
      writeExternName(writer, declaration.name);
      writeExternType(writer, declaration.type);
  }
}

export function writeExternType(writer: Writer, use: ExternTypeUse): void {
  if (use.sort === "core module") {
    writer.u8(CORE_PREFIX);
    writer.u8(CORE_SORT.module);
    writer.u32(use.type);
    return;
  }
  writer.u8(COMPONENT_SORT[use.sort]);
  switch (use.sort) {
    case "type":
      writer.u8(use.bound.kind === "eq" ? BOUND.eq : BOUND.sub);
      if (use.bound.kind === "eq") writer.u32(use.bound.type);
      break;
    case "value":
      writer.u8(use.bound.kind === "eq" ? BOUND.eq : BOUND.valueType);
      if (use.bound.kind === "eq") writer.u32(use.bound.value);
      else writeValueTypeUse(writer, use.bound.type);
      break;
    default:
      writer.u32(use.type);
  }
}

export function writeCoreType(writer: Writer, type: CoreTypeDefinition): void {
  if (type.kind === "module") {
    writer.u8(CORE_TYPE.module);
    writer.vector(type.declarations, writeModuleDeclaration);
    return;
  }
  // The opcode of a sub type that is not final would be taken for that of a module type.
  if (!type.explicit && type.types.length === 1 && !type.types[0].final) writer.u8(CORE_TYPE.subPrefix);
  writeTypeGroup(writer, type.types, type.explicit);
}

function writeModuleDeclaration(writer: Writer, declaration: ModuleDeclaration): void {
  writer.u8(MODULE_DECLARATION[declaration.kind]);
  switch (declaration.kind) {
    case "type":
      writeCoreType(writer, declaration.type);
      break;
    case "alias":
      writer.u8(CORE_SORT.type);
      writer.u8(0x01);
      writer.u32(declaration.count);
      writer.u32(declaration.index);
      break;
    case "import":
      writer.name(declaration.module);
      writer.name(declaration.name);
      writeCoreImportType(writer, declaration.type);
      break;
    case "export":
      writer.name(declaration.name);
      writeCoreImportType(writer, declaration.type);
  }
}

function writeCoreImportType(writer: Writer, type: CoreImportType): void {
  writer.u8(CORE_SORT[type.kind]);
  switch (type.kind) {
    case "func":
      writer.u32(type.type);
      break;
    case "tag":
      writeTagType(writer, type.type);
      break;
    case "table":
      writeTableType(writer, type.type);
      break;
    case "memory":
      writeMemoryType(writer, type.type);
      break;
    case "global":
      writeGlobalType(writer, type.type);
  }
}

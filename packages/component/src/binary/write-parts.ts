import type { Writer } from "@wardian/runtime/internal";
import type { Alias } from "../model/definitions.ts";
import type { ExternName } from "../model/extern-name.ts";
import type { ComponentSort, CoreSort, CoreSortIndex, Sort, SortIndex } from "../model/sorts.ts";
import { ALIAS, ATTRIBUTE, COMPONENT_SORT, CORE_PREFIX, CORE_SORT, NAME_PREFIX } from "./opcodes.ts";

export function writeSort(writer: Writer, sort: Sort): void {
  if (sort.startsWith("core ")) {
    writer.u8(CORE_PREFIX);
    writer.u8(CORE_SORT[sort.slice(5) as CoreSort]);
  } else writer.u8(COMPONENT_SORT[sort as ComponentSort]);
}

export function writeSortIndex(writer: Writer, { sort, index }: SortIndex): void {
  writeSort(writer, sort);
  writer.u32(index);
}

export function writeCoreSortIndex(writer: Writer, { sort, index }: CoreSortIndex): void {
  writer.u8(CORE_SORT[sort]);
  writer.u32(index);
}

export function writeAlias(writer: Writer, alias: Alias): void {
  switch (alias.target) {
    case "export":
      writeSort(writer, alias.sort);
      writer.u8(ALIAS.export);
      writer.u32(alias.instance);
      writer.name(alias.name);
      break;
    case "core export":
      writeSort(writer, `core ${alias.sort}`);
      writer.u8(ALIAS.coreExport);
      writer.u32(alias.instance);
      writer.name(alias.name);
      break;
    case "outer":
      writeSort(writer, alias.sort);
      writer.u8(ALIAS.outer);
      writer.u32(alias.count);
      writer.u32(alias.index);
  }
}

export function writeExternName(writer: Writer, { name, attributes, prefix }: ExternName): void {
  const written = attributes.length === 0 ? prefix : NAME_PREFIX.attributes;
  writer.u8(written);
  writer.name(name);
  if (written !== NAME_PREFIX.attributes) return;
  writer.vector(attributes, (_, { kind, value }) => {
    writer.u8(ATTRIBUTE[kind]);
    writer.name(value);
  });
}

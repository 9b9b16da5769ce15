import type { Alias } from "../model/definitions.ts";
import type { ExternName, NameAttribute } from "../model/extern-name.ts";
import type { ComponentSort, CoreSort, CoreSortIndex, Sort, SortIndex } from "../model/sorts.ts";
import type { ComponentReader } from "./component-reader.ts";
import { ALIAS, ATTRIBUTE, byNumber, COMPONENT_SORT, CORE_PREFIX, CORE_SORT, NAME_PREFIX } from "./opcodes.ts";

const coreSorts: ReadonlyMap<number, CoreSort> = byNumber(CORE_SORT);
const componentSorts: ReadonlyMap<number, ComponentSort> = byNumber(COMPONENT_SORT);
const attributes: ReadonlyMap<number, NameAttribute["kind"]> = byNumber(ATTRIBUTE);

/** What an alias of an outer scope may be of (Explainer: `outeraliassort`). */
const outerSorts: ReadonlySet<Sort> = new Set<Sort>(["core module", "core type", "component", "type"]);

export function readCoreSort(reader: ComponentReader): CoreSort {
  return reader.one("core sort", coreSorts);
}

export function readSort(reader: ComponentReader): Sort {
  const start = reader.pos;
  if (reader.pos < reader.end && reader.bytes[reader.pos] === CORE_PREFIX) {
    reader.byte();
    return `core ${readCoreSort(reader)}`;
  }
  const sort = reader.one("sort", componentSorts);
  if (sort === "value") reader.needComponent("values", "a value", start);
  return sort;
}

export function readCoreSortIndex(reader: ComponentReader): CoreSortIndex {
  return { sort: readCoreSort(reader), index: reader.u32() };
}

export function readSortIndex(reader: ComponentReader): SortIndex {
  return { sort: readSort(reader), index: reader.u32() };
}

/** An alias (Binary, "Alias Definitions"). */
export function readAlias(reader: ComponentReader): Alias {
  const start = reader.pos;
  const sort = readSort(reader);
  const at = reader.pos;
  switch (reader.byte()) {
    case ALIAS.export:
      return { target: "export", sort, instance: reader.u32(), name: reader.name() };
    case ALIAS.coreExport: {
      if (!sort.startsWith("core "))
        reader.fail("malformed alias: a core instance exports core definitions alone", start);
      return { target: "core export", sort: sort.slice(5) as CoreSort, instance: reader.u32(), name: reader.name() };
    }
    case ALIAS.outer:
      if (!outerSorts.has(sort)) reader.fail(`malformed alias: a ${sort} of an outer scope cannot be aliased`, start);
      return { target: "outer", sort, count: reader.u32(), index: reader.u32() };
    default:
      return reader.fail("malformed target of an alias", at);
  }
}

/** The name of an import or export with its attributes (Binary: `nameattributes`). */
export function readExternName(reader: ComponentReader): ExternName {
  const start = reader.pos;
  const prefix = reader.byte();
  if (prefix > NAME_PREFIX.attributes) reader.fail("malformed name of an import or export", start);
  const name = reader.name();
  if (prefix !== NAME_PREFIX.attributes) return { name, attributes: [], prefix };
  const list = reader.vector("attributes", (): NameAttribute => {
    const at = reader.pos;
    const kind = reader.one("attribute of a name", attributes);
    reader.needComponent(kind === "versionsuffix" ? "canonical-names" : "implements", `the attribute \`${kind}\``, at);
    return { kind, value: reader.name() };
  });
  return { name, attributes: list, prefix };
}

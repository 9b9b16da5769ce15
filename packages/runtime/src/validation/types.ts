import { SECTION } from "../wasm/module.ts";
import { defineGroup } from "../wasm/type-registry.ts";
import type { CompositeType } from "../wasm/types.ts";
import type { AggregateRules } from "./aggregate-rules.ts";
import type { ModuleContext, Where } from "./context.ts";

/**
 * Validates and defines the module's types (specification, 3.2.8 to 3.2.11 and 3.5.2), group by group.
 *
 * @param subtypes undefined without garbage collection: no type has a supertype then
 */
export function validateTypes(context: ModuleContext, subtypes: AggregateRules["subtypes"] | undefined): void {
  const { types } = context.module;
  const section = context.section(SECTION.type);
  const depths = new Uint8Array(types.length);
  for (let start = 0; start < types.length; ) {
    const end = start + types[start].groupSize;
    for (let i = start; i < end; i++) {
      checkReferences(context, types[i].composite, end, section.at(i));
      if (subtypes !== undefined) depths[i] = subtypes.depthOf(i, types[i], depths, section.at(i));
    }
    defineGroup(types, start, context.types);
    if (subtypes !== undefined) for (let i = start; i < end; i++) subtypes.checkSupertype(context, i, section.at(i));
    start = end;
  }
}

function checkReferences(context: ModuleContext, composite: CompositeType, limit: number, where: Where): void {
  switch (composite.kind) {
    case "func":
      for (const type of composite.params) context.checkType(type, where, limit);
      for (const type of composite.results) context.checkType(type, where, limit);
      break;
    case "struct":
      for (const { storage } of composite.fields) context.checkType(storage, where, limit);
      break;
    case "array":
      context.checkType(composite.field.storage, where, limit);
  }
}

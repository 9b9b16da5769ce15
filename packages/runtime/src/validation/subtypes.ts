import { LIMITS } from "../binary/limits.ts";
import { CompileError, ValidationError } from "../wasm/errors.ts";
import type { CompositeType, FieldType, StorageType, SubType } from "../wasm/types.ts";
import type { ModuleContext, Where } from "./context.ts";

/** How many supertypes stand above the type, its own supertype being earlier in the module. */
export function depthOf(index: number, { supertypes }: SubType, depths: Uint8Array, where: Where): number {
  if (supertypes.length === 0) return 0;
  if (supertypes.length > 1)
    throw new ValidationError(
      `sub type ${index} has ${supertypes.length} supertypes, where one is allowed`,
      where.errorPlace(),
    );
  if (supertypes[0] >= index)
    throw new ValidationError(
      `unknown type ${supertypes[0]}: type ${index} has it for a supertype`,
      where.errorPlace(),
    );
  const depth = depths[supertypes[0]] + 1;
  if (depth > LIMITS.subtypingDepth)
    throw new CompileError(
      `type ${index} stands below too many supertypes: the limit is ${LIMITS.subtypingDepth}`,
      where.errorPlace(),
    );
  return depth;
}

export function checkSupertype(context: ModuleContext, index: number, where: Where): void {
  const { types } = context.module;
  const above = types[index].supertypes[0];
  if (above === undefined) return;
  if (types[above].final)
    throw new ValidationError(`sub type ${index} has the final type ${above} for a supertype`, where.errorPlace());
  if (!matchesComposite((a, b) => context.matches(a, b), types[index].composite, types[above].composite))
    throw new ValidationError(`sub type ${index} does not match super type ${above}`, where.errorPlace());
}

/** Whether the first type is a subtype of the second. */
type Matches = (a: StorageType, b: StorageType) => boolean;

/** Whether `a` may stand wherever `b` is expected (specification, 3.3.8 to 3.3.11). */
export function matchesComposite(matches: Matches, a: CompositeType, b: CompositeType): boolean {
  if (a.kind === "func" && b.kind === "func")
    return (
      a.params.length === b.params.length &&
      a.results.length === b.results.length &&
      a.params.every((type, i) => matches(b.params[i], type)) &&
      a.results.every((type, i) => matches(type, b.results[i]))
    );
  if (a.kind === "struct" && b.kind === "struct")
    return (
      a.fields.length >= b.fields.length && b.fields.every((field, i) => matchesField(matches, a.fields[i], field))
    );
  return a.kind === "array" && b.kind === "array" && matchesField(matches, a.field, b.field);
}

function matchesField(matches: Matches, a: FieldType, b: FieldType): boolean {
  return (
    a.mutable === b.mutable &&
    matches(a.storage, b.storage) &&
    // What is written as one type must also be read as the other.
    (!a.mutable || matches(b.storage, a.storage))
  );
}

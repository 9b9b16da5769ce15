import { mergeStability, type WorldItems } from "./elaborate.ts";
import {
  packageNameText,
  partsOf,
  type WitFunction,
  type WitType,
  type WitTypeBody,
  type WitTypeDefinition,
  type WitWorld,
  type WitWorldItem,
} from "./model.ts";
import { functionName, makeDefinition, type PackageContext } from "./resolve-types.ts";
import { WitError } from "./source.ts";
import type { IncludeItem } from "./syntax.ts";

/**
 * Adds the imports and exports of a world to another one (WIT, "Item: `include`"). Types that the included world defines become types
 * of the including one.
 *
 * @throws WitError when a renamed label does not exist, or a label is taken
 */
export function includeWorld(
  context: PackageContext,
  into: WitWorld,
  items: WorldItems,
  from: WitWorld,
  { names, path }: IncludeItem,
): void {
  const renamed = new Map<string, string>();
  for (const { id, as } of names) {
    if (!from.imports.has(id.name) && !from.exports.has(id.name))
      throw new WitError(
        `no import or export kebab-name \`${id.name}\`. Note that an ID does not support renaming`,
        id.span,
      );
    renamed.set(id.name, as.name);
  }
  // A `since` of another package says nothing about this one.
  const foreign = packageNameText(from.package) !== packageNameText(into.package);
  const types = new Map<WitTypeDefinition, WitTypeDefinition>();
  for (const direction of ["imports", "exports"] as const) {
    const target = items[direction];
    for (const [key, item] of from[direction]) {
      context.budget.spend();
      const named = item.kind === "interface" && key.includes(":");
      const made = copyItem(item, into, renamed, types, context, foreign);
      const name = named ? key : nameOf(made, renamed.get(key) ?? key);
      const before = target.get(name);
      if (before === undefined) target.set(name, made);
      else if (named && before.kind === "interface" && made.kind === "interface")
        target.set(name, { ...before, stability: mergeStability(before.stability, made.stability) });
      else {
        const noun = direction.slice(0, -1);
        throw new WitError(`${noun} of \`${name}\` shadows previously ${noun}ed items`, path.id.span);
      }
    }
  }
}

function nameOf(item: WitWorldItem, label: string): string {
  return item.kind === "function" ? item.function.name : item.kind === "type" ? item.type.name : label;
}

function copyItem(
  item: WitWorldItem,
  owner: WitWorld,
  renamed: ReadonlyMap<string, string>,
  types: Map<WitTypeDefinition, WitTypeDefinition>,
  { budget }: PackageContext,
  foreign: boolean,
): WitWorldItem {
  const type = (old: WitType): WitType => copyType(old, types, budget);
  switch (item.kind) {
    case "interface":
      return foreign && item.stability?.since !== undefined ? { ...item, stability: undefined } : item;
    case "type": {
      const { name, body, docs, stability, externalId } = item.type;
      const made = makeDefinition(renamed.get(name) ?? name, owner, copyBody(body, type), {
        docs,
        stability: foreign && stability?.since !== undefined ? undefined : stability,
        externalId,
      });
      types.set(item.type, made);
      return { kind: "type", type: made };
    }
    case "function": {
      const old = item.function;
      const resource = old.resource === undefined ? undefined : types.get(old.resource);
      const label = old.kind === "function" ? (renamed.get(old.name) ?? old.name) : old.name.split(".")[1];
      const made: WitFunction = {
        ...old,
        name: functionName(old.kind, label, resource?.name),
        resource,
        params: old.params.map((param) => ({ ...param, type: type(param.type) })),
        result: old.result === undefined ? undefined : type(old.result),
        stability: foreign && old.stability?.since !== undefined ? undefined : old.stability,
      };
      return { kind: "function", function: made };
    }
  }
}

function copyBody(body: WitTypeBody, type: (old: WitType) => WitType): WitTypeBody {
  switch (body.kind) {
    case "alias":
      return { kind: "alias", type: type(body.type) };
    case "record":
      return { ...body, fields: body.fields.map((field) => ({ ...field, type: type(field.type) })) };
    case "variant":
      return {
        ...body,
        cases: body.cases.map((item) => (item.type === undefined ? item : { ...item, type: type(item.type) })),
      };
    default:
      return body;
  }
}

/** A type with the definitions in it exchanged for their copies. */
function copyType(
  type: WitType,
  types: ReadonlyMap<WitTypeDefinition, WitTypeDefinition>,
  budget: PackageContext["budget"],
): WitType {
  if (typeof type === "string") return type;
  if (type.kind === "type") return types.get(type) ?? type;
  budget.spend();
  const copy = (part: WitType): WitType => copyType(part, types, budget);
  const optional = (part: WitType | undefined): WitType | undefined => (part === undefined ? undefined : copy(part));
  switch (type.kind) {
    case "list":
    case "option":
      return { ...type, element: copy(type.element) };
    case "tuple":
      return { ...type, types: [...partsOf(type)].map(copy) };
    case "stream":
    case "future":
      return { ...type, element: optional(type.element) };
    case "map":
      return { ...type, key: copy(type.key), value: copy(type.value) };
    case "result":
      return { ...type, ok: optional(type.ok), error: optional(type.error) };
    case "own":
    case "borrow":
      return { ...type, resource: types.get(type.resource) ?? type.resource };
  }
}

import { elaborate, type WorldItems } from "./elaborate.ts";
import { stabilityOf } from "./gates.ts";
import { includeWorld } from "./include.ts";
import { fullName, type WitFunction, type WitInterface, type WitWorld, type WitWorldItem } from "./model.ts";
import { isPresent, resolveInterface, resolveTypes } from "./resolve-interface.ts";
import { type PackageContext, TypeScope } from "./resolve-types.ts";
import type { PackageItem } from "./scope.ts";
import { WitError } from "./source.ts";
import type { ExternItem, WorldItem } from "./syntax.ts";

/** Resolves a world: its own items, then what it includes, then what both depend on. */
export function resolveWorld(
  context: PackageContext,
  syntax: WorldItem,
  file: PackageItem["file"],
  excluded: boolean,
): WitWorld {
  const items: WorldItems = { imports: new Map(), exports: new Map() };
  const made: { -readonly [Key in keyof WitWorld]: WitWorld[Key] } = {
    kind: "world",
    name: syntax.id.name,
    package: context.name,
    docs: syntax.docs,
    stability: stabilityOf(syntax.gate),
    imports: items.imports,
    exports: items.exports,
  };
  if (excluded) context.excluded.add(made);
  const scope = new TypeScope(context, made, file);
  const methods = new Map<string, WitFunction>();
  const { types } = resolveTypes(scope, syntax.members, methods);
  for (const type of types) if (isPresent(context, type)) items.imports.set(type.name, { kind: "type", type });
  for (const [name, func] of methods) items.imports.set(name, { kind: "function", function: func });
  for (const member of syntax.members) if (member.kind === "extern") addExtern(scope, member, file, items, excluded);
  for (const member of syntax.members) {
    if (member.kind !== "include") continue;
    const world = scope.lookUp(member.path, "world");
    const included = scope.isIncluded(member.gate, member.path.id.span);
    if (!included || excluded) continue;
    scope.checkReference(world, { included, span: member.path.id.span });
    includeWorld(context, made, items, world, member);
  }
  if (excluded) return made;
  const sorted = elaborate(items, syntax.id.span, context.budget);
  checkCase(sorted, syntax);
  made.imports = sorted.imports;
  made.exports = sorted.exports;
  return made;
}

function addExtern(
  scope: TypeScope,
  item: ExternItem,
  file: PackageItem["file"],
  { imports, exports }: WorldItems,
  excluded: boolean,
): void {
  const { context } = scope;
  const { direction, value, id, docs, gate, externalId } = item;
  const span = id?.span ?? (value.kind === "path" ? value.path.id.span : undefined);
  if (span === undefined) return;
  const included = !excluded && scope.isIncluded(gate, span);
  const items = direction === "import" ? imports : exports;
  let name = id?.name;
  let made: WitWorldItem;
  if (value.kind === "func") made = { kind: "function", function: scope.func(value.func) };
  else {
    let target: WitInterface;
    if (value.kind === "path") {
      target = scope.lookUp(value.path, "interface");
      scope.checkReference(target, { included, span: value.path.id.span });
      name ??= fullName(target) as string;
    } else {
      const preamble = { docs, gate };
      target = resolveInterface(context, undefined, preamble, value.members, file, false);
    }
    made = { kind: "interface", interface: target, stability: stabilityOf(gate), docs, externalId };
  }
  if (!included || name === undefined) return;
  context.budget.spend();
  const before = items.get(name);
  if (before !== undefined)
    throw new WitError(
      id === undefined
        ? `interface cannot be ${direction}ed more than once`
        : `${direction} \`${name}\` conflicts with prior ${nounOf(before)} of same name`,
      span,
    );
  items.set(name, made);
}

function nounOf({ kind }: WitWorldItem): string {
  return kind === "function" ? "func" : kind;
}

/** Labels that differ in case alone are the same label. */
function checkCase(items: WorldItems, { id }: WorldItem): void {
  for (const direction of ["import", "export"] as const) {
    const seen = new Map<string, string>();
    for (const name of items[`${direction}s`].keys()) {
      const key = name.includes(":") ? name : name.toLowerCase();
      const before = seen.get(key);
      if (before !== undefined)
        throw new WitError(
          `${direction} \`${name}\` in world \`${id.name}\` conflicts with ${direction} \`${before}\` ` +
            "(kebab-case identifiers are case-insensitive)",
          id.span,
        );
      seen.set(key, name);
    }
  }
}

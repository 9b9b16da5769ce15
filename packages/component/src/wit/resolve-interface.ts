import { stabilityOf } from "./gates.ts";
import type { WitFunction, WitInterface, WitTypeDefinition, WitWorld } from "./model.ts";
import { type PackageContext, TypeScope } from "./resolve-types.ts";
import type { PackageItem } from "./scope.ts";
import { WitError } from "./source.ts";
import type { InterfaceMember, Preamble, TypeItem, UseItem, WorldMember } from "./syntax.ts";

/** Resolves an interface. What features exclude is in its `types` and in `context.excluded`; the resolver removes it in the end. */
export function resolveInterface(
  context: PackageContext,
  name: string | undefined,
  preamble: Pick<Preamble, "docs" | "gate">,
  members: readonly InterfaceMember[],
  file: PackageItem["file"],
  excluded: boolean,
): WitInterface {
  const functions = new Map<string, WitFunction>();
  const made: { -readonly [Key in keyof WitInterface]: WitInterface[Key] } = {
    kind: "interface",
    name,
    package: context.name,
    docs: preamble.docs,
    stability: stabilityOf(preamble.gate),
    types: new Map(),
    functions,
  };
  if (excluded) context.excluded.add(made);
  const scope = new TypeScope(context, made, file);
  made.types = scope.types;
  resolveTypes(scope, members, functions);
  for (const member of members)
    if (member.kind === "func" && scope.isIncluded(member.gate, member.id.span))
      functions.set(member.id.name, scope.func(member));
    else if (member.kind === "func") scope.func(member);
  // Nothing can use a type of an interface without a name.
  if (name === undefined)
    for (const [key, type] of scope.types) if (context.excluded.has(type)) scope.types.delete(key);
  return made;
}

/** Declares the names of an interface or world, and resolves its types with their methods. */
export function resolveTypes(
  scope: TypeScope,
  members: readonly (InterfaceMember | WorldMember)[],
  functions: Map<string, WitFunction>,
): { readonly types: readonly WitTypeDefinition[] } {
  for (const member of members)
    if (member.kind === "use") for (const { id, as = id } of member.names) scope.declare(as);
    else if (member.kind === "type") scope.declare(member.id);
    else if (member.kind === "func") scope.declare(member.id, true);
  const types: WitTypeDefinition[] = [];
  for (const member of members) if (member.kind === "use") types.push(...scope.use(member as UseItem));
  const items = members.filter((member): member is TypeItem => member.kind === "type");
  const defined = scope.defineAll(items);
  const byName = new Map(defined.map(({ type }) => [type.name, type]));
  types.push(...byName.values());
  for (const { id, body } of items) {
    if (body.kind !== "resource") continue;
    const resource = byName.get(id.name) as WitTypeDefinition;
    const names = new Set<string>();
    for (const method of body.methods) {
      const key = method.kind === "constructor" ? "" : method.id.name.toLowerCase();
      if (names.has(key))
        throw new WitError(
          key === "" ? "duplicate constructors" : `duplicate function name \`${method.id.name}\``,
          method.id.span,
        );
      names.add(key);
      const func = scope.func(method, resource);
      if (scope.isIncluded(method.gate, method.id.span)) functions.set(func.name, func);
    }
  }
  return { types };
}

/** Whether an item is there: neither excluded itself nor in an interface or world that is. */
export function isPresent(context: PackageContext, item: WitInterface | WitWorld | WitTypeDefinition): boolean {
  return !context.excluded.has(item) && !(item.kind === "type" && context.excluded.has(item.owner));
}

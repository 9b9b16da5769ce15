import type { Budget } from "./budget.ts";
import { isIncluded, stabilityOf, type WitFeatures } from "./gates.ts";
import {
  holdsBorrow,
  packageNameText,
  type WitFunction,
  type WitInterface,
  type WitPackage,
  type WitPackageName,
  type WitPrimitive,
  type WitType,
  type WitTypeBody,
  type WitTypeDefinition,
  type WitWorld,
} from "./model.ts";
import { type Edge, order } from "./order.ts";
import { findForeign, type PackageItem, type PackageScope } from "./scope.ts";
import { type Span, WitError } from "./source.ts";
import type {
  FunctionSyntax,
  Gate,
  Id,
  MethodSyntax,
  Path,
  TypeBody,
  TypeItem,
  TypeSyntax,
  UseItem,
} from "./syntax.ts";

/** What the resolution of one package shares. */
export interface PackageContext {
  readonly name: WitPackageName;
  readonly scope: PackageScope;
  /** This package's interfaces and worlds that are resolved so far, those that features exclude included. */
  readonly resolved: Map<string, WitInterface | WitWorld>;
  /** The packages that are resolved, with all of their items. */
  readonly packages: ReadonlyMap<string, WitPackage>;
  /** What is not there because its feature is off. */
  readonly excluded: Set<WitInterface | WitWorld | WitTypeDefinition>;
  readonly features: WitFeatures;
  readonly budget: Budget;
}

/** An item whose references are checked: whether it is there, and where it is named. */
interface Referrer {
  readonly included: boolean;
  readonly span: Span;
}

/** The names of types and functions of an interface or world, and the types that they stand for. */
export class TypeScope {
  readonly context: PackageContext;
  readonly owner: WitInterface | WitWorld;
  /** The types, those that features exclude included. */
  readonly types: Map<string, WitTypeDefinition> = new Map();
  private readonly file: PackageItem["file"];
  private readonly functionNames = new Set<string>();
  /** By lower-case name. */
  private readonly names = new Map<string, string>();

  constructor(context: PackageContext, owner: WitInterface | WitWorld, file: PackageItem["file"]) {
    this.context = context;
    this.owner = owner;
    this.file = file;
  }

  /** Whether the gate of an item lets it be there. */
  isIncluded(gate: Gate, span: Span): boolean {
    const { name, features } = this.context;
    return isIncluded(gate, features, { text: packageNameText(name), version: name.version }, span);
  }

  /** @throws WitError when the name is taken, in whatever case it is written */
  declare({ name, span }: Id, isFunction = false): void {
    const key = name.toLowerCase();
    const before = this.names.get(key);
    if (before === name) throw new WitError(`name \`${name}\` is defined more than once`, span);
    if (before !== undefined)
      throw new WitError(
        `\`${name}\` conflicts with \`${before}\` (kebab-case identifiers are case-insensitive)`,
        span,
      );
    this.names.set(key, name);
    if (isFunction) this.functionNames.add(name);
  }

  /** The interface or world that a path leads to. */
  lookUp(path: Path, wants: "interface"): WitInterface;
  lookUp(path: Path, wants: "world"): WitWorld;
  lookUp(path: Path, wants: "interface" | "world"): WitInterface | WitWorld {
    const { scope, resolved, packages, excluded } = this.context;
    const target = scope.resolveAs(path, wants, this.file);
    if (target.kind === "foreign") return findForeign(packages, target, wants, excluded);
    return resolved.get(target.item.syntax.id.name) as WitInterface | WitWorld;
  }

  /** @throws WitError when an item that is there refers to one that is not */
  checkReference(to: WitInterface | WitWorld | WitTypeDefinition, { included, span }: Referrer): void {
    if (included && this.context.excluded.has(to))
      throw new WitError(
        `found a reference to a ${to.kind} which is excluded due to its feature not being activated`,
        span,
      );
  }

  /** Resolves a `use`. @returns the types that it defines */
  use(item: UseItem): WitTypeDefinition[] {
    const from = this.lookUp(item.path, "interface");
    const included = this.isIncluded(item.gate, item.path.id.span);
    this.checkReference(from, { included, span: item.path.id.span });
    return item.names.map(({ id, as = id }) => {
      const type = from.types.get(id.name);
      if (type === undefined) {
        if (from.functions.has(id.name)) throw new WitError(`cannot import function \`${id.name}\``, id.span);
        throw new WitError(
          item.path.package === undefined
            ? `name \`${id.name}\` does not exist`
            : `type \`${id.name}\` not defined in interface`,
          id.span,
        );
      }
      this.checkReference(type, { included, span: id.span });
      return this.define(as, included, { kind: "alias", type }, item);
    });
  }

  /** Resolves the type items of an interface or world, in the order of their references. Their names are declared. */
  defineAll(items: readonly TypeItem[]): { readonly type: WitTypeDefinition; readonly syntax: TypeItem }[] {
    const byName = new Map(items.map((item) => [item.id.name, item]));
    const edges = new Map<string, Edge<Span>[]>();
    for (const { id, body } of items) {
      const list: Edge<Span>[] = [];
      edges.set(id.name, list);
      for (const { name, span } of namesIn(body)) {
        if (byName.has(name)) list.push({ to: name, place: span });
        else if (this.functionNames.has(name)) throw new WitError(`cannot use function \`${name}\` as a type`, span);
        else if (!this.types.has(name)) throw new WitError(noType(name), span);
      }
    }
    const sorted = order(edges);
    if (!Array.isArray(sorted)) throw new WitError(`type \`${sorted.edge.to}\` depends on itself`, sorted.edge.place);
    return sorted.map((name) => {
      const syntax = byName.get(name) as TypeItem;
      const included = this.isIncluded(syntax.gate, syntax.id.span);
      if (included && this.owner.kind === "interface" && this.context.excluded.has(this.owner))
        throw new WitError(
          "found a reference to a interface which is excluded due to its feature not being activated; " +
            "this type is not gated by a feature but its interface is",
          syntax.id.span,
        );
      return { type: this.define(syntax.id, included, this.body(syntax, included), syntax), syntax };
    });
  }

  /** Resolves a function. @param resource the resource of a method */
  func(syntax: FunctionSyntax | MethodSyntax, resource?: WitTypeDefinition): WitFunction {
    const { id, async, externalId, docs, gate } = syntax;
    const kind = "kind" in syntax && resource !== undefined ? syntax.kind : "function";
    const name = functionName(kind, id.name, resource?.name);
    const ownerExcluded = this.context.excluded.has(this.owner);
    const referrer = { included: !ownerExcluded && this.isIncluded(gate, id.span), span: id.span };
    if (resource !== undefined) this.checkReference(resource, referrer);
    const params: { name: string; type: WitType }[] = [];
    if (kind === "method" && resource !== undefined) params.push({ name: "self", type: { kind: "borrow", resource } });
    const seen = new Set(params.map(({ name }) => name));
    for (const param of syntax.params) {
      const key = param.id.name.toLowerCase();
      if (seen.has(key)) throw new WitError(`param \`${param.id.name}\` is defined more than once`, param.id.span);
      seen.add(key);
      params.push({ name: param.id.name, type: this.type(param.type, referrer) });
    }
    let result = syntax.result === undefined ? undefined : this.type(syntax.result, referrer);
    if (kind === "constructor" && resource !== undefined) {
      if (syntax.result === undefined) result = { kind: "own", resource };
      else checkConstructor(syntax.result, resource.name);
    }
    if (result !== undefined && holdsBorrow(result))
      throw new WitError(
        `function \`${name}\` returns a type which contains a \`borrow<T>\` which is not supported`,
        id.span,
      );
    return { name, kind, resource, async, params, result, docs, stability: stabilityOf(gate), externalId };
  }

  private define(
    id: Id,
    included: boolean,
    body: WitTypeBody,
    { docs, gate, externalId }: TypeItem | UseItem,
  ): WitTypeDefinition {
    const type = makeDefinition(id.name, this.owner, body, {
      docs: body.kind === "alias" && isForeign(body, this.owner) ? undefined : docs,
      stability: stabilityOf(gate),
      externalId,
    });
    if (!included) this.context.excluded.add(type);
    this.types.set(id.name, type);
    return type;
  }

  private body({ body, id }: TypeItem, included: boolean): WitTypeBody {
    switch (body.kind) {
      case "resource":
        return { kind: "resource" };
      case "alias": {
        const { type } = body;
        const referrer = { included, span: id.span };
        if (type.kind !== "name") return { kind: "alias", type: this.type(type, referrer) };
        return { kind: "alias", type: this.named(type.id, referrer) };
      }
      case "record":
        checkLabels(body.fields, "field");
        return {
          kind: "record",
          fields: body.fields.map(({ id, type, docs }) => ({
            name: id.name,
            type: this.type(type, { included, span: id.span }),
            ...(docs === undefined ? {} : { docs }),
          })),
        };
      case "variant":
      case "enum":
      case "flags":
        checkLabels(body.cases, body.kind === "flags" ? "flag" : "case");
        return {
          kind: body.kind,
          cases: body.cases.map(({ id, type, docs }) => ({
            name: id.name,
            type: type === undefined ? undefined : this.type(type, { included, span: id.span }),
            ...(docs === undefined ? {} : { docs }),
          })),
        };
    }
  }

  /** A type as it is used for values: a resource by its name is an owned handle. */
  private type(syntax: TypeSyntax, referrer: Referrer): WitType {
    this.context.budget.spend();
    switch (syntax.kind) {
      case "primitive":
        return syntax.name as WitPrimitive;
      case "name": {
        const found = this.named(syntax.id, referrer);
        return found.resource === undefined ? found : { kind: "own", resource: found };
      }
      case "own":
      case "borrow": {
        const found = this.named(syntax.id, referrer, noType);
        if (found.resource === undefined)
          throw new WitError(`type \`${syntax.id.name}\` used in a handle must be a resource`, syntax.id.span);
        return { kind: syntax.kind, resource: found };
      }
      case "list":
        return { kind: "list", element: this.type(syntax.element, referrer), length: syntax.length };
      case "option":
        return { kind: "option", element: this.type(syntax.element, referrer) };
      case "tuple":
        return { kind: "tuple", types: syntax.types.map((type) => this.type(type, referrer)) };
      case "stream":
      case "future":
        return { kind: syntax.kind, element: this.optional(syntax.element, referrer) };
      case "map":
        return { kind: "map", key: this.type(syntax.key, referrer), value: this.type(syntax.value, referrer) };
      case "result":
        return {
          kind: "result",
          ok: this.optional(syntax.ok, referrer),
          error: this.optional(syntax.error, referrer),
        };
    }
  }

  private optional(syntax: TypeSyntax | undefined, referrer: Referrer): WitType | undefined {
    return syntax === undefined ? undefined : this.type(syntax, referrer);
  }

  private named({ name, span }: Id, referrer: Referrer, missing = noName): WitTypeDefinition {
    const found = this.types.get(name);
    if (found === undefined)
      throw new WitError(
        this.functionNames.has(name) ? `cannot use function \`${name}\` as a type` : missing(name),
        span,
      );
    this.checkReference(found, referrer);
    return found;
  }
}

function isForeign(body: WitTypeBody, owner: WitInterface | WitWorld): boolean {
  return (
    body.kind === "alias" && typeof body.type !== "string" && body.type.kind === "type" && body.type.owner !== owner
  );
}

/** Makes a definition, with what follows from its body. */
export function makeDefinition(
  name: string,
  owner: WitInterface | WitWorld,
  body: WitTypeBody,
  rest: Pick<WitTypeDefinition, "docs" | "stability" | "externalId">,
): WitTypeDefinition {
  const type: { -readonly [Key in keyof WitTypeDefinition]: WitTypeDefinition[Key] } = {
    kind: "type",
    name,
    owner,
    body,
    ...rest,
    resource: undefined,
    holdsBorrow: false,
  };
  if (body.kind === "resource") type.resource = type;
  else if (body.kind === "alias") {
    if (typeof body.type !== "string" && body.type.kind === "type") type.resource = body.type.resource;
    type.holdsBorrow = holdsBorrow(body.type);
  } else if (body.kind === "record") type.holdsBorrow = body.fields.some((field) => holdsBorrow(field.type));
  else type.holdsBorrow = body.cases.some((item) => item.type !== undefined && holdsBorrow(item.type));
  return type;
}

/** The full name of a function, as component binaries have it. */
export function functionName(kind: WitFunction["kind"], name: string, resource: string | undefined): string {
  switch (kind) {
    case "function":
      return name;
    case "constructor":
      return `[constructor]${resource}`;
    default:
      return `[${kind}]${resource}.${name}`;
  }
}

function noType(name: string): string {
  return `type \`${name}\` does not exist`;
}

function noName(name: string): string {
  return `name \`${name}\` does not exist`;
}

function checkLabels(items: readonly { readonly id: Id }[], noun: string): void {
  const seen = new Set<string>();
  for (const { id } of items) {
    const key = id.name.toLowerCase();
    if (seen.has(key)) throw new WitError(`${noun} \`${id.name}\` is defined more than once`, id.span);
    seen.add(key);
  }
}

function checkConstructor(result: TypeSyntax, resource: string): void {
  if (result.kind !== "result")
    throw new WitError("if a constructor return type is declared it must be a `result`", result.span);
  const { ok } = result;
  if (ok?.kind !== "name" || ok.id.name !== resource)
    throw new WitError("the `ok` type must be the resource being constructed", ok?.span ?? result.span);
}

/** The names that the body of a type refers to. Methods are resolved after all types. */
function* namesIn(body: TypeBody): Iterable<Id> {
  if (body.kind === "alias") yield* namesOf(body.type);
  if (body.kind === "record") for (const { type } of body.fields) yield* namesOf(type);
  if (body.kind === "variant") for (const { type } of body.cases) if (type !== undefined) yield* namesOf(type);
}

function* namesOf(type: TypeSyntax): Iterable<Id> {
  const stack: TypeSyntax[] = [type];
  for (let next = stack.pop(); next !== undefined; next = stack.pop())
    switch (next.kind) {
      case "name":
      case "own":
      case "borrow":
        yield next.id;
        break;
      case "list":
      case "option":
        stack.push(next.element);
        break;
      case "stream":
      case "future":
        if (next.element !== undefined) stack.push(next.element);
        break;
      case "tuple":
        for (let i = next.types.length - 1; i >= 0; i--) stack.push(next.types[i]);
        break;
      case "map":
        stack.push(next.value, next.key);
        break;
      case "result":
        if (next.error !== undefined) stack.push(next.error);
        if (next.ok !== undefined) stack.push(next.ok);
        break;
    }
}

import {
  fullName,
  packageNameText,
  partsOf,
  type WitFunction,
  type WitInterface,
  type WitResolution,
  type WitStability,
  type WitType,
  type WitTypeDefinition,
  type WitWorld,
  type WitWorldItem,
} from "@wardian/component/wit";

/** Facts of a resolved package in a form in which two resolutions can be compared. Keys of objects have no order. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [key: string]: Fact };

/** Everything that a resolution says. */
export function factsOf({ packages }: WitResolution): Fact {
  const all: Record<string, Fact> = {};
  for (const [name, { docs, interfaces, worlds }] of packages)
    all[name] = {
      docs: docsFact(docs),
      interfaces: entries(interfaces, interfaceFact),
      worlds: entries(worlds, worldFact),
    };
  return all;
}

function entries<T>(map: ReadonlyMap<string, T>, fact: (item: T) => Fact): Fact {
  return Object.fromEntries([...map].map(([name, item]) => [name, fact(item)]));
}

/** The words of a documentation: how its lines are indented and which signs make it a comment are no facts. */
export function docsFact(docs: string | undefined): Fact {
  if (docs === undefined) return null;
  const words = docs.split(/\s+/).filter((word) => /[^*/]/.test(word));
  return words.length === 0 ? null : words.join(" ");
}

function stabilityFact(stability: WitStability | undefined): Fact {
  return stability === undefined ? null : { ...stability };
}

function interfaceFact({ docs, stability, types, functions }: WitInterface): Fact {
  return {
    docs: docsFact(docs),
    stability: stabilityFact(stability),
    types: entries(types, definitionFact),
    functions: entries(functions, functionFact),
  };
}

function worldFact({ docs, stability, imports, exports }: WitWorld): Fact {
  return {
    docs: docsFact(docs),
    stability: stabilityFact(stability),
    imports: entries(imports, itemFact),
    exports: entries(exports, itemFact),
  };
}

function itemFact(item: WitWorldItem): Fact {
  switch (item.kind) {
    case "interface": {
      const name = fullName(item.interface);
      const stability = stabilityFact(item.stability);
      return name === undefined
        ? { interface: interfaceFact({ ...item.interface, stability: undefined }), stability }
        : { interface: name, stability };
    }
    case "function":
      return { function: functionFact(item.function) };
    case "type":
      return { type: definitionFact(item.type) };
  }
}

function functionFact({ kind, async, params, result, docs, stability, resource }: WitFunction): Fact {
  return {
    kind: async ? `async-${kind}` : kind,
    resource: resource === undefined ? null : resource.name,
    params: params.map(({ name, type }) => [name, typeFact(type)]),
    result: result === undefined ? null : typeFact(result),
    docs: docsFact(docs),
    stability: stabilityFact(stability),
  };
}

function definitionFact({ body, docs, stability }: WitTypeDefinition): Fact {
  const rest = { docs: docsFact(docs), stability: stabilityFact(stability) };
  switch (body.kind) {
    case "resource":
      return { resource: true, ...rest };
    case "alias":
      return { alias: typeFact(body.type), ...rest };
    case "record":
      return {
        record: body.fields.map(({ name, type, docs }) => [name, typeFact(type), docsFact(docs)]),
        ...rest,
      };
    default:
      return {
        [body.kind]: body.cases.map(({ name, type, docs }) => [
          name,
          type === undefined ? null : typeFact(type),
          docsFact(docs),
        ]),
        ...rest,
      };
  }
}

/** The name of a definition: with its interface, so that equal names stay apart. */
function referenceFact({ owner, name }: WitTypeDefinition): string {
  const place = owner.kind === "world" ? "world" : (fullName(owner) ?? packageNameText(owner.package));
  return `${place}#${name}`;
}

function typeFact(type: WitType): Fact {
  if (typeof type === "string") return type;
  if (type.kind === "type") return referenceFact(type);
  if (type.kind === "own" || type.kind === "borrow") return { [type.kind]: referenceFact(type.resource) };
  const parts = [...partsOf(type)].map(typeFact);
  if (type.kind === "result")
    return {
      ok: type.ok === undefined ? null : typeFact(type.ok),
      error: type.error === undefined ? null : typeFact(type.error),
    };
  return { [type.kind]: type.kind === "list" && type.length !== undefined ? [...parts, type.length] : parts };
}

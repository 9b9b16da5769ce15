import { docsFact, type Fact } from "./facts.ts";

/**
 * The facts of a resolved package as wasm-tools writes it: JSON with lists of worlds, interfaces, types and packages, which refer to
 * each other by index.
 */

interface Json {
  readonly [key: string]: unknown;
}

/** Converts what wasm-tools resolved to the same facts that `factsOf` gives. */
export function referenceFacts(text: string): Fact {
  return new Reference(JSON.parse(text) as Json).all();
}

class Reference {
  private readonly json: Json;

  constructor(json: Json) {
    this.json = json;
  }

  all(): Fact {
    const all: Record<string, Fact> = {};
    for (const { name, docs, interfaces, worlds } of this.list("packages"))
      all[name as string] = {
        docs: docsOf(docs),
        interfaces: map(interfaces, (index) => this.interface(this.list("interfaces")[index as number])),
        worlds: map(worlds, (index) => this.world(this.list("worlds")[index as number])),
      };
    return all;
  }

  private list(key: string): readonly Json[] {
    return this.json[key] as readonly Json[];
  }

  private interface({ docs, stability, types, functions }: Json): Fact {
    return {
      docs: docsOf(docs),
      stability: stabilityOf(stability),
      types: map(types, (index) => this.definition(this.list("types")[index as number])),
      functions: map(functions, (func) => this.function(func as Json)),
    };
  }

  private world({ docs, stability, imports, exports }: Json): Fact {
    const side = (items: unknown): Fact =>
      Object.fromEntries(
        Object.entries(items as Json).map(([key, item]) => {
          const index = /^interface-(\d+)$/.exec(key)?.[1];
          return [index === undefined ? key : this.interfaceName(Number(index)), this.item(item as Json)];
        }),
      );
    return {
      docs: docsOf(docs),
      stability: stabilityOf(stability),
      imports: side(imports),
      exports: side(exports),
    };
  }

  private item(item: Json): Fact {
    if (item.function !== undefined) return { function: this.function(item.function as Json) };
    if (item.type !== undefined) return { type: this.definition(this.list("types")[item.type as number]) };
    const { id, stability } = item.interface as Json;
    const found = this.list("interfaces")[id as number];
    return {
      interface:
        found.name === null ? this.interface({ ...found, stability: undefined }) : this.interfaceName(id as number),
      stability: stabilityOf(stability),
    };
  }

  private interfaceName(index: number): string {
    const { name, package: owner } = this.list("interfaces")[index];
    const [path, version] = (this.list("packages")[owner as number].name as string).split("@");
    return `${path}/${name}${version === undefined ? "" : `@${version}`}`;
  }

  private function({ kind, params, result, docs, stability }: Json): Fact {
    const [name, resource] =
      typeof kind === "string" ? [kind, undefined] : (Object.entries(kind as Json)[0] as [string, number]);
    return {
      kind: name.replace("freestanding", "function"),
      resource: resource === undefined ? null : (this.list("types")[resource].name as string),
      params: (params as readonly Json[]).map(({ name, type }) => [name as string, this.type(type)]),
      result: result === undefined ? null : this.type(result),
      docs: docsOf(docs),
      stability: stabilityOf(stability),
    };
  }

  private definition({ kind, docs, stability }: Json): Fact {
    const rest = { docs: docsOf(docs), stability: stabilityOf(stability) };
    if (kind === "resource") return { resource: true, ...rest };
    const [[name, body]] = Object.entries(kind as Json) as [string, Json][];
    switch (name) {
      case "record":
        return { record: this.cases(body.fields), ...rest };
      case "variant":
      case "enum":
      case "flags":
        return { [name]: this.cases(name === "flags" ? body.flags : body.cases), ...rest };
      case "type":
        return { alias: this.type(body), ...rest };
      default:
        return { alias: this.anonymous(name, body), ...rest };
    }
  }

  private cases(list: unknown): Fact {
    return (list as readonly Json[]).map(({ name, type = null, docs }) => [
      name as string,
      type === null ? null : this.type(type),
      docsOf(docs),
    ]);
  }

  private type(type: unknown): Fact {
    if (typeof type === "string") return type;
    const { name, kind, owner } = this.list("types")[type as number];
    if (name === null) {
      const [[form, body]] = Object.entries(kind as Json);
      return this.anonymous(form, body);
    }
    return this.reference(name as string, owner as Json);
  }

  private reference(name: string, owner: Json): string {
    if (owner.world !== undefined) return `world#${name}`;
    const found = this.list("interfaces")[owner.interface as number];
    const place =
      found.name === null
        ? (this.list("packages")[found.package as number].name as string)
        : this.interfaceName(owner.interface as number);
    return `${place}#${name}`;
  }

  private anonymous(form: string, body: unknown): Fact {
    const optional = (type: unknown): Fact => (type === null ? null : this.type(type));
    switch (form) {
      case "handle": {
        const [[kind, resource]] = Object.entries(body as Json);
        return { [kind]: this.type(resource) };
      }
      case "tuple":
        return { tuple: ((body as Json).types as readonly unknown[]).map((type) => this.type(type)) };
      case "result":
        return { ok: optional((body as Json).ok), error: optional((body as Json).err) };
      case "map":
        return { map: (body as readonly unknown[]).map((type) => this.type(type)) };
      case "fixed-length-list": {
        const [element, length] = body as readonly [unknown, number];
        return { list: [this.type(element), length] };
      }
      default:
        return { [form]: body === null ? [] : [this.type(body)] };
    }
  }
}

function map(items: unknown, fact: (item: unknown) => Fact): Fact {
  return Object.fromEntries(Object.entries(items as Json).map(([name, item]) => [name, fact(item)]));
}

function docsOf(docs: unknown): Fact {
  return docsFact((docs as Json | undefined)?.contents as string | undefined);
}

function stabilityOf(stability: unknown): Fact {
  if (stability === undefined || stability === "unknown") return null;
  const [[kind, fields]] = Object.entries(stability as Json) as [string, Json][];
  const made: Record<string, string> =
    kind === "stable" ? { since: fields.since as string } : { unstable: fields.feature as string };
  if (fields.deprecated !== undefined) made.deprecated = fields.deprecated as string;
  return made;
}

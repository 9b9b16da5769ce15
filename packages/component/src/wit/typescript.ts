import { readOptions } from "@wardian/runtime/options";
import { camelCase } from "../abi/names.ts";
import {
  fullName,
  packageNameText,
  usedFrom,
  type WitFunction,
  type WitInterface,
  type WitResolution,
  type WitType,
  type WitTypeDefinition,
  type WitWorld,
  type WitWorldItem,
} from "./model.ts";
import { WitError } from "./source.ts";

/** What {@link printTypes} may be told. */
export interface WitTypesOptions {
  /** The world's name, or its full name if it is in another package. Default: the only world of the main package. */
  readonly world?: string;
  /** Who uses the types. Default: `"host"`. */
  readonly side?: "host" | "guest";
}

/**
 * Prints TypeScript declarations for a world. For a host: a type for each interface, and one for the world with its imports and
 * exports. For a guest in JavaScript: a module for each interface that the world imports, and one for the world with what the guest exports.
 *
 * @throws WitError when there is no such world, or several and none is named
 */
export function printTypes(resolution: WitResolution, options: WitTypesOptions = {}): string {
  const { world, side = "host" } = readOptions("printTypes", { world: true, side: true }, options);
  return new Declarations(selectWorld(resolution, world), side).text();
}

/** Finds a world (WIT, "Specifying a World"). @throws WitError when there is no such world, or several and none is named */
export function selectWorld({ main, packages }: WitResolution, name?: string): WitWorld {
  const worlds = [...main.worlds.values()];
  const known = worlds.map((world) => world.name).join(", ");
  if (name === undefined) {
    if (worlds.length === 1) return worlds[0];
    throw new WitError(
      worlds.length === 0
        ? `the package \`${packageNameText(main.name)}\` has no world`
        : `the package \`${packageNameText(main.name)}\` has several worlds, and none was chosen: ${known}`,
    );
  }
  const own = main.worlds.get(name);
  if (own !== undefined) return own;
  for (const other of packages.values())
    for (const world of other.worlds.values()) if (fullName(world) === name) return world;
  throw new WitError(`there is no world \`${name}\`${known === "" ? "" : `; there are: ${known}`}`);
}

const numberArrays: ReadonlyMap<unknown, string> = new Map([
  ["u8", "Uint8Array"],
  ["s8", "Int8Array"],
  ["u16", "Uint16Array"],
  ["s16", "Int16Array"],
  ["u32", "Uint32Array"],
  ["s32", "Int32Array"],
  ["u64", "BigUint64Array"],
  ["s64", "BigInt64Array"],
  ["f32", "Float32Array"],
  ["f64", "Float64Array"],
]);

const reserved: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

/** Fixed lists of numbers of any other type are tuples up to this length. */
const LONGEST_TUPLE = 16;

function pascal(name: string): string {
  return name.toLowerCase().split("-").map(capital).join("");
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** The name of a parameter, which may not be a reserved word. */
function parameter(name: string): string {
  const text = camelCase(name);
  return reserved.has(text) ? `${text}_` : text;
}

/** Where types are named: the interface or world, and the global names that its own hide. */
class Place {
  readonly owner: WitInterface | WitWorld;
  private readonly names: ReadonlySet<string>;

  constructor(owner: WitInterface | WitWorld, types: Iterable<WitTypeDefinition>) {
    this.owner = owner;
    this.names = new Set([...types].flatMap(({ name }) => [pascal(name), `${pascal(name)}Class`]));
  }

  /** A name of the language's library. */
  global(name: string): string {
    return this.names.has(name) ? `globalThis.${name}` : name;
  }
}

class Declarations {
  private readonly world: WitWorld;
  private readonly side: "host" | "guest";
  private readonly lines: string[] = [];
  private readonly spaces = new Map<WitInterface, string>();
  private depth = 0;

  constructor(world: WitWorld, side: "host" | "guest") {
    this.world = world;
    this.side = side;
  }

  text(): string {
    const { world } = this;
    this.line(`// The world ${fullName(world)}, as \`wardian types\` printed it for a ${this.side}. Do not edit.`);
    this.line('/// <reference lib="esnext.disposable" />');
    if (this.side === "guest") this.line('/// <reference lib="dom" />');
    for (const name of this.interfaces()) this.interface(name);
    this.printWorld();
    return `${this.lines.join("\n")}\n`;
  }

  private line(text: string): void {
    this.lines.push(text === "" ? "" : `${"  ".repeat(this.depth)}${text}`);
  }

  private open(text: string): void {
    this.line(`${text} {`);
    this.depth++;
  }

  private close(end = "}"): void {
    this.depth--;
    this.line(end);
  }

  private docs(docs: string | undefined, ...more: readonly string[]): void {
    const lines = [...(docs === undefined ? [] : docs.split("\n")), ...more].map((line) =>
      line.replaceAll("*/", "*\u200b/"),
    );
    if (lines.length === 0) return;
    if (lines.length === 1) {
      this.line(`/** ${lines[0]} */`);
      return;
    }
    this.line("/**");
    for (const line of lines) this.line(` * ${line}`.trimEnd());
    this.line(" */");
  }

  /** The interfaces that the world names, each once, with a name in TypeScript. */
  private interfaces(): WitInterface[] {
    const taken = new Set([pascal(this.world.name)]);
    for (const [key, item] of [...this.world.imports, ...this.world.exports]) {
      if (item.kind !== "interface" || this.spaces.has(item.interface)) continue;
      const { name, package: owner } = item.interface;
      const short =
        name === undefined
          ? `${pascal(this.world.name)}${pascal(key)}`
          : `${pascal(owner.namespace)}${pascal(owner.name)}${pascal(name)}`;
      let space = short;
      for (let count = 2; taken.has(space); count++) space = `${short}${count}`;
      taken.add(space);
      this.spaces.set(item.interface, space);
    }
    return [...this.spaces.keys()];
  }

  private module(item: WitInterface): string {
    return fullName(item) ?? `${fullName(this.world)}/${this.spaces.get(item)}`;
  }

  private interface(item: WitInterface): void {
    const space = this.spaces.get(item) as string;
    const types = [...item.types.values()];
    const place = new Place(item, types);
    this.line("");
    if (this.side === "guest") this.open(`declare module ${JSON.stringify(this.module(item))}`);
    else {
      this.docs(undefined, `The types of \`${fullName(item) ?? space}\`.`);
      this.open(`export declare namespace ${space}`);
    }
    for (const type of types) this.definition(type, item.functions, place);
    if (this.side === "host") {
      this.close();
      this.line("");
      this.docs(
        item.docs,
        ...(item.docs === undefined ? [] : [""]),
        `The functions of \`${fullName(item) ?? space}\`.`,
      );
      this.open(`export interface ${space}`);
    }
    this.members(item, this.side === "host" ? "member" : "module", place);
    this.close();
  }

  /** The functions and resource classes of an interface. */
  private members({ types, functions }: WitInterface, form: "member" | "module", place: Place): void {
    for (const type of types.values()) {
      if (type.resource === undefined) continue;
      const named = `${pascal(type.name)}Class`;
      const space = this.side === "host" ? `${this.spaces.get(place.owner as WitInterface)}.` : "";
      if (form === "member") this.line(`readonly ${pascal(type.name)}: ${space}${named};`);
      else this.line(`export const ${pascal(type.name)}: ${named};`);
    }
    for (const func of functions.values())
      if (func.kind === "function") {
        const prefix = this.side === "host" ? `${this.spaces.get(place.owner as WitInterface)}.` : "";
        this.func(
          func,
          form === "module" ? `export function ${safe(camelCase(func.name))}` : camelCase(func.name),
          place,
          prefix,
        );
        if (form === "module" && reserved.has(camelCase(func.name)))
          this.line(`export { ${safe(camelCase(func.name))} as ${camelCase(func.name)} };`);
      }
  }

  private func(func: WitFunction, name: string, place: Place, prefix = ""): void {
    const { result, params, kind, async } = func;
    const throws =
      result !== undefined && typeof result !== "string" && result.kind === "result"
        ? [`@throws ComponentError with a payload of type \`${this.optional(result.error, place, prefix)}\``]
        : [];
    const deprecated =
      func.stability?.deprecated === undefined ? [] : [`@deprecated since ${func.stability.deprecated}`];
    this.docs(func.docs, ...throws, ...deprecated);
    const own = kind === "method" ? params.slice(1) : params;
    const list = own.map((param) => `${parameter(param.name)}: ${this.type(param.type, place, prefix)}`).join(", ");
    if (name === "new") {
      this.line(`new (${list}): ${pascal((func.resource as WitTypeDefinition).name)};`);
      return;
    }
    const returned = this.returned(result, place, prefix);
    this.line(`${name}(${list}): ${async ? `${place.global("Promise")}<${returned}>` : returned};`);
  }

  /** What a function returns: the value of a `result` that is no error. */
  private returned(result: WitType | undefined, place: Place, prefix: string): string {
    if (result === undefined) return "void";
    if (typeof result !== "string" && result.kind === "result") return this.optional(result.ok, place, prefix);
    return this.type(result, place, prefix);
  }

  private optional(type: WitType | undefined, place: Place, prefix: string): string {
    return type === undefined ? "void" : this.type(type, place, prefix);
  }

  private definition(type: WitTypeDefinition, functions: ReadonlyMap<string, WitFunction>, place: Place): void {
    const { body, docs } = type;
    const name = pascal(type.name);
    const exported = "export ";
    const source = usedFrom(type);
    if (source !== undefined || (body.kind === "alias" && type.resource !== undefined)) {
      const target = source ?? (type.resource as WitTypeDefinition);
      this.docs(docs);
      this.line(`${exported}type ${name} = ${this.reference(target, place)};`);
      if (type.resource !== undefined)
        this.line(`${exported}type ${name}Class = ${this.reference(target, place, "Class")};`);
      return;
    }
    if (body.kind !== "resource") this.docs(docs);
    switch (body.kind) {
      case "alias":
        this.line(`${exported}type ${name} = ${this.type(body.type, place)};`);
        break;
      case "record":
        this.open(`${exported}interface ${name}`);
        for (const field of body.fields) {
          this.docs(field.docs);
          const optional = isOption(field.type) && !isNested(field.type) ? "?" : "";
          this.line(`${camelCase(field.name)}${optional}: ${this.type(field.type, place)};`);
        }
        this.close();
        break;
      case "variant": {
        const cases = body.cases.map((item) => {
          const value = item.type === undefined ? "" : `; readonly value: ${this.type(item.type, place)}`;
          return `{ readonly tag: ${JSON.stringify(item.name)}${value} }`;
        });
        this.line(`${exported}type ${name} = ${cases.join(" | ")};`);
        break;
      }
      case "enum":
        this.line(`${exported}type ${name} = ${body.cases.map((item) => JSON.stringify(item.name)).join(" | ")};`);
        break;
      case "flags":
        this.open(`${exported}interface ${name}`);
        for (const item of body.cases) {
          this.docs(item.docs);
          this.line(`${camelCase(item.name)}?: boolean;`);
        }
        this.close();
        break;
      case "resource":
        this.resource(type, functions, place);
    }
  }

  /** A resource: the type of its handles, and the type of its class. */
  private resource(type: WitTypeDefinition, functions: ReadonlyMap<string, WitFunction>, place: Place): void {
    const name = pascal(type.name);
    const own = [...functions.values()].filter((func) => func.resource === type);
    this.docs(type.docs);
    this.open(`export interface ${name}`);
    for (const func of own) if (func.kind === "method") this.func(func, camelCase(labelOf(func)), place);
    this.line("[Symbol.dispose](): void;");
    this.close();
    this.docs(undefined, `The class of {@link ${name}}.`);
    this.open(`export interface ${name}Class`);
    for (const func of own) {
      if (func.kind === "constructor") this.func(func, "new", place);
      if (func.kind === "static") this.func(func, camelCase(labelOf(func)), place);
    }
    this.line(`readonly prototype: ${name};`);
    this.close();
  }

  /** A definition by its name, from another place. */
  private reference(type: WitTypeDefinition, place: Place, suffix = "", prefix = ""): string {
    const name = `${pascal(type.name)}${suffix}`;
    if (type.owner === place.owner) return `${prefix}${name}`;
    if (type.owner.kind === "world")
      return this.side === "guest"
        ? `import(${JSON.stringify(fullName(this.world))}).${name}`
        : `${this.worldTypes()}.${name}`;
    if (this.side === "guest") return `import(${JSON.stringify(this.module(type.owner))}).${name}`;
    return `${this.spaces.get(type.owner)}.${name}`;
  }

  private worldTypes(): string {
    return `${pascal(this.world.name)}Types`;
  }

  private type(type: WitType, place: Place, prefix = ""): string {
    const inner = (part: WitType): string => this.type(part, place, prefix);
    const array = (part: WitType): string => {
      const numbers = numberArrays.get(part);
      if (numbers !== undefined) return place.global(numbers);
      const text = inner(part);
      return `${/[ |]/.test(text) ? `(${text})` : text}[]`;
    };
    if (typeof type === "string") {
      if (type === "bool") return "boolean";
      if (type === "char" || type === "string") return "string";
      if (type === "u64" || type === "s64") return "bigint";
      return type === "error-context" ? place.global("Error") : "number";
    }
    switch (type.kind) {
      case "type":
        return this.reference(type, place, "", prefix);
      case "own":
      case "borrow":
        return this.reference(type.resource, place, "", prefix);
      case "list": {
        const { length = Number.POSITIVE_INFINITY, element } = type;
        // A tuple repeats its element, so an element that is a type without a name could multiply.
        const isNamed = typeof element === "string" || element.kind === "type" || element.kind === "own";
        if (numberArrays.has(element) || length > LONGEST_TUPLE || !isNamed) return array(element);
        return `readonly [${Array<string>(length).fill(inner(element)).join(", ")}]`;
      }
      case "option":
        if (!isNested(type)) return `${inner(type.element)} | undefined`;
        return `{ readonly tag: "none" } | { readonly tag: "some"; readonly value: ${inner(type.element)} }`;
      case "tuple":
        return `readonly [${type.types.map(inner).join(", ")}]`;
      case "map":
        return `${place.global("Map")}<${inner(type.key)}, ${inner(type.value)}>`;
      case "result": {
        const value = (part: WitType | undefined): string =>
          part === undefined ? "" : `; readonly value: ${inner(part)}`;
        return `{ readonly tag: "ok"${value(type.ok)} } | { readonly tag: "err"${value(type.error)} }`;
      }
      case "future":
        return `${place.global("Promise")}<${this.optional(type.element, place, prefix)}>`;
      case "stream": {
        const { element } = type;
        const chunk =
          element === undefined
            ? "undefined"
            : numberArrays.has(element)
              ? place.global(numberArrays.get(element) as string)
              : inner(element);
        return `${place.global("ReadableStream")}<${chunk}>`;
      }
    }
  }

  private printWorld(): void {
    const { world } = this;
    const types = [...world.imports.values()].flatMap((item) => (item.kind === "type" ? [item.type] : []));
    const place = new Place(world, types);
    const methods = new Map(
      [...world.imports].flatMap(([name, item]) => (item.kind === "function" ? [[name, item.function] as const] : [])),
    );
    const name = pascal(world.name);
    this.line("");
    if (this.side === "guest") this.open(`declare module ${JSON.stringify(fullName(world))}`);
    else if (types.length > 0) this.open(`export declare namespace ${this.worldTypes()}`);
    for (const type of types) this.definition(type, methods, place);
    const prefix = this.side === "host" ? `${this.worldTypes()}.` : "";
    if (this.side === "guest") {
      for (const func of methods.values())
        if (func.kind === "function") this.func(func, `export function ${safe(camelCase(func.name))}`, place);
      this.docs(world.docs, "What the guest exports.");
      this.open("export interface Exports");
      for (const [key, item] of world.exports) this.worldItem(key, item, place, "", false);
      this.close();
      this.close();
      return;
    }
    if (types.length > 0) {
      this.close();
      this.line("");
    }
    this.docs(world.docs);
    this.open(`export interface ${name}`);
    for (const direction of ["imports", "exports"] as const) {
      this.docs(undefined, direction === "imports" ? "What the host gives." : "What the component gives.");
      this.open(`readonly ${direction}:`);
      for (const [key, item] of world[direction]) this.worldItem(key, item, place, prefix, direction === "exports");
      if (direction === "imports")
        for (const type of types)
          if (type.resource === type)
            this.line(`readonly ${JSON.stringify(type.name)}: ${prefix}${pascal(type.name)}Class;`);
      this.close("};");
    }
    this.close();
  }

  private worldItem(key: string, item: WitWorldItem, place: Place, prefix: string, short: boolean): void {
    if (item.kind === "function") {
      if (item.function.kind === "function") this.func(item.function, memberName(key), place, prefix);
    } else if (item.kind === "interface") {
      const type =
        this.side === "guest"
          ? `typeof import(${JSON.stringify(this.module(item.interface))})`
          : (this.spaces.get(item.interface) as string);
      this.docs(item.docs);
      const version = key.indexOf("@");
      if (!key.includes(":")) this.line(`readonly ${memberName(key)}: ${type};`);
      else this.line(`readonly ${JSON.stringify(key)}: ${type};`);
      if (short && version >= 0 && this.isUnique(key.slice(0, version)))
        this.line(`readonly ${JSON.stringify(key.slice(0, version))}: ${type};`);
    }
  }

  /** Whether only one version of an interface is exported, so that it can be found without. */
  private isUnique(path: string): boolean {
    return [...this.world.exports.keys()].filter((key) => key.split("@")[0] === path).length === 1;
  }
}

function memberName(label: string): string {
  return camelCase(label);
}

function safe(name: string): string {
  return reserved.has(name) ? `${name}_` : name;
}

function labelOf({ name }: WitFunction): string {
  return name.slice(name.indexOf(".") + 1);
}

/** Whether a type is an `option`, itself or by an alias. */
function isOption(type: WitType): boolean {
  let at = type;
  while (typeof at !== "string" && at.kind === "type" && at.body.kind === "alias") at = at.body.type;
  return typeof at !== "string" && at.kind === "option";
}

/** Whether an `option` holds an `option`. */
function isNested(type: WitType): boolean {
  let at = type;
  while (typeof at !== "string" && at.kind === "type" && at.body.kind === "alias") at = at.body.type;
  return typeof at !== "string" && at.kind === "option" && isOption(at.element);
}

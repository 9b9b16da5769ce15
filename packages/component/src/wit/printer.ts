import { readOptions } from "@wardian/runtime/options";
import { keywords } from "./lexer.ts";
import {
  fullName,
  packageNameText,
  usedFrom,
  type WitCase,
  type WitFunction,
  type WitInterface,
  type WitPackage,
  type WitResolution,
  type WitStability,
  type WitType,
  type WitTypeDefinition,
  type WitWorld,
  type WitWorldItem,
} from "./model.ts";

/** What {@link printWit} may be told. */
export interface WitPrintOptions {
  /** Whether the packages that the main one depends on follow, in braces. Then the text needs nothing else to resolve. Default: false. */
  readonly dependencies?: boolean;
}

/** Prints a resolved package as WIT text. Imports that `use` and `include` brought in are written out. */
export function printWit({ main, packages }: WitResolution, options: WitPrintOptions = {}): string {
  const { dependencies = false } = readOptions("printWit", { dependencies: true }, options);
  const out = new Lines();
  out.docs(main.docs);
  out.line(`package ${packageText(main)};`);
  new PackagePrinter(out, main).items();
  if (dependencies)
    for (const other of packages.values()) {
      if (other === main) continue;
      out.gap();
      out.docs(other.docs);
      out.open(`package ${packageText(other)}`);
      new PackagePrinter(out, other).items();
      out.close();
    }
  return out.text();
}

/** A name as it is written: `%` before one that is a keyword. */
function idText(name: string): string {
  return keywords.has(name) ? `%${name}` : name;
}

function packageText({ name: { namespace, name, version } }: WitPackage): string {
  return `${idText(namespace)}:${idText(name)}${version === undefined ? "" : `@${version}`}`;
}

/** Lines with indentation. */
class Lines {
  private readonly lines: string[] = [];
  private depth = 0;

  line(text: string): void {
    this.lines.push(text === "" ? "" : `${"  ".repeat(this.depth)}${text}`);
  }

  open(text: string): void {
    this.line(`${text} {`);
    this.depth++;
  }

  close(): void {
    this.depth--;
    this.line("}");
  }

  /** An empty line, unless a brace was just opened. */
  gap(): void {
    const last = this.lines[this.lines.length - 1];
    if (last !== undefined && last !== "" && !last.endsWith("{")) this.lines.push("");
  }

  docs(docs: string | undefined): void {
    if (docs === undefined) return;
    for (const line of docs.split("\n")) this.line(line === "" ? "///" : `/// ${line}`);
  }

  text(): string {
    return `${this.lines.join("\n")}\n`;
  }
}

class PackagePrinter {
  private readonly out: Lines;
  private readonly package: WitPackage;

  constructor(out: Lines, owner: WitPackage) {
    this.out = out;
    this.package = owner;
  }

  items(): void {
    for (const item of this.package.interfaces.values()) {
      this.out.gap();
      this.preamble(item);
      this.out.open(`interface ${idText(item.name as string)}`);
      this.members(item);
      this.out.close();
    }
    for (const item of this.package.worlds.values()) {
      this.out.gap();
      this.preamble(item);
      this.out.open(`world ${idText(item.name)}`);
      this.world(item);
      this.out.close();
    }
  }

  private preamble(item: {
    readonly docs: string | undefined;
    readonly stability: WitStability | undefined;
    readonly externalId?: string | undefined;
  }): void {
    const { docs, stability, externalId } = item;
    this.out.docs(docs);
    if (stability?.since !== undefined) this.out.line(`@since(version = ${stability.since})`);
    if (stability?.unstable !== undefined) this.out.line(`@unstable(feature = ${idText(stability.unstable)})`);
    if (stability?.deprecated !== undefined) this.out.line(`@deprecated(version = ${stability.deprecated})`);
    if (externalId !== undefined) this.out.line(`@external-id(${stringText(externalId)})`);
  }

  private members({ types, functions }: Pick<WitInterface, "types" | "functions">): void {
    this.types([...types.values()], functions);
    for (const func of functions.values()) if (func.kind === "function") this.func(func);
  }

  private types(types: readonly WitTypeDefinition[], functions: ReadonlyMap<string, WitFunction>): void {
    const methods = new Map<WitTypeDefinition, WitFunction[]>();
    for (const func of functions.values()) {
      if (func.resource === undefined) continue;
      const list = methods.get(func.resource);
      if (list === undefined) methods.set(func.resource, [func]);
      else list.push(func);
    }
    for (const type of types) {
      const source = usedFrom(type);
      if (source === undefined) {
        this.out.gap();
        this.preamble(type);
        this.definition(type, methods.get(type) ?? []);
      } else {
        this.preamble(type);
        const as = source.name === type.name ? "" : ` as ${idText(type.name)}`;
        this.out.line(`use ${this.path(source.owner)}.{${idText(source.name)}${as}};`);
      }
    }
  }

  private path(item: WitInterface | WitWorld): string {
    if (packageNameText(item.package) === packageNameText(this.package.name)) return idText(item.name as string);
    const { namespace, name, version } = item.package;
    const suffix = version === undefined ? "" : `@${version}`;
    return `${idText(namespace)}:${idText(name)}/${idText(item.name as string)}${suffix}`;
  }

  private definition({ name, body }: WitTypeDefinition, methods: readonly WitFunction[]): void {
    const id = idText(name);
    switch (body.kind) {
      case "alias":
        this.out.line(`type ${id} = ${aliasText(body.type)};`);
        break;
      case "resource":
        if (methods.length === 0) {
          this.out.line(`resource ${id};`);
          break;
        }
        this.out.open(`resource ${id}`);
        for (const method of methods) this.method(method);
        this.out.close();
        break;
      case "record":
        this.out.open(`record ${id}`);
        for (const { name, type, docs } of body.fields) {
          this.out.docs(docs);
          this.out.line(`${idText(name)}: ${typeText(type)},`);
        }
        this.out.close();
        break;
      default:
        this.cases(`${body.kind} ${id}`, body.cases);
    }
  }

  private cases(head: string, cases: readonly WitCase[]): void {
    this.out.open(head);
    for (const { name, type, docs } of cases) {
      this.out.docs(docs);
      this.out.line(`${idText(name)}${type === undefined ? "" : `(${typeText(type)})`},`);
    }
    this.out.close();
  }

  private method(func: WitFunction): void {
    this.preamble(func);
    if (func.kind === "constructor") {
      const { result } = func;
      const fallible = result !== undefined && typeof result !== "string" && result.kind === "result";
      this.out.line(`constructor${paramsText(func)}${fallible ? ` -> ${typeText(result)}` : ""};`);
      return;
    }
    const label = func.name.slice(func.name.indexOf(".") + 1);
    const form = func.kind === "static" ? "static " : "";
    this.out.line(`${idText(label)}: ${form}${signatureText(func)};`);
  }

  private func(func: WitFunction): void {
    this.out.gap();
    this.preamble(func);
    this.out.line(`${idText(func.name)}: ${signatureText(func)};`);
  }

  private world({ imports, exports }: WitWorld): void {
    const types: WitTypeDefinition[] = [];
    const methods = new Map<string, WitFunction>();
    for (const [name, item] of imports)
      if (item.kind === "interface") this.extern("import", name, item);
      else if (item.kind === "type") types.push(item.type);
      else if (item.function.kind !== "function") methods.set(name, item.function);
    this.types(types, methods);
    for (const [name, item] of imports)
      if (item.kind === "function" && item.function.kind === "function") this.extern("import", name, item);
    for (const [name, item] of exports) this.extern("export", name, item);
  }

  private extern(direction: string, name: string, item: WitWorldItem): void {
    if (item.kind === "type") return;
    if (item.kind === "function") {
      this.preamble(item.function);
      this.out.line(`${direction} ${idText(name)}: ${signatureText(item.function)};`);
      return;
    }
    const { interface: target } = item;
    this.preamble(item);
    if (target.name !== undefined) {
      const path = this.path(target);
      this.out.line(`${direction} ${name === fullName(target) ? path : `${idText(name)}: ${path}`};`);
      return;
    }
    this.out.open(`${direction} ${idText(name)}: interface`);
    this.members(target);
    this.out.close();
  }
}

function signatureText(func: WitFunction): string {
  const result = func.result === undefined ? "" : ` -> ${typeText(func.result)}`;
  return `${func.async ? "async " : ""}func${paramsText(func)}${result}`;
}

function paramsText({ kind, params }: WitFunction): string {
  const own = kind === "method" ? params.slice(1) : params;
  return `(${own.map(({ name, type }) => `${idText(name)}: ${typeText(type)}`).join(", ")})`;
}

/** The right side of `type`, where the bare name of a resource means the resource and not a handle. */
function aliasText(type: WitType): string {
  return typeof type !== "string" && type.kind === "own" ? `own<${idText(type.resource.name)}>` : typeText(type);
}

/** A type as WIT text. */
export function typeText(type: WitType): string {
  if (typeof type === "string") return type;
  const optional = (part: WitType | undefined): string => (part === undefined ? "" : `<${typeText(part)}>`);
  switch (type.kind) {
    case "type":
      return idText(type.name);
    case "own":
      return idText(type.resource.name);
    case "borrow":
      return `borrow<${idText(type.resource.name)}>`;
    case "list":
      return `list<${typeText(type.element)}${type.length === undefined ? "" : `, ${type.length}`}>`;
    case "option":
      return `option<${typeText(type.element)}>`;
    case "tuple":
      return `tuple<${type.types.map(typeText).join(", ")}>`;
    case "stream":
    case "future":
      return `${type.kind}${optional(type.element)}`;
    case "map":
      return `map<${typeText(type.key)}, ${typeText(type.value)}>`;
    case "result":
      if (type.error === undefined) return `result${optional(type.ok)}`;
      return `result<${type.ok === undefined ? "_" : typeText(type.ok)}, ${typeText(type.error)}>`;
  }
}

function stringText(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (char === '"' || char === "\\") out += `\\${char}`;
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) out += `\\u{${code.toString(16)}}`;
    else out += char;
  }
  return `${out}"`;
}

import type { ComponentFeature, ExternType, Resource, ValidComponent, ValueType } from "@wardian/component";
import { featuresOfComponent } from "./component-input.ts";
import type { Input } from "./input.ts";
import { printable, type Styles, table } from "./terminal.ts";
import { formatSize, plural } from "./units.ts";

/** What `wardian inspect --json` prints of a component. Sizes are bytes. */
export interface ComponentInspection {
  readonly kind: "component";
  readonly file: string;
  readonly format: "binary" | "text";
  readonly size: number;
  /** How many definitions of each kind there are, without those of components inside. */
  readonly definitions: Readonly<Record<string, number>>;
  readonly imports: readonly NamedType[];
  readonly exports: readonly NamedType[];
  /** The core modules, those of components inside among them. */
  readonly modules: readonly { readonly size: number; readonly functions: number }[];
  /** Features of the Component Model without which it would be refused. */
  readonly features: readonly ComponentFeature[];
}

/** A name with what it stands for. Those within an instance have the instance's name before them. */
export interface NamedType {
  readonly name: string;
  readonly sort: string;
  readonly type: string;
}

/** Types inside each other that are shown, and characters of one type. */
const SHOWN_DEPTH = 4;
const SHOWN_LENGTH = 400;
/** Rows for what is within instances; the rest is left out. */
const SHOWN_ROWS = 2000;

export function inspectComponent(input: Input): ComponentInspection {
  const { used, component } = featuresOfComponent(input);
  const definitions: Record<string, number> = Object.create(null);
  for (const { kind } of component.definitions) definitions[kind] = (definitions[kind] ?? 0) + 1;
  const { importedResources, exportedResources } = component.type;
  const resources: ResourceNames = new Map(
    [...importedResources, ...exportedResources].map(({ resource, path }) => [resource, path[path.length - 1]]),
  );
  return {
    kind: "component",
    file: input.label,
    format: typeof input.source === "string" ? "text" : "binary",
    size: input.size,
    definitions,
    imports: namedTypes(component.type.imports, resources),
    exports: namedTypes(component.type.exports, resources),
    modules: modulesOf(component),
    features: used,
  };
}

function modulesOf({ definitions }: ValidComponent): { size: number; functions: number }[] {
  return definitions.flatMap((item) => {
    if (item.kind === "component") return modulesOf(item.component);
    if (item.kind !== "core module") return [];
    const { definition, valid } = item.module;
    return [{ size: definition.bytes.length, functions: valid.module.functions.length }];
  });
}

/** What resource types are called where they are imported or exported. */
type ResourceNames = ReadonlyMap<Resource, string>;

function namedTypes(items: ReadonlyMap<string, ExternType>, resources: ResourceNames): NamedType[] {
  const rows: NamedType[] = [];
  const add = (list: ReadonlyMap<string, ExternType>, before: string): void => {
    for (const [name, item] of list) {
      if (rows.length === SHOWN_ROWS) return;
      rows.push({ name: before + name, sort: item.sort, type: describe(item, resources) });
      if (item.sort === "instance") add(item.type.exports, `${before}${name} `);
    }
  };
  add(items, "");
  return rows;
}

function describe({ type }: ExternType, resources: ResourceNames): string {
  const text = ((): string => {
    switch (type.kind) {
      case "func": {
        const params = type.params.map((param) => `${param.name}: ${describeValue(param.type, resources)}`).join(", ");
        const result = type.result === undefined ? "" : ` -> ${describeValue(type.result, resources)}`;
        return `${type.async ? "async " : ""}func(${params})${result}`;
      }
      case "module":
        return `${plural(type.imports.length, "import")}, ${plural(type.exports.size, "export")}`;
      case "instance":
        return plural(type.exports.size, "export");
      case "component":
        return `${plural(type.imports.size, "import")}, ${plural(type.exports.size, "export")}`;
      case "resource":
        return "resource";
      default:
        return describeValue(type, resources);
    }
  })();
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH - 1)}…` : text;
}

/** A value type in the notation of WIT, written out to a bound. */
function describeValue(type: ValueType, resources: ResourceNames, depth = SHOWN_DEPTH): string {
  if (depth === 0) return "…";
  const inner = (part: ValueType | undefined): string =>
    part === undefined ? "_" : describeValue(part, resources, depth - 1);
  /** A list of parts, of which the first are shown. */
  const list = (parts: readonly string[]): string => parts.join(", ");
  const some = <T>(items: readonly T[], show: (item: T) => string): string =>
    list([...items.slice(0, 12).map(show), ...(items.length > 12 ? ["…"] : [])]);
  switch (type.kind) {
    case "record":
      return `record { ${some(type.fields, (field) => `${field.name}: ${inner(field.type)}`)} }`;
    case "variant":
      return `variant { ${some(type.cases, (item) => (item.type === undefined ? item.name : `${item.name}(${inner(item.type)})`))} }`;
    case "flags":
    case "enum":
      return `${type.kind} { ${some(type.labels, (label) => label)} }`;
    case "list":
      return `list<${inner(type.element)}${type.length === undefined ? "" : `, ${type.length}`}>`;
    case "tuple":
      return `tuple<${some(type.types, inner)}>`;
    case "option":
      return `option<${inner(type.type)}>`;
    case "result":
      return type.ok === undefined && type.error === undefined
        ? "result"
        : `result<${inner(type.ok)}${type.error === undefined ? "" : `, ${inner(type.error)}`}>`;
    case "stream":
    case "future":
      return type.element === undefined ? type.kind : `${type.kind}<${inner(type.element)}>`;
    case "map":
      return `map<${inner(type.key)}, ${inner(type.value)}>`;
    case "own":
    case "borrow":
      return `${type.kind}<${resources.get(type.use.resource) ?? "resource"}>`;
    default:
      return type.kind;
  }
}

/** An inspection of a component for people. */
export function renderComponentInspection(inspection: ComponentInspection, styles: Styles): string {
  const { file, size, imports, exports, modules, features, format } = inspection;
  const block = (title: string, rows: readonly (readonly string[])[]): string => {
    if (rows.length === 0) return "";
    const lines = table(rows.map((row) => row.map(printable))).split("\n");
    return `\n${styles.bold(title)}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
  };
  const named = (items: readonly NamedType[]): string[][] => items.map((item) => [item.sort, item.name, item.type]);
  return [
    `${styles.bold(printable(file))}: a component, ${formatSize(size)}${format === "text" ? " of text" : ""}, `,
    `${plural(modules.length, "core module")}\n`,
    block("Imports", named(imports)),
    block("Exports", named(exports)),
    block(
      "Core modules",
      modules.map((item, i) => [String(i), formatSize(item.size), plural(item.functions, "function")]),
    ),
    block(
      "Features used",
      features.map((feature) => [feature]),
    ),
  ].join("");
}

import {
  CompileError,
  decodeModule,
  defaultFeatures,
  encodeModule,
  type FeatureSet,
  I64,
  Identifiers,
  parseModule,
  printModule,
  quoteBytes,
  quoteName,
  TypePrinter,
  typeName,
} from "@wardian/runtime/internal";
import { builtinOf } from "../model/builtins.ts";
import type {
  Alias,
  BuiltinDefinition,
  CanonicalOption,
  Component,
  CoreImportType,
  Definition,
} from "../model/definitions.ts";
import type { ExternName } from "../model/extern-name.ts";
import type { Sort } from "../model/sorts.ts";
import type {
  CoreTypeDefinition,
  Declaration,
  ExternTypeUse,
  LabelledType,
  ModuleDeclaration,
  TypeDefinition,
  ValueTypeUse,
} from "../model/types.ts";

export interface PrintComponentOptions {
  /** Features of the core modules inside. One that needs others is printed as bytes. Default: the core's default. */
  readonly features?: FeatureSet;
  /**
   * Whether a core module whose text would read as other bytes, such as one with padded integers, is printed as bytes. Default true; otherwise it is
   * printed as text, which reads as a module with the same meaning.
   */
  readonly exact?: boolean;
}

/**
 * Prints a component in the text format, its definitions one by one and by index. Reading the text gives the same definitions: names come back
 * from the section that holds them, and a core module whose text would read as other bytes is printed as bytes.
 *
 * @throws CompileError for a value definition, which has no text
 */
export function printComponent(component: Component, options: PrintComponentOptions = {}): string {
  const printer = new ComponentPrinter(options.features ?? defaultFeatures, options.exact ?? true);
  printer.component(component, 0, "(component");
  return printer.toString();
}

const noNames: Identifiers = new Identifiers(undefined, 0);
const coreTypes: TypePrinter = new TypePrinter(noNames);

const valueType = (use: ValueTypeUse): string => String(use);
const optional = (use: ValueTypeUse | undefined): string => (use === undefined ? "" : ` ${valueType(use)}`);
const labelled = (keyword: string, { name, type }: LabelledType): string =>
  ` (${keyword} ${quoteName(name)} ${valueType(type)})`;

function externName({ name, attributes }: ExternName): string {
  return [quoteName(name), ...attributes.map(({ kind, value }) => `(${kind} ${quoteName(value)})`)].join(" ");
}

function externType(use: ExternTypeUse): string {
  switch (use.sort) {
    case "type":
      return use.bound.kind === "eq" ? `(type (eq ${use.bound.type}))` : "(type (sub resource))";
    case "value":
      return use.bound.kind === "eq" ? `(value (eq ${use.bound.value}))` : `(value ${valueType(use.bound.type)})`;
    default:
      return `(${use.sort} (type ${use.type}))`;
  }
}

function alias(item: Alias): string {
  switch (item.target) {
    case "export":
      return `alias export ${item.instance} ${quoteName(item.name)} (${item.sort})`;
    case "core export":
      return `alias core export ${item.instance} ${quoteName(item.name)} (core ${item.sort})`;
    case "outer":
      return `alias outer ${item.count} ${item.index} (${item.sort})`;
  }
}

function canonicalOptions(list: readonly CanonicalOption[]): string {
  return list
    .map((option) => {
      switch (option.kind) {
        case "string-encoding":
          return ` string-encoding=${option.encoding}`;
        case "async":
          return " async";
        default:
          return ` (${option.kind} ${option.index})`;
      }
    })
    .join("");
}

function builtin({ name, immediates }: BuiltinDefinition): string {
  let text = name as string;
  for (const immediate of builtinOf(name).immediates)
    switch (immediate) {
      case "result":
        if (immediates.result !== undefined) text += ` (result ${valueType(immediates.result)})`;
        break;
      case "options":
        text += canonicalOptions(immediates.options ?? []);
        break;
      case "async":
      case "cancellable":
      case "shared":
        if (immediates[immediate]) text += ` ${immediate}`;
        break;
      case "memory":
        text += ` (memory ${immediates.memory})`;
        break;
      case "valueType":
        text += ` ${typeName(immediates.valueType as number)}`;
        break;
      default:
        text += ` ${immediates[immediate]}`;
    }
  return text;
}

/** A type that fits on a line. */
function simpleType(type: Exclude<TypeDefinition, { kind: "component" | "instance" }>): string {
  switch (type.kind) {
    case "primitive":
      return type.type;
    case "record":
      return `(record${type.fields.map((field) => labelled("field", field)).join("")})`;
    case "variant":
      return `(variant${type.cases.map((item) => ` (case ${quoteName(item.name)}${optional(item.type)})`).join("")})`;
    case "list":
      return `(list ${valueType(type.element)}${type.length === undefined ? "" : ` ${type.length}`})`;
    case "tuple":
      return `(tuple${type.types.map((part) => ` ${valueType(part)}`).join("")})`;
    case "flags":
    case "enum":
      return `(${type.kind}${type.labels.map((label) => ` ${quoteName(label)}`).join("")})`;
    case "option":
      return `(option ${valueType(type.type)})`;
    case "result":
      return `(result${optional(type.ok)}${type.error === undefined ? "" : ` (error ${valueType(type.error)})`})`;
    case "own":
    case "borrow":
      return `(${type.kind} ${type.resource})`;
    case "stream":
    case "future":
      return `(${type.kind}${optional(type.element)})`;
    case "map":
      return `(map ${valueType(type.key)} ${valueType(type.value)})`;
    case "func": {
      const params = type.params.map((param) => labelled("param", param)).join("");
      const result = type.result === undefined ? "" : ` (result ${valueType(type.result)})`;
      return `(func${type.async ? " async" : ""}${params}${result})`;
    }
    case "resource": {
      const representation = type.representation === I64 ? "i64" : "i32";
      const destructor = type.destructor === undefined ? "" : ` (dtor (core func ${type.destructor}))`;
      return `(resource (rep ${representation})${destructor})`;
    }
  }
}

function coreImportType(type: CoreImportType): string {
  switch (type.kind) {
    case "func":
    case "tag":
      return `(${type.kind} (type ${type.type}))`;
    case "table":
      return `(table ${coreTypes.table(type.type)})`;
    case "memory":
      return `(memory ${coreTypes.memory(type.type)})`;
    case "global":
      return `(global ${coreTypes.global(type.type)})`;
  }
}

/** Bytes of a string on one line. */
const BYTES_PER_LINE = 64;

class ComponentPrinter {
  private readonly features: FeatureSet;
  private readonly lines: string[] = [];

  private readonly exact: boolean;

  constructor(features: FeatureSet, exact: boolean) {
    this.features = features;
    this.exact = exact;
  }

  toString(): string {
    return `${this.lines.join("\n")}\n`;
  }

  private add(depth: number, text: string): void {
    this.lines.push("  ".repeat(depth) + text);
  }

  /** Closes the parenthesis that a line before opened. */
  private close(): void {
    this.lines[this.lines.length - 1] += ")";
  }

  component({ definitions }: Component, depth: number, head: string): void {
    this.add(depth, head);
    const counts = new Map<Sort, number>();
    /** The next index of a sort, as a comment. */
    const next = (sort: Sort, by = 1): string => {
      const index = counts.get(sort) ?? 0;
      counts.set(sort, index + by);
      return `(;${index};)`;
    };
    for (const definition of definitions) this.definition(definition, depth + 1, next);
    // An annotation at the end may be the last thing, and a line's end closes no comment here.
    this.close();
  }

  private definition(definition: Definition, depth: number, next: (sort: Sort, by?: number) => string): void {
    switch (definition.kind) {
      case "core module":
        this.module(definition.bytes, depth, next("core module"));
        break;
      case "core instance": {
        const head = `(core instance ${next("core instance")}`;
        if (definition.from === "instantiate") {
          const args = definition.args.map(
            ({ name, value }) => ` (with ${quoteName(name)} (${value.sort} ${value.index}))`,
          );
          this.add(depth, `${head} (instantiate ${definition.module}${args.join("")}))`);
        } else {
          const exports = definition.exports.map(
            ({ name, value }) => ` (export ${quoteName(name)} (${value.sort} ${value.index}))`,
          );
          this.add(depth, `${head}${exports.join("")})`);
        }
        break;
      }
      case "core type":
        this.coreType(definition.type, depth, next);
        break;
      case "component":
        this.component(definition.component, depth, `(component ${next("component")}`);
        break;
      case "instance": {
        const head = `(instance ${next("instance")}`;
        if (definition.from === "instantiate") {
          const args = definition.args.map(
            ({ name, value }) => ` (with ${quoteName(name)} (${value.sort} ${value.index}))`,
          );
          this.add(depth, `${head} (instantiate ${definition.component}${args.join("")}))`);
        } else {
          const exports = definition.exports.map(
            ({ name, value }) => ` (export ${externName(name)} (${value.sort} ${value.index}))`,
          );
          this.add(depth, `${head}${exports.join("")})`);
        }
        break;
      }
      case "alias": {
        const { alias: item } = definition;
        const index = next(item.target === "core export" ? `core ${item.sort}` : item.sort);
        this.add(depth, `(${alias(item)}) ${index}`);
        break;
      }
      case "type":
        this.type(definition.type, depth, next("type"));
        break;
      case "lift": {
        const options = canonicalOptions(definition.options);
        this.add(
          depth,
          `(canon lift (core func ${definition.core})${options} (func ${next("func")} (type ${definition.type})))`,
        );
        break;
      }
      case "lower": {
        const options = canonicalOptions(definition.options);
        this.add(depth, `(canon lower (func ${definition.func})${options} (core func ${next("core func")}))`);
        break;
      }
      case "builtin":
        this.add(depth, `(canon ${builtin(definition)} (core func ${next("core func")}))`);
        break;
      case "import":
        this.add(
          depth,
          `(import ${externName(definition.name)} ${externType(definition.type)}) ${next(definition.type.sort)}`,
        );
        break;
      case "export": {
        const { name, value, type } = definition;
        const ascribed = type === undefined ? "" : ` ${externType(type)}`;
        this.add(depth, `(export ${next(value.sort)} ${externName(name)} (${value.sort} ${value.index})${ascribed})`);
        break;
      }
      case "start": {
        const args = definition.args.map((index) => ` (value ${index})`).join("");
        this.add(depth, `(start ${definition.func}${args}${" (result (value))".repeat(definition.results)})`);
        next("value", definition.results);
        break;
      }
      case "value":
        throw new CompileError("a value definition has no text that can be printed", { offset: definition.at });
      case "custom":
        this.strings(depth, `(@custom ${quoteName(definition.name)}`, definition.bytes);
    }
  }

  /** Bytes as strings, a line for each run of them. */
  private strings(depth: number, head: string, bytes: Uint8Array): void {
    this.add(depth, head);
    for (let at = 0; at < bytes.length; at += BYTES_PER_LINE)
      this.add(depth + 1, quoteBytes(bytes.subarray(at, at + BYTES_PER_LINE)));
    if (bytes.length === 0) this.add(depth + 1, '""');
    this.close();
  }

  private module(bytes: Uint8Array, depth: number, index: string): void {
    const text = this.moduleText(bytes);
    if (text === undefined) {
      this.strings(depth, `(core module ${index} binary`, bytes);
      return;
    }
    const [first, ...rest] = text.trimEnd().split("\n");
    this.add(depth, first.replace(/^\(module/, `(core module ${index}`));
    for (const line of rest) this.add(depth, line);
  }

  /** A module's text, when there is one that will do. */
  private moduleText(bytes: Uint8Array): string | undefined {
    try {
      const text = printModule(decodeModule(bytes, this.features), { style: "folded" });
      if (!this.exact) return text;
      const again = encodeModule(parseModule(text, this.features).module);
      return again.length === bytes.length && again.every((byte, i) => byte === bytes[i]) ? text : undefined;
    } catch (error) {
      if (error instanceof CompileError) return undefined;
      throw error;
    }
  }

  private type(type: TypeDefinition, depth: number, index: string): void {
    if (type.kind !== "component" && type.kind !== "instance") {
      this.add(depth, `(type ${index} ${simpleType(type)})`);
      return;
    }
    this.add(depth, `(type ${index} (${type.kind}`);
    const counts = new Map<Sort, number>();
    const next = (sort: Sort, by = 1): string => {
      const at = counts.get(sort) ?? 0;
      counts.set(sort, at + by);
      return `(;${at};)`;
    };
    for (const declaration of type.declarations) this.declaration(declaration, depth + 1, next);
    this.close();
    this.close();
  }

  private declaration(declaration: Declaration, depth: number, next: (sort: Sort, by?: number) => string): void {
    switch (declaration.kind) {
      case "core type":
        this.coreType(declaration.type, depth, next);
        break;
      case "type":
        this.type(declaration.type, depth, next("type"));
        break;
      case "alias": {
        const { alias: item } = declaration;
        const index = next(item.target === "core export" ? `core ${item.sort}` : item.sort);
        this.add(depth, `(${alias(item)}) ${index}`);
        break;
      }
      case "import":
      case "export":
        this.add(
          depth,
          `(${declaration.kind} ${externName(declaration.name)} ${externType(declaration.type)}) ${next(declaration.type.sort)}`,
        );
    }
  }

  private coreType(type: CoreTypeDefinition, depth: number, next: (sort: Sort, by?: number) => string): void {
    if (type.kind === "group") {
      if (type.explicit) this.add(depth, "(core rec");
      for (const item of type.types)
        this.add(
          type.explicit ? depth + 1 : depth,
          `(${type.explicit ? "" : "core "}type ${next("core type")} ${coreTypes.subType(item, noNames)})`,
        );
      if (type.explicit) this.close();
      return;
    }
    this.add(depth, `(core type ${next("core type")} (module`);
    for (const declaration of type.declarations) this.moduleDeclaration(declaration, depth + 1);
    this.close();
    this.close();
  }

  private moduleDeclaration(declaration: ModuleDeclaration, depth: number): void {
    switch (declaration.kind) {
      case "type": {
        const { type } = declaration;
        if (type.kind === "module")
          throw new CompileError("a module type cannot define module types", { offset: declaration.at });
        const types = type.types.map((item) => `(type ${coreTypes.subType(item, noNames)})`);
        this.add(depth, type.explicit ? `(rec ${types.join(" ")})` : types[0]);
        break;
      }
      case "alias":
        this.add(depth, `(alias outer ${declaration.count} ${declaration.index} (type))`);
        break;
      case "import":
        this.add(
          depth,
          `(import ${quoteName(declaration.module)} ${quoteName(declaration.name)} ${coreImportType(declaration.type)})`,
        );
        break;
      case "export":
        this.add(depth, `(export ${quoteName(declaration.name)} ${coreImportType(declaration.type)})`);
    }
  }
}

import { encodeNames, NAME_SECTION, type NameSection, namesOf } from "../binary/names.ts";
import {
  type CustomSection,
  type DataSegment,
  type ElementSegment,
  type Expression,
  type ExternKind,
  SECTION,
  SECTION_ORDER,
  type WasmModule,
} from "../wasm/module.ts";
import { type OptionNames, readOptions } from "../wasm/options.ts";
import { FUNCREF } from "../wasm/types.ts";
import { sectionKinds } from "./annotations.ts";
import { emptyNames, type NameBuilder, setIndirect } from "./names.ts";
import { CodePrinter, constantScope } from "./print-code.ts";
import { Lines } from "./print-lines.ts";
import { Identifiers, identifier, type ModuleIdentifiers, TypePrinter } from "./print-names.ts";
import { quoteBytes, quoteName } from "./strings.ts";

export interface PrintOptions {
  /** `"folded"` nests operands in the parentheses of their instruction; `"flat"` has one instruction a line, as in the bytes. */
  readonly style: "folded" | "flat";
}

const printOptions: OptionNames<PrintOptions> = { style: true };

/** Bytes of a data segment or custom section on one line. */
const BYTES_PER_LINE = 64;

/**
 * Prints a module in the text format. Reading the text gives a module that encodes to the same bytes, if those of the given one are the
 * shortest of their kind: names come back from identifiers and `@name` annotations, custom sections from `@custom` annotations.
 *
 * @throws TypeError for an option that is not known; MalformedError when a function's code does not follow the grammar, which decoding a module does not tell
 */
export function printModule(module: WasmModule, options: PrintOptions): string {
  const { style } = readOptions("printModule", printOptions, options);
  if (style !== "folded" && style !== "flat")
    throw new TypeError(`printModule: style must be "folded" or "flat", not ${String(style)}`);
  return new ModulePrinter(module, style === "folded").print();
}

class ModulePrinter {
  private readonly module: WasmModule;
  private readonly folded: boolean;
  private readonly names: NameSection;
  /** The names that the text says, as reading it will find them. */
  private readonly said: NameBuilder = emptyNames();
  private readonly identifiers: ModuleIdentifiers;
  private readonly types: TypePrinter;
  private readonly code: CodePrinter;
  private readonly lines: Lines = new Lines();

  constructor(module: WasmModule, folded: boolean) {
    this.module = module;
    this.folded = folded;
    this.names = namesOf(module);
    const { names } = this;
    const fields = new Map<number, Identifiers>();
    module.types.forEach(({ composite }, index) => {
      if (composite.kind === "struct")
        fields.set(index, new Identifiers(names.fields.get(index), composite.fields.length));
    });
    this.identifiers = {
      types: new Identifiers(names.types, module.types.length),
      functions: new Identifiers(names.functions, module.functions.length),
      tables: new Identifiers(names.tables, module.tables.length),
      memories: new Identifiers(names.memories, module.memories.length),
      globals: new Identifiers(names.globals, module.globals.length),
      tags: new Identifiers(names.tags, module.tags.length),
      elements: new Identifiers(names.elements, module.elements.length),
      data: new Identifiers(names.data, module.data.length),
      fields,
    };
    this.types = new TypePrinter(this.identifiers.types);
    this.code = new CodePrinter(module, this.identifiers, this.types, folded);
  }

  print(): string {
    const { module, lines } = this;
    this.noteNames();
    lines.add(0, `(module${this.moduleName()}`);
    this.printTypes();
    this.printImports();
    for (let i = module.importCounts.table; i < module.tables.length; i++) this.printTable(i);
    for (let i = module.importCounts.memory; i < module.memories.length; i++)
      lines.add(1, `(memory ${this.identifiers.memories.definition(i)} ${this.types.memory(module.memories[i])})`);
    for (let i = module.importCounts.tag; i < module.tags.length; i++)
      lines.add(1, `(tag ${this.identifiers.tags.definition(i)}${this.typeUse(module.tags[i])})`);
    for (let i = module.importCounts.global; i < module.globals.length; i++) this.printGlobal(i);
    for (const { name, kind, index } of module.exports)
      lines.add(1, `(export ${quoteName(name)} (${kind} ${this.space(kind).reference(index)}))`);
    if (module.start !== undefined) lines.add(1, `(start ${this.identifiers.functions.reference(module.start)})`);
    for (let i = 0; i < module.elements.length; i++) this.printElements(module.elements[i], i);
    for (let i = 0; i < module.bodies.length; i++) this.printFunction(i);
    for (let i = 0; i < module.data.length; i++) this.printData(module.data[i], i);
    if (module.dataCount !== undefined && !this.code.usesData) lines.add(1, "(@datacount)");
    this.printCustom();
    lines.append(")");
    return lines.toString();
  }

  /** Notes what the definitions of the module say of names; locals and labels come with their functions. */
  private noteNames(): void {
    const { module, names, said } = this;
    said.module = names.module;
    const counts = {
      functions: module.functions,
      types: module.types,
      tables: module.tables,
      memories: module.memories,
      globals: module.globals,
      elements: module.elements,
      data: module.data,
      tags: module.tags,
    };
    for (const key of Object.keys(counts) as (keyof typeof counts)[])
      for (const [index, name] of names[key]) if (index < counts[key].length) said[key].set(index, name);
    for (const [type, fields] of names.fields) {
      const composite = module.types[type]?.composite;
      if (composite?.kind !== "struct") continue;
      for (const [index, name] of fields)
        if (index < composite.fields.length) setIndirect(said.fields, type, index, name);
    }
  }

  private moduleName(): string {
    const { module } = this.names;
    if (module === undefined) return "";
    return module === "" ? ' (@name "")' : ` ${identifier(module)}`;
  }

  private space(kind: ExternKind): Identifiers {
    const { functions, tables, memories, globals, tags } = this.identifiers;
    return { func: functions, table: tables, memory: memories, global: globals, tag: tags }[kind];
  }

  private printTypes(): void {
    const { types } = this.module;
    for (let start = 0; start < types.length; ) {
      const { groupSize } = types[start];
      if (groupSize > 1) this.lines.add(1, "(rec");
      for (let i = start; i < start + groupSize; i++) this.lines.add(groupSize > 1 ? 2 : 1, this.typeDefinition(i));
      if (groupSize > 1) this.lines.append(")");
      start += groupSize;
    }
  }

  private typeDefinition(index: number): string {
    const { types, fields } = this.identifiers;
    const text = this.types.subType(this.module.types[index], fields.get(index) ?? noIdentifiers);
    return `(type ${types.definition(index)} ${text})`;
  }

  /** ` (type $t) (param …) (result …)`. */
  private typeUse(index: number): string {
    const composite = this.module.types[index]?.composite;
    const signature = composite?.kind === "func" ? this.types.signature(composite) : "";
    return ` (type ${this.identifiers.types.reference(index)})${signature}`;
  }

  private printImports(): void {
    const { module, lines } = this;
    for (const { module: from, name, kind, index } of module.imports) {
      const head = `(import ${quoteName(from)} ${quoteName(name)} (${kind} ${this.space(kind).definition(index)}`;
      lines.add(1, `${head}${this.importedType(kind, index)}))`);
    }
  }

  private importedType(kind: ExternKind, index: number): string {
    const { module } = this;
    switch (kind) {
      case "func":
        return this.functionHead(index, this.locals(index, 0));
      case "table":
        return ` ${this.types.table(module.tables[index].type)}`;
      case "memory":
        return ` ${this.types.memory(module.memories[index])}`;
      case "global":
        return ` ${this.types.global(module.globals[index].type)}`;
      case "tag":
        return this.typeUse(module.tags[index]);
    }
  }

  private printTable(index: number): void {
    const { type, init } = this.module.tables[index];
    this.lines.add(1, `(table ${this.identifiers.tables.definition(index)} ${this.types.table(type)}`);
    if (init !== undefined) this.constant(init);
    this.lines.append(")");
  }

  private printGlobal(index: number): void {
    this.lines.add(
      1,
      `(global ${this.identifiers.globals.definition(index)} ${this.types.global(this.module.globals[index].type)}`,
    );
    this.constant(this.module.globals[index].init!);
    this.lines.append(")");
  }

  /** The instructions of a constant expression, folded in either style. */
  private constant(expression: Expression): void {
    const [items] = this.code.expression(expression, constantScope, true);
    this.lines.itemsBehind(items, 2);
  }

  private offset(expression: Expression | undefined): void {
    if (expression === undefined) return;
    const [items] = this.code.expression(expression, constantScope, true);
    // Alone, an instruction may stand without the word.
    const wrapped = items.length !== 1;
    if (wrapped) this.lines.append(" (offset");
    this.lines.itemsBehind(items, 2);
    if (wrapped) this.lines.append(")");
  }

  private printElements(segment: ElementSegment, index: number): void {
    const { lines, identifiers } = this;
    const { mode, table, offset, type, items, kind } = segment;
    lines.add(1, `(elem ${identifiers.elements.definition(index)}`);
    if (mode === "declarative") lines.append(" declare");
    if (table !== 0) lines.append(` (table ${identifiers.tables.reference(table)})`);
    this.offset(offset);
    if (kind === "functions") {
      const functions = (items as readonly number[]).map((item) => identifiers.functions.reference(item));
      lines.append(` ${["func", ...functions].join(" ")})`);
      return;
    }
    lines.append(` ${type === FUNCREF ? "funcref" : this.types.value(type)}`);
    for (const item of items as readonly Expression[]) {
      lines.append(" (item");
      this.constant(item);
      lines.append(")");
    }
    lines.append(")");
  }

  /** The number of a function's parameters. */
  private parameterCount(index: number): number {
    const composite = this.module.types[this.module.functions[index]]?.composite;
    return composite?.kind === "func" ? composite.params.length : 0;
  }

  /** The identifiers of a function's parameters and of `more` locals, which are noted as said. */
  private locals(index: number, more: number): Identifiers {
    const names = this.names.locals.get(index);
    const count = this.parameterCount(index) + more;
    if (names !== undefined)
      for (const [local, name] of names) if (local < count) setIndirect(this.said.locals, index, local, name);
    return new Identifiers(names, count);
  }

  /** What stands behind the name of a function: its type, its parameters by name, its results. */
  private functionHead(index: number, locals: Identifiers): string {
    const type = this.module.functions[index];
    const composite = this.module.types[type]?.composite;
    let text = ` (type ${this.identifiers.types.reference(type)})`;
    if (composite?.kind !== "func") return text;
    const { params, results } = composite;
    if (params.some((_, i) => locals.has(i)))
      text += params.map((param, i) => ` (param${locals.optional(i)} ${this.types.value(param)})`).join("");
    else text += this.types.list("param", params);
    return text + this.types.list("result", results);
  }

  private printFunction(bodyIndex: number): void {
    const { module, lines, names } = this;
    const body = module.bodies[bodyIndex];
    const index = module.importCounts.func + bodyIndex;
    const count = body.locals.reduce((sum, run) => sum + run.count, 0);
    const locals = this.locals(index, count);
    lines.add(1, `(func ${this.identifiers.functions.definition(index)}${this.functionHead(index, locals)}`);
    let local = this.parameterCount(index);
    for (const run of body.locals) {
      const type = this.types.value(run.type);
      let unnamed = 0;
      const flush = (): void => {
        if (unnamed > 0) lines.add(2, `(local${` ${type}`.repeat(unnamed)})`);
        unnamed = 0;
      };
      for (const end = local + run.count; local < end; local++) {
        if (!locals.has(local)) {
          unnamed++;
          continue;
        }
        flush();
        lines.add(2, `(local${locals.optional(local)} ${type})`);
      }
      flush();
    }
    const composite = module.types[module.functions[index]]?.composite;
    const results = composite?.kind === "func" ? composite.results.length : 0;
    const labels = names.labels.get(index) ?? new Map<number, string>();
    const [items, blocks] = this.code.expression(body, { locals, labels, results });
    for (const [block, name] of labels)
      if (block < blocks && name !== "") setIndirect(this.said.labels, index, block, name);
    lines.items(items, 2, this.folded);
    lines.append(")");
  }

  private printData({ memory, offset, bytes }: DataSegment, index: number): void {
    const { lines, identifiers } = this;
    lines.add(1, `(data ${identifiers.data.definition(index)}`);
    if (memory !== 0) lines.append(` (memory ${identifiers.memories.reference(memory)})`);
    this.offset(offset);
    this.bytes(bytes);
    lines.append(")");
  }

  /** Bytes as strings: behind what stands on the line when they are few, on lines of their own otherwise. */
  private bytes(bytes: Uint8Array): void {
    if (bytes.length <= BYTES_PER_LINE) {
      this.lines.append(` ${quoteBytes(bytes)}`);
      return;
    }
    for (let i = 0; i < bytes.length; i += BYTES_PER_LINE)
      this.lines.add(2, quoteBytes(bytes.subarray(i, i + BYTES_PER_LINE)));
  }

  /**
   * Custom sections as annotations. The names are among them only where reading the text would not make the very same section of them:
   * when it stands elsewhere than behind all known sections, or holds what cannot be said.
   */
  private printCustom(): void {
    const { custom } = this.module;
    const named = custom.findIndex(({ name }) => name === NAME_SECTION);
    const said = named >= 0 && this.isSaid(custom, named);
    custom.forEach((section, i) => {
      if (said && i === named) return;
      const trailing = said && this.isTrailing(section);
      const place = trailing ? (i < named ? " (after data)" : "") : ` ${placement(section.after)}`;
      this.lines.add(1, `(@custom ${quoteName(section.name)}${place}`);
      this.bytes(section.bytes);
      this.lines.append(")");
    });
  }

  /** Whether the section stands behind all known ones. */
  private isTrailing({ after }: CustomSection): boolean {
    const { sections } = this.module;
    const rank = SECTION_ORDER.indexOf(after);
    return sections.length === 0
      ? after === SECTION.data
      : sections.every(({ id }) => SECTION_ORDER.indexOf(id) <= rank);
  }

  private isSaid(custom: readonly CustomSection[], named: number): boolean {
    const section = custom[named];
    if (custom.filter(({ name }) => name === NAME_SECTION).length > 1 || !this.isTrailing(section)) return false;
    const bytes = encodeNames(this.said);
    return bytes.length === section.bytes.length && bytes.every((byte, i) => byte === section.bytes[i]);
  }
}

const noIdentifiers = new Identifiers(undefined, 0);

const kindsById: ReadonlyMap<number, string> = new Map([...sectionKinds].map(([kind, id]) => [id, kind]));

function placement(after: number): string {
  return after === 0 ? "(before first)" : `(after ${kindsById.get(after)})`;
}

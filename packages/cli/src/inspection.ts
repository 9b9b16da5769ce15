import { allFeatures, CompileError, defaultFeatures, type Feature } from "@wardian/runtime";
import {
  type CompositeType,
  decodeModule,
  decodeNames,
  decodeProducers,
  type ExternKind,
  encodeModule,
  type FunctionType,
  featuresUsed,
  type Limits,
  type MemoryType,
  NAME_SECTION,
  type Producer,
  parseModule,
  SECTION,
  sectionNames,
  type TableType,
  typeName,
  type WasmModule,
} from "@wardian/runtime/formats";
import type { Input } from "./input.ts";
import { signature } from "./values.ts";

/** What `wardian inspect --json` prints. Sizes are bytes. */
export interface Inspection {
  readonly file: string;
  readonly format: "binary" | "text";
  /** Of the module in the binary format. */
  readonly size: number;
  readonly name: string | undefined;
  readonly sections: readonly SectionInfo[];
  readonly imports: readonly ImportInfo[];
  readonly exports: readonly ExportInfo[];
  /** How many of each there are, imported ones among them. */
  readonly counts: Readonly<Record<string, number>>;
  readonly memories: readonly LimitsInfo[];
  readonly tables: readonly LimitsInfo[];
  /** Index of the function that runs when the module is instantiated. */
  readonly start: number | undefined;
  /** Proposals without which the module would be refused. */
  readonly features: readonly Feature[];
  /** Those of them that are off unless they are switched on. */
  readonly optional: readonly Feature[];
  readonly largestFunctions: readonly FunctionInfo[];
  readonly producers: readonly Producer[];
  /** What is wrong with custom sections. It does not make a module invalid. */
  readonly warnings: readonly string[];
}

export interface SectionInfo {
  readonly name: string;
  /** Offset of its contents; undefined in a custom section, which knows only its place among the others. */
  readonly offset: number | undefined;
  readonly size: number;
  /** What it holds so many of; undefined for one that holds no list. */
  readonly count: number | undefined;
}

export interface ImportInfo {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  readonly type: string;
}

export interface ExportInfo {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
  readonly type: string;
}

export interface LimitsInfo {
  readonly index: number;
  readonly type: string;
  readonly imported: boolean;
}

export interface FunctionInfo {
  readonly index: number;
  readonly name: string | undefined;
  readonly size: number;
}

/** Functions listed by size. */
const LARGEST = 5;

/** @throws CompileError for what is no well-formed module */
export function inspectModule(input: Input): Inspection {
  const { source } = input;
  const bytes = typeof source === "string" ? encodeModule(parseModule(source, allFeatures).module) : source;
  const module = decodeModule(bytes, allFeatures);
  const features = featuresUsed(bytes);
  const warnings: string[] = [];
  const names = customContents(module, NAME_SECTION, decodeNames, warnings);
  return {
    file: input.label,
    format: typeof source === "string" ? "text" : "binary",
    size: bytes.length,
    name: names?.module,
    sections: describeSections(module),
    imports: module.imports.map(({ module: from, name, kind, index }) => ({
      module: from,
      name,
      kind,
      type: externType(module, kind, index),
    })),
    exports: module.exports.map(({ name, kind, index }) => ({
      name,
      kind,
      index,
      type: externType(module, kind, index),
    })),
    counts: {
      types: module.types.length,
      functions: module.functions.length,
      tables: module.tables.length,
      memories: module.memories.length,
      globals: module.globals.length,
      tags: module.tags.length,
      elements: module.elements.length,
      data: module.data.length,
    },
    memories: module.memories.map((_, index) => describeLimits(module, "memory", index)),
    tables: module.tables.map((_, index) => describeLimits(module, "table", index)),
    start: module.start,
    features,
    optional: features.filter((feature) => !defaultFeatures.has(feature)),
    largestFunctions: largestFunctions(module, names?.functions),
    producers: customContents(module, "producers", decodeProducers, warnings) ?? [],
    warnings,
  };
}

function customContents<T>(
  module: WasmModule,
  name: string,
  decode: (bytes: Uint8Array) => T,
  warnings: string[],
): T | undefined {
  const section = module.custom.find((candidate) => candidate.name === name);
  if (section === undefined) return undefined;
  try {
    return decode(section.bytes);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    warnings.push(`the custom section "${name}" is malformed and of no use: ${error.message}`);
    return undefined;
  }
}

function describeSections(module: WasmModule): SectionInfo[] {
  const { importCounts } = module;
  const counts: Partial<Record<number, number>> = {
    [SECTION.type]: module.types.length,
    [SECTION.import]: module.imports.length,
    [SECTION.function]: module.functions.length - importCounts.func,
    [SECTION.table]: module.tables.length - importCounts.table,
    [SECTION.memory]: module.memories.length - importCounts.memory,
    [SECTION.tag]: module.tags.length - importCounts.tag,
    [SECTION.global]: module.globals.length - importCounts.global,
    [SECTION.export]: module.exports.length,
    [SECTION.element]: module.elements.length,
    [SECTION.code]: module.bodies.length,
    [SECTION.data]: module.data.length,
  };
  const sections: SectionInfo[] = [];
  const addCustom = (after: number): void => {
    for (const { name, bytes, after: place } of module.custom)
      if (place === after)
        sections.push({ name: `custom "${name}"`, offset: undefined, size: bytes.length, count: undefined });
  };
  addCustom(SECTION.custom);
  for (const { id, start, end } of module.sections) {
    sections.push({ name: sectionNames[id], offset: start, size: end - start, count: counts[id] });
    addCustom(id);
  }
  return sections;
}

function limitsText({ min, max, address }: Limits, unit: string): string {
  const width = typeName(address) === "i64" ? "i64 " : "";
  return `${width}${min}${max === undefined ? " or more" : max === min ? "" : ` to ${max}`} ${unit}`;
}

function memoryText(type: MemoryType): string {
  const pages = type.pageSizeLog2 === 16 ? "pages of 64 KiB" : `pages of ${2 ** type.pageSizeLog2} B`;
  return `${type.shared ? "shared " : ""}${limitsText(type, pages)}`;
}

function tableText(type: TableType): string {
  return `${typeName(type.element)} ${limitsText(type, "elements")}`;
}

function compositeText(composite: CompositeType | undefined): string {
  return composite?.kind === "func" ? signature(composite satisfies FunctionType) : "unknown type";
}

/** Inspection does not validate: an index may lead nowhere. */
function externType(module: WasmModule, kind: ExternKind, index: number): string {
  switch (kind) {
    case "func":
      return compositeText(module.types[module.functions[index]]?.composite);
    case "tag":
      return compositeText(module.types[module.tags[index]]?.composite);
    case "table": {
      const table = module.tables[index];
      return table === undefined ? "unknown table" : tableText(table.type);
    }
    case "memory": {
      const memory = module.memories[index];
      return memory === undefined ? "unknown memory" : memoryText(memory);
    }
    case "global": {
      const global = module.globals[index];
      if (global === undefined) return "unknown global";
      return `${global.type.mutable ? "mutable " : ""}${typeName(global.type.type)}`;
    }
  }
}

function describeLimits(module: WasmModule, kind: "memory" | "table", index: number): LimitsInfo {
  return { index, type: externType(module, kind, index), imported: index < module.importCounts[kind] };
}

function largestFunctions(module: WasmModule, names: ReadonlyMap<number, string> | undefined): FunctionInfo[] {
  const { func } = module.importCounts;
  const exported = new Map(
    module.exports.filter(({ kind }) => kind === "func").map(({ index, name }) => [index, name]),
  );
  return module.bodies
    .map(({ start, end }, i) => ({ index: func + i, size: end - start }))
    .sort((a, b) => b.size - a.size)
    .slice(0, LARGEST)
    .map(({ index, size }) => ({ index, name: names?.get(index) ?? exported.get(index), size }));
}

import type { GlobalType, MemoryType, SubType, TableType, ValueType } from "./types.ts";

/**
 * A run of instructions in the binary format, ending with its `end` (0x0b): `bytes[start]` to `bytes[end - 1]`.
 *
 * Code is kept as bytes from end to end: the text parser writes them, the validator, the engines and the printer walk them.
 * So a decoded module costs little more than its bytes, and an offset in an error or a stack frame is an offset in the module.
 */
export interface Expression {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A function's code. `locals` are the declared locals as runs, parameters not among them. */
export interface FunctionBody extends Expression {
  readonly locals: readonly LocalRun[];
}

export interface LocalRun {
  readonly count: number;
  readonly type: ValueType;
}

export type ExternKind = "func" | "table" | "memory" | "global" | "tag";

/** An import. What it must be stands in the index space of its kind, where imports come first and in this order. */
export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  /** Index in the index space of `kind`. */
  readonly index: number;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

export interface TableDefinition {
  readonly type: TableType;
  /** The value of all elements at first; without one they are null, and for an imported table it is absent. */
  readonly init: Expression | undefined;
}

export interface GlobalDefinition {
  readonly type: GlobalType;
  /** Absent for an imported global. */
  readonly init: Expression | undefined;
}

export type SegmentMode = "active" | "passive" | "declarative";

export interface ElementSegment {
  readonly mode: SegmentMode;
  /** Table index and offset of an active segment; 0 and undefined otherwise. */
  readonly table: number;
  readonly offset: Expression | undefined;
  readonly type: ValueType;
  /** Either function indices, as most modules have it, or constant expressions. */
  readonly items: readonly number[] | readonly Expression[];
  /** Which of the two `items` holds. */
  readonly kind: "functions" | "expressions";
}

export interface DataSegment {
  readonly mode: "active" | "passive";
  readonly memory: number;
  readonly offset: Expression | undefined;
  readonly bytes: Uint8Array;
}

export interface CustomSection {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The id of the known section that it follows, 0 when it comes first. Several at one place keep their order. */
  readonly after: number;
}

/** A known section as it stands in the bytes: `start` and `end` bound its contents. */
export interface SectionRange {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/**
 * A module as data (specification, 2.5). Index spaces are whole: `functions[i]`, `tables[i]` … begin with the imported ones,
 * whose number stands in `importCounts`.
 */
export interface WasmModule {
  readonly types: readonly SubType[];
  readonly imports: readonly Import[];
  readonly importCounts: Readonly<Record<ExternKind, number>>;
  /** The type index of every function. */
  readonly functions: readonly number[];
  readonly tables: readonly TableDefinition[];
  readonly memories: readonly MemoryType[];
  readonly globals: readonly GlobalDefinition[];
  /** The type index of every tag. */
  readonly tags: readonly number[];
  readonly exports: readonly Export[];
  readonly start: number | undefined;
  readonly elements: readonly ElementSegment[];
  /** The declared number of data segments, when the module has a data count section. */
  readonly dataCount: number | undefined;
  readonly data: readonly DataSegment[];
  /** Bodies of the functions that are not imported: `bodies[i]` belongs to function `importCounts.func + i`. */
  readonly bodies: readonly FunctionBody[];
  readonly custom: readonly CustomSection[];
  /** Where the known sections stand, for a module decoded from bytes; empty otherwise. */
  readonly sections: readonly SectionRange[];
}

/** Section ids (specification, 5.5.2). */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order of known sections in the bytes. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Names of sections for messages, by id. */
export const sectionNames: readonly string[] = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
  "tag",
];

import type { FeatureSet } from "../wasm/features.ts";
import {
  type CustomSection,
  type DataSegment,
  type ElementSegment,
  type Export,
  type ExternKind,
  type FunctionBody,
  type GlobalDefinition,
  type Import,
  SECTION,
  type TableDefinition,
} from "../wasm/module.ts";
import type { MemoryType, SubType, ValueType } from "../wasm/types.ts";
import type { Cursor } from "./cursor.ts";
import { TOKEN } from "./lexer.ts";
import { emptyNames, type NameBuilder } from "./names.ts";

/** One index space with the identifiers of its members. */
export class IndexSpace {
  /** As in `unknown function`. */
  readonly noun: string;
  /** As in `duplicate func`. */
  readonly keyword: string;
  readonly names: Map<string, number> = new Map();
  count = 0;

  constructor(noun: string, keyword: string = noun) {
    this.noun = noun;
    this.keyword = keyword;
  }

  /** The next index, to which the identifier at the cursor belongs if there is one. */
  define(cursor: Cursor): number {
    const at = cursor.pos;
    const name = cursor.optionalIdentifier();
    const index = this.count++;
    if (name !== undefined) {
      if (this.names.has(name)) cursor.fail(`duplicate ${this.keyword} $${name}`, at);
      this.names.set(name, index);
    }
    return index;
  }

  /** The index at the cursor, which is a number or an identifier. */
  resolve(cursor: Cursor): number {
    if (cursor.kind() !== TOKEN.identifier) return cursor.u32(`a ${this.noun} index`);
    const name = cursor.identifierName();
    const index = this.names.get(name);
    if (index === undefined) cursor.fail(`unknown ${this.noun} $${name}`);
    cursor.pos++;
    return index;
  }
}

/** The module that a text is being made into: its index spaces, known before anything is read, and its parts, added as they are read. */
export class ModuleContext {
  readonly cursor: Cursor;
  readonly features: FeatureSet;
  readonly names: NameBuilder = emptyNames();

  readonly typeSpace: IndexSpace;
  readonly functionSpace: IndexSpace = new IndexSpace("function", "func");
  readonly tableSpace: IndexSpace = new IndexSpace("table");
  readonly memorySpace: IndexSpace = new IndexSpace("memory");
  readonly globalSpace: IndexSpace = new IndexSpace("global");
  readonly tagSpace: IndexSpace = new IndexSpace("tag");
  readonly elementSpace: IndexSpace = new IndexSpace("elem segment", "elem");
  readonly dataSpace: IndexSpace = new IndexSpace("data segment", "data");
  /** The names of fields, by type index. */
  readonly fieldSpaces: Map<number, IndexSpace> = new Map();

  readonly types: SubType[] = [];
  readonly imports: Import[] = [];
  readonly importCounts: Record<ExternKind, number> = { func: 0, table: 0, memory: 0, global: 0, tag: 0 };
  readonly functions: number[] = [];
  readonly tables: TableDefinition[] = [];
  readonly memories: MemoryType[] = [];
  readonly globals: GlobalDefinition[] = [];
  readonly tags: number[] = [];
  readonly exports: Export[] = [];
  start: number | undefined = undefined;
  readonly elements: ElementSegment[] = [];
  readonly data: DataSegment[] = [];
  readonly bodies: FunctionBody[] = [];
  /** By the bytes of an expression: offset in it and offset in the text of each instruction, in turns. */
  readonly positions: Map<Uint8Array, Int32Array> = new Map();
  readonly custom: CustomSection[] = [];
  /** By section id: where in the text each of its entries is declared. */
  readonly entries: Map<number, number[]> = new Map();
  /** The token at which the field begins that is being read. */
  field = 0;
  /** Branch hints by function index: offset in the body and hint, in turns. */
  readonly hints: Map<number, number[]> = new Map();
  /** Whether an instruction names a data segment, or an annotation asks for the section that counts them. */
  countsData = false;

  /** The first index of each plain function type, by the signature written out. */
  private signatures: Map<string, number> | undefined;

  constructor(cursor: Cursor, features: FeatureSet, typeSpace: IndexSpace = new IndexSpace("type")) {
    this.cursor = cursor;
    this.features = features;
    this.typeSpace = typeSpace;
  }

  /** Notes that a token, by default the field being read, declares the next entry of a section. */
  noteEntry(section: number, token: number = this.field): void {
    let places = this.entries.get(section);
    if (places === undefined) {
      places = [];
      this.entries.set(section, places);
    }
    places.push(this.cursor.offset(token));
  }

  space(kind: ExternKind): IndexSpace {
    switch (kind) {
      case "func":
        return this.functionSpace;
      case "table":
        return this.tableSpace;
      case "memory":
        return this.memorySpace;
      case "global":
        return this.globalSpace;
      case "tag":
        return this.tagSpace;
    }
  }

  /** The index of the function type that a signature without `(type …)` means, added behind all others if there is none yet. */
  functionType(params: readonly ValueType[], results: readonly ValueType[]): number {
    this.signatures ??= new Map(
      this.types
        .map(({ final, supertypes, groupSize, composite }, index): [string, number] => {
          const plain = final && supertypes.length === 0 && groupSize === 1 && composite.kind === "func";
          return [plain ? signatureKey(composite.params, composite.results) : "", index];
        })
        .filter(([key]) => key !== "")
        .reverse(),
    );
    const key = signatureKey(params, results);
    let index = this.signatures.get(key);
    if (index === undefined) {
      index = this.types.length;
      this.signatures.set(key, index);
      const composite = { kind: "func", params, results } as const;
      this.noteEntry(SECTION.type);
      this.types.push({ final: true, supertypes: [], composite, groupStart: index, groupSize: 1 });
    }
    return index;
  }

  /** Notes the name of a new member of an index space: its identifier, or what a `@name` annotation says instead. */
  noteName(map: Map<number, string>, index: number, identifier: string | undefined): void {
    const { cursor } = this;
    const name = cursor.annotations.takeName(cursor.pos, "name") ?? identifier;
    if (name !== undefined) map.set(index, name);
  }
}

function signatureKey(params: readonly ValueType[], results: readonly ValueType[]): string {
  return `${params.join()}>${results.join()}`;
}

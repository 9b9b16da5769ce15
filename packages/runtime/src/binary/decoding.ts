import { CompileError } from "../wasm/errors.ts";
import type { Feature, FeatureSet } from "../wasm/features.ts";
import type {
  CustomSection,
  DataSegment,
  ElementSegment,
  Export,
  Expression,
  ExternKind,
  FunctionBody,
  GlobalDefinition,
  Import,
  SectionRange,
  TableDefinition,
} from "../wasm/module.ts";
import { switchedOff, typeSwitchedOff } from "../wasm/type-features.ts";
import { FUNCREF, type MemoryType, type StorageType, type SubType, type ValueType } from "../wasm/types.ts";
import { readImmediates, readOpcode } from "./instruction-reader.ts";
import { Reader } from "./reader.ts";
import { readReferenceType, readStorageType, readValueType } from "./type-reader.ts";

/** A `WasmModule` while its sections are being read. */
export interface ModuleDraft {
  readonly types: SubType[];
  readonly imports: Import[];
  readonly importCounts: Record<ExternKind, number>;
  readonly functions: number[];
  readonly tables: TableDefinition[];
  readonly memories: MemoryType[];
  readonly globals: GlobalDefinition[];
  readonly tags: number[];
  readonly exports: Export[];
  start: number | undefined;
  readonly elements: ElementSegment[];
  dataCount: number | undefined;
  readonly data: DataSegment[];
  readonly bodies: FunctionBody[];
  readonly custom: CustomSection[];
  readonly sections: SectionRange[];
}

/** A module without anything in it. */
export function emptyModule(): ModuleDraft {
  return {
    types: [],
    imports: [],
    importCounts: { func: 0, table: 0, memory: 0, global: 0, tag: 0 },
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    tags: [],
    exports: [],
    start: undefined,
    elements: [],
    dataCount: undefined,
    data: [],
    bodies: [],
    custom: [],
    sections: [],
  };
}

export const externKinds: readonly ExternKind[] = ["func", "table", "memory", "global", "tag"];

/** A reader of one module's sections: the primitives of the format, and what needs the module's features and limits. */
export class Decoding extends Reader {
  readonly features: FeatureSet;
  readonly module: ModuleDraft = emptyModule();

  constructor(bytes: Uint8Array, features: FeatureSet) {
    super(bytes);
    this.features = features;
  }

  /** For what the format allows and this decoder does not take. */
  refuse(reason: string, offset: number = this.pos): never {
    throw new CompileError(reason, { ...this.place, offset });
  }

  /** `what`, read at `offset`, is only there with `feature`. */
  need(feature: Feature, what: string, offset: number = this.pos): void {
    if (!this.features.has(feature)) this.refuse(switchedOff(what, feature), offset);
  }

  /** The length of a vector whose items take a byte each at least. `before` have been counted against `limit` already. */
  count(what: string, limit: number, before = 0): number {
    const start = this.pos;
    const count = this.u32();
    if (before + count > limit) this.refuse(`too many ${what}: ${before + count}, the limit is ${limit}`, start);
    if (count > this.end - this.pos) this.fail("length out of bounds", start);
    return count;
  }

  /**
   * Reads the entries of the section, so that errors name the one that they are in.
   * @param first its number in the section
   */
  entries(count: number, read: () => void, first = 0): void {
    const { section } = this.place;
    for (let i = 0; i < count; i++) {
      this.place = { section, entry: first + i };
      read();
    }
    this.place = { section };
  }

  valueType(): ValueType {
    return this.allowed(this.pos, readValueType(this));
  }

  referenceType(): ValueType {
    const start = this.pos;
    const type = readReferenceType(this);
    // Where a reference type is expected, funcref was there from the start, as the type of all tables.
    return type === FUNCREF ? type : this.allowed(start, type);
  }

  storageType(): StorageType {
    return this.allowed(this.pos, readStorageType(this));
  }

  private allowed(start: number, type: StorageType): StorageType {
    const reason = typeSwitchedOff(type, this.features);
    if (reason !== undefined) this.refuse(reason, start);
    return type;
  }

  /** A mutability: false for `const`, true for `var`. */
  mutability(): boolean {
    const start = this.pos;
    const byte = this.byte();
    if (byte > 1) this.fail("malformed mutability", start);
    return byte === 1;
  }

  /** An expression. Its instructions are stepped over to find its end; whether they are constant is for the validator to say. */
  expression(): Expression {
    const start = this.pos;
    for (let depth = 1; depth > 0; ) {
      const instruction = readOpcode(this);
      readImmediates(this, instruction);
      switch (instruction.name) {
        case "block":
        case "loop":
        case "if":
        case "try":
        case "try_table":
          depth++;
          break;
        case "end":
        case "delegate":
          depth--;
      }
    }
    return { bytes: this.bytes, start, end: this.pos };
  }
}

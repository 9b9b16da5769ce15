import { type ErrorPlace, ValidationError } from "../wasm/errors.ts";
import type { Feature, FeatureSet } from "../wasm/features.ts";
import { type ExternKind, SECTION, sectionNames, type WasmModule } from "../wasm/module.ts";
import { type DefinedType, isSubtype } from "../wasm/type-registry.ts";
import {
  BOTTOM,
  type FunctionType,
  type HeapType,
  isTypeIndex,
  type StorageType,
  typeIndexOf,
  typeName,
  type ValueType,
} from "../wasm/types.ts";
import { allowedOpcodes } from "./opcode-table.ts";

/** Whatever can say where an error is. The place itself is only made when there is an error. */
export interface Where {
  errorPlace(): ErrorPlace;
}

/** A section, or an entry of it. */
export interface SectionWhere extends Where {
  at(entry: number): Where;
}

/** What validation knows of the module around the thing being checked (specification, 3.1.7). It fills as validation goes on. */
export class ModuleContext {
  readonly module: WasmModule;
  readonly features: FeatureSet;
  readonly types: DefinedType[] = [];
  /** The types of functions and tags, by index. */
  functions: readonly FunctionType[] = [];
  tags: readonly FunctionType[] = [];
  /** By type index, 1 for structures known to have a default value for every field. */
  readonly defaultable: Uint8Array;
  /** The address types of memories, by index. */
  memories: readonly ValueType[] = [];
  /** 1 for functions that occur outside bodies, which alone `ref.func` in bodies may name. */
  readonly declared: Uint8Array;
  readonly allowed: Uint8Array;

  constructor(module: WasmModule, features: FeatureSet) {
    this.module = module;
    this.features = features;
    this.defaultable = new Uint8Array(module.types.length);
    this.declared = new Uint8Array(module.functions.length);
    this.allowed = allowedOpcodes(features);
  }

  /** The place of an error in a section, for what is not code. */
  section(id: (typeof SECTION)[keyof typeof SECTION]): SectionWhere {
    const place = (entry?: number): ErrorPlace => ({
      section: sectionNames[id],
      entry,
      offset: this.module.sections.find((range) => range.id === id)?.start,
    });
    return { errorPlace: () => place(), at: (entry) => ({ errorPlace: () => place(entry) }) };
  }

  /** The place of an error in the declaration of a member of an index space: an entry of the import section, or of `id`. */
  declaration(kind: ExternKind, index: number, id: (typeof SECTION)[keyof typeof SECTION]): Where {
    const { imports, importCounts } = this.module;
    if (index >= importCounts[kind]) return this.section(id).at(index - importCounts[kind]);
    const entry = (): number => imports.findIndex((item) => item.kind === kind && item.index === index);
    return { errorPlace: () => this.section(SECTION.import).at(entry()).errorPlace() };
  }

  has(feature: Feature): boolean {
    return this.features.has(feature);
  }

  matches(actual: ValueType, expected: ValueType): boolean {
    return actual === expected || isSubtype(actual, this.types, expected, this.types);
  }

  /**
   * Checks that a value, storage or heap type names no defined type that there is not.
   * @param limit type indices below it are known: all of them, but for types still being defined
   */
  checkType(type: StorageType | HeapType, where: Where, limit: number = this.module.types.length): void {
    if (isTypeIndex(type) && typeIndexOf(type) >= limit)
      throw new ValidationError(`unknown type ${typeIndexOf(type)}`, where.errorPlace());
  }

  /** The function type with this index. */
  functionType(index: number, where: Where): FunctionType {
    const type = this.module.types[index];
    if (type === undefined) throw new ValidationError(`unknown type ${index}`, where.errorPlace());
    if (type.composite.kind !== "func")
      throw new ValidationError(
        `non-function type ${index}: it is a type of ${type.composite.kind}s`,
        where.errorPlace(),
      );
    return type.composite;
  }
}

/** How many types an error lists. */
const LISTED = 16;

/** Types as an error lists them: `[i32 funcref]`; of many only the last, which are on top of a stack. */
export function typeList(types: ArrayLike<ValueType>): string {
  const names: string[] = [];
  for (let i = Math.max(0, types.length - LISTED); i < types.length; i++)
    names.push(types[i] === BOTTOM ? "unknown" : typeName(types[i]));
  return `[${types.length > LISTED ? "… " : ""}${names.join(" ")}]`;
}

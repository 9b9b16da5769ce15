import type { DefinedType, GlobalType, MemoryType, TableType } from "@wardian/runtime/internal";
import type { ResourceBinding, ResourceUse } from "./resource.ts";
import type { ValueType } from "./value.ts";

export interface Parameter {
  readonly name: string;
  readonly type: ValueType;
}

/** The type of a component function. */
export interface FunctionType {
  readonly kind: "func";
  readonly async: boolean;
  readonly params: readonly Parameter[];
  readonly result: ValueType | undefined;
}

/** The type of what a core module imports or exports. What type indices in it mean stands in `types`. */
export type CoreExternType =
  | { readonly kind: "func" | "tag"; readonly type: DefinedType }
  | { readonly kind: "table"; readonly type: TableType; readonly types: readonly DefinedType[] }
  | { readonly kind: "memory"; readonly type: MemoryType }
  | { readonly kind: "global"; readonly type: GlobalType; readonly types: readonly DefinedType[] };

export interface ModuleType {
  readonly kind: "module";
  readonly imports: readonly { readonly module: string; readonly name: string; readonly type: CoreExternType }[];
  readonly exports: ReadonlyMap<string, CoreExternType>;
}

/** Whether a core type is one of modules. */
export function isModuleType(type: DefinedType | ModuleType): type is ModuleType {
  return "imports" in type;
}

/** The type of a core instance: its exports. */
export interface CoreInstanceType {
  readonly kind: "core instance";
  readonly exports: ReadonlyMap<string, CoreExternType>;
}

/**
 * The type of a component instance. In a type that is written down, `resources` are the resource types that an instance of the type brings
 * with it; in the type of an instance that exists, there are none, and its resource types are those of the component around it.
 */
export interface InstanceType {
  readonly kind: "instance";
  readonly exports: ReadonlyMap<string, ExternType>;
  readonly resources: readonly ResourceBinding[];
  /** As a tree: see `TypeFacts.size`. */
  readonly size: number;
  readonly depth: number;
}

/** The type of a component. */
export interface ComponentType {
  readonly kind: "component";
  readonly imports: ReadonlyMap<string, ExternType>;
  readonly exports: ReadonlyMap<string, ExternType>;
  /** The resource types that are imported: whoever instantiates the component supplies them. */
  readonly importedResources: readonly ResourceBinding[];
  /** The resource types that each instance makes new and exports. */
  readonly exportedResources: readonly ResourceBinding[];
  readonly size: number;
  readonly depth: number;
}

/** What a type index may stand for. */
export type AnyType = ValueType | FunctionType | InstanceType | ComponentType | ResourceUse;

/** What the name of an import or export stands for. */
export type ExternType =
  | { readonly sort: "core module"; readonly type: ModuleType }
  | { readonly sort: "func"; readonly type: FunctionType }
  | { readonly sort: "value"; readonly type: ValueType }
  | { readonly sort: "type"; readonly type: AnyType }
  | { readonly sort: "instance"; readonly type: InstanceType }
  | { readonly sort: "component"; readonly type: ComponentType };

/** Whether a type is one of values. */
export function isValueType(type: AnyType): type is ValueType {
  return type.kind !== "func" && type.kind !== "instance" && type.kind !== "component" && type.kind !== "resource";
}

import type { ValueType as CoreValueType, SubType } from "@wardian/runtime/internal";
import type { Alias, CoreImportType } from "./definitions.ts";
import type { ExternName } from "./extern-name.ts";

/**
 * Type definitions as they are written, with indices into the index spaces of their scope. The validator resolves the indices:
 * see `types/`.
 */

export const primitiveTypes = [
  "bool",
  "s8",
  "u8",
  "s16",
  "u16",
  "s32",
  "u32",
  "s64",
  "u64",
  "f32",
  "f64",
  "char",
  "string",
  "error-context",
] as const;

export type PrimitiveType = (typeof primitiveTypes)[number];

/** A value type as it is written: a primitive type by name, or the index of a defined type. */
export type ValueTypeUse = PrimitiveType | number;

/** A field of a record or a parameter of a function. */
export interface LabelledType {
  readonly name: string;
  readonly type: ValueTypeUse;
}

/** A case of a variant. */
export interface CaseUse {
  readonly name: string;
  readonly type: ValueTypeUse | undefined;
}

/** A definition of a value type (Binary, "Type Definitions": `defvaltype`). */
export type ValueTypeDefinition =
  | { readonly kind: "primitive"; readonly type: PrimitiveType }
  | { readonly kind: "record"; readonly fields: readonly LabelledType[] }
  | { readonly kind: "variant"; readonly cases: readonly CaseUse[] }
  | { readonly kind: "list"; readonly element: ValueTypeUse; readonly length: number | undefined }
  | { readonly kind: "tuple"; readonly types: readonly ValueTypeUse[] }
  | { readonly kind: "flags"; readonly labels: readonly string[] }
  | { readonly kind: "enum"; readonly labels: readonly string[] }
  | { readonly kind: "option"; readonly type: ValueTypeUse }
  | { readonly kind: "result"; readonly ok: ValueTypeUse | undefined; readonly error: ValueTypeUse | undefined }
  | { readonly kind: "own"; readonly resource: number }
  | { readonly kind: "borrow"; readonly resource: number }
  | { readonly kind: "stream"; readonly element: ValueTypeUse | undefined }
  | { readonly kind: "future"; readonly element: ValueTypeUse | undefined }
  | { readonly kind: "map"; readonly key: ValueTypeUse; readonly value: ValueTypeUse };

export interface FunctionTypeDefinition {
  readonly kind: "func";
  readonly async: boolean;
  readonly params: readonly LabelledType[];
  readonly result: ValueTypeUse | undefined;
}

export interface ComponentTypeDefinition {
  readonly kind: "component";
  readonly declarations: readonly Declaration[];
}

export interface InstanceTypeDefinition {
  readonly kind: "instance";
  /** None of them is an import. */
  readonly declarations: readonly Declaration[];
}

export interface ResourceTypeDefinition {
  readonly kind: "resource";
  /** The core type of representations: i32, or i64 with the feature `memory64`. */
  readonly representation: CoreValueType;
  /** The index of the core function that destroys a representation. */
  readonly destructor: number | undefined;
}

/** A definition in the type index space. */
export type TypeDefinition =
  | ValueTypeDefinition
  | FunctionTypeDefinition
  | ComponentTypeDefinition
  | InstanceTypeDefinition
  | ResourceTypeDefinition;

/** What the name of an import or export stands for (Explainer: `externtype`). */
export type ExternTypeUse =
  | { readonly sort: "core module"; readonly type: number }
  | { readonly sort: "func"; readonly type: number }
  | { readonly sort: "component"; readonly type: number }
  | { readonly sort: "instance"; readonly type: number }
  | { readonly sort: "type"; readonly bound: TypeBoundUse }
  | { readonly sort: "value"; readonly bound: ValueBoundUse };

/** `eq`: the type of that index. `sub`: a new resource type. */
export type TypeBoundUse = { readonly kind: "eq"; readonly type: number } | { readonly kind: "sub" };

/** `eq`: the value of that index. `type`: any value of the type. */
export type ValueBoundUse =
  | { readonly kind: "eq"; readonly value: number }
  | { readonly kind: "type"; readonly type: ValueTypeUse };

/** A declaration of a component type or an instance type. `at`: see `Definition`. */
export type Declaration =
  | { readonly kind: "core type"; readonly at: number; readonly type: CoreTypeDefinition }
  | { readonly kind: "type"; readonly at: number; readonly type: TypeDefinition }
  | { readonly kind: "alias"; readonly at: number; readonly alias: Alias }
  | { readonly kind: "import"; readonly at: number; readonly name: ExternName; readonly type: ExternTypeUse }
  | { readonly kind: "export"; readonly at: number; readonly name: ExternName; readonly type: ExternTypeUse };

/** A definition in the core type index space: a recursion group, which takes an index for each of its types, or a module type. */
export type CoreTypeDefinition =
  | {
      readonly kind: "group";
      /**
       * Type indices in them are those of the scope. `groupStart` is the group's place in the index space if the definitions before it in
       * this scope are all that there is.
       */
      readonly types: readonly SubType[];
      /** Whether the binary format writes `rec`, which a group of one type may have too. */
      readonly explicit: boolean;
    }
  | { readonly kind: "module"; readonly declarations: readonly ModuleDeclaration[] };

/** A declaration of a core module type, whose type index space begins empty. */
export type ModuleDeclaration =
  | { readonly kind: "type"; readonly at: number; readonly type: CoreTypeDefinition }
  /** An alias of a core type of an enclosing scope. */
  | { readonly kind: "alias"; readonly at: number; readonly count: number; readonly index: number }
  | {
      readonly kind: "import";
      readonly at: number;
      readonly module: string;
      readonly name: string;
      readonly type: CoreImportType;
    }
  | { readonly kind: "export"; readonly at: number; readonly name: string; readonly type: CoreImportType };

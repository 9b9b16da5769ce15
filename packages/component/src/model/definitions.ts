import type { ErrorPlace, GlobalType, MemoryType, SourcePosition, TableType } from "@wardian/runtime/internal";
import type { BuiltinName } from "./builtins.ts";
import type { ExternName } from "./extern-name.ts";
import type { CoreSort, CoreSortIndex, Sort, SortIndex } from "./sorts.ts";
import type { CoreTypeDefinition, ExternTypeUse, TypeDefinition, ValueTypeUse } from "./types.ts";

/**
 * A component as data (Explainer, "Component Definitions"): its definitions in the order in which they are written. A definition
 * may refer only to those before it, by sort and index.
 *
 * The binary decoder and the text parser make it; the validator, the linker, the encoder and the printer read it.
 */
export interface Component {
  readonly definitions: readonly Definition[];
  /** How the definitions were grouped to sections, for a component decoded from bytes; undefined for one from text. */
  readonly sections: readonly SectionGroup[] | undefined;
}

/** A section of the binary format: its id, and the definitions from `first` on, `count` of them. */
export interface SectionGroup {
  readonly id: number;
  readonly first: number;
  readonly count: number;
}

/** A core module as it is contained in a component. */
export interface CoreModuleDefinition {
  readonly kind: "core module";
  readonly at: number;
  /** The module in the binary format. Not decoded: the validator does that with the core's decoder. */
  readonly bytes: Uint8Array;
  /** Where in a text an error in these bytes is, for a module that was read from text. */
  readonly locate?: (place: ErrorPlace) => SourcePosition | undefined;
}

export interface CoreInstantiateArgument {
  readonly name: string;
  /** The sort `instance` is the only one that is valid. */
  readonly value: CoreSortIndex;
}

export interface CoreInlineExport {
  readonly name: string;
  readonly value: CoreSortIndex;
}

export type CoreInstanceDefinition =
  | {
      readonly kind: "core instance";
      readonly at: number;
      readonly from: "instantiate";
      readonly module: number;
      readonly args: readonly CoreInstantiateArgument[];
    }
  | {
      readonly kind: "core instance";
      readonly at: number;
      readonly from: "exports";
      readonly exports: readonly CoreInlineExport[];
    };

export interface InstantiateArgument {
  readonly name: string;
  readonly value: SortIndex;
}

export interface InlineExport {
  readonly name: ExternName;
  readonly value: SortIndex;
}

export type InstanceDefinition =
  | {
      readonly kind: "instance";
      readonly at: number;
      readonly from: "instantiate";
      readonly component: number;
      readonly args: readonly InstantiateArgument[];
    }
  | {
      readonly kind: "instance";
      readonly at: number;
      readonly from: "exports";
      readonly exports: readonly InlineExport[];
    };

/** What an alias stands for (Explainer, "Alias Definitions"). */
export type Alias =
  /** The export of a component instance. */
  | { readonly target: "export"; readonly sort: Sort; readonly instance: number; readonly name: string }
  /** The export of a core instance. */
  | { readonly target: "core export"; readonly sort: CoreSort; readonly instance: number; readonly name: string }
  /** A definition of an enclosing scope, `count` scopes out. */
  | { readonly target: "outer"; readonly sort: Sort; readonly count: number; readonly index: number };

export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** Options of a canonical definition as they are written; `CanonicalOptions` in `types/` has them checked and by name. */
export type CanonicalOption =
  | { readonly kind: "string-encoding"; readonly encoding: StringEncoding }
  | { readonly kind: "memory"; readonly index: number }
  | { readonly kind: "realloc"; readonly index: number }
  | { readonly kind: "post-return"; readonly index: number }
  | { readonly kind: "async" }
  | { readonly kind: "callback"; readonly index: number };

/** A component function made of a core function. */
export interface LiftDefinition {
  readonly kind: "lift";
  readonly at: number;
  readonly core: number;
  readonly options: readonly CanonicalOption[];
  readonly type: number;
}

/** A core function made of a component function. */
export interface LowerDefinition {
  readonly kind: "lower";
  readonly at: number;
  readonly func: number;
  readonly options: readonly CanonicalOption[];
}

/** A core function that the runtime provides. Which of the immediates a built-in has is said in `builtins.ts`. */
export interface BuiltinDefinition {
  readonly kind: "builtin";
  readonly at: number;
  readonly name: BuiltinName;
  readonly immediates: BuiltinImmediates;
}

export interface BuiltinImmediates {
  /** A type index: of a resource, a stream or a future. */
  readonly type?: number;
  /** The result of `task.return`; present for it alone, and undefined when there is none. */
  readonly result?: ValueTypeUse;
  readonly options?: readonly CanonicalOption[];
  readonly async?: boolean;
  readonly cancellable?: boolean;
  readonly shared?: boolean;
  /** The core memory that events are written to. */
  readonly memory?: number;
  /** The core value type of a context slot. */
  readonly valueType?: number;
  /** The number of a context slot. */
  readonly slot?: number;
  /** The core type of a thread's function. */
  readonly coreType?: number;
  /** The core table that holds it. */
  readonly table?: number;
}

export interface AliasDefinition {
  readonly kind: "alias";
  readonly at: number;
  readonly alias: Alias;
}

export interface ImportDefinition {
  readonly kind: "import";
  readonly at: number;
  readonly name: ExternName;
  readonly type: ExternTypeUse;
}

export interface ExportDefinition {
  readonly kind: "export";
  readonly at: number;
  readonly name: ExternName;
  readonly value: SortIndex;
  /** The type that the export is given, a supertype of what the value has. */
  readonly type: ExternTypeUse | undefined;
}

/** Calls a function when the component is instantiated. Needs the feature `values`. */
export interface StartDefinition {
  readonly kind: "start";
  readonly at: number;
  readonly func: number;
  readonly args: readonly number[];
  readonly results: number;
}

/** A constant. Needs the feature `values`. */
export interface ValueDefinition {
  readonly kind: "value";
  readonly at: number;
  readonly type: ValueTypeUse;
  /** The value in the binary format (Binary, "Value Definitions"). */
  readonly bytes: Uint8Array;
}

/** A custom section, which stands among the definitions and defines nothing. */
export interface CustomDefinition {
  readonly kind: "custom";
  readonly at: number;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * One definition. `at` is the place for errors: a byte offset in the outermost component's bytes, or for a component from text an
 * offset in the text.
 */
export type Definition =
  | CoreModuleDefinition
  | CoreInstanceDefinition
  | { readonly kind: "core type"; readonly at: number; readonly type: CoreTypeDefinition }
  | { readonly kind: "component"; readonly at: number; readonly component: Component }
  | InstanceDefinition
  | AliasDefinition
  | { readonly kind: "type"; readonly at: number; readonly type: TypeDefinition }
  | LiftDefinition
  | LowerDefinition
  | BuiltinDefinition
  | StartDefinition
  | ImportDefinition
  | ExportDefinition
  | ValueDefinition
  | CustomDefinition;

/** The type of an import or export of a core module, in a module type. */
export type CoreImportType =
  | { readonly kind: "func"; readonly type: number }
  | { readonly kind: "tag"; readonly type: number }
  | { readonly kind: "table"; readonly type: TableType }
  | { readonly kind: "memory"; readonly type: MemoryType }
  | { readonly kind: "global"; readonly type: GlobalType };

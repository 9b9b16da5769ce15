import type { Span } from "./source.ts";

/** A WIT file as it is written, before any name in it is resolved. */

export interface Id {
  readonly name: string;
  readonly span: Span;
}

export interface PackageId {
  readonly namespace: string;
  readonly name: string;
  /** Undefined for a package without a version. */
  readonly version: string | undefined;
  readonly span: Span;
}

/** The gates of an item as they are written (WIT, "Feature Gates"). */
export interface Gate {
  readonly since: string | undefined;
  readonly unstable: string | undefined;
  readonly deprecated: string | undefined;
}

/** What precedes an item. */
export interface Preamble {
  /** The text of the comments; undefined when there are none. */
  readonly docs: string | undefined;
  readonly gate: Gate;
  readonly externalId: string | undefined;
}

/** The name of an interface or world, with the package that it is in unless that is the current one. */
export interface Path {
  readonly package: PackageId | undefined;
  readonly id: Id;
}

export type TypeSyntax =
  | { readonly kind: "primitive"; readonly name: string; readonly span: Span }
  | { readonly kind: "name"; readonly id: Id; readonly span: Span }
  | { readonly kind: "own" | "borrow"; readonly id: Id; readonly span: Span }
  | { readonly kind: "list"; readonly element: TypeSyntax; readonly length: number | undefined; readonly span: Span }
  | { readonly kind: "option"; readonly element: TypeSyntax; readonly span: Span }
  | { readonly kind: "tuple"; readonly types: readonly TypeSyntax[]; readonly span: Span }
  | { readonly kind: "stream" | "future"; readonly element: TypeSyntax | undefined; readonly span: Span }
  | { readonly kind: "map"; readonly key: TypeSyntax; readonly value: TypeSyntax; readonly span: Span }
  | {
      readonly kind: "result";
      readonly ok: TypeSyntax | undefined;
      readonly error: TypeSyntax | undefined;
      readonly span: Span;
    };

export interface FieldSyntax {
  readonly docs: string | undefined;
  readonly id: Id;
  readonly type: TypeSyntax;
}

export interface CaseSyntax {
  readonly docs: string | undefined;
  readonly id: Id;
  readonly type: TypeSyntax | undefined;
}

export interface FunctionSyntax extends Preamble {
  readonly id: Id;
  readonly async: boolean;
  readonly params: readonly { readonly id: Id; readonly type: TypeSyntax }[];
  readonly result: TypeSyntax | undefined;
}

export interface MethodSyntax extends FunctionSyntax {
  readonly kind: "constructor" | "method" | "static";
}

export type TypeBody =
  | { readonly kind: "alias"; readonly type: TypeSyntax }
  | { readonly kind: "record"; readonly fields: readonly FieldSyntax[] }
  | { readonly kind: "variant"; readonly cases: readonly CaseSyntax[] }
  | { readonly kind: "enum" | "flags"; readonly cases: readonly CaseSyntax[] }
  | { readonly kind: "resource"; readonly methods: readonly MethodSyntax[] };

export interface TypeItem extends Preamble {
  readonly kind: "type";
  readonly id: Id;
  readonly body: TypeBody;
}

export interface UseItem extends Preamble {
  readonly kind: "use";
  readonly path: Path;
  readonly names: readonly { readonly id: Id; readonly as: Id | undefined }[];
}

export interface FunctionItem extends FunctionSyntax {
  readonly kind: "func";
}

export type InterfaceMember = TypeItem | UseItem | FunctionItem;

export interface IncludeItem extends Preamble {
  readonly kind: "include";
  readonly path: Path;
  readonly names: readonly { readonly id: Id; readonly as: Id }[];
}

/** An import or export of a world. */
export interface ExternItem extends Preamble {
  readonly kind: "extern";
  readonly direction: "import" | "export";
  /** Undefined when the interface's own name is the name. */
  readonly id: Id | undefined;
  readonly value:
    | { readonly kind: "func"; readonly func: FunctionSyntax }
    | { readonly kind: "interface"; readonly members: readonly InterfaceMember[] }
    | { readonly kind: "path"; readonly path: Path };
}

export type WorldMember = TypeItem | UseItem | IncludeItem | ExternItem;

export interface InterfaceItem extends Preamble {
  readonly kind: "interface";
  readonly id: Id;
  readonly members: readonly InterfaceMember[];
}

export interface WorldItem extends Preamble {
  readonly kind: "world";
  readonly id: Id;
  readonly members: readonly WorldMember[];
}

/** A `use` outside of interfaces and worlds, which names an interface for this file. */
export interface FileUseItem {
  readonly kind: "file use";
  readonly path: Path;
  readonly as: Id | undefined;
}

export interface PackageHeader {
  readonly id: PackageId;
  readonly docs: string | undefined;
  /** The first comment of the documentation. */
  readonly docsSpan: Span | undefined;
}

/** A package in braces. */
export interface NestedPackage extends PackageHeader {
  readonly kind: "package";
  readonly items: readonly FileItem[];
}

export type FileItem = InterfaceItem | WorldItem | FileUseItem | NestedPackage;

export interface FileSyntax {
  readonly header: PackageHeader | undefined;
  readonly items: readonly FileItem[];
}

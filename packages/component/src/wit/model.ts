/**
 * Resolved WIT as data. Interfaces, worlds and types refer to each other directly, so a type that is used in many places is
 * one object.
 *
 * @module
 */

export interface WitPackageName {
  readonly namespace: string;
  readonly name: string;
  /** By Semantic Versioning 2.0; undefined for a package without a version. */
  readonly version: string | undefined;
}

/** How stable an item is (WIT, "Feature Gates"). Undefined everywhere for an item without gates. */
export interface WitStability {
  readonly since?: string;
  readonly unstable?: string;
  readonly deprecated?: string;
}

export interface WitPackage {
  readonly name: WitPackageName;
  readonly docs: string | undefined;
  readonly interfaces: ReadonlyMap<string, WitInterface>;
  readonly worlds: ReadonlyMap<string, WitWorld>;
}

export interface WitInterface {
  readonly kind: "interface";
  /** Undefined for an interface that is written in a world. */
  readonly name: string | undefined;
  readonly package: WitPackageName;
  readonly docs: string | undefined;
  readonly stability: WitStability | undefined;
  /** In an order in which each type comes after those that it refers to. */
  readonly types: ReadonlyMap<string, WitTypeDefinition>;
  /** Methods under their full names, such as `[method]file.read`. */
  readonly functions: ReadonlyMap<string, WitFunction>;
}

export interface WitWorld {
  readonly kind: "world";
  readonly name: string;
  readonly package: WitPackageName;
  readonly docs: string | undefined;
  readonly stability: WitStability | undefined;
  /**
   * By label, or by the full name of an interface. What the world's items depend on is among the imports; interfaces come first, each
   * after those that it depends on, then types, then functions.
   */
  readonly imports: ReadonlyMap<string, WitWorldItem>;
  readonly exports: ReadonlyMap<string, WitWorldItem>;
}

export type WitWorldItem =
  | {
      readonly kind: "interface";
      readonly interface: WitInterface;
      readonly stability: WitStability | undefined;
      readonly docs: string | undefined;
      readonly externalId: string | undefined;
    }
  | { readonly kind: "function"; readonly function: WitFunction }
  | { readonly kind: "type"; readonly type: WitTypeDefinition };

export interface WitFunction {
  readonly name: string;
  readonly kind: "function" | "constructor" | "method" | "static";
  /** The resource of a constructor, method or static function. */
  readonly resource: WitTypeDefinition | undefined;
  readonly async: boolean;
  /** The first one of a method is `self`. */
  readonly params: readonly WitField[];
  readonly result: WitType | undefined;
  readonly docs: string | undefined;
  readonly stability: WitStability | undefined;
  readonly externalId: string | undefined;
}

export interface WitField {
  readonly name: string;
  readonly type: WitType;
  readonly docs?: string;
}

export interface WitCase {
  readonly name: string;
  readonly type: WitType | undefined;
  readonly docs?: string;
}

/** A type with a name. */
export interface WitTypeDefinition {
  readonly kind: "type";
  readonly name: string;
  readonly owner: WitInterface | WitWorld;
  readonly body: WitTypeBody;
  readonly docs: string | undefined;
  readonly stability: WitStability | undefined;
  readonly externalId: string | undefined;
  /** The resource that this is, itself or through aliases; undefined for other types. */
  readonly resource: WitTypeDefinition | undefined;
  /** Whether a value of this type holds a borrowed handle. */
  readonly holdsBorrow: boolean;
}

export type WitTypeBody =
  | { readonly kind: "resource" }
  /** Another name for a type; of another interface when a `use` made it. */
  | { readonly kind: "alias"; readonly type: WitType }
  | { readonly kind: "record"; readonly fields: readonly WitField[] }
  | { readonly kind: "variant"; readonly cases: readonly WitCase[] }
  | { readonly kind: "enum" | "flags"; readonly cases: readonly WitCase[] };

export type WitPrimitive =
  | "bool"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "s8"
  | "s16"
  | "s32"
  | "s64"
  | "f32"
  | "f64"
  | "char"
  | "string"
  | "error-context";

/** The type of a value: a primitive by name, a type without a name, or a definition. A resource as an owned handle is an `own`. */
export type WitType = WitPrimitive | WitTypeDefinition | WitAnonymousType;

export type WitAnonymousType =
  | { readonly kind: "list"; readonly element: WitType; readonly length: number | undefined }
  | { readonly kind: "option"; readonly element: WitType }
  | { readonly kind: "tuple"; readonly types: readonly WitType[] }
  | { readonly kind: "stream" | "future"; readonly element: WitType | undefined }
  | { readonly kind: "map"; readonly key: WitType; readonly value: WitType }
  | { readonly kind: "result"; readonly ok: WitType | undefined; readonly error: WitType | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: WitTypeDefinition };

/** What WIT texts and binaries resolve to. */
export interface WitResolution {
  /** The package that was asked for. */
  readonly main: WitPackage;
  /** All packages by their full names, each after those that it depends on. */
  readonly packages: ReadonlyMap<string, WitPackage>;
}

/** The name of a package as `namespace:name@version`. */
export function packageNameText({ namespace, name, version }: WitPackageName): string {
  return `${namespace}:${name}${version === undefined ? "" : `@${version}`}`;
}

/** The full name of an interface or world, as `namespace:name/interface@version`; undefined for one without a name. */
export function fullName(item: { name: string | undefined; package: WitPackageName }): string | undefined {
  if (item.name === undefined) return undefined;
  const { namespace, name, version } = item.package;
  return `${namespace}:${name}/${item.name}${version === undefined ? "" : `@${version}`}`;
}

/** The interface that a definition's owner uses another one from; undefined for a definition that is no `use`. */
export function usedFrom(type: WitTypeDefinition): WitTypeDefinition | undefined {
  const { body } = type;
  if (body.kind !== "alias" || typeof body.type === "string" || body.type.kind !== "type") return undefined;
  return body.type.owner === type.owner ? undefined : body.type;
}

/** The types that a type consists of, without those that its definition names. */
export function* partsOf(type: WitAnonymousType): Iterable<WitType> {
  switch (type.kind) {
    case "list":
    case "option":
      yield type.element;
      break;
    case "tuple":
      yield* type.types;
      break;
    case "stream":
    case "future":
      if (type.element !== undefined) yield type.element;
      break;
    case "map":
      yield type.key;
      yield type.value;
      break;
    case "result":
      if (type.ok !== undefined) yield type.ok;
      if (type.error !== undefined) yield type.error;
      break;
    case "own":
    case "borrow":
      yield type.resource;
      break;
  }
}

/** The types that the body of a definition names. */
export function* partsOfBody(body: WitTypeBody): Iterable<WitType> {
  switch (body.kind) {
    case "alias":
      yield body.type;
      break;
    case "record":
      for (const { type } of body.fields) yield type;
      break;
    case "variant":
      for (const { type } of body.cases) if (type !== undefined) yield type;
      break;
  }
}

/** Whether a value of a type holds a borrowed handle. Costs the depth of the type without its definitions. */
export function holdsBorrow(type: WitType): boolean {
  if (typeof type === "string") return false;
  if (type.kind === "type") return type.holdsBorrow;
  if (type.kind === "borrow") return true;
  if (type.kind === "own") return false;
  for (const part of partsOf(type)) if (holdsBorrow(part)) return true;
  return false;
}

/**
 * The name of an import or export with its attributes (Explainer, "Import and Export Definitions"). Attributes do not identify
 * anything: two names that differ in attributes alone are the same name.
 */
export interface ExternName {
  readonly name: string;
  /** In the order in which they are written; empty for most names. */
  readonly attributes: readonly NameAttribute[];
  /** The prefix in the binary format, of which several mean the same where there are no attributes: kept so that bytes stay what they are. */
  readonly prefix: number;
}

export type NameAttribute =
  /** The instance implements the interface of that name. */
  | { readonly kind: "implements"; readonly value: string }
  /** What was removed from the version in the name to make it canonical. */
  | { readonly kind: "versionsuffix"; readonly value: string }
  /** What the host calls it. */
  | { readonly kind: "external-id"; readonly value: string };

/** A name without attributes. */
export function plainExternName(name: string): ExternName {
  return { name, attributes: [], prefix: 0 };
}

/** What a well-formed name of an import or export says. */
export type ParsedExternName =
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "constructor"; readonly resource: string }
  | { readonly kind: "method"; readonly resource: string; readonly label: string }
  | { readonly kind: "static"; readonly resource: string; readonly label: string }
  | InterfaceName;

/** The name of an interface of a WIT package: `namespace:package/interface@version`. */
export interface InterfaceName {
  readonly kind: "interface";
  /** One, or several with the feature `nested-namespaces`. */
  readonly namespaces: readonly string[];
  readonly package: string;
  /** One, or several with the feature `nested-namespaces`. */
  readonly projections: readonly string[];
  /** What follows the `@`. */
  readonly version: string | undefined;
}

const LABEL = /^(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*$/;
const WORDS = /^[a-z][0-9a-z]*(?:-[0-9a-z]+)*$/;
const SEMVER =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;
const CANONICAL_VERSION = /^(?:[1-9]\d*|0\.[1-9]\d*|0\.0\.[1-9]\d*|0\.0\.0)$/;

/** Whether a text is a label in kebab case (Explainer: `label`). */
export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** Whether a text is a version by Semantic Versioning 2.0. */
export function isSemanticVersion(text: string): boolean {
  return SEMVER.test(text);
}

/** Whether a text is a version that stands for all compatible ones (Explainer: `canonversion`), such as `1` or `0.2`. */
export function isCanonicalVersion(text: string): boolean {
  return CANONICAL_VERSION.test(text);
}

/**
 * Splits a version into the part that compatible versions share and the rest (Explainer, "Canonical Interface Name"): `1.2.3` to `1` and `.2.3`,
 * `0.2.6-rc.1` to `0.2` and `.6-rc.1`.
 *
 * @returns undefined for a text that is no version
 */
export function splitVersion(version: string): { canonical: string; suffix: string } | undefined {
  if (!isSemanticVersion(version)) return undefined;
  const [, canonical] = /^([1-9]\d*|0\.[1-9]\d*|0\.0\.\d+)/.exec(version) as RegExpExecArray;
  return { canonical, suffix: version.slice(canonical.length) };
}

/** What a name may use beyond the names of WASI 0.2. */
export interface NameRules {
  readonly nestedNamespaces: boolean;
  readonly canonicalVersions: boolean;
}

/**
 * Reads the name of an import or export.
 *
 * @returns the reason, when the name is not well-formed
 */
export function parseExternName(name: string, rules: NameRules): ParsedExternName | string {
  if (name.startsWith("[")) return parseAnnotatedName(name);
  if (name.includes(":")) return parseInterfaceName(name, rules);
  return isLabel(name) ? { kind: "label", label: name } : `\`${name}\` is not in kebab case`;
}

function parseAnnotatedName(name: string): ParsedExternName | string {
  const end = name.indexOf("]");
  const annotation = name.slice(0, end + 1);
  const rest = name.slice(end + 1);
  switch (annotation) {
    case "[constructor]":
      return isLabel(rest) ? { kind: "constructor", resource: rest } : `\`${rest}\` is not in kebab case`;
    case "[method]":
    case "[static]": {
      const dot = rest.indexOf(".");
      if (dot < 0) return `failed to find \`.\` character in \`${name}\``;
      const resource = rest.slice(0, dot);
      const label = rest.slice(dot + 1);
      for (const part of [resource, label]) if (!isLabel(part)) return `\`${part}\` is not in kebab case`;
      return { kind: annotation === "[method]" ? "method" : "static", resource, label };
    }
    default:
      return `\`${name}\` is not a valid name: unknown annotation`;
  }
}

/**
 * Reads the name of an interface.
 *
 * @returns the reason, when the name is not well-formed
 */
export function parseInterfaceName(name: string, rules: NameRules): InterfaceName | string {
  const at = name.indexOf("@");
  const version = at < 0 ? undefined : name.slice(at + 1);
  const path = at < 0 ? name : name.slice(0, at);
  const namespaces = path.split(":");
  const projections = (namespaces.pop() as string).split("/");
  const [packageName] = projections.splice(0, 1);
  if (namespaces.length === 0) return `\`${name}\` has no namespace`;
  if (projections.length === 0) return `expected \`/\` after the package name in \`${name}\``;
  if (!rules.nestedNamespaces && (namespaces.length > 1 || projections.length > 1))
    return `\`${name}\` has nested namespaces or packages, which need the feature "nested-namespaces"`;
  for (const part of [...namespaces, packageName])
    if (!WORDS.test(part)) return `\`${part}\` is not in kebab case or not in lower case`;
  for (const part of projections) if (!isLabel(part)) return `\`${part}\` is not in kebab case`;
  if (version !== undefined && !isSemanticVersion(version)) {
    if (!isCanonicalVersion(version)) return `\`${version}\` is not a valid semver`;
    if (!rules.canonicalVersions)
      return `\`${version}\` is not a valid semver; canonical versions need the feature "canonical-names"`;
  }
  return { kind: "interface", namespaces, package: packageName, projections, version };
}

/** The form of a name that strongly-unique names may not share (Explainer, "Name Uniqueness"). */
export function uniqueKey(name: string): string {
  const lower = name.toLowerCase();
  const method = /^\[(?:method|static)\]([^.]*)\.(.*)$/.exec(lower);
  if (method !== null) return method[1] === method[2] ? method[1] : `${method[1]}.${method[2]}`;
  return lower;
}

import {
  type ExternName,
  isLabel,
  isSemanticVersion,
  type NameRules,
  type ParsedExternName,
  parseExternName,
  parseInterfaceName,
  uniqueKey,
} from "../model/extern-name.ts";
import type { ExternType } from "../types/extern.ts";
import type { ResourceUse } from "../types/resource.ts";
import type { ValueType } from "../types/value.ts";

/** The names of one scope's imports, or of its exports: which there are, and which resource types they are of. */
export class NameSpace {
  /** As in `import name`. */
  private readonly what: "import" | "export";
  private readonly keys: Map<string, string> = new Map();
  private readonly labels: Map<ResourceUse, string> = new Map();
  private readonly resources: Set<string> = new Set();

  constructor(what: "import" | "export") {
    this.what = what;
  }

  /**
   * Adds a name for something of that type (Binary, "Import and Export Definitions").
   * @returns the reason, when the name is not well-formed, not unique or not for such a thing
   */
  add(name: ExternName, type: ExternType, rules: NameRules): string | undefined {
    const parsed = parseExternName(name.name, rules);
    if (typeof parsed === "string") return `\`${name.name}\` is not a valid extern name: ${parsed}`;
    const key = uniqueKey(name.name);
    const other = this.keys.get(key);
    if (other !== undefined)
      return `${this.what} name \`${name.name}\` conflicts with previous name \`${other}\`: it is already defined`;
    this.keys.set(key, name.name);
    if (parsed.kind === "label" && type.sort === "type" && type.type.kind === "resource") {
      this.labels.set(type.type, parsed.label);
      this.resources.add(parsed.label);
    }
    return this.checkAnnotation(parsed, name.name, type) ?? checkAttributes(name, parsed, type, rules);
  }

  private checkAnnotation(parsed: ParsedExternName, name: string, item: ExternType): string | undefined {
    if (parsed.kind === "label" || parsed.kind === "interface") return undefined;
    if (item.sort !== "func") return `${parsed.kind} \`${name}\` is not a func`;
    const { params, result } = item.type;
    switch (parsed.kind) {
      case "constructor": {
        if (result === undefined) return "function should return one value";
        const returned = result.kind === "result" ? result.ok : result;
        if (returned?.kind !== "own") return "function should return `(own $T)` or `(result (own $T))`";
        return this.checkResource(parsed.resource, returned.use);
      }
      case "method": {
        const [self] = params;
        if (self === undefined) return "function should have at least one argument";
        if (self.name !== "self") return "function should have a first argument called `self`";
        if (self.type.kind !== "borrow") return "function should take a first argument of `(borrow $T)`";
        return this.checkResource(parsed.resource, self.type.use);
      }
      case "static":
        return this.resources.has(parsed.resource) ? undefined : "static resource name is not known in this context";
    }
  }

  private checkResource(expected: string, use: ResourceUse): string | undefined {
    const name = this.labels.get(use);
    if (name === undefined) return "resource used in function does not have a name in this context";
    return name === expected ? undefined : `function does not match expected resource name \`${expected}\``;
  }
}

/** Checks the attributes of a name. @returns the reason, when they are wrong */
function checkAttributes(
  { name, attributes }: ExternName,
  parsed: ParsedExternName,
  type: ExternType,
  rules: NameRules,
): string | undefined {
  const seen = new Set<string>();
  for (const { kind, value } of attributes) {
    if (seen.has(kind)) return `duplicate attribute \`${kind}\``;
    seen.add(kind);
    switch (kind) {
      case "implements": {
        if (type.sort !== "instance") return "only instances can have an `implements`";
        if (parsed.kind !== "label") return `name \`${name}\` is not valid with \`implements\``;
        const implemented = parseInterfaceName(value, rules);
        if (typeof implemented === "string") return `\`${value}\` must be an interface: ${implemented}`;
        break;
      }
      case "versionsuffix": {
        const version = parsed.kind === "interface" ? parsed.version : undefined;
        if (version === undefined || isSemanticVersion(version))
          return `name \`${name}\` with a version suffix must be an interface with a canonical version`;
        if (!isSemanticVersion(version + value)) return `\`${version}${value}\` is not a valid semver`;
        break;
      }
    }
  }
  return undefined;
}

/** Labels of a record's fields and the like: each in kebab case, and no two alike. @returns the reason, when they are wrong */
export function checkLabels(names: readonly string[], what: string): string | undefined {
  const keys = new Map<string, string>();
  for (const name of names) {
    if (name === "") return `${what} name cannot be empty`;
    if (!isLabel(name)) return `${what} name \`${name}\` is not in kebab case`;
    const key = name.toLowerCase();
    const other = keys.get(key);
    if (other !== undefined) return `${what} name \`${name}\` conflicts with previous ${what} name \`${other}\``;
    keys.set(key, name);
  }
  return undefined;
}

/** Whether a `result` or another type of values has a borrow in it. */
export function borrows(type: ValueType | undefined): boolean {
  return type?.facts.borrows === true;
}

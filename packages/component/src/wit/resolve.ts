import { readOptions } from "@wardian/runtime/options";
import { Budget } from "./budget.ts";
import { isIncluded, type WitFeatures } from "./gates.ts";
import {
  packageNameText,
  type WitInterface,
  type WitPackage,
  type WitResolution,
  type WitTypeDefinition,
  type WitWorld,
} from "./model.ts";
import { type Edge, order } from "./order.ts";
import { parseFile } from "./parser.ts";
import { resolveInterface } from "./resolve-interface.ts";
import type { PackageContext } from "./resolve-types.ts";
import { resolveWorld } from "./resolve-world.ts";
import { findForeign, PackageScope, type PackageSyntax } from "./scope.ts";
import { locate, type Span, WitError, type WitSource } from "./source.ts";
import type { FileItem, FileSyntax, PackageId } from "./syntax.ts";

/** The files of one package, or of one folder in `deps`. */
export type WitGroup = readonly WitSource[];

/** The bound on the length of all texts together. */
const MOST_TEXT = 1 << 24;

/** What {@link resolveWit} may be told. */
export interface WitOptions {
  /** What the main package depends on: a group for each folder and each file in `deps`. */
  readonly dependencies?: readonly WitGroup[];
  /** Packages that are resolved already, such as those that a component contains. A text of the same name is preferred. */
  readonly packages?: Iterable<WitPackage>;
  /** The features whose `@unstable` items are there, or `"all"`. None by default. */
  readonly features?: Iterable<string> | "all";
}

const optionNames = { dependencies: true, packages: true, features: true } as const;

/**
 * Parses WIT texts and resolves all names in them.
 *
 * @param main the files of the package, which may hold nested packages
 * @throws WitError with the place of the first error
 */
export function resolveWit(main: WitGroup, options: WitOptions = {}): WitResolution {
  const {
    dependencies = [],
    packages: given = [],
    features: wanted = [],
  } = readOptions("resolveWit", optionNames, options);
  const features: WitFeatures = wanted === "all" ? "all" : new Set(wanted);
  const groups = [main, ...dependencies];
  let size = 0;
  for (const group of groups) for (const { text } of group) size += text.length;
  if (size > MOST_TEXT) throw new WitError(`the texts are longer than ${MOST_TEXT} characters`);
  const found = new Map<string, PackageSyntax>();
  let mainName: string | undefined;
  for (const group of groups)
    for (const syntax of packagesOf(group)) {
      const text = packageNameText(syntax.name);
      const before = found.get(text);
      if (before !== undefined) {
        const places = [syntax, before].map(({ span }) => {
          const { path, line, column } = locate(span);
          return `\n  * ${path}:${line}:${column}`;
        });
        throw new WitError(`package \`${text}\` is defined in two different locations:${places.join("")}`, syntax.span);
      }
      found.set(text, syntax);
      mainName ??= text;
    }
  const scopes = new Map([...found].map(([text, syntax]) => [text, new PackageScope(syntax)]));
  const edges = new Map<string, Edge<Span>[]>();
  const orders = new Map<string, string[]>();
  for (const [text, scope] of scopes) {
    orders.set(text, scope.ordered());
    edges.set(
      text,
      scope.foreign().map(({ package: id }) => ({ to: packageNameText(id), place: id.span })),
    );
  }
  const sorted = order(edges);
  if (!Array.isArray(sorted))
    throw new WitError(`package \`${sorted.edge.to}\` creates a dependency cycle`, sorted.edge.place);
  const all = new Map<string, WitPackage>();
  for (const known of given) if (!found.has(packageNameText(known.name))) all.set(packageNameText(known.name), known);
  const excluded: PackageContext["excluded"] = new Set();
  const budget = new Budget();
  for (const text of sorted) {
    const scope = scopes.get(text) as PackageScope;
    const syntax = found.get(text) as PackageSyntax;
    for (const use of scope.foreign()) findForeign(all, use, use.wants, excluded);
    const { name, docs } = syntax;
    const resolved = new Map<string, WitInterface | WitWorld>();
    const context: PackageContext = { name, scope, resolved, packages: all, excluded, features, budget };
    for (const itemName of orders.get(text) as string[]) resolveItem(context, itemName);
    const interfaces = new Map<string, WitInterface>();
    const worlds = new Map<string, WitWorld>();
    // In the order of the text; what depends on what no longer matters.
    for (const itemName of scope.items.keys()) {
      const item = resolved.get(itemName) as WitInterface | WitWorld;
      if (item.kind === "interface") interfaces.set(itemName, item);
      else worlds.set(itemName, item);
    }
    all.set(text, { name, docs, interfaces, worlds });
  }
  const packages = new Map<string, WitPackage>();
  for (const [text, known] of all) packages.set(text, found.has(text) ? withoutExcluded(known, excluded) : known);
  return { main: packages.get(mainName as string) as WitPackage, packages };
}

function resolveItem(context: PackageContext, name: string): void {
  const { syntax, file } = context.scope.items.get(name) as NonNullable<ReturnType<PackageScope["items"]["get"]>>;
  const owner = { text: packageNameText(context.name), version: context.name.version };
  const excluded = !isIncluded(syntax.gate, context.features, owner, syntax.id.span);
  const made =
    syntax.kind === "interface"
      ? resolveInterface(context, name, syntax, syntax.members, file, excluded)
      : resolveWorld(context, syntax, file, excluded);
  context.resolved.set(name, made);
}

function withoutExcluded(
  { name, docs, interfaces, worlds }: WitPackage,
  excluded: PackageContext["excluded"],
): WitPackage {
  for (const item of interfaces.values()) {
    const types = item.types as Map<string, WitTypeDefinition>;
    for (const [key, type] of types) if (excluded.has(type)) types.delete(key);
  }
  return {
    name,
    docs,
    interfaces: new Map([...interfaces].filter(([, item]) => !excluded.has(item))),
    worlds: new Map([...worlds].filter(([, item]) => !excluded.has(item))),
  };
}

/** The package of a group's files, then the packages that are nested in them. */
function packagesOf(group: WitGroup): PackageSyntax[] {
  const files = group.map((source) => parseFile(source));
  const { id, docs } = headerOf(files);
  const own: FileItem[][] = [];
  const nested: PackageSyntax[] = [];
  for (const { items } of files) {
    const rest: FileItem[] = [];
    own.push(rest);
    for (const item of items)
      if (item.kind === "package")
        nested.push({ name: nameOf(item.id), span: item.id.span, docs: item.docs, files: [item.items] });
      else rest.push(item);
  }
  return [{ name: nameOf(id), span: id.span, docs, files: own }, ...nested];
}

function nameOf({ namespace, name, version }: PackageId): PackageSyntax["name"] {
  return { namespace, name, version };
}

function headerOf(files: readonly FileSyntax[]): { readonly id: PackageId; readonly docs: string | undefined } {
  let id: PackageId | undefined;
  let docs: string | undefined;
  for (const { header } of files) {
    if (header === undefined) continue;
    if (id === undefined) id = header.id;
    else if (packageNameText(id) !== packageNameText(header.id))
      throw new WitError(
        `package identifier \`${packageNameText(header.id)}\` does not match previous package name of ` +
          `\`${packageNameText(id)}\``,
        header.id.span,
      );
    if (header.docs === undefined) continue;
    if (docs !== undefined) throw new WitError("found doc comments on multiple 'package' items", header.docsSpan);
    docs = header.docs;
  }
  if (id === undefined) throw new WitError("no `package` header was found in any WIT file for this package");
  return { id, docs };
}

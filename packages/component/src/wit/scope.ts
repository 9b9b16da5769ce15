import type { WitInterface, WitPackage, WitPackageName, WitTypeDefinition, WitWorld } from "./model.ts";
import { packageNameText } from "./model.ts";
import { type Edge, order } from "./order.ts";
import { type Span, WitError } from "./source.ts";
import type {
  FileItem,
  FileUseItem,
  Id,
  InterfaceItem,
  InterfaceMember,
  PackageId,
  Path,
  WorldItem,
  WorldMember,
} from "./syntax.ts";

/** A package with its files, before its names are resolved. */
export interface PackageSyntax {
  readonly name: WitPackageName;
  readonly span: Span;
  readonly docs: string | undefined;
  readonly files: readonly (readonly FileItem[])[];
}

/** What a file calls an interface or world. */
type FileName =
  | { readonly kind: "own"; readonly item: PackageItem }
  | { readonly kind: "use"; readonly use: FileUseItem };

/** An interface or world of a package, and the names of the file that it is in. */
export interface PackageItem {
  readonly syntax: InterfaceItem | WorldItem;
  readonly file: ReadonlyMap<string, FileName>;
}

/** An interface or world that a path leads to: in the same package by its syntax, or in another one by its name. */
export type PathTarget =
  | { readonly kind: "local"; readonly item: PackageItem }
  | { readonly kind: "foreign"; readonly package: PackageId; readonly id: Id };

/** A path as it is used: the place for errors, and what the use demands. */
interface PathUse {
  readonly path: Path;
  readonly wants: "interface" | "world";
}

/** The interfaces and worlds of one package by name, and how the paths in its files lead to them. */
export class PackageScope {
  readonly items: Map<string, PackageItem> = new Map();
  private readonly files: { readonly items: readonly FileItem[]; readonly names: Map<string, FileName> }[] = [];

  /** @throws WitError for names that are given twice */
  constructor(syntax: PackageSyntax) {
    for (const items of syntax.files) {
      const names = new Map<string, FileName>();
      this.files.push({ items, names });
      for (const item of items) {
        if (item.kind === "package")
          throw new WitError("nested packages must be placed at the top-level", item.id.span);
        const id = item.kind === "file use" ? (item.as ?? item.path.id) : item.id;
        let entry: FileName;
        if (item.kind === "file use") entry = { kind: "use", use: item };
        else {
          if (this.items.has(id.name)) throw new WitError(`duplicate item named \`${id.name}\``, id.span);
          const made: PackageItem = { syntax: item, file: names };
          this.items.set(id.name, made);
          entry = { kind: "own", item: made };
        }
        if (names.has(id.name)) throw new WitError(`duplicate name \`${id.name}\` in this file`, id.span);
        names.set(id.name, entry);
      }
    }
    for (const { items, names } of this.files)
      for (const item of items) if (item.kind === "file use") this.resolve(item.path, names, item);
  }

  /** Where a path leads from a file. @throws WitError when there is nothing of that name */
  resolve(path: Path, file: ReadonlyMap<string, FileName>, within?: FileUseItem): PathTarget {
    const seen = new Set<FileUseItem | undefined>([within]);
    let current = path;
    for (;;) {
      if (current.package !== undefined) return { kind: "foreign", package: current.package, id: current.id };
      const own = file.get(current.id.name);
      if (own?.kind === "own") return { kind: "local", item: own.item };
      if (own !== undefined && !seen.has(own.use)) {
        seen.add(own.use);
        current = own.use.path;
        continue;
      }
      const item = this.items.get(current.id.name);
      if (item !== undefined) return { kind: "local", item };
      throw new WitError(`interface or world \`${path.id.name}\` does not exist`, path.id.span);
    }
  }

  /** As {@link resolve}, with the kind that is needed. */
  resolveAs(path: Path, wants: "interface" | "world", file: ReadonlyMap<string, FileName>): PathTarget {
    const target = this.resolve(path, file);
    if (target.kind === "local" && target.item.syntax.kind !== wants) {
      const kind = target.item.syntax.kind;
      const a = (noun: string): string => (noun === "interface" ? "an interface" : "a world");
      throw new WitError(`name \`${path.id.name}\` is defined as ${a(kind)}, not ${a(wants)}`, path.id.span);
    }
    return target;
  }

  /**
   * The names of the package's interfaces and worlds, each after those that it depends on.
   *
   * @throws WitError for paths that lead nowhere or to the wrong kind, and for cycles
   */
  ordered(): string[] {
    const edges = new Map<string, Edge<undefined>[]>();
    for (const [name, { syntax, file }] of this.items) {
      const list: Edge<undefined>[] = [];
      edges.set(name, list);
      for (const { path, wants } of pathsOf(syntax)) {
        const target = this.resolveAs(path, wants, file);
        if (target.kind === "local") list.push({ to: target.item.syntax.id.name, place: undefined });
      }
    }
    const sorted = order(edges);
    if (Array.isArray(sorted)) return sorted;
    const { to } = sorted.edge;
    const { syntax } = this.items.get(to) as PackageItem;
    throw new WitError(`interface or world \`${to}\` depends on itself`, syntax.id.span);
  }

  /**
   * The interfaces and worlds of other packages that this one names, in the order of the text.
   *
   * @throws WitError for a name that is used both as an interface and as a world
   */
  foreign(): { readonly package: PackageId; readonly id: Id; readonly wants: "interface" | "world" }[] {
    const found: { package: PackageId; id: Id; wants: "interface" | "world" }[] = [];
    const kinds = new Map<string, "interface" | "world">();
    const add = (path: Path, wants: "interface" | "world"): void => {
      if (path.package === undefined) return;
      const key = `${packageNameText(path.package)}/${path.id.name}`;
      const before = kinds.get(key);
      if (before !== undefined && before !== wants) {
        const [is, not] = wants === "world" ? ["an interface", "a world"] : ["a world", "an interface"];
        throw new WitError(`name \`${path.id.name}\` is defined as ${is}, not ${not}`, path.id.span);
      }
      if (before !== undefined) return;
      kinds.set(key, wants);
      found.push({ package: path.package, id: path.id, wants });
    };
    for (const { items } of this.files)
      for (const item of items) {
        if (item.kind === "file use") add(item.path, "interface");
        else if (item.kind !== "package") for (const { path, wants } of pathsOf(item)) add(path, wants);
      }
    return found;
  }
}

/** All paths in an interface or world. */
function* pathsOf(item: InterfaceItem | WorldItem): Iterable<PathUse> {
  for (const member of item.members as readonly (InterfaceMember | WorldMember)[])
    switch (member.kind) {
      case "use":
        yield { path: member.path, wants: "interface" };
        break;
      case "include":
        yield { path: member.path, wants: "world" };
        break;
      case "extern":
        if (member.value.kind === "path") yield { path: member.value.path, wants: "interface" };
        if (member.value.kind === "interface")
          for (const inner of member.value.members)
            if (inner.kind === "use") yield { path: inner.path, wants: "interface" };
        break;
    }
}

/**
 * Finds an interface or world of another package.
 *
 * @param excluded what features exclude. A name that stands for such an item of the other kind leads to an empty one that is excluded too,
 * since nothing that is there can use it.
 * @throws WitError when it is not there
 */
export function findForeign(
  packages: ReadonlyMap<string, WitPackage>,
  { package: id, id: { name, span } }: { readonly package: PackageId; readonly id: Id },
  wants: "interface" | "world",
  excluded: Set<WitInterface | WitWorld | WitTypeDefinition>,
): WitInterface | WitWorld {
  const text = packageNameText(id);
  const found = packages.get(text);
  if (found === undefined) {
    const known = [...packages.keys()].map((name) => `\n    ${name}`).join("");
    throw new WitError(`package '${text}' not found${known === "" ? "" : `. known packages:${known}`}`, id.span);
  }
  const [right, wrong] = wants === "interface" ? [found.interfaces, found.worlds] : [found.worlds, found.interfaces];
  const item = right.get(name);
  if (item !== undefined) return item;
  const other = wrong.get(name);
  if (other === undefined || !excluded.has(other))
    throw new WitError(`${wants} '${name}' not found in package '${text}'`, span);
  const nothing = { name, package: found.name, docs: undefined, stability: undefined };
  const made: WitInterface | WitWorld =
    wants === "interface"
      ? { kind: "interface", ...nothing, types: new Map(), functions: new Map() }
      : { kind: "world", ...nothing, imports: new Map(), exports: new Map() };
  excluded.add(made);
  return made;
}

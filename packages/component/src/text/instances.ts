import { TOKEN } from "@wardian/runtime/internal";
import type {
  CoreInlineExport,
  CoreInstantiateArgument,
  Definition,
  InlineExport,
  InstantiateArgument,
} from "../model/definitions.ts";
import type { CoreSortIndex } from "../model/sorts.ts";
import type { ComponentText } from "./reader.ts";
import { noIdentifier } from "./scope.ts";

/** A core definition with its sort, without the word `core`. */
function coreSortIndex(text: ComponentText): CoreSortIndex {
  const { cursor } = text;
  if (cursor.kind() !== TOKEN.open) cursor.unexpected("(func, (memory or another core sort");
  cursor.pos++;
  const sort = text.coreSort();
  return { sort, index: text.indexBehind(`core ${sort}`) };
}

function parseCoreExports(text: ComponentText): CoreInlineExport[] {
  const { cursor } = text;
  const exports: CoreInlineExport[] = [];
  while (cursor.takeOpen("export")) {
    exports.push({ name: cursor.name("the name of an export"), value: coreSortIndex(text) });
    cursor.close();
  }
  return exports;
}

/** Whether an instance that is written out comes next: `(instance` with exports, or with nothing. */
function isInlineInstance(text: ComponentText): boolean {
  const { cursor } = text;
  const { pos } = cursor;
  return cursor.isOpen("instance") && (cursor.isOpen("export", pos + 2) || cursor.kind(pos + 2) === TOKEN.close);
}

/** What follows `(core instance $id?`. */
export function parseCoreInstance(text: ComponentText, at: number): Definition {
  const { cursor, scope } = text;
  if (!cursor.takeOpen("instantiate"))
    return { kind: "core instance", at, from: "exports", exports: parseCoreExports(text) };
  const module = text.index("core module", cursor.isOpen("core"));
  const args: CoreInstantiateArgument[] = [];
  while (cursor.takeOpen("with")) {
    const name = cursor.name("the name of an argument");
    if (isInlineInstance(text)) {
      const place = text.at;
      cursor.pos += 2;
      const exports = parseCoreExports(text);
      cursor.close();
      const definition = { kind: "core instance", at: place, from: "exports", exports } as const;
      args.push({
        name,
        value: { sort: "instance", index: scope.add(cursor, "core instance", noIdentifier, definition) },
      });
    } else args.push({ name, value: coreSortIndex(text) });
    cursor.close();
  }
  cursor.close();
  return { kind: "core instance", at, from: "instantiate", module, args };
}

function parseExports(text: ComponentText): InlineExport[] {
  const { cursor } = text;
  const exports: InlineExport[] = [];
  while (cursor.takeOpen("export")) {
    exports.push({ name: text.externName(), value: text.sortIndex() });
    cursor.close();
  }
  return exports;
}

/** What follows `(instance $id?`. */
export function parseInstance(text: ComponentText, at: number): Definition {
  const { cursor, scope } = text;
  if (!cursor.takeOpen("instantiate")) return { kind: "instance", at, from: "exports", exports: parseExports(text) };
  const component = text.index("component");
  const args: InstantiateArgument[] = [];
  while (cursor.takeOpen("with")) {
    const name = cursor.name("the name of an argument");
    if (isInlineInstance(text)) {
      const place = text.at;
      cursor.pos += 2;
      const exports = parseExports(text);
      cursor.close();
      const definition = { kind: "instance", at: place, from: "exports", exports } as const;
      args.push({ name, value: { sort: "instance", index: scope.add(cursor, "instance", noIdentifier, definition) } });
    } else args.push({ name, value: text.sortIndex() });
    cursor.close();
  }
  cursor.close();
  return { kind: "instance", at, from: "instantiate", component, args };
}

import { Writer } from "@wardian/runtime/internal";
import { NAME_SECTION } from "../binary/opcodes.ts";
import { writeSort } from "../binary/write-parts.ts";
import type { Sort } from "../model/sorts.ts";

/** The section that names the definitions of a component (Binary, "Name Section"). @returns undefined when there are no names */
export function nameSection(
  component: string | undefined,
  labels: ReadonlyMap<Sort, ReadonlyMap<number, string>>,
): { readonly name: string; readonly bytes: Uint8Array } | undefined {
  if (component === undefined && labels.size === 0) return undefined;
  const writer = new Writer();
  if (component !== undefined) {
    writer.u8(NAME_SECTION.component);
    writer.sized(() => writer.name(component));
  }
  for (const [sort, names] of labels) {
    writer.u8(NAME_SECTION.sort);
    writer.sized(() => {
      writeSort(writer, sort);
      const sorted = [...names].sort(([a], [b]) => a - b);
      writer.vector(sorted, (_, [index, name]) => {
        writer.u32(index);
        writer.name(name);
      });
    });
  }
  return { name: NAME_SECTION.name, bytes: writer.finish() };
}

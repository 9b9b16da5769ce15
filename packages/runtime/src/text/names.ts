import { type IndirectNameMap, type NameMap, type NameSection, noNames } from "../binary/names.ts";

/** Names as a text gives them one by one. */
export type NameBuilder = {
  -readonly [Key in keyof NameSection]: NameSection[Key] extends IndirectNameMap
    ? Map<number, Map<number, string>>
    : NameSection[Key] extends NameMap
      ? Map<number, string>
      : NameSection[Key];
};

export function emptyNames(): NameBuilder {
  return noNames() as NameBuilder;
}

/** Gives member `index` of `outer` a name. */
export function setIndirect(map: Map<number, Map<number, string>>, outer: number, index: number, name: string): void {
  let inner = map.get(outer);
  if (inner === undefined) map.set(outer, (inner = new Map()));
  inner.set(index, name);
}

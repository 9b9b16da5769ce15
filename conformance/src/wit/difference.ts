import type { Fact } from "./facts.ts";

/** The first place where two facts differ, with what both say there; undefined when they are equal. */
export function difference(left: Fact | undefined, right: Fact | undefined, path = ""): string | undefined {
  if (left === right) return undefined;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return `${path}: ${JSON.stringify(left)} instead of ${JSON.stringify(right)}`;
  const [ours, theirs] = [left, right] as Record<string, Fact>[];
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  for (const key of keys) {
    const found = difference(
      Object.hasOwn(ours, key) ? ours[key] : undefined,
      Object.hasOwn(theirs, key) ? theirs[key] : undefined,
      `${path}/${key}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

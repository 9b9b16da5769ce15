/** A reference from an item to another one of the same scope. */
export interface Edge<Place> {
  readonly to: string;
  readonly place: Place;
}

/** An item that depends on itself: what it depends on, and where. */
export interface Cycle<Place> {
  readonly name: string;
  readonly edge: Edge<Place>;
}

/**
 * Orders items so that each comes after those that it depends on, otherwise as they are given. Linear in items and edges.
 *
 * @param edges for each item what it depends on; names that are no items are passed over
 * @returns the order, or the first item that cannot be ordered
 */
export function order<Place>(edges: ReadonlyMap<string, readonly Edge<Place>[]>): string[] | Cycle<Place> {
  const missing = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const [name, list] of edges) {
    let count = 0;
    for (const { to } of list) {
      if (!edges.has(to)) continue;
      count++;
      const known = dependents.get(to);
      if (known === undefined) dependents.set(to, [name]);
      else known.push(name);
    }
    missing.set(name, count);
  }
  const done = new Set<string>();
  const sorted: string[] = [];
  for (const start of edges.keys()) {
    const ready = missing.get(start) === 0 && !done.has(start) ? [start] : [];
    for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
      done.add(name);
      sorted.push(name);
      for (const dependent of (dependents.get(name) ?? []).reverse()) {
        const left = (missing.get(dependent) as number) - 1;
        missing.set(dependent, left);
        if (left === 0) ready.push(dependent);
      }
    }
  }
  if (sorted.length === edges.size) return sorted;
  // What is left depends on a cycle or is in one. Following what each depends on ends in one.
  const seen = new Set<string>();
  let name = [...edges.keys()].find((key) => !done.has(key)) as string;
  for (;;) {
    const edge = edges.get(name)?.find(({ to }) => edges.has(to) && !done.has(to)) as Edge<Place>;
    if (seen.has(name)) return { name, edge };
    seen.add(name);
    name = edge.to;
  }
}

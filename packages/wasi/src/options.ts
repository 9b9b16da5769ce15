/** All names that an options object may have. A name that is missing here, or is no member of `T`, does not compile. */
export type OptionNames<T> = { readonly [K in keyof Required<T>]: true };

/** Objects that {@link readOptions} returned: they are handed on without being read again. */
const known = new WeakSet<object>();

/**
 * Reads an options object: its own properties, each once, into a frozen object without a prototype. A member that is
 * undefined counts as absent.
 *
 * @param what whose options they are, for messages
 * @param names the names that there are
 * @throws TypeError for what is no object, and for an option that is not known or inherited
 */
export function readOptions<T extends object>(what: string, names: OptionNames<T>, options: T | undefined): T {
  const read: Record<string, unknown> = Object.create(null);
  if (options !== undefined) {
    if (typeof options !== "object" || options === null)
      throw new TypeError(
        `${what}: expected an object with options, not ${options === null ? "null" : typeof options}`,
      );
    if (known.has(options)) return options;
    for (const name of Object.getOwnPropertyNames(options)) {
      if (!Object.hasOwn(names, name))
        throw new TypeError(`${what}: unknown option "${name}"; ${explain(name, Object.keys(names))}`);
      const value = (options as Readonly<Record<string, unknown>>)[name];
      if (value !== undefined) read[name] = value;
    }
    refuseInherited(what, names, options);
  }
  known.add(read);
  return Object.freeze(read) as T;
}

/** An option of a prototype would be ignored in silence. What the program did to `Object.prototype` is no option. */
function refuseInherited(what: string, names: object, options: object): void {
  for (
    let at: object | null = Object.getPrototypeOf(options);
    at !== null && Object.getPrototypeOf(at) !== null;
    at = Object.getPrototypeOf(at)
  )
    for (const name of Object.keys(names))
      if (Object.hasOwn(at, name) && !Object.hasOwn(options, name))
        throw new TypeError(`${what}: the option "${name}" is inherited; options are own properties of their object`);
}

let explain = (_name: string, names: readonly string[]): string => `known are ${names.join(", ")}`;

/** Has messages on unknown options name the nearest one. Bundles in which every kilobyte counts do without. */
export function useSuggestions(): void {
  explain = suggestion;
}

/** What to write in place of a name that is not known: the nearest name, and all of them. */
export function suggestion(name: string, names: readonly string[]): string {
  let nearest = names[0];
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of names) {
    const [word, known] = [name.slice(0, 64).toLowerCase(), candidate.toLowerCase()];
    // The beginning of a name is likelier to be meant than a word of the same length.
    const steps = word !== "" && known.startsWith(word) ? 1 : distance(word, known);
    if (steps < least) [nearest, least] = [candidate, steps];
  }
  return `did you mean "${nearest}"? Known are ${names.join(", ")}`;
}

/** Letters to add, drop, replace or swap with a neighbour until one word is the other (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      let steps = Math.min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] === b[j] ? 0 : 1));
      if (i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j]) steps = Math.min(steps, before[j - 1] + 1);
      row.push(steps);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}

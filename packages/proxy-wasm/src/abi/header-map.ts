import { MAX_PAIRS, MAX_PAIRS_BYTES } from "./constants.ts";
import type { Pair } from "./pairs.ts";

/**
 * Headers or trailers in the order in which they came: names in lower case, each as often as it came, values as byte strings.
 * HTTP's pseudo-headers (`:method`, `:path`, `:authority`, `:scheme`, `:status`) are members like any other.
 */
export class HeaderMap {
  private list: Pair[];
  /** Whether it has been changed since it was made, or since somebody set this back. */
  modified = false;

  /** @param pairs names are taken to be in lower case already; the map owns the array from here on */
  constructor(pairs: Pair[] = []) {
    this.list = pairs;
  }

  /** Makes a map of pairs whose names may be in any case. */
  static from(pairs: Iterable<readonly [string, string]>): HeaderMap {
    const map = new HeaderMap();
    for (const [name, value] of pairs) map.add(name, value);
    map.modified = false;
    return map;
  }

  get size(): number {
    return this.list.length;
  }

  /** Bytes of all names and values: what Envoy calls a map's size. */
  get byteSize(): number {
    let size = 0;
    for (const [name, value] of this.list) size += name.length + value.length;
    return size;
  }

  /** Whether a plugin may add a pair of so many bytes. */
  hasRoom(bytes: number): boolean {
    return this.list.length < MAX_PAIRS && this.byteSize + bytes <= MAX_PAIRS_BYTES;
  }

  /** The pairs; not to be changed, and not to be kept over a change of the map. */
  get pairs(): readonly Pair[] {
    return this.list;
  }

  /** The first value of a name in lower case. */
  get(name: string): string | undefined {
    for (const pair of this.list) if (pair[0] === name) return pair[1];
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  add(name: string, value: string): void {
    this.modified = true;
    this.list.push([name.toLowerCase(), value]);
  }

  /** Sets a name to one value, where it first stood. */
  replace(name: string, value: string): void {
    this.modified = true;
    name = name.toLowerCase();
    const { list } = this;
    const first = list.findIndex((pair) => pair[0] === name);
    if (first < 0) {
      list.push([name, value]);
      return;
    }
    list[first] = [name, value];
    for (let i = list.length - 1; i > first; i--) if (list[i][0] === name) list.splice(i, 1);
  }

  remove(name: string): void {
    this.modified = true;
    name = name.toLowerCase();
    const { list } = this;
    for (let i = list.length - 1; i >= 0; i--) if (list[i][0] === name) list.splice(i, 1);
  }

  /** Clears the map and adds all pairs. */
  assign(pairs: Iterable<Pair>): void {
    this.modified = true;
    const list: Pair[] = [];
    for (const [name, value] of pairs) list.push([name.toLowerCase(), value]);
    this.list = list;
  }

  clone(): HeaderMap {
    return new HeaderMap(this.list.slice());
  }

  [Symbol.iterator](): Iterator<Pair> {
    return this.list[Symbol.iterator]();
  }
}

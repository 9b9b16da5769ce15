import type { Context } from "./context.ts";

/**
 * The contexts of a VM by their numbers. In a `Map`, whose entries are copied to a new table again and again as streams come and go,
 * each old table that the collector has not come by yet keeps alive what it names: whole requests, long after their end.
 */
export class ContextTable {
  /** Heads of chains; their number is a power of two. */
  private buckets: (Context | undefined)[] = new Array(16).fill(undefined);
  private size = 0;

  get(id: number): Context | undefined {
    let context = this.buckets[id & (this.buckets.length - 1)];
    while (context !== undefined && context.id !== id) context = context.nextInTable;
    return context;
  }

  add(context: Context): void {
    if (this.size === this.buckets.length) this.grow();
    this.size++;
    this.insert(context);
  }

  private insert(context: Context): void {
    const at = context.id & (this.buckets.length - 1);
    context.nextInTable = this.buckets[at];
    this.buckets[at] = context;
  }

  /** Does nothing for one that is not there. */
  delete(context: Context): void {
    const at = context.id & (this.buckets.length - 1);
    let before: Context | undefined;
    let now = this.buckets[at];
    while (now !== undefined && now !== context) {
      before = now;
      now = now.nextInTable;
    }
    if (now === undefined) return;
    if (before === undefined) this.buckets[at] = context.nextInTable;
    else before.nextInTable = context.nextInTable;
    context.nextInTable = undefined;
    this.size--;
  }

  /** Takes all out. @returns them by their numbers */
  clear(): Context[] {
    const all = this.all();
    for (const context of all) context.nextInTable = undefined;
    this.buckets.fill(undefined);
    this.size = 0;
    return all.sort((a, b) => a.id - b.id);
  }

  private all(): Context[] {
    const all: Context[] = [];
    for (const head of this.buckets)
      for (let context = head; context !== undefined; context = context.nextInTable) all.push(context);
    return all;
  }

  private grow(): void {
    const all = this.all();
    const old = this.buckets;
    this.buckets = new Array(old.length * 2).fill(undefined);
    old.fill(undefined);
    for (const context of all) this.insert(context);
  }
}

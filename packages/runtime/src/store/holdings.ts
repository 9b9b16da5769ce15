import { LinkError } from "./trap.ts";

/** How much of the resource an object had when it was last looked at. */
interface Share {
  size: number;
}

/**
 * What the instances of a budget hold of one resource, bytes or elements, under one limit. An object that several instances have counts once, and
 * until JavaScript has collected it; on a platform that does not tell, for ever. No object is kept from being collected.
 */
export class Holdings<T extends object> {
  readonly limit: number;
  /** What is held now. */
  held = 0;
  private readonly shares: WeakMap<T, Share> = new WeakMap();
  private readonly collected: FinalizationRegistry<Share> | undefined;

  constructor(limit: number) {
    this.limit = limit;
    if (typeof FinalizationRegistry === "function")
      this.collected = new FinalizationRegistry((share) => {
        this.held -= share.size;
      });
  }

  /** Whether an object is counted. */
  has(object: T): boolean {
    return this.shares.has(object);
  }

  /** Counts an object, or its change of size. */
  count(object: T, size: number): void {
    let share = this.shares.get(object);
    if (share === undefined) {
      share = { size: 0 };
      this.shares.set(object, share);
      this.collected?.register(object, share);
    }
    this.held += size - share.size;
    share.size = size;
  }

  /** The greatest size that a counted object of this size may have. */
  most(object: T, size: number): number {
    this.count(object, size);
    return this.limit - this.held + size;
  }

  /** @throws LinkError unless `size` more fits. */
  require(size: number, what: string, unit: string): void {
    if (this.held + size > this.limit)
      throw new LinkError(
        `the module's ${what} need ${size} ${unit} at once, and the budget has ${Math.max(0, this.limit - this.held)} of ${this.limit} left`,
      );
  }
}

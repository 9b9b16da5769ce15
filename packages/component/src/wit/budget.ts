import { WitError } from "./source.ts";

/** The most items that a resolution may have: members of worlds after `include` and after implicit imports, and types in them. */
const MOST_ITEMS = 1 << 18;

/**
 * Counts what a resolution makes. A world holds what it includes, so a chain of worlds has a size that is the square of its text's;
 * beyond the bound the resolution ends with an error.
 */
export class Budget {
  private left = MOST_ITEMS;

  /** @throws WitError when there are too many items */
  spend(items = 1): void {
    this.left -= items;
    if (this.left < 0) throw new WitError(`the worlds have more than ${MOST_ITEMS} imports, exports and types`);
  }
}

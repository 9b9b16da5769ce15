/** A run of words in the code memory that belongs to one module: the stubs of its functions, or the code of one. */
export interface Block<Owner> {
  readonly start: number;
  readonly end: number;
  /** Undefined once nobody holds the owner any longer. */
  readonly owner: () => Owner | undefined;
  /** Index of the function, or -1 for stubs. */
  readonly index: number;
}

/** What an owner has, and how it is reached without being kept. */
interface Holding<Owner> {
  readonly owner: () => Owner | undefined;
  readonly blocks: Set<Block<Owner>>;
}

interface Range {
  start: number;
  end: number;
}

/**
 * Which words of the code memory belong to whom. The memory never moves or grows, so what is no longer needed must be found and given back:
 * the code of modules that the platform has collected comes back by itself, where the platform can tell.
 */
export class CodeMemory<Owner extends object> {
  /** In ascending order. */
  private blocks: Block<Owner>[] = [];
  private free: Range[];
  private readonly registry: { register(owner: Owner, held: Set<Block<Owner>>): void } | undefined;
  private readonly held: WeakMap<Owner, Holding<Owner>> = new WeakMap();

  /** @param start of the words that may be given away; those below are the machine's own */
  constructor(start: number, end: number) {
    this.free = [{ start, end }];
    if (typeof FinalizationRegistry === "function" && typeof WeakRef === "function")
      this.registry = new FinalizationRegistry<Set<Block<Owner>>>((blocks) =>
        this.release((block) => blocks.has(block)),
      );
  }

  /** The free range where the next function is likely to fit. */
  get likely(): Readonly<Range> {
    let best = this.free[this.free.length - 1] ?? { start: 0, end: 0 };
    for (const range of this.free) if (range.end - range.start > best.end - best.start) best = range;
    return best;
  }

  /** Reserves `words` at an even address. @returns undefined when there is no room */
  reserve(words: number, owner: Owner, index: number): Block<Owner> | undefined {
    // Constants stand at even words.
    const size = (words + 1) & ~1;
    const at = this.free.findIndex(({ start, end }) => end - start >= size);
    return at < 0 ? undefined : this.take(this.free[at], size, owner, index);
  }

  /** Reserves at the beginning of a range that {@link likely} gave. */
  reserveIn(range: Readonly<Range>, words: number, owner: Owner, index: number): Block<Owner> | undefined {
    const size = (words + 1) & ~1;
    const found = this.free.find(({ start }) => start === range.start);
    return found === undefined || found.end - found.start < size ? undefined : this.take(found, size, owner, index);
  }

  private take(range: Range, size: number, owner: Owner, index: number): Block<Owner> {
    const { start } = range;
    range.start += size;
    if (range.start === range.end) this.free.splice(this.free.indexOf(range), 1);
    const holding = this.holdingOf(owner);
    const block: Block<Owner> = { start, end: start + size, owner: holding.owner, index };
    this.blocks.splice(this.place(start) + 1, 0, block);
    holding.blocks.add(block);
    return block;
  }

  private holdingOf(owner: Owner): Holding<Owner> {
    let holding = this.held.get(owner);
    if (holding === undefined) {
      const weak = this.registry === undefined ? undefined : new WeakRef(owner);
      holding = { owner: weak === undefined ? () => owner : () => weak.deref(), blocks: new Set() };
      this.held.set(owner, holding);
      this.registry?.register(owner, holding.blocks);
    }
    return holding;
  }

  /** The place of the last block that begins at or before an address, -1 when there is none. */
  private place(address: number): number {
    const { blocks } = this;
    let low = -1;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (blocks[middle].start <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The block that an address lies in. */
  at(address: number): Block<Owner> | undefined {
    const block = this.blocks[this.place(address)];
    return block !== undefined && address < block.end ? block : undefined;
  }

  all(): readonly Block<Owner>[] {
    return this.blocks;
  }

  /** Gives back the blocks for which `which` answers true. */
  release(which: (block: Block<Owner>) => boolean): void {
    const kept: Block<Owner>[] = [];
    const free: Range[] = [...this.free];
    for (const block of this.blocks) {
      if (!which(block)) {
        kept.push(block);
        continue;
      }
      free.push({ start: block.start, end: block.end });
      const owner = block.owner();
      if (owner !== undefined) this.held.get(owner)?.blocks.delete(block);
    }
    this.blocks = kept;
    free.sort((a, b) => a.start - b.start);
    this.free = [];
    for (const range of free) {
      const last = this.free[this.free.length - 1];
      if (last !== undefined && last.end === range.start) last.end = range.end;
      else this.free.push(range);
    }
  }
}

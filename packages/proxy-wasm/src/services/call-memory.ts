import type { ByteCounter } from "../abi/byte-collector.ts";

/** Which bound of memory a call has reached. */
export type CallBound = "plugin" | "total";

/** Bounds of the bytes that calls hold together. */
export interface CallBounds {
  /** Of the calls of one plugin. */
  readonly plugin: number;
  /** Of all calls. */
  readonly total: number;
}

/** Counts the bytes that the calls of plugins hold: requests, and answers until the plugins have taken them. */
export class CallMemory {
  private readonly bounds: CallBounds;
  private readonly plugins = new Map<string, number>();
  private total = 0;

  constructor(bounds: CallBounds) {
    this.bounds = bounds;
  }

  /** All bytes that are held now. */
  get bytes(): number {
    return this.total;
  }

  /** @returns the bound that refuses the bytes, or undefined when they have been counted */
  take(owner: string, bytes: number): CallBound | undefined {
    const own = (this.plugins.get(owner) ?? 0) + bytes;
    if (own > this.bounds.plugin) return "plugin";
    if (this.total + bytes > this.bounds.total) return "total";
    this.total += bytes;
    this.plugins.set(owner, own);
    return undefined;
  }

  release(owner: string, bytes: number): void {
    const own = (this.plugins.get(owner) ?? 0) - bytes;
    this.total -= bytes;
    if (own > 0) this.plugins.set(owner, own);
    else this.plugins.delete(owner);
  }
}

/** The bytes of one call. */
export class CallAccount implements ByteCounter {
  private readonly memory: CallMemory;
  private readonly owner: string;
  private readonly refused: (bound: CallBound) => void;
  private held = 0;
  private closed = false;

  /** @param refused is told of each bound that refuses bytes of the call */
  constructor(memory: CallMemory, owner: string, refused: (bound: CallBound) => void) {
    this.memory = memory;
    this.owner = owner;
    this.refused = refused;
  }

  take(bytes: number): boolean {
    if (this.closed) return false;
    const bound = this.memory.take(this.owner, bytes);
    if (bound === undefined) this.held += bytes;
    else this.refused(bound);
    return bound === undefined;
  }

  release(bytes: number): void {
    if (this.closed) return;
    this.held -= bytes;
    this.memory.release(this.owner, bytes);
  }

  /** Releases everything. The account takes nothing more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.memory.release(this.owner, this.held);
  }
}

import { ComponentTrap } from "../trap.ts";

/** What values cost: fuel for work, and bytes of the host while they are in flight. `Budget` of `@wardian/runtime` has these. */
export interface ValueBudget {
  /** @throws Trap when the guest cannot pay or its time is over */
  charge(units: number): void;
  reserveMemory(bytes: number): boolean;
  releaseMemory(bytes: number): void;
}

/** Units of fuel that may be owed before they are charged. */
const CREDIT = 64;
/** Bytes, and parts of values, for one unit of fuel: the rates of the host functions of this project. */
const BYTES_PER_UNIT = 64;
const PARTS_PER_UNIT = 8;
/** Bytes that the budget is asked for at a time. The first of them are not counted, so that small values do not ask. */
const GRANULE = 65_536;

/**
 * Charges the lifting and lowering of values for all instances of a tree. One unit of fuel pays 64 bytes of strings and lists of
 * numbers, and 8 parts of other lists. Small amounts are owed and charged together; {@link settle} ends each direction of a call, so that
 * the same call costs the same on every engine.
 */
export class ValueMeter {
  private readonly budget: ValueBudget;
  private readonly maxBytes: number;
  private owed = 0;
  private held = 0;

  /** @param maxBytes bytes of values in flight at most, beside what the budget's memory limit allows */
  constructor(budget: ValueBudget, maxBytes: number) {
    this.budget = budget;
    this.maxBytes = maxBytes;
  }

  /** Pays for copying that many bytes, before they are copied. */
  bytes(count: number): void {
    this.owed += Math.ceil(count / BYTES_PER_UNIT);
    if (this.owed >= CREDIT) this.settle();
  }

  /** Pays for that many parts of values: a number, a record and each of its fields are one each. */
  parts(count: number): void {
    this.owed += Math.ceil(count / PARTS_PER_UNIT);
    if (this.owed >= CREDIT) this.settle();
  }

  /** Charges what is owed. */
  settle(): void {
    const { owed } = this;
    if (owed === 0) return;
    this.owed = 0;
    this.budget.charge(owed);
  }

  /** Bytes of the host that values in flight hold. */
  get inFlight(): number {
    return this.held;
  }

  /** Takes bytes of the host for a value in flight. @throws Trap when there are too many */
  hold(bytes: number): void {
    const held = this.held + bytes;
    const more = granules(held) - granules(this.held);
    if (held > this.maxBytes || (more > 0 && !this.budget.reserveMemory(more)))
      throw new ComponentTrap("host-bytes-limit");
    this.held = held;
  }

  /** Gives back all but `bytes` of what is held: what {@link inFlight} was when the call began. */
  release(bytes: number): void {
    if (this.held <= bytes) return;
    const less = granules(this.held) - granules(bytes);
    this.held = bytes;
    if (less > 0) this.budget.releaseMemory(less);
  }
}

/** Bytes that the budget is asked for in all. */
function granules(held: number): number {
  return Math.floor(held / GRANULE) * GRANULE;
}

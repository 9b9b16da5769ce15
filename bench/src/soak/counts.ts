/** What clients of a soak have sent and got back. */
export class Counts {
  requests = 0;
  /** Bodies that came back whole with the status 200 and are not what was sent. */
  wrong = 0;
  readonly faults: Record<string, number> = {};
  /** By status; `none` where a client got no status. */
  readonly answers: Record<string, number> = {};

  fault(name: string): void {
    this.faults[name] = (this.faults[name] ?? 0) + 1;
  }

  answer(status: number | undefined): void {
    const name = status === undefined || status === 0 ? "none" : String(status);
    this.answers[name] = (this.answers[name] ?? 0) + 1;
  }
}

/** Random numbers that a seed determines (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** @returns a number from 0 to 1 */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    const { state } = this;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @returns a whole number below a bound */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export const ignore = (): void => {};

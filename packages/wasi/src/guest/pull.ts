/**
 * One value at a time from something that may have to be waited for: the next bytes of an input, the next connection of a listener. What was once asked for is
 * kept until it is taken, so that a poll that asks and does not take loses nothing.
 */
export class Pull<T> {
  private readonly next: () => T | Promise<T>;
  private result: { readonly value: T } | { readonly error: unknown } | undefined;
  private pending: Promise<void> | undefined;

  constructor(next: () => T | Promise<T>) {
    this.next = next;
  }

  /** Asks, if nothing has been asked for yet. Returns whether there is something to take. */
  poll(): boolean {
    if (this.result !== undefined) return true;
    if (this.pending !== undefined) return false;
    try {
      const value = this.next();
      if (!isPromise(value)) {
        this.result = { value };
        return true;
      }
      this.pending = value.then(
        (value) => this.settle({ value }),
        (error: unknown) => this.settle({ error }),
      );
    } catch (error) {
      this.result = { error };
      return true;
    }
    return false;
  }

  /** Passes when there is something to take. */
  wait(): Promise<void> {
    return this.poll() ? Promise.resolve() : this.pending!;
  }

  /** Takes what {@link poll} has found. Throws what the source threw. */
  take(): T {
    const result = this.result!;
    this.result = undefined;
    if ("error" in result) throw result.error;
    return result.value;
  }

  /** Nothing more will be taken: what was asked for and has come, or comes yet, is handed to `drop`. */
  abandon(drop: (value: T) => void): void {
    const dropResult = (): void => {
      if (this.result !== undefined && "value" in this.result) drop(this.result.value);
      this.result = undefined;
    };
    if (this.pending === undefined) dropResult();
    else this.pending.then(dropResult);
  }

  private settle(result: { readonly value: T } | { readonly error: unknown }): void {
    this.pending = undefined;
    this.result = result;
  }
}

export function isPromise<T>(value: T | PromiseLike<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

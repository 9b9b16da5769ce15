import { WASIError } from "../errors.ts";
import type { GuestInstance } from "./instance.ts";

interface TimerHost {
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  setImmediate?(callback: () => void): unknown;
  Atomics?: typeof Atomics;
  SharedArrayBuffer?: typeof SharedArrayBuffer;
}

/** The longest time that `setTimeout` takes. */
const MOST_TIMEOUT = 0x7fff_ffff;

/**
 * How a guest waits. A call that may be suspended waits by a promise, with the event loop alive; another blocks the thread, so long as the limit allows and the platform can.
 */
export class Waiting {
  private instance: GuestInstance | undefined;
  private blockingLeft: number;
  /** What ends the sleeps that are under way. */
  private readonly wakers = new Set<() => void>();
  private isClosed = false;

  /** @param blocking milliseconds that the thread may be blocked, in sum */
  constructor(blocking: number) {
    this.blockingLeft = blocking;
  }

  attach(instance: GuestInstance): void {
    this.instance = instance;
  }

  /** Whether the present call may be suspended. */
  get suspendable(): boolean {
    return this.instance?.suspendable === true;
  }

  /** The guest is gone: nothing that it waited for matters any more. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Passes after that many milliseconds, or when {@link close} is called. */
  sleep(milliseconds: number): { done: Promise<void>; cancel(): void } {
    const host = globalThis as unknown as TimerHost;
    let cancel!: () => void;
    const done = new Promise<void>((resolve) => {
      let left = milliseconds;
      let timer: unknown;
      const next = (): void => {
        if (left <= 0) {
          cancel();
          return;
        }
        const step = Math.min(left, MOST_TIMEOUT);
        left -= step;
        timer = host.setTimeout(next, step);
      };
      cancel = () => {
        host.clearTimeout(timer);
        this.wakers.delete(cancel);
        resolve();
      };
      this.wakers.add(cancel);
      next();
    });
    return { done, cancel };
  }

  /** Passes when the event loop has had a turn. */
  turn(): Promise<void> {
    const host = globalThis as unknown as TimerHost;
    return new Promise((resolve) => {
      if (host.setImmediate !== undefined) host.setImmediate(resolve);
      else host.setTimeout(resolve, 0);
    });
  }

  /**
   * Blocks the thread for that many milliseconds.
   *
   * @throws WASIError `timedout` when the limit is reached, `notsup` where the platform cannot block
   */
  block(milliseconds: number): void {
    const host = globalThis as unknown as TimerHost;
    if (host.Atomics === undefined || host.SharedArrayBuffer === undefined) {
      throw new WASIError("notsup", "this platform cannot block; call the guest asynchronously");
    }
    const time = Math.min(milliseconds, this.blockingLeft);
    if (time > 0) {
      this.blockingLeft -= time;
      try {
        host.Atomics.wait(new Int32Array(new host.SharedArrayBuffer(4)), 0, 0, time);
      } catch {
        // A browser's main thread must not block.
        throw new WASIError("notsup", "this thread cannot block; call the guest asynchronously");
      }
    }
    if (time < milliseconds) throw new WASIError("timedout", "the guest has blocked its host for as long as it may");
  }

  /** Ends all sleeps, so that no timer of a guest that is gone keeps the host alive. */
  close(): void {
    this.isClosed = true;
    for (const wake of this.wakers) wake();
  }
}

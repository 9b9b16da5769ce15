/** What the core uses of its platform beyond ECMAScript, each probed when it is first needed: some platforms lack some of it. */
interface HostGlobals {
  readonly performance?: { now(): number };
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly setTimeout?: (callback: () => void, milliseconds: number) => unknown;
  readonly setInterval?: (callback: () => void, milliseconds: number) => unknown;
  readonly clearInterval?: (timer: unknown) => void;
  readonly MessageChannel?: new () => {
    readonly port1: { onmessage: (() => void) | null; close?: () => void; unref?: () => void };
    readonly port2: { postMessage(message: unknown): void };
  };
}

const host = globalThis as unknown as HostGlobals;

/** Milliseconds on a clock that does not go backwards, where the platform has one. */
export function hostNow(): number {
  return host.performance === undefined ? Date.now() : host.performance.now();
}

/**
 * Lets the event loop run: resolves after timers, sockets and other tasks that are due had their turn.
 * On a platform without tasks of any kind this is a microtask only.
 */
export function yieldToHost(): Promise<void> {
  return new Promise((resolve) => {
    if (host.setImmediate !== undefined) host.setImmediate(resolve);
    else if (host.MessageChannel !== undefined) {
      const channel = new host.MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close?.();
        resolve();
      };
      channel.port2.postMessage(undefined);
    } else if (host.setTimeout !== undefined) host.setTimeout(resolve, 0);
    else resolve();
  });
}

const HOUR = 3_600_000;

/** A promise that the platform's process waits for: some end when nothing but another thread's word is awaited. */
export function keepAlive<T>(promise: Promise<T>): Promise<T> {
  const timer = host.setInterval?.(() => {}, HOUR);
  return promise.finally(() => host.clearInterval?.(timer));
}

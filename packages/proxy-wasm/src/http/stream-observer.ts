/** A callback of a stream's plugin that has ended. */
export interface ObservedCallback {
  /** The plugin's name. */
  readonly plugin: string;
  /** Such as `proxy_on_request_headers`. */
  readonly callback: string;
  /** Milliseconds since 1970, with their fractions. */
  readonly started: number;
  /** Milliseconds since 1970, with their fractions. */
  readonly ended: number;
  /** Why the plugin failed in it; undefined when it did not. */
  readonly failure: string | undefined;
}

/** Hears of the callbacks of a stream's plugins, as traces need it. */
export interface StreamObserver {
  callback(call: ObservedCallback): void;
}

/** Milliseconds since 1970 of the steady clock that callbacks are timed by. */
export const steadyNow = (): number => performance.timeOrigin + performance.now();

import type { StreamLimits } from "./limits.ts";

/** Why the time of a request was over. */
export type Timeout = "stream_idle_timeout" | "request_overall_timeout" | "max_duration_timeout" | "response_timeout";

/** What a clock sees of a request. */
export interface TimedExchange {
  /** A number that is another one whenever a byte of the request or its response has moved. */
  progress(): number;
  /** Whether all of the request has arrived. */
  complete(): boolean;
  /** Ends the request. Called again, with what has been tried before counted, until the request is over. */
  expire(timeout: Timeout, attempt: number): void;
}

/** Looks within the shortest of a request's times. Milliseconds. */
const LOOKS = 8;
const MIN_INTERVAL = 5;
const MAX_INTERVAL = 1_000;
/** Milliseconds between two attempts to end a request. */
const ATTEMPT = 1_000;

/** The times of one request. */
export class StreamTimes {
  readonly limits: StreamLimits;
  /** Milliseconds for the response, from when all of the request has arrived; 0 for none, or none yet. */
  routeTimeout = 0;
  /** Milliseconds without a byte: the route's own, or the listener's. */
  idleTimeout: number;
  /** The time when the router had the request and all of it had arrived; undefined before. */
  private routed: number | undefined = undefined;
  private readonly exchange: TimedExchange;
  private readonly started: number;
  private seen = Number.NaN;
  private moved: number;
  private expired: Timeout | undefined = undefined;
  private attempts = 0;
  private nextAttempt = 0;

  constructor(exchange: TimedExchange, limits: StreamLimits, now: number) {
    this.exchange = exchange;
    this.limits = limits;
    this.idleTimeout = limits.idle;
    this.started = now;
    this.moved = now;
  }

  /** Milliseconds between two looks that find the end of its times well enough. */
  get interval(): number {
    const { limits, routeTimeout, idleTimeout } = this;
    const times = [limits.request, limits.duration, routeTimeout, idleTimeout].filter((time) => time > 0);
    return Math.min(MAX_INTERVAL, Math.max(MIN_INTERVAL, Math.min(...times) / LOOKS));
  }

  look(now: number): void {
    this.expired ??= this.over(now);
    if (this.expired === undefined || now < this.nextAttempt) return;
    this.nextAttempt = now + ATTEMPT;
    this.exchange.expire(this.expired, this.attempts++);
  }

  private over(now: number): Timeout | undefined {
    const { exchange, limits } = this;
    const progress = exchange.progress();
    if (progress !== this.seen) {
      this.seen = progress;
      this.moved = now;
    }
    if (limits.duration > 0 && now - this.started >= limits.duration) return "max_duration_timeout";
    const complete = exchange.complete();
    if (!complete && limits.request > 0 && now - this.started >= limits.request) return "request_overall_timeout";
    if (complete && this.routeTimeout > 0) {
      this.routed ??= now;
      if (now - this.routed >= this.routeTimeout) return "response_timeout";
    }
    if (this.idleTimeout > 0 && now - this.moved >= this.idleTimeout) return "stream_idle_timeout";
    return undefined;
  }
}

/**
 * One timer for the times of all requests: it looks at each request now and then, so that a request costs no timer and a
 * byte costs nothing. Times are found over at most an eighth of the shortest of them late, or a second.
 *
 * While the process stands still, the clock does too: the bytes that have come meanwhile have not been seen yet.
 */
export class StreamClock {
  private readonly streams = new Set<StreamTimes>();
  private timer: ReturnType<typeof setInterval> | undefined = undefined;
  private interval = Number.POSITIVE_INFINITY;
  private time = 0;
  private looked = 0;

  private get now(): number {
    return this.time + Math.min(performance.now() - this.looked, 2 * this.interval);
  }

  add(exchange: TimedExchange, limits: StreamLimits): StreamTimes {
    if (this.timer === undefined) this.looked = performance.now();
    const times = new StreamTimes(exchange, limits, this.timer === undefined ? this.time : this.now);
    this.streams.add(times);
    this.timed(times);
    return times;
  }

  /** The times of a request have become others. */
  timed(times: StreamTimes): void {
    const { interval } = times;
    if (interval >= this.interval) return;
    if (this.timer !== undefined) this.look();
    clearInterval(this.timer);
    this.interval = interval;
    this.timer = setInterval(() => this.look(), interval).unref();
  }

  delete(times: StreamTimes): void {
    this.streams.delete(times);
  }

  private look(): void {
    this.time = this.now;
    this.looked = performance.now();
    if (this.streams.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      this.interval = Number.POSITIVE_INFINITY;
      return;
    }
    for (const times of this.streams) {
      try {
        times.look(this.time);
      } catch {
        // An error of one request must not take the time from the others: its connection has ended.
        this.streams.delete(times);
      }
    }
  }
}

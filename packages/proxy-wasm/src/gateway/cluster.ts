import { Pool } from "undici";
import { CircuitBreaker, type Overflow } from "./circuit-breaker.ts";
import type { ClusterConfig } from "./config.ts";

/** One server of a cluster. */
export class Endpoint {
  readonly origin: string;
  readonly pool: Pool;
  /** Until when it gets no requests, since it could not be reached, in milliseconds of `Date.now()`. */
  private avoidUntil = 0;
  private failures = 0;
  /** What the last check of its health said. */
  healthy = true;

  constructor(origin: string, connectTimeout: number) {
    this.origin = origin;
    // The times of requests are the gateway's (see StreamClock).
    this.pool = new Pool(origin, { connect: { timeout: connectTimeout }, headersTimeout: 0, bodyTimeout: 0 });
  }

  get available(): boolean {
    return this.healthy && Date.now() >= this.avoidUntil;
  }

  /** It could not be reached: for a while others are asked, the longer the more often it happens. */
  failed(): void {
    this.failures++;
    this.avoidUntil = Date.now() + Math.min(1_000 * 2 ** (this.failures - 1), 30_000);
  }

  succeeded(): void {
    this.failures = 0;
    this.avoidUntil = 0;
  }
}

/** Servers that can stand for each other: asked in turn, as far as they are there. */
export class Cluster {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  readonly breaker: CircuitBreaker;
  private next = 0;
  private readonly timer: ReturnType<typeof setInterval> | undefined;

  /** @param overflowed called each time the cluster has reached a limit */
  constructor(config: ClusterConfig, overflowed: (limit: Overflow) => void) {
    this.name = config.name;
    this.endpoints = config.endpoints.map((origin) => new Endpoint(origin, config.connectTimeout));
    this.breaker = new CircuitBreaker(config.circuitBreakers, overflowed);
    const { health } = config;
    if (health === undefined) return;
    const check = (): void => {
      for (const endpoint of this.endpoints) void this.check(endpoint, health.path, health.interval);
    };
    check();
    this.timer = setInterval(check, health.interval);
    this.timer.unref();
  }

  private async check(endpoint: Endpoint, path: string, timeout: number): Promise<void> {
    try {
      const { statusCode, body } = await endpoint.pool.request({ path, method: "GET", headersTimeout: timeout });
      await body.dump();
      endpoint.healthy = statusCode < 500;
      if (endpoint.healthy) endpoint.succeeded();
    } catch {
      endpoint.healthy = false;
    }
  }

  /** The next server that is there; when none is, the next one whatever is known of it, since what is known may be old. */
  choose(): Endpoint {
    const { endpoints } = this;
    for (let i = 0; i < endpoints.length; i++) {
      const endpoint = endpoints[(this.next + i) % endpoints.length];
      if (!endpoint.available) continue;
      this.next = (this.next + i + 1) % endpoints.length;
      return endpoint;
    }
    return endpoints[this.next++ % endpoints.length];
  }

  /** Closes connections once what is under way on them has ended. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.endpoints.map(({ pool }) => pool.close()));
  }
}

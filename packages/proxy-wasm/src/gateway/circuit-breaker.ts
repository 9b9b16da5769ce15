import type { CircuitBreakerLimits } from "./limits.ts";

/** Which of its limits a cluster has reached. */
export type Overflow = "max_connections" | "max_pending_requests" | "max_requests";

/** A request that waits for a connection. */
interface Waiting {
  go(): void;
}

/**
 * Bounds what the servers of a cluster are sent at once, as Envoy's circuit breakers: a request over HTTP/1.1 has a
 * connection of its own until its response is there, so that connections in use are counted by their requests.
 */
export class CircuitBreaker {
  private readonly limits: CircuitBreakerLimits;
  private readonly overflowed: (limit: Overflow) => void;
  private readonly waiting = new Set<Waiting>();
  /** Requests that have a connection or open one. */
  active = 0;

  /** @param overflowed called each time a limit is reached */
  constructor(limits: CircuitBreakerLimits, overflowed: (limit: Overflow) => void) {
    this.limits = limits;
    this.overflowed = overflowed;
  }

  get pending(): number {
    return this.waiting.size;
  }

  /**
   * Asks for a connection. {@link leave} gives it back.
   *
   * @param go called when there is one, at once or later
   * @returns false when the cluster takes no more; otherwise a function that stops waiting
   */
  enter(go: () => void): (() => void) | false {
    const { limits } = this;
    if (this.active < limits.connections && this.waiting.size === 0) {
      if (this.active >= limits.requests) return this.refuse("max_requests");
      this.active++;
      go();
      return () => {};
    }
    this.overflowed("max_connections");
    if (this.waiting.size >= limits.pendingRequests) return this.refuse("max_pending_requests");
    const waiting: Waiting = { go };
    this.waiting.add(waiting);
    return () => void this.waiting.delete(waiting);
  }

  private refuse(limit: Overflow): false {
    this.overflowed(limit);
    return false;
  }

  /** A request has given its connection back. */
  leave(): void {
    this.active--;
    for (const next of this.waiting) {
      if (this.active >= this.limits.connections) return;
      this.waiting.delete(next);
      this.active++;
      next.go();
    }
  }
}

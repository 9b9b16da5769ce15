const BOUNDS = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

interface Family {
  /** Requests by class of status: `2xx`. */
  readonly byClass: Map<string, number>;
  readonly buckets: number[];
  count: number;
  sum: number;
}

const label = (name: string): string => name.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** How many requests each listener has answered, how, and how long it took. */
export class GatewayMetrics {
  private readonly listeners = new Map<string, Family>();
  active = 0;
  reloads = 0;
  failedReloads = 0;
  /** Lines of the access log that could not be written. */
  lostLogLines = 0;

  private readonly limits = new Map<string, Map<string, number>>();

  /** A limit was reached: one more in a family of counters, with these labels in Prometheus's form. */
  reached(family: "timeouts" | "connection_limits" | "upstream_overflow", labels: Record<string, string>): void {
    let counts = this.limits.get(family);
    if (counts === undefined) this.limits.set(family, (counts = new Map()));
    const key = Object.entries(labels)
      .map(([name, value]) => `${name}="${label(value)}"`)
      .join(",");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  record(listener: string, status: number, milliseconds: number): void {
    let family = this.listeners.get(listener);
    if (family === undefined) {
      family = { byClass: new Map(), buckets: BOUNDS.map(() => 0), count: 0, sum: 0 };
      this.listeners.set(listener, family);
    }
    const kind = status === 0 ? "reset" : `${Math.floor(status / 100)}xx`;
    family.byClass.set(kind, (family.byClass.get(kind) ?? 0) + 1);
    family.count++;
    family.sum += milliseconds;
    for (let i = 0; i < BOUNDS.length; i++) if (milliseconds <= BOUNDS[i]) family.buckets[i]++;
  }

  /** In the text format of Prometheus. */
  prometheus(): string {
    const lines = ["# TYPE wardian_requests_total counter"];
    for (const [name, { byClass }] of this.listeners)
      for (const [kind, count] of byClass)
        lines.push(`wardian_requests_total{listener="${label(name)}",code="${kind}"} ${count}`);
    lines.push("# TYPE wardian_request_duration_milliseconds histogram");
    for (const [name, { buckets, count, sum }] of this.listeners) {
      const of = `listener="${label(name)}"`;
      BOUNDS.forEach((bound, i) => {
        lines.push(`wardian_request_duration_milliseconds_bucket{${of},le="${bound}"} ${buckets[i]}`);
      });
      lines.push(
        `wardian_request_duration_milliseconds_bucket{${of},le="+Inf"} ${count}`,
        `wardian_request_duration_milliseconds_sum{${of}} ${sum.toFixed(3)}`,
        `wardian_request_duration_milliseconds_count{${of}} ${count}`,
      );
    }
    lines.push("# TYPE wardian_requests_active gauge", `wardian_requests_active ${this.active}`);
    lines.push("# TYPE wardian_reloads_total counter", `wardian_reloads_total{result="ok"} ${this.reloads}`);
    lines.push(`wardian_reloads_total{result="failed"} ${this.failedReloads}`);
    lines.push("# TYPE wardian_access_log_lines_lost_total counter");
    lines.push(`wardian_access_log_lines_lost_total ${this.lostLogLines}`);
    for (const [family, counts] of this.limits) {
      lines.push(`# TYPE wardian_${family}_total counter`);
      for (const [labels, count] of counts) lines.push(`wardian_${family}_total{${labels}} ${count}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

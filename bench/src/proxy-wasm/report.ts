/** What a process of a measurement says of itself when it is asked. */
export interface Report {
  /** Bytes. */
  readonly heap: number;
  readonly resident: number;
  /** Milliseconds of the processor so far, all threads together. */
  readonly processor: number;
  /** Contexts of plugins that live. */
  readonly streams: number;
}

/** Answers the parent's questions, tells it the port, and ends with it. */
export function serveParent(port: number, streams: () => number = () => 0): void {
  process.on("message", () => {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const report: Report = {
      heap: heapUsed + external,
      resident: rss,
      processor: (user + system) / 1000,
      streams: streams(),
    };
    process.send?.(report);
  });
  process.once("disconnect", () => process.exit());
  process.send?.(port);
}

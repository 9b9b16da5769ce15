import { performance } from "node:perf_hooks";

/** One thing to time beside others: `run` does a fixed amount of work and throws if the result is wrong. */
export interface Candidate {
  readonly name: string;
  readonly run: () => unknown;
}

export interface MeasureOptions {
  /** How often each candidate is timed, in turn with the others. */
  readonly rounds?: number;
  /** Milliseconds that one timing takes at least; short work is repeated until then. */
  readonly minTime?: number;
  /**
   * `"cpu"` counts the processor time of this process instead of the time that passes: for work on one thread, on a machine that does other
   * things too.
   */
  readonly clock?: "wall" | "cpu";
}

/**
 * Times candidates in the same process, alternating, so that a change of clock speed or a busy machine meets all of them.
 * Synchronous and asynchronous work alike.
 *
 * @returns milliseconds per `run`, the least of all rounds, by name: what disturbs only ever adds
 */
export async function measure(
  candidates: readonly Candidate[],
  options: MeasureOptions = {},
): Promise<Map<string, number>> {
  const { rounds = 5, minTime = 50, clock = "wall" } = options;
  const now = clock === "wall" ? (): number => performance.now() : processorTime;
  const best = new Map<string, number>();
  const repeats = new Map<string, number>();
  for (const { name, run } of candidates) {
    // Twice: engines translate on the first call and optimise during it.
    await run();
    const start = now();
    await run();
    const once = now() - start;
    repeats.set(name, Math.max(1, Math.ceil(minTime / Math.max(once, 0.0005))));
  }
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of candidates) {
      const count = repeats.get(name) as number;
      const start = now();
      for (let i = 0; i < count; i++) {
        const result = run();
        if (result instanceof Promise) await result;
      }
      const each = (now() - start) / count;
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, each));
    }
  }
  return best;
}

/** Milliseconds that the processor has spent on this process. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

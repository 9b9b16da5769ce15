import { type OptionNames, readOptions } from "./read-options.ts";

/** Where a guest's time comes from. Times are nanoseconds. */
export interface Clock {
  /** Nanoseconds since 1970-01-01T00:00:00Z. */
  realtime(): bigint;
  /** Nanoseconds since some fixed moment; never goes back. */
  monotonic(): bigint;
  /** The smallest step that the clock shows, in nanoseconds. */
  readonly resolution: bigint;
  /**
   * Present on a clock that is not the real one: a guest that sleeps moves it by that many nanoseconds and goes on at once,
   * so that a sleeping guest costs no time and gives the same results in every run.
   */
  advance?(nanoseconds: bigint): void;
}

/** What {@link deterministicClock} takes. */
export interface DeterministicClockOptions {
  /** The first moment, in nanoseconds since 1970; by default 2000-01-01T00:00:00Z. */
  start?: bigint;
  /** How far each reading moves the clock, in nanoseconds; by default a millisecond. */
  step?: bigint;
}

const deterministicNames: OptionNames<DeterministicClockOptions> = { start: true, step: true };

const MILLISECOND = 1_000_000n;
const YEAR_2000 = 946_684_800_000_000_000n;

/**
 * A clock that knows nothing of the real time: it starts at a fixed moment, each reading moves it by a step, and sleeping moves it by what was slept.
 *
 * @throws TypeError for an option that is not known, RangeError when `step` is not above zero or `start` is below it
 */
export function deterministicClock(given?: DeterministicClockOptions): Clock {
  const options = readOptions("deterministicClock", deterministicNames, given);
  const start = options.start ?? YEAR_2000;
  const step = options.step ?? MILLISECOND;
  if (step <= 0n) throw new RangeError(`the step of a clock must be above zero nanoseconds, not ${step}`);
  if (start < 0n) throw new RangeError(`a clock cannot start before 1970: ${start}`);
  let passed = 0n;
  return {
    resolution: step,
    realtime: () => start + (passed += step),
    monotonic: () => (passed += step),
    advance: (nanoseconds) => {
      passed += nanoseconds;
    },
  };
}

/** What {@link systemClock} takes. */
export interface SystemClockOptions {
  /**
   * Times are rounded down to a multiple of this many nanoseconds, so that a guest cannot measure its neighbours; by default a microsecond. The time since 1970 comes in whole
   * milliseconds whatever is asked, as platforms tell it.
   */
  resolution?: bigint;
}

const systemNames: OptionNames<SystemClockOptions> = { resolution: true };

interface TimingHost {
  performance?: { now(): number; timeOrigin: number };
}

/**
 * The host's own clock.
 *
 * @throws TypeError for an option that is not known, RangeError when `resolution` is not above zero
 */
export function systemClock(given?: SystemClockOptions): Clock {
  const options = readOptions("systemClock", systemNames, given);
  const resolution = options.resolution ?? 1_000n;
  if (resolution <= 0n)
    throw new RangeError(`the resolution of a clock must be above zero nanoseconds, not ${resolution}`);
  const { performance } = globalThis as TimingHost;
  // Without a performance clock the date serves as the monotonic one too, and is kept from going back.
  let latest = 0;
  const monotonicMilliseconds =
    performance === undefined ? (): number => (latest = Math.max(latest, Date.now())) : (): number => performance.now();
  const coarse = (milliseconds: number): bigint => {
    const nanoseconds = BigInt(Math.floor(milliseconds * 1e3)) * 1_000n;
    return nanoseconds - (nanoseconds % resolution);
  };
  return {
    resolution,
    realtime: () => coarse(Date.now()),
    monotonic: () => coarse(monotonicMilliseconds()),
  };
}

import { type OptionNames, readOptions } from "../wasm/options.ts";
import type { AbortSignalLike, EngineName, InstanceOptions } from "./engine.ts";
import { Holdings } from "./holdings.ts";
import { type Limits, type ResolvedLimits, resolveLimits } from "./limits.ts";
import type { Memory } from "./memory.ts";
import { Meter } from "./meter.ts";
import { MAX_ELEMENTS, type Table } from "./table.ts";
import { LinkError } from "./trap.ts";

/** What the instances of a {@link Budget} may use together. What is left out is bounded only by the platform. */
export interface BudgetOptions extends Limits {
  /** Ends all calls of all instances: those under way at their next check, and each later one when it begins. */
  readonly signal?: AbortSignalLike;
}

/** What all instances of a budget have consumed and may still consume. Units are those of `limits.fuel`. */
export interface Fuel {
  /** Consumed since the instance was made; of a budget, by all its instances and by `charge`. */
  readonly consumed: bigint;
  /**
   * Whether {@link consumed} is exact, to the unit. It may not be once a trap that the platform raises by itself (a division by zero, an access out of
   * bounds, the end of its stack) has ended a call on the platform engine: what the guest spent after the last slice or call of the host is
   * then missing in `consumed`, and this stays false. Always true on other engines, and with the option `exactFuel`.
   */
  readonly exact: boolean;
  /**
   * Left before `fuel-exhausted`; undefined when fuel is not limited. May be set between calls and in host functions, up or down:
   * a host that budgets each call sets it before each.
   */
  get remaining(): bigint | undefined;
  set remaining(amount: bigint);
  /** Gives the instance more. @throws TypeError for anything but a bigint of at least 0 */
  add(amount: bigint): void;
  /**
   * For use in host functions: charges the guest for work that its host does for it, before the work is done. It also reads the clock, so a host
   * function that works for long charges piece by piece.
   *
   * @param units a whole number of at least 0; the host functions of this project charge one for 64 bytes and one for 8 entries
   * @throws TypeError for anything else; Trap `fuel-exhausted` when the guest cannot pay, `deadline-exceeded` when its time is over, `aborted` when
   *   the budget's signal has fired: let it pass
   */
  charge(units: number): void;
}

const names: OptionNames<BudgetOptions> = {
  fuel: true,
  timeout: true,
  memory: true,
  tableElements: true,
  callDepth: true,
  signal: true,
};

/**
 * One budget for several instances, on any one engine: one fuel, one deadline, one call depth, one limit of memory and of tables, one signal.
 * Give it to `instantiate` of each instance, also of several runtimes.
 *
 * @example
 * const budget = new Budget({ fuel: 1_000_000n, memory: 64 * 1024 * 1024 });
 * const library = await runtime.instantiate(libraryModule, {}, { budget });
 * const application = await runtime.instantiate(module, { library: library.exports }, { budget });
 */
export class Budget {
  /** What all instances have consumed and may still consume: `fuel` of each instance is this object. */
  readonly fuel: Fuel;
  /** For the engines: counts the fuel of all instances. */
  readonly meter: Meter;
  /** For the engines: what the options said. */
  readonly limits: ResolvedLimits;
  /** For the engines: the memories and tables of all instances. */
  readonly memories: Holdings<Memory>;
  readonly tables: Holdings<Table>;
  /** For the engine of the instances: what they share there. */
  engineData: unknown = undefined;
  private name: EngineName | undefined = undefined;
  private reserved = 0;

  /** @throws TypeError for a limit that is not known or makes no sense */
  constructor(given?: BudgetOptions) {
    const { signal, ...limits } = readOptions("Budget", names, given);
    this.limits = resolveLimits(limits);
    const { fuel, timeout, memory, tableElements } = this.limits;
    this.meter = new Meter(fuel, timeout);
    this.fuel = this.meter;
    this.memories = new Holdings(memory);
    this.tables = new Holdings(Math.min(tableElements, MAX_ELEMENTS));
    if (signal !== undefined) abortOn(signal, this.meter);
  }

  /** The engine that runs the instances; undefined while there is none and `Runtime.bindBudget` has chosen none. */
  get engine(): EngineName | undefined {
    return this.name;
  }

  /** Milliseconds that an outermost call of an instance may take, the option `timeout` at first; what is set holds from the next call on. */
  get timeout(): number {
    return this.meter.timeout;
  }

  set timeout(milliseconds: number) {
    this.meter.limitTime(milliseconds);
  }

  /** Bytes held now: by the memories of all instances, each counted once, and by {@link reserveMemory}. */
  get memoryBytes(): number {
    return this.memories.held;
  }

  /** Elements held now by the tables of all instances. */
  get tableElements(): number {
    return this.tables.held;
  }

  /** The same as `fuel.charge`. */
  charge(units: number): void {
    this.meter.charge(units);
  }

  /**
   * Counts bytes that the host holds for its guests, under the limit `memory`.
   * @param bytes a whole number of at least 0
   * @returns false where they do not fit: then nothing is counted
   * @throws TypeError for any other number
   */
  reserveMemory(bytes: number): boolean {
    checkBytes(bytes);
    if (this.memories.held + bytes > this.memories.limit) return false;
    this.memories.held += bytes;
    this.reserved += bytes;
    return true;
  }

  /**
   * Ends the count of bytes that {@link reserveMemory} has counted.
   * @throws TypeError for anything but a whole number of at least 0, RangeError for more than is counted
   */
  releaseMemory(bytes: number): void {
    checkBytes(bytes);
    if (bytes > this.reserved) throw new RangeError(`only ${this.reserved} bytes are reserved, not ${bytes}`);
    this.memories.held -= bytes;
    this.reserved -= bytes;
  }

  /**
   * For the runtime: decides which engine runs all instances.
   * @throws LinkError when another one does
   */
  bind(engine: EngineName): void {
    this.requireEngine(engine);
    this.name = engine;
  }

  /** @throws LinkError when the instances run on another engine */
  requireEngine(engine: EngineName): void {
    if (this.name !== undefined && this.name !== engine)
      throw new LinkError(
        `the budget's instances run on the engine "${this.name}", and all must run on one: "${engine}" cannot take part`,
      );
  }
}

function checkBytes(bytes: number): void {
  if (!(Number.isSafeInteger(bytes) && bytes >= 0))
    throw new TypeError(`bytes must be a whole number of at least 0, not ${String(bytes)}`);
}

/** Ends the calls of a meter when a signal fires. The signal may live longer: it does not keep the meter from being collected. */
function abortOn(signal: AbortSignalLike, meter: Meter): void {
  if (signal.aborted) {
    meter.abort(signal.reason);
    return;
  }
  const reference = typeof WeakRef === "function" ? new WeakRef(meter) : { deref: () => meter };
  signal.addEventListener("abort", () => reference.deref()?.abort(signal.reason), { once: true });
}

/** The meter of a new instance: that of its budget, or one of its own. @throws LinkError when its budget is bound to another engine */
export function meterOf({ budget, limits }: InstanceOptions, engine: EngineName): Meter {
  if (budget === undefined) return new Meter(limits.fuel, limits.timeout);
  budget.bind(engine);
  return budget.meter;
}

import { type Dialect, EventType } from "../abi.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { WASIError } from "../errors.ts";
import type { Context } from "../guest/context.ts";
import { Rights } from "../rights.ts";
import { readClock } from "./clock.ts";
import type { Family } from "./family.ts";

/** Where the fields of a `subscription` are. Before preview 1 a clock had an identifier more. */
const LAYOUTS = {
  wasi_snapshot_preview1: { size: 48, clock: 16, timeout: 24, flags: 40 },
  wasi_unstable: { size: 56, clock: 24, timeout: 32, flags: 48 },
} as const;

const EVENT_SIZE = 32;
/** Far more than a guest has descriptors: each costs the host a look. */
const MOST_SUBSCRIPTIONS = 16_384;
const ABSOLUTE_TIME = 1;
const HANGUP = 1;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** Longer waits than this many milliseconds end early and are begun anew. */
const MOST_MILLISECONDS = BigInt(2 ** 31);

type Subscription = { readonly userdata: bigint } & (
  | { readonly type: typeof EventType.clock; readonly clock: number; readonly deadline: bigint }
  | { readonly type: typeof EventType.fdRead | typeof EventType.fdWrite; readonly descriptor: Descriptor }
  | { readonly type: number; readonly error: number }
);

interface Event {
  readonly userdata: bigint;
  readonly type: number;
  readonly error: number;
  readonly bytes: number;
  readonly flags: number;
}

/** Waiting for time to pass and for descriptors to become ready. */
export function pollFunctions(context: Context, dialect: Dialect): Family {
  const { memory } = context;
  const layout = LAYOUTS[dialect];

  const subscription = (at: number): Subscription => {
    const userdata = memory.readU64(at);
    const type = memory.readU8(at + 8);
    try {
      if (type === EventType.clock) {
        const clock = memory.readU32(at + layout.clock);
        const timeout = memory.readU64(at + layout.timeout);
        const absolute = (memory.readU16(at + layout.flags) & ABSOLUTE_TIME) !== 0;
        return { userdata, type, clock, deadline: absolute ? timeout : readClock(context.clock, clock) + timeout };
      }
      if (type !== EventType.fdRead && type !== EventType.fdWrite) throw new WASIError("inval", "unknown event");
      const descriptor = context.descriptors.get(memory.readU32(at + 16));
      if ((descriptor.rights & Rights.POLL_FD_READWRITE) === 0) throw new WASIError("notcapable", "may not be polled");
      descriptor.require(type === EventType.fdRead ? Rights.FD_READ : Rights.FD_WRITE);
      return { userdata, type, descriptor };
    } catch (error) {
      if (!(error instanceof WASIError) || error.errno === "fault") throw error;
      return { userdata, type, error: error.number };
    }
  };

  /** What has happened of what was asked for, without waiting. */
  const happened = (subscriptions: readonly Subscription[]): Event[] => {
    const events: Event[] = [];
    for (const wanted of subscriptions) {
      const { userdata, type } = wanted;
      if ("error" in wanted) {
        events.push({ userdata, type, error: wanted.error, bytes: 0, flags: 0 });
      } else if ("descriptor" in wanted) {
        try {
          const ready = type === EventType.fdRead ? wanted.descriptor.readable : wanted.descriptor.writable;
          if (ready !== undefined) {
            events.push({ userdata, type, error: 0, bytes: ready.bytes, flags: ready.hangup ? HANGUP : 0 });
          }
        } catch (error) {
          if (!(error instanceof WASIError)) throw error;
          events.push({ userdata, type, error: error.number, bytes: 0, flags: 0 });
        }
      } else if (readClock(context.clock, wanted.clock) >= wanted.deadline) {
        events.push({ userdata, type, error: 0, bytes: 0, flags: 0 });
      }
    }
    return events;
  };

  /** Nanoseconds until the first clock is due; undefined when there is none. */
  const timeLeft = (subscriptions: readonly Subscription[]): bigint | undefined => {
    let least: bigint | undefined;
    for (const wanted of subscriptions) {
      if (!("clock" in wanted)) continue;
      const left = wanted.deadline - readClock(context.clock, wanted.clock);
      if (least === undefined || left < least) least = left > 0n ? left : 0n;
    }
    return least;
  };

  const write = (events: readonly Event[], results: number, count: number): void => {
    memory.refresh();
    memory.slice(results, events.length * EVENT_SIZE).fill(0);
    events.forEach((event, index) => {
      const at = (results >>> 0) + index * EVENT_SIZE;
      memory.writeU64(at, event.userdata);
      memory.writeU16(at + 8, event.error);
      memory.writeU8(at + 10, event.type);
      memory.writeU64(at + 16, BigInt(event.bytes));
      memory.writeU16(at + 24, event.flags);
    });
    memory.writeU32(count, events.length);
  };

  /** Waits by promises, the event loop alive. */
  const waitSuspended = async (subscriptions: readonly Subscription[]): Promise<Event[]> => {
    for (;;) {
      const waits: Promise<void>[] = [];
      for (const wanted of subscriptions) {
        if (!("descriptor" in wanted)) continue;
        const wait = wanted.descriptor.whenReadable();
        if (wait !== undefined) waits.push(wait);
      }
      const left = timeLeft(subscriptions);
      if (left === undefined && waits.length === 0) throw new WASIError("notsup", "nothing will ever happen");
      if (left !== undefined && context.clock.advance !== undefined) {
        // Time that is not real passes at once, but what is ready in the host goes first.
        await context.waiting.turn();
        const events = happened(subscriptions);
        if (events.length > 0) return events;
        context.clock.advance(left);
      } else if (left !== undefined) {
        const sleep = context.waiting.sleep(milliseconds(left));
        await Promise.race([sleep.done, ...waits]);
        sleep.cancel();
      } else {
        await Promise.race(waits);
      }
      if (context.waiting.closed) throw new WASIError("canceled", "the guest has been closed");
      const events = happened(subscriptions);
      if (events.length > 0) return events;
    }
  };

  /** Waits by blocking the thread. */
  const waitBlocking = (subscriptions: readonly Subscription[]): Event[] => {
    for (;;) {
      const left = timeLeft(subscriptions);
      // Nothing arrives while the thread is blocked.
      if (left === undefined) throw new WASIError("notsup", "only a call that may be suspended can wait for this");
      if (context.clock.advance !== undefined) context.clock.advance(left);
      else context.waiting.block(milliseconds(left));
      const events = happened(subscriptions);
      if (events.length > 0) return events;
    }
  };

  return {
    /**
     * Waits until at least one of the things asked for happens, and writes what has. What is wrong with one of them is told in its event: `badf`, also for what was not opened to be read or written, `notcapable`, `inval` for
     * an unknown clock or kind. Errors: `inval` for none or more than 16384, `fault`, `notsup` where it would have to wait and cannot, `timedout` when it has blocked as long as it may.
     */
    poll_oneoff(input: number, results: number, number: number, count: number): void | Promise<void> {
      const amount = number >>> 0;
      if (amount === 0) throw new WASIError("inval", "nothing to wait for");
      if (amount > MOST_SUBSCRIPTIONS) throw new WASIError("inval", `more than ${MOST_SUBSCRIPTIONS} things`);
      context.charge(0, amount);
      memory.readU8((input >>> 0) + amount * layout.size - 1);
      memory.slice(results, amount * EVENT_SIZE);
      const subscriptions: Subscription[] = [];
      for (let index = 0; index < amount; index++)
        subscriptions.push(subscription((input >>> 0) + index * layout.size));
      const events = happened(subscriptions);
      if (events.length > 0) return write(events, results, count);
      if (!context.waiting.suspendable) return write(waitBlocking(subscriptions), results, count);
      return waitSuspended(subscriptions).then((events) => write(events, results, count));
    },
  };
}

function milliseconds(nanoseconds: bigint): number {
  const whole = (nanoseconds + NANOSECONDS_PER_MILLISECOND - 1n) / NANOSECONDS_PER_MILLISECOND;
  return Number(whole > MOST_MILLISECONDS ? MOST_MILLISECONDS : whole < 1n ? 1n : whole);
}

import { clock } from "../../store/clock.ts";
import type { HostFunction } from "../../store/function.ts";
import { lastResort } from "../../store/host-stack.ts";
import type { Meter } from "../../store/meter.ts";
import { isObject } from "../../store/thenable.ts";
import type { Called } from "./failures.ts";
import { stackState } from "./stacks.ts";
import type { NativeFunction } from "./web-assembly.ts";

/**
 * The thin functions between host and guest. There is one shape for each number of parameters, since a rest parameter and a spread cost several
 * times what a call of the platform costs.
 */

/** What an instance, or all instances of a budget, have of their host's calls. */
export interface Entrance {
  /** Calls of the host that have not come back, on the stack that runs now. */
  active: number;
  /** Whether {@link begin} and {@link end} have something to do for outermost calls; for others they have. */
  watched: boolean;
  /** The deadline that an outermost call which began with {@link begin} puts back. */
  readonly outerDeadline: number;
  /** Before a call is counted in `active`, when it may throw a trap, and after the call was counted out. */
  begin(): void;
  end(): void;
  /**
   * Ends the call that threw, which has been counted out.
   * @param begun whether {@link begin} had returned
   * @param called the instance that was called
   * @returns what to throw instead
   */
  fail(error: unknown, begun: boolean, called: Called): unknown;
}

/**
 * A function of the guest for the host: a call of `native`, with the counting done in line and no `finally`, which cost as much as
 * the call itself. When JavaScript's stack is full, the state is restored without a call, and what is thrown is a trap all the same.
 */
export function entry(to: Entrance, native: NativeFunction, parameters: number, called: Called): HostFunction {
  switch (parameters) {
    case 0:
      return () => {
        const outer = stackState.current;
        const { active } = to;
        let begun = false;
        try {
          if (to.watched || active !== 0) to.begin();
          begun = true;
          if (outer !== undefined) stackState.current = undefined;
          to.active = active + 1;
          const result: unknown = native();
          to.active = active;
          if (outer !== undefined) stackState.current = outer;
          if (to.watched || active !== 0) to.end();
          return result;
        } catch (error) {
          to.active = active;
          stackState.current = outer;
          let failure: unknown = lastResort.trap;
          try {
            failure = to.fail(error, begun, called);
          } catch {
            if (begun && active === 0 && to.watched) clock.deadline = to.outerDeadline;
          }
          throw failure;
        }
      };
    case 1:
      return (a) => {
        const outer = stackState.current;
        const { active } = to;
        let begun = false;
        try {
          if (to.watched || active !== 0) to.begin();
          begun = true;
          if (outer !== undefined) stackState.current = undefined;
          to.active = active + 1;
          const result: unknown = native(a);
          to.active = active;
          if (outer !== undefined) stackState.current = outer;
          if (to.watched || active !== 0) to.end();
          return result;
        } catch (error) {
          to.active = active;
          stackState.current = outer;
          let failure: unknown = lastResort.trap;
          try {
            failure = to.fail(error, begun, called);
          } catch {
            if (begun && active === 0 && to.watched) clock.deadline = to.outerDeadline;
          }
          throw failure;
        }
      };
    case 2:
      return (a, b) => {
        const outer = stackState.current;
        const { active } = to;
        let begun = false;
        try {
          if (to.watched || active !== 0) to.begin();
          begun = true;
          if (outer !== undefined) stackState.current = undefined;
          to.active = active + 1;
          const result: unknown = native(a, b);
          to.active = active;
          if (outer !== undefined) stackState.current = outer;
          if (to.watched || active !== 0) to.end();
          return result;
        } catch (error) {
          to.active = active;
          stackState.current = outer;
          let failure: unknown = lastResort.trap;
          try {
            failure = to.fail(error, begun, called);
          } catch {
            if (begun && active === 0 && to.watched) clock.deadline = to.outerDeadline;
          }
          throw failure;
        }
      };
    case 3:
      return (a, b, c) => {
        const outer = stackState.current;
        const { active } = to;
        let begun = false;
        try {
          if (to.watched || active !== 0) to.begin();
          begun = true;
          if (outer !== undefined) stackState.current = undefined;
          to.active = active + 1;
          const result: unknown = native(a, b, c);
          to.active = active;
          if (outer !== undefined) stackState.current = outer;
          if (to.watched || active !== 0) to.end();
          return result;
        } catch (error) {
          to.active = active;
          stackState.current = outer;
          let failure: unknown = lastResort.trap;
          try {
            failure = to.fail(error, begun, called);
          } catch {
            if (begun && active === 0 && to.watched) clock.deadline = to.outerDeadline;
          }
          throw failure;
        }
      };
    case 4:
      return (a, b, c, d) => {
        const outer = stackState.current;
        const { active } = to;
        let begun = false;
        try {
          if (to.watched || active !== 0) to.begin();
          begun = true;
          if (outer !== undefined) stackState.current = undefined;
          to.active = active + 1;
          const result: unknown = native(a, b, c, d);
          to.active = active;
          if (outer !== undefined) stackState.current = outer;
          if (to.watched || active !== 0) to.end();
          return result;
        } catch (error) {
          to.active = active;
          stackState.current = outer;
          let failure: unknown = lastResort.trap;
          try {
            failure = to.fail(error, begun, called);
          } catch {
            if (begun && active === 0 && to.watched) clock.deadline = to.outerDeadline;
          }
          throw failure;
        }
      };
    default:
      return (...args) => {
        const outer = stackState.current;
        const { active } = to;
        let begun = false;
        try {
          if (to.watched || active !== 0) to.begin();
          begun = true;
          if (outer !== undefined) stackState.current = undefined;
          to.active = active + 1;
          const result: unknown = native(...args);
          to.active = active;
          if (outer !== undefined) stackState.current = outer;
          if (to.watched || active !== 0) to.end();
          return result;
        } catch (error) {
          to.active = active;
          stackState.current = outer;
          let failure: unknown = lastResort.trap;
          try {
            failure = to.fail(error, begun, called);
          } catch {
            if (begun && active === 0 && to.watched) clock.deadline = to.outerDeadline;
          }
          throw failure;
        }
      };
  }
}

/** What an instance does for the functions of its host. */
export interface HostCalls {
  readonly meter: Meter;
  /** The host function returned an object, which may be a promise. @returns what the guest gets for now */
  received(value: object): unknown;
  /** The host function threw. @returns what the guest is to see of it */
  failed(error: unknown): unknown;
}

/** A function of the host for the guest. Time that it took counts. */
export function hostCall(host: HostFunction, parameters: number, calls: HostCalls): NativeFunction {
  switch (parameters) {
    case 0:
      return () => {
        try {
          const result = host();
          if (clock.isSet) calls.meter.look();
          return isObject(result) ? calls.received(result) : result;
        } catch (error) {
          throw calls.failed(error);
        }
      };
    case 1:
      return (a) => {
        try {
          const result = host(a);
          if (clock.isSet) calls.meter.look();
          return isObject(result) ? calls.received(result) : result;
        } catch (error) {
          throw calls.failed(error);
        }
      };
    case 2:
      return (a, b) => {
        try {
          const result = host(a, b);
          if (clock.isSet) calls.meter.look();
          return isObject(result) ? calls.received(result) : result;
        } catch (error) {
          throw calls.failed(error);
        }
      };
    case 3:
      return (a, b, c) => {
        try {
          const result = host(a, b, c);
          if (clock.isSet) calls.meter.look();
          return isObject(result) ? calls.received(result) : result;
        } catch (error) {
          throw calls.failed(error);
        }
      };
    case 4:
      return (a, b, c, d) => {
        try {
          const result = host(a, b, c, d);
          if (clock.isSet) calls.meter.look();
          return isObject(result) ? calls.received(result) : result;
        } catch (error) {
          throw calls.failed(error);
        }
      };
    default:
      return (...args) => {
        try {
          const result = host(...args);
          if (clock.isSet) calls.meter.look();
          return isObject(result) ? calls.received(result) : result;
        } catch (error) {
          throw calls.failed(error);
        }
      };
  }
}

/** Makes the functions that stand between a module's guests and what one of its imports is given. */
export type HostCallMaker = (host: HostFunction, calls: HostCalls) => NativeFunction;

/** Makes the functions through which hosts call one function of a module. */
export type EntryMaker = (to: Entrance, native: NativeFunction, called: Called) => HostFunction;

/** Set once the platform has refused to make code from text. */
let refused = false;
let made = 0;

/**
 * A function of a text that no other has, or undefined where no code may be made from text. V8 keeps what it learns of a function by its text: of one that
 * all calls of all modules share, that it calls this and that; of one of its own that it calls one function, which it then takes into it.
 */
function ownText(parameters: Readonly<Record<string, unknown>>, text: string): unknown {
  if (refused) return undefined;
  try {
    return new Function(...Object.keys(parameters), `${text} // ${++made}`)(...Object.values(parameters));
  } catch (error) {
    // With a full stack V8 throws a RangeError, or a SyntaxError from its parser.
    refused = !(error instanceof RangeError || error instanceof SyntaxError);
    return undefined;
  }
}

function parameterNames(count: number): string {
  return Array.from({ length: count }, (_, i) => `a${i}`).join(", ");
}

/** For one import of a module. */
export function hostCallMaker(parameters: number): HostCallMaker {
  const names = parameterNames(parameters);
  const maker = ownText(
    { clock, isObject },
    `return (host, calls) => (${names}) => {
      try {
        const result = host(${names});
        if (clock.isSet) calls.meter.look();
        return isObject(result) ? calls.received(result) : result;
      } catch (error) {
        throw calls.failed(error);
      }
    };`,
  );
  return (maker as HostCallMaker) ?? ((host, calls) => hostCall(host, parameters, calls));
}

/** For one exported function of a module: what {@link entry} makes, with a text of its own. */
export function entryMaker(parameters: number): EntryMaker {
  const names = parameterNames(parameters);
  const maker = ownText(
    { stackState, lastResort, clock },
    `return (to, native, called) => (${names}) => {
      const outer = stackState.current;
      const { active } = to;
      let begun = false;
      try {
        if (to.watched || active !== 0) to.begin();
        begun = true;
        if (outer !== undefined) stackState.current = undefined;
        to.active = active + 1;
        const result = native(${names});
        to.active = active;
        if (outer !== undefined) stackState.current = outer;
        if (to.watched || active !== 0) to.end();
        return result;
      } catch (error) {
        to.active = active;
        stackState.current = outer;
        let failure = lastResort.trap;
        try {
          failure = to.fail(error, begun, called);
        } catch {
          if (begun && active === 0 && to.watched) clock.deadline = to.outerDeadline;
        }
        throw failure;
      }
    };`,
  );
  return (maker as EntryMaker) ?? ((to, native, called) => entry(to, native, parameters, called));
}

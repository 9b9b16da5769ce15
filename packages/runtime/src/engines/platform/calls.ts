import { clock } from "../../store/clock.ts";
import type { HostFunction } from "../../store/function.ts";
import type { Meter } from "../../store/meter.ts";
import { isObject } from "../../store/thenable.ts";
import { type Stack, stackState } from "./stacks.ts";
import type { NativeFunction } from "./web-assembly.ts";

/**
 * The thin functions between host and guest. There is one shape for each number of parameters, since a rest parameter and a spread cost several
 * times what a call of the platform costs.
 */

/** What an instance has of its host's calls. */
export interface Entrance {
  /** Calls of the host into the instance that have not come back, on the stack that runs now. */
  active: number;
  /** Whether {@link begin} and {@link end} have something to do for outermost calls; for others they have. */
  watched: boolean;
  /** Before a call is counted in `active`, when it may throw a trap, and after the call was counted out. */
  begin(): void;
  end(): void;
  /** Ends the call that threw. @returns what to throw instead */
  fail(error: unknown, outer: Stack | undefined): unknown;
}

/**
 * A function of the guest for the host: a call of `native`, with the counting done in line and no `finally`, which cost as much as
 * the call itself.
 */
export function entry(to: Entrance, native: NativeFunction, parameters: number): HostFunction {
  switch (parameters) {
    case 0:
      return () => {
        if (to.watched || to.active !== 0) to.begin();
        const outer = stackState.current;
        if (outer !== undefined) stackState.current = undefined;
        to.active++;
        let result: unknown;
        try {
          result = native();
        } catch (error) {
          throw to.fail(error, outer);
        }
        to.active--;
        if (outer !== undefined) stackState.current = outer;
        if (to.watched || to.active !== 0) to.end();
        return result;
      };
    case 1:
      return (a) => {
        if (to.watched || to.active !== 0) to.begin();
        const outer = stackState.current;
        if (outer !== undefined) stackState.current = undefined;
        to.active++;
        let result: unknown;
        try {
          result = native(a);
        } catch (error) {
          throw to.fail(error, outer);
        }
        to.active--;
        if (outer !== undefined) stackState.current = outer;
        if (to.watched || to.active !== 0) to.end();
        return result;
      };
    case 2:
      return (a, b) => {
        if (to.watched || to.active !== 0) to.begin();
        const outer = stackState.current;
        if (outer !== undefined) stackState.current = undefined;
        to.active++;
        let result: unknown;
        try {
          result = native(a, b);
        } catch (error) {
          throw to.fail(error, outer);
        }
        to.active--;
        if (outer !== undefined) stackState.current = outer;
        if (to.watched || to.active !== 0) to.end();
        return result;
      };
    case 3:
      return (a, b, c) => {
        if (to.watched || to.active !== 0) to.begin();
        const outer = stackState.current;
        if (outer !== undefined) stackState.current = undefined;
        to.active++;
        let result: unknown;
        try {
          result = native(a, b, c);
        } catch (error) {
          throw to.fail(error, outer);
        }
        to.active--;
        if (outer !== undefined) stackState.current = outer;
        if (to.watched || to.active !== 0) to.end();
        return result;
      };
    case 4:
      return (a, b, c, d) => {
        if (to.watched || to.active !== 0) to.begin();
        const outer = stackState.current;
        if (outer !== undefined) stackState.current = undefined;
        to.active++;
        let result: unknown;
        try {
          result = native(a, b, c, d);
        } catch (error) {
          throw to.fail(error, outer);
        }
        to.active--;
        if (outer !== undefined) stackState.current = outer;
        if (to.watched || to.active !== 0) to.end();
        return result;
      };
    default:
      return (...args) => {
        if (to.watched || to.active !== 0) to.begin();
        const outer = stackState.current;
        if (outer !== undefined) stackState.current = undefined;
        to.active++;
        let result: unknown;
        try {
          result = native(...args);
        } catch (error) {
          throw to.fail(error, outer);
        }
        to.active--;
        if (outer !== undefined) stackState.current = outer;
        if (to.watched || to.active !== 0) to.end();
        return result;
      };
  }
}

/** A function of the host for the guest, which may have used up the call's time. When it returns an object, which may be a promise, `received` says what the guest gets for now. */
export function hostCall(
  host: HostFunction,
  parameters: number,
  meter: Meter,
  received: (value: object) => unknown,
): NativeFunction {
  switch (parameters) {
    case 0:
      return () => {
        let result: unknown;
        try {
          result = host();
        } catch (error) {
          if (clock.isSet) meter.look();
          throw error;
        }
        if (clock.isSet) meter.look();
        return isObject(result) ? received(result) : result;
      };
    case 1:
      return (a) => {
        let result: unknown;
        try {
          result = host(a);
        } catch (error) {
          if (clock.isSet) meter.look();
          throw error;
        }
        if (clock.isSet) meter.look();
        return isObject(result) ? received(result) : result;
      };
    case 2:
      return (a, b) => {
        let result: unknown;
        try {
          result = host(a, b);
        } catch (error) {
          if (clock.isSet) meter.look();
          throw error;
        }
        if (clock.isSet) meter.look();
        return isObject(result) ? received(result) : result;
      };
    case 3:
      return (a, b, c) => {
        let result: unknown;
        try {
          result = host(a, b, c);
        } catch (error) {
          if (clock.isSet) meter.look();
          throw error;
        }
        if (clock.isSet) meter.look();
        return isObject(result) ? received(result) : result;
      };
    case 4:
      return (a, b, c, d) => {
        let result: unknown;
        try {
          result = host(a, b, c, d);
        } catch (error) {
          if (clock.isSet) meter.look();
          throw error;
        }
        if (clock.isSet) meter.look();
        return isObject(result) ? received(result) : result;
      };
    default:
      return (...args) => {
        let result: unknown;
        try {
          result = host(...args);
        } catch (error) {
          if (clock.isSet) meter.look();
          throw error;
        }
        if (clock.isSet) meter.look();
        return isObject(result) ? received(result) : result;
      };
  }
}

/** Makes the functions that stand between a module's guests and what one of its imports is given. */
export type HostCallMaker = (host: HostFunction, meter: Meter, received: (value: object) => unknown) => NativeFunction;

/** Makes the functions through which hosts call one function of a module. */
export type EntryMaker = (to: Entrance, native: NativeFunction) => HostFunction;

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
  } catch {
    refused = true;
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
    `return (host, meter, received) => (${names}) => {
      let result;
      try {
        result = host(${names});
      } catch (error) {
        if (clock.isSet) meter.look();
        throw error;
      }
      if (clock.isSet) meter.look();
      return isObject(result) ? received(result) : result;
    };`,
  );
  return (maker as HostCallMaker) ?? ((host, meter, received) => hostCall(host, parameters, meter, received));
}

/** For one exported function of a module: what {@link entry} makes, with a text of its own. */
export function entryMaker(parameters: number): EntryMaker {
  const names = parameterNames(parameters);
  const maker = ownText(
    { stackState },
    `return (to, native) => (${names}) => {
      if (to.watched || to.active !== 0) to.begin();
      const outer = stackState.current;
      if (outer !== undefined) stackState.current = undefined;
      to.active++;
      let result;
      try {
        result = native(${names});
      } catch (error) {
        throw to.fail(error, outer);
      }
      to.active--;
      if (outer !== undefined) stackState.current = outer;
      if (to.watched || to.active !== 0) to.end();
      return result;
    };`,
  );
  return (maker as EntryMaker) ?? ((to, native) => entry(to, native, parameters));
}

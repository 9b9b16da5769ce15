import type { HostFunction } from "../../store/function.ts";
import type { Stack } from "./stacks.ts";
import type { NativeFunction } from "./web-assembly.ts";

/**
 * The thin functions between host and guest. There is one shape for each number of parameters, since a rest parameter and a spread cost several
 * times what a call of the platform costs.
 */

/** What an instance does around each of its host's calls. */
export interface Entrance {
  /** @returns what {@link leave} must be given back */
  enter(): Stack | undefined;
  leave(outer: Stack | undefined): void;
  /** @returns what to throw for what the guest threw */
  fail(error: unknown): unknown;
}

/** A function of the guest for the host: a call of `native` between `enter` and `leave`. */
export function entry(to: Entrance, native: NativeFunction, parameters: number): HostFunction {
  switch (parameters) {
    case 0:
      return () => {
        const outer = to.enter();
        try {
          return native();
        } catch (error) {
          throw to.fail(error);
        } finally {
          to.leave(outer);
        }
      };
    case 1:
      return (a) => {
        const outer = to.enter();
        try {
          return native(a);
        } catch (error) {
          throw to.fail(error);
        } finally {
          to.leave(outer);
        }
      };
    case 2:
      return (a, b) => {
        const outer = to.enter();
        try {
          return native(a, b);
        } catch (error) {
          throw to.fail(error);
        } finally {
          to.leave(outer);
        }
      };
    case 3:
      return (a, b, c) => {
        const outer = to.enter();
        try {
          return native(a, b, c);
        } catch (error) {
          throw to.fail(error);
        } finally {
          to.leave(outer);
        }
      };
    case 4:
      return (a, b, c, d) => {
        const outer = to.enter();
        try {
          return native(a, b, c, d);
        } catch (error) {
          throw to.fail(error);
        } finally {
          to.leave(outer);
        }
      };
    default:
      return (...args) => {
        const outer = to.enter();
        try {
          return native(...args);
        } catch (error) {
          throw to.fail(error);
        } finally {
          to.leave(outer);
        }
      };
  }
}

/** Whether a host function's result is a promise. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** A function of the host for the guest. When it returns a promise, `promised` says what the guest gets for now. */
export function hostCall(
  host: HostFunction,
  parameters: number,
  promised: (promise: PromiseLike<unknown>) => unknown,
): NativeFunction {
  switch (parameters) {
    case 0:
      return () => {
        const result = host();
        return isThenable(result) ? promised(result) : result;
      };
    case 1:
      return (a) => {
        const result = host(a);
        return isThenable(result) ? promised(result) : result;
      };
    case 2:
      return (a, b) => {
        const result = host(a, b);
        return isThenable(result) ? promised(result) : result;
      };
    case 3:
      return (a, b, c) => {
        const result = host(a, b, c);
        return isThenable(result) ? promised(result) : result;
      };
    case 4:
      return (a, b, c, d) => {
        const result = host(a, b, c, d);
        return isThenable(result) ? promised(result) : result;
      };
    default:
      return (...args) => {
        const result = host(...args);
        return isThenable(result) ? promised(result) : result;
      };
  }
}

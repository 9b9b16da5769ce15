import type { HostFunction } from "@wardian/runtime";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import type { Context } from "../vm/context.ts";
import type { Vm } from "../vm/vm.ts";

/** Host functions of one family, by name. Each answers a status, or throws a {@link StatusError} that becomes one. */
export type HostFunctions = Readonly<Record<string, HostFunction>>;

/** The context that a host function acts on. @throws StatusError InternalFailure while the module starts up, when there is none */
export function contextOf(vm: Vm): Context {
  const { context } = vm;
  if (context === undefined) throw new StatusError(Status.InternalFailure);
  return context;
}

/** A function whose thrown statuses have become results. */
export function answering(fn: HostFunction): HostFunction {
  return (...args: unknown[]) => {
    try {
      return fn(...args);
    } catch (error) {
      if (error instanceof StatusError) return error.status;
      throw error;
    }
  };
}

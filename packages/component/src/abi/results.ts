import { Trap } from "@wardian/runtime";
import { ComponentTrap } from "../trap.ts";
import type { FunctionType } from "../types/extern.ts";
import { ComponentError } from "./component-error.ts";
import { bareChoice } from "./elements.ts";
import { compileFromHost } from "./from-host.ts";
import type { AbiSite, HandleCodec, TableValueType } from "./site.ts";
import { compileToHost } from "./to-host.ts";
import { Choice, type TransferValue } from "./transfer.ts";

/** How a function that returns a `result` is given to JavaScript: it throws the error, or returns both cases as a value. */
export type ResultForm = "throw" | "value";

type Handles<Scope> = (type: TableValueType) => HandleCodec<Scope>;

/** What a call returns to JavaScript. */
export type ResultToHost<Scope> = (values: readonly TransferValue[], scope: Scope) => unknown;

/** An error that a function returned; {@link finishResult} throws it once the call has ended. */
class Failed {
  readonly error: ComponentError;

  constructor(error: ComponentError) {
    this.error = error;
  }
}

/** Specialises the conversion of a function's result. What it returns goes through {@link finishResult}. */
export function compileResultToHost<Scope>(
  { result }: FunctionType,
  form: ResultForm,
  handles: Handles<Scope>,
): ResultToHost<Scope> {
  if (result === undefined) return () => undefined;
  if (result.kind !== "result" || form === "value") {
    const convert = compileToHost(result, handles);
    return convert === undefined ? ([value]) => value : ([value], scope) => convert(value, scope);
  }
  const ok = result.ok === undefined ? undefined : compileToHost(result.ok, handles);
  const error = result.error === undefined ? undefined : compileToHost(result.error, handles);
  return ([value], scope) => {
    const { index, payload } = value as Choice;
    const convert = index === 0 ? ok : error;
    const converted = convert === undefined ? payload : convert(payload, scope);
    return index === 0 ? converted : new Failed(new ComponentError(converted));
  };
}

/** @throws ComponentError when the function returned an error and its form is to throw */
export function finishResult(value: unknown): unknown {
  if (value instanceof Failed) throw value.error;
  return value;
}

/** How what a host function returns and throws becomes the result. */
export interface ResultFromHost {
  readonly returned: (value: unknown) => readonly TransferValue[];
  /** @returns the result for an error that is one. @throws what stops the guest */
  readonly thrown: (error: unknown) => readonly TransferValue[];
}

const none: readonly TransferValue[] = [];

/** Specialises {@link ResultFromHost}: only a `ComponentError` is an error of the `result`, all else stops the guest. */
export function compileResultFromHost<Scope>(
  { result }: FunctionType,
  { meter }: AbiSite<Scope>,
  handles: Handles<Scope>,
): ResultFromHost {
  /** A host function's fault is not an error of the guest's caller alone: the guest cannot go on. */
  const guard = (convert: (value: unknown) => readonly TransferValue[]) => (value: unknown) => {
    try {
      return convert(value);
    } catch (cause) {
      throw hostTrap(cause, "a host function returned what its type does not allow");
    }
  };
  const rethrow = (error: unknown): never => {
    throw hostTrap(error, "a host function threw an exception");
  };
  if (result === undefined) return { returned: () => none, thrown: rethrow };
  if (result.kind !== "result") {
    const convert = compileFromHost(result, meter, handles);
    return { returned: guard((value) => [convert(value)]), thrown: rethrow };
  }
  const ok = result.ok === undefined ? undefined : compileFromHost(result.ok, meter, handles);
  const error = result.error === undefined ? undefined : compileFromHost(result.error, meter, handles);
  const failed = guard((value) => [error === undefined ? bareChoice(1) : new Choice(1, error(value))]);
  return {
    returned: guard((value) => [ok === undefined ? bareChoice(0) : new Choice(0, ok(value))]),
    thrown: (reason) => (reason instanceof ComponentError ? failed(reason.payload) : rethrow(reason)),
  };
}

/** A trap for what a host function threw. Traps of the runtime stay what they are. */
function hostTrap(cause: unknown, what: string): Trap {
  if (cause instanceof Trap) return cause;
  const message = cause instanceof Error ? `${what}: ${cause.message}` : what;
  return new ComponentTrap("host-exception", { message, cause });
}

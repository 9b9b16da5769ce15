import {
  LinkError as OwnLinkError,
  RuntimeError as OwnRuntimeError,
  SuspendError as OwnSuspendError,
  Trap,
} from "../store/trap.ts";
import { CompileError as OwnCompileError } from "../wasm/errors.ts";

/** The error classes of the namespace: native errors in everything but their origin (JavaScript API, 5.10). */
function errorClass(name: string): ErrorConstructor {
  function NamespaceError(this: unknown, message?: string, options?: ErrorOptions): Error {
    const error = new Error(message, options);
    Object.setPrototypeOf(error, new.target === undefined ? NamespaceError.prototype : new.target.prototype);
    return error;
  }
  Object.defineProperty(NamespaceError, "name", { value: name, configurable: true });
  Object.defineProperty(NamespaceError, "length", { value: 1, configurable: true });
  Object.setPrototypeOf(NamespaceError, Error);
  NamespaceError.prototype = Object.create(Error.prototype, {
    constructor: { value: NamespaceError, writable: true, configurable: true },
    name: { value: name, writable: true, configurable: true },
    message: { value: "", writable: true, configurable: true },
  });
  Object.defineProperty(NamespaceError, "prototype", { writable: false });
  return NamespaceError as unknown as ErrorConstructor;
}

export const CompileError: ErrorConstructor = errorClass("CompileError");
export const LinkError: ErrorConstructor = errorClass("LinkError");
export const RuntimeError: ErrorConstructor = errorClass("RuntimeError");
export const SuspendError: ErrorConstructor = errorClass("SuspendError");

/** Traps that went out as errors of the namespace: a trap that passes through a host function is the same trap behind it. */
const errorsOfTraps = new WeakMap<object, Error>();
const trapsOfErrors = new WeakMap<object, Error>();

/** What this package throws, as the namespace throws it; the package's own error is its `cause`. */
export function toNamespaceError(error: unknown): unknown {
  if (error instanceof OwnCompileError) return new CompileError(error.message, { cause: error });
  if (error instanceof OwnLinkError) return new LinkError(error.message, { cause: error });
  if (!(error instanceof Trap || error instanceof OwnRuntimeError)) return error;
  let made = errorsOfTraps.get(error);
  if (made === undefined) {
    made = new (error instanceof OwnSuspendError ? SuspendError : RuntimeError)(error.message, { cause: error });
    errorsOfTraps.set(error, made);
    trapsOfErrors.set(made, error);
  }
  return made;
}

/** The other way round, for what a host function lets pass. */
export function fromNamespaceError(error: unknown): unknown {
  return typeof error === "object" && error !== null ? (trapsOfErrors.get(error) ?? error) : error;
}

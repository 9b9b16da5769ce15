import type { Status } from "./constants.ts";

/** A host function cannot do what it was asked; the guest gets the status. It never leaves the host. */
export class StatusError extends Error {
  override readonly name: string = "StatusError";
  readonly status: Status;

  constructor(status: Status) {
    super(`status ${status}`);
    this.status = status;
  }
}

/** Why a plugin does not run. Codes are stable. */
export type PluginErrorCode =
  /** The module is no proxy-wasm plugin, or cannot be linked. */
  | "invalid-module"
  /** The plugin said no to its VM configuration (`proxy_on_vm_start`). */
  | "start-refused"
  /** The plugin said no to its configuration (`proxy_on_configure`). */
  | "configuration-refused"
  /** It trapped, reached a limit or exited. `cause` says how. */
  | "failed";

/** A plugin cannot be loaded or has stopped running. */
export class PluginError extends Error {
  override readonly name: string = "PluginError";
  readonly code: PluginErrorCode;
  override readonly cause: unknown;

  constructor(code: PluginErrorCode, message: string, cause?: unknown) {
    super(message);
    this.code = code;
    this.cause = cause;
  }
}

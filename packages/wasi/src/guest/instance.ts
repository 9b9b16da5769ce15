/**
 * An instance as this package needs it. The platform's `WebAssembly.Instance` is one, and so is every engine's; there is nothing else that this package asks of
 * whoever runs the guest.
 */
export interface GuestInstance {
  /** The module's exports. `memory` is the linear memory that addresses refer to. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** The exports in the form that returns promises and lets host functions return promises, where there is one. */
  readonly async?: { readonly exports: Readonly<Record<string, unknown>> };
  /** Whether the call that runs right now may be suspended by a host function that returns a promise. */
  readonly suspendable?: boolean;
}

/** How a call of a guest can be stopped. */
export interface CallOptions {
  /** Ends the call when it is aborted. */
  readonly signal?: CallSignal;
}

/** A signal that ends a call: the platform's `AbortSignal` is one. */
export interface CallSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * An instance as this package needs it. The platform's `WebAssembly.Instance` is one, and so is every engine's; there is nothing else that this package asks of
 * whoever runs the guest.
 */
export interface GuestInstance {
  /** The module's exports. `memory` is the linear memory that addresses refer to. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** The exports in the form that returns promises and lets host functions return promises, where there is one. */
  readonly async?: {
    readonly exports: Readonly<Record<string, unknown>>;
    /** Calls an export in that form, with options; needed only for a signal. */
    call?(name: string, parameters: readonly never[], options: CallOptions): Promise<unknown>;
  };
  /** False where the asynchronous form is there and does not work, as on a platform that cannot suspend its own WebAssembly. */
  readonly canSuspend?: boolean;
  /** What the guest may consume, where whoever runs it counts that. */
  readonly fuel?: {
    /** Charges the guest for work of its host; throws, to be let pass, when the guest cannot pay or its time is over. */
    charge?(units: number): void;
  };
  /** Whether the call that runs right now may be suspended by a host function that returns a promise. */
  readonly suspendable?: boolean;
}

import type { StringEncoding } from "../model/definitions.ts";
import type { AbiPeer } from "../trap.ts";
import type { AsyncValueType, HandleType, PrimitiveValueType } from "../types/value.ts";
import type { ValueMeter } from "./meter.ts";

/** A value of a core parameter or result: f32 and f64 as numbers, i32 as a number, i64 as a bigint. */
export type CoreValue = number | bigint;

/** A core function as the JavaScript API of WebAssembly has it. */
export type CoreFunction = (...args: CoreValue[]) => CoreValue | undefined;

/** A linear memory. Both members are read anew after each call of the guest, so they may be other objects after a growth. */
export interface MemoryAccess {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A type whose values are indices of an instance's table in the guest. */
export type TableValueType = HandleType | AsyncValueType | PrimitiveValueType;

/**
 * How values of one table type cross the boundary of one component instance. A token is the value between two sides; what it is, is the
 * linker's matter: both sides of a call get it from the same linker.
 *
 * `Scope` is what the linker keeps for one call (Canonical ABI: `borrow_scope`).
 */
export interface HandleCodec<Scope> {
  /** Takes a value out of the guest: `lift_own`, `lift_borrow`, `lift_stream` and so on. */
  lift(index: number, scope: Scope): unknown;
  /** Gives a value to the guest: `lower_own`, `lower_borrow` and so on. @returns the index */
  lower(token: unknown, scope: Scope): number;
  /** Makes the JavaScript value that a host gets. `scope` ends the use of a borrow. */
  toHost(token: unknown, scope: Scope): unknown;
  /** Checks the JavaScript value that a host gave, with no other effect. @throws TypeError */
  fromHost(value: unknown): unknown;
}

/** One canonical definition in one component instance (Canonical ABI, "Lifting and Lowering Context"). */
export interface AbiSite<Scope = unknown> {
  readonly encoding: StringEncoding;
  readonly memory: MemoryAccess | undefined;
  readonly realloc: CoreFunction | undefined;
  /** Bytes of an address in `memory`; 4 without a memory. */
  readonly pointerBytes: 4 | 8;
  /** The component instance. Its flag is false during `realloc` and `post-return` (Canonical ABI: `may_leave`). */
  readonly instance: { mayLeave: boolean };
  readonly meter: ValueMeter;
  /** Whether the other side is the host: decides which message a trap has. */
  readonly peer: AbiPeer;
  /** Called once for each such type of a signature, before its first call. */
  handles(type: TableValueType): HandleCodec<Scope>;
}

/** The side of a call that is called: an instance with a lifted core function. */
export interface LiftSite<Scope = unknown> extends AbiSite<Scope> {
  readonly core: CoreFunction;
  readonly postReturn: CoreFunction | undefined;
  /** Begins a call, before its arguments are lowered. @throws Trap when the instance cannot be entered */
  enter(): Scope;
  /** The result was lifted, and `post-return` is still to come. @throws Trap when borrows remain */
  returned(scope: Scope): void;
  /** Ends a call that succeeded, after `post-return`. */
  exit(scope: Scope): void;
  /** Ends a call that failed after `enter`. @returns what is thrown in place of `error` */
  failed(error: unknown, scope: Scope): unknown;
}

/** The side of a call that calls: an instance that imports a lowered function. */
export interface LowerSite<Scope = unknown> extends AbiSite<Scope> {
  /** Begins a call, before its arguments are lifted. @throws Trap when the instance cannot be left */
  leave(): Scope;
  /** Ends a call that succeeded, after the result was lowered: lends end. */
  arrive(scope: Scope): void;
  /** Ends a call that failed after `leave`. @returns what is thrown in place of `error` */
  failed(error: unknown, scope: Scope): unknown;
}

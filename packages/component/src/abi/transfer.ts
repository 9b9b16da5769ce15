import type { StringEncoding } from "../model/definitions.ts";
import type { MemoryAccess } from "./site.ts";

/**
 * Values between two sides of a call. Lifting makes them, lowering takes them, and a host's JavaScript values are converted to and from
 * them (`to-host.ts`, `from-host.ts`). What they are, by type:
 *
 * - `bool`: boolean; numbers of up to 32 bits, `f32`, `f64`: number; `s64`, `u64`: bigint; `char`: its code point, a number;
 * - `string`: string or {@link GuestString};
 * - a list of numbers: typed array or {@link GuestNumbers}; any other list: array; `map`: array of pairs;
 * - `record`, `tuple`: array of the parts;
 * - `variant`, `option`, `result`: {@link Choice}; `enum`: the case's number; `flags`: the bits, unsigned;
 * - `own`, `borrow`, `stream`, `future`, `error-context`: a token of the linker.
 */
export type TransferValue = unknown;

/** A case of a variant, and its payload. */
export class Choice {
  readonly index: number;
  readonly payload: TransferValue;

  constructor(index: number, payload: TransferValue) {
    this.index = index;
    this.payload = payload;
  }
}

/** What strings of a memory are encoded in; `latin1+utf16` is one or the other for each string. */
export type SimpleEncoding = "utf8" | "utf16" | "latin1";

/**
 * A string in the memory of a component, checked to be in bounds and well-formed. It is valid until the component runs again.
 */
export class GuestString {
  readonly memory: MemoryAccess;
  readonly pointer: number;
  /** Code units: bytes of utf8 and latin1, pairs of bytes of utf16. */
  readonly units: number;
  readonly encoding: SimpleEncoding;
  /** The encoding of the canonical options, on which the steps of lowering depend. */
  readonly declared: StringEncoding;

  constructor(
    memory: MemoryAccess,
    pointer: number,
    units: number,
    encoding: SimpleEncoding,
    declared: StringEncoding,
  ) {
    this.memory = memory;
    this.pointer = pointer;
    this.units = units;
    this.encoding = encoding;
    this.declared = declared;
  }
}

/** A list of numbers in the memory of a component, checked to be in bounds. It is valid until the component runs again. */
export class GuestNumbers {
  readonly memory: MemoryAccess;
  readonly pointer: number;
  readonly count: number;

  constructor(memory: MemoryAccess, pointer: number, count: number) {
    this.memory = memory;
    this.pointer = pointer;
    this.count = count;
  }
}

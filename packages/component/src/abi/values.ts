import type { ValueType as CoreValueType } from "@wardian/runtime/internal";
import { type AbiPeer, ComponentTrap } from "../trap.ts";
import { flattenTypes } from "../types/flatten.ts";
import { layoutOf, offsetsOf } from "../types/layout.ts";
import { makeValueType, type ValueType } from "../types/value.ts";
import { type ElementCodec, Elements } from "./elements.ts";
import { type FlatCodec, flatCodec, pointerType } from "./flat.ts";
import { allocate, checkRange, coreOf, memoryOf, unsignedOf } from "./memory.ts";
import type { AbiSite, CoreValue } from "./site.ts";
import type { TransferValue } from "./transfer.ts";

/** Up to so many parts, values cost no fuel beside that of their strings and lists: the guest pays for passing them. */
const FREE_PARTS = 16;

const pointers = { unaligned: "unaligned-pointer", outOfBounds: "out-of-bounds-pointer" } as const;

/** Parameters or results of a signature, lifted and lowered together (Canonical ABI, "Lifting and Lowering Values"). */
export interface Values<Scope> {
  /** Whether the values are in memory and an address is passed. */
  readonly isSpilled: boolean;
  /** The core types that are passed: one address for values in memory. */
  readonly slots: readonly CoreValueType[];
  /** @param flat the core values, from the first on */
  readonly lift: (flat: readonly CoreValue[], scope: Scope) => TransferValue[];
  /**
   * @param flat gets the core values
   * @param out the address that the caller gave for values in memory; undefined to allocate, and put the address into `flat`
   */
  readonly lower: (
    values: readonly TransferValue[],
    flat: CoreValue[],
    scope: Scope,
    out: CoreValue | undefined,
  ) => void;
}

/**
 * Specialises the lifting and lowering of values for one site.
 *
 * @param limit core values up to which they are passed flat: 16 for parameters, 1 for results; 4 and 0 for `async` calls
 */
export function compileValues<Scope>(
  types: readonly ValueType[],
  site: AbiSite<Scope>,
  limit: number,
  peer: AbiPeer,
): Values<Scope> {
  const elements = new Elements(site, peer);
  const pointer = pointerType(site.pointerBytes);
  const slots = flattenTypes(types, pointer, limit);
  const parts = types.reduce((sum, type) => sum + type.facts.size, 0);
  const { meter } = site;
  const charge = parts > FREE_PARTS;
  if (slots === undefined) return spilled(types, elements, pointer, parts);
  const codecs: FlatCodec<Scope>[] = [];
  let at = 0;
  for (const type of types) {
    const codec = flatCodec(elements, type, slots, at);
    codecs.push(codec);
    at += codec.count;
  }
  const { length } = codecs;
  return {
    isSpilled: false,
    slots,
    lift: (flat, scope) => {
      if (charge) meter.parts(parts);
      const values: TransferValue[] = [];
      for (let i = 0; i < length; i++) values.push(codecs[i].lift(flat, scope));
      meter.settle();
      return values;
    },
    lower: (values, flat, scope) => {
      if (charge) meter.parts(parts);
      for (let i = 0; i < length; i++) codecs[i].lower(values[i], flat, scope);
      meter.settle();
    },
  };
}

function spilled<Scope>(
  types: readonly ValueType[],
  elements: Elements<Scope>,
  pointer: CoreValueType,
  parts: number,
): Values<Scope> {
  const { site, peer } = elements;
  const offsets = offsetsOf(types, site.pointerBytes);
  const codecs: ElementCodec<Scope>[] = types.map((type) => elements.of(type));
  const { bytes, alignment } = layoutOf(makeValueType({ kind: "tuple", types }), site.pointerBytes);
  const memory = memoryOf(site);
  const { meter } = site;
  const charge = parts > FREE_PARTS;
  const { length } = codecs;
  return {
    isSpilled: true,
    slots: [pointer],
    lift: (flat, scope) => {
      const base = unsignedOf(flat[0]);
      checkRange(memory, base, bytes, alignment, pointers, peer);
      if (charge) meter.parts(parts);
      const values: TransferValue[] = [];
      for (let i = 0; i < length; i++) values.push(codecs[i].load(base + offsets[i], scope));
      meter.settle();
      return values;
    },
    lower: (values, flat, scope, out) => {
      if (charge) meter.parts(parts);
      let base: number;
      if (out === undefined) {
        base = allocate(site, alignment, bytes, "values", peer);
        flat[0] = coreOf(site, base);
      } else {
        base = unsignedOf(out);
        checkRange(memory, base, bytes, alignment, pointers, peer);
      }
      for (let i = 0; i < length; i++) codecs[i].store(values[i], base + offsets[i], scope);
      meter.settle();
    },
  };
}

/** Lifts and lowers single values in memory, as streams and futures do. */
export function elementCodec<Scope>(type: ValueType, site: AbiSite<Scope>, peer: AbiPeer): ElementCodec<Scope> {
  return new Elements(site, peer).of(type);
}

/** The trap for a core function that returned nothing where it must return a value: the linker gave the wrong one. */
export function coreResult(value: CoreValue | undefined): CoreValue {
  if (value === undefined) throw new ComponentTrap("guest-exception", { message: "the core function has no result" });
  return value;
}

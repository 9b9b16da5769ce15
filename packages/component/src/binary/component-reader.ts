import { Decoding, type FeatureSet } from "@wardian/runtime/internal";
import { ComponentFeatureError } from "../errors.ts";
import type { ComponentFeature, ComponentFeatureSet } from "../model/features.ts";
import { LIMITS } from "./limits.ts";

/** A cursor over the bytes of a component: the core's, which reads core types too, and what the component's format adds. */
export class ComponentReader extends Decoding {
  readonly componentFeatures: ComponentFeatureSet;
  /** How many components and types enclose what is being read. */
  depth = 0;

  constructor(bytes: Uint8Array, features: FeatureSet, componentFeatures: ComponentFeatureSet) {
    super(bytes, features);
    this.componentFeatures = componentFeatures;
  }

  /** `what`, which begins at `offset`, is only there with `feature`. */
  needComponent(feature: ComponentFeature, what: string, offset: number): void {
    if (!this.componentFeatures.has(feature)) throw new ComponentFeatureError(feature, what, { ...this.place, offset });
  }

  /** A vector, whose items take a byte each at least. */
  vector<T>(what: string, read: () => T, limit: number = LIMITS.definitions): T[] {
    const count = this.count(what, limit);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  /** A byte that is 0 for absent and 1 for present, and what is present. */
  optional<T>(what: string, read: () => T): T | undefined {
    return this.flag(what) ? read() : undefined;
  }

  /** A byte that is 0 or 1. */
  flag(what: string): boolean {
    const start = this.pos;
    const byte = this.byte();
    if (byte > 1) this.fail(`malformed ${what}: expected 0 or 1`, start);
    return byte === 1;
  }

  /** Reads what is nested in a component or type. */
  nested<T>(read: () => T): T {
    if (this.depth >= LIMITS.nesting) this.refuse(`nesting too deep: the limit is ${LIMITS.nesting}`);
    this.depth++;
    try {
      return read();
    } finally {
      this.depth--;
    }
  }

  /** The entry of a table for the byte that comes next. */
  one<T>(what: string, table: ReadonlyMap<number, T>): T {
    const start = this.pos;
    const byte = this.byte();
    const found = table.get(byte);
    if (found === undefined) this.fail(`malformed ${what} 0x${byte.toString(16)}`, start);
    return found as T;
  }

  /** A byte that can only be this. */
  expect(byte: number, what: string): void {
    const start = this.pos;
    if (this.byte() !== byte) this.fail(`malformed ${what}`, start);
  }
}

import { type SubType, V128 } from "../wasm/types.ts";
import { lebAt } from "./instruction-shape.ts";

/** So many values, as a power of two, an instruction handles for one unit more. */
export const VALUES_PER_UNIT_LOG2 = 3;

/** So many declared locals a call clears for nothing: most functions have fewer. */
export const FREE_LOCALS = 32;

/** How many values the types of a module stand for, by type index. */
export interface TypeWidths {
  readonly params: Int32Array;
  readonly results: Int32Array;
  readonly fields: Int32Array;
}

const known = new WeakMap<readonly SubType[], TypeWidths>();

/** The widths of a module's types, counted once. */
export function widthsOf(types: readonly SubType[]): TypeWidths {
  let widths = known.get(types);
  if (widths === undefined) {
    const { length } = types;
    widths = { params: new Int32Array(length), results: new Int32Array(length), fields: new Int32Array(length) };
    for (let i = 0; i < length; i++) {
      const { composite } = types[i];
      if (composite.kind === "func") {
        widths.params[i] = composite.params.length;
        widths.results[i] = composite.results.length;
      } else if (composite.kind === "struct") {
        // A vector is four words on the engines that keep structures in JavaScript, so it counts as two fields.
        for (const { storage } of composite.fields) widths.fields[i] += storage === V128 ? 2 : 1;
      }
    }
    known.set(types, widths);
  }
  return widths;
}

/**
 * The parameters or results of the block type at `pos`.
 *
 * @param counts those of each type index
 * @param single the count of a block type that is one value type
 */
export function arityOf(bytes: Uint8Array, pos: number, counts: Int32Array, single: number): number {
  const first = bytes[pos];
  if (first === 0x40) return 0;
  // A type index is a signed number of 33 bits that is not negative; value types are negative numbers of seven bits.
  if (first >= 0x40 && first < 0x80) return single;
  return counts[lebAt(bytes, pos)];
}

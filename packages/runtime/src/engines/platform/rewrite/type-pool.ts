import type { SubType, ValueType } from "../../../wasm/types.ts";

/** The types of a rewritten module: those it had, at their indices, and the function types that the rewriting adds behind them. */
export class TypePool {
  readonly types: SubType[];
  private readonly added: Map<string, number> = new Map();

  constructor(types: readonly SubType[]) {
    this.types = [...types];
  }

  /** The index of a function type of this signature, added if need be. */
  func(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`;
    let index = this.added.get(key);
    if (index === undefined) {
      index = this.types.length;
      this.types.push({
        final: true,
        supertypes: [],
        composite: { kind: "func", params, results },
        groupStart: index,
        groupSize: 1,
      });
      this.added.set(key, index);
    }
    return index;
  }
}

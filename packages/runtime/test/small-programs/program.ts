import type { Limits } from "../../src/store/limits.ts";

export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
  /** The result, or `{ trap }` with the code of a trap. */
  readonly value: unknown;
  /** The fuel of the call, where the figure is tested. */
  readonly fuel?: bigint;
}

export interface Program {
  readonly name: string;
  readonly source: string;
  /** In this order, on one instance of each engine. */
  readonly calls: readonly Call[];
  readonly limits?: Limits;
  /** Made for each instance of the program, so that the instances of two engines do not share a table. */
  readonly imports?: () => Record<string, Record<string, unknown>>;
}

/** A call, its result and its fuel. */
export const call = (name: string, args: readonly unknown[], value: unknown, fuel?: bigint): Call => ({
  name,
  args,
  value,
  fuel,
});
/** The outcome of a call that traps. */
export const trap = (code: string): { readonly trap: string } => ({ trap: code });

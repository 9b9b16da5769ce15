import { featureBit } from "../../../metering/instruction-shape.ts";
import type { FunctionPlan } from "../../../metering/plan.ts";
import type { WasmModule } from "../../../wasm/module.ts";
import { FUNCREF } from "../../../wasm/types.ts";

/** Proposals with instructions that take functions out of tables, put them there, or make references of them. */
const REFERENCES = featureBit("reference-types") | featureBit("function-references") | featureBit("gc");

/**
 * Whether functions come into a module's tables from its own element segments alone, and leave them only by being called. Then it is
 * nobody's business what type they have there.
 */
export function keepsTables(syntax: WasmModule, plans: readonly FunctionPlan[]): boolean {
  const { importCounts, exports, tables, elements, types } = syntax;
  return (
    tables.length > 0 &&
    importCounts.table === 0 &&
    !exports.some(({ kind }) => kind === "table") &&
    tables.every(({ type, init }) => type.element === FUNCREF && init === undefined) &&
    elements.every(({ kind }) => kind === "functions") &&
    // A call goes through when the types are equal: so must be those that the functions have instead.
    types.every(
      ({ final, supertypes, groupSize, composite }) =>
        final && supertypes.length === 0 && groupSize === 1 && composite.kind === "func",
    ) &&
    !plans.some(({ features }) => (features & REFERENCES) !== 0)
  );
}

import { featureBit, featureBits, lebAt, shapes, skipImmediates, skipLeb } from "../../metering/instruction-shape.ts";
import type { FunctionPlan } from "../../metering/plan.ts";
import { type Feature, featureNames } from "../../wasm/features.ts";
import type { Expression, WasmModule } from "../../wasm/module.ts";
import { isPrefix, prefixedSlot } from "../../wasm/opcode-slots.ts";
import * as OP from "../../wasm/opcodes.ts";
import { featureOfType } from "../../wasm/type-features.ts";
import { I64, type StorageType, type ValueType } from "../../wasm/types.ts";
import type { PlatformAbilities } from "./probe.ts";

/** Collects the features that a module uses, as bits. */
class Uses {
  bits = 0;

  feature(feature: Feature | undefined): void {
    if (feature !== undefined) this.bits |= featureBit(feature);
  }

  type(type: ValueType | StorageType): void {
    this.feature(featureOfType(type));
  }

  types(types: readonly ValueType[]): void {
    for (const type of types) this.type(type);
  }

  constant(expression: Expression | undefined, importedGlobals: number): void {
    if (expression === undefined) return;
    const { bytes, start, end } = expression;
    for (let pos = start; pos < end; ) {
      const opcode = bytes[pos++];
      // Arithmetic is older than its use in constant expressions.
      if (opcode >= OP.I32_ADD && opcode <= OP.I64_MUL) this.feature("extended-const");
      // A global of the module's own came into constant expressions with garbage collection.
      if (opcode === OP.GLOBAL_GET && lebAt(bytes, pos) >= importedGlobals) this.feature("gc");
      let index = opcode;
      if (isPrefix(opcode)) {
        index = prefixedSlot(opcode, lebAt(bytes, pos));
        pos = skipLeb(bytes, pos);
      }
      this.bits |= featureBits[index];
      pos = skipImmediates(bytes, pos, shapes[index]);
    }
  }
}

function collect(syntax: WasmModule, plans: readonly FunctionPlan[]): Uses {
  const uses = new Uses();
  const imported = syntax.importCounts.global;
  for (const { composite, final, supertypes, groupSize } of syntax.types) {
    if (!final || supertypes.length > 0 || groupSize > 1) uses.feature("gc");
    if (composite.kind === "func") {
      uses.types(composite.params);
      uses.types(composite.results);
    } else uses.feature("gc");
  }
  for (const { type, init } of syntax.tables) {
    uses.type(type.element);
    if (init !== undefined) uses.feature("function-references");
    uses.constant(init, imported);
  }
  if (syntax.memories.length > 1) uses.feature("multi-memory");
  for (const { address, shared, pageSizeLog2 } of syntax.memories) {
    if (address === I64) uses.feature("memory64");
    if (shared) uses.feature("threads");
    if (pageSizeLog2 !== 16) uses.feature("custom-page-sizes");
  }
  for (const { type, init } of syntax.globals) {
    uses.type(type.type);
    uses.constant(init, imported);
  }
  for (const { offset, type, kind, items } of syntax.elements) {
    // A list of functions has non-null elements, whatever the platform calls that.
    if (kind === "expressions") {
      uses.type(type);
      for (const item of items as readonly Expression[]) uses.constant(item, imported);
    }
    uses.constant(offset, imported);
  }
  for (const { offset } of syntax.data) uses.constant(offset, imported);
  for (const { features } of plans) uses.bits |= features;
  for (const { locals } of syntax.bodies) for (const { type } of locals) uses.type(type);
  return uses;
}

/** What a module needs that the platform lacks, as names for people; empty when it can run it. */
export function missingFeatures(
  syntax: WasmModule,
  plans: readonly FunctionPlan[],
  abilities: PlatformAbilities,
): string[] {
  const { bits } = collect(syntax, plans);
  const missing: string[] = featureNames.filter(
    (feature) =>
      (bits & featureBit(feature)) !== 0 && feature !== "mutable-globals" && !abilities.features.has(feature),
  );
  if (
    syntax.tags.length > 0 &&
    !abilities.features.has("exceptions") &&
    !abilities.features.has("legacy-exceptions") &&
    !missing.includes("exceptions")
  )
    missing.push("exceptions");
  if (!abilities.table64 && syntax.tables.some(({ type }) => type.address === I64)) missing.push("table64");
  return missing;
}

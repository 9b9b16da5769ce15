import { type Feature, featureNames } from "../wasm/features.ts";
import type { Expression, WasmModule } from "../wasm/module.ts";
import { featureOfType } from "../wasm/type-features.ts";
import { decodeModule } from "./decode.ts";
import { type BlockType, readImmediates, readOpcode } from "./instruction-reader.ts";
import { Reader } from "./reader.ts";

/** A set that has every feature, and remembers which it was asked for: the decoder asks when it meets a use. */
class Asked extends Set<Feature> {
  readonly met: Set<Feature> = new Set();

  override has(feature: Feature): boolean {
    this.met.add(feature);
    return true;
  }
}

/**
 * Which proposals a module needs, in the order of `featureNames`: those without which it would be refused. For people and tools: it
 * reads all code.
 *
 * @throws MalformedError for bytes that are not a well-formed module
 */
export function featuresUsed(bytes: Uint8Array): Feature[] {
  const asked = new Asked();
  const module = decodeModule(bytes, asked);
  const used = asked.met;
  // Both proposals for exceptions have tags and `throw`: only the code says which of them a module means. Types are of the newer alone.
  const typed = used.has("exceptions");
  used.delete("exceptions");
  used.delete("legacy-exceptions");
  const names = new Set<string>();
  for (const body of module.bodies) addInstructions(body, used, names);
  for (const constant of constantsOf(module)) {
    const found = new Set<string>();
    addInstructions(constant, used, found);
    for (const name of found) if (/^i(32|64)\.(add|sub|mul)$/.test(name)) used.add("extended-const");
    if (found.has("global.get") && readsOwnGlobal(constant, module)) used.add("gc");
  }
  const newer = typed || names.has("try_table") || names.has("throw_ref");
  if (used.has("legacy-exceptions") && !newer) used.delete("exceptions");
  else if (typed || module.tags.length > 0) used.add("exceptions");
  return featureNames.filter((feature) => used.has(feature));
}

function addInstructions(code: Expression, used: Set<Feature>, names: Set<string>): void {
  const reader = new Reader(code.bytes, code.start, code.end);
  while (reader.pos < reader.end) {
    const instruction = readOpcode(reader);
    const { immediates: kinds, feature, name } = instruction;
    names.add(name);
    if (feature !== undefined) used.add(feature);
    if (kinds.length === 0) continue;
    const values = readImmediates(reader, instruction);
    if (kinds[0] === "blocktype") addBlockType(values[0] as BlockType, used);
    else if (kinds[0] === "valtypes") for (const type of values[0] as number[]) addType(type, used);
  }
}

/** Whether a constant expression reads a global that is not imported. */
function readsOwnGlobal({ bytes, start, end }: Expression, { importCounts }: WasmModule): boolean {
  const reader = new Reader(bytes, start, end);
  while (reader.pos < end) {
    const instruction = readOpcode(reader);
    const [index] = readImmediates(reader, instruction);
    if (instruction.name === "global.get" && (index as number) >= importCounts.global) return true;
  }
  return false;
}

function addBlockType(type: BlockType, used: Set<Feature>): void {
  if (type.kind === "index") used.add("multi-value");
  else if (type.kind === "value") addType(type.type, used);
}

function addType(type: number, used: Set<Feature>): void {
  const feature = featureOfType(type);
  if (feature !== undefined) used.add(feature);
}

function* constantsOf({ globals, tables, elements, data }: WasmModule): Generator<Expression> {
  for (const { init } of [...globals, ...tables]) if (init !== undefined) yield init;
  for (const { offset } of [...elements, ...data]) if (offset !== undefined) yield offset;
  for (const { kind, items } of elements) if (kind === "expressions") yield* items as readonly Expression[];
}

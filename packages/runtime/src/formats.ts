/**
 * The formats by themselves, for tools: bytes and text to a module as data and back, and the one table of instructions.
 * To run WebAssembly none of this is needed.
 *
 * @module
 */
export { decodeModule } from "./binary/decode.ts";
export { encodeModule } from "./binary/encode.ts";
export { featuresUsed } from "./binary/features-used.ts";
export { LIMITS } from "./binary/limits.ts";
export {
  decodeNames,
  encodeNames,
  type IndirectNameMap,
  NAME_SECTION,
  type NameMap,
  type NameSection,
  namesOf,
} from "./binary/names.ts";
export { decodeProducers, type Producer } from "./binary/producers.ts";
export { demangle } from "./demangle/demangle.ts";
export { type ParsedModule, parseModule } from "./text/parser.ts";
export { type PrintOptions, printModule } from "./text/printer.ts";
export { type ImmediateKind, type Instruction, instructions, instructionsByName } from "./wasm/instructions.ts";
export {
  type CustomSection,
  type DataSegment,
  type ElementSegment,
  type Export,
  type Expression,
  type ExternKind,
  type FunctionBody,
  type GlobalDefinition,
  type Import,
  type LocalRun,
  SECTION,
  type SectionRange,
  type SegmentMode,
  sectionNames,
  type TableDefinition,
  type WasmModule,
} from "./wasm/module.ts";
export {
  type CompositeType,
  type FunctionType,
  type GlobalType,
  type HeapType,
  isNullable,
  isReference,
  type Limits,
  type MemoryType,
  type SubType,
  type TableType,
  typeName,
  type ValueType,
} from "./wasm/types.ts";

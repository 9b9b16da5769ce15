/**
 * What this repository's own tools need beyond the public face: values as bits, code instruction by instruction, scripts of the
 * specification's tests. It may change in any release.
 *
 * @module
 */

export { invokeAsync, invokeRaw } from "./api/instance.ts";
export { decodeModule } from "./binary/decode.ts";
export { Decoding } from "./binary/decoding.ts";
export { encodeModule } from "./binary/encode.ts";
export {
  readGlobalType,
  readMemoryType,
  readTableType,
  readTagType,
  writeGlobalType,
  writeMemoryType,
  writeTableType,
  writeTagType,
} from "./binary/extern-types.ts";
export { readImmediates, readOpcode } from "./binary/instruction-reader.ts";
export { Reader } from "./binary/reader.ts";
export { readValueType } from "./binary/type-reader.ts";
export { readTypeGroup, writeTypeGroup } from "./binary/type-section.ts";
export { writeValueType } from "./binary/type-writer.ts";
export { Writer } from "./binary/writer.ts";
export { preparedBytes } from "./engines/interpreter/machine/module-code.ts";
export { callNative } from "./engines/platform/raw-call.ts";
export { rewriteForMeasure } from "./engines/platform/variant.ts";
export { Func } from "./store/function.ts";
export { GcObject } from "./store/gc.ts";
export { isI31 } from "./store/references.ts";
export { concatenate } from "./text/annotations.ts";
export { IndexSpace, ModuleContext as TextModuleContext } from "./text/context.ts";
export { Cursor } from "./text/cursor.ts";
export { parseF32, parseF64, parseInteger } from "./text/immediates.ts";
export { TOKEN } from "./text/lexer.ts";
export { type ParsedModule, parseFields, parseModule } from "./text/parser.ts";
export { Identifiers, TypePrinter } from "./text/print-names.ts";
export { printModule } from "./text/printer.ts";
export {
  type Action,
  type Command,
  type LanePattern,
  parseScript,
  type ResultPattern,
  type ScriptModule,
  type ScriptValue,
} from "./text/script.ts";
export { SourceText } from "./text/source.ts";
export { decodeString, quoteBytes, quoteName } from "./text/strings.ts";
export {
  parseGlobalType,
  parseMemoryType,
  parseTableType,
  parseTypeBody,
  parseTypeDefinition,
  parseTypeUse,
} from "./text/types.ts";
export { matchesComposite } from "./validation/subtypes.ts";
export { type ValidModule, validateModule } from "./validation/validate.ts";
export { CompileError, type ErrorPlace, MalformedError, type SourcePosition, ValidationError } from "./wasm/errors.ts";
export { allFeatures, defaultFeatures, type Feature, type FeatureSet, selectFeatures } from "./wasm/features.ts";
export type { WasmModule } from "./wasm/module.ts";
export {
  type DefinedType,
  defineGroup,
  defineTypes,
  isDefinedSubtype,
  isSubtype,
  mapComposite,
} from "./wasm/type-registry.ts";
export {
  type CompositeType,
  F32,
  F64,
  FUNCREF,
  type FunctionType,
  type GlobalType,
  heapTypeOfIndex,
  I32,
  I64,
  isTypeIndex,
  type Limits as LimitsType,
  type MemoryType,
  referenceType,
  type SubType,
  type TableType,
  typeIndexOf,
  typeName,
  type ValueType,
} from "./wasm/types.ts";
export { unsigned64 } from "./wasm/unsigned.ts";
export { decodeUtf8, encodeUtf8 } from "./wasm/utf8.ts";

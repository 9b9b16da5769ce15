/**
 * The formats of WebAssembly, for tools: modules as data, from and to bytes and text. Programs that only run guests need none of it.
 */
export { decodeModule } from "./binary/decode.ts";
export { encodeModule } from "./binary/encode.ts";
export { featuresUsed } from "./binary/features-used.ts";
export { decodeNames, type NameSection, namesOf } from "./binary/names.ts";
export { decodeProducers, type Producer } from "./binary/producers.ts";
export { type ParsedModule, parseModule } from "./text/parser.ts";
export { type ValidModule, validateModule } from "./validation/validate.ts";
export type * from "./wasm/module.ts";
export { SECTION, sectionNames } from "./wasm/module.ts";
export * from "./wasm/types.ts";

/**
 * WIT, the language that describes components' interfaces: parse, resolve, print.
 *
 * @module
 */
export { decodeWit, witOf } from "./wit/decode.ts";
export { encodeWit, packageComponent } from "./wit/encode.ts";
export type { WitBinaryReader, WitFiles, WitPathOptions } from "./wit/folder.ts";
export { resolveWitPath } from "./wit/folder.ts";
export type { WitFeatures } from "./wit/gates.ts";
export * from "./wit/model.ts";
export { parseFile } from "./wit/parser.ts";
export { printWit, type WitPrintOptions } from "./wit/printer.ts";
export { resolveWit, type WitGroup, type WitOptions } from "./wit/resolve.ts";
export { WitError, type WitLocation, type WitSource } from "./wit/source.ts";
export { printTypes, selectWorld, type WitTypesOptions } from "./wit/typescript.ts";

/**
 * How options objects are read, for this repository's packages. It may change in any release.
 *
 * @module
 */
export { type OptionNames, readOptions, suggestion } from "./wasm/options.ts";

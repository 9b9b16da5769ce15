/**
 * The WebAssembly Component Model: components as data.
 *
 * @module
 */
export * from "./model/index.ts";

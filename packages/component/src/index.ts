/**
 * The WebAssembly Component Model: components as data, their binary format, and validation.
 *
 * @module
 */
export { type DecodeOptions, decodeComponent, isComponent } from "./binary/decode.ts";
export { encodeComponent } from "./binary/encode.ts";
export { LIMITS as COMPONENT_LIMITS } from "./binary/limits.ts";
export { ComponentFeatureError } from "./errors.ts";
export * from "./model/index.ts";
export { ComponentTrap, type ComponentTrapKind } from "./trap.ts";
export * from "./types/index.ts";
export { type ValidateOptions, validateComponent } from "./validation/validate.ts";

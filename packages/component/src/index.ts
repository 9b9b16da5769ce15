/**
 * The WebAssembly Component Model: components as data, their binary format, and validation.
 *
 * @module
 */

export { ComponentError } from "./abi/index.ts";
export { type DecodeOptions, decodeComponent, isComponent } from "./binary/decode.ts";
export { encodeComponent } from "./binary/encode.ts";
export { LIMITS as COMPONENT_LIMITS } from "./binary/limits.ts";
export { ComponentFeatureError } from "./errors.ts";
export * from "./model/index.ts";
export { ComponentInstance } from "./run/component-instance.ts";
export type { ComponentLimits } from "./run/component-limits.ts";
export { ComponentRuntime, type ComponentRuntimeOptions } from "./run/component-runtime.ts";
export { type ComponentFrame, componentFrames } from "./run/frames.ts";
export type { ComponentExports, ComponentFunction } from "./run/host-exports.ts";
export type { ComponentImports } from "./run/host-imports.ts";
export { type InstantiateComponentOptions, LoadedComponent } from "./run/loaded-component.ts";
export { ComponentTrap, type ComponentTrapKind } from "./trap.ts";
export * from "./types/index.ts";
export { type ValidateOptions, validateComponent } from "./validation/validate.ts";

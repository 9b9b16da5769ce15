/** The Component Model as data. */
export * from "./builtins.ts";
export * from "./definitions.ts";
export * from "./extern-name.ts";
export * from "./features.ts";
export * from "./sorts.ts";
export * from "./types.ts";

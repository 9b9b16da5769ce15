/** Types with their indices resolved, as the validator gives them to the linker. */
export * from "./canonical.ts";
export * from "./extern.ts";
export * from "./flatten.ts";
export * from "./resource.ts";
export * from "./valid.ts";
export * from "./value.ts";

export { Runtime } from "./api/runtime.ts";
export * from "./api/shared-exports.ts";
export { compileAhead } from "./engines/compiler/ahead.ts";
export { shareModule } from "./engines/share.ts";

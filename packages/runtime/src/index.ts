export { compileAhead } from "./engines/compiler/ahead.ts";
export { shareModule } from "./engines/share.ts";
export * from "./face.ts";
export { Runtime } from "./runtime.ts";

/**
 * The text format of components, which running them does not need.
 *
 * @module
 */
export { type ParsedComponent, parseComponent } from "./text/parser.ts";
export { type PrintComponentOptions, printComponent } from "./text/printer.ts";

/**
 * A family of functions by their names in preview 1. Parameters are the interface's: i32 as a number (signed), i64 as a bigint. A function that returns has
 * succeeded; one that fails throws a `WASIError`, at once or through its promise.
 */
export type Family = Readonly<Record<string, (...parameters: never[]) => void | Promise<void>>>;

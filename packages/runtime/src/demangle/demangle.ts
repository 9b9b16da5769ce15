import { demangleItanium } from "./itanium.ts";
import { MAX_OUTPUT, Unreadable } from "./reader.ts";
import { demangleRustLegacy, demangleRustV0 } from "./rust.ts";

/**
 * The name that a symbol has in its source language: of Rust (the v0 scheme and the older one) and of C++ (the Itanium ABI). Work and length
 * are bounded, whatever the name is.
 *
 * @param name a function's name, as the name section has it
 * @returns undefined where the name is not mangled, follows no grammar that is known, or passes a bound
 */
export function demangle(name: string): string | undefined {
  const [prefix, kind] = /^_{0,2}([RZ])/.exec(name) ?? [];
  if (prefix === undefined || prefix === kind) return undefined;
  // Control characters would be a name that a terminal or a log takes for something else.
  if (!/^[\x21-\x7e]+$/.test(name)) return undefined;
  try {
    const start = prefix.length;
    const found =
      kind === "R" ? demangleRustV0(name, start) : (demangleRustLegacy(name, start) ?? demangleItanium(name, start));
    return found.length > MAX_OUTPUT ? undefined : found;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

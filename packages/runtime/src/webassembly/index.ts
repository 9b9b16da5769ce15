/**
 * The `WebAssembly` namespace of the JavaScript API over this package's engines, for platforms that have none.
 *
 * @example
 * import { WebAssembly } from "@wardian/runtime/webassembly";
 * globalThis.WebAssembly ??= WebAssembly;
 */
export { createWebAssembly, type NamespaceOptions, type WebAssemblyNamespace } from "./namespace.ts";

import { createWebAssembly, type WebAssemblyNamespace } from "./namespace.ts";

/** The namespace with the compiler where code can be made from text, and with the interpreter elsewhere. */
export const WebAssembly: WebAssemblyNamespace = createWebAssembly();

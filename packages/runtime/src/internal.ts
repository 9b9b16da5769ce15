/**
 * What this repository's own tests need beyond the public face. It may change in any release.
 */
export { invokeRaw } from "./instance.ts";

import type { DefinedType } from "../wasm/type-registry.ts";

/**
 * A structure or array on the heap (specification, 4.2.13). They are JavaScript objects, so the platform's collector frees them,
 * cycles through host references included. A host sees them as opaque.
 */
export abstract class GcObject {
  readonly type: DefinedType;

  constructor(type: DefinedType) {
    this.type = type;
  }
}

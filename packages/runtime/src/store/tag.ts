import { type DefinedType, defineTypes } from "../wasm/type-registry.ts";
import { EXTERNREF, type FunctionType, type ValueType } from "../wasm/types.ts";

/** What an exception is told apart by (specification, 4.2.10): an identity, and the types of what it carries. */
export class Tag {
  /** The function type whose parameters the exception carries. */
  readonly type: DefinedType;

  constructor(type: DefinedType) {
    this.type = type;
  }

  get parameters(): readonly ValueType[] {
    return (this.type.composite as FunctionType).params;
  }
}

/**
 * An exception that a guest threw, or that a host throws for a guest to catch (JavaScript API, 5.8).
 * The payload holds values as the guest sees them.
 */
export class Exception {
  readonly tag: Tag;
  readonly payload: readonly unknown[];

  constructor(tag: Tag, payload: readonly unknown[]) {
    this.tag = tag;
    this.payload = payload;
  }
}

let javaScriptTag: Tag | undefined;

/** The tag under which a guest catches what a host function threw: one `externref`, the thrown value (`WebAssembly.JSTag`). */
export function jsTag(): Tag {
  javaScriptTag ??= new Tag(
    defineTypes([
      {
        final: true,
        supertypes: [],
        composite: { kind: "func", params: [EXTERNREF], results: [] },
        groupStart: 0,
        groupSize: 1,
      },
    ])[0],
  );
  return javaScriptTag;
}

/**
 * The `error` case of a function's `result`: an exported function throws it, and a host function throws it to return that case.
 *
 * @typeParam E the JavaScript form of the payload's type
 */
export class ComponentError<E = unknown> extends Error {
  override readonly name: string = "ComponentError";
  /** The payload; undefined where the type has none. */
  readonly payload: E;

  constructor(payload: E, message: string = describe(payload)) {
    super(message);
    this.payload = payload;
  }
}

function describe(payload: unknown): string {
  if (typeof payload === "string") return payload;
  const tag = typeof payload === "object" && payload !== null && "tag" in payload ? payload.tag : undefined;
  return typeof tag === "string" ? `the function failed: ${tag}` : "the function failed";
}

type Then = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => unknown;

/** Whether a value can have a method `then`: what host functions are looked at for before anything else. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/**
 * The method that makes what a host function returned a promise, as `await` understands it; undefined for any other value. It is read here and nowhere
 * else: a getter may have another answer the second time.
 * @throws whatever the getter throws
 */
export function thenOf(value: unknown): Then | undefined {
  if (!isObject(value)) return undefined;
  const { then } = value as { then?: unknown };
  return typeof then === "function" ? (then as Then) : undefined;
}

/**
 * A promise of the platform for what a value with a method `then` comes to. The first settling counts, what `then` throws before it is a
 * rejection, and what it is fulfilled with is awaited in turn: all as `await` has it.
 */
export function promiseOf(value: object, then: Then): Promise<unknown> {
  if (value instanceof Promise && then === Promise.prototype.then) return value;
  // In a wrapper, since the platform would read `then` from the value once more.
  const wrapper = {
    // biome-ignore lint/suspicious/noThenProperty: it is made to be awaited
    then: (fulfil: (value: unknown) => void, reject: (error: unknown) => void) => then.call(value, fulfil, reject),
  };
  return new Promise((resolve) => resolve(wrapper));
}

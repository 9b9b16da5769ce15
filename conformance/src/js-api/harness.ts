import { inspect } from "node:util";

/** How one subtest went. */
export interface Subtest {
  readonly name: string;
  /** Undefined for one that passed. */
  readonly failure: string | undefined;
}

/** What a test file finds in its global scope, and what its subtests came to. */
export interface Harness {
  readonly globals: Readonly<Record<string, unknown>>;
  /** Resolves when every subtest of the file has ended. */
  results(): Promise<readonly Subtest[]>;
}

type TestFunction = (test: TestObject) => unknown;

/** What a subtest's function is given: the part of it that the suite uses. */
interface TestObject {
  readonly name: string;
  add_cleanup(cleanup: () => void): void;
  step(run: () => void): void;
  unreached_func(message?: string): () => never;
}

class AssertionError extends Error {}

function check(condition: boolean, message: () => string, description: unknown): void {
  if (!condition) throw new AssertionError(description === undefined ? message() : `${message()} (${description})`);
}

/** A value in words, as the harness of the web platform's tests has it. */
function formatValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return String(value).slice(0, 60);
  if (typeof value === "object" && value !== null) {
    const tag = Object.prototype.toString.call(value);
    return tag === "[object Array]" ? `[${(value as unknown[]).map(formatValue).join(", ")}]` : `object "${tag}"`;
  }
  return typeof value === "bigint" ? `${value}n` : String(value);
}

function assertThrown(error: unknown, kind: ErrorConstructor, description: unknown): void {
  check(
    typeof error === "object" && error !== null && (error as Error).constructor === kind,
    () => `expected a ${kind.name}, got ${error instanceof Error ? inspect(error) : formatValue(error)}`,
    description,
  );
}

function thrownBy(fn: () => unknown, description: unknown): unknown {
  try {
    fn.call(undefined);
  } catch (error) {
    return error;
  }
  throw new AssertionError(`the function did not throw (${description})`);
}

const assertions = {
  assert_true: (actual: unknown, description?: unknown): void =>
    check(actual === true, () => `expected true, got ${formatValue(actual)}`, description),
  assert_false: (actual: unknown, description?: unknown): void =>
    check(actual === false, () => `expected false, got ${formatValue(actual)}`, description),
  assert_equals: (actual: unknown, expected: unknown, description?: unknown): void =>
    check(
      Object.is(actual, expected),
      () => `expected ${formatValue(expected)}, got ${formatValue(actual)}`,
      description,
    ),
  assert_not_equals: (actual: unknown, expected: unknown, description?: unknown): void =>
    check(!Object.is(actual, expected), () => `got ${formatValue(actual)}`, description),
  assert_array_equals(actual: ArrayLike<unknown>, expected: ArrayLike<unknown>, description?: unknown): void {
    const same =
      typeof actual === "object" &&
      actual !== null &&
      actual.length === expected.length &&
      Array.from(actual).every((value, i) => Object.is(value, expected[i]));
    check(same, () => `expected ${formatValue(expected)}, got ${formatValue(actual)}`, description);
  },
  assert_class_string: (value: unknown, expected: string, description?: unknown): void =>
    check(
      Object.prototype.toString.call(value) === `[object ${expected}]`,
      () => `expected [object ${expected}], got ${Object.prototype.toString.call(value)}`,
      description,
    ),
  assert_own_property: (object: object, name: PropertyKey, description?: unknown): void =>
    check(Object.hasOwn(object, name), () => `expected the property ${String(name)}`, description),
  assert_not_own_property: (object: object, name: PropertyKey, description?: unknown): void =>
    check(!Object.hasOwn(object, name), () => `unexpected property ${String(name)}`, description),
  assert_throws_js: (kind: ErrorConstructor, fn: () => unknown, description?: unknown): void =>
    assertThrown(thrownBy(fn, description), kind, description),
  assert_throws: (error: Error, fn: () => unknown, description?: unknown): void =>
    assertThrown(thrownBy(fn, description), error.constructor as ErrorConstructor, description),
  assert_throws_exactly(expected: unknown, fn: () => unknown, description?: unknown): void {
    const error = thrownBy(fn, description);
    check(
      Object.is(error, expected),
      () => `expected ${formatValue(expected)}, got ${formatValue(error)}`,
      description,
    );
  },
  assert_unreached(description?: unknown): never {
    throw new AssertionError(`reached what should not be (${description})`);
  },
  assert_not_reached(description?: unknown): never {
    throw new AssertionError(`reached what should not be (${description})`);
  },
};

/**
 * The part of the web platform's `testharness.js` that the suite uses, written anew: the suite brings none.
 *
 * @param title names subtests that have no name of their own
 */
export function makeHarness(title: string): Harness {
  const results: Subtest[] = [];
  /** The asynchronous subtests, which run one after the other. */
  let queue: Promise<unknown> = Promise.resolve();
  const nameOf = (name: unknown): string => (typeof name === "string" && name !== "" ? name : title);
  const pass = (name: string): number => results.push({ name, failure: undefined });
  const fail = (name: string, error: unknown): number =>
    results.push({ name, failure: error instanceof AssertionError ? error.message : inspect(error) });
  const testObject = (name: string, cleanups: (() => void)[]): TestObject => ({
    name,
    add_cleanup: (cleanup) => void cleanups.push(cleanup),
    step: (run) => run(),
    unreached_func: (message) => () => assertions.assert_unreached(message),
  });

  const globals = {
    ...assertions,
    format_value: formatValue,
    setup(run: unknown): void {
      if (typeof run === "function") run();
    },
    done(): void {},
    test(run: TestFunction, given?: unknown): void {
      const name = nameOf(given);
      const cleanups: (() => void)[] = [];
      const object = testObject(name, cleanups);
      try {
        run.call(object, object);
        pass(name);
      } catch (error) {
        fail(name, error);
      } finally {
        for (const cleanup of cleanups) cleanup();
      }
    },
    promise_test(run: TestFunction, given?: unknown): void {
      const name = nameOf(given);
      queue = queue.then(async () => {
        const cleanups: (() => void)[] = [];
        const object = testObject(name, cleanups);
        try {
          await run.call(object, object);
          pass(name);
        } catch (error) {
          fail(name, error);
        } finally {
          for (const cleanup of cleanups) cleanup();
        }
      });
    },
    async promise_rejects_js(
      _test: TestObject,
      kind: ErrorConstructor,
      promise: PromiseLike<unknown>,
      description?: unknown,
    ): Promise<void> {
      let value: unknown;
      try {
        value = await promise;
      } catch (error) {
        assertThrown(error, kind, description);
        return;
      }
      throw new AssertionError(`the promise was fulfilled with ${formatValue(value)} (${description})`);
    },
    async promise_rejects_exactly(
      _test: TestObject,
      expected: unknown,
      promise: PromiseLike<unknown>,
      description?: unknown,
    ): Promise<void> {
      let value: unknown;
      try {
        value = await promise;
      } catch (error) {
        check(Object.is(error, expected), () => `rejected with ${formatValue(error)}`, description);
        return;
      }
      throw new AssertionError(`the promise was fulfilled with ${formatValue(value)} (${description})`);
    },
  };

  const settled = async (): Promise<void> => {
    for (let last: unknown; last !== queue; ) {
      last = queue;
      await last;
    }
  };
  return {
    globals,
    async results() {
      await settled();
      return results;
    },
  };
}

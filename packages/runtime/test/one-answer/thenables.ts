// biome-ignore-all lint/suspicious/noThenProperty: this is about values with a method `then`
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { instances, type Scenarios } from "./engines.ts";

type Settle = (value: unknown) => void;

class Kept extends Promise<number> {}
class Adding extends Promise<number> {
  override then<A = number, B = never>(
    fulfil?: ((value: number) => A | PromiseLike<A>) | null,
    reject?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return super.then((value) => (fulfil as (value: number) => A | PromiseLike<A>)(value + 1), reject);
  }
}

/** An object with this method or getter for `then`. */
function thenable(then: PropertyDescriptor): object {
  return Object.defineProperty({ valueOf: () => 77 }, "then", then);
}

const failure = new Error("thrown");
const fail = (): never => {
  throw failure;
};

/** What host functions return, and what a guest that asks for an i32 gets in an asynchronous call: a number, or what is thrown. */
const cases: Readonly<Record<string, readonly [make: () => unknown, expected: unknown]>> = {
  "settles three times": [
    () =>
      thenable({
        value: (fulfil: Settle, reject: Settle) => {
          fulfil(5);
          fulfil(6);
          reject(failure);
        },
      }),
    5,
  ],
  "is rejected, then fulfilled": [
    () =>
      thenable({
        value: (fulfil: Settle, reject: Settle) => {
          reject(failure);
          fulfil(5);
        },
      }),
    failure,
  ],
  throws: [() => thenable({ value: fail }), failure],
  "settles, then throws": [
    () =>
      thenable({
        value: (fulfil: Settle) => {
          fulfil(7);
          fail();
        },
      }),
    7,
  ],
  "settles later, twice": [
    () =>
      thenable({
        value: (fulfil: Settle, reject: Settle) =>
          void setTimeout(() => {
            fulfil(8);
            reject(failure);
          }, 1),
      }),
    8,
  ],
  "has a getter that throws": [() => thenable({ get: fail }), failure],
  "has a getter that answers once": [
    () => {
      let read = 0;
      return thenable({ get: () => (++read === 1 ? (fulfil: Settle) => fulfil(9) : undefined) });
    },
    9,
  ],
  "has a getter that answers the second time": [
    () => {
      let read = 0;
      return thenable({ get: () => (++read === 1 ? undefined : (fulfil: Settle) => fulfil(9)) });
    },
    77,
  ],
  "has a property that is no function": [() => thenable({ value: 5 }), 77],
  "is fulfilled with another": [
    () => thenable({ value: (fulfil: Settle) => fulfil(thenable({ value: (inner: Settle) => inner(14) })) }),
    14,
  ],
  "is fulfilled with a promise that is rejected": [
    () => thenable({ value: (fulfil: Settle) => fulfil(Promise.reject(failure)) }),
    failure,
  ],
  "is a function": [() => Object.assign(() => {}, { then: (fulfil: Settle) => fulfil(15) }), 15],
  "is of a subclass of Promise": [() => new Kept((resolve) => resolve(12)), 12],
  "is of a subclass with a method of its own": [() => new Adding((resolve) => resolve(12)), 13],
  "is a promise with a method of its own": [
    () => Object.assign(Promise.resolve(16), { then: (fulfil: Settle) => fulfil(17) }),
    17,
  ],
  "is a promise of another realm": [() => runInNewContext("Promise.resolve(18)"), 18],
};

export const thenables: Scenarios = {
  async "what a host function promises is awaited once, as await has it"() {
    for (const [name, [make, expected]] of Object.entries(cases))
      for (const [engine, instance] of instances(
        '(module (import "h" "f" (func (result i32))) (func (export "run") (result i32) (call 0)))',
        { h: { f: make } },
      )) {
        if (!instance.canSuspend) continue;
        const came = await instance.async.call("run").catch((error) => error);
        assert.deepEqual([engine, name, came], [engine, name, expected]);
      }
  },

  "to a synchronous call that expects a reference, a promise is a value, and nobody looks at its methods"() {
    const value = thenable({ get: fail });
    for (const [engine, { exports }] of instances(
      '(module (import "h" "f" (func (result externref))) (func (export "run") (result externref) (call 0)))',
      { h: { f: () => value } },
    ))
      assert.ok(exports.run() === value, engine);
    for (const [engine, { exports }] of instances(
      '(module (import "h" "f" (func (result i32))) (func (export "run") (result i32) (call 0)))',
      { h: { f: () => Promise.resolve(1) } },
    ))
      assert.throws(() => exports.run(), { name: "RuntimeError", message: /promise to a synchronous call/ }, engine);
  },
};

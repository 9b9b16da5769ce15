import type { TrapCode } from "../../store/trap.ts";

/**
 * What platforms say when WebAssembly traps: V8's words, SpiderMonkey's and JavaScriptCore's. A platform that tells two traps with one message
 * leaves it open which it was; what stands here is then the likelier one.
 */
const messages: readonly (readonly [RegExp, TrapCode])[] = [
  [/unreachable/i, "unreachable"],
  [/divide by zero|remainder by zero|division by zero/i, "integer-divide-by-zero"],
  [/divide result unrepresentable|integer overflow|signed division overflow/i, "integer-overflow"],
  [/float unrepresentable|out of bounds trunc|invalid conversion to integer/i, "integer-overflow"],
  [
    /data segment.*out of bounds|memory access out of bounds|out of bounds memory|index out of bounds: memory/i,
    "out-of-bounds-memory",
  ],
  [/string offset out of bounds|string index out of bounds/i, "out-of-bounds-string"],
  [/invalid code point/i, "invalid-code-point"],
  [/array element access out of bounds|array.*out of bounds|out of bounds array/i, "out-of-bounds-array"],
  [/array.*too large|requested new array/i, "allocation-size-too-large"],
  [
    /element segment.*out of bounds|table initializer|table index is out of bounds|table access out of bounds|out of bounds table|table index out of bounds/i,
    "out-of-bounds-table",
  ],
  [/out of bounds call_indirect|undefined element/i, "undefined-element"],
  [/null function|indirect call to null|uninitialized element/i, "uninitialized-element"],
  [/signature mismatch|call_indirect to a signature|indirect call signature/i, "indirect-call-type-mismatch"],
  [/dereferencing a null|rethrowing null|null reference|null pointer|null dereference/i, "null-reference"],
  [/illegal cast|bad cast|cast failure|ref\.cast/i, "cast-failure"],
  [/unaligned/i, "unaligned-atomic"],
  [/Atomics\.wait|shared memory/i, "expected-shared-memory"],
  [/index out of bounds/i, "out-of-bounds-memory"],
];

/** The code of the trap that a message of the platform tells, or undefined. */
export function trapCodeOf(message: string): TrapCode | undefined {
  return messages.find(([pattern]) => pattern.test(message))?.[1];
}

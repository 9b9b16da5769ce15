import {
  CompileError,
  type EngineName,
  Exception,
  jsTag,
  LinkError,
  Runtime,
  Tag,
  Trap,
  type TrapCode,
} from "@wardian/runtime";
import { platform } from "./platform.ts";
import type { Imports, Subject, SubjectInstance } from "./run.ts";

/** What the platform does not tell apart is one class. */
const classes: Readonly<Record<TrapCode, string>> = {
  unreachable: "unreachable",
  "integer-divide-by-zero": "divide by zero",
  "integer-overflow": "no integer",
  "invalid-conversion-to-integer": "no integer",
  "out-of-bounds-memory": "memory bounds",
  "out-of-bounds-table": "table bounds",
  "undefined-element": "table bounds",
  "out-of-bounds-array": "array bounds",
  "out-of-bounds-string": "string bounds",
  "invalid-code-point": "code point",
  "uninitialized-element": "wrong callee",
  "indirect-call-type-mismatch": "wrong callee",
  "null-reference": "null",
  "cast-failure": "cast",
  "unaligned-atomic": "unaligned",
  "expected-shared-memory": "not shared",
  "call-stack-exhausted": "stack exhausted",
  "fuel-exhausted": "out of fuel",
  "deadline-exceeded": "out of fuel",
  "allocation-size-too-large": "out of memory",
  aborted: "aborted",
  "component-model": "component model",
};

/** V8's words for traps, in the order in which they are tried. */
const wordings: readonly (readonly [RegExp, string])[] = [
  [/^unreachable/, "unreachable"],
  [/^(divide|remainder) by zero/, "divide by zero"],
  [/^divide result unrepresentable/, "no integer"],
  [/^float unrepresentable/, "no integer"],
  [/^(memory access|data segment)/, "memory bounds"],
  [/data segment \d+ is out of bounds/, "memory bounds"],
  [/^(table index|table access|element segment)|table initializer/, "table bounds"],
  [/element segment \d+ is out of bounds/, "table bounds"],
  [/^array element access/, "array bounds"],
  [/^requested new array is too large/, "out of memory"],
  [/signature mismatch/, "wrong callee"],
  [/^(dereferencing a null|rethrowing null)/, "null"],
  [/^illegal cast/, "cast"],
  [/unaligned/, "unaligned"],
  [/Maximum call stack/, "stack exhausted"],
  [/Out of memory|Cannot allocate|allocation failed/i, "out of memory"],
];

function classifyOther(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  // The words of the interface's errors are each implementation's own; other errors are those of the host functions, or faults.
  return error instanceof TypeError || error instanceof RangeError
    ? error.name
    : `${error.constructor.name}: ${error.message}`;
}

/** The platform's own WebAssembly. */
export function platformSubject(): Subject {
  return {
    name: "the platform",
    tag: new platform.Tag({ parameters: ["i32"] }),
    jsTag: platform.JSTag,
    exception: (tag, payload) => new platform.Exception(tag, payload),
    instantiate(bytes: Uint8Array, imports: Imports): SubjectInstance {
      const module = new platform.Module(bytes);
      const instance = new platform.Instance(module, imports);
      return { exports: instance.exports, fuel: () => undefined };
    },
    classify(error) {
      if (error instanceof platform.Exception) return "an exception";
      if (error instanceof platform.RuntimeError || error instanceof RangeError) {
        const { message } = error;
        const known = wordings.find(([wording]) => wording.test(message))?.[1];
        if (known !== undefined) return known;
      }
      return classifyOther(error);
    },
  };
}

const LIMITS = { fuel: 20_000_000n, timeout: 10_000 };

/** An engine of this runtime. @param deterministic see `RuntimeOptions.deterministic` */
export function engineSubject(engine: EngineName, features: Runtime["features"], deterministic = false): Subject {
  const names = Object.fromEntries([...features].map((name) => [name, true]));
  const runtime = new Runtime({ engine, features: names, deterministic });
  return {
    name: engine,
    tag: new Tag({ parameters: ["i32"] }),
    jsTag: jsTag(),
    exception: (tag, payload) => new Exception(tag as Tag, payload),
    instantiate(bytes, imports) {
      const instance = runtime.instantiateSync(runtime.compileSync(bytes), imports, {
        limits: LIMITS,
        exactFuel: true,
      });
      return { exports: instance.exports, fuel: () => instance.fuel.consumed };
    },
    exactly(error) {
      return error instanceof Trap ? error.code : undefined;
    },
    classify(error) {
      if (error instanceof Trap) return classes[error.code];
      if (error instanceof Exception) return "an exception";
      if (error instanceof CompileError || error instanceof LinkError) return `${error.name}: ${error.message}`;
      return classifyOther(error);
    },
  };
}

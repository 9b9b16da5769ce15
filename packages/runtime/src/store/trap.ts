/** Why a guest was stopped. The codes are stable: programs may compare them. */
export type TrapCode =
  | "unreachable"
  | "integer-divide-by-zero"
  | "integer-overflow"
  | "invalid-conversion-to-integer"
  | "out-of-bounds-memory"
  | "out-of-bounds-table"
  | "out-of-bounds-array"
  | "out-of-bounds-string"
  | "invalid-code-point"
  | "undefined-element"
  | "uninitialized-element"
  | "indirect-call-type-mismatch"
  | "null-reference"
  | "cast-failure"
  | "unaligned-atomic"
  | "expected-shared-memory"
  | "call-stack-exhausted"
  | "fuel-exhausted"
  | "deadline-exceeded"
  | "allocation-size-too-large"
  | "aborted"
  | "component-model";

/** What happened, in the words that the specification's own tests expect where they have any, and what to do about it. */
const messages: Readonly<Record<TrapCode, string>> = {
  unreachable: "unreachable",
  "integer-divide-by-zero": "integer divide by zero",
  "integer-overflow": "integer overflow",
  "invalid-conversion-to-integer": "invalid conversion to integer",
  "out-of-bounds-memory": "out of bounds memory access",
  "out-of-bounds-table": "out of bounds table access",
  "out-of-bounds-array": "out of bounds array access",
  "out-of-bounds-string": "out of bounds string access",
  "invalid-code-point": "invalid code point",
  "undefined-element": "undefined element: call_indirect with an index outside the table",
  "uninitialized-element": "uninitialized element: call_indirect of a null table element",
  "indirect-call-type-mismatch": "indirect call type mismatch",
  "null-reference": "null reference",
  "cast-failure": "cast failure",
  "unaligned-atomic": "unaligned atomic",
  "expected-shared-memory": "expected shared memory: memory.atomic.wait needs one that another thread can notify",
  "call-stack-exhausted":
    "call stack exhausted: the guest called too deep; raise limits.callDepth if it recurses on purpose",
  "fuel-exhausted":
    "all fuel consumed: the guest executed more instructions than it was given; give more with limits.fuel or instance.fuel.add()",
  "deadline-exceeded":
    "deadline exceeded: the call ran longer than limits.timeout; raise it if the work is expected to take longer",
  "allocation-size-too-large": "allocation size too large",
  aborted: "aborted: the call's AbortSignal was triggered",
  "component-model": "rule of the Component Model broken",
};

/** Frames that a trap has at most: enough to see how a recursion came about. */
export const MAX_FRAMES = 100;

/** One guest function on the stack of a trap, the innermost first. */
export interface Frame {
  /** Index of the function in its module. */
  readonly functionIndex: number;
  /**
   * The function's name from the name section, or undefined. `Runtime` of `@wardian/runtime` demangles names of Rust and C++; the smaller
   * entries do not.
   */
  readonly functionName: string | undefined;
  /** The name as the name section has it, where {@link functionName} is another. */
  readonly mangledName?: string;
  /** The module's own name, or undefined. */
  readonly moduleName: string | undefined;
  /** Byte offset, in the module as it was given, of the instruction being executed; undefined where the engine cannot know it. */
  readonly offset: number | undefined;
}

/**
 * A guest did what WebAssembly forbids, or reached a limit (specification, 4.2: trap).
 * It is not catchable by the guest; the instance stays inspectable, and may be called again.
 */
export class Trap extends Error {
  override readonly name: string = "Trap";
  readonly code: TrapCode;
  /** The guest's stack when it trapped, the innermost frame first. Set by the engine as the trap leaves the guest. */
  frames: readonly Frame[];
  /** With `aborted`, the reason that the signal gave. */
  override readonly cause: unknown;

  constructor(code: TrapCode, options: { detail?: string; frames?: readonly Frame[]; cause?: unknown } = {}) {
    super(options.detail === undefined ? messages[code] : `${messages[code]} (${options.detail})`);
    this.code = code;
    this.frames = options.frames ?? [];
    this.cause = options.cause;
  }
}

/** A frame as a line of a backtrace: `#0 factorial+0x1c`, or `#0 function 7+0x1c` for one without a name. */
export function formatFrame(frame: Frame, position: number): string {
  const name = frame.functionName ?? `function ${frame.functionIndex}`;
  const offset = frame.offset === undefined ? "" : ` @ 0x${frame.offset.toString(16)}`;
  return `#${position} ${frame.moduleName === undefined ? "" : `${frame.moduleName}!`}${name}${offset}`;
}

/** What messages of the small bundles name for what they leave out. */
export const WHOLE = 'Runtime of "@wardian/runtime"';

/** An import is missing or does not match what the module asks for, or the instance does not fit into its limits. */
export class LinkError extends Error {
  override readonly name: string = "LinkError";
}

/** The host used the API in a way that cannot work at run time, such as returning a promise to a synchronous call. */
export class RuntimeError extends Error {
  override readonly name: string = "RuntimeError";
}

/** A guest is to be suspended in a call that cannot be: one that no asynchronous call began, or one with a host function's frame between. */
export class SuspendError extends RuntimeError {
  override readonly name: string = "SuspendError";

  constructor() {
    super("a suspending function was called where the guest cannot be suspended: call its export through promising()");
  }
}

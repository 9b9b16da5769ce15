import { lebAt, opcodeAt, skipLeb } from "../../metering/instruction-shape.ts";
import { frameName } from "../../store/frame-name.ts";
import type { HostFunction } from "../../store/function.ts";
import { isStackOverflow } from "../../store/host-stack.ts";
import { Exception, jsTag } from "../../store/tag.ts";
import { type Frame, MAX_FRAMES, Trap, type TrapCode } from "../../store/trap.ts";
import { ATOMIC_PREFIX, GC_PREFIX } from "../../wasm/opcode-slots.ts";
import * as OP from "../../wasm/opcodes.ts";
import { exceptionOf, nativeException, thrownValue } from "./natives.ts";
import type { Finder } from "./references.ts";
import { isTrappingTruncation } from "./rewrite/may-trap.ts";
import { type Stack, stackState } from "./stacks.ts";
import { lastStop, stopped, synchronous, takeStop } from "./stop.ts";
import { trapCodeOf } from "./trap-codes.ts";
import { type Variant, variantOf } from "./variant.ts";
import { theWebAssembly } from "./web-assembly.ts";

/**
 * What comes out of a guest on the platform, turned into what this project throws: traps with their code and the guest's own frames.
 * What the host threw goes through unchanged.
 */

/** What is asked of the instance that was called. */
export interface Called extends Finder {
  readonly variant: Variant;
  /** Notes that the fuel of code under this variant may not have been written back; called for each variant on the stack. */
  lostFuel(variant: Variant): void;
  /** Whether the element that its last indirect call named, of the table at this index, is null; undefined when it cannot be told. */
  isNullElement(table: number): boolean | undefined;
  /** Whether the operand of its last conversion to an integer was a NaN. */
  hadNaN(): boolean;
}

/**
 * @param error what a call of the guest threw
 * @param called the instance that was called
 * @param stack the stack of an asynchronous call
 * @returns what is to be thrown instead, or the same
 */
export function failureOf(error: unknown, called: Called, stack?: Stack): unknown {
  const { RuntimeError, Exception: NativeException } = theWebAssembly();
  if (error instanceof RuntimeError) {
    const pending = takeStop(stack);
    if (pending !== undefined) {
      const { reason } = pending;
      if (reason instanceof Trap && reason.frames.length === 0) reason.frames = framesOf(error, called.variant);
      return reason;
    }
    const code = trapCodeOf(error.message);
    return code === undefined ? error : trap(code, error, called);
  }
  // JavaScript's stack ended before a limit was reached.
  if (isStackOverflow(error)) {
    const frames = framesOf(error, called.variant);
    if (frames.length > 0) loseFuel(frames, called);
    return new Trap("call-stack-exhausted", { frames });
  }
  if (NativeException !== undefined && error instanceof NativeException) {
    const exception = exceptionOf(error, called);
    // What a guest throws under this tag is a value of JavaScript's.
    return exception?.tag === jsTag() ? exception.payload[0] : (exception ?? error);
  }
  return error;
}

/** A trap that the platform raised by itself. */
function trap(code: TrapCode, error: Error, called: Called): Trap {
  const frames = framesOf(error, called.variant);
  const [top] = frames;
  // One message for two traps: the instruction tells them apart.
  if (top?.offset !== undefined) code = refine(code, top.variant.module.bytes, top.offset, called, top.variant);
  // Before `unreachable` the fuel is always written back.
  if (code !== "unreachable") loseFuel(frames, called);
  return new Trap(code, { frames });
}

function loseFuel(frames: readonly PlacedFrame[], called: Called): void {
  for (const variant of new Set([called.variant, ...frames.map((frame) => frame.variant)]))
    if (!variant.options.exactFuel) called.lostFuel(variant);
}

function refine(code: TrapCode, bytes: Uint8Array, offset: number, called: Called, variant: Variant): TrapCode {
  const opcode = bytes[offset];
  const indirect = opcode === OP.CALL_INDIRECT || opcode === OP.RETURN_CALL_INDIRECT;
  switch (code) {
    // Checks that the rewriting has written: `rewrite/trap-order.ts`.
    case "unreachable":
      if (opcode === ATOMIC_PREFIX) return "unaligned-atomic";
      if (opcode !== GC_PREFIX) return code;
      return opcodeAt(bytes, offset) < OP.ARRAY_NEW_DATA ? "allocation-size-too-large" : "out-of-bounds-array";
    case "integer-divide-by-zero":
      return opcode === ATOMIC_PREFIX ? "expected-shared-memory" : code;
    // No segment is as long as the arrays that are too large, so the segment's bounds are passed first.
    case "allocation-size-too-large": {
      const instruction = opcode === GC_PREFIX ? opcodeAt(bytes, offset) : 0;
      if (instruction < OP.ARRAY_NEW_DATA) return code;
      return instruction === OP.ARRAY_NEW_DATA ? "out-of-bounds-memory" : "out-of-bounds-table";
    }
    case "out-of-bounds-table":
      return indirect ? "undefined-element" : code;
    case "uninitialized-element":
    case "indirect-call-type-mismatch": {
      if (!indirect) return opcode === GC_PREFIX ? "cast-failure" : code;
      // Of another instance's table nothing is known; null is the usual case.
      const table = lebAt(bytes, skipLeb(bytes, offset + 1));
      const isNull = variant === called.variant ? called.isNullElement(table) : undefined;
      return isNull === false ? "indirect-call-type-mismatch" : "uninitialized-element";
    }
    case "integer-overflow":
      return isTrappingTruncation(opcode) && variant === called.variant && called.hadNaN()
        ? "invalid-conversion-to-integer"
        : code;
    default:
      return code;
  }
}

/** A frame of WebAssembly in a stack trace: V8 adds the module's name and the offset in its bytes, SpiderMonkey the offset. */
const FRAME = /(?:wasm:\/\/wasm\/(wardian-[\w-]+?)-[0-9a-f]+:)?wasm-function\[(\d+)\](?::0x([0-9a-f]+))?/;

/** A frame, and the code that it stands in. */
interface PlacedFrame extends Frame {
  readonly variant: Variant;
}

function framesOf(error: Error, variant: Variant): PlacedFrame[] {
  const frames: PlacedFrame[] = [];
  for (const line of (error.stack ?? "").split("\n")) {
    const match = FRAME.exec(line);
    if (match === null) continue;
    const frame = frameOf(match[1] === undefined ? variant : (variantOf(match[1]) ?? variant), match);
    if (frame !== undefined && frames.push(frame) === MAX_FRAMES) break;
  }
  return frames;
}

/** The guest's frame, or undefined for a function that the rewriting added. */
function frameOf(variant: Variant, [, , index, place]: RegExpExecArray): PlacedFrame | undefined {
  const { module } = variant;
  const rewriter = variant.rewriter();
  const { func: imported } = module.syntax.importCounts;
  const bodyIndex = Number(index) - imported - rewriter.shift;
  if (bodyIndex < 0 || bodyIndex >= module.syntax.bodies.length) return undefined;
  const functionIndex = bodyIndex + imported;
  const offset =
    place === undefined
      ? undefined
      : rewriter.originalOffset(bodyIndex, Number.parseInt(place, 16) - variant.codeStarts[bodyIndex]);
  const frame = {
    functionIndex,
    ...frameName(module.names.functions.get(functionIndex)),
    moduleName: module.names.module,
    offset,
  };
  // For this file alone: whoever prints a frame need not see all of the module.
  return Object.defineProperty(frame, "variant", { value: variant }) as PlacedFrame;
}

/**
 * What of a host function's error reaches the guest that called it, and the guests that called that one. A trap goes on as a trap of the platform,
 * which no guest can catch.
 */
export function thrownByHost(error: unknown, finder: Finder): unknown {
  if (error instanceof Exception) return nativeException(error, finder);
  if (error instanceof Trap) return stopped(error);
  if (isStackOverflow(error)) return stopped(new Trap("call-stack-exhausted"));
  return thrownValue(error);
}

/**
 * A host function for a guest that may catch what it throws. Also where JavaScript's stack is too full to say what was thrown, it is a trap.
 */
export function uncatchable(host: HostFunction, finder: Finder): HostFunction {
  return (...args) => {
    try {
      return host(...args);
    } catch (error) {
      let thrown = lastStop.error;
      const place = stackState.current ?? synchronous;
      place.stopped = lastStop.stopped;
      try {
        const value = thrownByHost(error, finder);
        if (!(error instanceof Trap) && !isStackOverflow(error)) place.stopped = undefined;
        thrown = value;
      } catch {}
      throw thrown;
    }
  };
}

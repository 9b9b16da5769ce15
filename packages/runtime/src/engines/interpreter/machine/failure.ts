import { frameName } from "../../../store/frame-name.ts";
import { type Frame, MAX_FRAMES, Trap, type TrapCode } from "../../../store/trap.ts";
import { MACHINE_OP, WHY } from "../generated/machine-opcodes.ts";
import type { Activation } from "./activation.ts";
import { CHECK, type Check } from "./module-code.ts";
import type { Running } from "./running.ts";
import { EXIT_STUB, RESTORE_STUB } from "./stubs.ts";

/*
 * How a call ends that does not return: which trap it is, what becomes of its frames, and where it was.
 */

/** Why the instruction at hand cannot go on. */
export function trapCode({ arena, S }: Running, why: number): TrapCode {
  const { code, i32, f32, f64, i64 } = arena;
  const { pc, fp } = S;
  const op = code[pc];
  switch (why) {
    case WHY.DIVISION: {
      const divisor = fp + code[pc + 3];
      const wide =
        op === MACHINE_OP.i64DivS ||
        op === MACHINE_OP.i64DivU ||
        op === MACHINE_OP.i64RemS ||
        op === MACHINE_OP.i64RemU;
      return (wide ? i64[divisor] === 0n : i32[divisor] === 0) ? "integer-divide-by-zero" : "integer-overflow";
    }
    case WHY.TRUNCATION: {
      const source = fp + code[pc + 2];
      const x = op === MACHINE_OP.i32TruncF32S || op === MACHINE_OP.i32TruncF32U ? f32[source] : f64[source];
      return Number.isNaN(x) ? "invalid-conversion-to-integer" : "integer-overflow";
    }
    default:
      return "unreachable";
  }
}

/**
 * Ends a call with an exception or a trap: removes its frames, and makes the meters exact.
 * @returns what the call throws: `error`, or the trap of an instance that has consumed more than its budget
 */
export function abandon(running: Running, activation: Activation, error: unknown): unknown {
  const { S } = running;
  const found = running.codes.functionAt(S.pc);
  if (found !== undefined && activation.segments.length > 0 && S.instance === running.segment().instance) {
    if (!running.paid) {
      const { pending } = found.code.place(found.index, found.start, S.pc, false);
      S.fuel = (S.fuel - pending) | 0;
    }
    // A trap of a call that a host function made has the frames of that call.
    if (error instanceof Trap && error.frames.length < MAX_FRAMES)
      error.frames = [...error.frames, ...backtrace(running, activation)].slice(0, MAX_FRAMES);
    S.instance.meter.unspent = S.fuel;
  }
  running.frameGone = false;
  let failure = error;
  const { segments } = activation;
  for (let i = segments.length - 1; i >= 0; i--) {
    const { baseDepth, baseCalls, outer } = segments[i];
    const { meter } = segments[i].instance;
    meter.depth = baseDepth;
    meter.calls = baseCalls;
    meter.leave(outer);
    if (baseCalls === 0) failure = meter.settleFailure(failure);
  }
  const { refs } = running.arena;
  if (refs.length > activation.baseFp) refs.fill(null, activation.baseFp);
  return failure;
}

function backtrace(running: Running, activation: Activation): Frame[] {
  const { frames } = running.arena;
  const list: Frame[] = [];
  const add = (pc: number, isReturn: boolean, check: Check): void => {
    const found = running.codes.functionAt(pc - (isReturn ? 1 : 0));
    if (found === undefined || list.length >= MAX_FRAMES) return;
    const { names } = found.code.module;
    list.push({
      functionIndex: found.index,
      ...frameName(names.functions.get(found.index)),
      moduleName: names.module,
      offset: found.code.place(found.index, found.start, pc, isReturn, check).offset,
    });
  };
  // A tail call has given its frame up.
  if (!running.frameGone) add(running.S.pc, false, running.check);
  for (let at = running.S.sp - 1; at > activation.baseSp; at--)
    if (frames[at] !== RESTORE_STUB && frames[at] !== EXIT_STUB) add(frames[at], true, CHECK.none);
  return list;
}

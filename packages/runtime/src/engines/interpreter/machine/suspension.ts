import { Trap } from "../../../store/trap.ts";
import type { Activation } from "./activation.ts";
import { FRAMES } from "./arena.ts";
import type { CodeStore } from "./module-code.ts";
import type { Running } from "./running.ts";

/*
 * How a call is taken out of the machine in the middle, and put back.
 */

/** The code of a suspended call must not go, or may again. */
function pin(codes: CodeStore, pc: number, frames: Int32Array, change: 1 | -1): void {
  for (const address of [pc, ...frames]) {
    const owner = codes.functionAt(address === pc ? pc : address - 1);
    if (owner !== undefined) owner.code.pin(owner.index, change);
  }
}

/** Takes the call out of the machine. */
export function suspend(running: Running, activation: Activation): void {
  const { S } = running;
  const { i32, i64, refs, frames } = running.arena;
  const { baseFp, baseSp } = activation;
  running.giveFuel();
  // From the last on: several segments may have one meter, which is then as before the first.
  for (let i = activation.segments.length - 1; i >= 0; i--) {
    const { instance, baseDepth, baseCalls } = activation.segments[i];
    instance.meter.depth = baseDepth;
    instance.meter.calls = baseCalls;
  }
  const top = S.fp + running.frameSlots();
  const { awaiting } = activation;
  // Of the arguments of a call of the host, and of what lies above them, nothing is read again.
  const topReference = awaiting === undefined || "slot" in awaiting ? top : Math.min(top, S.fp + awaiting.delta);
  activation.saved = {
    i32: i32.slice(baseFp, top),
    i64: i64.slice(baseFp, top),
    refs: refs.slice(baseFp, topReference),
    frames: frames.slice(baseSp, S.sp),
    pc: S.pc,
    fp: S.fp - baseFp,
  };
  pin(running.codes, S.pc, activation.saved.frames, 1);
  for (const segment of activation.segments) segment.baseSp -= baseSp;
  if (refs.length > baseFp) refs.fill(null, baseFp);
}

/** Puts a suspended call back into the machine, above whatever is there now. */
export function restore(running: Running, activation: Activation): void {
  const { S } = running;
  const { i32, i64, refs, frames, registers } = running.arena;
  const saved = activation.saved as NonNullable<Activation["saved"]>;
  const { topFp, topSp } = running;
  if (topFp + saved.i32.length > registers || topSp + saved.frames.length > FRAMES)
    throw new Trap("call-stack-exhausted");
  activation.saved = undefined;
  pin(running.codes, saved.pc, saved.frames, -1);
  activation.baseFp = topFp;
  activation.baseSp = topSp;
  i32.set(saved.i32, topFp);
  i64.set(saved.i64, topFp);
  while (saved.refs.length > 0 && refs.length < topFp + saved.refs.length) refs.push(null);
  saved.refs.forEach((value, i) => {
    refs[topFp + i] = value;
  });
  frames.set(saved.frames, topSp);
  S.pc = saved.pc;
  S.fp = topFp + saved.fp;
  S.sp = topSp + saved.frames.length;
  const { segments } = activation;
  segments.forEach((segment, i) => {
    segment.baseSp += topSp;
    const { meter } = segment.instance;
    segment.baseDepth = meter.depth;
    segment.baseCalls = meter.calls++;
    // The record between two instances is two addresses, of which the lower counted a frame.
    if (i + 1 < segments.length) meter.depth += segments[i + 1].baseSp + topSp - 1 - segment.baseSp;
  });
  running.load(segments[segments.length - 1].instance);
}

import { Global } from "../../../store/global.ts";
import { I32 } from "../../../wasm/types.ts";
import { lengths, MACHINE_OP, operandKinds, WHY } from "../generated/machine-opcodes.ts";
import { OUT_OF_LINE } from "../out-of-line/numbers.ts";
import { TRAINING_WORDS } from "./arena.ts";
import type { Loop, LoopParts } from "./state.ts";

/**
 * V8 compiles only what it has seen run; the rest of the loop it replaces by a way back into slow code, and a guest that uses instruction
 * after instruction for the first time throws the optimised loop away again and again. So every instruction runs a few times on made-up
 * operands before the first guest does: branches both ways, sums that overflow, numbers that are none. That takes a few milliseconds.
 */

/** Operands of instructions that must not get just any. */
const fixed: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [MACHINE_OP.zero32, [6, 9]],
  [MACHINE_OP.zeroAll, [6, 9]],
  [MACHINE_OP.nullRefs, [6, 7]],
  [MACHINE_OP.globalGet32, [4, 0]],
  [MACHINE_OP.globalSet32, [4, 0]],
  [MACHINE_OP.globalGet64, [4, 0]],
  [MACHINE_OP.globalSet64, [4, 0]],
  // Lanes and words of vectors: an index that is out of bounds once makes V8 expect more such.
  [MACHINE_OP.i32x4ExtractLane, [4, 0, 1]],
  [MACHINE_OP.i16x8ExtractLaneS, [4, 0, 1]],
  [MACHINE_OP.i16x8ExtractLaneU, [4, 0, 1]],
  [MACHINE_OP.i8x16ExtractLaneS, [4, 0, 1]],
  [MACHINE_OP.i8x16ExtractLaneU, [4, 0, 1]],
  [MACHINE_OP.i32x4ReplaceLane, [4, 1, 0]],
  [MACHINE_OP.i16x8ReplaceLane, [4, 1, 0]],
  [MACHINE_OP.i8x16ReplaceLane, [4, 1, 0]],
  [MACHINE_OP.shuffleWords, [4, 0, 1, 2, 3]],
  [MACHINE_OP.shuffleFunnel, [4, 8, 0, 1, 1, 2, 2, 3, 3, 0]],
]);

/** Instructions whose work is done outside the loop, or that are put in by hand. */
const special: ReadonlySet<number> = new Set([
  MACHINE_OP.trapUnreachable,
  MACHINE_OP.call,
  MACHINE_OP.callImport,
  MACHINE_OP.callIndirect,
  MACHINE_OP.callRef,
  MACHINE_OP.return,
  MACHINE_OP.return32,
  MACHINE_OP.returnCall,
  MACHINE_OP.returnCallReferences,
  MACHINE_OP.jump,
  MACHINE_OP.returnCallImport,
  MACHINE_OP.returnCallIndirect,
  MACHINE_OP.returnCallRef,
  MACHINE_OP.exit,
  MACHINE_OP.restore,
  MACHINE_OP.driver,
  MACHINE_OP.extended,
  MACHINE_OP.extendedBranch,
  MACHINE_OP.pure,
  MACHINE_OP.brTable,
]);

const integers: readonly (readonly [number, number, number])[] = [
  [5, 7, 3],
  [7, 5, 33],
  [5, 5, 5],
  [-2147483648, -1, -1],
  [2147483647, 2147483647, 2147483647],
  [-3, 40, 0],
  [0, 0, 1],
];
const longs: readonly (readonly [bigint, bigint])[] = [
  [5n, 7n],
  [7n, 5n],
  [-6n, 35n],
  [0x7fffffffffffffffn, 0x7fffffffffffffffn],
  [0x123456789abcdefn, -0x8000000000000000n],
  [9n, 9n],
  [33n, 0n],
];
const floats: readonly (readonly [number, number])[] = [
  [1.5, 2.5],
  [2.5, 1.5],
  [Number.NaN, 1],
  [-0.3, 0.3],
  [-1e30, 1e30],
  [3e9, 3e9],
  [100, -7],
];

/** Slots and return addresses that the training program uses. */
const SLOTS = 16;
const DEPTH = 4;

/**
 * Runs the training program, at the far end of the code memory, and leaves the machine as it was.
 * @param count of instructions that the loop has
 */
export function train({ arena, S }: LoopParts, loop: Loop, count: number, exitStub: number): void {
  const { code, codeF64, i32, f32, i64, f64, refs, frames } = arena;
  const start = code.length - TRAINING_WORDS;
  const state = { ...S };
  const registers = [i32.slice(0, SLOTS), i64.slice(0, SLOTS), frames.slice(0, DEPTH)] as const;
  // The loop with the vector instructions is trained when a guest meets the first, which may hold any number of references.
  const references = refs.splice(0);
  const constant = code.length / 2 - 1;
  S.view = new DataView(new ArrayBuffer(64));
  S.limit = 56;
  S.spLimit = 8;
  S.globals = [new Global({ type: I32, mutable: true }, 0)];
  refs.push(null, S, null, null, null, null, null);

  for (let round = 0; round < integers.length * 2; round++) {
    const [a, b, immediate] = integers[round % integers.length];
    writeProgram(code, start, constant, immediate, count);
    const [x, y] = floats[round % floats.length];
    codeF64[constant] = y;
    refs[0] = round & 1 ? S : null;
    const asFloats = round >= integers.length;
    for (let slot = 0; slot < 6; slot++) {
      const first = slot % 2 === 0;
      if (asFloats) {
        f32[slot] = first ? x : y;
        f64[slot] = first ? x : y;
      } else {
        i32[slot] = first ? a : b;
        const [p, q] = longs[round];
        i64[slot] = first ? p : q;
      }
    }
    frames[0] = exitStub;
    S.sp = 1;
    S.fp = 0;
    S.pc = start;
    for (;;) {
      S.fuel = 1_000_000;
      if (loop() === WHY.EXIT) break;
      // The exact path is not trained here: step over the instruction.
      S.pc += lengths[code[S.pc]];
    }
  }
  code.fill(0, start);
  i32.set(registers[0]);
  i64.set(registers[1]);
  refs.length = 0;
  for (const reference of references) refs.push(reference);
  frames.set(registers[2]);
  Object.assign(S, state);
}

function writeProgram(code: Int32Array, start: number, constant: number, immediate: number, count: number): void {
  let at = start;
  const emit = (...words: number[]): void => {
    code.set(words, at);
    at += words.length;
  };
  const branch = (op: number, ...rest: number[]): void => emit(op, at + rest.length + 3, 0, ...rest);
  operandKinds.forEach((kinds, op) => {
    if (special.has(op) || op >= count) return;
    const words = [op];
    const operands = fixed.get(op);
    for (let n = 1; n < lengths[op]; n++) {
      const kind = kinds[n - 1];
      words.push(
        operands !== undefined
          ? operands[n - 1]
          : kind === "r"
            ? n === 1
              ? 4
              : n % 2
            : kind === "k"
              ? constant
              : kind === "t"
                ? at + lengths[op]
                : n === 2 && kinds[0] === "t"
                  ? 0
                  : immediate,
      );
    }
    emit(...words);
  });
  emit(MACHINE_OP.jump, at + 2);
  emit(MACHINE_OP.brTable, 0, 1, at + 7, 0, at + 7, 0);
  // Branches that only equal operands do not take, or take.
  for (const value of [0, 1]) {
    emit(MACHINE_OP.const32, 5, value);
    emit(MACHINE_OP.const32, 4, 1);
    branch(MACHINE_OP.incBrI32Ne, 5, 1, 4);
    emit(MACHINE_OP.const32, 5, value);
    branch(MACHINE_OP.incBrI32NeImm, 5, 1, 1);
    for (const op of [
      MACHINE_OP.brI32NeImm,
      MACHINE_OP.brI32EqImm,
      MACHINE_OP.brI32LtSImm,
      MACHINE_OP.brI32LtUImm,
      MACHINE_OP.brI32GeSImm,
      MACHINE_OP.brI32GeUImm,
    ])
      branch(op, 4, value);
    if (MACHINE_OP.select128 < count) {
      emit(MACHINE_OP.const32, 5, value);
      emit(MACHINE_OP.select128, 6, 5, 0, 2);
    }
  }
  // Of two functions, so that V8 does not take the first for the only one.
  emit(MACHINE_OP.extended, OUT_OF_LINE.refIsNull, 5, 4, 0);
  emit(MACHINE_OP.extended, OUT_OF_LINE.refEq, 6, 4, 0, 0);
  emit(MACHINE_OP.extended, OUT_OF_LINE.refAsNonNull, 4, 1);
  emit(MACHINE_OP.pure, OUT_OF_LINE.refIsNull, 5, 4, 0);
  emit(MACHINE_OP.pure, OUT_OF_LINE.refEq, 6, 4, 0, 0);
  emit(MACHINE_OP.pure, OUT_OF_LINE.i31GetS, 5, 4, 1);
  branch(MACHINE_OP.extendedBranch, OUT_OF_LINE.brOnNull, 6, 0);
  // Two calls of functions that return at once, and then the return to the host.
  const functions = at + 4 + 4 + 2;
  emit(MACHINE_OP.call, functions, 0, 8);
  emit(MACHINE_OP.call, functions + 5, 0, 8);
  emit(MACHINE_OP.return, 0);
  emit(0, 8, 0, MACHINE_OP.return, 0);
  emit(0, 8, 0, MACHINE_OP.returnCall, functions + 13, 0, 1, 2);
  emit(0, 8, 0, MACHINE_OP.return32, 0, 1);
}

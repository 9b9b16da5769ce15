// Made by generate.mjs; change that and run it again.

import { truncSatS32, truncSatU32 } from "../../numerics/conversions.ts";
import { nearest } from "../../numerics/floats.ts";
import { clz64, ctz64, divU64, popcnt32, remU64 } from "../../numerics/integers.ts";
import type { Arena } from "./arena.ts";
import type { MachineState } from "./state.ts";

/**
 * Makes the dispatch loop over one arena. To be called once in a process.
 *
 * What keeps it hot, by measurement (see RATIONALE.md): the arena's arrays are constants of this closure, of which there is only one, copied to
 * locals before the loop, so that V8 folds their addresses and lengths into the code; every sum of indices ends in `| 0`; temporaries
 * are few and shared, and the whole stays below the 60 KB of bytecode above which V8 optimises no function; what is rare leaves
 * the loop for the driver with a reason, all state being in `S` then.
 */
export function makeLoop(
  arena: Arena,
  S: MachineState,
  rooms: readonly ((pc: number, fp: number) => boolean)[],
  resolve: (pc: number, index: number) => number,
): () => number {
  const { code, codeI64, codeF64, i32, f32, i64, f64, halves, refs, frames } = arena;
  const registers = arena.registers;
  const powers = arena.powers;
  return function loop(): number {
    const C = code,
      KL = codeI64,
      KD = codeF64,
      I = i32,
      F = f32,
      L = i64,
      D = f64,
      P = halves,
      R = refs,
      K = frames,
      REGISTERS = registers,
      POWERS = powers;
    let pc = S.pc,
      fp = S.fp,
      sp = S.sp,
      fuel = S.fuel;
    const spLimit = S.spLimit,
      mem = S.view,
      limit = S.limit,
      globals = S.globals;
    let why = 0,
      a = 0,
      b = 0,
      c = 0,
      t = 0,
      x = 0.5;
    leave: for (;;) {
      switch (C[pc]) {
        // trapUnreachable
        case 0: {
          why = 1;
          break leave;
        }
        // charge
        case 1: {
          fuel = (fuel - C[(pc + 1) | 0]) | 0;
          pc = (pc + 2) | 0;
          continue;
        }
        // br
        case 2: {
          break;
        }
        // brNonZero
        case 3: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] !== 0) break;
          pc = (pc + 4) | 0;
          continue;
        }
        // brZero
        case 4: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] === 0) break;
          pc = (pc + 4) | 0;
          continue;
        }
        // brAndNonZero
        case 5: {
          if ((I[(fp + C[(pc + 3) | 0]) | 0] & C[(pc + 4) | 0]) !== 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brAndZero
        case 6: {
          if ((I[(fp + C[(pc + 3) | 0]) | 0] & C[(pc + 4) | 0]) === 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brTable
        case 7: {
          a = I[(fp + C[(pc + 1) | 0]) | 0];
          b = C[(pc + 2) | 0];
          if (a < 0 || a > b) a = b;
          pc = (pc + 2 + (a << 1)) | 0;
          break;
        }
        // brI32Eq
        case 8: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] === I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32EqImm
        case 9: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] === C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Eq
        case 10: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] === I[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32EqImm
        case 11: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] === C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32Ne
        case 12: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] !== I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32NeImm
        case 13: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] !== C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Ne
        case 14: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] !== I[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32NeImm
        case 15: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] !== C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32LtS
        case 16: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] < I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32LtSImm
        case 17: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] < C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32LtS
        case 18: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] < I[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32LtSImm
        case 19: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] < C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32GeS
        case 20: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >= I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32GeSImm
        case 21: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >= C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32GeS
        case 22: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >= I[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32GeSImm
        case 23: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >= C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32LtU
        case 24: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 < I[(fp + C[(pc + 4) | 0]) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32LtUImm
        case 25: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 < C[(pc + 4) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32LtU
        case 26: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] >>> 0 < I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32LtUImm
        case 27: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> 0 < C[(pc + 3) | 0] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32GeU
        case 28: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 >= I[(fp + C[(pc + 4) | 0]) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32GeUImm
        case 29: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 >= C[(pc + 4) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32GeU
        case 30: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] >>> 0 >= I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32GeUImm
        case 31: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> 0 >= C[(pc + 3) | 0] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // incBrI32Ne
        case 32: {
          a = (I[(fp + C[(pc + 3) | 0]) | 0] + C[(pc + 4) | 0]) | 0;
          I[(fp + C[(pc + 3) | 0]) | 0] = a;
          if (a !== I[(fp + C[(pc + 5) | 0]) | 0]) break;
          pc = (pc + 6) | 0;
          continue;
        }
        // incBrI32NeImm
        case 33: {
          a = (I[(fp + C[(pc + 3) | 0]) | 0] + C[(pc + 4) | 0]) | 0;
          I[(fp + C[(pc + 3) | 0]) | 0] = a;
          if (a !== C[(pc + 5) | 0]) break;
          pc = (pc + 6) | 0;
          continue;
        }
        // call
        case 34: {
          b = C[(pc + 1) | 0];
          K[sp] = (pc + 4) | 0;
          sp = (sp + 1) | 0;
          fp = (fp + C[(pc + 3) | 0]) | 0;
          fuel = (fuel - C[(pc + 2) | 0] - C[b]) | 0;
          pc = (b + 3) | 0;
          if ((fuel | (spLimit - sp) | (REGISTERS - fp - C[(b + 1) | 0])) < 0) {
            why = 5;
            break leave;
          }
          continue;
        }
        // callImport
        case 35: {
          why = 7;
          break leave;
        }
        // callIndirect
        case 36: {
          t = resolve(pc, I[(fp + C[(pc + 1) | 0]) | 0]);
          if (t < 0) {
            why = 8;
            break leave;
          }

          b = t;
          K[sp] = (pc + 6) | 0;
          sp = (sp + 1) | 0;
          fp = (fp + C[(pc + 5) | 0]) | 0;
          fuel = (fuel - C[(pc + 2) | 0] - C[b]) | 0;
          pc = (b + 3) | 0;
          if ((fuel | (spLimit - sp) | (REGISTERS - fp - C[(b + 1) | 0])) < 0) {
            why = 5;
            break leave;
          }
          continue;
        }
        // callRef
        case 37: {
          why = 9;
          break leave;
        }
        // return
        case 38: {
          fuel = (fuel - C[(pc + 1) | 0]) | 0;
          sp = (sp - 1) | 0;
          pc = K[sp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        }
        // return32
        case 39: {
          fuel = (fuel - C[(pc + 1) | 0]) | 0;
          I[fp] = I[(fp + C[(pc + 2) | 0]) | 0];
          sp = (sp - 1) | 0;
          pc = K[sp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        }
        // returnCall
        case 40: {
          why = 10;
          break leave;
        }
        // returnCallImport
        case 41: {
          why = 11;
          break leave;
        }
        // returnCallIndirect
        case 42: {
          why = 12;
          break leave;
        }
        // returnCallRef
        case 43: {
          why = 13;
          break leave;
        }
        // exit
        case 44: {
          why = 0;
          break leave;
        }
        // restore
        case 45: {
          why = 14;
          break leave;
        }
        // outside
        case 46: {
          why = 15;
          break leave;
        }
        // extended
        case 47: {
          S.pc = pc;
          S.fp = fp;
          S.sp = sp;
          S.fuel = fuel;
          rooms[C[(pc + 1) | 0]](pc, fp);
          fuel = S.fuel;
          pc = (pc + C[(pc + 2) | 0]) | 0;
          continue;
        }
        // extendedBranch
        case 48: {
          S.pc = pc;
          S.fp = fp;
          S.sp = sp;
          S.fuel = fuel;
          if (rooms[C[(pc + 3) | 0]](pc, fp)) break;
          pc = (pc + C[(pc + 4) | 0]) | 0;
          continue;
        }
        // move32
        case 49: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // move64
        case 50: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // moveRef
        case 51: {
          R[(fp + C[(pc + 1) | 0]) | 0] = R[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // const32
        case 52: {
          I[(fp + C[(pc + 1) | 0]) | 0] = C[(pc + 2) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // const64
        case 53: {
          L[(fp + C[(pc + 1) | 0]) | 0] = KL[C[(pc + 2) | 0]];
          pc = (pc + 3) | 0;
          continue;
        }
        // move32x2
        case 54: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          I[(fp + C[(pc + 3) | 0]) | 0] = I[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // zero32
        case 55: {
          b = (fp + C[(pc + 2) | 0]) | 0;
          for (a = (fp + C[(pc + 1) | 0]) | 0; a < b; a = (a + 1) | 0) I[a] = 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // zeroAll
        case 56: {
          b = (fp + C[(pc + 2) | 0]) | 0;
          for (a = (fp + C[(pc + 1) | 0]) | 0; a < b; a = (a + 1) | 0) {
            I[a] = 0;
            L[a] = 0n;
          }
          pc = (pc + 3) | 0;
          continue;
        }
        // nullRefs
        case 57: {
          b = (fp + C[(pc + 2) | 0]) | 0;
          for (a = (fp + C[(pc + 1) | 0]) | 0; a < b; a = (a + 1) | 0) R[a] = null;
          pc = (pc + 3) | 0;
          continue;
        }
        // select32
        case 58: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] !== 0 ? I[(fp + C[(pc + 3) | 0]) | 0] : I[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // select64
        case 59: {
          L[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] !== 0 ? L[(fp + C[(pc + 3) | 0]) | 0] : L[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // selectRef
        case 60: {
          R[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] !== 0 ? R[(fp + C[(pc + 3) | 0]) | 0] : R[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // globalGet32
        case 61: {
          I[(fp + C[(pc + 1) | 0]) | 0] = globals[C[(pc + 2) | 0]].i32[0];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalSet32
        case 62: {
          globals[C[(pc + 2) | 0]].i32[0] = I[(fp + C[(pc + 1) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalGet64
        case 63: {
          L[(fp + C[(pc + 1) | 0]) | 0] = globals[C[(pc + 2) | 0]].i64[0];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalSet64
        case 64: {
          globals[C[(pc + 2) | 0]].i64[0] = L[(fp + C[(pc + 1) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Add
        case 65: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32AddImm
        case 66: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Sub
        case 67: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] - I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Mul
        case 68: {
          I[(fp + C[(pc + 1) | 0]) | 0] = Math.imul(I[(fp + C[(pc + 2) | 0]) | 0], I[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32MulImm
        case 69: {
          I[(fp + C[(pc + 1) | 0]) | 0] = Math.imul(I[(fp + C[(pc + 2) | 0]) | 0], C[(pc + 3) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32And
        case 70: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] & I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32AndImm
        case 71: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] & C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Or
        case 72: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] | I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32OrImm
        case 73: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] | C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Xor
        case 74: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] ^ I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32XorImm
        case 75: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] ^ C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Shl
        case 76: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] << I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShlImm
        case 77: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrS
        case 78: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >> I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrSImm
        case 79: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >> C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrU
        case 80: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrUImm
        case 81: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32SubFromImm
        case 82: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (C[(pc + 2) | 0] - I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShlOfImm
        case 83: {
          I[(fp + C[(pc + 1) | 0]) | 0] = C[(pc + 2) | 0] << I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Rotl
        case 84: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = I[(fp + C[(pc + 3) | 0]) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = (a << b) | (a >>> -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Rotr
        case 85: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = I[(fp + C[(pc + 3) | 0]) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = (a >>> b) | (a << -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32RotlImm
        case 86: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = C[(pc + 3) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = (a << b) | (a >>> -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32DivS
        case 87: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = I[(fp + C[(pc + 3) | 0]) | 0];
          if (b === 0 || (b === -1 && a === -2147483648)) {
            why = 2;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = (a / b) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32DivU
        case 88: {
          b = I[(fp + C[(pc + 3) | 0]) | 0];
          if (b === 0) {
            why = 2;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = ((I[(fp + C[(pc + 2) | 0]) | 0] >>> 0) / (b >>> 0)) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32RemS
        case 89: {
          b = I[(fp + C[(pc + 3) | 0]) | 0];
          if (b === 0) {
            why = 2;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] % b) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32RemU
        case 90: {
          b = I[(fp + C[(pc + 3) | 0]) | 0];
          if (b === 0) {
            why = 2;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = ((I[(fp + C[(pc + 2) | 0]) | 0] >>> 0) % (b >>> 0)) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Clz
        case 91: {
          I[(fp + C[(pc + 1) | 0]) | 0] = Math.clz32(I[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Ctz
        case 92: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = a === 0 ? 32 : 31 - Math.clz32(a & -a);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Popcnt
        case 93: {
          I[(fp + C[(pc + 1) | 0]) | 0] = popcnt32(I[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Extend8S
        case 94: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] << 24) >> 24;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Extend16S
        case 95: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] << 16) >> 16;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32WrapI64
        case 96: {
          I[(fp + C[(pc + 1) | 0]) | 0] = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32HighI64
        case 97: {
          I[(fp + C[(pc + 1) | 0]) | 0] = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Add
        case 98: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] + L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64AddConst
        case 99: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] + KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Sub
        case 100: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] - L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Mul
        case 101: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] * L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64MulConst
        case 102: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] * KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64And
        case 103: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] & L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64AndConst
        case 104: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] & KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Or
        case 105: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] | L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64OrConst
        case 106: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] | KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Xor
        case 107: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] ^ L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64XorConst
        case 108: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] ^ KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Shl
        case 109: {
          L[(fp + C[(pc + 1) | 0]) | 0] =
            L[(fp + C[(pc + 2) | 0]) | 0] * POWERS[P[((fp + C[(pc + 3) | 0]) | 0) << 1] & 63];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrS
        case 110: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = P[((fp + C[(pc + 3) | 0]) | 0) << 1] & 63;
          if (t >= 32) {
            a = b >> (t - 32);
            b = b >> 31;
          } else if (t !== 0) {
            a = (a >>> t) | (b << (32 - t));
            b = b >> t;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt(b | 0) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrU
        case 111: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = P[((fp + C[(pc + 3) | 0]) | 0) << 1] & 63;
          if (t >= 32) {
            a = b >>> (t - 32);
            b = 0;
          } else if (t !== 0) {
            a = (a >>> t) | (b << (32 - t));
            b = b >>> t;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt(b | 0) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrSImm
        case 112: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = C[(pc + 3) | 0];
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt(b >> t) << 32n) | BigInt(((a >>> t) | (b << (32 - t))) >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrUImm
        case 113: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = C[(pc + 3) | 0];
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt((b >>> t) | 0) << 32n) | BigInt(((a >>> t) | (b << (32 - t))) >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrSImmHigh
        case 114: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] >> C[(pc + 3) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrUImmHigh
        case 115: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] >>> C[(pc + 3) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Rotl
        case 116: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = P[((fp + C[(pc + 3) | 0]) | 0) << 1] & 63;
          if (t >= 32) {
            c = a;
            a = b;
            b = c;
            t = t - 32;
          }
          if (t !== 0) {
            c = (b << t) | (a >>> (32 - t));
            a = (a << t) | (b >>> (32 - t));
            b = c;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt(b) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64RotlImm
        case 117: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = C[(pc + 3) | 0] & 63;
          if (t >= 32) {
            c = a;
            a = b;
            b = c;
            t = t - 32;
          }
          if (t !== 0) {
            c = (b << t) | (a >>> (32 - t));
            a = (a << t) | (b >>> (32 - t));
            b = c;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt(b) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Rotr
        case 118: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = (64 - (P[((fp + C[(pc + 3) | 0]) | 0) << 1] & 63)) & 63;
          if (t >= 32) {
            c = a;
            a = b;
            b = c;
            t = t - 32;
          }
          if (t !== 0) {
            c = (b << t) | (a >>> (32 - t));
            a = (a << t) | (b >>> (32 - t));
            b = c;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt(b) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64DivS
        case 119: {
          if (
            L[(fp + C[(pc + 3) | 0]) | 0] === 0n ||
            (L[(fp + C[(pc + 3) | 0]) | 0] === -1n && L[(fp + C[(pc + 2) | 0]) | 0] === -0x8000000000000000n)
          ) {
            why = 2;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] / L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64RemS
        case 120: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === 0n) {
            why = 2;
            break leave;
          }
          if (L[(fp + C[(pc + 3) | 0]) | 0] === -1n) L[(fp + C[(pc + 1) | 0]) | 0] = 0n;
          else L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] % L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64DivU
        case 121: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === 0n) {
            why = 2;
            break leave;
          }
          if ((P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] | P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1]) >= 0)
            L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] / L[(fp + C[(pc + 3) | 0]) | 0];
          else L[(fp + C[(pc + 1) | 0]) | 0] = divU64(L[(fp + C[(pc + 2) | 0]) | 0], L[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64RemU
        case 122: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === 0n) {
            why = 2;
            break leave;
          }
          if ((P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] | P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1]) >= 0)
            L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] % L[(fp + C[(pc + 3) | 0]) | 0];
          else L[(fp + C[(pc + 1) | 0]) | 0] = remU64(L[(fp + C[(pc + 2) | 0]) | 0], L[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64Eq
        case 123: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64EqConst
        case 124: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64Eq
        case 125: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] === L[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64EqConst
        case 126: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] === KL[C[(pc + 3) | 0]] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64Ne
        case 127: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] !== L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64NeConst
        case 128: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] !== KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64Ne
        case 129: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] !== L[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64NeConst
        case 130: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] !== KL[C[(pc + 3) | 0]] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64LtS
        case 131: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] < L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64LtSConst
        case 132: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] < KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64LtS
        case 133: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] < L[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64LtSConst
        case 134: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] < KL[C[(pc + 3) | 0]] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64GeS
        case 135: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] >= L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64GeSConst
        case 136: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] >= KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64GeS
        case 137: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] >= L[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64GeSConst
        case 138: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] >= KL[C[(pc + 3) | 0]] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64LtU
        case 139: {
          a = P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1];
          b = P[(((fp + C[(pc + 4) | 0]) | 0) << 1) + 1];
          if (
            a === b
              ? P[((fp + C[(pc + 3) | 0]) | 0) << 1] >>> 0 < P[((fp + C[(pc + 4) | 0]) | 0) << 1] >>> 0
              : a >>> 0 < b >>> 0
          )
            break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64GeU
        case 140: {
          a = P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1];
          b = P[(((fp + C[(pc + 4) | 0]) | 0) << 1) + 1];
          if (
            !(a === b
              ? P[((fp + C[(pc + 3) | 0]) | 0) << 1] >>> 0 < P[((fp + C[(pc + 4) | 0]) | 0) << 1] >>> 0
              : a >>> 0 < b >>> 0)
          )
            break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64LtU
        case 141: {
          a = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          b = P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1];
          I[(fp + C[(pc + 1) | 0]) | 0] = (
            a === b
              ? P[((fp + C[(pc + 2) | 0]) | 0) << 1] >>> 0 < P[((fp + C[(pc + 3) | 0]) | 0) << 1] >>> 0
              : a >>> 0 < b >>> 0
          )
            ? 1
            : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64GeU
        case 142: {
          a = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          b = P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1];
          I[(fp + C[(pc + 1) | 0]) | 0] = (
            a === b
              ? P[((fp + C[(pc + 2) | 0]) | 0) << 1] >>> 0 < P[((fp + C[(pc + 3) | 0]) | 0) << 1] >>> 0
              : a >>> 0 < b >>> 0
          )
            ? 0
            : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Clz
        case 143: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(
            clz64(P[((fp + C[(pc + 2) | 0]) | 0) << 1], P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1]),
          );
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Ctz
        case 144: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(
            ctz64(P[((fp + C[(pc + 2) | 0]) | 0) << 1], P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1]),
          );
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Popcnt
        case 145: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(
            popcnt32(P[((fp + C[(pc + 2) | 0]) | 0) << 1]) + popcnt32(P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1]),
          );
          pc = (pc + 3) | 0;
          continue;
        }
        // i64ExtendI32S
        case 146: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(I[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64ExtendI32U
        case 147: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(I[(fp + C[(pc + 2) | 0]) | 0] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend8S
        case 148: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt((P[((fp + C[(pc + 2) | 0]) | 0) << 1] << 24) >> 24);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend16S
        case 149: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt((P[((fp + C[(pc + 2) | 0]) | 0) << 1] << 16) >> 16);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend32S
        case 150: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(P[((fp + C[(pc + 2) | 0]) | 0) << 1]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Add
        case 151: {
          F[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] + F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Sub
        case 152: {
          F[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] - F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Mul
        case 153: {
          F[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] * F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Div
        case 154: {
          F[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] / F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Min
        case 155: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.min(F[(fp + C[(pc + 2) | 0]) | 0], F[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Max
        case 156: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.max(F[(fp + C[(pc + 2) | 0]) | 0], F[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Sqrt
        case 157: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.sqrt(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Ceil
        case 158: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.ceil(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Floor
        case 159: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.floor(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Trunc
        case 160: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.trunc(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Nearest
        case 161: {
          F[(fp + C[(pc + 1) | 0]) | 0] = nearest(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // brF32Eq
        case 162: {
          if (F[(fp + C[(pc + 3) | 0]) | 0] === F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Eq
        case 163: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] === F[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Ne
        case 164: {
          if (F[(fp + C[(pc + 3) | 0]) | 0] !== F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Ne
        case 165: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] !== F[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Lt
        case 166: {
          if (F[(fp + C[(pc + 3) | 0]) | 0] < F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Lt
        case 167: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] < F[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Le
        case 168: {
          if (F[(fp + C[(pc + 3) | 0]) | 0] <= F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Le
        case 169: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] <= F[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32NotLt
        case 170: {
          if (!(F[(fp + C[(pc + 3) | 0]) | 0] < F[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32NotLt
        case 171: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] < F[(fp + C[(pc + 3) | 0]) | 0] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32NotLe
        case 172: {
          if (!(F[(fp + C[(pc + 3) | 0]) | 0] <= F[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32NotLe
        case 173: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] <= F[(fp + C[(pc + 3) | 0]) | 0] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Add
        case 174: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] + D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64AddConst
        case 175: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] + KD[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Sub
        case 176: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] - D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64SubConst
        case 177: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] - KD[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64SubOfConst
        case 178: {
          D[(fp + C[(pc + 1) | 0]) | 0] = KD[C[(pc + 2) | 0]] - D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Mul
        case 179: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] * D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64MulConst
        case 180: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] * KD[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Div
        case 181: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] / D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64DivConst
        case 182: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] / KD[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64DivOfConst
        case 183: {
          D[(fp + C[(pc + 1) | 0]) | 0] = KD[C[(pc + 2) | 0]] / D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Min
        case 184: {
          D[(fp + C[(pc + 1) | 0]) | 0] = Math.min(D[(fp + C[(pc + 2) | 0]) | 0], D[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Max
        case 185: {
          D[(fp + C[(pc + 1) | 0]) | 0] = Math.max(D[(fp + C[(pc + 2) | 0]) | 0], D[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Sqrt
        case 186: {
          D[(fp + C[(pc + 1) | 0]) | 0] = Math.sqrt(D[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Ceil
        case 187: {
          x = D[(fp + C[(pc + 2) | 0]) | 0];
          D[(fp + C[(pc + 1) | 0]) | 0] = x < 0 || x >= 0 ? Math.ceil(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Floor
        case 188: {
          x = D[(fp + C[(pc + 2) | 0]) | 0];
          D[(fp + C[(pc + 1) | 0]) | 0] = x < 0 || x >= 0 ? Math.floor(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Trunc
        case 189: {
          x = D[(fp + C[(pc + 2) | 0]) | 0];
          D[(fp + C[(pc + 1) | 0]) | 0] = x < 0 || x >= 0 ? Math.trunc(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Nearest
        case 190: {
          D[(fp + C[(pc + 1) | 0]) | 0] = nearest(D[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // brF64Eq
        case 191: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] === D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Eq
        case 192: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] === D[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Ne
        case 193: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] !== D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Ne
        case 194: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] !== D[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Lt
        case 195: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] < D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Lt
        case 196: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] < D[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Le
        case 197: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] <= D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Le
        case 198: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] <= D[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64NotLt
        case 199: {
          if (!(D[(fp + C[(pc + 3) | 0]) | 0] < D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64NotLt
        case 200: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] < D[(fp + C[(pc + 3) | 0]) | 0] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64NotLe
        case 201: {
          if (!(D[(fp + C[(pc + 3) | 0]) | 0] <= D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64NotLe
        case 202: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] <= D[(fp + C[(pc + 3) | 0]) | 0] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Abs
        case 203: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] & 0x7fffffff;
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Neg
        case 204: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] ^ -2147483648;
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Copysign
        case 205: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            (I[(fp + C[(pc + 2) | 0]) | 0] & 0x7fffffff) | (I[(fp + C[(pc + 3) | 0]) | 0] & -2147483648);
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Abs
        case 206: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] & 0x7fffffffffffffffn;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Neg
        case 207: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] ^ -0x8000000000000000n;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Copysign
        case 208: {
          L[(fp + C[(pc + 1) | 0]) | 0] =
            (L[(fp + C[(pc + 2) | 0]) | 0] & 0x7fffffffffffffffn) |
            (L[(fp + C[(pc + 3) | 0]) | 0] & -0x8000000000000000n);
          pc = (pc + 4) | 0;
          continue;
        }
        // f32DemoteF64
        case 209: {
          F[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // f64PromoteF32
        case 210: {
          D[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // f32ConvertI32S
        case 211: {
          F[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // f32ConvertI32U
        case 212: {
          F[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI32S
        case 213: {
          D[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI32U
        case 214: {
          D[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI64S
        case 215: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] * 4294967296 + (P[((fp + C[(pc + 2) | 0]) | 0) << 1] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI64U
        case 216: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            (P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] >>> 0) * 4294967296 +
            (P[((fp + C[(pc + 2) | 0]) | 0) << 1] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF32S
        case 217: {
          x = F[(fp + C[(pc + 2) | 0]) | 0];
          if (!(x > -2147483649 && x < 2147483648)) {
            why = 3;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = x | 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF32U
        case 218: {
          x = F[(fp + C[(pc + 2) | 0]) | 0];
          if (!(x > -1 && x < 4294967296)) {
            why = 3;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = x >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF32S
        case 219: {
          I[(fp + C[(pc + 1) | 0]) | 0] = truncSatS32(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF32U
        case 220: {
          I[(fp + C[(pc + 1) | 0]) | 0] = truncSatU32(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF64S
        case 221: {
          x = D[(fp + C[(pc + 2) | 0]) | 0];
          if (!(x > -2147483649 && x < 2147483648)) {
            why = 3;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = x | 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF64U
        case 222: {
          x = D[(fp + C[(pc + 2) | 0]) | 0];
          if (!(x > -1 && x < 4294967296)) {
            why = 3;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = x >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF64S
        case 223: {
          I[(fp + C[(pc + 1) | 0]) | 0] = truncSatS32(D[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF64U
        case 224: {
          I[(fp + C[(pc + 1) | 0]) | 0] = truncSatU32(D[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // load32
        case 225: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt32(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load32Add
        case 226: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt32(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load32AddImm
        case 227: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt32(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load32At
        case 228: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt32(b, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // load8S
        case 229: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt8(b);
          pc = (pc + 4) | 0;
          continue;
        }
        // load8SAdd
        case 230: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt8(b);
          pc = (pc + 5) | 0;
          continue;
        }
        // load8SAddImm
        case 231: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt8(b);
          pc = (pc + 5) | 0;
          continue;
        }
        // load8SAt
        case 232: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt8(b);
          pc = (pc + 3) | 0;
          continue;
        }
        // load8U
        case 233: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint8(b);
          pc = (pc + 4) | 0;
          continue;
        }
        // load8UAdd
        case 234: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint8(b);
          pc = (pc + 5) | 0;
          continue;
        }
        // load8UAddImm
        case 235: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint8(b);
          pc = (pc + 5) | 0;
          continue;
        }
        // load8UAt
        case 236: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint8(b);
          pc = (pc + 3) | 0;
          continue;
        }
        // load16S
        case 237: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt16(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load16SAdd
        case 238: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt16(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load16SAddImm
        case 239: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt16(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load16SAt
        case 240: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt16(b, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // load16U
        case 241: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint16(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load16UAdd
        case 242: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint16(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load16UAddImm
        case 243: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint16(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load16UAt
        case 244: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint16(b, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // load64
        case 245: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = mem.getFloat64(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load64Add
        case 246: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load64AddImm
        case 247: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load64At
        case 248: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = mem.getFloat64(b, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store32
        case 249: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store32Add
        case 250: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store32AddImm
        case 251: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store32At
        case 252: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store8
        case 253: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[(fp + C[(pc + 1) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // store8Add
        case 254: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[(fp + C[(pc + 1) | 0]) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // store8AddImm
        case 255: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[(fp + C[(pc + 1) | 0]) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // store8At
        case 256: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[(fp + C[(pc + 1) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // store16
        case 257: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store16Add
        case 258: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store16AddImm
        case 259: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store16At
        case 260: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store64
        case 261: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store64Add
        case 262: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store64AddImm
        case 263: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store64At
        case 264: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 3) | 0;
          continue;
        }
        // load64Exact
        case 265: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt(mem.getInt32(b + 4, true)) << 32n) | BigInt(mem.getUint32(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // store64Exact
        case 266: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, P[((fp + C[(pc + 1) | 0]) | 0) << 1], true);
          mem.setInt32(b + 4, P[(((fp + C[(pc + 1) | 0]) | 0) << 1) + 1], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load8SI64
        case 267: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(mem.getInt8(b));
          pc = (pc + 4) | 0;
          continue;
        }
        // load8UI64
        case 268: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(mem.getUint8(b));
          pc = (pc + 4) | 0;
          continue;
        }
        // load16SI64
        case 269: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(mem.getInt16(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // load16UI64
        case 270: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(mem.getUint16(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // load32SI64
        case 271: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(mem.getInt32(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // load32UI64
        case 272: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(mem.getUint32(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // store8I64
        case 273: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, P[((fp + C[(pc + 1) | 0]) | 0) << 1]);
          pc = (pc + 4) | 0;
          continue;
        }
        // store16I64
        case 274: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, P[((fp + C[(pc + 1) | 0]) | 0) << 1], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store32I64
        case 275: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, P[((fp + C[(pc + 1) | 0]) | 0) << 1], true);
          pc = (pc + 4) | 0;
          continue;
        }
      }
      // A branch is taken. It pays what the straight line had pending beyond its target; a loop's head is where the guest may be stopped.
      fuel = (fuel - C[(pc + 2) | 0]) | 0;
      t = C[(pc + 1) | 0];
      if (fuel < 0 && t <= pc) {
        pc = t;
        why = 6;
        break;
      }
      pc = t;
    }
    S.pc = pc;
    S.fp = fp;
    S.sp = sp;
    S.fuel = fuel;
    return why;
  };
}

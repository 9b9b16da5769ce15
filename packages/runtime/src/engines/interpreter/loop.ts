// Digest: 7dc4b50af4aa7681c695cefd90345d44117c881ec1074436a48dc4ec26c7c270
// Made by generate.mjs; change that and run it again.

import { truncSatS32, truncSatU32 } from "../../numerics/conversions.ts";
import { nearest } from "../../numerics/floats.ts";
import { clz64, ctz64, divU64, popcnt32, remU64 } from "../../numerics/integers.ts";
import type { Loop, LoopParts } from "./state.ts";

/**
 * Makes the dispatch loop over one arena. To be called once in a process.
 *
 * What keeps it hot, by measurement (see docs/decisions/interpreter-loop.md): the arena's arrays are constants of this closure, of which there is only one, copied to
 * locals before the loop, so that V8 folds their addresses and lengths into the code; every sum of indices ends in `| 0`; temporaries
 * are few and shared, and the whole stays below the 60 KB of bytecode above which V8 optimises no function; what is rare leaves
 * the loop for the driver with a reason, all state being in `S` then.
 */
export function makeLoop(parts: LoopParts): Loop {
  const { arena, S, rooms, resolve } = parts;
  const { code, codeI64, codeF64, i32, f32, i64, f64, halves, refs, frames, registers, powers } = arena;
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
      x = 0.5,
      x1 = 0n,
      x2 = 0n;
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
        // jump
        case 3: {
          pc = C[(pc + 1) | 0];
          continue;
        }
        // brNonZero
        case 4: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] !== 0) break;
          pc = (pc + 4) | 0;
          continue;
        }
        // brZero
        case 5: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] === 0) break;
          pc = (pc + 4) | 0;
          continue;
        }
        // brAndNonZero
        case 6: {
          if ((I[(fp + C[(pc + 3) | 0]) | 0] & C[(pc + 4) | 0]) !== 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brAndZero
        case 7: {
          if ((I[(fp + C[(pc + 3) | 0]) | 0] & C[(pc + 4) | 0]) === 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brTable
        case 8: {
          a = I[(fp + C[(pc + 1) | 0]) | 0];
          b = C[(pc + 2) | 0];
          if (a < 0 || a > b) a = b;
          pc = (pc + 2 + (a << 1)) | 0;
          break;
        }
        // brI32Eq
        case 9: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] === I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32EqImm
        case 10: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] === C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Eq
        case 11: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] === I[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32EqImm
        case 12: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] === C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32Ne
        case 13: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] !== I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32NeImm
        case 14: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] !== C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Ne
        case 15: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] !== I[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32NeImm
        case 16: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] !== C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32LtS
        case 17: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] < I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32LtSImm
        case 18: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] < C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32LtS
        case 19: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] < I[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32LtSImm
        case 20: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] < C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32GeS
        case 21: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >= I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32GeSImm
        case 22: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >= C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32GeS
        case 23: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >= I[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32GeSImm
        case 24: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >= C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32LtU
        case 25: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 < I[(fp + C[(pc + 4) | 0]) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32LtUImm
        case 26: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 < C[(pc + 4) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32LtU
        case 27: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] >>> 0 < I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32LtUImm
        case 28: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> 0 < C[(pc + 3) | 0] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32GeU
        case 29: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 >= I[(fp + C[(pc + 4) | 0]) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32GeUImm
        case 30: {
          if (I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 >= C[(pc + 4) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32GeU
        case 31: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] >>> 0 >= I[(fp + C[(pc + 3) | 0]) | 0] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32GeUImm
        case 32: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> 0 >= C[(pc + 3) | 0] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // incBrI32Ne
        case 33: {
          a = (I[(fp + C[(pc + 3) | 0]) | 0] + C[(pc + 4) | 0]) | 0;
          I[(fp + C[(pc + 3) | 0]) | 0] = a;
          if (a !== I[(fp + C[(pc + 5) | 0]) | 0]) break;
          pc = (pc + 6) | 0;
          continue;
        }
        // incBrI32NeImm
        case 34: {
          a = (I[(fp + C[(pc + 3) | 0]) | 0] + C[(pc + 4) | 0]) | 0;
          I[(fp + C[(pc + 3) | 0]) | 0] = a;
          if (a !== C[(pc + 5) | 0]) break;
          pc = (pc + 6) | 0;
          continue;
        }
        // call
        case 35: {
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
        case 36: {
          why = 7;
          break leave;
        }
        // callIndirect
        case 37: {
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
        case 38: {
          why = 9;
          break leave;
        }
        // return
        case 39: {
          fuel = (fuel - C[(pc + 1) | 0]) | 0;
          sp = (sp - 1) | 0;
          pc = K[sp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        }
        // return32
        case 40: {
          fuel = (fuel - C[(pc + 1) | 0]) | 0;
          I[fp] = I[(fp + C[(pc + 2) | 0]) | 0];
          sp = (sp - 1) | 0;
          pc = K[sp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        }
        // returnCall
        case 41: {
          b = (fp + C[(pc + 3) | 0]) | 0;
          t = (fp + C[(pc + 4) | 0]) | 0;
          for (a = fp; a < t; a = (a + 1) | 0) {
            I[a] = I[b];
            L[a] = L[b];
            b = (b + 1) | 0;
          }
          b = C[(pc + 1) | 0];
          fuel = (fuel - C[(pc + 2) | 0] - C[b]) | 0;
          pc = (b + 3) | 0;
          if ((fuel | (spLimit - sp) | (REGISTERS - fp - C[(b + 1) | 0])) < 0) {
            why = 5;
            break leave;
          }
          continue;
        }
        // returnCallReferences
        case 42: {
          why = 10;
          break leave;
        }
        // returnCallImport
        case 43: {
          why = 11;
          break leave;
        }
        // returnCallIndirect
        case 44: {
          why = 12;
          break leave;
        }
        // returnCallRef
        case 45: {
          why = 13;
          break leave;
        }
        // exit
        case 46: {
          why = 0;
          break leave;
        }
        // restore
        case 47: {
          why = 14;
          break leave;
        }
        // outside
        case 48: {
          why = 15;
          break leave;
        }
        // extended
        case 49: {
          S.pc = pc;
          S.fp = fp;
          S.sp = sp;
          S.fuel = fuel;
          rooms[C[(pc + 1) | 0]](pc, fp);
          fuel = S.fuel;
          pc = (pc + C[(pc + 2) | 0]) | 0;
          continue;
        }
        // pure
        case 50: {
          rooms[C[(pc + 1) | 0]](pc, fp);
          pc = (pc + C[(pc + 2) | 0]) | 0;
          continue;
        }
        // extendedBranch
        case 51: {
          S.pc = pc;
          S.fp = fp;
          S.sp = sp;
          S.fuel = fuel;
          if (rooms[C[(pc + 3) | 0]](pc, fp)) break;
          pc = (pc + C[(pc + 4) | 0]) | 0;
          continue;
        }
        // move32
        case 52: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // move64
        case 53: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // moveRef
        case 54: {
          R[(fp + C[(pc + 1) | 0]) | 0] = R[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // const32
        case 55: {
          I[(fp + C[(pc + 1) | 0]) | 0] = C[(pc + 2) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // const64
        case 56: {
          L[(fp + C[(pc + 1) | 0]) | 0] = KL[C[(pc + 2) | 0]];
          pc = (pc + 3) | 0;
          continue;
        }
        // move32x2
        case 57: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          I[(fp + C[(pc + 3) | 0]) | 0] = I[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // move32x4
        case 58: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          I[(fp + C[(pc + 3) | 0]) | 0] = I[(fp + C[(pc + 4) | 0]) | 0];
          I[(fp + C[(pc + 5) | 0]) | 0] = I[(fp + C[(pc + 6) | 0]) | 0];
          I[(fp + C[(pc + 7) | 0]) | 0] = I[(fp + C[(pc + 8) | 0]) | 0];
          pc = (pc + 9) | 0;
          continue;
        }
        // zero32
        case 59: {
          b = (fp + C[(pc + 2) | 0]) | 0;
          for (a = (fp + C[(pc + 1) | 0]) | 0; a < b; a = (a + 1) | 0) I[a] = 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // zeroAll
        case 60: {
          b = (fp + C[(pc + 2) | 0]) | 0;
          for (a = (fp + C[(pc + 1) | 0]) | 0; a < b; a = (a + 1) | 0) {
            I[a] = 0;
            L[a] = 0n;
          }
          pc = (pc + 3) | 0;
          continue;
        }
        // nullRefs
        case 61: {
          b = (fp + C[(pc + 2) | 0]) | 0;
          for (a = (fp + C[(pc + 1) | 0]) | 0; a < b; a = (a + 1) | 0) R[a] = null;
          pc = (pc + 3) | 0;
          continue;
        }
        // select32
        case 62: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] !== 0 ? I[(fp + C[(pc + 3) | 0]) | 0] : I[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // select64
        case 63: {
          L[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] !== 0 ? L[(fp + C[(pc + 3) | 0]) | 0] : L[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // selectRef
        case 64: {
          R[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] !== 0 ? R[(fp + C[(pc + 3) | 0]) | 0] : R[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // globalGet32
        case 65: {
          I[(fp + C[(pc + 1) | 0]) | 0] = globals[C[(pc + 2) | 0]].i32[0];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalSet32
        case 66: {
          globals[C[(pc + 2) | 0]].i32[0] = I[(fp + C[(pc + 1) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalGet64
        case 67: {
          L[(fp + C[(pc + 1) | 0]) | 0] = globals[C[(pc + 2) | 0]].i64[0];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalSet64
        case 68: {
          globals[C[(pc + 2) | 0]].i64[0] = L[(fp + C[(pc + 1) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Add
        case 69: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32AddImm
        case 70: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Sub
        case 71: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] - I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Mul
        case 72: {
          I[(fp + C[(pc + 1) | 0]) | 0] = Math.imul(I[(fp + C[(pc + 2) | 0]) | 0], I[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32MulImm
        case 73: {
          I[(fp + C[(pc + 1) | 0]) | 0] = Math.imul(I[(fp + C[(pc + 2) | 0]) | 0], C[(pc + 3) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32And
        case 74: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] & I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32AndImm
        case 75: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] & C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Or
        case 76: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] | I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32OrImm
        case 77: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] | C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Xor
        case 78: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] ^ I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32XorImm
        case 79: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] ^ C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Shl
        case 80: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] << I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShlImm
        case 81: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrS
        case 82: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >> I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrSImm
        case 83: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >> C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrU
        case 84: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrUImm
        case 85: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32AddShl
        case 86: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            (I[(fp + C[(pc + 2) | 0]) | 0] + (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0])) | 0;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32ShlAddImm
        case 87: {
          I[(fp + C[(pc + 1) | 0]) | 0] = ((I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0]) + C[(pc + 4) | 0]) | 0;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32OrShl
        case 88: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] | (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // i32XorShl
        case 89: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] ^ (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // i32XorShrU
        case 90: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] ^ (I[(fp + C[(pc + 3) | 0]) | 0] >>> C[(pc + 4) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // i32XorRotl
        case 91: {
          a = I[(fp + C[(pc + 3) | 0]) | 0];
          b = C[(pc + 4) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] ^ ((a << b) | (a >>> -b));
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Add3
        case 92: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0] + I[(fp + C[(pc + 4) | 0]) | 0]) | 0;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Xor3
        case 93: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            I[(fp + C[(pc + 2) | 0]) | 0] ^ I[(fp + C[(pc + 3) | 0]) | 0] ^ I[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // i32AddImmx2
        case 94: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          I[(fp + C[(pc + 4) | 0]) | 0] = (I[(fp + C[(pc + 5) | 0]) | 0] + C[(pc + 6) | 0]) | 0;
          pc = (pc + 7) | 0;
          continue;
        }
        // i32SubFromImm
        case 95: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (C[(pc + 2) | 0] - I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShlOfImm
        case 96: {
          I[(fp + C[(pc + 1) | 0]) | 0] = C[(pc + 2) | 0] << I[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Rotl
        case 97: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = I[(fp + C[(pc + 3) | 0]) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = (a << b) | (a >>> -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Rotr
        case 98: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = I[(fp + C[(pc + 3) | 0]) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = (a >>> b) | (a << -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32RotlImm
        case 99: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = C[(pc + 3) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = (a << b) | (a >>> -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32DivS
        case 100: {
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
        case 101: {
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
        case 102: {
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
        case 103: {
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
        case 104: {
          I[(fp + C[(pc + 1) | 0]) | 0] = Math.clz32(I[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Ctz
        case 105: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          I[(fp + C[(pc + 1) | 0]) | 0] = a === 0 ? 32 : 31 - Math.clz32(a & -a);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Popcnt
        case 106: {
          I[(fp + C[(pc + 1) | 0]) | 0] = popcnt32(I[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Extend8S
        case 107: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] << 24) >> 24;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Extend16S
        case 108: {
          I[(fp + C[(pc + 1) | 0]) | 0] = (I[(fp + C[(pc + 2) | 0]) | 0] << 16) >> 16;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32WrapI64
        case 109: {
          I[(fp + C[(pc + 1) | 0]) | 0] = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32HighI64
        case 110: {
          I[(fp + C[(pc + 1) | 0]) | 0] = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Add
        case 111: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] + L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64AddConst
        case 112: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] + KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Sub
        case 113: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] - L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Mul
        case 114: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] * L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64MulConst
        case 115: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] * KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64And
        case 116: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] & L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64AndConst
        case 117: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] & KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Or
        case 118: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] | L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64OrConst
        case 119: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] | KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Xor
        case 120: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] ^ L[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64XorConst
        case 121: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] ^ KL[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64XorMul
        case 122: {
          L[(fp + C[(pc + 1) | 0]) | 0] =
            L[(fp + C[(pc + 2) | 0]) | 0] ^ (L[(fp + C[(pc + 3) | 0]) | 0] * KL[C[(pc + 4) | 0]]);
          pc = (pc + 5) | 0;
          continue;
        }
        // i64MulAddConst
        case 123: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] * KL[C[(pc + 3) | 0]] + KL[C[(pc + 4) | 0]];
          pc = (pc + 5) | 0;
          continue;
        }
        // i64Shl
        case 124: {
          L[(fp + C[(pc + 1) | 0]) | 0] =
            L[(fp + C[(pc + 2) | 0]) | 0] * POWERS[P[((fp + C[(pc + 3) | 0]) | 0) << 1] & 63];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrS
        case 125: {
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
        case 126: {
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
        case 127: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = C[(pc + 3) | 0];
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt(b >> t) << 32n) | BigInt(((a >>> t) | (b << (32 - t))) >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrUImm
        case 128: {
          a = P[((fp + C[(pc + 2) | 0]) | 0) << 1];
          b = P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1];
          t = C[(pc + 3) | 0];
          L[(fp + C[(pc + 1) | 0]) | 0] = (BigInt((b >>> t) | 0) << 32n) | BigInt(((a >>> t) | (b << (32 - t))) >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrSImmHigh
        case 129: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] >> C[(pc + 3) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrUImmHigh
        case 130: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] >>> C[(pc + 3) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Rotl
        case 131: {
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
        case 132: {
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
        case 133: {
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
        case 134: {
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
        case 135: {
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
        case 136: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === 0n) {
            why = 2;
            break leave;
          }
          if ((P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] | P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1]) >= 0)
            L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] / L[(fp + C[(pc + 3) | 0]) | 0];
          else if (P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1] >= 0) {
            x1 = BigInt.asIntN(
              64,
              (((L[(fp + C[(pc + 2) | 0]) | 0] >> 1n) & 0x7fffffffffffffffn) / L[(fp + C[(pc + 3) | 0]) | 0]) * 2n,
            );
            x2 = BigInt.asIntN(
              64,
              L[(fp + C[(pc + 2) | 0]) | 0] - BigInt.asIntN(64, x1 * L[(fp + C[(pc + 3) | 0]) | 0]),
            );
            L[(fp + C[(pc + 1) | 0]) | 0] = x2 < 0n || x2 >= L[(fp + C[(pc + 3) | 0]) | 0] ? x1 + 1n : x1;
          } else L[(fp + C[(pc + 1) | 0]) | 0] = divU64(L[(fp + C[(pc + 2) | 0]) | 0], L[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64RemU
        case 137: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === 0n) {
            why = 2;
            break leave;
          }
          if ((P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] | P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1]) >= 0)
            L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] % L[(fp + C[(pc + 3) | 0]) | 0];
          else if (P[(((fp + C[(pc + 3) | 0]) | 0) << 1) + 1] >= 0) {
            x1 = BigInt.asIntN(
              64,
              (((L[(fp + C[(pc + 2) | 0]) | 0] >> 1n) & 0x7fffffffffffffffn) / L[(fp + C[(pc + 3) | 0]) | 0]) * 2n,
            );
            x2 = BigInt.asIntN(
              64,
              L[(fp + C[(pc + 2) | 0]) | 0] - BigInt.asIntN(64, x1 * L[(fp + C[(pc + 3) | 0]) | 0]),
            );
            L[(fp + C[(pc + 1) | 0]) | 0] =
              x2 < 0n || x2 >= L[(fp + C[(pc + 3) | 0]) | 0] ? x2 - L[(fp + C[(pc + 3) | 0]) | 0] : x2;
          } else L[(fp + C[(pc + 1) | 0]) | 0] = remU64(L[(fp + C[(pc + 2) | 0]) | 0], L[(fp + C[(pc + 3) | 0]) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64Eq
        case 138: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64EqConst
        case 139: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] === KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64Eq
        case 140: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] === L[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64EqConst
        case 141: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] === KL[C[(pc + 3) | 0]] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64Ne
        case 142: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] !== L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64NeConst
        case 143: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] !== KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64Ne
        case 144: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] !== L[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64NeConst
        case 145: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] !== KL[C[(pc + 3) | 0]] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64LtS
        case 146: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] < L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64LtSConst
        case 147: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] < KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64LtS
        case 148: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] < L[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64LtSConst
        case 149: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] < KL[C[(pc + 3) | 0]] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64GeS
        case 150: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] >= L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64GeSConst
        case 151: {
          if (L[(fp + C[(pc + 3) | 0]) | 0] >= KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64GeS
        case 152: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] >= L[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64GeSConst
        case 153: {
          I[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] >= KL[C[(pc + 3) | 0]] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64LtU
        case 154: {
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
        case 155: {
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
        case 156: {
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
        case 157: {
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
        case 158: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(
            clz64(P[((fp + C[(pc + 2) | 0]) | 0) << 1], P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1]),
          );
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Ctz
        case 159: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(
            ctz64(P[((fp + C[(pc + 2) | 0]) | 0) << 1], P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1]),
          );
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Popcnt
        case 160: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(
            popcnt32(P[((fp + C[(pc + 2) | 0]) | 0) << 1]) + popcnt32(P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1]),
          );
          pc = (pc + 3) | 0;
          continue;
        }
        // i64ExtendI32S
        case 161: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(I[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64ExtendI32U
        case 162: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(I[(fp + C[(pc + 2) | 0]) | 0] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend8S
        case 163: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt((P[((fp + C[(pc + 2) | 0]) | 0) << 1] << 24) >> 24);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend16S
        case 164: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt((P[((fp + C[(pc + 2) | 0]) | 0) << 1] << 16) >> 16);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend32S
        case 165: {
          L[(fp + C[(pc + 1) | 0]) | 0] = BigInt(P[((fp + C[(pc + 2) | 0]) | 0) << 1]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Add
        case 166: {
          F[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] + F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Sub
        case 167: {
          F[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] - F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Mul
        case 168: {
          F[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] * F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Div
        case 169: {
          F[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] / F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Min
        case 170: {
          F[(fp + C[(pc + 1) | 0]) | 0] =
            F[(fp + C[(pc + 2) | 0]) | 0] < F[(fp + C[(pc + 3) | 0]) | 0] ||
            F[(fp + C[(pc + 2) | 0]) | 0] >= F[(fp + C[(pc + 3) | 0]) | 0]
              ? Math.min(F[(fp + C[(pc + 2) | 0]) | 0], F[(fp + C[(pc + 3) | 0]) | 0])
              : F[(fp + C[(pc + 2) | 0]) | 0] + F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Max
        case 171: {
          F[(fp + C[(pc + 1) | 0]) | 0] =
            F[(fp + C[(pc + 2) | 0]) | 0] < F[(fp + C[(pc + 3) | 0]) | 0] ||
            F[(fp + C[(pc + 2) | 0]) | 0] >= F[(fp + C[(pc + 3) | 0]) | 0]
              ? Math.max(F[(fp + C[(pc + 2) | 0]) | 0], F[(fp + C[(pc + 3) | 0]) | 0])
              : F[(fp + C[(pc + 2) | 0]) | 0] + F[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Sqrt
        case 172: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.sqrt(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Ceil
        case 173: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.ceil(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Floor
        case 174: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.floor(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Trunc
        case 175: {
          F[(fp + C[(pc + 1) | 0]) | 0] = Math.trunc(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Nearest
        case 176: {
          F[(fp + C[(pc + 1) | 0]) | 0] = nearest(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // brF32Eq
        case 177: {
          if (F[(fp + C[(pc + 3) | 0]) | 0] === F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Eq
        case 178: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] === F[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Ne
        case 179: {
          if (F[(fp + C[(pc + 3) | 0]) | 0] !== F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Ne
        case 180: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] !== F[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Lt
        case 181: {
          if (F[(fp + C[(pc + 3) | 0]) | 0] < F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Lt
        case 182: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] < F[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Le
        case 183: {
          if (F[(fp + C[(pc + 3) | 0]) | 0] <= F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Le
        case 184: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] <= F[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32NotLt
        case 185: {
          if (!(F[(fp + C[(pc + 3) | 0]) | 0] < F[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32NotLt
        case 186: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] < F[(fp + C[(pc + 3) | 0]) | 0] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32NotLe
        case 187: {
          if (!(F[(fp + C[(pc + 3) | 0]) | 0] <= F[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32NotLe
        case 188: {
          I[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0] <= F[(fp + C[(pc + 3) | 0]) | 0] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Add
        case 189: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] + D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64AddConst
        case 190: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] + KD[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Sub
        case 191: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] - D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64SubConst
        case 192: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] - KD[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64SubOfConst
        case 193: {
          D[(fp + C[(pc + 1) | 0]) | 0] = KD[C[(pc + 2) | 0]] - D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Mul
        case 194: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] * D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64MulConst
        case 195: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] * KD[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Div
        case 196: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] / D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64DivConst
        case 197: {
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] / KD[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64DivOfConst
        case 198: {
          D[(fp + C[(pc + 1) | 0]) | 0] = KD[C[(pc + 2) | 0]] / D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Min
        case 199: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            D[(fp + C[(pc + 2) | 0]) | 0] < D[(fp + C[(pc + 3) | 0]) | 0] ||
            D[(fp + C[(pc + 2) | 0]) | 0] >= D[(fp + C[(pc + 3) | 0]) | 0]
              ? Math.min(D[(fp + C[(pc + 2) | 0]) | 0], D[(fp + C[(pc + 3) | 0]) | 0])
              : D[(fp + C[(pc + 2) | 0]) | 0] + D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Max
        case 200: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            D[(fp + C[(pc + 2) | 0]) | 0] < D[(fp + C[(pc + 3) | 0]) | 0] ||
            D[(fp + C[(pc + 2) | 0]) | 0] >= D[(fp + C[(pc + 3) | 0]) | 0]
              ? Math.max(D[(fp + C[(pc + 2) | 0]) | 0], D[(fp + C[(pc + 3) | 0]) | 0])
              : D[(fp + C[(pc + 2) | 0]) | 0] + D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Sqrt
        case 201: {
          D[(fp + C[(pc + 1) | 0]) | 0] = Math.sqrt(D[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Ceil
        case 202: {
          x = D[(fp + C[(pc + 2) | 0]) | 0];
          D[(fp + C[(pc + 1) | 0]) | 0] = x < 0 || x >= 0 ? Math.ceil(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Floor
        case 203: {
          x = D[(fp + C[(pc + 2) | 0]) | 0];
          D[(fp + C[(pc + 1) | 0]) | 0] = x < 0 || x >= 0 ? Math.floor(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Trunc
        case 204: {
          x = D[(fp + C[(pc + 2) | 0]) | 0];
          D[(fp + C[(pc + 1) | 0]) | 0] = x < 0 || x >= 0 ? Math.trunc(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Nearest
        case 205: {
          D[(fp + C[(pc + 1) | 0]) | 0] = nearest(D[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // brF64Eq
        case 206: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] === D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Eq
        case 207: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] === D[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Ne
        case 208: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] !== D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Ne
        case 209: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] !== D[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Lt
        case 210: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] < D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Lt
        case 211: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] < D[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Le
        case 212: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] <= D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Le
        case 213: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] <= D[(fp + C[(pc + 3) | 0]) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64NotLt
        case 214: {
          if (!(D[(fp + C[(pc + 3) | 0]) | 0] < D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64NotLt
        case 215: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] < D[(fp + C[(pc + 3) | 0]) | 0] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64NotLe
        case 216: {
          if (!(D[(fp + C[(pc + 3) | 0]) | 0] <= D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64NotLe
        case 217: {
          I[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] <= D[(fp + C[(pc + 3) | 0]) | 0] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64EqConst
        case 218: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] === KD[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NeConst
        case 219: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] !== KD[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64LtConst
        case 220: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] < KD[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64LtOfConst
        case 221: {
          if (KD[C[(pc + 3) | 0]] < D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64LeConst
        case 222: {
          if (D[(fp + C[(pc + 3) | 0]) | 0] <= KD[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64LeOfConst
        case 223: {
          if (KD[C[(pc + 3) | 0]] <= D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NotLtConst
        case 224: {
          if (!(D[(fp + C[(pc + 3) | 0]) | 0] < KD[C[(pc + 4) | 0]])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NotLtOfConst
        case 225: {
          if (!(KD[C[(pc + 3) | 0]] < D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NotLeConst
        case 226: {
          if (!(D[(fp + C[(pc + 3) | 0]) | 0] <= KD[C[(pc + 4) | 0]])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NotLeOfConst
        case 227: {
          if (!(KD[C[(pc + 3) | 0]] <= D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulAdd
        case 228: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            D[(fp + C[(pc + 2) | 0]) | 0] * D[(fp + C[(pc + 3) | 0]) | 0] + D[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulSub
        case 229: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            D[(fp + C[(pc + 2) | 0]) | 0] * D[(fp + C[(pc + 3) | 0]) | 0] - D[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64SubMul
        case 230: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            D[(fp + C[(pc + 4) | 0]) | 0] - D[(fp + C[(pc + 2) | 0]) | 0] * D[(fp + C[(pc + 3) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulMul
        case 231: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            D[(fp + C[(pc + 2) | 0]) | 0] * D[(fp + C[(pc + 3) | 0]) | 0] * D[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Abs
        case 232: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] & 0x7fffffff;
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Neg
        case 233: {
          I[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] ^ -2147483648;
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Copysign
        case 234: {
          I[(fp + C[(pc + 1) | 0]) | 0] =
            (I[(fp + C[(pc + 2) | 0]) | 0] & 0x7fffffff) | (I[(fp + C[(pc + 3) | 0]) | 0] & -2147483648);
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Abs
        case 235: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] & 0x7fffffffffffffffn;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Neg
        case 236: {
          L[(fp + C[(pc + 1) | 0]) | 0] = L[(fp + C[(pc + 2) | 0]) | 0] ^ -0x8000000000000000n;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Copysign
        case 237: {
          L[(fp + C[(pc + 1) | 0]) | 0] =
            (L[(fp + C[(pc + 2) | 0]) | 0] & 0x7fffffffffffffffn) |
            (L[(fp + C[(pc + 3) | 0]) | 0] & -0x8000000000000000n);
          pc = (pc + 4) | 0;
          continue;
        }
        // f32DemoteF64
        case 238: {
          F[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // f64PromoteF32
        case 239: {
          D[(fp + C[(pc + 1) | 0]) | 0] = F[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // f32ConvertI32S
        case 240: {
          F[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // f32ConvertI32U
        case 241: {
          F[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI32S
        case 242: {
          D[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0];
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI32U
        case 243: {
          D[(fp + C[(pc + 1) | 0]) | 0] = I[(fp + C[(pc + 2) | 0]) | 0] >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI64S
        case 244: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] * 4294967296 + (P[((fp + C[(pc + 2) | 0]) | 0) << 1] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI64U
        case 245: {
          D[(fp + C[(pc + 1) | 0]) | 0] =
            (P[(((fp + C[(pc + 2) | 0]) | 0) << 1) + 1] >>> 0) * 4294967296 +
            (P[((fp + C[(pc + 2) | 0]) | 0) << 1] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF32S
        case 246: {
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
        case 247: {
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
        case 248: {
          I[(fp + C[(pc + 1) | 0]) | 0] = truncSatS32(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF32U
        case 249: {
          I[(fp + C[(pc + 1) | 0]) | 0] = truncSatU32(F[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF64S
        case 250: {
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
        case 251: {
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
        case 252: {
          I[(fp + C[(pc + 1) | 0]) | 0] = truncSatS32(D[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF64U
        case 253: {
          I[(fp + C[(pc + 1) | 0]) | 0] = truncSatU32(D[(fp + C[(pc + 2) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // load32
        case 254: {
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
        case 255: {
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
        case 256: {
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
        // load32AddShl
        case 257: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt32(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load32ShlAddImm
        case 258: {
          a = ((I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0]) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getInt32(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load32At
        case 259: {
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
        case 260: {
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
        case 261: {
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
        case 262: {
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
        case 263: {
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
        case 264: {
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
        case 265: {
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
        case 266: {
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
        // load8UAddShl
        case 267: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint8(b);
          pc = (pc + 6) | 0;
          continue;
        }
        // load8UShlAddImm
        case 268: {
          a = ((I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0]) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint8(b);
          pc = (pc + 6) | 0;
          continue;
        }
        // load8UAt
        case 269: {
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
        case 270: {
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
        case 271: {
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
        case 272: {
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
        case 273: {
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
        case 274: {
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
        case 275: {
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
        case 276: {
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
        // load16UAddShl
        case 277: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint16(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load16UShlAddImm
        case 278: {
          a = ((I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0]) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[(fp + C[(pc + 1) | 0]) | 0] = mem.getUint16(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load16UAt
        case 279: {
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
        case 280: {
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
        case 281: {
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
        case 282: {
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
        // load64AddShl
        case 283: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load64ShlAddImm
        case 284: {
          a = ((I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0]) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load64At
        case 285: {
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
        case 286: {
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
        // store32Const
        case 287: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, C[(pc + 1) | 0], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store32Add
        case 288: {
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
        // store32ConstAdd
        case 289: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, C[(pc + 1) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store32AddImm
        case 290: {
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
        // store32ConstAddImm
        case 291: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, C[(pc + 1) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store32AddShl
        case 292: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // store32ShlAddImm
        case 293: {
          a = ((I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0]) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // store32At
        case 294: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store32ConstAt
        case 295: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, C[(pc + 1) | 0], true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store8
        case 296: {
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
        // store8Const
        case 297: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, C[(pc + 1) | 0]);
          pc = (pc + 4) | 0;
          continue;
        }
        // store8Add
        case 298: {
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
        // store8ConstAdd
        case 299: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + I[(fp + C[(pc + 3) | 0]) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, C[(pc + 1) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // store8AddImm
        case 300: {
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
        // store8ConstAddImm
        case 301: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + C[(pc + 3) | 0]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, C[(pc + 1) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // store8At
        case 302: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[(fp + C[(pc + 1) | 0]) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // store8ConstAt
        case 303: {
          a = b = C[(pc + 2) | 0];
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, C[(pc + 1) | 0]);
          pc = (pc + 3) | 0;
          continue;
        }
        // store16
        case 304: {
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
        case 305: {
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
        case 306: {
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
        case 307: {
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
        case 308: {
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
        case 309: {
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
        case 310: {
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
        // store64AddShl
        case 311: {
          a = (I[(fp + C[(pc + 2) | 0]) | 0] + (I[(fp + C[(pc + 3) | 0]) | 0] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // store64ShlAddImm
        case 312: {
          a = ((I[(fp + C[(pc + 2) | 0]) | 0] << C[(pc + 3) | 0]) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // store64At
        case 313: {
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
        case 314: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[(fp + C[(pc + 1) | 0]) | 0] = mem.getBigInt64(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store64Exact
        case 315: {
          a = I[(fp + C[(pc + 2) | 0]) | 0];
          b = (a + C[(pc + 3) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setBigInt64(b, L[(fp + C[(pc + 1) | 0]) | 0], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load8SI64
        case 316: {
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
        case 317: {
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
        case 318: {
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
        case 319: {
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
        case 320: {
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
        case 321: {
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
        case 322: {
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
        case 323: {
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
        case 324: {
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
        // f64AddLoad
        case 325: {
          a = I[(fp + C[(pc + 3) | 0]) | 0];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] + mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64AddLoadAddImm
        case 326: {
          a = (I[(fp + C[(pc + 3) | 0]) | 0] + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] + mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // f64AddStore
        case 327: {
          a = I[(fp + C[(pc + 3) | 0]) | 0];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0] + D[(fp + C[(pc + 2) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64SubLoad
        case 328: {
          a = I[(fp + C[(pc + 3) | 0]) | 0];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] - mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64SubLoadAddImm
        case 329: {
          a = (I[(fp + C[(pc + 3) | 0]) | 0] + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] - mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // f64SubStore
        case 330: {
          a = I[(fp + C[(pc + 3) | 0]) | 0];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0] - D[(fp + C[(pc + 2) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulLoad
        case 331: {
          a = I[(fp + C[(pc + 3) | 0]) | 0];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] * mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulLoadAddImm
        case 332: {
          a = (I[(fp + C[(pc + 3) | 0]) | 0] + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[(fp + C[(pc + 1) | 0]) | 0] = D[(fp + C[(pc + 2) | 0]) | 0] * mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // f64MulStore
        case 333: {
          a = I[(fp + C[(pc + 3) | 0]) | 0];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[(fp + C[(pc + 1) | 0]) | 0] * D[(fp + C[(pc + 2) | 0]) | 0], true);
          pc = (pc + 5) | 0;
          continue;
        }

        default:
          why = 16;
          break leave;
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

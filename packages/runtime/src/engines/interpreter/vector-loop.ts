// Digest: 497802339bf998f1d20a70ac6f8e59d47cff4784b673bf72706f0e288b93f62e
// Made by generate.mjs; change that and run it again.

import { truncSatS32, truncSatU32 } from "../../numerics/conversions.ts";
import { floatsKeepBits, nearest } from "../../numerics/floats.ts";
import { clz64, ctz64, divU64, popcnt32, remU64 } from "../../numerics/integers.ts";
import type { Loop, LoopParts } from "./state.ts";

/**
 * Makes the dispatch loop for code with vectors. To be called once in a process.
 *
 * The main loop has no room for vector instructions below V8's limit. This one has all: it looks up the first three registers before it knows the
 * instruction, which makes its bytecode a third shorter and scalar code a tenth slower.
 */
export function makeVectorLoop(parts: LoopParts): Loop {
  const { arena, S, rooms, resolve } = parts;
  const { code, codeI64, codeF64, i32, f32, i64, f64, halves, refs, frames, registers, powers } = arena;
  const floats = floatsKeepBits();
  const { u32: lanesU32, f32: lanesF32, i16: lanesI16, u16: lanesU16, u8: lanesU8 } = arena.lanes;
  return function vectorLoop(): number {
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
      POWERS = powers,
      U = lanesU32,
      X = lanesF32,
      H = lanesI16,
      Q = lanesU16,
      E = lanesU8,
      FLOATS = floats;
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
    const limit16 = limit < 8 ? -1 : limit - 8;
    const LANES = 0xffffff;
    const LOW8 = 0x7f7f7f7f,
      HIGH8 = -2139062144,
      LOW16 = 0x7fff7fff,
      HIGH16 = -2147450880;
    let n1 = 0,
      n2 = 0,
      n3 = 0,
      o1 = 0,
      o2 = 0,
      o3 = 0,
      d = 0,
      e = 0,
      u = 0;
    leave: for (;;) {
      n1 = C[(pc + 1) | 0];
      o1 = (fp + n1) | 0;
      n2 = C[(pc + 2) | 0];
      o2 = (fp + n2) | 0;
      n3 = C[(pc + 3) | 0];
      o3 = (fp + n3) | 0;
      switch (C[pc]) {
        // trapUnreachable
        case 0: {
          why = 1;
          break leave;
        }
        // charge
        case 1: {
          fuel = (fuel - n1) | 0;
          pc = (pc + 2) | 0;
          continue;
        }
        // br
        case 2: {
          break;
        }
        // jump
        case 3: {
          pc = n1;
          continue;
        }
        // brNonZero
        case 4: {
          if (I[o3] !== 0) break;
          pc = (pc + 4) | 0;
          continue;
        }
        // brZero
        case 5: {
          if (I[o3] === 0) break;
          pc = (pc + 4) | 0;
          continue;
        }
        // brAndNonZero
        case 6: {
          if ((I[o3] & C[(pc + 4) | 0]) !== 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brAndZero
        case 7: {
          if ((I[o3] & C[(pc + 4) | 0]) === 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brTable
        case 8: {
          a = I[o1];
          b = n2;
          if (a < 0 || a > b) a = b;
          pc = (pc + 2 + (a << 1)) | 0;
          break;
        }
        // brI32Eq
        case 9: {
          if (I[o3] === I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32EqImm
        case 10: {
          if (I[o3] === C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Eq
        case 11: {
          I[o1] = I[o2] === I[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32EqImm
        case 12: {
          I[o1] = I[o2] === n3 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32Ne
        case 13: {
          if (I[o3] !== I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32NeImm
        case 14: {
          if (I[o3] !== C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Ne
        case 15: {
          I[o1] = I[o2] !== I[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32NeImm
        case 16: {
          I[o1] = I[o2] !== n3 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32LtS
        case 17: {
          if (I[o3] < I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32LtSImm
        case 18: {
          if (I[o3] < C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32LtS
        case 19: {
          I[o1] = I[o2] < I[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32LtSImm
        case 20: {
          I[o1] = I[o2] < n3 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32GeS
        case 21: {
          if (I[o3] >= I[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32GeSImm
        case 22: {
          if (I[o3] >= C[(pc + 4) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32GeS
        case 23: {
          I[o1] = I[o2] >= I[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32GeSImm
        case 24: {
          I[o1] = I[o2] >= n3 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32LtU
        case 25: {
          if (I[o3] >>> 0 < I[(fp + C[(pc + 4) | 0]) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32LtUImm
        case 26: {
          if (I[o3] >>> 0 < C[(pc + 4) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32LtU
        case 27: {
          I[o1] = I[o2] >>> 0 < I[o3] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32LtUImm
        case 28: {
          I[o1] = I[o2] >>> 0 < n3 >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI32GeU
        case 29: {
          if (I[o3] >>> 0 >= I[(fp + C[(pc + 4) | 0]) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI32GeUImm
        case 30: {
          if (I[o3] >>> 0 >= C[(pc + 4) | 0] >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32GeU
        case 31: {
          I[o1] = I[o2] >>> 0 >= I[o3] >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32GeUImm
        case 32: {
          I[o1] = I[o2] >>> 0 >= n3 >>> 0 ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // incBrI32Ne
        case 33: {
          a = (I[o3] + C[(pc + 4) | 0]) | 0;
          I[o3] = a;
          if (a !== I[(fp + C[(pc + 5) | 0]) | 0]) break;
          pc = (pc + 6) | 0;
          continue;
        }
        // incBrI32NeImm
        case 34: {
          a = (I[o3] + C[(pc + 4) | 0]) | 0;
          I[o3] = a;
          if (a !== C[(pc + 5) | 0]) break;
          pc = (pc + 6) | 0;
          continue;
        }
        // call
        case 35: {
          b = n1;
          K[sp] = (pc + 4) | 0;
          sp = (sp + 1) | 0;
          fp = (fp + n3) | 0;
          fuel = (fuel - n2 - C[b]) | 0;
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
          t = resolve(pc, I[o1]);
          if (t < 0) {
            why = 8;
            break leave;
          }

          b = t;
          K[sp] = (pc + 6) | 0;
          sp = (sp + 1) | 0;
          fp = (fp + C[(pc + 5) | 0]) | 0;
          fuel = (fuel - n2 - C[b]) | 0;
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
          fuel = (fuel - n1) | 0;
          sp = (sp - 1) | 0;
          pc = K[sp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        }
        // return32
        case 40: {
          fuel = (fuel - n1) | 0;
          I[fp] = I[o2];
          sp = (sp - 1) | 0;
          pc = K[sp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        }
        // returnCall
        case 41: {
          b = (fp + n3) | 0;
          t = (fp + C[(pc + 4) | 0]) | 0;
          for (a = fp; a < t; a = (a + 1) | 0) {
            I[a] = I[b];
            L[a] = L[b];
            b = (b + 1) | 0;
          }
          b = n1;
          fuel = (fuel - n2 - C[b]) | 0;
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
          rooms[n1](pc, fp);
          fuel = S.fuel;
          pc = (pc + n2) | 0;
          continue;
        }
        // pure
        case 50: {
          rooms[n1](pc, fp);
          pc = (pc + n2) | 0;
          continue;
        }
        // extendedBranch
        case 51: {
          S.pc = pc;
          S.fp = fp;
          S.sp = sp;
          S.fuel = fuel;
          if (rooms[n3](pc, fp)) break;
          pc = (pc + C[(pc + 4) | 0]) | 0;
          continue;
        }
        // move32
        case 52: {
          I[o1] = I[o2];
          pc = (pc + 3) | 0;
          continue;
        }
        // move64
        case 53: {
          L[o1] = L[o2];
          pc = (pc + 3) | 0;
          continue;
        }
        // moveRef
        case 54: {
          R[o1] = R[o2];
          pc = (pc + 3) | 0;
          continue;
        }
        // const32
        case 55: {
          I[o1] = n2;
          pc = (pc + 3) | 0;
          continue;
        }
        // const64
        case 56: {
          L[o1] = KL[n2];
          pc = (pc + 3) | 0;
          continue;
        }
        // move32x2
        case 57: {
          I[o1] = I[o2];
          I[o3] = I[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // move32x4
        case 58: {
          I[o1] = I[o2];
          I[o3] = I[(fp + C[(pc + 4) | 0]) | 0];
          I[(fp + C[(pc + 5) | 0]) | 0] = I[(fp + C[(pc + 6) | 0]) | 0];
          I[(fp + C[(pc + 7) | 0]) | 0] = I[(fp + C[(pc + 8) | 0]) | 0];
          pc = (pc + 9) | 0;
          continue;
        }
        // zero32
        case 59: {
          b = (fp + n2) | 0;
          for (a = (fp + n1) | 0; a < b; a = (a + 1) | 0) I[a] = 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // zeroAll
        case 60: {
          b = (fp + n2) | 0;
          for (a = (fp + n1) | 0; a < b; a = (a + 1) | 0) {
            I[a] = 0;
            L[a] = 0n;
          }
          pc = (pc + 3) | 0;
          continue;
        }
        // nullRefs
        case 61: {
          b = (fp + n2) | 0;
          for (a = (fp + n1) | 0; a < b; a = (a + 1) | 0) R[a] = null;
          pc = (pc + 3) | 0;
          continue;
        }
        // select32
        case 62: {
          I[o1] = I[o2] !== 0 ? I[o3] : I[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // select64
        case 63: {
          L[o1] = I[o2] !== 0 ? L[o3] : L[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // selectRef
        case 64: {
          R[o1] = I[o2] !== 0 ? R[o3] : R[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // globalGet32
        case 65: {
          I[o1] = globals[n2].i32[0];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalSet32
        case 66: {
          globals[n2].i32[0] = I[o1];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalGet64
        case 67: {
          L[o1] = globals[n2].i64[0];
          pc = (pc + 3) | 0;
          continue;
        }
        // globalSet64
        case 68: {
          globals[n2].i64[0] = L[o1];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Add
        case 69: {
          I[o1] = (I[o2] + I[o3]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32AddImm
        case 70: {
          I[o1] = (I[o2] + n3) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Sub
        case 71: {
          I[o1] = (I[o2] - I[o3]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Mul
        case 72: {
          I[o1] = Math.imul(I[o2], I[o3]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32MulImm
        case 73: {
          I[o1] = Math.imul(I[o2], n3);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32And
        case 74: {
          I[o1] = I[o2] & I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32AndImm
        case 75: {
          I[o1] = I[o2] & n3;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Or
        case 76: {
          I[o1] = I[o2] | I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32OrImm
        case 77: {
          I[o1] = I[o2] | n3;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Xor
        case 78: {
          I[o1] = I[o2] ^ I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32XorImm
        case 79: {
          I[o1] = I[o2] ^ n3;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Shl
        case 80: {
          I[o1] = I[o2] << I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShlImm
        case 81: {
          I[o1] = I[o2] << n3;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrS
        case 82: {
          I[o1] = I[o2] >> I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrSImm
        case 83: {
          I[o1] = I[o2] >> n3;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrU
        case 84: {
          I[o1] = I[o2] >>> I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShrUImm
        case 85: {
          I[o1] = I[o2] >>> n3;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32AddShl
        case 86: {
          I[o1] = (I[o2] + (I[o3] << C[(pc + 4) | 0])) | 0;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32ShlAddImm
        case 87: {
          I[o1] = ((I[o2] << n3) + C[(pc + 4) | 0]) | 0;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32OrShl
        case 88: {
          I[o1] = I[o2] | (I[o3] << C[(pc + 4) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // i32XorShl
        case 89: {
          I[o1] = I[o2] ^ (I[o3] << C[(pc + 4) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // i32XorShrU
        case 90: {
          I[o1] = I[o2] ^ (I[o3] >>> C[(pc + 4) | 0]);
          pc = (pc + 5) | 0;
          continue;
        }
        // i32XorRotl
        case 91: {
          a = I[o3];
          b = C[(pc + 4) | 0];
          I[o1] = I[o2] ^ ((a << b) | (a >>> -b));
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Add3
        case 92: {
          I[o1] = (I[o2] + I[o3] + I[(fp + C[(pc + 4) | 0]) | 0]) | 0;
          pc = (pc + 5) | 0;
          continue;
        }
        // i32Xor3
        case 93: {
          I[o1] = I[o2] ^ I[o3] ^ I[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // i32AddImmx2
        case 94: {
          I[o1] = (I[o2] + n3) | 0;
          I[(fp + C[(pc + 4) | 0]) | 0] = (I[(fp + C[(pc + 5) | 0]) | 0] + C[(pc + 6) | 0]) | 0;
          pc = (pc + 7) | 0;
          continue;
        }
        // i32SubFromImm
        case 95: {
          I[o1] = (n2 - I[o3]) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32ShlOfImm
        case 96: {
          I[o1] = n2 << I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Rotl
        case 97: {
          a = I[o2];
          b = I[o3];
          I[o1] = (a << b) | (a >>> -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Rotr
        case 98: {
          a = I[o2];
          b = I[o3];
          I[o1] = (a >>> b) | (a << -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32RotlImm
        case 99: {
          a = I[o2];
          b = n3;
          I[o1] = (a << b) | (a >>> -b);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32DivS
        case 100: {
          a = I[o2];
          b = I[o3];
          if (b === 0 || (b === -1 && a === -2147483648)) {
            why = 2;
            break leave;
          }
          I[o1] = (a / b) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32DivU
        case 101: {
          b = I[o3];
          if (b === 0) {
            why = 2;
            break leave;
          }
          I[o1] = ((I[o2] >>> 0) / (b >>> 0)) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32RemS
        case 102: {
          b = I[o3];
          if (b === 0) {
            why = 2;
            break leave;
          }
          I[o1] = (I[o2] % b) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32RemU
        case 103: {
          b = I[o3];
          if (b === 0) {
            why = 2;
            break leave;
          }
          I[o1] = ((I[o2] >>> 0) % (b >>> 0)) | 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32Clz
        case 104: {
          I[o1] = Math.clz32(I[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Ctz
        case 105: {
          a = I[o2];
          I[o1] = a === 0 ? 32 : 31 - Math.clz32(a & -a);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Popcnt
        case 106: {
          I[o1] = popcnt32(I[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Extend8S
        case 107: {
          I[o1] = (I[o2] << 24) >> 24;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32Extend16S
        case 108: {
          I[o1] = (I[o2] << 16) >> 16;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32WrapI64
        case 109: {
          I[o1] = P[o2 << 1];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32HighI64
        case 110: {
          I[o1] = P[(o2 << 1) + 1];
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Add
        case 111: {
          L[o1] = L[o2] + L[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64AddConst
        case 112: {
          L[o1] = L[o2] + KL[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Sub
        case 113: {
          L[o1] = L[o2] - L[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Mul
        case 114: {
          L[o1] = L[o2] * L[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64MulConst
        case 115: {
          L[o1] = L[o2] * KL[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64And
        case 116: {
          L[o1] = L[o2] & L[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64AndConst
        case 117: {
          L[o1] = L[o2] & KL[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Or
        case 118: {
          L[o1] = L[o2] | L[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64OrConst
        case 119: {
          L[o1] = L[o2] | KL[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Xor
        case 120: {
          L[o1] = L[o2] ^ L[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64XorConst
        case 121: {
          L[o1] = L[o2] ^ KL[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64XorMul
        case 122: {
          L[o1] = L[o2] ^ (L[o3] * KL[C[(pc + 4) | 0]]);
          pc = (pc + 5) | 0;
          continue;
        }
        // i64MulAddConst
        case 123: {
          L[o1] = L[o2] * KL[n3] + KL[C[(pc + 4) | 0]];
          pc = (pc + 5) | 0;
          continue;
        }
        // i64Shl
        case 124: {
          L[o1] = L[o2] * POWERS[P[o3 << 1] & 63];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrS
        case 125: {
          a = P[o2 << 1];
          b = P[(o2 << 1) + 1];
          t = P[o3 << 1] & 63;
          if (t >= 32) {
            a = b >> (t - 32);
            b = b >> 31;
          } else if (t !== 0) {
            a = (a >>> t) | (b << (32 - t));
            b = b >> t;
          }
          L[o1] = (BigInt(b | 0) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrU
        case 126: {
          a = P[o2 << 1];
          b = P[(o2 << 1) + 1];
          t = P[o3 << 1] & 63;
          if (t >= 32) {
            a = b >>> (t - 32);
            b = 0;
          } else if (t !== 0) {
            a = (a >>> t) | (b << (32 - t));
            b = b >>> t;
          }
          L[o1] = (BigInt(b | 0) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrSImm
        case 127: {
          a = P[o2 << 1];
          b = P[(o2 << 1) + 1];
          t = n3;
          L[o1] = (BigInt(b >> t) << 32n) | BigInt(((a >>> t) | (b << (32 - t))) >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrUImm
        case 128: {
          a = P[o2 << 1];
          b = P[(o2 << 1) + 1];
          t = n3;
          L[o1] = (BigInt((b >>> t) | 0) << 32n) | BigInt(((a >>> t) | (b << (32 - t))) >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrSImmHigh
        case 129: {
          L[o1] = BigInt(P[(o2 << 1) + 1] >> n3);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64ShrUImmHigh
        case 130: {
          L[o1] = BigInt(P[(o2 << 1) + 1] >>> n3);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Rotl
        case 131: {
          a = P[o2 << 1];
          b = P[(o2 << 1) + 1];
          t = P[o3 << 1] & 63;
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
          L[o1] = (BigInt(b) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64RotlImm
        case 132: {
          a = P[o2 << 1];
          b = P[(o2 << 1) + 1];
          t = n3 & 63;
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
          L[o1] = (BigInt(b) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Rotr
        case 133: {
          a = P[o2 << 1];
          b = P[(o2 << 1) + 1];
          t = (64 - (P[o3 << 1] & 63)) & 63;
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
          L[o1] = (BigInt(b) << 32n) | BigInt(a >>> 0);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64DivS
        case 134: {
          if (L[o3] === 0n || (L[o3] === -1n && L[o2] === -0x8000000000000000n)) {
            why = 2;
            break leave;
          }
          L[o1] = L[o2] / L[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64RemS
        case 135: {
          if (L[o3] === 0n) {
            why = 2;
            break leave;
          }
          if (L[o3] === -1n) L[o1] = 0n;
          else L[o1] = L[o2] % L[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64DivU
        case 136: {
          if (L[o3] === 0n) {
            why = 2;
            break leave;
          }
          if ((P[(o2 << 1) + 1] | P[(o3 << 1) + 1]) >= 0) L[o1] = L[o2] / L[o3];
          else if (P[(o3 << 1) + 1] >= 0) {
            x1 = BigInt.asIntN(64, (((L[o2] >> 1n) & 0x7fffffffffffffffn) / L[o3]) * 2n);
            x2 = BigInt.asIntN(64, L[o2] - BigInt.asIntN(64, x1 * L[o3]));
            L[o1] = x2 < 0n || x2 >= L[o3] ? x1 + 1n : x1;
          } else L[o1] = divU64(L[o2], L[o3]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64RemU
        case 137: {
          if (L[o3] === 0n) {
            why = 2;
            break leave;
          }
          if ((P[(o2 << 1) + 1] | P[(o3 << 1) + 1]) >= 0) L[o1] = L[o2] % L[o3];
          else if (P[(o3 << 1) + 1] >= 0) {
            x1 = BigInt.asIntN(64, (((L[o2] >> 1n) & 0x7fffffffffffffffn) / L[o3]) * 2n);
            x2 = BigInt.asIntN(64, L[o2] - BigInt.asIntN(64, x1 * L[o3]));
            L[o1] = x2 < 0n || x2 >= L[o3] ? x2 - L[o3] : x2;
          } else L[o1] = remU64(L[o2], L[o3]);
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64Eq
        case 138: {
          if (L[o3] === L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64EqConst
        case 139: {
          if (L[o3] === KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64Eq
        case 140: {
          I[o1] = L[o2] === L[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64EqConst
        case 141: {
          I[o1] = L[o2] === KL[n3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64Ne
        case 142: {
          if (L[o3] !== L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64NeConst
        case 143: {
          if (L[o3] !== KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64Ne
        case 144: {
          I[o1] = L[o2] !== L[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64NeConst
        case 145: {
          I[o1] = L[o2] !== KL[n3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64LtS
        case 146: {
          if (L[o3] < L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64LtSConst
        case 147: {
          if (L[o3] < KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64LtS
        case 148: {
          I[o1] = L[o2] < L[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64LtSConst
        case 149: {
          I[o1] = L[o2] < KL[n3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64GeS
        case 150: {
          if (L[o3] >= L[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64GeSConst
        case 151: {
          if (L[o3] >= KL[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64GeS
        case 152: {
          I[o1] = L[o2] >= L[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64GeSConst
        case 153: {
          I[o1] = L[o2] >= KL[n3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brI64LtU
        case 154: {
          a = P[(o3 << 1) + 1];
          b = P[(((fp + C[(pc + 4) | 0]) | 0) << 1) + 1];
          if (a === b ? P[o3 << 1] >>> 0 < P[((fp + C[(pc + 4) | 0]) | 0) << 1] >>> 0 : a >>> 0 < b >>> 0) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brI64GeU
        case 155: {
          a = P[(o3 << 1) + 1];
          b = P[(((fp + C[(pc + 4) | 0]) | 0) << 1) + 1];
          if (!(a === b ? P[o3 << 1] >>> 0 < P[((fp + C[(pc + 4) | 0]) | 0) << 1] >>> 0 : a >>> 0 < b >>> 0)) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // i64LtU
        case 156: {
          a = P[(o2 << 1) + 1];
          b = P[(o3 << 1) + 1];
          I[o1] = (a === b ? P[o2 << 1] >>> 0 < P[o3 << 1] >>> 0 : a >>> 0 < b >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64GeU
        case 157: {
          a = P[(o2 << 1) + 1];
          b = P[(o3 << 1) + 1];
          I[o1] = (a === b ? P[o2 << 1] >>> 0 < P[o3 << 1] >>> 0 : a >>> 0 < b >>> 0) ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // i64Clz
        case 158: {
          L[o1] = BigInt(clz64(P[o2 << 1], P[(o2 << 1) + 1]));
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Ctz
        case 159: {
          L[o1] = BigInt(ctz64(P[o2 << 1], P[(o2 << 1) + 1]));
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Popcnt
        case 160: {
          L[o1] = BigInt(popcnt32(P[o2 << 1]) + popcnt32(P[(o2 << 1) + 1]));
          pc = (pc + 3) | 0;
          continue;
        }
        // i64ExtendI32S
        case 161: {
          L[o1] = BigInt(I[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64ExtendI32U
        case 162: {
          L[o1] = BigInt(I[o2] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend8S
        case 163: {
          L[o1] = BigInt((P[o2 << 1] << 24) >> 24);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend16S
        case 164: {
          L[o1] = BigInt((P[o2 << 1] << 16) >> 16);
          pc = (pc + 3) | 0;
          continue;
        }
        // i64Extend32S
        case 165: {
          L[o1] = BigInt(P[o2 << 1]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Add
        case 166: {
          F[o1] = F[o2] + F[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Sub
        case 167: {
          F[o1] = F[o2] - F[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Mul
        case 168: {
          F[o1] = F[o2] * F[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Div
        case 169: {
          F[o1] = F[o2] / F[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Min
        case 170: {
          F[o1] = F[o2] < F[o3] || F[o2] >= F[o3] ? Math.min(F[o2], F[o3]) : F[o2] + F[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Max
        case 171: {
          F[o1] = F[o2] < F[o3] || F[o2] >= F[o3] ? Math.max(F[o2], F[o3]) : F[o2] + F[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32Sqrt
        case 172: {
          F[o1] = Math.sqrt(F[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Ceil
        case 173: {
          F[o1] = Math.ceil(F[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Floor
        case 174: {
          F[o1] = Math.floor(F[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Trunc
        case 175: {
          F[o1] = Math.trunc(F[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Nearest
        case 176: {
          F[o1] = nearest(F[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // brF32Eq
        case 177: {
          if (F[o3] === F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Eq
        case 178: {
          I[o1] = F[o2] === F[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Ne
        case 179: {
          if (F[o3] !== F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Ne
        case 180: {
          I[o1] = F[o2] !== F[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Lt
        case 181: {
          if (F[o3] < F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Lt
        case 182: {
          I[o1] = F[o2] < F[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32Le
        case 183: {
          if (F[o3] <= F[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Le
        case 184: {
          I[o1] = F[o2] <= F[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32NotLt
        case 185: {
          if (!(F[o3] < F[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32NotLt
        case 186: {
          I[o1] = F[o2] < F[o3] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF32NotLe
        case 187: {
          if (!(F[o3] <= F[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f32NotLe
        case 188: {
          I[o1] = F[o2] <= F[o3] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Add
        case 189: {
          D[o1] = D[o2] + D[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64AddConst
        case 190: {
          D[o1] = D[o2] + KD[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Sub
        case 191: {
          D[o1] = D[o2] - D[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64SubConst
        case 192: {
          D[o1] = D[o2] - KD[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64SubOfConst
        case 193: {
          D[o1] = KD[n2] - D[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Mul
        case 194: {
          D[o1] = D[o2] * D[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64MulConst
        case 195: {
          D[o1] = D[o2] * KD[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Div
        case 196: {
          D[o1] = D[o2] / D[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64DivConst
        case 197: {
          D[o1] = D[o2] / KD[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64DivOfConst
        case 198: {
          D[o1] = KD[n2] / D[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Min
        case 199: {
          D[o1] = D[o2] < D[o3] || D[o2] >= D[o3] ? Math.min(D[o2], D[o3]) : D[o2] + D[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Max
        case 200: {
          D[o1] = D[o2] < D[o3] || D[o2] >= D[o3] ? Math.max(D[o2], D[o3]) : D[o2] + D[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Sqrt
        case 201: {
          D[o1] = Math.sqrt(D[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Ceil
        case 202: {
          x = D[o2];
          D[o1] = x < 0 || x >= 0 ? Math.ceil(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Floor
        case 203: {
          x = D[o2];
          D[o1] = x < 0 || x >= 0 ? Math.floor(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Trunc
        case 204: {
          x = D[o2];
          D[o1] = x < 0 || x >= 0 ? Math.trunc(x) : x + x;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Nearest
        case 205: {
          D[o1] = nearest(D[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // brF64Eq
        case 206: {
          if (D[o3] === D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Eq
        case 207: {
          I[o1] = D[o2] === D[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Ne
        case 208: {
          if (D[o3] !== D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Ne
        case 209: {
          I[o1] = D[o2] !== D[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Lt
        case 210: {
          if (D[o3] < D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Lt
        case 211: {
          I[o1] = D[o2] < D[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64Le
        case 212: {
          if (D[o3] <= D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64Le
        case 213: {
          I[o1] = D[o2] <= D[o3] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64NotLt
        case 214: {
          if (!(D[o3] < D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64NotLt
        case 215: {
          I[o1] = D[o2] < D[o3] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64NotLe
        case 216: {
          if (!(D[o3] <= D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64NotLe
        case 217: {
          I[o1] = D[o2] <= D[o3] ? 0 : 1;
          pc = (pc + 4) | 0;
          continue;
        }
        // brF64EqConst
        case 218: {
          if (D[o3] === KD[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NeConst
        case 219: {
          if (D[o3] !== KD[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64LtConst
        case 220: {
          if (D[o3] < KD[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64LtOfConst
        case 221: {
          if (KD[n3] < D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64LeConst
        case 222: {
          if (D[o3] <= KD[C[(pc + 4) | 0]]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64LeOfConst
        case 223: {
          if (KD[n3] <= D[(fp + C[(pc + 4) | 0]) | 0]) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NotLtConst
        case 224: {
          if (!(D[o3] < KD[C[(pc + 4) | 0]])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NotLtOfConst
        case 225: {
          if (!(KD[n3] < D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NotLeConst
        case 226: {
          if (!(D[o3] <= KD[C[(pc + 4) | 0]])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // brF64NotLeOfConst
        case 227: {
          if (!(KD[n3] <= D[(fp + C[(pc + 4) | 0]) | 0])) break;
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulAdd
        case 228: {
          D[o1] = D[o2] * D[o3] + D[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulSub
        case 229: {
          D[o1] = D[o2] * D[o3] - D[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64SubMul
        case 230: {
          D[o1] = D[(fp + C[(pc + 4) | 0]) | 0] - D[o2] * D[o3];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulMul
        case 231: {
          D[o1] = D[o2] * D[o3] * D[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        }
        // f32Abs
        case 232: {
          I[o1] = I[o2] & 0x7fffffff;
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Neg
        case 233: {
          I[o1] = I[o2] ^ -2147483648;
          pc = (pc + 3) | 0;
          continue;
        }
        // f32Copysign
        case 234: {
          I[o1] = (I[o2] & 0x7fffffff) | (I[o3] & -2147483648);
          pc = (pc + 4) | 0;
          continue;
        }
        // f64Abs
        case 235: {
          L[o1] = L[o2] & 0x7fffffffffffffffn;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Neg
        case 236: {
          L[o1] = L[o2] ^ -0x8000000000000000n;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64Copysign
        case 237: {
          L[o1] = (L[o2] & 0x7fffffffffffffffn) | (L[o3] & -0x8000000000000000n);
          pc = (pc + 4) | 0;
          continue;
        }
        // f32DemoteF64
        case 238: {
          F[o1] = D[o2];
          pc = (pc + 3) | 0;
          continue;
        }
        // f64PromoteF32
        case 239: {
          D[o1] = F[o2];
          pc = (pc + 3) | 0;
          continue;
        }
        // f32ConvertI32S
        case 240: {
          F[o1] = I[o2];
          pc = (pc + 3) | 0;
          continue;
        }
        // f32ConvertI32U
        case 241: {
          F[o1] = I[o2] >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI32S
        case 242: {
          D[o1] = I[o2];
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI32U
        case 243: {
          D[o1] = I[o2] >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI64S
        case 244: {
          D[o1] = P[(o2 << 1) + 1] * 4294967296 + (P[o2 << 1] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // f64ConvertI64U
        case 245: {
          D[o1] = (P[(o2 << 1) + 1] >>> 0) * 4294967296 + (P[o2 << 1] >>> 0);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF32S
        case 246: {
          x = F[o2];
          if (!(x > -2147483649 && x < 2147483648)) {
            why = 3;
            break leave;
          }
          I[o1] = x | 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF32U
        case 247: {
          x = F[o2];
          if (!(x > -1 && x < 4294967296)) {
            why = 3;
            break leave;
          }
          I[o1] = x >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF32S
        case 248: {
          I[o1] = truncSatS32(F[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF32U
        case 249: {
          I[o1] = truncSatU32(F[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF64S
        case 250: {
          x = D[o2];
          if (!(x > -2147483649 && x < 2147483648)) {
            why = 3;
            break leave;
          }
          I[o1] = x | 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncF64U
        case 251: {
          x = D[o2];
          if (!(x > -1 && x < 4294967296)) {
            why = 3;
            break leave;
          }
          I[o1] = x >>> 0;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF64S
        case 252: {
          I[o1] = truncSatS32(D[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32TruncSatF64U
        case 253: {
          I[o1] = truncSatU32(D[o2]);
          pc = (pc + 3) | 0;
          continue;
        }
        // load32
        case 254: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt32(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load32Add
        case 255: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt32(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load32AddImm
        case 256: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt32(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load32AddShl
        case 257: {
          a = (I[o2] + (I[o3] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt32(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load32ShlAddImm
        case 258: {
          a = ((I[o2] << n3) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt32(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load32At
        case 259: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt32(b, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // load8S
        case 260: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt8(b);
          pc = (pc + 4) | 0;
          continue;
        }
        // load8SAdd
        case 261: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt8(b);
          pc = (pc + 5) | 0;
          continue;
        }
        // load8SAddImm
        case 262: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt8(b);
          pc = (pc + 5) | 0;
          continue;
        }
        // load8SAt
        case 263: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt8(b);
          pc = (pc + 3) | 0;
          continue;
        }
        // load8U
        case 264: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint8(b);
          pc = (pc + 4) | 0;
          continue;
        }
        // load8UAdd
        case 265: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint8(b);
          pc = (pc + 5) | 0;
          continue;
        }
        // load8UAddImm
        case 266: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint8(b);
          pc = (pc + 5) | 0;
          continue;
        }
        // load8UAddShl
        case 267: {
          a = (I[o2] + (I[o3] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint8(b);
          pc = (pc + 6) | 0;
          continue;
        }
        // load8UShlAddImm
        case 268: {
          a = ((I[o2] << n3) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint8(b);
          pc = (pc + 6) | 0;
          continue;
        }
        // load8UAt
        case 269: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint8(b);
          pc = (pc + 3) | 0;
          continue;
        }
        // load16S
        case 270: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt16(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load16SAdd
        case 271: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt16(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load16SAddImm
        case 272: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt16(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load16SAt
        case 273: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getInt16(b, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // load16U
        case 274: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint16(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load16UAdd
        case 275: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint16(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load16UAddImm
        case 276: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint16(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load16UAddShl
        case 277: {
          a = (I[o2] + (I[o3] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint16(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load16UShlAddImm
        case 278: {
          a = ((I[o2] << n3) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint16(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load16UAt
        case 279: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          I[o1] = mem.getUint16(b, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // load64
        case 280: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = mem.getFloat64(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load64Add
        case 281: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load64AddImm
        case 282: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // load64AddShl
        case 283: {
          a = (I[o2] + (I[o3] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load64ShlAddImm
        case 284: {
          a = ((I[o2] << n3) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // load64At
        case 285: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = mem.getFloat64(b, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store32
        case 286: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[o1], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store32Const
        case 287: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, n1, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store32Add
        case 288: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[o1], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store32ConstAdd
        case 289: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, n1, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store32AddImm
        case 290: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[o1], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store32ConstAddImm
        case 291: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, n1, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store32AddShl
        case 292: {
          a = (I[o2] + (I[o3] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[o1], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // store32ShlAddImm
        case 293: {
          a = ((I[o2] << n3) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[o1], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // store32At
        case 294: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, I[o1], true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store32ConstAt
        case 295: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, n1, true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store8
        case 296: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[o1]);
          pc = (pc + 4) | 0;
          continue;
        }
        // store8Const
        case 297: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, n1);
          pc = (pc + 4) | 0;
          continue;
        }
        // store8Add
        case 298: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[o1]);
          pc = (pc + 5) | 0;
          continue;
        }
        // store8ConstAdd
        case 299: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, n1);
          pc = (pc + 5) | 0;
          continue;
        }
        // store8AddImm
        case 300: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[o1]);
          pc = (pc + 5) | 0;
          continue;
        }
        // store8ConstAddImm
        case 301: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, n1);
          pc = (pc + 5) | 0;
          continue;
        }
        // store8At
        case 302: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, I[o1]);
          pc = (pc + 3) | 0;
          continue;
        }
        // store8ConstAt
        case 303: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, n1);
          pc = (pc + 3) | 0;
          continue;
        }
        // store16
        case 304: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, I[o1], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store16Add
        case 305: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, I[o1], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store16AddImm
        case 306: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, I[o1], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store16At
        case 307: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, I[o1], true);
          pc = (pc + 3) | 0;
          continue;
        }
        // store64
        case 308: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store64Add
        case 309: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store64AddImm
        case 310: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // store64AddShl
        case 311: {
          a = (I[o2] + (I[o3] << C[(pc + 4) | 0])) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // store64ShlAddImm
        case 312: {
          a = ((I[o2] << n3) + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // store64At
        case 313: {
          a = b = n2;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1], true);
          pc = (pc + 3) | 0;
          continue;
        }
        // load64Exact
        case 314: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[o1] = mem.getBigInt64(b, true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store64Exact
        case 315: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setBigInt64(b, L[o1], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // load8SI64
        case 316: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[o1] = BigInt(mem.getInt8(b));
          pc = (pc + 4) | 0;
          continue;
        }
        // load8UI64
        case 317: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[o1] = BigInt(mem.getUint8(b));
          pc = (pc + 4) | 0;
          continue;
        }
        // load16SI64
        case 318: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[o1] = BigInt(mem.getInt16(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // load16UI64
        case 319: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[o1] = BigInt(mem.getUint16(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // load32SI64
        case 320: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[o1] = BigInt(mem.getInt32(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // load32UI64
        case 321: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          L[o1] = BigInt(mem.getUint32(b, true));
          pc = (pc + 4) | 0;
          continue;
        }
        // store8I64
        case 322: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt8(b, P[o1 << 1]);
          pc = (pc + 4) | 0;
          continue;
        }
        // store16I64
        case 323: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt16(b, P[o1 << 1], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // store32I64
        case 324: {
          a = I[o2];
          b = (a + n3) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setInt32(b, P[o1 << 1], true);
          pc = (pc + 4) | 0;
          continue;
        }
        // f64AddLoad
        case 325: {
          a = I[o3];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = D[o2] + mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64AddLoadAddImm
        case 326: {
          a = (I[o3] + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = D[o2] + mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // f64AddStore
        case 327: {
          a = I[o3];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1] + D[o2], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64SubLoad
        case 328: {
          a = I[o3];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = D[o2] - mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64SubLoadAddImm
        case 329: {
          a = (I[o3] + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = D[o2] - mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // f64SubStore
        case 330: {
          a = I[o3];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1] - D[o2], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulLoad
        case 331: {
          a = I[o3];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = D[o2] * mem.getFloat64(b, true);
          pc = (pc + 5) | 0;
          continue;
        }
        // f64MulLoadAddImm
        case 332: {
          a = (I[o3] + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          D[o1] = D[o2] * mem.getFloat64(b, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // f64MulStore
        case 333: {
          a = I[o3];
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          mem.setFloat64(b, D[o1] * D[o2], true);
          pc = (pc + 5) | 0;
          continue;
        }
        // select128
        case 334: {
          d = o1 & LANES;
          a = I[o2] !== 0 ? o3 & LANES : ((fp + C[(pc + 4) | 0]) | 0) & LANES;
          L[d] = L[a];
          L[d + 1] = L[a + 1];
          pc = (pc + 5) | 0;
          continue;
        }
        // move128
        case 335: {
          d = o1 & LANES;
          a = o2 & LANES;
          L[d] = L[a];
          L[d + 1] = L[a + 1];
          pc = (pc + 3) | 0;
          continue;
        }
        // const128
        case 336: {
          d = o1 & LANES;
          L[d] = KL[n2];
          L[d + 1] = KL[n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // load128
        case 337: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit16 - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          d = o1 & LANES;
          if (FLOATS) {
            D[d] = mem.getFloat64(b, true);
            D[d + 1] = mem.getFloat64(b + 8, true);
          } else {
            L[d] = mem.getBigInt64(b, true);
            L[d + 1] = mem.getBigInt64(b + 8, true);
          }
          pc = (pc + 5) | 0;
          continue;
        }
        // store128
        case 338: {
          a = (I[o2] + n3) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit16 - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          d = o1 & LANES;
          if (FLOATS) {
            mem.setFloat64(b, D[d], true);
            mem.setFloat64(b + 8, D[d + 1], true);
          } else {
            mem.setBigInt64(b, L[d], true);
            mem.setBigInt64(b + 8, L[d + 1], true);
          }
          pc = (pc + 5) | 0;
          continue;
        }
        // load128Add
        case 339: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit16 - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          d = o1 & LANES;
          if (FLOATS) {
            D[d] = mem.getFloat64(b, true);
            D[d + 1] = mem.getFloat64(b + 8, true);
          } else {
            L[d] = mem.getBigInt64(b, true);
            L[d + 1] = mem.getBigInt64(b + 8, true);
          }
          pc = (pc + 5) | 0;
          continue;
        }
        // store128Add
        case 340: {
          a = (I[o2] + I[o3]) | 0;
          b = (a + C[(pc + 4) | 0]) | 0;
          if ((a | b | ((limit16 - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          d = o1 & LANES;
          if (FLOATS) {
            mem.setFloat64(b, D[d], true);
            mem.setFloat64(b + 8, D[d + 1], true);
          } else {
            mem.setBigInt64(b, L[d], true);
            mem.setBigInt64(b + 8, L[d + 1], true);
          }
          pc = (pc + 5) | 0;
          continue;
        }
        // f32x4Add
        case 341: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          X[d] = X[a] + X[b];
          X[d + 1] = X[a + 1] + X[b + 1];
          X[d + 2] = X[a + 2] + X[b + 2];
          X[d + 3] = X[a + 3] + X[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Sub
        case 342: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          X[d] = X[a] - X[b];
          X[d + 1] = X[a + 1] - X[b + 1];
          X[d + 2] = X[a + 2] - X[b + 2];
          X[d + 3] = X[a + 3] - X[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Mul
        case 343: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          X[d] = X[a] * X[b];
          X[d + 1] = X[a + 1] * X[b + 1];
          X[d + 2] = X[a + 2] * X[b + 2];
          X[d + 3] = X[a + 3] * X[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Div
        case 344: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          X[d] = X[a] / X[b];
          X[d + 1] = X[a + 1] / X[b + 1];
          X[d + 2] = X[a + 2] / X[b + 2];
          X[d + 3] = X[a + 3] / X[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4MulAdd
        case 345: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          c = (((fp + C[(pc + 4) | 0]) | 0) << 1) & LANES;
          X[d] = Math.fround(X[a] * X[b]) + X[c];
          X[d + 1] = Math.fround(X[a + 1] * X[b + 1]) + X[c + 1];
          X[d + 2] = Math.fround(X[a + 2] * X[b + 2]) + X[c + 2];
          X[d + 3] = Math.fround(X[a + 3] * X[b + 3]) + X[c + 3];
          pc = (pc + 5) | 0;
          continue;
        }
        // f32x4MulSub
        case 346: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          c = (((fp + C[(pc + 4) | 0]) | 0) << 1) & LANES;
          for (e = 0; e < 4; e++) X[d + e] = Math.fround(X[a + e] * X[b + e]) - X[c + e];
          pc = (pc + 5) | 0;
          continue;
        }
        // f32x4SubMul
        case 347: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          c = (((fp + C[(pc + 4) | 0]) | 0) << 1) & LANES;
          for (e = 0; e < 4; e++) X[d + e] = X[c + e] - Math.fround(X[a + e] * X[b + e]);
          pc = (pc + 5) | 0;
          continue;
        }
        // f32x4Min
        case 348: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++)
            X[d + e] = X[a + e] < X[b + e] || X[a + e] >= X[b + e] ? Math.min(X[a + e], X[b + e]) : X[a + e] + X[b + e];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Max
        case 349: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++)
            X[d + e] = X[a + e] < X[b + e] || X[a + e] >= X[b + e] ? Math.max(X[a + e], X[b + e]) : X[a + e] + X[b + e];
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Sqrt
        case 350: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          for (e = 0; e < 4; e++) X[d + e] = Math.sqrt(X[a + e]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f64x2Add
        case 351: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          D[d] = D[a] + D[b];
          D[d + 1] = D[a + 1] + D[b + 1];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64x2Sub
        case 352: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          D[d] = D[a] - D[b];
          D[d + 1] = D[a + 1] - D[b + 1];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64x2Mul
        case 353: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          D[d] = D[a] * D[b];
          D[d + 1] = D[a + 1] * D[b + 1];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64x2Div
        case 354: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          D[d] = D[a] / D[b];
          D[d + 1] = D[a + 1] / D[b + 1];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64x2MulAdd
        case 355: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          c = ((fp + C[(pc + 4) | 0]) | 0) & LANES;
          D[d] = D[a] * D[b] + D[c];
          D[d + 1] = D[a + 1] * D[b + 1] + D[c + 1];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64x2MulSub
        case 356: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          c = ((fp + C[(pc + 4) | 0]) | 0) & LANES;
          D[d] = D[a] * D[b] - D[c];
          D[d + 1] = D[a + 1] * D[b + 1] - D[c + 1];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64x2SubMul
        case 357: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          c = ((fp + C[(pc + 4) | 0]) | 0) & LANES;
          D[d] = D[c] - D[a] * D[b];
          D[d + 1] = D[c + 1] - D[a + 1] * D[b + 1];
          pc = (pc + 5) | 0;
          continue;
        }
        // f64x2Min
        case 358: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          for (e = 0; e < 2; e++)
            D[d + e] = D[a + e] < D[b + e] || D[a + e] >= D[b + e] ? Math.min(D[a + e], D[b + e]) : D[a + e] + D[b + e];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64x2Max
        case 359: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          for (e = 0; e < 2; e++)
            D[d + e] = D[a + e] < D[b + e] || D[a + e] >= D[b + e] ? Math.max(D[a + e], D[b + e]) : D[a + e] + D[b + e];
          pc = (pc + 4) | 0;
          continue;
        }
        // f64x2Sqrt
        case 360: {
          d = o1 & LANES;
          a = o2 & LANES;
          D[d] = Math.sqrt(D[a]);
          D[d + 1] = Math.sqrt(D[a + 1]);
          pc = (pc + 3) | 0;
          continue;
        }
        // f32x4MulLoad
        case 361: {
          a = (I[o3] + C[(pc + 4) | 0]) | 0;
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit16 - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          d = (o1 << 1) & LANES;
          c = (o2 << 1) & LANES;
          X[d] = X[c] * mem.getFloat32(b, true);
          X[d + 1] = X[c + 1] * mem.getFloat32(b + 4, true);
          X[d + 2] = X[c + 2] * mem.getFloat32(b + 8, true);
          X[d + 3] = X[c + 3] * mem.getFloat32(b + 12, true);
          pc = (pc + 6) | 0;
          continue;
        }
        // f32x4MulAddStore
        case 362: {
          a = I[(fp + C[(pc + 4) | 0]) | 0];
          b = (a + C[(pc + 5) | 0]) | 0;
          if ((a | b | ((limit16 - b) | 0)) < 0) {
            why = 4;
            break leave;
          }
          a = (o1 << 1) & LANES;
          c = (o2 << 1) & LANES;
          d = (o3 << 1) & LANES;
          mem.setFloat32(b, Math.fround(X[a] * X[c]) + X[d], true);
          mem.setFloat32(b + 4, Math.fround(X[a + 1] * X[c + 1]) + X[d + 1], true);
          mem.setFloat32(b + 8, Math.fround(X[a + 2] * X[c + 2]) + X[d + 2], true);
          mem.setFloat32(b + 12, Math.fround(X[a + 3] * X[c + 3]) + X[d + 3], true);
          pc = (pc + 6) | 0;
          continue;
        }
        // f32x4Eq
        case 363: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = X[a + e] === X[b + e] ? -1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Ne
        case 364: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = X[a + e] !== X[b + e] ? -1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Lt
        case 365: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = X[a + e] < X[b + e] ? -1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Le
        case 366: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = X[a + e] <= X[b + e] ? -1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // f32x4Abs
        case 367: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = P[a + e] & 0x7fffffff;
          pc = (pc + 3) | 0;
          continue;
        }
        // f32x4Neg
        case 368: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = P[a + e] ^ -2147483648;
          pc = (pc + 3) | 0;
          continue;
        }
        // f32x4ConvertI32x4S
        case 369: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          for (e = 0; e < 4; e++) X[d + e] = P[a + e];
          pc = (pc + 3) | 0;
          continue;
        }
        // f32x4ConvertI32x4U
        case 370: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          for (e = 0; e < 4; e++) X[d + e] = U[a + e];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32x4Add
        case 371: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          P[d] = P[a] + P[b];
          P[d + 1] = P[a + 1] + P[b + 1];
          P[d + 2] = P[a + 2] + P[b + 2];
          P[d + 3] = P[a + 3] + P[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4Sub
        case 372: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          P[d] = P[a] - P[b];
          P[d + 1] = P[a + 1] - P[b + 1];
          P[d + 2] = P[a + 2] - P[b + 2];
          P[d + 3] = P[a + 3] - P[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4Mul
        case 373: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          P[d] = Math.imul(P[a], P[b]);
          P[d + 1] = Math.imul(P[a + 1], P[b + 1]);
          P[d + 2] = Math.imul(P[a + 2], P[b + 2]);
          P[d + 3] = Math.imul(P[a + 3], P[b + 3]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4ShlImm
        case 374: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          t = n3;
          P[d] = P[a] << t;
          P[d + 1] = P[a + 1] << t;
          P[d + 2] = P[a + 2] << t;
          P[d + 3] = P[a + 3] << t;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4ShrSImm
        case 375: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          t = n3;
          P[d] = P[a] >> t;
          P[d + 1] = P[a + 1] >> t;
          P[d + 2] = P[a + 2] >> t;
          P[d + 3] = P[a + 3] >> t;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4ShrUImm
        case 376: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          t = n3;
          P[d] = P[a] >>> t;
          P[d + 1] = P[a + 1] >>> t;
          P[d + 2] = P[a + 2] >>> t;
          P[d + 3] = P[a + 3] >>> t;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4RotlImm
        case 377: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          t = n3;
          u = P[a];
          P[d] = (u << t) | (u >>> -t);
          u = P[a + 1];
          P[d + 1] = (u << t) | (u >>> -t);
          u = P[a + 2];
          P[d + 2] = (u << t) | (u >>> -t);
          u = P[a + 3];
          P[d + 3] = (u << t) | (u >>> -t);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4Eq
        case 378: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = P[a + e] === P[b + e] ? -1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4Ne
        case 379: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = P[a + e] !== P[b + e] ? -1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4LtS
        case 380: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = P[a + e] < P[b + e] ? -1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4GeS
        case 381: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = P[a + e] < P[b + e] ? 0 : -1;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4MinS
        case 382: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = Math.min(P[a + e], P[b + e]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4MaxS
        case 383: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = Math.max(P[a + e], P[b + e]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4LtU
        case 384: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = U[a + e] < U[b + e] ? -1 : 0;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4GeU
        case 385: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = U[a + e] < U[b + e] ? 0 : -1;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4MinU
        case 386: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = Math.min(U[a + e], U[b + e]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4MaxU
        case 387: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = Math.max(U[a + e], U[b + e]);
          pc = (pc + 4) | 0;
          continue;
        }
        // i64x2Add
        case 388: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          L[d] = L[a] + L[b];
          L[d + 1] = L[a + 1] + L[b + 1];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64x2Sub
        case 389: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          L[d] = L[a] - L[b];
          L[d + 1] = L[a + 1] - L[b + 1];
          pc = (pc + 4) | 0;
          continue;
        }
        // i64x2Mul
        case 390: {
          d = o1 & LANES;
          a = o2 & LANES;
          b = o3 & LANES;
          L[d] = L[a] * L[b];
          L[d + 1] = L[a + 1] * L[b + 1];
          pc = (pc + 4) | 0;
          continue;
        }
        // v128And
        case 391: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          P[d] = P[a] & P[b];
          P[d + 1] = P[a + 1] & P[b + 1];
          P[d + 2] = P[a + 2] & P[b + 2];
          P[d + 3] = P[a + 3] & P[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // v128Or
        case 392: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          P[d] = P[a] | P[b];
          P[d + 1] = P[a + 1] | P[b + 1];
          P[d + 2] = P[a + 2] | P[b + 2];
          P[d + 3] = P[a + 3] | P[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // v128Xor
        case 393: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          P[d] = P[a] ^ P[b];
          P[d + 1] = P[a + 1] ^ P[b + 1];
          P[d + 2] = P[a + 2] ^ P[b + 2];
          P[d + 3] = P[a + 3] ^ P[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // v128Andnot
        case 394: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          P[d] = P[a] & ~P[b];
          P[d + 1] = P[a + 1] & ~P[b + 1];
          P[d + 2] = P[a + 2] & ~P[b + 2];
          P[d + 3] = P[a + 3] & ~P[b + 3];
          pc = (pc + 4) | 0;
          continue;
        }
        // v128Not
        case 395: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          P[d] = ~P[a];
          P[d + 1] = ~P[a + 1];
          P[d + 2] = ~P[a + 2];
          P[d + 3] = ~P[a + 3];
          pc = (pc + 3) | 0;
          continue;
        }
        // v128Bitselect
        case 396: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          c = (((fp + C[(pc + 4) | 0]) | 0) << 1) & LANES;
          P[d] = (P[a] & P[c]) | (P[b] & ~P[c]);
          P[d + 1] = (P[a + 1] & P[c + 1]) | (P[b + 1] & ~P[c + 1]);
          P[d + 2] = (P[a + 2] & P[c + 2]) | (P[b + 2] & ~P[c + 2]);
          P[d + 3] = (P[a + 3] & P[c + 3]) | (P[b + 3] & ~P[c + 3]);
          pc = (pc + 5) | 0;
          continue;
        }
        // v128AnyTrue
        case 397: {
          a = (o2 << 1) & LANES;
          I[o1] = (P[a] | P[a + 1] | P[a + 2] | P[a + 3]) === 0 ? 0 : 1;
          pc = (pc + 3) | 0;
          continue;
        }
        // i8x16Add
        case 398: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          t = P[a];
          u = P[b];
          P[d] = ((t & LOW8) + (u & LOW8)) ^ ((t ^ u) & HIGH8);
          t = P[a + 1];
          u = P[b + 1];
          P[d + 1] = ((t & LOW8) + (u & LOW8)) ^ ((t ^ u) & HIGH8);
          t = P[a + 2];
          u = P[b + 2];
          P[d + 2] = ((t & LOW8) + (u & LOW8)) ^ ((t ^ u) & HIGH8);
          t = P[a + 3];
          u = P[b + 3];
          P[d + 3] = ((t & LOW8) + (u & LOW8)) ^ ((t ^ u) & HIGH8);
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16Sub
        case 399: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          t = P[a];
          u = P[b];
          P[d] = ((t | HIGH8) - (u & LOW8)) ^ ((t ^ ~u) & HIGH8);
          t = P[a + 1];
          u = P[b + 1];
          P[d + 1] = ((t | HIGH8) - (u & LOW8)) ^ ((t ^ ~u) & HIGH8);
          t = P[a + 2];
          u = P[b + 2];
          P[d + 2] = ((t | HIGH8) - (u & LOW8)) ^ ((t ^ ~u) & HIGH8);
          t = P[a + 3];
          u = P[b + 3];
          P[d + 3] = ((t | HIGH8) - (u & LOW8)) ^ ((t ^ ~u) & HIGH8);
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16Eq
        case 400: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          t = P[a];
          u = P[b];
          P[d] = ~Math.imul((((((t ^ u) & LOW8) + LOW8) | (t ^ u)) & HIGH8) >>> 7, 255);
          t = P[a + 1];
          u = P[b + 1];
          P[d + 1] = ~Math.imul((((((t ^ u) & LOW8) + LOW8) | (t ^ u)) & HIGH8) >>> 7, 255);
          t = P[a + 2];
          u = P[b + 2];
          P[d + 2] = ~Math.imul((((((t ^ u) & LOW8) + LOW8) | (t ^ u)) & HIGH8) >>> 7, 255);
          t = P[a + 3];
          u = P[b + 3];
          P[d + 3] = ~Math.imul((((((t ^ u) & LOW8) + LOW8) | (t ^ u)) & HIGH8) >>> 7, 255);
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16Ne
        case 401: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          t = P[a];
          u = P[b];
          P[d] = Math.imul((((((t ^ u) & LOW8) + LOW8) | (t ^ u)) & HIGH8) >>> 7, 255);
          t = P[a + 1];
          u = P[b + 1];
          P[d + 1] = Math.imul((((((t ^ u) & LOW8) + LOW8) | (t ^ u)) & HIGH8) >>> 7, 255);
          t = P[a + 2];
          u = P[b + 2];
          P[d + 2] = Math.imul((((((t ^ u) & LOW8) + LOW8) | (t ^ u)) & HIGH8) >>> 7, 255);
          t = P[a + 3];
          u = P[b + 3];
          P[d + 3] = Math.imul((((((t ^ u) & LOW8) + LOW8) | (t ^ u)) & HIGH8) >>> 7, 255);
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16LtS
        case 402: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = Math.imul((((t & ~u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16GeS
        case 403: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = ~Math.imul((((t & ~u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16MinS
        case 404: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              u ^ ((t ^ u) & Math.imul((((t & ~u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255));
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16MaxS
        case 405: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              t ^ ((t ^ u) & Math.imul((((t & ~u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255));
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16LtU
        case 406: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16GeU
        case 407: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = ~Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16MinU
        case 408: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              u ^ ((t ^ u) & Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255));
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16MaxU
        case 409: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              t ^ ((t ^ u) & Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255));
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16AddSatU
        case 410: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              (((t & LOW8) + (u & LOW8)) ^ ((t ^ u) & HIGH8)) |
              Math.imul((((t & u) | ((t | u) & ((t & LOW8) + (u & LOW8)))) & HIGH8) >>> 7, 255);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16SubSatU
        case 411: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              (((t | HIGH8) - (u & LOW8)) ^ ((t ^ ~u) & HIGH8)) &
              ~Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH8) - (u & LOW8)))) & HIGH8) >>> 7, 255);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8Add
        case 412: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          t = P[a];
          u = P[b];
          P[d] = ((t & LOW16) + (u & LOW16)) ^ ((t ^ u) & HIGH16);
          t = P[a + 1];
          u = P[b + 1];
          P[d + 1] = ((t & LOW16) + (u & LOW16)) ^ ((t ^ u) & HIGH16);
          t = P[a + 2];
          u = P[b + 2];
          P[d + 2] = ((t & LOW16) + (u & LOW16)) ^ ((t ^ u) & HIGH16);
          t = P[a + 3];
          u = P[b + 3];
          P[d + 3] = ((t & LOW16) + (u & LOW16)) ^ ((t ^ u) & HIGH16);
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8Sub
        case 413: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          t = P[a];
          u = P[b];
          P[d] = ((t | HIGH16) - (u & LOW16)) ^ ((t ^ ~u) & HIGH16);
          t = P[a + 1];
          u = P[b + 1];
          P[d + 1] = ((t | HIGH16) - (u & LOW16)) ^ ((t ^ ~u) & HIGH16);
          t = P[a + 2];
          u = P[b + 2];
          P[d + 2] = ((t | HIGH16) - (u & LOW16)) ^ ((t ^ ~u) & HIGH16);
          t = P[a + 3];
          u = P[b + 3];
          P[d + 3] = ((t | HIGH16) - (u & LOW16)) ^ ((t ^ ~u) & HIGH16);
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8Eq
        case 414: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = ~Math.imul((((((t ^ u) & LOW16) + LOW16) | (t ^ u)) & HIGH16) >>> 15, 65535);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8Ne
        case 415: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = Math.imul((((((t ^ u) & LOW16) + LOW16) | (t ^ u)) & HIGH16) >>> 15, 65535);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8LtS
        case 416: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = Math.imul((((t & ~u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8GeS
        case 417: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = ~Math.imul((((t & ~u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8MinS
        case 418: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              u ^
              ((t ^ u) & Math.imul((((t & ~u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535));
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8MaxS
        case 419: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              t ^
              ((t ^ u) & Math.imul((((t & ~u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535));
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8LtU
        case 420: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8GeU
        case 421: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] = ~Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8MinU
        case 422: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              u ^
              ((t ^ u) & Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535));
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8MaxU
        case 423: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              t ^
              ((t ^ u) & Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535));
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8AddSatU
        case 424: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              (((t & LOW16) + (u & LOW16)) ^ ((t ^ u) & HIGH16)) |
              Math.imul((((t & u) | ((t | u) & ((t & LOW16) + (u & LOW16)))) & HIGH16) >>> 15, 65535);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8SubSatU
        case 425: {
          d = (o1 << 1) & LANES;
          a = (o2 << 1) & LANES;
          b = (o3 << 1) & LANES;
          for (e = 0; e < 4; e++) {
            t = P[a + e];
            u = P[b + e];
            P[d + e] =
              (((t | HIGH16) - (u & LOW16)) ^ ((t ^ ~u) & HIGH16)) &
              ~Math.imul((((~t & u) | (~(t ^ u) & ~((t | HIGH16) - (u & LOW16)))) & HIGH16) >>> 15, 65535);
          }
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8Mul
        case 426: {
          d = (o1 << 2) & LANES;
          a = (o2 << 2) & LANES;
          b = (o3 << 2) & LANES;
          for (e = 0; e < 8; e++) H[d + e] = H[a + e] * H[b + e];
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8ShlImm
        case 427: {
          d = (o1 << 2) & LANES;
          a = (o2 << 2) & LANES;
          t = n3;
          for (e = 0; e < 8; e++) H[d + e] = H[a + e] << t;
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8ShrSImm
        case 428: {
          d = (o1 << 2) & LANES;
          a = (o2 << 2) & LANES;
          t = n3;
          for (e = 0; e < 8; e++) H[d + e] = H[a + e] >> t;
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8ShrUImm
        case 429: {
          d = (o1 << 2) & LANES;
          a = (o2 << 2) & LANES;
          t = n3;
          for (e = 0; e < 8; e++) Q[d + e] = Q[a + e] >>> t;
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4Splat
        case 430: {
          d = (o1 << 1) & LANES;
          t = I[o2];
          P[d] = t;
          P[d + 1] = t;
          P[d + 2] = t;
          P[d + 3] = t;
          pc = (pc + 3) | 0;
          continue;
        }
        // i16x8Splat
        case 431: {
          d = (o1 << 1) & LANES;
          t = Math.imul(I[o2] & 0xffff, 0x10001);
          P[d] = t;
          P[d + 1] = t;
          P[d + 2] = t;
          P[d + 3] = t;
          pc = (pc + 3) | 0;
          continue;
        }
        // i8x16Splat
        case 432: {
          d = (o1 << 1) & LANES;
          t = Math.imul(I[o2] & 0xff, 0x1010101);
          P[d] = t;
          P[d + 1] = t;
          P[d + 2] = t;
          P[d + 3] = t;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32x4ExtractLane
        case 433: {
          I[o1] = P[((o2 << 1) & LANES) + n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8ExtractLaneS
        case 434: {
          I[o1] = H[((o2 << 2) & LANES) + n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8ExtractLaneU
        case 435: {
          I[o1] = Q[((o2 << 2) & LANES) + n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16ExtractLaneS
        case 436: {
          I[o1] = (E[((o2 << 3) & LANES) + n3] << 24) >> 24;
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16ExtractLaneU
        case 437: {
          I[o1] = E[((o2 << 3) & LANES) + n3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i32x4ReplaceLane
        case 438: {
          P[((o1 << 1) & LANES) + n2] = I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i16x8ReplaceLane
        case 439: {
          H[((o1 << 2) & LANES) + n2] = I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16ReplaceLane
        case 440: {
          E[((o1 << 3) & LANES) + n2] = I[o3];
          pc = (pc + 4) | 0;
          continue;
        }
        // i8x16Bitmask
        case 441: {
          a = (o2 << 1) & LANES;
          I[o1] =
            ((Math.imul((P[a] >>> 7) & 0x1010101, 0x10204080) >>> 28) << 0) |
            ((Math.imul((P[a + 1] >>> 7) & 0x1010101, 0x10204080) >>> 28) << 4) |
            ((Math.imul((P[a + 2] >>> 7) & 0x1010101, 0x10204080) >>> 28) << 8) |
            ((Math.imul((P[a + 3] >>> 7) & 0x1010101, 0x10204080) >>> 28) << 12);
          pc = (pc + 3) | 0;
          continue;
        }
        // i32x4Bitmask
        case 442: {
          a = (o2 << 1) & LANES;
          I[o1] = ((P[a] >>> 31) << 0) | ((P[a + 1] >>> 31) << 1) | ((P[a + 2] >>> 31) << 2) | ((P[a + 3] >>> 31) << 3);
          pc = (pc + 3) | 0;
          continue;
        }
        // i16x8ExtendLowI8x16S
        case 443: {
          d = (o1 << 2) & LANES;
          a = (o2 << 3) & LANES;
          for (e = 7; e >= 0; e--) H[d + e] = (E[a + e] << 24) >> 24;
          pc = (pc + 3) | 0;
          continue;
        }
        // i16x8ExtendLowI8x16U
        case 444: {
          d = (o1 << 2) & LANES;
          a = (o2 << 3) & LANES;
          for (e = 7; e >= 0; e--) H[d + e] = E[a + e];
          pc = (pc + 3) | 0;
          continue;
        }
        // i16x8ExtendHighI8x16S
        case 445: {
          d = (o1 << 2) & LANES;
          a = (o2 << 3) & LANES;
          for (e = 0; e < 8; e++) H[d + e] = (E[a + 8 + e] << 24) >> 24;
          pc = (pc + 3) | 0;
          continue;
        }
        // i16x8ExtendHighI8x16U
        case 446: {
          d = (o1 << 2) & LANES;
          a = (o2 << 3) & LANES;
          for (e = 0; e < 8; e++) H[d + e] = E[a + 8 + e];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32x4ExtendLowI16x8S
        case 447: {
          d = (o1 << 1) & LANES;
          a = (o2 << 2) & LANES;
          for (e = 3; e >= 0; e--) P[d + e] = (Q[a + e] << 16) >> 16;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32x4ExtendLowI16x8U
        case 448: {
          d = (o1 << 1) & LANES;
          a = (o2 << 2) & LANES;
          for (e = 3; e >= 0; e--) P[d + e] = Q[a + e];
          pc = (pc + 3) | 0;
          continue;
        }
        // i32x4ExtendHighI16x8S
        case 449: {
          d = (o1 << 1) & LANES;
          a = (o2 << 2) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = (Q[a + 4 + e] << 16) >> 16;
          pc = (pc + 3) | 0;
          continue;
        }
        // i32x4ExtendHighI16x8U
        case 450: {
          d = (o1 << 1) & LANES;
          a = (o2 << 2) & LANES;
          for (e = 0; e < 4; e++) P[d + e] = Q[a + 4 + e];
          pc = (pc + 3) | 0;
          continue;
        }
        // shuffleWords
        case 451: {
          d = (o1 << 1) & LANES;
          a = (fp << 1) & LANES;
          t = P[a + n2];
          u = P[a + n3];
          b = P[a + C[(pc + 4) | 0]];
          c = P[a + C[(pc + 5) | 0]];
          P[d] = t;
          P[d + 1] = u;
          P[d + 2] = b;
          P[d + 3] = c;
          pc = (pc + 6) | 0;
          continue;
        }
        // shuffleFunnel
        case 452: {
          d = (o1 << 1) & LANES;
          a = (fp << 1) & LANES;
          e = n2;
          t = (P[a + n3] >>> e) | (P[a + C[(pc + 4) | 0]] << -e);
          u = (P[a + C[(pc + 5) | 0]] >>> e) | (P[a + C[(pc + 6) | 0]] << -e);
          b = (P[a + C[(pc + 7) | 0]] >>> e) | (P[a + C[(pc + 8) | 0]] << -e);
          c = (P[a + C[(pc + 9) | 0]] >>> e) | (P[a + C[(pc + 10) | 0]] << -e);
          P[d] = t;
          P[d + 1] = u;
          P[d + 2] = b;
          P[d + 3] = c;
          pc = (pc + 11) | 0;
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

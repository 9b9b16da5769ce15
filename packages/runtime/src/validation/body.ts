import type { ErrorPlace } from "../wasm/errors.ts";
import type { Expression, LocalRun } from "../wasm/module.ts";
import { BOTTOM, F32, F64, type FunctionType, I32, I64, isReference } from "../wasm/types.ts";
import { BLOCK, type BodyState, ELSE, IF, LOOP, SHORT_LIST } from "./body-state.ts";
import {
  BINARY,
  FB_BASE,
  FC_BASE,
  FD_BASE,
  FE_BASE,
  ILLEGAL,
  instructionAt,
  naturalAlignments,
  opcodeLimits,
  operandTypes,
  resultTypes,
  SPECIAL,
  shapes,
  UNARY,
  valueTypes,
} from "./opcode-table.ts";
import { signatureInstruction } from "./signature.ts";
import { specialInstruction } from "./special.ts";

const noTypes: readonly number[] = [];

/**
 * Validates the code of a function or a constant expression (specification, 3.4).
 *
 * The loop below is where a module's validation spends its time, so it holds the cursor, the stack pointer and the frame's
 * floor in local variables, reads one-byte integers in line, and settles the forms that nearly all code consists of when the
 * operands are exactly what is expected. Everything else (longer integers, missing operands, subtypes, unreachable code, errors) goes
 * to the same instruction's full rule with the state written back; a fast form must never accept what the full rule would not.
 *
 * @throws ValidationError or MalformedError with the offset of the instruction
 */
export function validateCode(
  state: BodyState,
  code: Expression,
  type: FunctionType,
  locals: readonly LocalRun[],
  place: ErrorPlace,
): void {
  state.begin(code, type, locals, place);
  const { bytes, end } = code;
  const { context, reader } = state;
  const { allowed, functions } = context;
  const { globals } = context.module;
  const localTypes = state.locals;
  const { localCount, tracksLocals } = state;
  const hasMemory32 = context.memories[0] === I32;
  let stack = state.stack;
  let pos = code.start;
  let sp = state.sp;
  let floor = state.floor;

  while (pos < end) {
    const start = pos;
    const opcode = bytes[pos++];
    // Instructions settled in line end with `continue`; those that `break` go on to their full rule below.
    switch (opcode) {
      case 0x20: {
        const index = bytes[pos];
        if (index >= 0x80 || index >= localCount || tracksLocals) break;
        pos++;
        stack[sp++] = localTypes[index];
        continue;
      }
      case 0x21: {
        const index = bytes[pos];
        if (index >= 0x80 || index >= localCount || tracksLocals) break;
        if (sp === floor || stack[sp - 1] !== localTypes[index]) break;
        pos++;
        sp--;
        continue;
      }
      case 0x22: {
        const index = bytes[pos];
        if (index >= 0x80 || index >= localCount || tracksLocals) break;
        if (sp === floor || stack[sp - 1] !== localTypes[index]) break;
        pos++;
        continue;
      }
      case 0x41: {
        // Four bytes hold 28 bits, which are in range whatever they are. A fifth, common since linkers pad addresses to be patched,
        // must repeat the sign in the bits that are left over.
        if (bytes[pos] < 0x80) pos++;
        else if (bytes[pos + 1] < 0x80) pos += 2;
        else if (bytes[pos + 2] < 0x80) pos += 3;
        else if (bytes[pos + 3] < 0x80) pos += 4;
        else if (bytes[pos + 4] < 0x08 || (bytes[pos + 4] & 0xf8) === 0x78) pos += 5;
        else break;
        stack[sp++] = I32;
        continue;
      }
      case 0x42: {
        if (bytes[pos] < 0x80) pos++;
        else if (bytes[pos + 1] < 0x80) pos += 2;
        else if (bytes[pos + 2] < 0x80) pos += 3;
        else if (bytes[pos + 3] < 0x80) pos += 4;
        else if (bytes[pos + 4] < 0x80) pos += 5;
        else break;
        stack[sp++] = I64;
        continue;
      }
      case 0x43:
        pos += 4;
        stack[sp++] = F32;
        continue;
      case 0x44:
        pos += 8;
        stack[sp++] = F64;
        continue;
      case 0x28:
      case 0x29:
      case 0x2a:
      case 0x2b:
      case 0x2c:
      case 0x2d:
      case 0x2e:
      case 0x2f:
      case 0x30:
      case 0x31:
      case 0x32:
      case 0x33:
      case 0x34:
      case 0x35: {
        if (!hasMemory32 || bytes[pos] > naturalAlignments[opcode]) break;
        if (sp === floor || stack[sp - 1] !== I32) break;
        if (bytes[pos + 1] < 0x80) pos += 2;
        else if (bytes[pos + 2] < 0x80) pos += 3;
        else if (bytes[pos + 3] < 0x80) pos += 4;
        else if (bytes[pos + 4] < 0x80) pos += 5;
        else if (bytes[pos + 5] < 0x10) pos += 6;
        else break;
        stack[sp - 1] = valueTypes[opcode];
        continue;
      }
      case 0x36:
      case 0x37:
      case 0x38:
      case 0x39:
      case 0x3a:
      case 0x3b:
      case 0x3c:
      case 0x3d:
      case 0x3e: {
        if (!hasMemory32 || bytes[pos] > naturalAlignments[opcode]) break;
        if (sp - 2 < floor || stack[sp - 2] !== I32 || stack[sp - 1] !== valueTypes[opcode]) break;
        if (bytes[pos + 1] < 0x80) pos += 2;
        else if (bytes[pos + 2] < 0x80) pos += 3;
        else if (bytes[pos + 3] < 0x80) pos += 4;
        else if (bytes[pos + 4] < 0x80) pos += 5;
        else if (bytes[pos + 5] < 0x10) pos += 6;
        else break;
        sp -= 2;
        continue;
      }
      case 0x1a:
        if (sp === floor) break;
        sp--;
        continue;
      case 0x1b: {
        if (sp - 3 < floor || stack[sp - 1] !== I32) break;
        const chosen = stack[sp - 2];
        if (chosen !== stack[sp - 3] || isReference(chosen) || chosen === BOTTOM) break;
        sp -= 2;
        continue;
      }
      case 0x02:
      case 0x03:
      case 0x04: {
        const isIf = opcode === 0x04;
        if (bytes[pos] !== 0x40 || (isIf && (sp === floor || stack[sp - 1] !== I32))) break;
        pos++;
        if (isIf) sp--;
        state.sp = sp;
        state.pushFrame(opcode === 0x02 ? BLOCK : opcode === 0x03 ? LOOP : IF, noTypes, noTypes);
        floor = sp;
        continue;
      }
      case 0x05: {
        const { depth } = state;
        if (state.kinds[depth] !== IF || state.results[depth].length > 0 || state.params[depth].length > 0) break;
        if (sp !== floor || tracksLocals) break;
        state.kinds[depth] = ELSE;
        state.unreachable[depth] = 0;
        continue;
      }
      case 0x0b: {
        const { depth } = state;
        const results = state.results[depth];
        const count = results.length;
        const fits = count === 0 ? sp === floor : count === 1 && sp === floor + 1 && stack[floor] === results[0];
        if (!fits || tracksLocals || depth === 0) break;
        if (state.kinds[depth] === IF && count > 0) break;
        // An `if` with parameters and no `else` must have the same results; without results it has no parameters either.
        if (state.kinds[depth] === IF && state.params[depth].length > 0) break;
        state.depth = depth - 1;
        floor = state.heights[depth - 1];
        state.floor = floor;
        continue;
      }
      case 0x0c:
      case 0x0d: {
        const label = bytes[pos];
        if (label >= 0x80 || label > state.depth || state.labels[state.depth - label].length > 0) break;
        if (opcode === 0x0d) {
          if (sp === floor || stack[sp - 1] !== I32) break;
          sp--;
        } else {
          sp = floor;
          state.unreachable[state.depth] = 1;
        }
        pos++;
        continue;
      }
      case 0x23:
      case 0x24: {
        reader.pos = pos;
        const global = globals[reader.u32()];
        if (global === undefined) break;
        const { type, mutable } = global.type;
        if (opcode === 0x24) {
          if (!mutable || sp === floor || stack[sp - 1] !== type) break;
          sp--;
        } else stack[sp++] = type;
        pos = reader.pos;
        continue;
      }
      case 0x10: {
        reader.pos = pos;
        const callee = functions[reader.u32()];
        if (callee === undefined) break;
        const { params, results } = callee;
        const base = sp - params.length;
        if (base < floor || params.length > SHORT_LIST || results.length > 1) break;
        let i = 0;
        while (i < params.length && stack[base + i] === params[i]) i++;
        if (i < params.length) break;
        sp = base;
        if (results.length === 1) stack[sp++] = results[0];
        pos = reader.pos;
        continue;
      }
      case 0x00:
        sp = floor;
        state.unreachable[state.depth] = 1;
        continue;
      default: {
        const shape = shapes[opcode];
        if (shape === BINARY) {
          const type = operandTypes[opcode];
          if (sp - 2 < floor || stack[sp - 1] !== type || stack[sp - 2] !== type) break;
          sp--;
        } else if (shape !== UNARY || sp === floor || stack[sp - 1] !== operandTypes[opcode]) break;
        if (allowed[opcode] === 0) break;
        stack[sp - 1] = resultTypes[opcode];
        continue;
      }
    }

    let index = opcode;
    state.at = start;
    state.sp = sp;
    reader.pos = pos;
    if (opcode >= 0xfb && opcode <= 0xfe) {
      const code = reader.u32();
      const base = opcode === 0xfd ? FD_BASE : opcode === 0xfc ? FC_BASE : opcode === 0xfb ? FB_BASE : FE_BASE;
      index = base + code < opcodeLimits[opcode] ? base + code : 0xff;
      if (shapes[index] === ILLEGAL) state.malformed(`illegal opcode 0x${opcode.toString(16)} 0x${code.toString(16)}`);
    }
    const shape = shapes[index];
    if (shape === ILLEGAL) state.malformed(`illegal opcode 0x${opcode.toString(16)}`);
    if (allowed[index] === 0) {
      const { name, feature } = instructionAt[index]!;
      state.need(feature!, name);
    }
    if (shape !== SPECIAL) signatureInstruction(state, index);
    else specialInstruction(state, index);
    if (state.depth < 0) {
      if (reader.pos !== end) state.malformed("END opcode expected: there are bytes after the end of the code");
      return;
    }
    pos = reader.pos;
    sp = state.sp;
    floor = state.floor;
    stack = state.stack;
  }
  state.at = end;
  state.malformed("unexpected end of section or function: END opcode expected");
}

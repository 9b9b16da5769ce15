import type { ErrorPlace } from "../wasm/errors.ts";
import { instructionAt } from "../wasm/instructions.ts";
import type { Expression, LocalRun } from "../wasm/module.ts";
import { isPrefix, prefixedSlot } from "../wasm/opcode-slots.ts";
import * as OP from "../wasm/opcodes.ts";
import { BOTTOM, type FunctionType, I32, isReference } from "../wasm/types.ts";
import { BLOCK, type BodyState, ELSE, IF, LOOP, SHORT_LIST } from "./body-state.ts";
import { FIRST_INDEXED, FIRST_SKIPPING, FORM_INTEGER, FULL_RULE, fifthByteBias, freeBytes } from "./forms.ts";
import { ILLEGAL, naturalAlignments, operandTypes, resultTypes, SPECIAL, shapes, valueTypes } from "./opcode-table.ts";
import { signatureInstruction } from "./signature.ts";
import { specialInstruction } from "./special.ts";

const noTypes: readonly number[] = [];

/**
 * Validates the code of a function or a constant expression (specification, 3.4).
 *
 * The loop below is where a module's validation spends its time, so it holds the cursor, the stack pointer and the frame's
 * floor in local variables, reads immediates in line, and settles the forms that nearly all code consists of when the
 * operands are exactly what is expected. Everything else (missing operands, subtypes, unreachable code, errors) goes
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
  const { functions } = context;
  const { globals } = context.module;
  const { forms, localCount, locals: localTypes } = state;
  let stack = state.stack;
  let pos = code.start;
  let sp = state.sp;
  let floor = state.floor;

  while (pos < end) {
    const start = pos;
    const opcode = bytes[pos++];
    let form = forms[opcode];
    let immediate = 0;
    if (form >= FIRST_INDEXED) {
      immediate = bytes[pos++];
      if (immediate >= 0x80) {
        immediate &= 0x7f;
        let shift = 0;
        let byte = 0;
        do {
          byte = bytes[pos++];
          shift += 7;
          immediate |= (byte & 0x7f) << shift;
        } while (byte >= 0x80 && shift < 28);
        // The fifth byte has room for four bits, the last of which no index has.
        if (shift === 28 && byte > 0x07) form = FULL_RULE;
      }
    } else if (form >= FIRST_SKIPPING) {
      if (form !== FORM_INTEGER && bytes[pos++] > naturalAlignments[opcode]) form = FULL_RULE;
      let length = 1;
      while (bytes[pos++] >= 0x80) length++;
      // Linkers pad addresses to five bytes, to be patched.
      if (length > freeBytes[opcode] && (length !== 5 || ((bytes[pos - 1] + fifthByteBias[opcode]) & 0x7f) >= 16))
        form = FULL_RULE;
    }

    // Instructions settled in line end with `continue`; those that `break` go on to their full rule below. V8 makes a jump table of
    // the cases only where they are literals.
    switch (form) {
      case 12: // FORM_LOCAL_GET
        if (immediate >= localCount) break;
        stack[sp++] = localTypes[immediate];
        continue;
      case 13: // FORM_LOCAL_SET
        if (immediate >= localCount || sp === floor || stack[sp - 1] !== localTypes[immediate]) break;
        sp--;
        continue;
      case 14: // FORM_LOCAL_TEE
        if (immediate >= localCount || sp === floor || stack[sp - 1] !== localTypes[immediate]) break;
        continue;
      case 9: // FORM_INTEGER
        stack[sp++] = valueTypes[opcode];
        continue;
      case 10: // FORM_LOAD
        if (sp === floor || stack[sp - 1] !== I32) break;
        stack[sp - 1] = valueTypes[opcode];
        continue;
      case 11: // FORM_STORE
        if (sp - 2 < floor || stack[sp - 2] !== I32 || stack[sp - 1] !== valueTypes[opcode]) break;
        sp -= 2;
        continue;
      case 1: // FORM_UNARY
        if (sp === floor || stack[sp - 1] !== operandTypes[opcode]) break;
        stack[sp - 1] = resultTypes[opcode];
        continue;
      case 2: {
        // FORM_BINARY
        const type = operandTypes[opcode];
        if (sp - 2 < floor || stack[sp - 1] !== type || stack[sp - 2] !== type) break;
        sp--;
        stack[sp - 1] = resultTypes[opcode];
        continue;
      }
      case 3: // FORM_DROP
        if (sp === floor) break;
        sp--;
        continue;
      case 4: {
        // FORM_SELECT
        if (sp - 3 < floor || stack[sp - 1] !== I32) break;
        const chosen = stack[sp - 2];
        if (chosen !== stack[sp - 3] || isReference(chosen) || chosen === BOTTOM) break;
        sp -= 2;
        continue;
      }
      case 6: {
        // FORM_BLOCK
        if (bytes[pos] !== 0x40) break;
        if (opcode === OP.IF) {
          if (sp === floor || stack[sp - 1] !== I32) break;
          sp--;
        }
        pos++;
        state.sp = sp;
        state.pushFrame(opcode === OP.BLOCK ? BLOCK : opcode === OP.LOOP ? LOOP : IF, noTypes, noTypes);
        floor = sp;
        continue;
      }
      case 7: {
        // FORM_ELSE
        const { depth } = state;
        if (state.kinds[depth] !== IF || state.results[depth].length > 0 || state.params[depth].length > 0) break;
        if (sp !== floor) break;
        state.kinds[depth] = ELSE;
        state.unreachable[depth] = 0;
        continue;
      }
      case 8: {
        // FORM_END
        const { depth } = state;
        const results = state.results[depth];
        const count = results.length;
        const fits = count === 0 ? sp === floor : count === 1 && sp === floor + 1 && stack[floor] === results[0];
        if (!fits || depth === 0) break;
        // An `if` with parameters and no `else` must have the same results; without results it has no parameters either.
        if (state.kinds[depth] === IF && (count > 0 || state.params[depth].length > 0)) break;
        state.depth = depth - 1;
        floor = state.heights[depth - 1];
        state.floor = floor;
        continue;
      }
      case 18: // FORM_BRANCH
        if (immediate > state.depth || state.labels[state.depth - immediate].length > 0) break;
        sp = floor;
        state.unreachable[state.depth] = 1;
        continue;
      case 19: // FORM_BRANCH_IF
        if (immediate > state.depth || state.labels[state.depth - immediate].length > 0) break;
        if (sp === floor || stack[sp - 1] !== I32) break;
        sp--;
        continue;
      case 15: // FORM_GLOBAL_GET
        if (immediate >= globals.length) break;
        stack[sp++] = globals[immediate].type.type;
        continue;
      case 16: {
        // FORM_GLOBAL_SET
        if (immediate >= globals.length) break;
        const { type, mutable } = globals[immediate].type;
        if (!mutable || sp === floor || stack[sp - 1] !== type) break;
        sp--;
        continue;
      }
      case 17: {
        // FORM_CALL
        if (immediate >= functions.length) break;
        const { params, results } = functions[immediate];
        const base = sp - params.length;
        if (base < floor || params.length > SHORT_LIST || results.length > 1) break;
        let i = 0;
        while (i < params.length && stack[base + i] === params[i]) i++;
        if (i < params.length) break;
        sp = base;
        if (results.length === 1) stack[sp++] = results[0];
        continue;
      }
      case 5: // FORM_UNREACHABLE
        sp = floor;
        state.unreachable[state.depth] = 1;
        continue;
    }

    state.at = start;
    state.sp = sp;
    reader.pos = start + 1;
    fullRule(state, opcode);
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

/**
 * Validates one instruction, whose first byte has been read, by the rule that covers all of it. A function of its own even where the loop could tell
 * more: a branch that V8 has not seen taken before it compiles the loop would have the loop compiled again.
 */
function fullRule(state: BodyState, opcode: number): void {
  const { reader } = state;
  let index = opcode;
  if (isPrefix(opcode)) {
    const code = reader.u32();
    index = prefixedSlot(opcode, code);
    if (shapes[index] === ILLEGAL) state.malformed(`illegal opcode 0x${opcode.toString(16)} 0x${code.toString(16)}`);
  }
  const shape = shapes[index];
  if (shape === ILLEGAL) state.malformed(`illegal opcode 0x${opcode.toString(16)}`);
  if (state.context.allowed[index] === 0) {
    const { name, feature } = instructionAt[index]!;
    state.need(feature!, name);
  }
  if (shape !== SPECIAL) signatureInstruction(state, index);
  else specialInstruction(state, instructionAt[index]!.opcode);
}

import * as OP from "../wasm/opcodes.ts";
import { I32 } from "../wasm/types.ts";
import type { ModuleContext } from "./context.ts";
import { BINARY, shapes, UNARY } from "./opcode-table.ts";

/**
 * The instructions that the validator's loop settles itself, by their form. Instructions that are checked alike share one: fewer branches
 * are then new to V8 once it has compiled the loop, each of which would have the loop compiled again.
 *
 * The loop's cases are these numbers. Forms stand in the order of what follows the opcode: nothing that is read in common; one LEB128 that
 * is only stepped over; an index.
 */
export const FULL_RULE = 0;
const FORM_UNARY = 1;
const FORM_BINARY = 2;
const FORM_DROP = 3;
const FORM_SELECT = 4;
const FORM_UNREACHABLE = 5;
const FORM_BLOCK = 6;
const FORM_ELSE = 7;
const FORM_END = 8;

export const FIRST_SKIPPING = 9;
export const FORM_INTEGER = 9;
const FORM_LOAD = 10;
const FORM_STORE = 11;

export const FIRST_INDEXED = 12;
const FORM_LOCAL_GET = 12;
const FORM_LOCAL_SET = 13;
const FORM_LOCAL_TEE = 14;
const FORM_GLOBAL_GET = 15;
const FORM_GLOBAL_SET = 16;
const FORM_CALL = 17;
const FORM_BRANCH = 18;
const FORM_BRANCH_IF = 19;

const forms = new Uint8Array(256);
for (let opcode = 0; opcode < 256; opcode++) {
  if (shapes[opcode] === UNARY) forms[opcode] = FORM_UNARY;
  else if (shapes[opcode] === BINARY) forms[opcode] = FORM_BINARY;
}
forms[OP.UNREACHABLE] = FORM_UNREACHABLE;
forms.fill(FORM_BLOCK, OP.BLOCK, OP.IF + 1);
forms[OP.ELSE] = FORM_ELSE;
forms[OP.END] = FORM_END;
forms[OP.BR] = FORM_BRANCH;
forms[OP.BR_IF] = FORM_BRANCH_IF;
forms[OP.CALL] = FORM_CALL;
forms[OP.DROP] = FORM_DROP;
forms[OP.SELECT] = FORM_SELECT;
forms[OP.LOCAL_GET] = FORM_LOCAL_GET;
forms[OP.LOCAL_SET] = FORM_LOCAL_SET;
forms[OP.LOCAL_TEE] = FORM_LOCAL_TEE;
forms[OP.GLOBAL_GET] = FORM_GLOBAL_GET;
forms[OP.GLOBAL_SET] = FORM_GLOBAL_SET;
forms.fill(FORM_LOAD, OP.I32_LOAD, OP.I32_STORE);
forms.fill(FORM_STORE, OP.I32_STORE, OP.MEMORY_SIZE);
forms.fill(FORM_INTEGER, OP.I32_CONST, OP.F32_CONST);

/** Bytes of a LEB128 that is stepped over whose value is in range whatever they are. */
export const freeBytes: Uint8Array = new Uint8Array(256).fill(4);
freeBytes[OP.I64_CONST] = 9;

/**
 * What is added to the fifth byte of a 32-bit LEB128 so that it is below 16, modulo 128, when the value is in range: the upper three of
 * its seven bits must be zero in an offset, and in a signed constant, as must the one below them, or all be ones.
 */
export const fifthByteBias: Uint8Array = new Uint8Array(256);
fifthByteBias[OP.I32_CONST] = 8;

/** By opcode, the form that the loop may settle in this module: what is switched off, or needs a memory of another kind, has none. */
export function formsOf({ module, allowed }: ModuleContext): Uint8Array {
  const own = forms.slice();
  for (let opcode = 0; opcode < 256; opcode++) if (allowed[opcode] === 0) own[opcode] = FULL_RULE;
  if (module.memories[0]?.address !== I32) own.fill(FULL_RULE, OP.I32_LOAD, OP.MEMORY_SIZE);
  return own;
}

/** As `own`, for code with locals that have no value at first: what reads and sets them, and what takes back that they are set, is settled by rule. */
export function trackingForms(own: Uint8Array): Uint8Array {
  const forms = own.slice();
  forms.fill(FULL_RULE, OP.LOCAL_GET, OP.GLOBAL_GET);
  forms[OP.ELSE] = FULL_RULE;
  forms[OP.END] = FULL_RULE;
  return forms;
}

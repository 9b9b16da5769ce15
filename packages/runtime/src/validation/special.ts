import { BLOCK, type BodyState, CATCH, CATCH_ALL, IF, LOOP, TRY } from "./body-state.ts";
import * as control from "./control.ts";
import * as storage from "./memory-table.ts";
import { instructionAt } from "./opcode-table.ts";
import * as references from "./references.ts";

function readLocal(state: BodyState): number {
  const index = state.reader.u32();
  if (index >= state.localCount) state.fail(`unknown local ${index}: the function has ${state.localCount}`);
  return index;
}

function localGet(state: BodyState): void {
  const index = readLocal(state);
  if (state.tracksLocals && state.isSet[index] === 0) state.fail(`uninitialized local ${index}`);
  state.push(state.locals[index]);
}

function localSet(state: BodyState, isTee: boolean): void {
  const index = readLocal(state);
  state.pop(state.locals[index]);
  if (state.tracksLocals) state.setLocal(index);
  if (isTee) state.push(state.locals[index]);
}

function globalAccess(state: BodyState, isSet: boolean): void {
  const index = state.reader.u32();
  const global = state.context.module.globals[index];
  if (global === undefined) state.fail(`unknown global ${index}`);
  const { type, mutable } = global.type;
  if (!isSet) state.push(type);
  else {
    if (!mutable) state.fail(`immutable global ${index} cannot be set`);
    state.pop(type);
  }
}

/** Validates an instruction that has no signature in the instruction table, by the rule of its own. */
export function specialInstruction(state: BodyState, index: number): void {
  // The cases are opcodes; those behind a prefix have the prefix's base added (see opcode-table.ts).
  switch (index) {
    case 0x00:
      state.markUnreachable();
      break;
    case 0x02:
      control.enterBlock(state, BLOCK);
      break;
    case 0x03:
      control.enterBlock(state, LOOP);
      break;
    case 0x04:
      control.enterBlock(state, IF);
      break;
    case 0x05:
      control.openElse(state);
      break;
    case 0x06:
      control.enterBlock(state, TRY);
      break;
    case 0x07:
      control.openCatch(state, CATCH);
      break;
    case 0x08:
      control.throwTag(state);
      break;
    case 0x09:
      control.rethrow(state);
      break;
    case 0x0a:
      control.throwReference(state);
      break;
    case 0x0b:
      control.leaveBlock(state);
      break;
    case 0x0c:
      control.branch(state);
      break;
    case 0x0d:
      control.branchIf(state);
      break;
    case 0x0e:
      control.branchTable(state);
      break;
    case 0x0f:
      control.returnResults(state);
      break;
    case 0x10:
      control.call(state, false);
      break;
    case 0x11:
      control.callIndirect(state, false);
      break;
    case 0x12:
      control.call(state, true);
      break;
    case 0x13:
      control.callIndirect(state, true);
      break;
    case 0x14:
      control.callReference(state, false);
      break;
    case 0x15:
      control.callReference(state, true);
      break;
    case 0x18:
      control.delegate(state);
      break;
    case 0x19:
      control.openCatch(state, CATCH_ALL);
      break;
    case 0x1a:
      state.popAny();
      break;
    case 0x1b:
      references.select(state);
      break;
    case 0x1c:
      references.selectTyped(state);
      break;
    case 0x1f:
      control.enterTryTable(state);
      break;
    case 0x20:
      localGet(state);
      break;
    case 0x21:
      localSet(state, false);
      break;
    case 0x22:
      localSet(state, true);
      break;
    case 0x23:
      globalAccess(state, false);
      break;
    case 0x24:
      globalAccess(state, true);
      break;
    case 0x25:
      storage.tableGet(state);
      break;
    case 0x26:
      storage.tableSet(state);
      break;
    case 0xd0:
      references.refNull(state);
      break;
    case 0xd1:
      references.refIsNull(state);
      break;
    case 0xd2:
      references.refFunc(state);
      break;
    case 0xd4:
      references.refAsNonNull(state);
      break;
    case 0xd5:
      references.branchOnNull(state);
      break;
    case 0xd6:
      references.branchOnNonNull(state);
      break;
    case 0x128:
      storage.memoryInit(state);
      break;
    case 0x12a:
      storage.memoryCopy(state);
      break;
    case 0x12b:
      storage.memoryFill(state);
      break;
    case 0x12c:
      storage.tableInit(state);
      break;
    case 0x12e:
      storage.tableCopy(state);
      break;
    case 0x12f:
      storage.tableGrow(state);
      break;
    case 0x130:
      storage.tableSize(state);
      break;
    case 0x131:
      storage.tableFill(state);
      break;
    default:
      if (state.aggregates?.instruction(state, index) !== true)
        throw new Error(`no rule for the instruction ${instructionAt[index]?.name}`);
  }
}

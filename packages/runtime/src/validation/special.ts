import { instructionOf } from "../wasm/instructions.ts";
import { BLOCK, type BodyState, CATCH, CATCH_ALL, IF, LOOP, TRY } from "./body-state.ts";
import * as control from "./control.ts";
import * as storage from "./memory-table.ts";
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
export function specialInstruction(state: BodyState, opcode: number): void {
  switch (opcode) {
    case 0x00: // unreachable
      state.markUnreachable();
      break;
    case 0x02: // block
      control.enterBlock(state, BLOCK);
      break;
    case 0x03: // loop
      control.enterBlock(state, LOOP);
      break;
    case 0x04: // if
      control.enterBlock(state, IF);
      break;
    case 0x05: // else
      control.openElse(state);
      break;
    case 0x06: // try
      control.enterBlock(state, TRY);
      break;
    case 0x07: // catch
      control.openCatch(state, CATCH);
      break;
    case 0x08: // throw
      control.throwTag(state);
      break;
    case 0x09: // rethrow
      control.rethrow(state);
      break;
    case 0x0a: // throw_ref
      control.throwReference(state);
      break;
    case 0x0b: // end
      control.leaveBlock(state);
      break;
    case 0x0c: // br
      control.branch(state);
      break;
    case 0x0d: // br_if
      control.branchIf(state);
      break;
    case 0x0e: // br_table
      control.branchTable(state);
      break;
    case 0x0f: // return
      control.returnResults(state);
      break;
    case 0x10: // call
      control.call(state, false);
      break;
    case 0x11: // call_indirect
      control.callIndirect(state, false);
      break;
    case 0x12: // return_call
      control.call(state, true);
      break;
    case 0x13: // return_call_indirect
      control.callIndirect(state, true);
      break;
    case 0x14: // call_ref
      control.callReference(state, false);
      break;
    case 0x15: // return_call_ref
      control.callReference(state, true);
      break;
    case 0x18: // delegate
      control.delegate(state);
      break;
    case 0x19: // catch_all
      control.openCatch(state, CATCH_ALL);
      break;
    case 0x1a: // drop
      state.popAny();
      break;
    case 0x1b: // select
      references.select(state);
      break;
    case 0x1c: // select
      references.selectTyped(state);
      break;
    case 0x1f: // try_table
      control.enterTryTable(state);
      break;
    case 0x20: // local.get
      localGet(state);
      break;
    case 0x21: // local.set
      localSet(state, false);
      break;
    case 0x22: // local.tee
      localSet(state, true);
      break;
    case 0x23: // global.get
      globalAccess(state, false);
      break;
    case 0x24: // global.set
      globalAccess(state, true);
      break;
    case 0x25: // table.get
      storage.tableGet(state);
      break;
    case 0x26: // table.set
      storage.tableSet(state);
      break;
    case 0xd0: // ref.null
      references.refNull(state);
      break;
    case 0xd1: // ref.is_null
      references.refIsNull(state);
      break;
    case 0xd2: // ref.func
      references.refFunc(state);
      break;
    case 0xd4: // ref.as_non_null
      references.refAsNonNull(state);
      break;
    case 0xd5: // br_on_null
      references.branchOnNull(state);
      break;
    case 0xd6: // br_on_non_null
      references.branchOnNonNull(state);
      break;
    case 0xfc008: // memory.init
      storage.memoryInit(state);
      break;
    case 0xfc00a: // memory.copy
      storage.memoryCopy(state);
      break;
    case 0xfc00b: // memory.fill
      storage.memoryFill(state);
      break;
    case 0xfc00c: // table.init
      storage.tableInit(state);
      break;
    case 0xfc00e: // table.copy
      storage.tableCopy(state);
      break;
    case 0xfc00f: // table.grow
      storage.tableGrow(state);
      break;
    case 0xfc010: // table.size
      storage.tableSize(state);
      break;
    case 0xfc011: // table.fill
      storage.tableFill(state);
      break;
    default:
      if (state.aggregates?.instruction(state, opcode) !== true)
        throw new Error(`no rule for the instruction ${instructionOf(opcode).name}`);
  }
}

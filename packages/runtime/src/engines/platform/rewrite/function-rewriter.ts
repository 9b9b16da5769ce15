import {
  lebAt,
  opcodeAt,
  SHAPE,
  shapes,
  skipBlockType,
  skipImmediates,
  skipInstruction,
  skipLeb,
} from "../../../metering/instruction-shape.ts";
import { type FunctionPlan, isArrayOfLength } from "../../../metering/plan.ts";
import { stopPosition } from "../../../metering/stop-position.ts";
import { type CanonicalNans, canonicalNans } from "../../../numerics/canonical-nans.ts";
import type { FunctionBody, LocalRun } from "../../../wasm/module.ts";
import { ATOMIC_PREFIX, GC_PREFIX, NUMERIC_PREFIX, prefixedSlot, VECTOR_PREFIX } from "../../../wasm/opcode-slots.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { atomicWait, call, callElement, isAtomicWait, noteElement, noteOperand, tailCall } from "./calls.ts";
import { canonicalise, relaxed } from "./canonical.ts";
import { bulk, charge, growMemory } from "./charges.ts";
import { Constructs } from "./constructs.ts";
import { emit, globalIndex, type Layout, METERED, signatureOf } from "./layout.ts";
import { isTrappingTruncation, mayTrap } from "./may-trap.ts";
import { MeteredCode } from "./metered-code.ts";
import { limitArray, orderAtomic, orderInit } from "./trap-order.ts";

const noNans: CanonicalNans = new Map();

/**
 * Rewrites one function after the other so that each charges its blocks and stops at its checks, as `metering/plan.ts` says. This room walks over
 * the code; `metered-code.ts` keeps the account of the fuel, `constructs.ts` that of labels, `calls.ts` and `charges.ts` write what their names say.
 */
export class FunctionRewriter {
  readonly out: MeteredCode;
  private readonly constructs: Constructs;

  constructor(layout: Layout, capacity: number) {
    this.out = new MeteredCode(layout, capacity);
    this.constructs = new Constructs(this.out);
  }

  /** Rewrites a function. @returns its locals, and where its code begins in `out.code`, which ends with it */
  rewrite(bodyIndex: number): { locals: readonly LocalRun[]; start: number } {
    const { out } = this;
    const { layout, code, positions } = out;
    const { syntax } = layout;
    const functionIndex = syntax.importCounts.func + bodyIndex;
    const body = syntax.bodies[bodyIndex];
    const start = code.length;
    positions?.push(start, stopPosition(body.bytes, body.start));
    if (layout.leafCosts[functionIndex] !== METERED) {
      out.beginPlain(body, functionIndex);
      this.copy(body, this.nansOf(bodyIndex));
      return { locals: out.locals, start };
    }
    const plan = layout.planOf(bodyIndex);
    out.begin(body, plan, functionIndex);
    out.enter(plan);
    this.constructs.begin(plan, signatureOf(syntax, functionIndex));
    this.walk(body, plan, this.nansOf(bodyIndex));
    return { locals: out.locals, start };
  }

  private nansOf(bodyIndex: number): CanonicalNans {
    const { syntax, options } = this.out.layout;
    return options.deterministic ? canonicalNans(syntax, bodyIndex) : noNans;
  }

  /** The code of a function that is not metered. */
  private copy({ bytes, start, end }: FunctionBody, nans: CanonicalNans): void {
    const { out } = this;
    const { code, layout, positions } = out;
    for (let pos = start; pos < end; ) {
      const at = pos;
      positions?.push(code.length, at);
      pos = skipInstruction(bytes, at);
      const opcode = bytes[at];
      if (opcode === OP.GLOBAL_GET || opcode === OP.GLOBAL_SET)
        emit(code, opcode, globalIndex(layout, lebAt(bytes, at + 1)));
      else if (!relaxed(out, opcodeAt(bytes, at))) code.copy(bytes, at, pos);
      const kind = nans.get(at);
      if (kind !== undefined) canonicalise(out, kind);
    }
  }

  private walk(body: FunctionBody, plan: FunctionPlan, nans: CanonicalNans): void {
    const { out, constructs } = this;
    const { code, layout, exact, shift, positions } = out;
    const paramCount = out.params.length;
    const { bytes, end } = body;
    const { offsets, costs, labels } = plan;
    let pos = body.start;
    let block = 1;
    let nextBlock = offsets.length > 1 ? offsets[1] : -1;
    let ordinal = 1;
    let live = true;
    /** Where the two instructions before the current one stand. */
    let previous = -1;
    let last = -1;

    while (pos < end) {
      if (!live) {
        // Unreachable code is left out: what stands before it ends in any type.
        for (let nested = 0; ; ) {
          const opcode = bytes[pos];
          if (opcode === OP.END || opcode === OP.DELEGATE) {
            if (nested-- === 0) break;
          } else if (nested === 0 && (opcode === OP.ELSE || opcode === OP.CATCH || opcode === OP.CATCH_ALL)) break;
          else if ((opcode >= OP.BLOCK && opcode <= OP.IF) || opcode === OP.TRY || opcode === OP.TRY_TABLE) {
            nested++;
            ordinal++;
          }
          pos = skipInstruction(bytes, pos);
        }
      }
      const at = pos;
      if (at === nextBlock) {
        out.pending += costs[block++];
        nextBlock = block < offsets.length ? offsets[block] : -1;
      }
      if (positions !== undefined) positions.push(code.length, at);
      const beforeLast = previous;
      previous = last;
      last = at;
      const opcode = bytes[pos++];
      switch (opcode) {
        case 0x01: // nop
          break;
        case 0x20: // local.get
        case 0x21: // local.set
        case 0x22: {
          // local.tee
          const index = lebAt(bytes, pos);
          pos = skipLeb(bytes, pos);
          code.u8(opcode);
          code.u32(index < paramCount ? index : index + shift);
          break;
        }
        case OP.GLOBAL_GET:
        case OP.GLOBAL_SET:
          emit(code, opcode, globalIndex(layout, lebAt(bytes, pos)));
          pos = skipLeb(bytes, pos);
          break;
        case 0x02: // block
        case 0x06: // try
          pos = skipBlockType(bytes, pos);
          code.copy(bytes, at, pos);
          constructs.beginBlock(labels[ordinal++]);
          break;
        case 0x1f: {
          // try_table
          const typeEnd = skipBlockType(bytes, pos);
          code.copy(bytes, at, typeEnd);
          pos = constructs.catches(bytes, typeEnd);
          constructs.beginBlock(labels[ordinal++]);
          break;
        }
        case 0x03: {
          // loop
          pos = skipBlockType(bytes, pos);
          // The plan lists every loop head that can be reached.
          const cost = costs[block++];
          nextBlock = block < offsets.length ? offsets[block] : -1;
          constructs.beginLoop(bytes, at, pos, cost, labels[ordinal++]);
          break;
        }
        case 0x04: // if
          pos = skipBlockType(bytes, pos);
          constructs.beginIf(bytes, at, pos, labels[ordinal++]);
          break;
        case 0x05: // else
          constructs.otherArm(live);
          live = true;
          break;
        case 0x07: // catch
        case 0x19: // catch_all
          if (opcode === OP.CATCH) pos = skipLeb(bytes, pos);
          constructs.beginHandler(bytes, at, pos, live);
          live = true;
          break;
        case 0x18: // delegate
          live = constructs.delegate(lebAt(bytes, pos), live);
          pos = skipLeb(bytes, pos);
          break;
        case 0x0b: // end
          live = constructs.end(bytes, at, live);
          break;
        case 0x0c: // br
          if (!constructs.jump(bytes, beforeLast, previous, lebAt(bytes, pos)))
            constructs.branch(opcode, lebAt(bytes, pos));
          pos = skipLeb(bytes, pos);
          live = false;
          break;
        case 0x0d: // br_if
        case 0xd5: // br_on_null
        case 0xd6: // br_on_non_null
          constructs.branch(opcode, lebAt(bytes, pos));
          pos = skipLeb(bytes, pos);
          break;
        case 0x0e: // br_table
          pos = constructs.branchTable(bytes, pos);
          live = false;
          break;
        case 0x0f: // return
          out.giveBack();
          code.u8(opcode);
          live = false;
          break;
        case 0x10: // call
          call(out, lebAt(bytes, pos));
          pos = skipLeb(bytes, pos);
          break;
        case 0x11: // call_indirect
        case 0x14: // call_ref
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          if (opcode === OP.CALL_INDIRECT && layout.metersTables) {
            callElement(out, bytes, at);
            break;
          }
          if (opcode === OP.CALL_INDIRECT) noteElement(out, lebAt(bytes, skipLeb(bytes, at + 1)));
          out.handOver();
          code.copy(bytes, at, pos);
          out.reload();
          break;
        case 0x12: // return_call
          tailCall(out, lebAt(bytes, pos));
          pos = skipLeb(bytes, pos);
          live = false;
          break;
        case 0x13: // return_call_indirect
        case 0x15: // return_call_ref
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          live = false;
          if (opcode === OP.RETURN_CALL_INDIRECT && layout.metersTables) {
            callElement(out, bytes, at);
            break;
          }
          if (opcode === OP.RETURN_CALL_INDIRECT) noteElement(out, lebAt(bytes, skipLeb(bytes, at + 1)));
          out.storeFuel();
          out.storeOuterDepth();
          code.copy(bytes, at, pos);
          break;
        case 0x00: // unreachable
        case 0x08: // throw
        case 0x0a: // throw_ref
          pos = skipImmediates(bytes, pos, shapes[opcode]);
          out.storeFuel();
          code.copy(bytes, at, pos);
          live = false;
          break;
        case 0x09: // rethrow
          out.storeFuel();
          emit(code, opcode, constructs.labelOf(constructs.frameAt(lebAt(bytes, pos))));
          pos = skipLeb(bytes, pos);
          live = false;
          break;
        case 0x40: // memory.grow
          growMemory(out, bytes, at, lebAt(bytes, pos));
          pos = skipLeb(bytes, pos);
          break;
        case 0xd2: // ref.func
          emit(code, opcode, layout.entryOf(lebAt(bytes, pos)));
          pos = skipLeb(bytes, pos);
          break;
        case 0xfb:
        case 0xfc:
        case 0xfd:
        case 0xfe: {
          const number = lebAt(bytes, pos);
          const slot = prefixedSlot(opcode, number);
          const prefixed = (opcode << 12) | number;
          const immediates = skipLeb(bytes, pos);
          pos = skipImmediates(bytes, immediates, shapes[slot]);
          if (prefixed === OP.BR_ON_CAST || prefixed === OP.BR_ON_CAST_FAIL) {
            constructs.branchOnCast(bytes, at, immediates, pos);
            break;
          }
          if (opcode === NUMERIC_PREFIX) {
            if (bulk(out, bytes, at, immediates, pos, prefixed)) break;
          } else if (opcode === GC_PREFIX && isArrayOfLength(prefixed)) charge(out, 3, false);
          if (exact && mayTrap[slot] !== 0) out.sync();
          if (opcode === GC_PREFIX) {
            if (prefixed === OP.ARRAY_NEW || prefixed === OP.ARRAY_NEW_DEFAULT)
              limitArray(out, bytes, immediates, previous);
            else if (prefixed === OP.ARRAY_INIT_DATA || prefixed === OP.ARRAY_INIT_ELEM)
              orderInit(out, bytes, immediates);
          } else if (opcode === ATOMIC_PREFIX) {
            if (orderAtomic(out, bytes, immediates, prefixed)) break;
            if (isAtomicWait(prefixed) && atomicWait(out, bytes, prefixed, immediates, pos)) break;
          } else if (opcode === VECTOR_PREFIX && relaxed(out, prefixed)) break;
          code.copy(bytes, at, pos);
          break;
        }
        default: {
          const shape = shapes[opcode];
          if (shape !== SHAPE.none) pos = shape === SHAPE.leb ? skipLeb(bytes, pos) : skipImmediates(bytes, pos, shape);
          if (isTrappingTruncation(opcode)) noteOperand(out, opcode);
          if (exact && mayTrap[opcode] !== 0) out.sync();
          code.copy(bytes, at, pos);
        }
      }
      const kind = nans.get(at);
      if (kind !== undefined) canonicalise(out, kind);
    }
  }
}

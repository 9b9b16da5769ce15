import type { CatchClause } from "../../binary/instruction-reader.ts";
import * as OP from "../../wasm/opcodes.ts";
import { EXNREF, type FunctionType, I64, V128, type ValueType } from "../../wasm/types.ts";
import { type ControlFrame, type ControlTranslator, KIND } from "./control.ts";
import { FLAG, type Operand } from "./operands.ts";
import type { Translation } from "./translate.ts";

/** Where a delegated exception goes when no `try` of the function is meant. */
const CALLER = -1;

/**
 * Translates exception handling, of today and of old: `try` and `throw` of JavaScript. What is thrown is an `Exception` of the store, or anything
 * at all that a host function threw; traps pass every handler. In a handler `qN` is what was thrown and `eN` the exception that it is to a guest.
 */
export class ExceptionTranslator {
  private readonly t: Translation;
  private readonly control: ControlTranslator;
  private readonly clauses: Map<ControlFrame, readonly CatchClause[]> = new Map();
  /** Handlers of a `try` that end with `catch_all`. */
  private readonly complete: Set<ControlFrame> = new Set();
  /** Whether there was a `delegate`: `y` then says for which `try` the exception is that is on its way. */
  delegates = false;

  constructor(translation: Translation, control: ControlTranslator) {
    this.t = translation;
    this.control = control;
  }

  /** @returns false for an instruction that is none of these */
  translate(opcode: number): boolean {
    const { t, control } = this;
    const { reader, ops } = t;
    switch (opcode) {
      case OP.TRY: {
        const type = t.blockType();
        ops.settleAll();
        control.push(KIND.try, type, "try {");
        return true;
      }
      case OP.CATCH:
        this.handler(reader.u32());
        return true;
      case OP.CATCH_ALL:
        this.handler(undefined);
        return true;
      case OP.DELEGATE:
        this.delegate(reader.u32());
        return true;
      case OP.THROW:
        this.throw(reader.u32());
        return true;
      case OP.RETHROW: {
        const frame = control.target(reader.u32());
        ops.flush(FLAG.traps);
        t.giveFuel();
        ops.emit(`throw ${t.need("again")}(q${frame.id});`);
        control.die();
        return true;
      }
      case OP.THROW_REF: {
        t.need("thrownBy");
        ops.flush(FLAG.traps, 1);
        t.giveFuel();
        ops.emit(`throw ${t.need("again")}(thrownBy(${ops.pop().code}));`);
        control.die();
        return true;
      }
      case OP.TRY_TABLE: {
        const type = t.blockType();
        const count = reader.u32();
        const clauses: CatchClause[] = [];
        for (let i = 0; i < count; i++) {
          const kind = reader.byte();
          clauses.push({ kind, tag: kind < 2 ? reader.u32() : 0, label: reader.u32() });
        }
        ops.settleAll();
        this.clauses.set(control.push(KIND.tryTable, type, "try {"), clauses);
        return true;
      }
      default:
        return false;
    }
  }

  private tagType(tag: number): FunctionType {
    return this.t.functionType(this.t.valid.module.tags[tag]);
  }

  private throw(tag: number): void {
    const { t } = this;
    const { ops } = t;
    const { params } = this.tagType(tag);
    ops.flush(FLAG.memory | FLAG.global | FLAG.traps, params.length);
    const first = ops.height - params.length;
    const values = params.map((_, i) => this.boxed(ops.stack[first + i]));
    t.need("exception");
    ops.emit(`throw exception(${[t.need(`T${tag}`), ...values].join(", ")});`);
    this.control.die();
  }

  /** An operand as exceptions carry it. */
  private boxed(operand: Operand): string {
    const { t } = this;
    const { type, code, high } = operand;
    if (type === I64) return `${t.need("bigOf")}(${code}, ${high})`;
    if (type === V128) return `${t.need("vbytes")}(${t.ops.lanes(operand, false).join(", ")})`;
    return code;
  }

  /** Pushes a variable that gets what an exception carries. */
  private pushPayload(type: ValueType, code: string): void {
    const { t } = this;
    const { ops } = t;
    const variable = ops.pushVariable(type);
    if (type === I64) {
      t.need("X");
      ops.emit(`${variable.code} = ${t.need("lowOfBig")}(${code}); ${variable.high} = X[1];`);
    } else if (type === V128) {
      t.need("Q");
      ops.emit(`${t.need("vwords")}(${code}); ${variable.lanes!.map((lane, i) => `${lane} = Q[${i}];`).join(" ")}`);
    } else ops.emit(`${variable.code} = ${code};`);
  }

  /** What every handler begins with. */
  private enterHandler(id: number): void {
    const { t } = this;
    const { ops } = t;
    if (this.delegates) ops.emit(`if (y !== 0) { if (y !== ${id}) throw q${id}; y = 0; }`);
    t.need("guest");
    ops.emit(`const e${id} = guest(q${id}, ${t.fuel});`);
    t.takeFuel();
    if (this.control.countsDepth) ops.emit("U[1] = z;");
  }

  /** The end of a `try_table`, of a `try` without handlers, or of the last handler. */
  end(frame: ControlFrame): void {
    if (frame.kind === KIND.tryTable) this.endTable(frame);
    else if (frame.kind === KIND.try) {
      // Nothing is handled: the frame is a block.
      this.control.close(frame, "{", "}");
    } else {
      const { ops } = this.t;
      this.control.finishArm(frame);
      if (this.complete.has(frame)) ops.emit("}");
      else {
        ops.emit("} else {");
        this.throwAgain(frame.id);
        ops.emit("}");
      }
      ops.emit("}");
      this.control.live = false;
      this.control.close(frame, "try {", "");
    }
  }

  /** What no handler wants goes on. */
  private throwAgain(id: number): void {
    const { t } = this;
    t.giveFuel();
    t.ops.emit(`throw ${t.need("again")}(q${id});`);
  }

  private endTable(frame: ControlFrame): void {
    const { t, control } = this;
    const { ops } = t;
    const { results } = frame.type;
    const merges = frame.targeted;
    const live = control.live;
    if (merges) control.finishArm(frame);
    else if (live) ops.ownTop(results.length);
    control.frames.pop();
    const { id } = frame;
    ops.out[frame.line] = frame.targeted ? `L${id}: try {` : "try {";
    ops.emit(`} catch (q${id}) {`);
    this.enterHandler(id);
    let complete = false;
    for (const { kind, tag, label } of this.clauses.get(frame)!) {
      const before = ops.height;
      const isTagged = kind < 2;
      if (isTagged) {
        ops.emit(`if (e${id}.tag === ${t.need(`T${tag}`)}) {`);
        this.tagType(tag).params.forEach((type, i) => {
          this.pushPayload(type, `e${id}.payload[${i}]`);
        });
      }
      if (kind === 1 || kind === 3) this.pushPayload(EXNREF, `e${id}`);
      control.branch(control.target(label));
      ops.truncate(before, false);
      if (isTagged) ops.emit("}");
      else {
        complete = true;
        break;
      }
    }
    if (!complete) this.throwAgain(id);
    ops.emit("}");
    control.live = live || merges;
    if (merges && results.length > 0) for (const variable of control.variablesOf(frame)) ops.push(variable);
  }

  /** `catch` and `catch_all`. */
  private handler(tag: number | undefined): void {
    const { t, control } = this;
    const { ops } = t;
    const frame = control.frames[control.frames.length - 1];
    const { id } = frame;
    control.finishArm(frame);
    if (frame.kind === KIND.try) {
      ops.emit(`} catch (q${id}) {`);
      this.enterHandler(id);
      frame.kind = KIND.handler;
      ops.emit(tag === undefined ? "{" : `if (e${id}.tag === ${t.need(`T${tag}`)}) {`);
    } else ops.emit(tag === undefined ? "} else {" : `} else if (e${id}.tag === ${t.need(`T${tag}`)}) {`);
    control.live = true;
    if (tag === undefined) this.complete.add(frame);
    else
      this.tagType(tag).params.forEach((type, i) => {
        this.pushPayload(type, `e${id}.payload[${i}]`);
      });
  }

  private delegate(depth: number): void {
    const { t, control } = this;
    const { ops } = t;
    const frame = control.frames[control.frames.length - 1];
    const { id } = frame;
    let target = CALLER;
    for (let at = control.frames.length - 2 - depth; at > 0; at--) {
      const { kind } = control.frames[at];
      if (kind !== KIND.try && kind !== KIND.tryTable) continue;
      target = control.frames[at].id;
      break;
    }
    const first = !this.delegates;
    this.delegates = true;
    control.finishArm(frame);
    ops.emit(`} catch (q${id}) {`);
    // What an inner `try` delegated to this one is delegated further.
    ops.emit(first ? `y = ${target};` : `if (y === 0 || y === ${id}) y = ${target};`);
    ops.emit(`throw q${id};`);
    control.live = false;
    control.close(frame, "try {", "}");
  }
}

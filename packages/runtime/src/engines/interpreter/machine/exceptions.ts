import { Exception, jsTag } from "../../../store/tag.ts";
import { Trap } from "../../../store/trap.ts";
import type { HandlerClause } from "../translation/labels.ts";
import { classOf, slotsOf } from "../translation/operands.ts";
import type { Activation } from "./activation.ts";
import type { Arena } from "./arena.ts";
import type { ModuleCode } from "./module-code.ts";
import type { Running } from "./running.ts";
import type { MachineState } from "./state.ts";
import { RESTORE_STUB } from "./stubs.ts";
import { readValue, writeReference, writeValue } from "./values-in-registers.ts";

/** Throws exceptions, and finds who catches them. */
export class Exceptions {
  private readonly running: Running;
  private readonly arena: Arena;
  private readonly S: MachineState;

  constructor(running: Running) {
    this.running = running;
    this.arena = running.arena;
    this.S = running.S;
  }

  throw(pc: number, fp: number): void {
    const { arena } = this;
    const tag = this.S.instance.store.tags[arena.code[pc + 4]];
    let slot = fp + arena.code[pc + 5];
    const payload = tag.parameters.map((type) => {
      const value = readValue(arena, slot, type);
      slot += slotsOf(classOf(type));
      return value;
    });
    this.raise(new Exception(tag, [], payload));
  }

  throwReference(pc: number, fp: number): void {
    const exception = this.arena.refs[fp + this.arena.code[pc + 4]] as Exception | null;
    if (exception === null) throw new Trap("null-reference");
    this.raise(exception);
  }

  private raise(exception: Exception): void {
    if (this.unwind(this.running.activation as Activation, exception)) return;
    // The host gets back what it threw itself.
    throw exception.tag === jsTag() ? exception.payload[0] : exception;
  }

  /**
   * Looks for the handler of an exception from the current frame outwards, leaving frames and instances on the way.
   * @returns whether there is one, at which the machine then stands
   */
  unwind(activation: Activation, exception: Exception): boolean {
    const { S, arena, running } = this;
    const { code, frames, refs } = arena;
    const top = S.fp + running.frameSlots();
    let at = S.pc;
    let gone = running.frameGone;
    running.frameGone = false;
    for (;;) {
      const found = running.codes.functionAt(at);
      if (found !== undefined && !gone) {
        const clause = this.handlerAt(found, at, exception);
        if (clause !== undefined) {
          if (refs.length > S.fp)
            refs.fill(null, Math.min(refs.length, S.fp + code[found.start + 1]), Math.min(refs.length, top));
          this.place(exception, clause);
          S.pc = found.start + clause.landing;
          return true;
        }
      }
      gone = false;
      if (S.sp - 1 <= activation.baseSp) return false;
      let back = frames[--S.sp];
      if (back === RESTORE_STUB) {
        running.leaveInstance(activation);
        running.load(running.segment().instance);
        if (S.sp - 1 <= activation.baseSp) return false;
        back = frames[--S.sp];
      }
      S.fp -= code[back - 1];
      at = back - 1;
      S.pc = at;
    }
  }

  private handlerAt(
    found: { code: ModuleCode; index: number; start: number },
    at: number,
    exception: Exception,
  ): HandlerClause | undefined {
    const { tags } = this.S.instance.store;
    const place = at - found.start;
    let deepest = Number.POSITIVE_INFINITY;
    for (const handler of found.code.handlersOf(found.index)) {
      if (place < handler.start || place >= handler.end || handler.depth > deepest) continue;
      if (handler.delegate >= 0) deepest = handler.delegate;
      for (const clause of handler.clauses) if (clause.tag < 0 || tags[clause.tag] === exception.tag) return clause;
    }
    return undefined;
  }

  /** Puts what a handler gets into its registers. */
  private place(exception: Exception, clause: HandlerClause): void {
    const { arena, S } = this;
    if (clause.payloadSlot >= 0) {
      let slot = S.fp + clause.payloadSlot;
      exception.tag.parameters.forEach((type, i) => {
        writeValue(arena, slot, type, exception.payload[i]);
        slot += slotsOf(classOf(type));
      });
    }
    if (clause.referenceSlot >= 0) writeReference(arena, S.fp + clause.referenceSlot, exception);
  }
}

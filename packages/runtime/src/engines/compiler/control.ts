import { stopPosition } from "../../metering/stop-position.ts";
import * as OP from "../../wasm/opcodes.ts";
import type { FunctionType, ValueType } from "../../wasm/types.ts";
import { I32, I64, isReference, NULLABLE_FLAG, V128 } from "../../wasm/types.ts";
import { CallTranslator } from "./calls.ts";
import { ExceptionTranslator } from "./exceptions.ts";
import { FLAG, type Operand } from "./operands.ts";
import { type Translation, Unsupported } from "./translate.ts";

export const KIND = { function: 0, block: 1, loop: 2, if: 3, else: 4, tryTable: 5, try: 6, handler: 7 } as const;

/** A structured instruction that is open. */
export interface ControlFrame {
  kind: number;
  /** Its label is `L` and this. */
  readonly id: number;
  /** Operands below its own. */
  readonly height: number;
  readonly type: FunctionType;
  /** Where its opening stands in the output; it gets its label when somebody branches to it. */
  readonly line: number;
  /** The variables that a branch to it assigns: parameters of a loop, results of the others. Made when first needed. */
  variables: Operand[] | undefined;
  /** Of a loop: where a guest stands that is stopped at its head. */
  position: number;
  /** A branch to its label, or an arm that falls through to its end, has been seen. */
  targeted: boolean;
  joined: boolean;
  /** The operands that the arms of an `if` begin with. */
  readonly arguments: readonly Operand[];
  /** Fuel that each iteration of a loop costs at its head. */
  readonly cost: number;
}

/** Translates structured control: blocks are labelled statements, branches `break` and `continue`. */
export class ControlTranslator {
  readonly frames: ControlFrame[] = [];
  /** Whether control can arrive at the current instruction. */
  live = true;
  /** How many constructs were opened since code became dead. */
  private deadNesting = 0;
  /** Numbers of loop parameters among the locals that operands read. */
  private nextPseudoLocal: number;
  protected readonly t: Translation;
  readonly calls: CallTranslator;
  readonly exceptions: ExceptionTranslator;

  constructor(translation: Translation) {
    this.t = translation;
    this.nextPseudoLocal = (translation.recursion.levels + 1) * translation.locals.length;
    this.calls = new CallTranslator(translation, this);
    this.exceptions = new ExceptionTranslator(translation, this);
  }

  begin(): void {
    const { type, level } = this.t;
    if (level > 0) {
      this.push(KIND.block, { kind: "func", params: [], results: type.results }, "{");
      return;
    }
    this.frames.push({
      kind: KIND.function,
      id: this.t.newLabel(),
      height: 0,
      type: { kind: "func", params: [], results: type.results },
      line: -1,
      variables: undefined,
      position: 0,
      targeted: false,
      joined: false,
      arguments: [],
      cost: 0,
    });
  }

  /** A block of the metering plan begins here. */
  enterMeteredBlock(cost: number): void {
    const { t } = this;
    const { plan, options, ops } = t;
    const isEntry = t.reader.pos === t.body.start;
    if (!isEntry) {
      t.charge(cost);
      return;
    }
    const position = stopPosition(t.body.bytes, t.body.start);
    if (plan.entryCheck) ops.emitCheck(position, t.chargeAndCheck(cost));
    else t.charge(cost);
    if (plan.countsDepth && options.depth) {
      t.need("tooDeep");
      t.need("callDepth");
      if (t.level === 0) ops.emit("const z = U[1] + 1 | 0;");
      ops.emitCheck(position, `if (${this.depth} > callDepth) throw tooDeep(); U[1] = ${this.depth};`);
    }
  }

  get countsDepth(): boolean {
    return this.t.plan.countsDepth && this.t.options.depth;
  }

  /** The guest's frames up to this one. */
  get depth(): string {
    return this.t.level === 0 ? "z" : `z + ${this.t.level}`;
  }

  push(kind: number, type: FunctionType, opening: string, cost = 0, args: readonly Operand[] = []): ControlFrame {
    const { t } = this;
    const { ops } = t;
    if (this.frames.length > t.nesting) throw new Unsupported("too deeply nested");
    const frame: ControlFrame = {
      kind,
      id: t.newLabel(),
      height: ops.height - (kind === KIND.loop || kind === KIND.if ? 0 : type.params.length),
      type,
      line: ops.out.length,
      variables: undefined,
      position: 0,
      targeted: false,
      joined: false,
      arguments: args,
      cost,
    };
    ops.emit(opening);
    this.frames.push(frame);
    return frame;
  }

  /** In dead code. @returns whether the instruction was dealt with, its immediates included */
  skipping(opcode: number): boolean {
    switch (opcode) {
      case 0x02: // block
      case 0x03: // loop
      case 0x04: // if
      case 0x06: // try
      case 0x1f: // try_table
        this.deadNesting++;
        return false;
      case 0x0b: // end
      case 0x18: // delegate
        if (this.deadNesting > 0) {
          this.deadNesting--;
          return false;
        }
        return this.translate(opcode);
      case 0x05: // else
      case 0x07: // catch
      case 0x19: // catch_all
        return this.deadNesting === 0 && this.translate(opcode);
      default:
        return false;
    }
  }

  /** @returns false for an instruction that is no control */
  translate(opcode: number): boolean {
    const { t } = this;
    const { reader, ops } = t;
    t.forgetLocals();
    switch (opcode) {
      case 0x00: // unreachable
        ops.flush(FLAG.traps);
        ops.emit(`throw ${t.need("unreachable")}();`);
        this.die();
        return true;
      case 0x02: {
        // block
        const type = t.blockType();
        ops.settleAll();
        this.push(KIND.block, type, "{");
        return true;
      }
      case 0x03: // loop
        this.loop();
        return true;
      case 0x04: // if
        this.if();
        return true;
      case 0x05: // else
        this.else();
        return true;
      case 0x0b: // end
        this.end();
        return true;
      case 0x0c: // br
        this.branch(this.target(reader.u32()));
        this.die();
        return true;
      case 0x0d: // br_if
        this.branchIf(reader.u32());
        return true;
      case 0x0e: // br_table
        this.branchTable();
        return true;
      case 0x0f: // return
        this.branch(this.frames[0]);
        this.die();
        return true;
      case 0xd5: // br_on_null
      case 0xd6: // br_on_non_null
        this.branchOnNull(opcode === OP.BR_ON_NULL);
        return true;
      default:
        return this.calls.translate(opcode) || this.exceptions.translate(opcode);
    }
  }

  target(depth: number): ControlFrame {
    return this.frames[this.frames.length - 1 - depth];
  }

  /** Nothing arrives at what follows. */
  die(): void {
    const frame = this.frames[this.frames.length - 1];
    this.t.ops.truncate(frame.height, false);
    this.live = false;
    this.deadNesting = 0;
  }

  // ---- blocks

  private loop(): void {
    const { t } = this;
    const { ops } = t;
    const type = t.blockType();
    const cost = t.takeBlock();
    ops.settleAll();
    const { params } = type;
    const variables: Operand[] = [];
    if (params.length > 0) {
      const first = ops.height - params.length;
      params.forEach((param, i) => {
        const variable = ops.variable(param);
        ops.assign(variable, ops.stack[first + i]);
        variables.push({ ...variable, locals: [this.nextPseudoLocal++] });
      });
      ops.truncate(first, false);
    }
    t.charge(cost);
    const frame = this.push(KIND.loop, type, "{", cost);
    frame.position = stopPosition(t.reader.bytes, t.reader.pos);
    frame.variables = variables;
    // The variables are the loop's until it ends, however often operands name them.
    for (const variable of variables) ops.push({ ...variable, temps: [] });
  }

  private if(): void {
    const { t } = this;
    const { ops } = t;
    const type = t.blockType();
    const condition = ops.pop();
    ops.settleAll();
    const count = type.params.length;
    const args = count === 0 ? [] : ops.stack.splice(ops.height - count, count);
    this.push(KIND.if, type, `if (${testOf(condition)}) {`, 0, args);
    ops.release(condition.temps);
    for (const operand of args) ops.push({ ...operand, temps: [] });
  }

  private else(): void {
    const { ops } = this.t;
    const frame = this.frames[this.frames.length - 1];
    this.finishArm(frame);
    frame.kind = KIND.else;
    ops.emit("} else {");
    for (const operand of frame.arguments) ops.push({ ...operand, temps: [] });
    this.live = true;
  }

  /** The end of an arm that is not the last: its results go to the construct's variables. */
  finishArm(frame: ControlFrame): void {
    const { ops } = this.t;
    if (this.live) {
      this.assignResults(frame);
      frame.joined = true;
    }
    ops.truncate(frame.height, this.live);
  }

  private end(): void {
    const { t } = this;
    const { ops } = t;
    const frame = this.frames[this.frames.length - 1];
    const { kind, type } = frame;
    if (kind === KIND.function) {
      if (this.live) this.branch(frame);
      this.frames.pop();
      return;
    }
    if (kind === KIND.tryTable || kind === KIND.try || kind === KIND.handler) {
      this.exceptions.end(frame);
      return;
    }
    if (kind === KIND.loop) {
      this.frames.pop();
      if (!frame.targeted) {
        ops.out[frame.line] = "";
      } else {
        // A call within the inner loop would keep V8 from holding on to what it knows, so refuelling stands outside it. Without a statement between the
        // two heads they would be one loop to V8.
        ops.out[frame.line] = `L${frame.id}: for (;;) { g = g | 0; K${frame.id}: for (;;) {`;
        if (this.live) {
          // The results leave the loop as they are; what reads the loop's variables must not see them taken by others.
          ops.ownTop(type.results.length);
          ops.emit(`break L${frame.id};`);
        }
        ops.emitCheck(frame.position, `} g = ${t.need("R")}(g) | 0; }`);
      }
      if (this.live && !frame.targeted) ops.ownTop(type.results.length);
      for (const { temps } of frame.variables!) ops.release(temps);
      return;
    }
    if (kind === KIND.if) {
      // Without an `else` the parameters are the results.
      if (type.results.length > 0) {
        this.finishArm(frame);
        ops.emit("} else {");
        for (const operand of frame.arguments) ops.push({ ...operand, temps: [] });
        this.live = true;
        this.assignResults(frame);
        ops.truncate(frame.height, true);
        this.live = false;
      }
      frame.joined = true;
    }
    if (kind === KIND.block) {
      this.close(frame, frame.targeted ? "{" : "", frame.targeted ? "}" : "");
      return;
    }
    const opening = ops.out[frame.line];
    this.close(frame, opening, "}");
    for (const { temps } of frame.arguments) ops.release(temps);
  }

  /** Ends a construct of which control may leave in several ways. */
  close(frame: ControlFrame, opening: string, closing: string): void {
    const { ops } = this.t;
    this.frames.pop();
    const { results } = frame.type;
    const merges = frame.targeted || frame.joined;
    if (merges) {
      if (this.live) this.assignResults(frame);
      ops.truncate(frame.height, this.live);
    }
    ops.out[frame.line] = frame.targeted ? `L${frame.id}: ${opening}` : opening;
    if (closing !== "") ops.emit(closing);
    if (!merges) return;
    this.live = true;
    if (results.length > 0) for (const variable of this.variablesOf(frame)) ops.push(variable);
  }

  // ---- branches

  variablesOf(frame: ControlFrame): Operand[] {
    frame.variables ??= frame.type.results.map((type) => this.t.ops.variable(type));
    return frame.variables;
  }

  labelTypes(frame: ControlFrame): readonly ValueType[] {
    return frame.kind === KIND.loop ? frame.type.params : frame.type.results;
  }

  /** Copies the topmost operands to the variables of a frame's results. They stay on the stack. */
  private assignResults(frame: ControlFrame): void {
    const { ops } = this.t;
    const count = frame.type.results.length;
    if (count === 0) return;
    const variables = this.variablesOf(frame);
    ops.flush(FLAG.traps, count);
    for (let i = 0; i < count; i++) ops.assign(variables[i], ops.top(count - 1 - i));
  }

  /**
   * Emits a branch to a frame with the topmost operands, which stay on the stack. The branch discards the operands below
   * them, so it first evaluates those that may trap. Under a condition that must have happened before the condition.
   */
  branch(frame: ControlFrame): void {
    this.t.ops.flush(FLAG.traps, this.labelTypes(frame).length);
    this.emitBranch(frame);
  }

  protected emitBranch(frame: ControlFrame): void {
    const { t } = this;
    const { ops } = t;
    if (frame.kind === KIND.function) {
      this.calls.return();
      return;
    }
    frame.targeted = true;
    const count = this.labelTypes(frame).length;
    if (count > 0) {
      const variables = this.variablesOf(frame);
      // An operand names only parameters of the loop at its own place or above it on the stack, so none is overwritten
      // before it is read.
      for (let i = 0; i < count; i++) ops.assign(variables[i], ops.top(count - 1 - i));
    }
    if (frame.kind === KIND.loop) {
      const charged = frame.cost === 0 ? "g" : `(g = g - ${frame.cost} | 0)`;
      ops.emit(`if (${charged} >= 0) continue K${frame.id}; break K${frame.id};`);
    } else ops.emit(`break L${frame.id};`);
  }

  /** A branch that is taken when `condition` holds; the operands it takes along are names or literals. */
  conditionalBranch(condition: string, frame: ControlFrame): void {
    const { ops } = this.t;
    ops.emit(`if (${condition}) {`);
    this.branch(frame);
    ops.emit("}");
  }

  private branchIf(depth: number): void {
    const { ops } = this.t;
    const frame = this.target(depth);
    const condition = ops.pop();
    ops.atoms(this.labelTypes(frame).length);
    ops.flush(FLAG.traps);
    this.conditionalBranch(testOf(condition), frame);
    ops.release(condition.temps);
  }

  private branchTable(): void {
    const { t } = this;
    const { ops, reader } = t;
    const count = reader.u32();
    const depths: number[] = [];
    for (let i = 0; i <= count; i++) depths.push(reader.u32());
    const fallback = depths[count];
    const index = ops.pop();
    ops.atoms(this.labelTypes(this.target(fallback)).length);
    ops.flush(FLAG.traps);
    ops.emit(`switch (${index.code}) {`);
    const cases = new Map<number, string[]>();
    for (let i = 0; i < count; i++) {
      if (depths[i] === fallback) continue;
      const labels = cases.get(depths[i]);
      if (labels === undefined) cases.set(depths[i], [`case ${i}:`]);
      else labels.push(`case ${i}:`);
    }
    for (const [depth, labels] of cases) {
      ops.emit(labels.join(" "));
      this.branch(this.target(depth));
    }
    ops.emit("default:");
    this.branch(this.target(fallback));
    ops.emit("}");
    ops.release(index.temps);
    this.die();
  }

  private branchOnNull(whenNull: boolean): void {
    const { t } = this;
    const { ops, reader } = t;
    const frame = this.target(reader.u32());
    ops.atoms(1);
    const operand = ops.top();
    if (whenNull) {
      ops.pop();
      ops.atoms(this.labelTypes(frame).length);
      ops.flush(FLAG.traps);
      this.conditionalBranch(`${operand.code} === null`, frame);
      ops.push({ ...operand, type: operand.type & ~NULLABLE_FLAG });
    } else {
      ops.atoms(this.labelTypes(frame).length);
      ops.flush(FLAG.traps);
      this.conditionalBranch(`${operand.code} !== null`, frame);
      ops.truncate(ops.height - 1, false);
    }
  }
}

/** An i32 as a condition. */
export function testOf(operand: Operand): string {
  return operand.test === "" ? operand.code : operand.test;
}

/** The letter of the array in which results behind the first are handed over. */
export function resultArray(type: ValueType): "X" | "Y" | "W" {
  return isReference(type) ? "W" : type === I32 || type === I64 ? "X" : "Y";
}

export const isVector = (type: ValueType): boolean => type === V128;

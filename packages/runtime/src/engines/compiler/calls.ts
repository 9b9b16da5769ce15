import * as OP from "../../wasm/opcodes.ts";
import { F64, type FunctionType, I32, I64, isReference, V128, type ValueType } from "../../wasm/types.ts";
import type { ControlTranslator } from "./control.ts";
import { FLAG, type Operand } from "./operands.ts";
import type { Translation } from "./translate.ts";

/** Where a result behind the first is handed over, or the high half of the first. */
function place(type: ValueType, index: number, half: 0 | 1 = 0): string {
  if (isReference(type)) return `W[${index}]`;
  return type === I32 || type === I64 ? `X[${2 * index + half}]` : `Y[${index}]`;
}

/**
 * Translates calls and returns. A translated function takes an i64 as two parameters and returns its first result (of an i64 the low half);
 * what else it returns stands in the arrays `X`, `Y` and `W`, and the words of vectors, which are four parameters each, in `Q`.
 * A tail call returns to a loop outside, which calls on: `S.next` says whom.
 */
export class CallTranslator {
  private readonly t: Translation;
  private readonly control: ControlTranslator;

  constructor(translation: Translation, control: ControlTranslator) {
    this.t = translation;
    this.control = control;
  }

  /** @returns false for an instruction that is none of these */
  translate(opcode: number): boolean {
    const { t } = this;
    const { reader, valid } = t;
    const isTail = opcode === OP.RETURN_CALL || opcode === OP.RETURN_CALL_INDIRECT || opcode === OP.RETURN_CALL_REF;
    switch (opcode) {
      case OP.CALL:
      case OP.RETURN_CALL: {
        const index = reader.u32();
        const type = t.functionType(valid.module.functions[index]);
        const { isDirect, levels } = t.recursion;
        if (!isDirect || index !== t.index) this.call(t.need(`c${index}`), type, isTail, undefined);
        else if (t.level === levels) this.call(undefined, type, false, undefined);
        else this.inline();
        return true;
      }
      case OP.CALL_INDIRECT:
      case OP.RETURN_CALL_INDIRECT: {
        const typeIndex = reader.u32();
        const table = reader.u32();
        const type = t.functionType(typeIndex);
        // The arguments come first, so they trap first.
        t.ops.flush(FLAG.traps, 1);
        const index = t.ops.pop();
        t.need("indirect");
        const code = `indirect(${t.need(`E${table}`)}, ${t.resources.index(index, valid.module.tables[table].type.address)}, ${t.need(`Y${typeIndex}`)})`;
        this.call(code, type, isTail, index);
        return true;
      }
      case OP.CALL_REF:
      case OP.RETURN_CALL_REF: {
        const typeIndex = reader.u32();
        const type = t.functionType(typeIndex);
        t.ops.flush(FLAG.traps, 1);
        const func = t.ops.pop();
        t.need("cellOf");
        this.call(`cellOf(${func.code})`, type, isTail, func);
        return true;
      }
      default:
        return false;
    }
  }

  /** @param callee its cell, or undefined for the function itself, which needs none */
  private call(callee: string | undefined, type: FunctionType, isTail: boolean, used: Operand | undefined): void {
    const { t } = this;
    const { ops } = t;
    const count = type.params.length;
    ops.flush(FLAG.memory | FLAG.global | FLAG.traps, count);
    const operands = ops.stack.slice(ops.height - count);
    const args: string[] = [];
    for (const operand of operands) {
      if (operand.type === V128) {
        args.push(...ops.lanes(operand, false));
        continue;
      }
      args.push(operand.code);
      if (operand.type === I64) args.push(operand.high);
    }
    if (isTail) {
      this.tailCall(callee as string, args);
      return;
    }
    t.giveFuel();
    ops.truncate(ops.height - count, false);
    const { results } = type;
    const values = results.map((result) => ops.variable(result));
    const first = results.length > 0 && results[0] !== V128 ? `${values[0].code} = ` : "";
    const rest: string[] = [];
    results.forEach((result, i) => {
      if (result === V128) {
        t.need("Q");
        values[i].lanes!.forEach((lane, k) => {
          rest.push(` ${lane} = Q[${4 * i + k}];`);
        });
        return;
      }
      const letter = place(result, i);
      if (i > 0) rest.push(` ${values[i].code} = ${letter};`);
      if (i > 0 || result === I64) t.need(letter[0]);
      if (result === I64) rest.push(` ${values[i].high} = ${place(result, i, 1)};`);
    });
    const called = callee === undefined ? `${ops.mark}f${t.index}` : `${callee}${ops.mark}.f`;
    ops.emit(`${first}${called}(${args.join(", ")});${rest.join("")}`);
    if (used !== undefined) ops.release(used.temps);
    t.takeFuel();
    for (const value of values) ops.push(value);
  }

  /** Puts the function itself in the place of a call of it: a block with locals of its own. */
  private inline(): void {
    const { t, control } = this;
    const { ops } = t;
    const part = t.nested();
    const { params, results } = t.type;
    const args = ops.stack.splice(ops.height - params.length, params.length);
    // Nobody outside a block evaluates what was left on the stack before it.
    ops.settleAll();
    args.forEach((operand, i) => {
      ops.assign(part.local(i), operand);
      ops.release(operand.temps);
    });
    for (let i = params.length; i < t.locals.length; i++) {
      const { type, code, high } = part.local(i);
      ops.emit(`${code} = ${isReference(type) ? "null" : "0"};${high === "" ? "" : ` ${high} = 0;`}`);
    }
    ops.emit(`x = ${part.level};`);
    const { calls, offset } = ops;
    ops.calls = [offset, ...calls];
    part.control.begin();
    part.walk();
    // The next call at this level has the same locals.
    if (part.control.live) ops.ownTop(results.length);
    ops.calls = calls;
    ops.offset = offset;
    if (!part.control.live) {
      control.die();
      return;
    }
    ops.emit(`x = ${t.level};`);
    if (control.countsDepth) ops.emit(`U[1] = ${control.depth};`);
  }

  private tailCall(callee: string, args: readonly string[]): void {
    const { t } = this;
    const { ops } = t;
    t.need("next");
    t.need("tail");
    ops.emit(`tail(${[callee, ...args].join(", ")});`);
    this.leave();
    t.hasTailCalls = true;
    ops.emit("return next;");
    this.control.die();
  }

  /** Hands over what the frame held: fuel and depth. */
  private leave(): void {
    const { t } = this;
    t.giveFuel();
    if (this.control.countsDepth) t.ops.emit("U[1] = z - 1;");
  }

  /** Returns the topmost operands, which stay on the stack. */
  return(): void {
    const { t } = this;
    const { ops } = t;
    const { results } = t.type;
    let first = "";
    if (results.length > 1) ops.atoms(results.length);
    results.forEach((result, i) => {
      const operand = ops.top(results.length - 1 - i);
      if (result === V128) {
        t.need("Q");
        ops.emit(
          ops
            .lanes(operand, false)
            .map((lane, k) => `Q[${4 * i + k}] = ${lane};`)
            .join(" "),
        );
        return;
      }
      if (i > 0) {
        t.need(place(result, i)[0]);
        ops.emit(result === F64 ? `${t.writeF64("Y", i, operand.code)};` : `${place(result, i)} = ${operand.code};`);
      } else first = operand.code;
      if (result === I64) {
        t.need("X");
        ops.emit(`${place(result, i, 1)} = ${operand.high};`);
      }
    });
    this.leave();
    ops.emit(`return${first === "" ? "" : ` ${first}`};`);
  }
}

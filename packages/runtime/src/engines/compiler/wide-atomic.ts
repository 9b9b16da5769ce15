import { readMemArg } from "../../binary/instruction-reader.ts";
import { instructionOf } from "../../wasm/instructions.ts";
import { ATOMIC_PREFIX } from "../../wasm/opcode-slots.ts";
import * as OP from "../../wasm/opcodes.ts";
import { I32, I64 } from "../../wasm/types.ts";
import { FLAG, type Operand } from "./operands.ts";
import type { Translation, TranslatorPart } from "./translate.ts";

const ALL = FLAG.memory | FLAG.global | FLAG.traps;

/** Translates atomic instructions, each to a call; those that wait are the interpreter's, since they may suspend the guest. */
export class AtomicTranslator implements TranslatorPart {
  private readonly t: Translation;

  constructor(translation: Translation) {
    this.t = translation;
  }

  translate(opcode: number): boolean {
    const { t } = this;
    const { reader, ops } = t;
    if (opcode >>> 12 !== ATOMIC_PREFIX) return false;
    const { name, params, results, width } = instructionOf(opcode);
    if (name.startsWith("memory.atomic.wait")) return false;
    if (name === "atomic.fence") {
      reader.byte();
      return true;
    }
    const memarg = readMemArg(reader);
    const count = params!.length;
    ops.flush(ALL, count);
    // Its text is written twice.
    t.memory.atom(count - 1);
    const [address, ...rest] = ops.stack.slice(ops.height - count);
    const value = ({ type, code, high }: Operand): string =>
      type === I64 && width === 8 ? `${t.need("bigOf")}(${code}, ${high})` : code;
    const call = `${t.need(`a${opcode}`)}(${[
      t.need(`m${memarg.memory}`),
      t.memory.address(address, memarg),
      `${address.code} + ${Number(memarg.offset & 7n)}`,
      ...rest.map(value),
    ].join(", ")})`;
    ops.truncate(ops.height - count, false);
    if (results!.length === 0) ops.emit(`${call};`);
    else if (results![0] === I32) ops.emit(`${ops.pushVariable(I32).code} = ${call} | 0;`);
    else {
      const { code, high } = ops.pushVariable(I64);
      t.need("X");
      ops.emit(
        width === 8
          ? `${code} = ${t.need("lowOfBig")}(${call}); ${high} = X[1];`
          : `${code} = ${call} | 0; ${high} = 0;`,
      );
    }
    return true;
  }
}

const wideNames = ["add128", "sub128", "mulWideS", "mulWideU"] as const;

/** Translates wide arithmetic, each instruction to a call. */
export class WideTranslator implements TranslatorPart {
  private readonly t: Translation;

  constructor(translation: Translation) {
    this.t = translation;
  }

  translate(opcode: number): boolean {
    const { t } = this;
    const { ops } = t;
    const name = wideNames[opcode - OP.I64_ADD128];
    if (name === undefined) return false;
    const count = opcode < 0xfc015 ? 4 : 2;
    ops.flush(FLAG.traps, count);
    const words = ops.stack.slice(ops.height - count).flatMap(({ code, high }) => [code, high]);
    ops.truncate(ops.height - count, false);
    ops.emit(`${t.need(name)}(${words.join(", ")});`);
    t.need("X");
    for (let i = 0; i < 4; i += 2) {
      const { code, high } = ops.pushVariable(I64);
      ops.emit(`${code} = X[${i}]; ${high} = X[${i + 1}];`);
    }
    return true;
  }
}

import type { MemArg } from "../../binary/instruction-reader.ts";
import * as OP from "../../wasm/opcodes.ts";
import { F32, F64, I32, I64, type MemoryType } from "../../wasm/types.ts";
import { u32 } from "./numeric.ts";
import { FLAG, isAtom, isConstant, isRounded, type Operand, type Operands } from "./operands.ts";

/** What a load reads, and how wide the extension is: the DataView's method, and whether the result is an i64. */
const loads: Readonly<Record<number, readonly [method: string, isLong: boolean]>> = {
  40: ["Int32", false],
  42: ["Float32", false],
  43: ["Float64", false],
  44: ["Int8", false],
  45: ["Uint8", false],
  46: ["Int16", false],
  47: ["Uint16", false],
  48: ["Int8", true],
  49: ["Uint8", true],
  50: ["Int16", true],
  51: ["Uint16", true],
  52: ["Int32", true],
  53: ["Int32", true],
};

const stores: Readonly<Record<number, string>> = {
  54: "Int32",
  57: "Float64",
  58: "Int8",
  59: "Int16",
  60: "Int8",
  61: "Int16",
  62: "Int32",
};

const littleEndian = (method: string): string => (method.endsWith("8") ? "" : ", true");

/**
 * Translates loads and stores. A DataView's own check is the bounds check: its RangeError becomes the trap where it leaves the function. Each access reads the view
 * from its holder, which stands in a constant of the function's own: V8 then knows the view wherever it is used, in loops with calls as well.
 */
export class MemoryTranslator {
  /** The memories whose holders the text uses, as `v` and their index. */
  readonly used: Set<number> = new Set();
  private readonly ops: Operands;
  private readonly memories: readonly MemoryType[];
  private readonly need: (name: string) => void;
  private readonly keepsF64: boolean;

  constructor(ops: Operands, memories: readonly MemoryType[], need: (name: string) => void, keepsF64: boolean) {
    this.ops = ops;
    this.memories = memories;
    this.need = need;
    this.keepsF64 = keepsF64;
  }

  view(memory: number): string {
    this.used.add(memory);
    return `v${memory}.view`;
  }

  /** The effective address, `more` bytes further on, as a number: exact, or beyond every memory. */
  address(operand: Operand, { memory, offset }: MemArg, more = 0): string {
    const added = Number(offset) + more;
    const is64 = this.memories[memory].address === I64;
    if (isConstant(operand)) {
      const base = (is64 ? (Number(operand.high) >>> 0) * 4294967296 : 0) + (Number(operand.code) >>> 0);
      return String(base + added);
    }
    const base =
      is64 && operand.high !== "0" ? `${u32(operand.high)} * 4294967296 + ${u32(operand.code)}` : u32(operand.code);
    return added === 0 ? base : `${base} + ${added}`;
  }

  /** @returns false for an opcode that is no load or store of a number */
  translate(opcode: number, memarg: MemArg): boolean {
    if (opcode === OP.I64_LOAD) this.loadLong(memarg);
    else if (loads[opcode] !== undefined) this.load(opcode, memarg);
    else if (opcode === OP.I64_STORE) this.storeLong(memarg);
    else if (opcode === OP.F32_STORE || stores[opcode] !== undefined) this.store(opcode, memarg);
    else return false;
    return true;
  }

  private load(opcode: number, memarg: MemArg): void {
    const { ops } = this;
    const [method, isLong] = loads[opcode];
    const view = this.view(memarg.memory);
    const a = ops.pop();
    const address = this.address(a, memarg);
    const flags = FLAG.memory | FLAG.traps;
    if (opcode === OP.F32_LOAD) {
      this.need("loadF32");
      ops.derive(F32, `${ops.mark}loadF32(${view}, ${address})`, [a], flags);
      // Where it became a variable at once it is as it is.
      const operand = ops.pop();
      const raw = `${ops.mark}${view}.getFloat32(${address}, true)`;
      ops.push((operand.flags & FLAG.memory) === 0 ? operand : { ...operand, raw });
      return;
    }
    const code = `${ops.mark}${view}.get${method}(${address}${littleEndian(method)})`;
    if (!isLong) {
      ops.derive(opcode === OP.F64_LOAD ? F64 : I32, code, [a], flags);
    } else if (method.startsWith("U") || opcode === OP.I64_LOAD32_U) {
      ops.derive(I64, code, [a], flags, "", "0");
    } else {
      ops.derive(I32, code, [a], flags);
      ops.settle(ops.height - 1);
      const low = ops.pop();
      ops.derive(I64, low.code, [low], 0, "", `(${low.code} >> 31)`);
    }
  }

  private loadLong(memarg: MemArg): void {
    const { ops } = this;
    ops.flush(FLAG.traps, 1);
    this.atom(0);
    const a = ops.pop();
    const view = this.view(memarg.memory);
    const r = ops.variable(I64);
    ops.emit(
      `${r.code} = ${view}.getInt32(${this.address(a, memarg)}, true); ${r.high} = ${view}.getInt32(${this.address(a, memarg, 4)}, true);`,
    );
    ops.release(a.temps);
    ops.push(r);
  }

  /** Makes what is `depth` below the top a name or literal. */
  atom(depth: number): void {
    const { ops } = this;
    const at = ops.height - 1 - depth;
    if (!isAtom(ops.stack[at])) ops.settle(at);
  }

  private store(opcode: number, memarg: MemArg): void {
    const { ops } = this;
    const view = this.view(memarg.memory);
    ops.flush(FLAG.memory | FLAG.traps, 2);
    const looksForNaN = opcode === OP.F64_STORE && !this.keepsF64 && !isRounded(ops.top());
    if (looksForNaN) {
      this.atom(1);
      this.atom(0);
    }
    const value = ops.pop();
    const a = ops.pop();
    const address = this.address(a, memarg);
    if (looksForNaN) {
      // Here and not in a function: as one, which V8 did not inline everywhere, it took nbody 1.6 times as long.
      this.need("storeF64");
      const x = value.code;
      ops.emit(
        `if (${x} === ${x}) ${view}.setFloat64(${address}, ${x}, true); else storeF64(${view}, ${address}, ${x});`,
      );
    } else if (opcode === OP.F32_STORE) {
      ops.emit(this.storeFloat(view, address, value.code, isRounded(value)));
    } else {
      const method = stores[opcode];
      ops.emit(`${view}.set${method}(${address}, ${value.code}${littleEndian(method)});`);
    }
    ops.release(a.temps);
    ops.release(value.temps);
  }

  /** A NaN's bits are kept, but for one that arithmetic has made. */
  storeFloat(view: string, address: string, code: string, rounded: boolean): string {
    if (rounded) return `${view}.setFloat32(${address}, ${code}, true);`;
    this.need("storeF32");
    return `storeF32(${view}, ${address}, ${code});`;
  }

  /** The high half first: where it does not fit nothing has been written. */
  private storeLong(memarg: MemArg): void {
    const { ops } = this;
    ops.flush(FLAG.memory | FLAG.traps, 2);
    this.atom(1);
    // The second half is evaluated when the first has been written.
    if ((ops.top().flags & FLAG.traps) !== 0) ops.settle(ops.height - 1);
    const view = this.view(memarg.memory);
    const value = ops.pop();
    const a = ops.pop();
    ops.emit(
      `${view}.setInt32(${this.address(a, memarg, 4)}, ${value.high}, true); ${view}.setInt32(${this.address(a, memarg)}, ${value.code}, true);`,
    );
    ops.release(a.temps);
    ops.release(value.temps);
  }
}

/** Instructions with a memory argument that are translated here. */
export function isNumberAccess(opcode: number): boolean {
  return opcode >= OP.I32_LOAD && opcode <= OP.I64_STORE32;
}

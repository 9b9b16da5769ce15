import * as OP from "../../wasm/opcodes.ts";
import { F32, F64, I32, I64, isReference, V128, type ValueType } from "../../wasm/types.ts";
import { u32 } from "./numeric.ts";
import { FLAG, type Operand } from "./operands.ts";
import type { Translation } from "./translate.ts";

const ALL = FLAG.memory | FLAG.global | FLAG.traps;

/** Translates what reads and writes globals, tables, and memories as a whole. Anything but globals is a function of `state.ts`. */
export class ResourceTranslator {
  private readonly t: Translation;

  constructor(translation: Translation) {
    this.t = translation;
  }

  /** An index, size or address of a table's or memory's address type as a number: exact, or beyond every limit. */
  index(operand: Operand, address: ValueType): string {
    if (address === I32 || operand.high === "0") return u32(operand.code);
    return `${u32(operand.high)} * 4294967296 + ${u32(operand.code)}`;
  }

  /** @returns false for an instruction that is none of these */
  translate(opcode: number): boolean {
    const { t } = this;
    const { reader, ops } = t;
    const { memories, tables } = t.valid.module;
    const memoryType = (i: number): ValueType => memories[i].address;
    const tableType = (i: number): ValueType => tables[i].type.address;
    const narrow = (a: ValueType, b: ValueType): ValueType => (a === I64 && b === I64 ? I64 : I32);
    switch (opcode) {
      case OP.GLOBAL_GET:
        this.getGlobal(reader.u32());
        return true;
      case OP.GLOBAL_SET:
        this.setGlobal(reader.u32());
        return true;
      case OP.TABLE_GET: {
        const table = reader.u32();
        t.need("tableGet");
        const index = ops.pop();
        ops.derive(
          tables[table].type.element,
          `${ops.mark}tableGet(${t.need(`E${table}`)}, ${this.index(index, tableType(table))})`,
          [index],
          FLAG.global | FLAG.traps,
        );
        return true;
      }
      case OP.TABLE_SET: {
        const table = reader.u32();
        this.statement("tableSet", [t.need(`E${table}`)], [tableType(table), 0], false);
        return true;
      }
      case OP.MEMORY_SIZE: {
        const memory = reader.u32();
        const code = `${t.need(`m${memory}`)}.pages`;
        if (memoryType(memory) === I64) ops.derive(I64, `(${code} | 0)`, [], FLAG.global, "", "0");
        else ops.derive(I32, `(${code} | 0)`, [], FLAG.global);
        return true;
      }
      case OP.MEMORY_GROW: {
        const memory = reader.u32();
        this.grow("growMemory", memory, memoryType(memory), 0);
        return true;
      }
      case OP.MEMORY_INIT: {
        const segment = reader.u32();
        const memory = reader.u32();
        this.statement("memoryInit", [String(memory), String(segment)], [memoryType(memory), I32, I32]);
        return true;
      }
      case OP.DATA_DROP:
        this.statement("dropData", [String(reader.u32())], []);
        return true;
      case OP.MEMORY_COPY: {
        const to = reader.u32();
        const from = reader.u32();
        const types = [memoryType(to), memoryType(from), narrow(memoryType(to), memoryType(from))];
        this.statement("memoryCopy", [String(to), String(from)], types);
        return true;
      }
      case OP.MEMORY_FILL: {
        const memory = reader.u32();
        this.statement("memoryFill", [String(memory)], [memoryType(memory), 0, memoryType(memory)]);
        return true;
      }
      case OP.TABLE_INIT: {
        const segment = reader.u32();
        const table = reader.u32();
        this.statement("tableInit", [String(table), String(segment)], [tableType(table), I32, I32]);
        return true;
      }
      case OP.ELEM_DROP:
        this.statement("dropElements", [String(reader.u32())], []);
        return true;
      case OP.TABLE_COPY: {
        const to = reader.u32();
        const from = reader.u32();
        const types = [tableType(to), tableType(from), narrow(tableType(to), tableType(from))];
        this.statement("tableCopy", [String(to), String(from)], types);
        return true;
      }
      case OP.TABLE_GROW: {
        const table = reader.u32();
        this.grow("growTable", table, tableType(table), 1);
        return true;
      }
      case OP.TABLE_SIZE: {
        const table = reader.u32();
        const code = `${t.need(`E${table}`)}.length`;
        if (tableType(table) === I64) ops.derive(I64, code, [], FLAG.global, "", "0");
        else ops.derive(I32, code, [], FLAG.global);
        return true;
      }
      case OP.TABLE_FILL: {
        const table = reader.u32();
        this.statement("tableFill", [String(table)], [tableType(table), 0, tableType(table)]);
        return true;
      }
      default:
        return false;
    }
  }

  /**
   * A call of a function of `state.ts` for its effect.
   * @param first leading arguments; `kinds` says of each operand what address type it has, or 0 for one that is passed as it is
   * @param charges whether it charges fuel
   */
  private statement(name: string, first: readonly string[], kinds: readonly ValueType[], charges = true): void {
    const { t } = this;
    const { ops } = t;
    t.need(name);
    const count = kinds.length;
    ops.flush(ALL, count);
    const operands = ops.stack.slice(ops.height - count);
    const args = operands.map((operand, i) => (kinds[i] === 0 ? operand.code : this.index(operand, kinds[i])));
    if (charges) t.giveFuel();
    ops.emit(`${name}(${[...first, ...args].join(", ")});`);
    ops.truncate(ops.height - count, false);
    if (charges) t.takeFuel();
  }

  /** `memory.grow` and `table.grow`, which has a value below the operand that says by how much. */
  private grow(name: string, index: number, address: ValueType, values: number): void {
    const { t } = this;
    const { ops } = t;
    t.need(name);
    const count = values + 1;
    ops.flush(ALL, count);
    // The function takes the number first.
    if (values > 0) ops.settleTraps(count);
    const args = [String(index), this.index(ops.top(), address)];
    if (values > 0) args.push(ops.top(1).code);
    t.giveFuel();
    const result = ops.variable(address);
    ops.emit(`${result.code} = ${name}(${args.join(", ")});`);
    if (address === I64) ops.emit(`${result.high} = ${result.code} >> 31;`);
    ops.truncate(ops.height - count, false);
    t.takeFuel();
    ops.push(result);
  }

  private getGlobal(index: number): void {
    const { t } = this;
    const { ops } = t;
    const { type } = t.valid.module.globals[index].type;
    switch (type) {
      case I32:
        ops.derive(I32, `${t.need(`I${index}`)}[0]`, [], FLAG.global);
        break;
      case I64:
        ops.derive(I64, `${t.need(`I${index}`)}[0]`, [], FLAG.global, "", `I${index}[1]`);
        break;
      case F32:
        t.need("f32OfBits");
        ops.derive(F32, `f32OfBits(${t.need(`I${index}`)}[0])`, [], FLAG.global);
        break;
      case F64:
        ops.derive(F64, `${t.need(`D${index}`)}[0]`, [], FLAG.global);
        break;
      case V128:
        t.need(`I${index}`);
        ops.deriveVector(
          [0, 1, 2, 3].map((lane) => `I${index}[${lane}]`),
          false,
          [],
          FLAG.global,
        );
        break;
      default:
        ops.derive(type, `${t.need(`G${index}`)}.ref`, [], FLAG.global);
    }
  }

  private setGlobal(index: number): void {
    const { t } = this;
    const { ops } = t;
    const { type } = t.valid.module.globals[index].type;
    ops.flush(FLAG.global | FLAG.traps, 1);
    // Both halves are written, and either may read the old value.
    if (type === I64 || type === V128) ops.atoms(1);
    const value = ops.pop();
    if (type === I32) ops.emit(`${t.need(`I${index}`)}[0] = ${value.code};`);
    else if (type === I64) ops.emit(`${t.need(`I${index}`)}[0] = ${value.code}; I${index}[1] = ${value.high};`);
    else if (type === F32) ops.emit(`${t.need(`I${index}`)}[0] = ${t.need("bitsOfF32")}(${value.code});`);
    else if (type === F64) ops.emit(`${t.writeF64(t.need(`D${index}`), 0, value.code)};`);
    else if (type === V128) {
      t.need(`I${index}`);
      ops.emit(
        ops
          .lanes(value, false)
          .map((lane, i) => `I${index}[${i}] = ${lane};`)
          .join(" "),
      );
    } else if (isReference(type)) ops.emit(`${t.need(`G${index}`)}.ref = ${value.code};`);
    ops.release(value.temps);
  }
}

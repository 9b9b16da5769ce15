import type { Reader } from "../../../binary/reader.ts";
import type { WasmModule } from "../../../wasm/module.ts";
import { NUMERIC_PREFIX } from "../../../wasm/opcode-slots.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { DRIVER_OP, OUT_OF_LINE } from "../out-of-line/numbers.ts";
import { CLASS, classOf } from "./operands.ts";
import type { OutOfLineEmitter } from "./out-of-line-emitter.ts";
import { selectSaturating } from "./select-numeric.ts";

/** Translates an instruction of those behind 0xfc: bulk memory and tables, wide arithmetic, saturating truncations. */
export function selectMiscellaneous(
  code: number,
  reader: Reader,
  outOfLine: OutOfLineEmitter,
  module: WasmModule,
): void {
  const { operands, emitter } = outOfLine;
  const opcode = (NUMERIC_PREFIX << 12) | code;
  switch (opcode) {
    case OP.MEMORY_INIT: {
      const data = reader.u32();
      outOfLine.driverMany(DRIVER_OP.memoryInit, 3, [data, reader.u32()]);
      break;
    }
    case OP.DATA_DROP:
      emitter.emit4(MACHINE_OP.extended, OUT_OF_LINE.dataDrop, 4, reader.u32());
      break;
    case OP.MEMORY_COPY: {
      const target = reader.u32();
      outOfLine.driverMany(DRIVER_OP.memoryCopy, 3, [target, reader.u32()]);
      break;
    }
    case OP.MEMORY_FILL:
      outOfLine.driverMany(DRIVER_OP.memoryFill, 3, [reader.u32(), 0]);
      break;
    case OP.TABLE_INIT: {
      const element = reader.u32();
      outOfLine.driverMany(DRIVER_OP.tableInit, 3, [element, reader.u32()]);
      break;
    }
    case OP.ELEM_DROP:
      emitter.emit4(MACHINE_OP.extended, OUT_OF_LINE.elemDrop, 4, reader.u32());
      break;
    case OP.TABLE_COPY: {
      const target = reader.u32();
      outOfLine.driverMany(DRIVER_OP.tableCopy, 3, [target, reader.u32()]);
      break;
    }
    case OP.TABLE_GROW: {
      const table = reader.u32();
      outOfLine.driverResult(DRIVER_OP.tableGrow, 2, classOf(module.tables[table].type.address), table, 0);
      break;
    }
    case OP.TABLE_SIZE: {
      const table = reader.u32();
      outOfLine.pushExtended(classOf(module.tables[table].type.address), OUT_OF_LINE.tableSize, table);
      break;
    }
    case OP.TABLE_FILL:
      outOfLine.driverMany(DRIVER_OP.tableFill, 3, [reader.u32(), 0]);
      break;
    case OP.I64_ADD128:
    case OP.I64_SUB128:
    case OP.I64_MUL_WIDE_S:
    case OP.I64_MUL_WIDE_U: {
      // [low result, high result, operands …]
      const registers = outOfLine.take(opcode <= OP.I64_SUB128 ? 4 : 2);
      const low = operands.pushSlot(CLASS.long);
      const high = operands.pushSlot(CLASS.long);
      emitter.emitList(MACHINE_OP.extended, [
        OUT_OF_LINE.add128 + opcode - OP.I64_ADD128,
        5 + registers.length,
        low,
        high,
        ...registers,
      ]);
      break;
    }
    default:
      if (opcode > OP.I64_TRUNC_SAT_F64_U) throw new Error(`the interpreter has no translation of opcode 0xfc ${code}`);
      selectSaturating(code, operands, emitter);
  }
}

import type { Reader } from "../../binary/reader.ts";
import type { WasmModule } from "../../wasm/module.ts";
import { OP } from "./opcodes.ts";
import { CLASS, classOf } from "./operands.ts";
import type { RoomInstructions } from "./room-instructions.ts";
import { OUTSIDE, ROOM } from "./room-numbers.ts";
import { selectSaturating } from "./select-numeric.ts";

/** Translates an instruction of those behind 0xfc: bulk memory and tables, wide arithmetic, saturating truncations. */
export function selectMiscellaneous(code: number, reader: Reader, rooms: RoomInstructions, module: WasmModule): void {
  const { operands, emitter } = rooms;
  switch (code) {
    case 0x08: {
      const data = reader.u32();
      rooms.outsideMany(OUTSIDE.memoryInit, 3, [data, reader.u32()]);
      break;
    }
    case 0x09:
      emitter.emit4(OP.extended, ROOM.dataDrop, 4, reader.u32());
      break;
    case 0x0a: {
      const target = reader.u32();
      rooms.outsideMany(OUTSIDE.memoryCopy, 3, [target, reader.u32()]);
      break;
    }
    case 0x0b:
      rooms.outsideMany(OUTSIDE.memoryFill, 3, [reader.u32(), 0]);
      break;
    case 0x0c: {
      const element = reader.u32();
      rooms.outsideMany(OUTSIDE.tableInit, 3, [element, reader.u32()]);
      break;
    }
    case 0x0d:
      emitter.emit4(OP.extended, ROOM.elemDrop, 4, reader.u32());
      break;
    case 0x0e: {
      const target = reader.u32();
      rooms.outsideMany(OUTSIDE.tableCopy, 3, [target, reader.u32()]);
      break;
    }
    case 0x0f: {
      const table = reader.u32();
      rooms.outsideResult(OUTSIDE.tableGrow, 2, classOf(module.tables[table].type.address), table, 0);
      break;
    }
    case 0x10: {
      const table = reader.u32();
      rooms.pushExtended(classOf(module.tables[table].type.address), ROOM.tableSize, table);
      break;
    }
    case 0x11:
      rooms.outsideMany(OUTSIDE.tableFill, 3, [reader.u32(), 0]);
      break;
    case 0x13:
    case 0x14:
    case 0x15:
    case 0x16: {
      // [low result, high result, operands …]
      const registers = rooms.take(code <= 0x14 ? 4 : 2);
      const low = operands.pushSlot(CLASS.long);
      const high = operands.pushSlot(CLASS.long);
      emitter.emitList(OP.extended, [ROOM.add128 + code - 0x13, 5 + registers.length, low, high, ...registers]);
      break;
    }
    default:
      if (code > 0x07) throw new Error(`the interpreter has no translation of opcode 0xfc ${code}`);
      selectSaturating(code, operands, emitter);
  }
}

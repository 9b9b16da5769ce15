import type { Reader } from "../../binary/reader.ts";
import { readHeapType } from "../../binary/type-reader.ts";
import { placeOf, storageKind } from "../../store/gc.ts";
import type { WasmModule } from "../../wasm/module.ts";
import { type ArrayType, referenceType, type StorageType, type StructType } from "../../wasm/types.ts";
import { OP } from "./opcodes.ts";
import { CLASS, classOf } from "./operands.ts";
import type { RoomInstructions } from "./room-instructions.ts";
import { OUTSIDE, ROOM } from "./room-numbers.ts";

/** How a field is read: its storage, with this bit where a packed one is extended with its sign. */
export const SIGNED = 8;

function resultClass(storage: StorageType): number {
  const kind = storageKind(storage);
  return kind <= 2 ? CLASS.word : classOf(storage);
}

function structOf(module: WasmModule, type: number): StructType {
  return module.types[type].composite as StructType;
}

function elementOf(module: WasmModule, type: number): StorageType {
  return (module.types[type].composite as ArrayType).field.storage;
}

/** Translates an instruction of the garbage collection proposal, by the number behind 0xfb; the two that branch are among the branches. */
export function selectGc(code: number, reader: Reader, rooms: RoomInstructions, module: WasmModule): void {
  const { operands, emitter } = rooms;
  switch (code) {
    case 0x00: {
      // struct.new: [result, type, first field]
      const type = reader.u32();
      const { fields } = structOf(module, type);
      const from = rooms.gather(fields.length);
      const slot = operands.pushSlot(CLASS.reference);
      operands.result(emitter.emitList(OP.extended, [ROOM.structNew, 6, slot, type, from]) + 3);
      break;
    }
    case 0x01:
      rooms.pushExtended(CLASS.reference, ROOM.structNewDefault, reader.u32());
      break;
    case 0x02:
    case 0x03:
    case 0x04: {
      // struct.get: [result, structure, place, storage]
      const type = structOf(module, reader.u32());
      const field = reader.u32();
      const { storage } = type.fields[field];
      const kind = storageKind(storage) | (code === 0x03 ? SIGNED : 0);
      rooms.replace(1, resultClass(storage), ROOM.structGet, [placeOf(type, field), kind]);
      break;
    }
    case 0x05: {
      // struct.set: [structure, value, place, storage]
      const type = structOf(module, reader.u32());
      const field = reader.u32();
      rooms.consume(2, ROOM.structSet, [placeOf(type, field), storageKind(type.fields[field].storage)]);
      break;
    }
    case 0x06: {
      // array.new: [result, value, length, type]
      rooms.outsideResult(OUTSIDE.arrayNew, 2, CLASS.reference, reader.u32(), 0);
      break;
    }
    case 0x07:
      rooms.outsideResult(OUTSIDE.arrayNewDefault, 1, CLASS.reference, reader.u32(), 0);
      break;
    case 0x08: {
      // array.new_fixed: [result, type, first element, length]
      const type = reader.u32();
      const count = reader.u32();
      const from = rooms.gather(count);
      const slot = operands.pushSlot(CLASS.reference);
      operands.result(emitter.emitList(OP.extended, [ROOM.arrayNewFixed, 7, slot, type, from, count]) + 3);
      break;
    }
    case 0x09:
    case 0x0a: {
      // array.new_data, array.new_elem: [result, offset, length, type, segment]
      const type = reader.u32();
      const number = code === 0x09 ? OUTSIDE.arrayNewData : OUTSIDE.arrayNewElem;
      rooms.outsideResult(number, 2, CLASS.reference, type, reader.u32());
      break;
    }
    case 0x0b:
    case 0x0c:
    case 0x0d: {
      // array.get: [result, array, index, storage]
      const storage = elementOf(module, reader.u32());
      const kind = storageKind(storage) | (code === 0x0c ? SIGNED : 0);
      rooms.replace(2, resultClass(storage), ROOM.arrayGet, [kind]);
      break;
    }
    case 0x0e:
      // array.set: [array, index, value, storage]
      rooms.consume(3, ROOM.arraySet, [storageKind(elementOf(module, reader.u32()))]);
      break;
    case 0x0f:
      rooms.replace(1, CLASS.word, ROOM.arrayLen, []);
      break;
    case 0x10:
      // array.fill: [array, offset, value, length, storage]
      rooms.outsideMany(OUTSIDE.arrayFill, 4, [storageKind(elementOf(module, reader.u32()))]);
      break;
    case 0x11:
      // array.copy: [target, offset, source, offset, length]
      reader.u32();
      reader.u32();
      rooms.outsideMany(OUTSIDE.arrayCopy, 5, []);
      break;
    case 0x12:
    case 0x13: {
      // array.init_data, array.init_elem: [array, offset, offset in the segment, length, segment]
      reader.u32();
      rooms.outsideMany(code === 0x12 ? OUTSIDE.arrayInitData : OUTSIDE.arrayInitElem, 4, [reader.u32()]);
      break;
    }
    case 0x14:
    case 0x15:
      rooms.replace(1, CLASS.word, ROOM.refTest, [referenceType(code === 0x15, readHeapType(reader))]);
      break;
    case 0x16:
    case 0x17: {
      // ref.cast: the value stays where it is. [reference, type]
      const type = referenceType(code === 0x17, readHeapType(reader));
      emitter.emit5(OP.extended, ROOM.refCast, 5, operands.register(0), type);
      break;
    }
    case 0x1a:
    case 0x1b:
      // any.convert_extern and extern.convert_any: the same JavaScript value stands for both.
      break;
    case 0x1c:
      rooms.replace(1, CLASS.reference, ROOM.refI31, []);
      break;
    case 0x1d:
      rooms.replace(1, CLASS.word, ROOM.i31GetS, []);
      break;
    case 0x1e:
      rooms.replace(1, CLASS.word, ROOM.i31GetU, []);
      break;
    default:
      throw new Error(`the interpreter has no translation of opcode 0xfb ${code}`);
  }
}

import type { Reader } from "../../../binary/reader.ts";
import { readHeapType } from "../../../binary/type-reader.ts";
import { placeOf, storageKind } from "../../../store/gc.ts";
import type { WasmModule } from "../../../wasm/module.ts";
import { GC_PREFIX } from "../../../wasm/opcode-slots.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { type ArrayType, referenceType, type StorageType, type StructType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { OUTSIDE, ROOM } from "../out-of-line/numbers.ts";
import { CLASS, classOf } from "./operands.ts";
import type { RoomInstructions } from "./out-of-line-emitter.ts";

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
  const opcode = (GC_PREFIX << 12) | code;
  switch (opcode) {
    case OP.STRUCT_NEW: {
      // struct.new: [result, type, first field]
      const type = reader.u32();
      const { fields } = structOf(module, type);
      const from = rooms.gather(fields.length);
      const slot = operands.pushSlot(CLASS.reference);
      operands.result(emitter.emitList(MACHINE_OP.extended, [ROOM.structNew, 6, slot, type, from]) + 3);
      break;
    }
    case OP.STRUCT_NEW_DEFAULT:
      rooms.pushExtended(CLASS.reference, ROOM.structNewDefault, reader.u32());
      break;
    case OP.STRUCT_GET:
    case OP.STRUCT_GET_S:
    case OP.STRUCT_GET_U: {
      // struct.get: [result, structure, place, storage]
      const type = structOf(module, reader.u32());
      const field = reader.u32();
      const { storage } = type.fields[field];
      const kind = storageKind(storage) | (opcode === OP.STRUCT_GET_S ? SIGNED : 0);
      rooms.replace(1, resultClass(storage), ROOM.structGet, [placeOf(type, field), kind]);
      break;
    }
    case OP.STRUCT_SET: {
      // struct.set: [structure, value, place, storage]
      const type = structOf(module, reader.u32());
      const field = reader.u32();
      rooms.consume(2, ROOM.structSet, [placeOf(type, field), storageKind(type.fields[field].storage)]);
      break;
    }
    case OP.ARRAY_NEW: {
      // array.new: [result, value, length, type]
      rooms.outsideResult(OUTSIDE.arrayNew, 2, CLASS.reference, reader.u32(), 0);
      break;
    }
    case OP.ARRAY_NEW_DEFAULT:
      rooms.outsideResult(OUTSIDE.arrayNewDefault, 1, CLASS.reference, reader.u32(), 0);
      break;
    case OP.ARRAY_NEW_FIXED: {
      // array.new_fixed: [result, type, first element, length]
      const type = reader.u32();
      const count = reader.u32();
      const from = rooms.gather(count);
      const slot = operands.pushSlot(CLASS.reference);
      operands.result(emitter.emitList(MACHINE_OP.extended, [ROOM.arrayNewFixed, 7, slot, type, from, count]) + 3);
      break;
    }
    case OP.ARRAY_NEW_DATA:
    case OP.ARRAY_NEW_ELEM: {
      // array.new_data, array.new_elem: [result, offset, length, type, segment]
      const type = reader.u32();
      const number = opcode === OP.ARRAY_NEW_DATA ? OUTSIDE.arrayNewData : OUTSIDE.arrayNewElem;
      rooms.outsideResult(number, 2, CLASS.reference, type, reader.u32());
      break;
    }
    case OP.ARRAY_GET:
    case OP.ARRAY_GET_S:
    case OP.ARRAY_GET_U: {
      // array.get: [result, array, index, storage]
      const storage = elementOf(module, reader.u32());
      const kind = storageKind(storage) | (opcode === OP.ARRAY_GET_S ? SIGNED : 0);
      rooms.replace(2, resultClass(storage), ROOM.arrayGet, [kind]);
      break;
    }
    case OP.ARRAY_SET:
      // array.set: [array, index, value, storage]
      rooms.consume(3, ROOM.arraySet, [storageKind(elementOf(module, reader.u32()))]);
      break;
    case OP.ARRAY_LEN:
      rooms.replace(1, CLASS.word, ROOM.arrayLen, []);
      break;
    case OP.ARRAY_FILL:
      // array.fill: [array, offset, value, length, storage]
      rooms.outsideMany(OUTSIDE.arrayFill, 4, [storageKind(elementOf(module, reader.u32()))]);
      break;
    case OP.ARRAY_COPY:
      // array.copy: [target, offset, source, offset, length]
      reader.u32();
      reader.u32();
      rooms.outsideMany(OUTSIDE.arrayCopy, 5, []);
      break;
    case OP.ARRAY_INIT_DATA:
    case OP.ARRAY_INIT_ELEM: {
      // array.init_data, array.init_elem: [array, offset, offset in the segment, length, segment]
      reader.u32();
      rooms.outsideMany(opcode === OP.ARRAY_INIT_DATA ? OUTSIDE.arrayInitData : OUTSIDE.arrayInitElem, 4, [
        reader.u32(),
      ]);
      break;
    }
    case OP.REF_TEST:
    case OP.REF_TEST_NULL:
      rooms.replace(1, CLASS.word, ROOM.refTest, [referenceType(opcode === OP.REF_TEST_NULL, readHeapType(reader))]);
      break;
    case OP.REF_CAST:
    case OP.REF_CAST_NULL: {
      // ref.cast: the value stays where it is. [reference, type]
      const type = referenceType(opcode === OP.REF_CAST_NULL, readHeapType(reader));
      emitter.emit5(MACHINE_OP.extended, ROOM.refCast, 5, operands.register(0), type);
      break;
    }
    case OP.ANY_CONVERT_EXTERN:
    case OP.EXTERN_CONVERT_ANY:
      // any.convert_extern and extern.convert_any: the same JavaScript value stands for both.
      break;
    case OP.REF_I31:
      rooms.replace(1, CLASS.reference, ROOM.refI31, []);
      break;
    case OP.I31_GET_S:
      rooms.replace(1, CLASS.word, ROOM.i31GetS, []);
      break;
    case OP.I31_GET_U:
      rooms.replace(1, CLASS.word, ROOM.i31GetU, []);
      break;
    default:
      throw new Error(`the interpreter has no translation of opcode 0xfb ${code}`);
  }
}

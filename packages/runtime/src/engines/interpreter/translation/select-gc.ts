import type { Reader } from "../../../binary/reader.ts";
import { readHeapType } from "../../../binary/type-reader.ts";
import { placeOf, storageKind } from "../../../store/gc.ts";
import type { WasmModule } from "../../../wasm/module.ts";
import { GC_PREFIX } from "../../../wasm/opcode-slots.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { type ArrayType, referenceType, type StorageType, type StructType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { DRIVER_OP, OUT_OF_LINE } from "../out-of-line/numbers.ts";
import { CLASS, classOf } from "./operands.ts";
import type { OutOfLineEmitter } from "./out-of-line-emitter.ts";

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
export function selectGc(code: number, reader: Reader, outOfLine: OutOfLineEmitter, module: WasmModule): void {
  const { operands, emitter } = outOfLine;
  const opcode = (GC_PREFIX << 12) | code;
  switch (opcode) {
    case OP.STRUCT_NEW: {
      // struct.new: [result, type, first field]
      const type = reader.u32();
      const { fields } = structOf(module, type);
      const from = outOfLine.gather(fields.length);
      const slot = operands.pushSlot(CLASS.reference);
      operands.result(emitter.emitList(MACHINE_OP.extended, [OUT_OF_LINE.structNew, 6, slot, type, from]) + 3);
      break;
    }
    case OP.STRUCT_NEW_DEFAULT:
      outOfLine.pushExtended(CLASS.reference, OUT_OF_LINE.structNewDefault, reader.u32());
      break;
    case OP.STRUCT_GET:
    case OP.STRUCT_GET_S:
    case OP.STRUCT_GET_U: {
      // struct.get: [result, structure, place, storage]
      const type = structOf(module, reader.u32());
      const field = reader.u32();
      const { storage } = type.fields[field];
      const kind = storageKind(storage) | (opcode === OP.STRUCT_GET_S ? SIGNED : 0);
      outOfLine.replace(1, resultClass(storage), OUT_OF_LINE.structGet, [placeOf(type, field), kind]);
      break;
    }
    case OP.STRUCT_SET: {
      // struct.set: [structure, value, place, storage]
      const type = structOf(module, reader.u32());
      const field = reader.u32();
      outOfLine.consume(2, OUT_OF_LINE.structSet, [placeOf(type, field), storageKind(type.fields[field].storage)]);
      break;
    }
    case OP.ARRAY_NEW: {
      // array.new: [result, value, length, type]
      outOfLine.driverResult(DRIVER_OP.arrayNew, 2, CLASS.reference, reader.u32(), 0);
      break;
    }
    case OP.ARRAY_NEW_DEFAULT:
      outOfLine.driverResult(DRIVER_OP.arrayNewDefault, 1, CLASS.reference, reader.u32(), 0);
      break;
    case OP.ARRAY_NEW_FIXED: {
      // array.new_fixed: [result, type, first element, length]
      const type = reader.u32();
      const count = reader.u32();
      const from = outOfLine.gather(count);
      const slot = operands.pushSlot(CLASS.reference);
      operands.result(
        emitter.emitList(MACHINE_OP.extended, [OUT_OF_LINE.arrayNewFixed, 7, slot, type, from, count]) + 3,
      );
      break;
    }
    case OP.ARRAY_NEW_DATA:
    case OP.ARRAY_NEW_ELEM: {
      // array.new_data, array.new_elem: [result, offset, length, type, segment]
      const type = reader.u32();
      const number = opcode === OP.ARRAY_NEW_DATA ? DRIVER_OP.arrayNewData : DRIVER_OP.arrayNewElem;
      outOfLine.driverResult(number, 2, CLASS.reference, type, reader.u32());
      break;
    }
    case OP.ARRAY_GET:
    case OP.ARRAY_GET_S:
    case OP.ARRAY_GET_U: {
      // array.get: [result, array, index, storage]
      const storage = elementOf(module, reader.u32());
      const kind = storageKind(storage) | (opcode === OP.ARRAY_GET_S ? SIGNED : 0);
      outOfLine.replace(2, resultClass(storage), OUT_OF_LINE.arrayGet, [kind]);
      break;
    }
    case OP.ARRAY_SET:
      // array.set: [array, index, value, storage]
      outOfLine.consume(3, OUT_OF_LINE.arraySet, [storageKind(elementOf(module, reader.u32()))]);
      break;
    case OP.ARRAY_LEN:
      outOfLine.replace(1, CLASS.word, OUT_OF_LINE.arrayLen, []);
      break;
    case OP.ARRAY_FILL:
      // array.fill: [array, offset, value, length, storage]
      outOfLine.driverMany(DRIVER_OP.arrayFill, 4, [storageKind(elementOf(module, reader.u32()))]);
      break;
    case OP.ARRAY_COPY:
      // array.copy: [target, offset, source, offset, length]
      reader.u32();
      reader.u32();
      outOfLine.driverMany(DRIVER_OP.arrayCopy, 5, []);
      break;
    case OP.ARRAY_INIT_DATA:
    case OP.ARRAY_INIT_ELEM: {
      // array.init_data, array.init_elem: [array, offset, offset in the segment, length, segment]
      reader.u32();
      outOfLine.driverMany(opcode === OP.ARRAY_INIT_DATA ? DRIVER_OP.arrayInitData : DRIVER_OP.arrayInitElem, 4, [
        reader.u32(),
      ]);
      break;
    }
    case OP.REF_TEST:
    case OP.REF_TEST_NULL:
      outOfLine.replace(1, CLASS.word, OUT_OF_LINE.refTest, [
        referenceType(opcode === OP.REF_TEST_NULL, readHeapType(reader)),
      ]);
      break;
    case OP.REF_CAST:
    case OP.REF_CAST_NULL: {
      // ref.cast: the value stays where it is. [reference, type]
      const type = referenceType(opcode === OP.REF_CAST_NULL, readHeapType(reader));
      emitter.emit5(MACHINE_OP.extended, OUT_OF_LINE.refCast, 5, operands.register(0), type);
      break;
    }
    case OP.ANY_CONVERT_EXTERN:
    case OP.EXTERN_CONVERT_ANY:
      // any.convert_extern and extern.convert_any: the same JavaScript value stands for both.
      break;
    case OP.REF_I31:
      outOfLine.replace(1, CLASS.reference, OUT_OF_LINE.refI31, []);
      break;
    case OP.I31_GET_S:
      outOfLine.replace(1, CLASS.word, OUT_OF_LINE.i31GetS, []);
      break;
    case OP.I31_GET_U:
      outOfLine.replace(1, CLASS.word, OUT_OF_LINE.i31GetU, []);
      break;
    default:
      throw new Error(`the interpreter has no translation of opcode 0xfb ${code}`);
  }
}

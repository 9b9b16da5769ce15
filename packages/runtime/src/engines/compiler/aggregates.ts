import { readHeapType } from "../../binary/type-reader.ts";
import { placeOf, placesOf, STORAGE, storageKind } from "../../store/gc.ts";
import * as OP from "../../wasm/opcodes.ts";
import { isSubtype } from "../../wasm/type-registry.ts";
import {
  type ArrayType,
  F32,
  F64,
  HEAP_ANY,
  HEAP_ARRAY,
  HEAP_EXTERN,
  HEAP_I31,
  HEAP_STRUCT,
  heapTypeOf,
  heapTypeOfIndex,
  I8,
  I16,
  I32,
  I64,
  isNullable,
  isReference,
  isTypeIndex,
  NULLABLE_FLAG,
  referenceType,
  type StorageType,
  type StructType,
  typeIndexOf,
  V128,
  type ValueType,
} from "../../wasm/types.ts";
import { FLAG, isAtom, type Operand } from "./operands.ts";
import type { Translation, TranslatorPart } from "./translate.ts";

/** A structure of no more fields is made of nothing in the text itself. */
const FEW = 16;

/**
 * Translates the instructions on structures, arrays and i31 references. They are the objects of `store/gc.ts`; their fields are read and written in the text
 * itself, so that V8 sees at each place which kind of elements it meets. Of null JavaScript reads no property: the TypeError becomes the trap where it
 * leaves the function. Casts to a type of the module compare it with the object's, then with what the object's has at that depth among its supertypes.
 */
export class AggregateTranslator implements TranslatorPart {
  private readonly t: Translation;

  constructor(translation: Translation) {
    this.t = translation;
  }

  translate(opcode: number): boolean {
    const { t } = this;
    const { reader, ops } = t;
    switch (opcode) {
      case OP.STRUCT_NEW: {
        const type = reader.u32();
        const { fields } = this.structType(type);
        const from = ops.height - fields.length;
        this.new(
          type,
          fields.flatMap(({ storage }, i) => this.kept(ops.stack[from + i], storage)),
          fields.length,
        );
        return true;
      }
      case OP.STRUCT_NEW_DEFAULT: {
        const type = reader.u32();
        const { fields } = this.structType(type);
        const zeros = fields
          .slice(0, FEW + 1)
          .flatMap(({ storage }) => new Array<string>(placesOf(storage)).fill(isReference(storage) ? "null" : "0"));
        // Few bytes must not become much text.
        this.new(type, fields.length > FEW ? undefined : zeros, 0);
        return true;
      }
      case OP.STRUCT_GET:
      case OP.STRUCT_GET_S:
      case OP.STRUCT_GET_U:
        this.getField(reader.u32(), reader.u32(), opcode === OP.STRUCT_GET_S);
        return true;
      case OP.STRUCT_SET:
        this.setField(reader.u32(), reader.u32());
        return true;
      case OP.ARRAY_NEW:
      case OP.ARRAY_NEW_DEFAULT: {
        const type = reader.u32();
        const count = opcode === OP.ARRAY_NEW ? 2 : 1;
        this.call(
          "arrayNew",
          count,
          (operands) => [
            t.need(`Y${type}`),
            operands[count - 1].code,
            ...(count === 2 ? this.places(operands[0], this.elementType(type)) : []),
          ],
          type,
        );
        return true;
      }
      case OP.ARRAY_NEW_FIXED: {
        const type = reader.u32();
        const count = reader.u32();
        const storage = this.elementType(type);
        const from = ops.height - count;
        const list = ops.stack.slice(from).flatMap((operand) => this.kept(operand, storage));
        const code = `${t.need("arrayOf")}(${t.need(`Y${type}`)}, [${list.join(", ")}])`;
        this.derive(referenceType(false, heapTypeOfIndex(type)), code, count);
        return true;
      }
      case OP.ARRAY_NEW_DATA:
      case OP.ARRAY_NEW_ELEM: {
        const type = reader.u32();
        const segment = String(reader.u32());
        const name = opcode === OP.ARRAY_NEW_DATA ? "arrayNewData" : "arrayNewElements";
        this.call(name, 2, ([from, length]) => [t.need(`Y${type}`), segment, from.code, length.code], type);
        return true;
      }
      case OP.ARRAY_GET:
      case OP.ARRAY_GET_S:
      case OP.ARRAY_GET_U:
        this.getElement(reader.u32(), opcode === OP.ARRAY_GET_S);
        return true;
      case OP.ARRAY_SET:
        this.setElement(reader.u32());
        return true;
      case OP.ARRAY_LEN: {
        const a = ops.pop();
        ops.derive(I32, `(${this.member(a, "length")} | 0)`, [a], isNullable(a.type) ? FLAG.traps : 0);
        return true;
      }
      case OP.ARRAY_FILL: {
        const storage = this.elementType(reader.u32());
        this.call("arrayFill", 4, ([array, at, value, length]) => [
          array.code,
          at.code,
          length.code,
          ...this.places(value, storage),
        ]);
        return true;
      }
      case OP.ARRAY_COPY:
        reader.u32();
        reader.u32();
        this.call("arrayCopy", 5, (operands) => operands.map(({ code }) => code));
        return true;
      case OP.ARRAY_INIT_DATA:
      case OP.ARRAY_INIT_ELEM: {
        reader.u32();
        const segment = String(reader.u32());
        const name = opcode === OP.ARRAY_INIT_DATA ? "arrayInitData" : "arrayInitElements";
        this.call(name, 4, (operands) => [segment, ...operands.map(({ code }) => code)]);
        return true;
      }
      case OP.REF_TEST:
      case OP.REF_TEST_NULL: {
        const type = referenceType(opcode === OP.REF_TEST_NULL, readHeapType(reader));
        ops.atoms(1);
        const a = ops.pop();
        const test = this.test(a, type);
        ops.derive(I32, `(${test} | 0)`, [a], 0, test);
        return true;
      }
      case OP.REF_CAST:
      case OP.REF_CAST_NULL:
        this.cast(referenceType(opcode === OP.REF_CAST_NULL, readHeapType(reader)));
        return true;
      case OP.BR_ON_CAST:
      case OP.BR_ON_CAST_FAIL:
        this.branch(opcode === OP.BR_ON_CAST);
        return true;
      case OP.ANY_CONVERT_EXTERN:
      case OP.EXTERN_CONVERT_ANY: {
        // The same JavaScript value stands for both.
        const a = ops.pop();
        ops.push({
          ...a,
          type: referenceType(isNullable(a.type), opcode === OP.ANY_CONVERT_EXTERN ? HEAP_ANY : HEAP_EXTERN),
        });
        return true;
      }
      case OP.REF_I31: {
        const a = ops.pop();
        ops.derive(referenceType(false, HEAP_I31), `(${a.code} << 1 >> 1)`, [a]);
        return true;
      }
      case OP.I31_GET_S:
      case OP.I31_GET_U: {
        const a = ops.pop();
        const [value, flags] = isNullable(a.type)
          ? [`${ops.mark}${t.need("nonNull")}(${a.code})`, FLAG.traps]
          : [a.code, 0];
        ops.derive(I32, opcode === OP.I31_GET_S ? `(${value} | 0)` : `(${value} & 0x7fffffff)`, [a], flags);
        return true;
      }
      default:
        return false;
    }
  }

  private structType(type: number): StructType {
    return this.t.valid.module.types[type].composite as StructType;
  }

  private elementType(type: number): StorageType {
    return (this.t.valid.module.types[type].composite as ArrayType).field.storage;
  }

  /** A property of an object, which may be null. */
  private member({ code, type }: Operand, name: string): string {
    if (isNullable(type)) this.t.mayThrow = true;
    return `${code}${this.t.ops.mark}.${name}`;
  }

  // ---- values as they are kept

  /** A value for the places of an element. */
  private places(operand: Operand, storage: StorageType): readonly string[] {
    const { t } = this;
    const { code, high } = operand;
    if (storage === F32) return [`${t.need("bitsOfF32")}(${code})`];
    if (storage === I64) return [code, high];
    return storage === V128 ? t.ops.lanes(operand, false) : [code];
  }

  /** As {@link places}, for a structure, and for a list of elements. */
  private kept(operand: Operand, storage: StorageType): readonly string[] {
    const { code } = operand;
    if (storage === I8) return [`(${code} & 255)`];
    if (storage === I16) return [`(${code} & 65535)`];
    // A NaN would lose its bits in an array of doubles.
    if (storage === F64) return [/^[\d.]+$/.test(code) ? code : `${this.t.need("keptDouble")}(${code})`];
    return this.places(operand, storage);
  }

  /** The value of the guest that a place holds, whose bits the expression reads. */
  private unpacked(code: string, storage: StorageType, isSigned: boolean): string {
    if (storage === I8) return isSigned ? `(${code} << 24 >> 24)` : `(${code} & 255)`;
    if (storage === I16) return isSigned ? `(${code} << 16 >> 16)` : `(${code} & 65535)`;
    return storage === I32 ? `(${code} | 0)` : storage === F32 ? `${this.t.need("f32OfBits")}(${code})` : code;
  }

  /** Assigns places from `first` on to a variable that is pushed. @param at the expression for the place so much further on */
  private pushPlaces(storage: StorageType, at: (more: number) => string): void {
    const { ops } = this.t;
    const variable = ops.pushVariable(storage);
    const names = storage === I64 ? [variable.code, variable.high] : variable.lanes!;
    ops.emit(names.map((name, i) => `${name} = ${at(i)};`).join(" "));
  }

  // ---- structures

  /** Pushes an expression over the topmost `count` operands, which it pops. */
  private derive(type: ValueType, code: string, count: number): void {
    const { ops } = this.t;
    ops.derive(type, code, ops.stack.splice(ops.height - count, count));
  }

  /** @param places what the fields hold; undefined for zeros and nulls */
  private new(type: number, places: readonly string[] | undefined, count: number): void {
    const { t } = this;
    const rest = places === undefined ? "" : `, undefined, [${places.join(", ")}]`;
    const code = `new ${t.need("StructRef")}(${t.need(`Y${type}`)}${rest})`;
    this.derive(referenceType(false, heapTypeOfIndex(type)), code, count);
  }

  private getField(type: number, field: number, isSigned: boolean): void {
    const { t } = this;
    const { ops } = t;
    const struct = this.structType(type);
    const { storage, mutable } = struct.fields[field];
    const place = placeOf(struct, field);
    const places = placesOf(storage);
    if (places > 1) {
      ops.flush(FLAG.traps, 1);
      ops.atoms(1);
      const a = ops.pop();
      const fields = this.member(a, "fields");
      this.pushPlaces(storage, (more) => `${fields}[${place + more}]`);
      ops.release(a.temps);
      return;
    }
    const a = ops.pop();
    const flags = (mutable ? FLAG.memory : 0) | (isNullable(a.type) ? FLAG.traps : 0);
    const code = `${this.member(a, "fields")}[${place}]`;
    if (storage === F64) ops.derive(F64, `${t.need("doubleOf")}(${code})`, [a], flags);
    else if (isReference(storage)) ops.derive(storage, code, [a], flags);
    else ops.derive(storage === F32 ? F32 : I32, this.unpacked(code, storage, isSigned), [a], flags);
  }

  private setField(type: number, field: number): void {
    const { ops } = this.t;
    const struct = this.structType(type);
    const { storage } = struct.fields[field];
    const first = placeOf(struct, field);
    ops.flush(FLAG.memory | FLAG.traps, 2);
    this.settleOperands(2, placesOf(storage) > 1);
    const value = ops.pop();
    const a = ops.pop();
    const fields = this.member(a, "fields");
    const writes = this.kept(value, storage).map((place, i) => `${fields}[${first + i}] = ${place};`);
    ops.emit(writes.join(" "));
    ops.release(value.temps);
    ops.release(a.temps);
  }

  /**
   * Evaluates those of the topmost operands that may trap, since JavaScript would look at the object first; all of them
   * where each is written several times.
   */
  private settleOperands(count: number, all: boolean): void {
    const { ops } = this.t;
    if (all) ops.atoms(count);
    else ops.settleTraps(count);
  }

  // ---- arrays

  private getElement(type: number, isSigned: boolean): void {
    const { t } = this;
    const { ops } = t;
    const storage = this.elementType(type);
    ops.flush(FLAG.traps, 2);
    const kind = storageKind(storage);
    // Outside an array there is undefined, which reading finds anyway; but what came from a host may be undefined itself.
    const maybeUndefined = isReference(storage) && !isTypeIndex(storage);
    this.settleOperands(2, maybeUndefined || placesOf(storage) > 1);
    const index = ops.pop();
    const a = ops.pop();
    const outside = `throw ${t.need("outsideArray")}();`;
    const elements = this.member(a, "elements");
    if (maybeUndefined) ops.emit(`if (${index.code} >>> 0 >= ${a.code}.length) ${outside}`);
    if (placesOf(storage) > 1) {
      const places = placesOf(storage);
      this.pushPlaces(storage, (more) => `${elements}[${index.code} * ${places}${more === 0 ? "" : ` + ${more}`}]`);
      const variable = ops.top();
      ops.emit(`if (${variable.lanes?.[0] ?? variable.code} === undefined) ${outside}`);
    } else {
      const result = ops.variable(isReference(storage) ? storage : kind === STORAGE.double ? F64 : I32);
      ops.emit(`${result.code} = ${elements}[${index.code}];`);
      if (!maybeUndefined) ops.emit(`if (${result.code} === undefined) ${outside}`);
      if (storage === F32 || kind < STORAGE.word)
        ops.derive(storage === F32 ? F32 : I32, this.unpacked(result.code, storage, isSigned), [result]);
      else ops.push(result);
    }
    ops.release(index.temps);
    ops.release(a.temps);
  }

  private setElement(type: number): void {
    const { t } = this;
    const { ops } = t;
    const storage = this.elementType(type);
    ops.flush(FLAG.memory | FLAG.traps, 3);
    this.settleOperands(3, false);
    for (const at of [ops.height - 3, ops.height - 2]) if (!isAtom(ops.stack[at])) ops.settle(at);
    const places = placesOf(storage);
    if (places > 1) ops.atoms(1);
    const value = ops.pop();
    const index = ops.pop();
    const a = ops.pop();
    ops.emit(`if (${index.code} >>> 0 >= ${this.member(a, "length")}) throw ${t.need("outsideArray")}();`);
    const elements = `${a.code}.elements`;
    if (storage === F64) ops.emit(`${t.writeF64(elements, index.code, value.code)};`);
    else {
      const at = places === 1 ? index.code : `${index.code} * ${places} + `;
      const writes = this.places(value, storage).map(
        (place, i) => `${elements}[${places === 1 ? at : `${at}${i}`}] = ${place};`,
      );
      ops.emit(writes.join(" "));
    }
    for (const { temps } of [value, index, a]) ops.release(temps);
  }

  /**
   * A call of a function of `aggregate-functions.ts`, which charges fuel.
   * @param result the type index of the array that it returns, if it does
   */
  private call(
    name: string,
    count: number,
    args: (operands: readonly Operand[]) => readonly string[],
    result?: number,
  ): void {
    const { t } = this;
    const { ops } = t;
    t.need(name);
    ops.flush(FLAG.memory | FLAG.global | FLAG.traps, count);
    // The functions take the values of elements last.
    ops.settleTraps(count);
    const list = args(ops.stack.slice(ops.height - count));
    t.giveFuel();
    const variable = result === undefined ? undefined : ops.variable(referenceType(false, heapTypeOfIndex(result)));
    ops.emit(`${variable === undefined ? "" : `${variable.code} = `}${name}(${list.join(", ")});`);
    ops.truncate(ops.height - count, false);
    t.takeFuel();
    if (variable !== undefined) ops.push(variable);
  }

  // ---- casts

  /** Whether a reference, a name or literal, has the type: a comparison. */
  private test({ code, type: from }: Operand, type: ValueType): string {
    const { t } = this;
    const { types } = t.valid;
    const heap = heapTypeOf(type);
    if (isSubtype(from & ~NULLABLE_FLAG, types, type, types))
      return isNullable(from) && !isNullable(type) ? `${code} !== null` : "true";
    if (!isTypeIndex(heap)) return `${t.need("matches")}(${code}, ${type})`;
    const index = typeIndexOf(heap);
    const { depth, final, composite } = types[index];
    const name = t.need(`Y${index}`);
    const source = heapTypeOf(from);
    const isObject = isTypeIndex(source) || source === HEAP_STRUCT || source === HEAP_ARRAY;
    const tests: string[] = [];
    if (!isObject) tests.push(`${code} instanceof ${t.need(composite.kind === "func" ? "Func" : "GcObject")}`);
    else if (isNullable(from) && !isNullable(type)) tests.push(`${code} !== null`);
    const exact = `${code}.type === ${name}`;
    tests.push(final ? exact : `(${exact} || ${code}.type.ancestors[${depth}] === ${name})`);
    const all = tests.join(" && ");
    return isNullable(from) && isNullable(type) ? `(${code} === null || ${all})` : `(${all})`;
  }

  private cast(type: ValueType): void {
    const { t } = this;
    const { ops } = t;
    ops.flush(FLAG.traps, 1);
    ops.atoms(1);
    const a = ops.pop();
    const test = this.test(a, type);
    if (test !== "true") ops.emit(`if (!(${test})) throw ${t.need("castFailure")}();`);
    ops.push({ ...a, type });
  }

  private branch(whenTrue: boolean): void {
    const { t } = this;
    const { ops, reader, control } = t;
    const flags = reader.byte();
    const frame = control.target(reader.u32());
    readHeapType(reader);
    const type = referenceType((flags & 2) !== 0, readHeapType(reader));
    ops.atoms(control.labelTypes(frame).length);
    ops.flush(FLAG.traps);
    const test = this.test(ops.top(), type);
    control.conditionalBranch(whenTrue ? test : `!(${test})`, frame);
    const rest = ops.pop();
    // What falls through has the type, or has another: then it is not null if that may be.
    ops.push({ ...rest, type: whenTrue ? (isNullable(type) ? rest.type & ~NULLABLE_FLAG : rest.type) : type });
  }
}

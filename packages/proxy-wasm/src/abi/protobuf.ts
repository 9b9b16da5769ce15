import { concatBytes } from "./bytes.ts";

/** One field of a serialised protobuf message: `bytes` for those of wire type 2 (messages, strings, bytes), else undefined. */
export interface ProtobufField {
  readonly number: number;
  readonly bytes: Uint8Array | undefined;
}

/** The fields of a message, in their order; undefined for what is no message. */
export function fieldsOf(message: Uint8Array): ProtobufField[] | undefined {
  const fields: ProtobufField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= message.length) return Number.NaN;
      const byte = message[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    if (!(number >= 1 && number < 2 ** 29)) return undefined;
    let bytes: Uint8Array | undefined;
    let length = 0;
    switch (key % 8) {
      case 0:
        if (Number.isNaN(varint())) return undefined;
        break;
      case 1:
        length = 8;
        break;
      case 2: {
        length = varint();
        if (!(length <= message.length - at)) return undefined;
        bytes = message.subarray(at, at + length);
        break;
      }
      case 5:
        length = 4;
        break;
      default:
        return undefined;
    }
    if (length > message.length - at) return undefined;
    at += length;
    fields.push({ number, bytes });
  }
  return fields;
}

/** A message of truths and bytes. As in version 3 of protobuf, what is false or empty is left out. */
export function encodeFields(fields: readonly (readonly [number: number, value: boolean | Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const varint = (value: number): void => {
    const bytes: number[] = [];
    for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value & 0x7f) | 0x80);
    parts.push(Uint8Array.of(...bytes, value));
  };
  for (const [number, value] of fields) {
    if (value === true) {
      varint(number * 8);
      varint(1);
    } else if (value !== false && value.length > 0) {
      varint(number * 8 + 2);
      varint(value.length);
      parts.push(value);
    }
  }
  return concatBytes(parts);
}

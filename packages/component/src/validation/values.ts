import { Reader } from "@wardian/runtime/internal";
import type { ValueType } from "../types/value.ts";

/** Checks that bytes are a value of a type (Binary, "Value Definitions"). */
export function checkValue(type: ValueType, bytes: Uint8Array, fail: (reason: string) => never): void {
  const reader = new Reader(bytes);
  let elements = 0;
  const index = (count: number, what: string): number => {
    const value = reader.u32();
    if (value >= count) fail(`malformed value: ${what} ${value} of ${count}`);
    return value;
  };
  const flag = (): boolean => {
    const byte = reader.byte();
    if (byte > 1) fail(`malformed value: expected 0 or 1, found ${byte}`);
    return byte === 1;
  };
  const check = (at: ValueType): void => {
    // Each step reads a byte, or is one of a type whose size is bounded.
    switch (at.kind) {
      case "bool":
        flag();
        return;
      case "s8":
      case "u8":
        reader.byte();
        return;
      case "s16":
      case "s32": {
        const value = reader.s32();
        if (at.kind === "s16" && value !== (value << 16) >> 16) fail("malformed value: integer too large");
        return;
      }
      case "u16":
      case "u32":
        if (reader.u32() > (at.kind === "u16" ? 0xffff : 0xffff_ffff)) fail("malformed value: integer too large");
        return;
      case "s64":
        reader.s64();
        return;
      case "u64":
        reader.u64();
        return;
      case "f32": {
        const bits = reader.fixed32();
        if ((bits & 0x7fff_ffff) > 0x7f80_0000 && bits !== 0x7fc0_0000) fail("malformed value: not the canonical NaN");
        return;
      }
      case "f64": {
        const bits = reader.fixed64();
        if (BigInt.asUintN(63, bits) > 0x7ff0_0000_0000_0000n && bits !== 0x7ff8_0000_0000_0000n)
          fail("malformed value: not the canonical NaN");
        return;
      }
      case "char": {
        const first = reader.byte();
        const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        reader.pos--;
        const text = decode(reader.take(length));
        if (text === undefined || [...text].length !== 1) fail("malformed value: not a character");
        return;
      }
      case "string":
        reader.name();
        return;
      case "record":
        for (const field of at.fields) check(field.type);
        return;
      case "tuple":
        for (const part of at.types) check(part);
        return;
      case "list": {
        const count = at.length ?? reader.u32();
        for (let i = 0; i < count; i++) {
          if (++elements > bytes.length) fail("malformed value: unexpected end");
          check(at.element);
        }
        return;
      }
      case "map": {
        const count = reader.u32();
        for (let i = 0; i < count; i++) {
          if (++elements > bytes.length) fail("malformed value: unexpected end");
          check(at.key);
          check(at.value);
        }
        return;
      }
      case "variant": {
        const payload = at.cases[index(at.cases.length, "case")].type;
        if (payload !== undefined) check(payload);
        return;
      }
      case "enum":
        index(at.labels.length, "label");
        return;
      case "flags":
        reader.skip(Math.ceil(at.labels.length / 8));
        return;
      case "option":
        if (flag()) check(at.type);
        return;
      case "result": {
        const payload = flag() ? at.error : at.ok;
        if (payload !== undefined) check(payload);
        return;
      }
      default:
        fail(`a value of type ${at.kind} cannot be written down`);
    }
  };
  check(type);
  if (reader.pos !== bytes.length) fail("malformed value: its size does not match its type");
}

function decode(bytes: Uint8Array): string | undefined {
  const reader = new Reader(new Uint8Array([bytes.length, ...bytes]));
  try {
    return reader.name();
  } catch {
    return undefined;
  }
}

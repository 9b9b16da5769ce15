import type { ListType, ValueType } from "../types/value.ts";
import { bareChoice } from "./elements.ts";
import {
  ConversionError,
  expected,
  isObject,
  locate,
  numberReader,
  ownProperty,
  readElements,
  readEntries,
  readNumbers,
  wellFormed,
} from "./host-values.ts";
import type { ValueMeter } from "./meter.ts";
import { camelCase } from "./names.ts";
import { numberFormat } from "./numbers.ts";
import type { HandleCodec, TableValueType } from "./site.ts";
import { Choice, type TransferValue } from "./transfer.ts";

/**
 * Makes the transfer value of a JavaScript value, with no effect on a guest.
 *
 * @throws TypeError for a value that is not one of the type: numbers are never wrapped or rounded, but `f32` is
 */
export type FromHost = (value: unknown) => TransferValue;

type Handles = (type: TableValueType) => Pick<HandleCodec<never>, "fromHost">;

/** Specialises {@link FromHost} by type. */
export function compileFromHost(type: ValueType, meter: ValueMeter, handles: Handles): FromHost {
  return new FromHostTypes(meter, handles).of(type);
}

class FromHostTypes {
  private readonly known = new Map<ValueType, FromHost>();
  private readonly meter: ValueMeter;
  private readonly handles: Handles;

  constructor(meter: ValueMeter, handles: Handles) {
    this.meter = meter;
    this.handles = handles;
  }

  of(type: ValueType): FromHost {
    let convert = this.known.get(type);
    if (convert === undefined) {
      convert = this.make(type);
      this.known.set(type, convert);
    }
    return convert;
  }

  private make(type: ValueType): FromHost {
    switch (type.kind) {
      case "bool":
        return (value) => {
          if (typeof value !== "boolean") throw expected("a boolean", value);
          return value;
        };
      case "char":
        return readChar;
      case "string":
        return (value) => {
          if (typeof value !== "string") throw expected("a string", value);
          return wellFormed(value);
        };
      case "enum": {
        const indices = indicesOf(type.labels);
        return (value) => {
          const index = typeof value === "string" ? indices.get(value) : undefined;
          if (index === undefined) throw expected(oneOf(type.labels), value);
          return index;
        };
      }
      case "flags":
        return flags(type.labels);
      case "list":
        return this.list(type);
      case "map": {
        const [key, part] = [this.of(type.key), this.of(type.value)];
        return (value) => readEntries(value, type.key.kind === "string", this.meter, ([k, v]) => [key(k), part(v)]);
      }
      case "tuple":
        return this.tuple(type.types);
      case "record":
        return this.record(
          type.fields.map((field) => field.name),
          type.fields.map((field) => field.type),
        );
      case "variant":
        return this.variant(
          type.cases.map((item) => item.name),
          type.cases.map((item) => item.type),
        );
      case "result":
        return this.variant(["ok", "err"], [type.ok, type.error]);
      case "option": {
        const convert =
          type.type.kind === "option" ? this.variant(["none", "some"], [undefined, type.type]) : this.some(type.type);
        return (value) => (value === undefined || value === null ? bareChoice(0) : convert(value));
      }
      case "own":
      case "borrow":
      case "stream":
      case "future":
      case "error-context": {
        const codec = this.handles(type);
        return (value) => codec.fromHost(value);
      }
      default:
        return numberReader(type.kind);
    }
  }

  private some(type: ValueType): FromHost {
    const convert = this.of(type);
    return (value) => new Choice(1, convert(value));
  }

  private list({ element, length }: ListType): FromHost {
    const { meter } = this;
    const format = numberFormat(element);
    const convert = format === undefined ? this.of(element) : undefined;
    return (value) => {
      const values =
        format !== undefined
          ? readNumbers(value, format, meter)
          : readElements(value, "an array or an iterable", meter, convert as FromHost);
      if (length !== undefined && values.length !== length)
        throw new ConversionError(`expected ${length} elements, not ${values.length}`);
      return values;
    };
  }

  private tuple(types: readonly ValueType[]): FromHost {
    const parts = types.map((type) => this.of(type));
    const { length } = parts;
    return (value) => {
      if (!Array.isArray(value) || value.length !== length) throw expected(`an array of ${length} elements`, value);
      const values: TransferValue[] = [];
      try {
        while (values.length < length) values.push(parts[values.length](value[values.length]));
      } catch (error) {
        throw locate(error, `[${values.length}]`);
      }
      return values;
    };
  }

  private record(labels: readonly string[], types: readonly ValueType[]): FromHost {
    const names = labels.map(camelCase);
    const parts = types.map((type) => this.of(type));
    const { length } = parts;
    return (value) => {
      if (!isObject(value)) throw expected(`an object with ${names.map((name) => `\`${name}\``).join(", ")}`, value);
      const values: TransferValue[] = [];
      try {
        while (values.length < length) values.push(parts[values.length](ownProperty(value, names[values.length])));
      } catch (error) {
        throw locate(error, names[values.length]);
      }
      return values;
    };
  }

  private variant(labels: readonly string[], types: readonly (ValueType | undefined)[]): FromHost {
    const indices = indicesOf(labels);
    const parts = types.map((type) => (type === undefined ? undefined : this.of(type)));
    return (value) => {
      if (!isObject(value)) throw expected("an object with `tag` and `value`", value);
      const tag = ownProperty(value, "tag");
      const index = typeof tag === "string" ? indices.get(tag) : undefined;
      if (index === undefined) throw locate(expected(oneOf(labels), tag), "tag");
      const part = parts[index];
      if (part === undefined) return bareChoice(index);
      try {
        return new Choice(index, part(ownProperty(value, Object.hasOwn(value, "value") ? "value" : "val")));
      } catch (error) {
        throw locate(error, `value(${labels[index]})`);
      }
    };
  }
}

function readChar(value: unknown): number {
  if (typeof value === "string" && value.length > 0 && value.length <= 2) {
    const code = value.codePointAt(0) as number;
    if (value.length === (code > 0xffff ? 2 : 1) && (code < 0xd800 || code > 0xdfff)) return code;
  }
  throw expected("a string of one Unicode scalar value (char)", value);
}

function flags(labels: readonly string[]): FromHost {
  const names = labels.map(camelCase);
  return (value) => {
    if (!isObject(value)) throw expected("an object of booleans", value);
    let bits = 0;
    for (let i = 0; i < names.length; i++) {
      const flag = ownProperty(value, names[i]);
      if (flag === true) bits |= 1 << i;
      else if (flag !== undefined && flag !== false) throw locate(expected("a boolean", flag), names[i]);
    }
    return bits >>> 0;
  };
}

function indicesOf(labels: readonly string[]): ReadonlyMap<string, number> {
  return new Map(labels.map((label, index) => [label, index]));
}

function oneOf(labels: readonly string[]): string {
  const first = labels.slice(0, 8).map((label) => `"${label}"`);
  return `${first.join(", ")}${labels.length > first.length ? ", …" : ""}${first.length > 1 ? " (one of them)" : ""}`;
}

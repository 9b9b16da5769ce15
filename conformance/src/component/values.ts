import { isDeepStrictEqual } from "node:util";
import type { ValueType } from "@wardian/component";
import type { ComponentValue } from "./script.ts";

const view = new DataView(new ArrayBuffer(8));

function f32(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

function f64(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** The JavaScript name of a label. */
export const camelCase = (label: string): string =>
  label.replace(/-(.)/g, (_dash, letter: string) => letter.toUpperCase());

/** The JavaScript value of a value that a script gives, as `@wardian/component` takes it. */
export function toJavaScript(value: ComponentValue, type: ValueType): unknown {
  const part = (inner: ComponentValue | undefined, innerType: ValueType | undefined): unknown =>
    inner === undefined || innerType === undefined ? undefined : toJavaScript(inner, innerType);
  switch (value.type) {
    case "bool":
    case "char":
    case "string":
      return value.value;
    case "s64":
    case "u64":
      return value.value;
    case "f32":
      return f32(value.bits);
    case "f64":
      return f64(value.bits);
    case "nan":
      return Number.NaN;
    case "list":
      if (type.kind === "map")
        return new Map(
          value.items.map((item) => {
            const [key, mapped] = item.type === "tuple" ? item.items : [];
            return [part(key, type.key), part(mapped, type.value)];
          }),
        );
      return value.items.map((item) => part(item, type.kind === "list" ? type.element : undefined));
    case "tuple":
      return value.items.map((item, i) => part(item, type.kind === "tuple" ? type.types[i] : undefined));
    case "record": {
      const fields = type.kind === "record" ? type.fields : [];
      const typeOf = (name: string): ValueType | undefined => fields.find((field) => field.name === name)?.type;
      return Object.fromEntries(value.fields.map(([name, field]) => [camelCase(name), part(field, typeOf(name))]));
    }
    case "variant": {
      const payload = type.kind === "variant" ? type.cases.find(({ name }) => name === value.label)?.type : undefined;
      return { tag: value.label, value: part(value.payload, payload) };
    }
    case "enum":
      return value.label;
    case "flags": {
      const labels = type.kind === "flags" ? type.labels : [];
      return Object.fromEntries(labels.map((label) => [camelCase(label), value.labels.includes(label)]));
    }
    case "option": {
      if (type.kind !== "option") return undefined;
      const inner = part(value.payload, type.type);
      if (type.type.kind !== "option") return inner;
      return value.payload === undefined ? { tag: "none" } : { tag: "some", value: inner };
    }
    case "result": {
      const payload = type.kind === "result" ? (value.ok ? type.ok : type.error) : undefined;
      return { tag: value.ok ? "ok" : "err", value: part(value.payload, payload) };
    }
    default:
      return Number(value.value);
  }
}

/** Typed arrays as arrays, and no members that are undefined: forms that mean the same are equal then. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)];
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value].map(([key, item]) => [plain(key), plain(item)]);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, plain(item)]),
  );
}

/** Whether a call's result is the value that a script expects. */
export function isExpected(
  actual: unknown,
  expected: ComponentValue | undefined,
  type: ValueType | undefined,
): boolean {
  if (expected === undefined || type === undefined) return actual === undefined && expected === undefined;
  return isDeepStrictEqual(plain(actual), plain(toJavaScript(expected, type)));
}

import { makeValueType, type PrimitiveKind, primitiveType, type ValueType } from "../../src/types/value.ts";

/** Numbers that depend on a seed alone. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)];
  }

  many<Item>(count: number, make: (index: number) => Item): Item[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }
}

const primitives: readonly PrimitiveKind[] = "bool u8 s8 u16 s16 u32 s32 u64 s64 f32 f64 char string string".split(
  " ",
) as PrimitiveKind[];

/** A type without handles, at most that deep. */
export function randomType(random: Random, depth: number): ValueType {
  const part = (): ValueType => randomType(random, depth - 1);
  const maybe = (): ValueType | undefined => (random.below(3) === 0 ? undefined : part());
  const labels = (count: number): string[] => random.many(count, (i) => `some-label-${"abcdefghijklmnop"[i % 16]}${i}`);
  if (depth === 0 || random.below(3) === 0) return primitiveType(random.pick(primitives));
  switch (random.below(10)) {
    case 0:
      return makeValueType({
        kind: "record",
        fields: labels(1 + random.below(4)).map((name) => ({ name, type: part() })),
      });
    case 1:
      return makeValueType({ kind: "tuple", types: random.many(1 + random.below(4), part) });
    case 2:
      return makeValueType({
        kind: "variant",
        cases: labels(random.pick([1, 2, 3, 5, 257])).map((name, i) => ({ name, type: i < 6 ? maybe() : undefined })),
      });
    case 3:
      return makeValueType({ kind: "enum", labels: labels(random.pick([1, 2, 7, 256, 300])) });
    case 4:
      return makeValueType({ kind: "flags", labels: labels(random.pick([1, 3, 8, 9, 16, 17, 32])) });
    case 5:
      return makeValueType({ kind: "option", type: part() });
    case 6:
      return makeValueType({ kind: "result", ok: maybe(), error: maybe() });
    case 7:
      return makeValueType({ kind: "list", element: part(), length: 1 + random.below(4) });
    case 8:
      return makeValueType({
        kind: "map",
        key: primitiveType(random.pick<PrimitiveKind>(["u8", "s32", "string", "char", "bool", "u64"])),
        value: part(),
      });
    default:
      return makeValueType({ kind: "list", element: part(), length: undefined });
  }
}

/** A type as the driver of the reference reads it. */
export function typeText(type: ValueType | undefined): unknown {
  if (type === undefined) return null;
  const { facts: _, ...rest } = type as ValueType & Record<string, unknown>;
  return JSON.parse(
    JSON.stringify(rest, (_key, value: unknown) =>
      typeof value === "object" && value !== null && "facts" in value ? typeText(value as ValueType) : value,
    ),
  );
}

const scalars = [
  0x24, 0x41, 0x7a, 0x7f, 0x80, 0xe9, 0xff, 0x100, 0x7ff, 0x800, 0x2603, 0xd7ff, 0xe000, 0xffff, 0x1f370,
];

function randomString(random: Random): string {
  const most = random.pick([4, 8, scalars.length]);
  const length = random.pick([0, 1, 5, 11, 30, 60]);
  return String.fromCodePoint(...random.many(length, () => scalars[random.below(most)]));
}

/** A value: for JavaScript, and as the driver reads it. */
export interface RandomValue {
  readonly value: unknown;
  readonly text: unknown;
}

const bits = new BigUint64Array(1);
const floats = new Float64Array(bits.buffer);

function randomInteger(random: Random, kind: string): bigint {
  const width = BigInt(kind.slice(1));
  const one = BigInt(random.below(2 ** 32)) * 2n ** 32n + BigInt(random.below(2 ** 32));
  const some = random.pick([0n, 1n, one, 2n ** (width - 1n), 2n ** width - 1n, 2n ** (width - 1n) - 1n]);
  return kind.startsWith("u") ? BigInt.asUintN(Number(width), some) : BigInt.asIntN(Number(width), some);
}

const camel = (label: string): string => label.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const arrays = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** A value of a type. */
export function randomValue(random: Random, type: ValueType): RandomValue {
  const choice = (cases: readonly (ValueType | undefined)[]): [number, RandomValue | undefined] => {
    const index = random.below(cases.length);
    const part = cases[index];
    return [index, part === undefined ? undefined : randomValue(random, part)];
  };
  const variant = (names: readonly string[], cases: readonly (ValueType | undefined)[]): RandomValue => {
    const [index, payload] = choice(cases);
    const tag = names[index];
    return {
      value: payload === undefined ? { tag } : { tag, value: payload.value },
      text: [index, payload?.text ?? null],
    };
  };
  switch (type.kind) {
    case "bool": {
      const value = random.below(2) === 1;
      return { value, text: value };
    }
    case "f32":
    case "f64": {
      const some = random.pick([0, -0, 1.5, -1e30, Number.POSITIVE_INFINITY, Number.NaN, random.below(1e9) / 7]);
      const value = type.kind === "f32" ? Math.fround(some) : some;
      floats[0] = value;
      return { value, text: String(bits[0]) };
    }
    case "char": {
      const value = String.fromCodePoint(random.pick(scalars));
      return { value, text: value };
    }
    case "string": {
      const value = randomString(random);
      return { value, text: value };
    }
    case "list": {
      const items = random.many(type.length ?? random.pick([0, 1, 3, 9]), () => randomValue(random, type.element));
      const values = items.map(({ value }) => value);
      const array = (arrays as Record<string, { from(values: unknown): unknown } | undefined>)[type.element.kind];
      return { value: array === undefined ? values : array.from(values as never), text: items.map(({ text }) => text) };
    }
    case "map": {
      const entries = new Map<unknown, unknown>();
      const texts: unknown[] = [];
      for (let i = random.below(4); i > 0; i--) {
        const [key, value] = [randomValue(random, type.key), randomValue(random, type.value)];
        if (entries.has(key.value)) continue;
        entries.set(key.value, value.value);
        texts.push([key.text, value.text]);
      }
      return { value: entries, text: texts };
    }
    case "record": {
      const parts = type.fields.map((field) => randomValue(random, field.type));
      const object = Object.fromEntries(type.fields.map(({ name }, i) => [camel(name), parts[i].value]));
      return { value: object, text: parts.map(({ text }) => text) };
    }
    case "tuple": {
      const parts = type.types.map((part) => randomValue(random, part));
      return { value: parts.map(({ value }) => value), text: parts.map(({ text }) => text) };
    }
    case "flags": {
      const set = random.below(2 ** type.labels.length);
      const object = Object.fromEntries(
        type.labels.map((label, i) => [camel(label), Math.floor(set / 2 ** i) % 2 === 1]),
      );
      return { value: object, text: set };
    }
    case "enum": {
      const index = random.below(type.labels.length);
      return { value: type.labels[index], text: index };
    }
    case "variant":
      return variant(
        type.cases.map(({ name }) => name),
        type.cases.map((item) => item.type),
      );
    case "result":
      return variant(["ok", "err"], [type.ok, type.error]);
    case "option": {
      if (type.type.kind === "option") return variant(["none", "some"], [undefined, type.type]);
      const [index, payload] = choice([undefined, type.type]);
      return { value: payload?.value, text: [index, payload?.text ?? null] };
    }
    case "own":
    case "borrow":
    case "stream":
    case "future":
    case "error-context":
      throw new Error("handles are not drawn");
    default: {
      const number = randomInteger(random, type.kind);
      return { value: type.kind.endsWith("64") ? number : Number(number), text: String(number) };
    }
  }
}

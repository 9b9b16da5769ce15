import type { ValueType } from "../types/value.ts";
import { camelCase } from "./names.ts";
import { numberFormat } from "./numbers.ts";
import type { HandleCodec, TableValueType } from "./site.ts";
import type { Choice, TransferValue } from "./transfer.ts";

/** Makes the JavaScript value of a lifted value. */
export type ToHost<Scope> = (value: TransferValue, scope: Scope) => unknown;

type Handles<Scope> = (type: TableValueType) => HandleCodec<Scope>;

/**
 * Specialises {@link ToHost} by type. Undefined where the transfer value is the JavaScript value: numbers, strings, lists of numbers.
 *
 * A value that was lifted for a host holds nothing that is the guest's: the result does not change when the guest runs on.
 */
export function compileToHost<Scope>(type: ValueType, handles: Handles<Scope>): ToHost<Scope> | undefined {
  return new ToHostTypes(handles).of(type);
}

class ToHostTypes<Scope> {
  private readonly known = new Map<ValueType, ToHost<Scope> | undefined>();
  private readonly handles: Handles<Scope>;

  constructor(handles: Handles<Scope>) {
    this.handles = handles;
  }

  of(type: ValueType): ToHost<Scope> | undefined {
    if (!this.known.has(type)) this.known.set(type, this.make(type));
    return this.known.get(type);
  }

  private make(type: ValueType): ToHost<Scope> | undefined {
    switch (type.kind) {
      case "char":
        return (value) => String.fromCodePoint(value as number);
      case "enum": {
        const { labels } = type;
        return (value) => labels[value as number];
      }
      case "flags": {
        const names = type.labels.map(camelCase);
        return (value) => {
          const flags: Record<string, boolean> = {};
          for (let i = 0; i < names.length; i++) flags[names[i]] = (((value as number) >>> i) & 1) === 1;
          return flags;
        };
      }
      case "list": {
        if (numberFormat(type.element) !== undefined) return undefined;
        return this.array(this.of(type.element));
      }
      case "map": {
        const [key, part] = [this.of(type.key), this.of(type.value)];
        return (value, scope) => {
          const map = new Map<unknown, unknown>();
          for (const [k, v] of value as [TransferValue, TransferValue][])
            map.set(key === undefined ? k : key(k, scope), part === undefined ? v : part(v, scope));
          return map;
        };
      }
      case "tuple":
        return this.tuple(type.types.map((part) => this.of(part)));
      case "record":
        return record(
          type.fields.map((field) => camelCase(field.name)),
          type.fields.map((field) => this.of(field.type)),
        );
      case "variant":
        return this.variant(
          type.cases.map((item) => item.name),
          type.cases.map((item) => item.type),
        );
      case "result":
        return this.variant(["ok", "err"], [type.ok, type.error]);
      case "option": {
        // Only an option of an option needs to tell the inner absence from the outer.
        if (type.type.kind === "option") return this.variant(["none", "some"], [undefined, type.type]);
        const part = this.of(type.type);
        return (value, scope) => {
          const { index, payload } = value as Choice;
          return index === 0 ? undefined : part === undefined ? payload : part(payload, scope);
        };
      }
      case "own":
      case "borrow":
      case "stream":
      case "future":
      case "error-context": {
        const codec = this.handles(type);
        return (value, scope) => codec.toHost(value, scope);
      }
      default:
        return undefined;
    }
  }

  /** The transfer value is an array that nobody else has: its elements are replaced in place. */
  private array(part: ToHost<Scope> | undefined): ToHost<Scope> | undefined {
    if (part === undefined) return undefined;
    return (value, scope) => {
      const values = value as unknown[];
      for (let i = 0; i < values.length; i++) values[i] = part(values[i], scope);
      return values;
    };
  }

  private tuple(parts: readonly (ToHost<Scope> | undefined)[]): ToHost<Scope> | undefined {
    if (parts.every((part) => part === undefined)) return undefined;
    return (value, scope) => {
      const values = value as unknown[];
      for (let i = 0; i < parts.length; i++) {
        const part = parts[i];
        if (part !== undefined) values[i] = part(values[i], scope);
      }
      return values;
    };
  }

  private variant(names: readonly string[], types: readonly (ValueType | undefined)[]): ToHost<Scope> {
    const parts = types.map((type) => (type === undefined ? undefined : this.of(type)));
    const payloads = types.map((type) => type !== undefined);
    return (value, scope) => {
      const { index, payload } = value as Choice;
      const tag = names[index];
      if (!payloads[index]) return { tag };
      const part = parts[index];
      return { tag, value: part === undefined ? payload : part(payload, scope) };
    };
  }
}

function record<Scope>(names: readonly string[], parts: readonly (ToHost<Scope> | undefined)[]): ToHost<Scope> {
  const { length } = names;
  return (value, scope) => {
    const values = value as readonly TransferValue[];
    const object: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) {
      const part = parts[i];
      object[names[i]] = part === undefined ? values[i] : part(values[i], scope);
    }
    return object;
  };
}

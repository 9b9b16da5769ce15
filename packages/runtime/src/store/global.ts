import { type OptionNames, readOptions } from "../wasm/options.ts";
import type { DefinedType } from "../wasm/type-registry.ts";
import { EXTERNREF, F32, F64, type GlobalType, I32, I64, isDefaultable, V128 } from "../wasm/types.ts";
import type { Reference } from "./references.ts";
import { type ValueTypeName, valueTypeNamed } from "./value-types.ts";
import { defaultValue, toJavaScript, toWasm, type WasmValue } from "./values.ts";

/** As in the platform's API: what a new global is like. */
export interface GlobalDescriptor {
  readonly value: Exclude<ValueTypeName, "v128">;
  readonly mutable?: boolean;
}

const names: OptionNames<GlobalDescriptor> = { value: true, mutable: true };

/** Where a global's value lives when not in the cell: in a `WebAssembly.Global` of the platform. */
export interface GlobalStorage {
  load(): WasmValue;
  store(value: WasmValue): void;
}

/**
 * A global (specification, 4.2.9; JavaScript API, 5.5). A number lives in sixteen bytes with a view for every type, so that engines
 * move its bits without a conversion that could change a NaN.
 */
export class Global {
  readonly type: GlobalType;
  /** What type indices in `type` mean. */
  readonly types: readonly DefinedType[];
  readonly i32: Int32Array;
  readonly i64: BigInt64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  /** The value of a global of reference type. */
  ref: Reference = null;
  /** Where a mutable global's value is, if the platform's engine has it; no other engine can then use the global. */
  storage: GlobalStorage | undefined = undefined;

  /** @throws TypeError for a descriptor that makes no global type, or a value of another type */
  constructor(descriptor: GlobalDescriptor | GlobalType, value?: unknown, types: readonly DefinedType[] = []) {
    const cell = new ArrayBuffer(16);
    this.i32 = new Int32Array(cell);
    this.i64 = new BigInt64Array(cell);
    this.f32 = new Float32Array(cell);
    this.f64 = new Float64Array(cell);
    this.types = types;
    if (!isGlobalType(descriptor)) {
      const { value: name, mutable = false } = readOptions("Global", names, descriptor);
      const type = valueTypeNamed(name);
      if (type === V128) throw new TypeError("a global of type v128 cannot be made by JavaScript");
      this.type = { type, mutable };
      this.store(
        value === undefined && isDefaultable(type) && type !== EXTERNREF
          ? defaultValue(type)
          : toWasm(value, type, types),
      );
    } else {
      this.type = descriptor;
      if (value !== undefined) this.store(value);
    }
  }

  get value(): unknown {
    return toJavaScript(this.load(), this.type.type);
  }

  set value(value: unknown) {
    if (!this.type.mutable) throw new TypeError("an immutable global cannot be set");
    this.store(toWasm(value, this.type.type, this.types));
  }

  valueOf(): unknown {
    return this.value;
  }

  /** The value as the guest has it. */
  load(): WasmValue {
    if (this.storage !== undefined) return this.storage.load();
    switch (this.type.type) {
      case I32:
        return this.i32[0];
      case I64:
        return this.i64[0];
      case F32:
        return this.f32[0];
      case F64:
        return this.f64[0];
      case V128:
        return new Uint8Array(this.i32.buffer).slice();
      default:
        return this.ref;
    }
  }

  /** Sets the value as the guest has it, whether mutable or not. */
  store(value: WasmValue): void {
    if (this.storage !== undefined) {
      this.storage.store(value);
      return;
    }
    switch (this.type.type) {
      case I32:
        this.i32[0] = value as number;
        break;
      case I64:
        this.i64[0] = value as bigint;
        break;
      case F32:
        this.f32[0] = value as number;
        break;
      case F64:
        this.f64[0] = value as number;
        break;
      case V128:
        new Uint8Array(this.i32.buffer).set(value as Uint8Array);
        break;
      default:
        this.ref = value;
    }
  }
}

/** Types are numbers, and descriptors name them. */
function isGlobalType(descriptor: GlobalDescriptor | GlobalType): descriptor is GlobalType {
  return "type" in descriptor && typeof descriptor.type === "number";
}

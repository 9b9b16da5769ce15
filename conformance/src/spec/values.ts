import { Exception, type Global } from "@wardian/runtime";
import {
  Func,
  GcObject,
  isI31,
  type LanePattern,
  type ResultPattern,
  type ScriptValue,
  unsigned64,
} from "@wardian/runtime/internal";

/** What a script writes as `(ref.extern 7)`: a reference of the host that is told from others by its number. */
export class HostReference {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** The host references of one script: the same number is the same reference. */
export class HostReferences {
  private readonly byValue: Map<number, HostReference> = new Map();

  get(value: number): HostReference {
    let reference = this.byValue.get(value);
    if (reference === undefined) this.byValue.set(value, (reference = new HostReference(value)));
    return reference;
  }
}

/** A value of a script in the form that `invokeRaw` takes. */
export function rawArgument(value: ScriptValue, hosts: HostReferences): unknown {
  switch (value.type) {
    case "i32":
    case "i64":
      return value.value;
    case "f32":
    case "f64":
      return value.bits;
    case "v128":
      return value.bytes;
    case "ref.null":
      return null;
    case "ref.extern":
    case "ref.host":
      return hosts.get(value.value);
  }
}

const F32 = 0x7d;
const F64 = 0x7c;
const V128 = 0x7b;

/** The value of an exported global in the form that `invokeRaw` returns. */
export function rawGlobal(global: Global): unknown {
  // One of the platform's has its value there; others have it in cells, as bits.
  const cells = global.storage === undefined ? new DataView(global.i32.buffer) : new DataView(new ArrayBuffer(8));
  switch (global.type.type) {
    case F32:
      if (global.storage !== undefined) cells.setFloat32(0, global.value as number, true);
      return cells.getUint32(0, true);
    case F64:
      if (global.storage !== undefined) cells.setFloat64(0, global.value as number, true);
      return cells.getBigUint64(0, true);
    case V128:
      return global.storage === undefined ? new Uint8Array(global.i32.buffer.slice(0, 16)) : global.value;
    default:
      return global.value;
  }
}

/** Whether a result is what the pattern asks for, to the bit. */
export function matches(actual: unknown, expected: ResultPattern, hosts: HostReferences): boolean {
  switch (expected.type) {
    case "i32":
      return typeof actual === "number" && (actual | 0) === expected.value;
    case "i64":
      return typeof actual === "bigint" && BigInt.asIntN(64, actual) === expected.value;
    case "f32":
      return typeof actual === "number" && actual >>> 0 === expected.bits;
    case "f64":
      return typeof actual === "bigint" && unsigned64(actual) === expected.bits;
    case "nan":
      return matchesNaN(BigInt(actual as number | bigint), expected.of, expected.kind);
    case "v128":
      return actual instanceof Uint8Array && actual.every((byte, i) => byte === expected.bytes[i]);
    case "lanes":
      return actual instanceof Uint8Array && matchesLanes(actual, expected.of, expected.lanes);
    case "ref.null":
      return actual === null;
    case "ref.extern":
    case "ref.host":
      return actual === hosts.get(expected.value);
    case "reference":
      return matchesReference(actual, expected.kind);
    case "either":
      return expected.patterns.some((pattern) => matches(actual, pattern, hosts));
  }
}

/** A canonical NaN has only the highest bit of its payload, an arithmetic one has it among others (specification, 4.3.3). */
function matchesNaN(bits: bigint, of: "f32" | "f64", kind: "canonical" | "arithmetic"): boolean {
  const quiet = of === "f32" ? 0x7fc00000n : 0x7ff8000000000000n;
  const mask = kind === "arithmetic" ? quiet : of === "f32" ? 0x7fffffffn : 0x7fffffffffffffffn;
  return (bits & mask) === quiet;
}

function matchesLanes(bytes: Uint8Array, of: "f32x4" | "f64x2", lanes: readonly LanePattern[]): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return lanes.every((lane, i) => {
    const bits = of === "f32x4" ? BigInt(view.getUint32(i * 4, true)) : view.getBigUint64(i * 8, true);
    return typeof lane === "bigint" ? bits === lane : matchesNaN(bits, of === "f32x4" ? "f32" : "f64", lane);
  });
}

function matchesReference(actual: unknown, kind: string): boolean {
  if (kind === "ref.null") return actual === null;
  if (actual === null || actual === undefined) return false;
  switch (kind) {
    case "ref.func":
      return actual instanceof Func || typeof actual === "function";
    case "ref.i31":
      return isI31(actual);
    case "ref.struct":
      return isObject(actual, "struct");
    case "ref.array":
      return isObject(actual, "array");
    case "ref.eq":
      return isI31(actual) || isObject(actual, "struct") || isObject(actual, "array");
    case "ref.exn":
      return actual instanceof Exception;
    case "ref.host":
      return actual instanceof HostReference;
    default:
      // `ref.any` and `ref.extern`: any reference that is not null.
      return true;
  }
}

function isObject(value: unknown, kind: "struct" | "array"): boolean {
  if (value instanceof GcObject) return value.type.composite.kind === kind;
  // The platform's own structures and arrays are opaque: objects without a prototype, not told from each other.
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

/** A result or what was expected of it, for a report. */
export function describe(value: unknown): string {
  if (value instanceof Uint8Array)
    return `v128 0x${[...value].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
  if (value instanceof HostReference) return `ref.extern ${value.value}`;
  if (value instanceof GcObject) return `a ${value.type.composite.kind}`;
  if (value instanceof Func || typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value} (0x${unsigned64(value).toString(16)})`;
  if (typeof value === "number") return `${value} (0x${(value >>> 0).toString(16)})`;
  return String(value);
}

/** A pattern as a report shows it. */
export function describePattern(pattern: ResultPattern): string {
  switch (pattern.type) {
    case "i32":
    case "i64":
      return describe(pattern.value);
    case "f32":
    case "f64":
      return `${pattern.type} ${describe(pattern.bits)}`;
    case "v128":
      return describe(pattern.bytes);
    case "nan":
      return `nan:${pattern.kind}`;
    case "lanes":
      return `${pattern.of} ${pattern.lanes.map((lane) => (typeof lane === "bigint" ? `0x${lane.toString(16)}` : `nan:${lane}`)).join(" ")}`;
    case "ref.null":
      return "ref.null";
    case "ref.extern":
    case "ref.host":
      return `${pattern.type} ${pattern.value}`;
    case "reference":
      return pattern.kind;
    case "either":
      return `either ${pattern.patterns.map(describePattern).join(" or ")}`;
  }
}

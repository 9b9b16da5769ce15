import type { BuiltinName } from "../model/builtins.ts";
import type { StringEncoding } from "../model/definitions.ts";
import type { NameAttribute } from "../model/extern-name.ts";
import type { ComponentSort, CoreSort } from "../model/sorts.ts";
import type { PrimitiveType } from "../model/types.ts";

/** Every number of the binary format (Binary), in this one place: version 1.0 of the Component Model will give them new values. */

/** The first word of the preamble, as in core modules. */
export const MAGIC = 0x6d736100;

/** The second word of the preamble: version 0x0d in its lower half, and the layer, which is 1 for components, in the upper. */
export const COMPONENT_VERSION = 0x0001_000d;
export const COMPONENT_LAYER = 1;

export const SECTION = {
  custom: 0,
  coreModule: 1,
  coreInstance: 2,
  coreType: 3,
  component: 4,
  instance: 5,
  alias: 6,
  type: 7,
  canon: 8,
  start: 9,
  import: 10,
  export: 11,
  value: 12,
} as const;

/** Names of sections for messages, by id. */
export const sectionNames: readonly string[] = [
  "custom",
  "core module",
  "core instance",
  "core type",
  "component",
  "instance",
  "alias",
  "type",
  "canonical function",
  "start",
  "import",
  "export",
  "value",
];

export const CORE_SORT: Readonly<Record<CoreSort, number>> = {
  func: 0x00,
  table: 0x01,
  memory: 0x02,
  global: 0x03,
  tag: 0x04,
  type: 0x10,
  module: 0x11,
  instance: 0x12,
};

/** The byte before the sort of a core definition where both kinds may stand. */
export const CORE_PREFIX = 0x00;

export const COMPONENT_SORT: Readonly<Record<ComponentSort, number>> = {
  func: 0x01,
  value: 0x02,
  type: 0x03,
  component: 0x04,
  instance: 0x05,
};

export const PRIMITIVE: Readonly<Record<PrimitiveType, number>> = {
  bool: 0x7f,
  s8: 0x7e,
  u8: 0x7d,
  s16: 0x7c,
  u16: 0x7b,
  s32: 0x7a,
  u32: 0x79,
  s64: 0x78,
  u64: 0x77,
  f32: 0x76,
  f64: 0x75,
  char: 0x74,
  string: 0x73,
  "error-context": 0x64,
};

export const TYPE = {
  record: 0x72,
  variant: 0x71,
  list: 0x70,
  tuple: 0x6f,
  flags: 0x6e,
  enum: 0x6d,
  option: 0x6b,
  result: 0x6a,
  own: 0x69,
  borrow: 0x68,
  fixedLengthList: 0x67,
  stream: 0x66,
  future: 0x65,
  map: 0x63,
  func: 0x40,
  asyncFunc: 0x43,
  component: 0x41,
  instance: 0x42,
  resource: 0x3f,
} as const;

export const CORE_TYPE = {
  module: 0x50,
  /** Stands before a sub type that is not final, whose own opcode is that of module types. */
  subPrefix: 0x00,
} as const;

export const MODULE_DECLARATION = { import: 0x00, type: 0x01, alias: 0x02, export: 0x03 } as const;

export const DECLARATION = { coreType: 0x00, type: 0x01, alias: 0x02, import: 0x03, export: 0x04 } as const;

export const ALIAS = { export: 0x00, coreExport: 0x01, outer: 0x02 } as const;

export const INSTANCE = { instantiate: 0x00, exports: 0x01 } as const;

export const BOUND = { eq: 0x00, sub: 0x01, valueType: 0x01 } as const;

export const RESULT = { single: 0x00, none: 0x01 } as const;

export const CANON = { lift: 0x00, lower: 0x01, funcSort: 0x00 } as const;

export const BUILTIN: Readonly<Record<BuiltinName, number>> = {
  "resource.new": 0x02,
  "resource.drop": 0x03,
  "resource.rep": 0x04,
  "task.cancel": 0x05,
  "subtask.cancel": 0x06,
  "task.return": 0x09,
  "context.get": 0x0a,
  "context.set": 0x0b,
  "thread.yield": 0x0c,
  "subtask.drop": 0x0d,
  "stream.new": 0x0e,
  "stream.read": 0x0f,
  "stream.write": 0x10,
  "stream.cancel-read": 0x11,
  "stream.cancel-write": 0x12,
  "stream.drop-readable": 0x13,
  "stream.drop-writable": 0x14,
  "future.new": 0x15,
  "future.read": 0x16,
  "future.write": 0x17,
  "future.cancel-read": 0x18,
  "future.cancel-write": 0x19,
  "future.drop-readable": 0x1a,
  "future.drop-writable": 0x1b,
  "error-context.new": 0x1c,
  "error-context.debug-message": 0x1d,
  "error-context.drop": 0x1e,
  "waitable-set.new": 0x1f,
  "waitable-set.wait": 0x20,
  "waitable-set.poll": 0x21,
  "waitable-set.drop": 0x22,
  "waitable.join": 0x23,
  "backpressure.inc": 0x24,
  "backpressure.dec": 0x25,
  "thread.index": 0x26,
  "thread.new-indirect": 0x27,
  "thread.resume-later": 0x28,
  "thread.suspend": 0x29,
  "thread.suspend-then-resume": 0x2a,
  "thread.yield-then-resume": 0x2b,
  "thread.suspend-then-promote": 0x2c,
  "thread.yield-then-promote": 0x2d,
  "thread.spawn-ref": 0x40,
  "thread.spawn-indirect": 0x41,
  "thread.available-parallelism": 0x42,
};

export const STRING_ENCODING: Readonly<Record<StringEncoding, number>> = {
  utf8: 0x00,
  utf16: 0x01,
  "latin1+utf16": 0x02,
};

export const OPTION = { memory: 0x03, realloc: 0x04, postReturn: 0x05, async: 0x06, callback: 0x07 } as const;

/** Before names: 0x00 and 0x01 mean the same. */
export const NAME_PREFIX = { attributes: 0x02 } as const;

export const ATTRIBUTE: Readonly<Record<NameAttribute["kind"], number>> = {
  implements: 0x00,
  versionsuffix: 0x01,
  "external-id": 0x02,
};

/** A table's names by their numbers. */
export function byNumber<Name extends string>(table: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map((Object.entries(table) as [Name, number][]).map(([name, number]) => [number, name]));
}

/** The custom section of names, and its subsections. */
export const NAME_SECTION = { name: "component-name", component: 0, sort: 1 } as const;

import {
  type ValueType as CoreValueType,
  type DefinedType,
  defineTypes,
  FUNCREF,
  heapTypeOfIndex,
  I32,
  I64,
  isSubtype,
  referenceType,
} from "@wardian/runtime/internal";
import { builtinOf } from "../model/builtins.ts";
import type { BuiltinDefinition, CanonicalOption, LiftDefinition, LowerDefinition } from "../model/definitions.ts";
import type { CanonicalOptions, ValidBuiltin, ValidCanonical } from "../types/canonical.ts";
import type { FunctionType } from "../types/extern.ts";
import {
  flattenFunction,
  flattenTypes,
  MAX_FLAT_ASYNC_PARAMS,
  MAX_FLAT_PARAMS,
  MAX_FLAT_RESULTS,
} from "../types/flatten.ts";
import type { ResourceUse } from "../types/resource.ts";
import { partsOf, type ValueType } from "../types/value.ts";
import { coreFunctionType } from "./core-types.ts";
import { resolveValueType } from "./resolve-types.ts";
import type { Scope } from "./scope.ts";

/** Checks options for themselves (Canonical ABI, "canonopt Validation"). */
function readOptions(scope: Scope, options: readonly CanonicalOption[]): CanonicalOptions {
  const found = new Map<string, CanonicalOption>();
  for (const option of options) {
    const before = found.get(option.kind);
    if (before?.kind === "string-encoding" && option.kind === "string-encoding") {
      const name = (encoding: string): string => encoding.replace("+", "-");
      scope.fail(
        `canonical encoding option \`${name(before.encoding)}\` conflicts with option \`${name(option.encoding)}\``,
      );
    }
    if (before !== undefined) scope.fail(`canonical option \`${option.kind}\` is specified more than once`);
    found.set(option.kind, option);
  }
  const indexOf = (kind: "memory" | "realloc" | "post-return" | "callback"): number | undefined => {
    const option = found.get(kind);
    return option?.kind === kind ? option.index : undefined;
  };
  const memory = indexOf("memory");
  const realloc = indexOf("realloc");
  const callback = indexOf("callback");
  const encoding = found.get("string-encoding");
  const async = found.has("async");
  let address: CoreValueType = I32;
  if (memory !== undefined) address = checkMemory(scope, memory);
  if (realloc !== undefined) {
    if (memory === undefined) scope.fail("canonical option `realloc` requires `memory` to also be specified");
    if (scope.coreFunc(realloc) !== coreFunctionType([address, address, address, address], [address]))
      scope.fail("canonical option `realloc` uses a core function with an incorrect signature");
  }
  if (callback !== undefined && scope.coreFunc(callback) !== coreFunctionType([I32, I32, I32], [I32]))
    scope.fail("canonical option `callback` uses a core function with an incorrect signature");
  return {
    encoding: encoding?.kind === "string-encoding" ? encoding.encoding : "utf8",
    memory,
    realloc,
    postReturn: indexOf("post-return"),
    async,
    callback,
    address,
  };
}

/** Checks a memory that values are passed in. @returns the type of its addresses */
function checkMemory(scope: Scope, index: number): CoreValueType {
  const memory = scope.coreExtern("memory", index);
  if (memory.kind !== "memory") return scope.fail("canonical option `memory` is not a memory");
  const { shared, address, pageSizeLog2 } = memory.type;
  if (shared) scope.fail("canonical option `memory` is a shared memory: mismatch in the shared flag for memories");
  if (pageSizeLog2 !== 16) scope.fail("canonical option `memory` is a memory with a custom page size");
  if (address === I64) scope.validation.need("memory64", "a memory with 64-bit addresses as canonical option");
  return address;
}

/** Whether values of a type are passed through memory wherever they are: whether a list or string is in it. */
function hasPointers(type: ValueType | undefined, seen: Set<ValueType> = new Set()): boolean {
  if (type === undefined || seen.has(type)) return false;
  seen.add(type);
  if (type.kind === "string" || type.kind === "map") return true;
  if (type.kind === "list" && type.length === undefined) return true;
  // The elements of streams and futures are passed later.
  if (type.kind === "stream" || type.kind === "future") return false;
  return partsOf(type).some((part) => hasPointers(part, seen));
}

/** Whether a type has more core values than `limit`. */
function exceeds(types: readonly ValueType[], limit: number): boolean {
  return flattenTypes(types, I32, limit) === undefined;
}

function requireOptions(scope: Scope, options: CanonicalOptions, needs: { memory: boolean; realloc: boolean }): void {
  if ((needs.memory || needs.realloc) && options.memory === undefined)
    scope.fail("canonical option `memory` is required");
  if (needs.realloc && options.realloc === undefined) scope.fail("canonical option `realloc` is required");
}

function refuse(
  scope: Scope,
  options: CanonicalOptions,
  names: readonly ("postReturn" | "callback" | "realloc")[],
): void {
  for (const name of names)
    if (options[name] !== undefined)
      scope.fail(
        `canonical option \`${name === "postReturn" ? "post-return" : name}\` is not allowed here: it cannot be specified`,
      );
}

function checkAsync(scope: Scope, options: CanonicalOptions, type: FunctionType): void {
  if (options.async && !type.async)
    scope.fail("the `async` canonical option requires an async function type: it cannot be used with a sync function");
}

const paramTypes = (type: FunctionType): ValueType[] => type.params.map((param) => param.type);

export function validateLift(scope: Scope, { core, options: given, type: index }: LiftDefinition): ValidCanonical {
  const coreType = scope.coreFunc(core);
  const type = scope.type(index);
  if (type.kind !== "func") return scope.fail(`type index ${index} is not a function type`);
  const options = readOptions(scope, given);
  checkAsync(scope, options, type);
  if (options.async && options.postReturn !== undefined)
    scope.fail("canonical option `post-return` cannot be specified together with `async`");
  if (!options.async && options.callback !== undefined)
    scope.fail("canonical option `callback` cannot be specified without `async`");
  if (options.async && options.callback === undefined)
    scope.validation.need("stackful-async", "canonical option `async` without `callback`");
  const params = paramTypes(type);
  const result = type.result === undefined ? [] : [type.result];
  requireOptions(scope, options, {
    memory:
      params.some((param) => hasPointers(param)) ||
      hasPointers(type.result) ||
      exceeds(result, options.async ? MAX_FLAT_PARAMS : MAX_FLAT_RESULTS),
    realloc: params.some((param) => hasPointers(param)) || exceeds(params, MAX_FLAT_PARAMS),
  });
  const flat = flattenFunction(type, { ...options, callback: options.callback !== undefined }, "lift");
  if (coreType !== coreFunctionType(flat.params, flat.results)) scope.fail(mismatch(coreType, flat));
  if (options.postReturn !== undefined && scope.coreFunc(options.postReturn) !== coreFunctionType(flat.results, []))
    scope.fail("canonical option `post-return` uses a core function with an incorrect signature");
  return { type, options, coreType };
}

function mismatch(found: DefinedType, wanted: { params: readonly number[]; results: readonly number[] }): string {
  const { composite } = found;
  if (composite.kind !== "func") return "the core definition is not a function";
  const same = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();
  const names: ReadonlyMap<number, string> = new Map([
    [0x7f, "I32"],
    [0x7e, "I64"],
    [0x7d, "F32"],
    [0x7c, "F64"],
  ]);
  const list = (types: readonly number[]): string => `[${types.map((type) => names.get(type) ?? "other").join(", ")}]`;
  return same(composite.params, wanted.params)
    ? `lowered result types \`${list(wanted.results)}\` do not match result types \`${list(composite.results)}\` of the core function`
    : `lowered parameter types \`${list(wanted.params)}\` do not match parameter types \`${list(composite.params)}\` of the core function`;
}

export function validateLower(scope: Scope, { func, options: given }: LowerDefinition): ValidCanonical {
  const type = scope.func(func);
  const options = readOptions(scope, given);
  refuse(scope, options, ["postReturn", "callback"]);
  checkAsync(scope, options, type);
  const params = paramTypes(type);
  const result = type.result === undefined ? [] : [type.result];
  requireOptions(scope, options, {
    memory:
      params.some((param) => hasPointers(param)) ||
      exceeds(params, options.async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS) ||
      exceeds(result, options.async ? 0 : MAX_FLAT_RESULTS),
    realloc: hasPointers(type.result),
  });
  const flat = flattenFunction(type, { ...options, callback: false }, "lower");
  return { type, options, coreType: coreFunctionType(flat.params, flat.results) };
}

const NO_OPTIONS: CanonicalOptions = {
  encoding: "utf8",
  memory: undefined,
  realloc: undefined,
  postReturn: undefined,
  async: false,
  callback: undefined,
  address: I32,
};

/** Checks a built-in (Canonical ABI, from "canon resource.new" on). */
export function validateBuiltin(scope: Scope, { name, immediates }: BuiltinDefinition): ValidBuiltin {
  const { feature } = builtinOf(name);
  if (feature !== undefined) scope.validation.need(feature, `the built-in \`${name}\``);
  const valid = (
    params: readonly CoreValueType[],
    results: readonly CoreValueType[],
    more: Partial<ValidBuiltin> = {},
  ): ValidBuiltin => ({
    coreType: coreFunctionType(params, results),
    resource: undefined,
    type: undefined,
    options: NO_OPTIONS,
    ...more,
  });
  if (immediates.async === true && name !== "subtask.cancel" && !name.includes("cancel-"))
    scope.fail("`async` is not allowed here");
  switch (name) {
    case "resource.new":
    case "resource.drop":
    case "resource.rep": {
      const resource = resourceAt(scope, immediates.type as number);
      if (name === "resource.drop") return valid([I32], [], { resource });
      const representation = resource.resource.representation;
      if (representation === undefined || !scope.localResources.has(resource.resource))
        return scope.fail(`type index ${immediates.type} is not a local resource`);
      return name === "resource.new"
        ? valid([representation], [I32], { resource })
        : valid([I32], [representation], { resource });
    }
    case "context.get":
    case "context.set": {
      const type = immediates.valueType as CoreValueType;
      if (type === I64) scope.validation.need("memory64", "a context slot of 64 bits");
      if ((immediates.slot as number) >= 2) scope.fail(`immediate must be zero or one: ${immediates.slot}`);
      return name === "context.get" ? valid([], [type]) : valid([type], []);
    }
    case "backpressure.inc":
    case "backpressure.dec":
    case "task.cancel":
      return valid([], []);
    case "task.return":
      return validateTaskReturn(scope, immediates.result, immediates.options as readonly CanonicalOption[], valid);
    case "waitable-set.new":
    case "thread.index":
      return valid([], [I32]);
    case "waitable-set.wait":
    case "waitable-set.poll": {
      const address = checkMemory(scope, immediates.memory as number);
      return valid([I32, address], [I32], { options: { ...NO_OPTIONS, memory: immediates.memory, address } });
    }
    case "waitable-set.drop":
    case "subtask.drop":
    case "error-context.drop":
    case "thread.resume-later":
      return valid([I32], []);
    case "waitable.join":
      return valid([I32, I32], []);
    case "subtask.cancel":
      if (immediates.async) scope.validation.need("more-async-builtins", "`subtask.cancel` with `async`");
      return valid([I32], [I32]);
    case "thread.suspend":
    case "thread.yield":
      return valid([], [I32]);
    case "thread.suspend-then-resume":
    case "thread.yield-then-resume":
    case "thread.suspend-then-promote":
    case "thread.yield-then-promote":
      return valid([I32], [I32]);
    case "error-context.new":
    case "error-context.debug-message": {
      const options = readOptions(scope, immediates.options as readonly CanonicalOption[]);
      if (options.async) scope.fail("canonical option `async` is not allowed here: it cannot be specified");
      refuse(scope, options, ["postReturn", "callback"]);
      requireOptions(scope, options, { memory: true, realloc: name === "error-context.debug-message" });
      return name === "error-context.new"
        ? valid([options.address, options.address], [I32], { options })
        : valid([I32, options.address], [], { options });
    }
    case "thread.new-indirect":
    case "thread.spawn-ref":
    case "thread.spawn-indirect":
    case "thread.available-parallelism":
      return validateThread(scope, name, immediates.coreType, immediates.table, valid);
    default:
      return validateStream(scope, name, immediates, valid);
  }
}

function resourceAt(scope: Scope, index: number): ResourceUse {
  const type = scope.type(index);
  return type.kind === "resource" ? type : scope.fail(`type index ${index} is not a resource type`);
}

type Valid = (
  params: readonly CoreValueType[],
  results: readonly CoreValueType[],
  more?: Partial<ValidBuiltin>,
) => ValidBuiltin;

function validateTaskReturn(
  scope: Scope,
  result: BuiltinDefinition["immediates"]["result"],
  given: readonly CanonicalOption[],
  valid: Valid,
): ValidBuiltin {
  const options = readOptions(scope, given);
  if (options.async) scope.fail("canonical option `async` is not allowed here: it cannot be specified");
  refuse(scope, options, ["postReturn", "callback", "realloc"]);
  const type = result === undefined ? undefined : resolveValueType(scope, result);
  if (type?.facts.borrows) scope.fail("function result cannot contain a `borrow` type");
  const types = type === undefined ? [] : [type];
  requireOptions(scope, options, { memory: hasPointers(type) || exceeds(types, MAX_FLAT_PARAMS), realloc: false });
  const params = flattenTypes(types, options.address, MAX_FLAT_PARAMS) ?? [options.address];
  return valid(params, [], { type, options });
}

function validateStream(
  scope: Scope,
  name: Exclude<BuiltinDefinition["name"], `resource.${string}`>,
  immediates: BuiltinDefinition["immediates"],
  valid: Valid,
): ValidBuiltin {
  const kind = name.startsWith("stream.") ? "stream" : "future";
  const operation = name.slice(kind.length + 1);
  const type = scope.type(immediates.type as number);
  if (type.kind !== "stream" && type.kind !== "future")
    return scope.fail(`type index ${immediates.type} is not a ${kind} type`);
  if (type.kind !== kind) scope.fail(`type index ${immediates.type} is not a ${kind} type`);
  switch (operation) {
    case "new":
      return valid([], [I64], { type });
    case "read":
    case "write": {
      const options = readOptions(scope, immediates.options as readonly CanonicalOption[]);
      refuse(scope, options, ["postReturn", "callback"]);
      if (!options.async) scope.validation.need("more-async-builtins", `\`${name}\` without \`async\``);
      requireOptions(scope, options, {
        memory: type.element !== undefined,
        realloc: operation === "read" && hasPointers(type.element),
      });
      const { address } = options;
      return kind === "stream"
        ? valid([I32, address, address], [address], { type, options })
        : valid([I32, address], [I32], { type, options });
    }
    case "cancel-read":
    case "cancel-write":
      if (immediates.async) scope.validation.need("more-async-builtins", `\`${name}\` with \`async\``);
      return valid([I32], [I32], { type });
    default:
      return valid([I32], [], { type });
  }
}

function validateThread(
  scope: Scope,
  name: string,
  typeIndex: number | undefined,
  tableIndex: number | undefined,
  valid: Valid,
): ValidBuiltin {
  if (name === "thread.available-parallelism") return valid([], [I32]);
  const type = scope.coreType(typeIndex as number);
  const isOf = (address: CoreValueType): boolean => type === coreFunctionType([address], []);
  if (isOf(I64)) scope.validation.need("memory64", "a thread whose function takes an i64");
  else if (!isOf(I32)) scope.fail("start function must take a single `i32` argument: spawn type has another type");
  const context = isOf(I64) ? I64 : I32;
  if (tableIndex === undefined) return valid([], [], { coreType: spawnType(context) });
  const table = scope.coreExtern("table", tableIndex);
  if (table.kind !== "table") return scope.fail("not a table");
  if (!isSubtype(table.type.element, table.types, FUNCREF, []))
    scope.fail("the table of a thread's function must have elements of type `funcref`");
  return valid([table.type.address, context], [I32]);
}

/** The type of `thread.spawn-ref`: it takes a reference to a function of one parameter, and that parameter. */
function spawnType(context: CoreValueType): DefinedType {
  const plain = { final: true, supertypes: [], groupSize: 1 } as const;
  const started = { kind: "func", params: [context], results: [] } as const;
  const spawn = { kind: "func", params: [referenceType(true, heapTypeOfIndex(0)), context], results: [I32] } as const;
  return defineTypes([
    { ...plain, composite: started, groupStart: 0 },
    { ...plain, composite: spawn, groupStart: 1 },
  ])[1];
}

import type { ValueType as CoreValueType, DefinedType } from "@wardian/runtime/internal";
import type { StringEncoding } from "../model/definitions.ts";
import type { FunctionType } from "./extern.ts";
import type { ResourceUse } from "./resource.ts";
import type { ValueType } from "./value.ts";

/** Canonical options, checked. Indices are those of the core index spaces. */
export interface CanonicalOptions {
  readonly encoding: StringEncoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
  readonly async: boolean;
  readonly callback: number | undefined;
  /** The type of addresses in `memory`: i32 where there is no memory. */
  readonly address: CoreValueType;
}

/** What validation found out about a `lift` or `lower` definition. */
export interface ValidCanonical {
  readonly type: FunctionType;
  readonly options: CanonicalOptions;
  /** The type of the core function that is lifted or made. */
  readonly coreType: DefinedType;
}

/** What validation found out about a built-in. */
export interface ValidBuiltin {
  /** The type of the core function. */
  readonly coreType: DefinedType;
  /** The resource of `resource.*`. */
  readonly resource: ResourceUse | undefined;
  /** The type of `stream.*` and `future.*`, whole; the result of `task.return`. */
  readonly type: ValueType | undefined;
  readonly options: CanonicalOptions;
}

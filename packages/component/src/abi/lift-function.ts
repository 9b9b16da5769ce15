import type { FunctionType } from "../types/extern.ts";
import { MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from "../types/flatten.ts";
import type { ValueType } from "../types/value.ts";
import { compileFromHost, type FromHost } from "./from-host.ts";
import { locate } from "./host-values.ts";
import { camelCase } from "./names.ts";
import { compileResultToHost, finishResult, type ResultForm } from "./results.ts";
import type { CoreValue, HandleCodec, LiftSite, TableValueType } from "./site.ts";
import type { TransferValue } from "./transfer.ts";
import { compileValues, coreResult, type Values } from "./values.ts";

/** The types of a function's parameters. */
export const parameterTypes = ({ params }: FunctionType): ValueType[] => params.map(({ type }) => type);

/** The type of its result, if it has one. */
export const resultTypes = ({ result }: FunctionType): ValueType[] => (result === undefined ? [] : [result]);

/** A site's codecs of handles, each asked for once. */
export function handlesOf<Scope>(site: {
  handles(type: TableValueType): HandleCodec<Scope>;
}): (type: TableValueType) => HandleCodec<Scope> {
  const known = new Map<TableValueType, HandleCodec<Scope>>();
  return (type) => {
    let codec = known.get(type);
    if (codec === undefined) {
      codec = site.handles(type);
      known.set(type, codec);
    }
    return codec;
  };
}

/** Calls a core function with core values from an array. */
export function spread(
  core: (...args: CoreValue[]) => unknown,
  count: number,
): (flat: readonly CoreValue[]) => unknown {
  switch (count) {
    case 0:
      return () => core();
    case 1:
      return (flat) => core(flat[0]);
    case 2:
      return (flat) => core(flat[0], flat[1]);
    case 3:
      return (flat) => core(flat[0], flat[1], flat[2]);
    case 4:
      return (flat) => core(flat[0], flat[1], flat[2], flat[3]);
    default:
      return (flat) => core(...flat);
  }
}

/** A lifted core function, from the side of the instance that is called (Canonical ABI, "canon lift"). */
export class LiftedFunction<Scope> {
  readonly params: Values<Scope>;
  readonly results: Values<Scope>;
  readonly call: (flat: readonly CoreValue[]) => unknown;
  private readonly site: LiftSite<Scope>;

  constructor(type: FunctionType, site: LiftSite<Scope>, peer: "host" | "component") {
    this.site = site;
    this.params = compileValues(parameterTypes(type), site, MAX_FLAT_PARAMS, peer);
    this.results = compileValues(resultTypes(type), site, MAX_FLAT_RESULTS, peer);
    this.call = spread(site.core, this.params.slots.length);
  }

  /** Lowers the arguments. @returns core values in an array of their own, since calls may be inside each other */
  lower(values: readonly TransferValue[], scope: Scope): CoreValue[] {
    const flat: CoreValue[] = [];
    this.params.lower(values, flat, scope, undefined);
    return flat;
  }

  /** Lifts the result. */
  lift(returned: unknown, scope: Scope): TransferValue[] {
    return this.results.slots.length === 0 ? [] : this.results.lift([coreResult(returned as CoreValue)], scope);
  }

  /** Lets the instance free what it returned, once the caller has copied it. The instance may not be left meanwhile. */
  finish(returned: unknown, scope: Scope): void {
    const { site } = this;
    const { postReturn } = site;
    if (postReturn !== undefined) {
      site.instance.mayLeave = false;
      if (returned === undefined) postReturn();
      else postReturn(returned as CoreValue);
      site.instance.mayLeave = true;
    }
    site.exit(scope);
  }
}

/** Converts the arguments of a call, before anything else happens. */
function compileArguments<Scope>(
  type: FunctionType,
  site: LiftSite<Scope>,
  handles: (type: TableValueType) => HandleCodec<Scope>,
): (args: readonly unknown[]) => TransferValue[] {
  const names = type.params.map(({ name }) => camelCase(name));
  const converters: FromHost[] = type.params.map(({ type: param }) => compileFromHost(param, site.meter, handles));
  const { length } = converters;
  return (args) => {
    const values: TransferValue[] = [];
    try {
      while (values.length < length) values.push(converters[values.length](args[values.length]));
    } catch (error) {
      throw locate(error, names[values.length]);
    }
    return values;
  };
}

/**
 * Makes a JavaScript function of an exported core function. It is specialised for the type at its first call.
 *
 * The function throws TypeError for arguments that are not of their types, before the instance is entered; ComponentError for the error of a
 * `result`, with the form `throw`; and what the site's `failed` returns for all else.
 */
export function liftFunction<Scope>(
  type: FunctionType,
  site: LiftSite<Scope>,
  form: ResultForm,
): (...args: unknown[]) => unknown {
  let call = (args: readonly unknown[]): unknown => {
    call = compileLift(type, site, form);
    return call(args);
  };
  return (...args) => call(args);
}

function compileLift<Scope>(
  type: FunctionType,
  site: LiftSite<Scope>,
  form: ResultForm,
): (args: readonly unknown[]) => unknown {
  const handles = handlesOf(site);
  const lifted = new LiftedFunction(type, site, "host");
  const convert = compileArguments(type, site, handles);
  const toHost = compileResultToHost(type, form, handles);
  const { meter } = site;
  return (args) => {
    const held = meter.inFlight;
    try {
      const values = convert(args);
      const scope = site.enter();
      let result: unknown;
      try {
        const returned = lifted.call(lifted.lower(values, scope));
        result = toHost(lifted.lift(returned, scope), scope);
        site.returned(scope);
        lifted.finish(returned, scope);
      } catch (error) {
        throw site.failed(error, scope);
      }
      return finishResult(result);
    } finally {
      meter.release(held);
    }
  };
}

/**
 * The same for a core function that returns a promise: a call in slices. Calls may overlap, where the site's `enter` allows it.
 */
export function liftAsyncFunction<Scope>(
  type: FunctionType,
  site: Omit<LiftSite<Scope>, "core"> & { readonly core: (...args: CoreValue[]) => Promise<unknown> },
  form: ResultForm,
): (...args: unknown[]) => Promise<unknown> {
  const sync = site as unknown as LiftSite<Scope>;
  let parts: AsyncParts<Scope> | undefined;
  return async (...args) => {
    parts ??= {
      lifted: new LiftedFunction(type, sync, "host"),
      convert: compileArguments(type, sync, handlesOf(sync)),
      toHost: compileResultToHost(type, form, handlesOf(sync)),
    };
    const { lifted, convert, toHost } = parts;
    const { meter } = site;
    const held = meter.inFlight;
    let flat: CoreValue[];
    let scope: Scope;
    try {
      const values = convert(args);
      scope = site.enter();
      try {
        flat = lifted.lower(values, scope);
      } catch (error) {
        throw site.failed(error, scope);
      }
    } finally {
      meter.release(held);
    }
    let result: unknown;
    try {
      const returned = await lifted.call(flat);
      const before = meter.inFlight;
      try {
        result = toHost(lifted.lift(returned, scope), scope);
      } finally {
        meter.release(before);
      }
      site.returned(scope);
      lifted.finish(returned, scope);
    } catch (error) {
      throw site.failed(error, scope);
    }
    return finishResult(result);
  };
}

interface AsyncParts<Scope> {
  readonly lifted: LiftedFunction<Scope>;
  readonly convert: (args: readonly unknown[]) => TransferValue[];
  readonly toHost: ReturnType<typeof compileResultToHost<Scope>>;
}

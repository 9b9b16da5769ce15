import {
  type CoreFunction,
  type CoreValue,
  compileValues,
  LiftedFunction,
  type TransferValue,
  type Values,
} from "../abi/index.ts";
import { ComponentTrap } from "../trap.ts";
import type { ValidBuiltin } from "../types/canonical.ts";
import type { FunctionType } from "../types/extern.ts";
import { MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from "../types/flatten.ts";
import { isSameValueType, type ValueType } from "../types/value.ts";
import type { Scope } from "./codecs.ts";
import type { Environment } from "./environment.ts";
import { type CalleeSite, CallerSite, type Lifted, partsOf } from "./sites.ts";

/** The state of a subtask that has returned, and of a callback that has ended (Canonical ABI, "Subtask State", "canon lift"). */
const RETURNED = 2;
const EXIT = 0;

/** A call of a function that is lifted with `async` (Canonical ABI, "Task State"). It must return before its core function does. */
export class Task {
  private readonly type: FunctionType;
  private values: readonly TransferValue[] | undefined = undefined;

  constructor(type: FunctionType) {
    this.type = type;
  }

  /** @throws ComponentTrap when it has returned before, or returns a value of another type */
  return(values: readonly TransferValue[], type: ValueType | undefined): void {
    const { result } = this.type;
    const isSame = type === undefined || result === undefined ? type === result : isSameValueType(type, result);
    if (this.values !== undefined || !isSame)
      throw new ComponentTrap("task-return", {
        message: isSame
          ? "task.return was called twice"
          : "invalid `task.return` signature and/or options for current task",
      });
    this.values = values;
  }

  /** The returned values. @throws ComponentTrap when the core function has ended without `task.return` */
  get returned(): readonly TransferValue[] {
    if (this.values === undefined)
      throw new ComponentTrap("task-return", { message: "async-lifted export failed to produce a result" });
    return this.values;
  }
}

/** Makes the built-in `task.return` (Canonical ABI, "canon task.return"). */
export function makeTaskReturn(environment: Environment, { type, options }: ValidBuiltin): CoreFunction {
  const { instance } = environment;
  let values: Values<Scope> | undefined;
  return (...args) => {
    instance.requireLeave();
    const { task } = instance;
    if (task === undefined)
      throw new ComponentTrap("task-return", { message: "task.return was called outside of an async function" });
    if (values === undefined) {
      const signature: FunctionType = { kind: "func", async: true, params: [], result: type };
      const site = new CallerSite(environment, signature, partsOf(environment, options));
      values = compileValues(type === undefined ? [] : [type], site, MAX_FLAT_PARAMS, "component");
    }
    task.return(values.lift(args, undefined), type);
    return undefined;
  };
}

/**
 * Makes a core function that calls another component's function, where one side or both use the asynchronous ABI (Canonical ABI, "canon lower",
 * "canon lift"). The called function must return without waiting.
 *
 * @param type as the caller's component knows it
 * @param isAsync whether the function is lowered with `async`: it returns the state of the subtask
 */
export function fuseAsyncFunction(
  type: FunctionType,
  caller: CallerSite,
  callee: CalleeSite,
  { type: liftedType, isAsync: isLiftedAsync, hasCallback }: Lifted,
  isAsync: boolean,
): CoreFunction {
  let compiled: { params: Values<Scope>; results: Values<Scope>; lifted: LiftedFunction<Scope> } | undefined;
  const compile = () => ({
    params: compileValues(
      type.params.map((param) => param.type),
      caller,
      isAsync ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS,
      "component",
    ),
    results: compileValues(
      type.result === undefined ? [] : [type.result],
      caller,
      isAsync ? 0 : MAX_FLAT_RESULTS,
      "component",
    ),
    // The result of a task is given to task.return.
    lifted: new LiftedFunction(isLiftedAsync ? { ...liftedType, result: undefined } : liftedType, callee, "component"),
  });
  const { instance, meter } = callee;
  return (...args) => {
    compiled ??= compile();
    const { params, results, lifted } = compiled;
    const outer = caller.leave();
    const held = meter.inFlight;
    try {
      const values = params.lift(args, outer);
      const inner = callee.enter();
      const flat: CoreValue[] = [];
      try {
        const task = isLiftedAsync ? new Task(liftedType) : undefined;
        const lowered = lifted.lower(values, inner);
        instance.task = task;
        const returned = lifted.call(lowered);
        if (hasCallback && returned !== EXIT)
          throw new ComponentTrap("no-tasks", { message: "the function waits for an event, which needs tasks" });
        const result = task === undefined ? lifted.lift(returned, inner) : task.returned;
        callee.returned(inner);
        results.lower(result, flat, outer, results.isSpilled ? args[params.slots.length] : undefined);
        lifted.finish(returned, inner);
      } catch (error) {
        throw callee.failed(error, inner);
      }
      caller.arrive(outer);
      return isAsync ? RETURNED : flat[0];
    } catch (error) {
      throw caller.failed(error, outer);
    } finally {
      meter.release(held);
    }
  };
}

import { I64 } from "@wardian/runtime/internal";
import type { CoreFunction, CoreValue } from "../abi/index.ts";
import type { BuiltinDefinition } from "../model/definitions.ts";
import { ComponentTrap } from "../trap.ts";
import type { ValidBuiltin } from "../types/canonical.ts";
import type { ResourceUse } from "../types/resource.ts";
import { dropOwned } from "./drop.ts";
import { type Environment, resourceOf } from "./environment.ts";
import { ResourceHandle } from "./handle-table.ts";
import { makeTaskReturn } from "./task.ts";

const MAX_BACKPRESSURE = 2 ** 16;

/** Makes the core function of a canonical built-in (Canonical ABI, from "canon resource.new" on). */
export function makeBuiltin(
  environment: Environment,
  definition: BuiltinDefinition,
  valid: ValidBuiltin,
): CoreFunction {
  const { instance } = environment;
  const resource =
    valid.resource === undefined ? undefined : resourceOf(environment, (valid.resource as ResourceUse).resource);
  switch (definition.name) {
    case "resource.new":
      return (rep) => {
        instance.requireLeave();
        return instance.handles.add(new ResourceHandle(resource as NonNullable<typeof resource>, rep, undefined));
      };
    case "resource.rep":
      return (index) => instance.handles.get(index as number, resource as NonNullable<typeof resource>).rep;
    case "resource.drop":
      return (index) => {
        instance.requireLeave();
        const handle = instance.handles.remove(index as number, resource as NonNullable<typeof resource>);
        if (handle.borrowScope !== undefined) handle.borrowScope.borrows--;
        else dropOwned(instance.tree, handle.resource, handle.rep, instance);
        return undefined;
      };
    case "context.get": {
      const slot = definition.immediates.slot as 0 | 1;
      return definition.immediates.valueType === I64
        ? () => BigInt(instance.context[slot])
        : () => Number(BigInt.asIntN(32, BigInt(instance.context[slot])));
    }
    case "context.set": {
      const slot = definition.immediates.slot as 0 | 1;
      return (value: CoreValue) => {
        instance.context[slot] = value;
        return undefined;
      };
    }
    case "backpressure.inc":
      return () => {
        instance.backpressure++;
        if (instance.backpressure === MAX_BACKPRESSURE) throw new ComponentTrap("backpressure");
        return undefined;
      };
    case "backpressure.dec":
      return () => {
        instance.backpressure--;
        if (instance.backpressure < 0) throw new ComponentTrap("backpressure");
        return undefined;
      };
    case "task.return":
      return makeTaskReturn(environment, valid);
    default:
      return () => {
        instance.requireLeave();
        throw new ComponentTrap("no-tasks", {
          message: `the built-in ${definition.name} needs an async task; only synchronous calls run here`,
        });
      };
  }
}

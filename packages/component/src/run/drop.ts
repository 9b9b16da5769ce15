import { Exception } from "@wardian/runtime";
import { ComponentTrap } from "../trap.ts";
import { DISPOSE } from "./guest-resource.ts";
import { type ComponentInstanceState, enterAll, leaveAll } from "./instance-state.ts";
import type { RuntimeResource } from "./runtime-resource.ts";
import type { Tree } from "./tree.ts";

/**
 * Destroys a resource whose owner dropped it (Canonical ABI, "canon resource.drop").
 *
 * @param caller the instance that dropped it; undefined for the host
 * @throws Trap when the implementing instance cannot be entered or its destructor traps
 */
export function dropOwned(
  tree: Tree,
  resource: RuntimeResource,
  rep: number | bigint,
  caller: ComponentInstanceState | undefined,
): void {
  const { implementer, destructor } = resource;
  if (implementer === undefined) {
    const object = tree.objects.remove(Number(rep));
    const method: unknown = (object as Record<symbol, unknown>)[DISPOSE];
    if (typeof method === "function") callHost(() => method.call(object));
    return;
  }
  const entered = implementer.entered(caller);
  enterAll(tree, entered);
  const { context } = implementer;
  implementer.context = [0, 0];
  try {
    destructor?.(rep);
  } catch (error) {
    const reason = error instanceof Exception ? new ComponentTrap("guest-exception", { cause: error }) : error;
    tree.poison(reason);
    throw reason;
  }
  implementer.context = context;
  leaveAll(entered);
}

function callHost(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    throw new ComponentTrap("host-exception", { cause: error });
  }
}

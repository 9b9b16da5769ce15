import { ComponentTrap } from "../trap.ts";
import { HandleTable } from "./handle-table.ts";
import type { Task } from "./task.ts";
import type { Tree } from "./tree.ts";

/** A component instance as the Canonical ABI has it ("Component Instances"). */
export class ComponentInstanceState {
  readonly tree: Tree;
  readonly parent: ComponentInstanceState | undefined;
  /** Where it is in the tree, for frames: the indices of the instances on the way, such as `root/2/0`. */
  readonly path: string;
  readonly handles: HandleTable;
  /** False while a call runs in it, unless that call has left to a child or sibling. */
  mayEnter = false;
  /** False during `realloc` and `post-return`. */
  mayLeave = true;
  /** The two slots of the thread that runs (Canonical ABI, "canon context.get"). */
  context: [number | bigint, number | bigint] = [0, 0];
  /** The call that runs, if its function is lifted with `async`. */
  task: Task | undefined = undefined;
  /** How often the guest has asked for no more calls (Canonical ABI, "canon backpressure"). */
  backpressure = 0;

  constructor(tree: Tree, parent: ComponentInstanceState | undefined, path: string) {
    this.tree = tree;
    this.parent = parent;
    this.path = path;
    this.handles = new HandleTable(tree.handles);
  }

  /**
   * The instances that a call enters (Canonical ABI: `entering_set`): this one and those around it, without those that the caller is in.
   *
   * @param caller undefined for the host
   */
  entered(caller: ComponentInstanceState | undefined): readonly ComponentInstanceState[] {
    const outside = new Set<ComponentInstanceState>();
    for (let at = caller; at !== undefined; at = at.parent) outside.add(at);
    const entered: ComponentInstanceState[] = [];
    for (let at: ComponentInstanceState | undefined = this; at !== undefined; at = at.parent)
      if (!outside.has(at)) entered.push(at);
    return entered;
  }

  /** @throws ComponentTrap `cannot-leave` during `realloc` and `post-return` */
  requireLeave(): void {
    if (!this.mayLeave) throw new ComponentTrap("cannot-leave");
  }
}

/** Enters instances. @throws ComponentTrap `cannot-enter` when a call is in one of them, or the tree has trapped before */
export function enterAll(tree: Tree, instances: readonly ComponentInstanceState[]): void {
  tree.requireAlive();
  for (const instance of instances) if (!instance.mayEnter) throw new ComponentTrap("cannot-enter");
  for (const instance of instances) instance.mayEnter = false;
}

export function leaveAll(instances: readonly ComponentInstanceState[]): void {
  for (const instance of instances) instance.mayEnter = true;
}

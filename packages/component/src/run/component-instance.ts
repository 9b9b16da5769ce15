import type { AbortSignalLike, Budget, EngineName, Fuel } from "@wardian/runtime";
import type { InstanceItem } from "./environment.ts";
import { type ComponentExports, exportsObject } from "./host-exports.ts";
import type { InstantiateComponentOptions } from "./loaded-component.ts";
import type { Tree } from "./tree.ts";

/** Makes the instance again, as `LoadedComponent` made it. */
export interface InstanceMaker {
  make(options?: InstantiateComponentOptions): Promise<ComponentInstance>;
  makeSync(options?: InstantiateComponentOptions): ComponentInstance;
}

/** A component that has been instantiated, with all its core instances and children. */
export class ComponentInstance {
  /** The exports for synchronous calls. */
  readonly exports: ComponentExports;
  /** The engine of all core instances; undefined for a component without any. */
  readonly engine: EngineName | undefined;
  private readonly tree: Tree;
  private readonly item: InstanceItem;
  private readonly maker: InstanceMaker;
  private asyncExports: ComponentExports | undefined = undefined;
  private readonly signal: AbortSignalLike | undefined;

  constructor(tree: Tree, item: InstanceItem, maker: InstanceMaker, signal: AbortSignalLike | undefined) {
    this.tree = tree;
    this.item = item;
    this.maker = maker;
    this.signal = signal;
    this.exports = exportsObject(item, { async: false, signal: undefined });
    this.engine = tree.budget.engine;
  }

  /**
   * The exports for calls in slices: each function returns a promise, the event loop runs between slices, and host functions that the called
   * component imports itself may return promises. Methods of resources have the suffix `Async`.
   */
  get async(): ComponentExports {
    this.asyncExports ??= exportsObject(this.item, { async: true, signal: this.signal });
    return this.asyncExports;
  }

  /** The fuel that all core instances and the copying of values have consumed, and may still consume. */
  get fuel(): Fuel {
    return this.tree.budget.fuel;
  }

  /** The budget of all core instances. */
  get budget(): Budget {
    return this.tree.budget;
  }

  /** Whether a trap has ended the instance: each call throws a `ComponentTrap` with the kind `cannot-enter` (Explainer, "Component Invariants"). */
  get isPoisoned(): boolean {
    return this.tree.isPoisoned;
  }

  /**
   * Instantiates the component again, with the same imports and fresh limits. Compiled modules are shared, so this costs less than the first
   * instance.
   *
   * @param options in place of those of this instance
   */
  reset(options?: InstantiateComponentOptions): Promise<ComponentInstance> {
    return this.maker.make(options);
  }

  /** The same as {@link reset}, synchronously. */
  resetSync(options?: InstantiateComponentOptions): ComponentInstance {
    return this.maker.makeSync(options);
  }
}

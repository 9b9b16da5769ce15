import { type AbortSignalLike, Budget, type Instance, type Module, type Runtime } from "@wardian/runtime";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import type { ExternType } from "../types/extern.ts";
import type { ValidComponent } from "../types/valid.ts";
import { ComponentInstance } from "./component-instance.ts";
import { type ComponentLimits, resolveComponentLimits } from "./component-limits.ts";
import { modulesIn } from "./core-modules.ts";
import type { InstanceItem } from "./environment.ts";
import { type ComponentImports, readImports } from "./host-imports.ts";
import { instantiateComponent } from "./instantiate.ts";
import { type CoreInstantiation, Tree } from "./tree.ts";

export interface InstantiateComponentOptions {
  /** Lowers the limits of the runtime for this instance. */
  readonly limits?: ComponentLimits;
  /** Ends all calls of the instance: those under way at their next check, and each later one when it begins. */
  readonly signal?: AbortSignalLike;
  /** Selects an engine that can suspend guests, for `instance.async`. Default false. */
  readonly async?: boolean;
}

export const instantiateComponentNames: OptionNames<InstantiateComponentOptions> = {
  limits: true,
  signal: true,
  async: true,
};

/** A component that has been compiled, without state. It may be instantiated any number of times. */
export class LoadedComponent {
  /** The names and types of imports, in the component's order. */
  readonly imports: ReadonlyMap<string, ExternType>;
  /** The names and types of exports, in the component's order. */
  readonly exports: ReadonlyMap<string, ExternType>;
  /** For tools: the validated component. */
  readonly valid: ValidComponent;
  private readonly runtime: Runtime;
  private readonly limits: ComponentLimits | undefined;
  private readonly modules: readonly Module[];

  constructor(valid: ValidComponent, runtime: Runtime, limits: ComponentLimits | undefined) {
    this.valid = valid;
    this.runtime = runtime;
    this.limits = limits;
    this.imports = valid.type.imports;
    this.exports = valid.type.exports;
    this.modules = modulesIn(valid);
  }

  /**
   * Makes an instance of the component, of its core modules and of its children, and calls their start functions.
   *
   * @param imports functions by their names in camel case, objects by the names of interfaces. An interface is found by its exact name, by a compatible
   *   version, or without a version
   * @throws LinkError (by rejecting) when an import is missing or of another kind, or no engine can run the core modules under the limits; Trap when a start
   *   function traps; TypeError for an unknown option
   */
  async instantiate(imports: ComponentImports = {}, given?: InstantiateComponentOptions): Promise<ComponentInstance> {
    const { tree, steps, options } = this.begin(imports, given);
    let step = steps.next();
    while (!step.done) {
      const { module, imports: coreImports } = step.value;
      step = steps.next(
        await this.runtime.instantiate(module, coreImports, { budget: tree.budget, async: options.async }),
      );
    }
    return this.end(tree, step.value, imports, options);
  }

  /** The same as {@link instantiate}, synchronously. */
  instantiateSync(imports: ComponentImports = {}, given?: InstantiateComponentOptions): ComponentInstance {
    const { tree, steps, options } = this.begin(imports, given);
    let step = steps.next();
    while (!step.done) {
      const { module, imports: coreImports } = step.value;
      step = steps.next(
        this.runtime.instantiateSync(module, coreImports, { budget: tree.budget, async: options.async }),
      );
    }
    return this.end(tree, step.value, imports, options);
  }

  private begin(
    imports: ComponentImports,
    given: InstantiateComponentOptions | undefined,
  ): { tree: Tree; steps: Generator<CoreInstantiation, InstanceItem, Instance>; options: InstantiateComponentOptions } {
    const options = readOptions("instantiate", instantiateComponentNames, given);
    const { budget: limits, handles, hostBytes } = resolveComponentLimits(this.limits, options.limits);
    const budget = new Budget({ ...limits, signal: options.signal });
    if (this.modules.length > 0) this.runtime.bindBudget(budget, this.modules, { async: options.async });
    const tree = new Tree(budget, { handles, hostBytes });
    const items = readImports(this.valid.type, imports);
    const root = { sort: "component", valid: this.valid, outer: undefined } as const;
    return { tree, steps: instantiateComponent(tree, root, items, undefined, "root"), options };
  }

  private end(
    tree: Tree,
    item: InstanceItem,
    imports: ComponentImports,
    options: InstantiateComponentOptions,
  ): ComponentInstance {
    const maker = {
      make: (other: InstantiateComponentOptions = options) => this.instantiate(imports, other),
      makeSync: (other: InstantiateComponentOptions = options) => this.instantiateSync(imports, other),
    };
    return new ComponentInstance(tree, item, maker, options.signal);
  }
}

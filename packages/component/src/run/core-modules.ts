import { Module } from "@wardian/runtime";
import type { ValidComponent, ValidCoreModule } from "../types/valid.ts";

const modules = new WeakMap<ValidCoreModule, Module>();

/** The core's module of a core module in a component: always the same, so that engines prepare it once. */
export function moduleOf(core: ValidCoreModule): Module {
  let module = modules.get(core);
  if (module === undefined) modules.set(core, (module = new Module(core.definition.bytes, core.valid)));
  return module;
}

/** All core modules that a component contains, those of the components inside of it included. */
export function modulesIn(component: ValidComponent, found: Module[] = []): Module[] {
  for (const definition of component.definitions) {
    if (definition.kind === "core module") found.push(moduleOf(definition.module));
    else if (definition.kind === "component") modulesIn(definition.component, found);
  }
  return found;
}

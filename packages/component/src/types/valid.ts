import type { ValidModule } from "@wardian/runtime/internal";
import type { Component, CoreModuleDefinition } from "../model/definitions.ts";
import type { ValidBuiltin, ValidCanonical } from "./canonical.ts";
import type { AnyType, ComponentType, CoreInstanceType, ExternType, InstanceType, ModuleType } from "./extern.ts";
import type { ResourceBinding } from "./resource.ts";

/** A core module that was decoded and validated. */
export interface ValidCoreModule {
  readonly definition: CoreModuleDefinition;
  readonly valid: ValidModule;
  readonly type: ModuleType;
}

/**
 * What validation found out about one definition. `resources` are the resource types that come into being with it, and where in the thing
 * that it defines they are found: at run time each is bound to the resource type that is found there.
 */
export type ValidDefinition =
  | { readonly kind: "core module"; readonly module: ValidCoreModule }
  | { readonly kind: "core instance"; readonly type: CoreInstanceType }
  | { readonly kind: "core type" }
  | { readonly kind: "component"; readonly component: ValidComponent }
  | { readonly kind: "instance"; readonly type: InstanceType; readonly resources: readonly ResourceBinding[] }
  /** `type` is undefined for what is of the core. */
  | { readonly kind: "alias"; readonly type: ExternType | undefined }
  | { readonly kind: "type"; readonly type: AnyType }
  | { readonly kind: "lift" | "lower"; readonly canonical: ValidCanonical }
  | { readonly kind: "builtin"; readonly builtin: ValidBuiltin }
  | { readonly kind: "import"; readonly type: ExternType; readonly resources: readonly ResourceBinding[] }
  /** The type that the new index has. */
  | { readonly kind: "export"; readonly type: ExternType; readonly resources: readonly ResourceBinding[] }
  | { readonly kind: "start" }
  | { readonly kind: "value" }
  | { readonly kind: "custom" };

/** A component that the validator has accepted. */
export interface ValidComponent {
  readonly component: Component;
  readonly type: ComponentType;
  /** One for each of the component's definitions. */
  readonly definitions: readonly ValidDefinition[];
}

import type { ValueType as CoreValueType } from "@wardian/runtime/internal";

/**
 * A resource type as validation knows it: an identity. Each definition, import and instantiation makes new ones (Explainer, "Type
 * Checking"), and two are the same type only when they are the same object. At run time each instance maps these to its own resource types.
 */
export class Resource {
  /** For a resource that the component defines itself: the core type of its representations. Undefined for one that is imported or a child's. */
  readonly representation: CoreValueType | undefined;

  constructor(representation?: CoreValueType) {
    this.representation = representation;
  }
}

/**
 * A resource type under one of its names. An import or export of a resource type makes a new use of it: only uses that have a name outside
 * may be in the types of exports (Explainer, "External Visibility of Types"). Types are equal whichever use they have.
 */
export class ResourceUse {
  readonly kind = "resource";
  readonly resource: Resource;

  constructor(resource: Resource) {
    this.resource = resource;
  }
}

/** Where in the imports, in the exports or in an instance a resource type is found: the names on the way. */
export interface ResourceBinding {
  readonly resource: Resource;
  readonly path: readonly string[];
}

import type { CoreFunction } from "../abi/index.ts";
import type { ComponentInstanceState } from "./instance-state.ts";

/** A class of the host. */
// biome-ignore lint/suspicious/noExplicitAny: what the constructor takes is the type's matter
export type HostClass = new (...args: any[]) => object;

/**
 * A resource type at run time (Canonical ABI, "Resource State"): each instance of the component that defines it has its own.
 */
export class RuntimeResource {
  /** What errors and the class that a host sees call it: the name of its first export or import. */
  name: string;
  /** The instance that implements it; undefined for a resource of the host. */
  readonly implementer: ComponentInstanceState | undefined;
  /** The core function that destroys a representation. */
  readonly destructor: CoreFunction | undefined;
  /** For a resource of the host: the class whose objects are its values, where the host gave one. */
  readonly hostClass: HostClass | undefined;
  /** The class that a host sees for a guest's resource, once it was needed. */
  guestClass: HostClass | undefined = undefined;

  constructor(
    name: string,
    implementer: ComponentInstanceState | undefined,
    destructor: CoreFunction | undefined,
    hostClass: HostClass | undefined,
  ) {
    this.name = name;
    this.implementer = implementer;
    this.destructor = destructor;
    this.hostClass = hostClass;
  }

  describe(): string {
    return this.implementer === undefined ? "host-defined resource" : "guest-defined resource";
  }
}

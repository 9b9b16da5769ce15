import { dropOwned } from "./drop.ts";
import type { ComponentInstanceState } from "./instance-state.ts";
import type { HostClass, RuntimeResource } from "./runtime-resource.ts";

/** A resource that passes from one side of a call to the other. */
export interface Token {
  readonly resource: RuntimeResource;
  /** The representation; undefined for an object of the host that no guest has yet. */
  readonly rep: number | bigint | undefined;
  /** An object of the host. */
  readonly object?: object;
  /** What the host holds, where the resource came from it. */
  readonly holding?: Holding;
}

/** The handle that an object of a guest's resource class has. */
export class Holding {
  readonly resource: RuntimeResource;
  readonly rep: number | bigint;
  /** `"owned"` until it was given to a guest or dropped; `"lent"` while the call runs that a borrow was given to. */
  state: "owned" | "lent" | "moved" | "dropped" | "ended";
  /** Calls under way that the host lent it to. */
  lends = 0;

  constructor(resource: RuntimeResource, rep: number | bigint, state: "owned" | "lent") {
    this.resource = resource;
    this.rep = rep;
    this.state = state;
  }

  /** @throws TypeError when the object cannot be used any more */
  requireUsable(): void {
    const { state, resource } = this;
    if (state === "ended")
      throw new TypeError(`the borrow of a ${resource.name} was used after the call that it was given to`);
    if (state === "moved") throw new TypeError(`the ${resource.name} was given away: it is another owner's now`);
    if (state === "dropped") throw new TypeError(`the ${resource.name} was disposed of`);
  }

  /** Gives the resource away. @throws TypeError when it is not the host's to give */
  take(): number | bigint {
    this.requireUsable();
    if (this.state === "lent") throw new TypeError(`a borrowed ${this.resource.name} cannot be given away`);
    if (this.lends > 0) throw new TypeError(`the ${this.resource.name} is lent to a call under way`);
    this.state = "moved";
    return this.rep;
  }
}

const holdings = new WeakMap<object, Holding>();

/** What an object of a guest's resource class holds; undefined for any other value. */
export function holdingOf(value: unknown): Holding | undefined {
  return typeof value === "object" && value !== null ? holdings.get(value) : undefined;
}

/** The key of the method that disposes of a resource, also where the platform has no `Symbol.dispose`. */
export const DISPOSE: symbol = (Symbol as { readonly dispose?: symbol }).dispose ?? Symbol.for("Symbol.dispose");

/** Makes the class that a host sees for a guest's resource. `new` of it fails unless the resource has a constructor. */
export function guestClassOf(resource: RuntimeResource): HostClass {
  if (resource.guestClass !== undefined) return resource.guestClass;
  const { name } = resource;
  const made = class {
    constructor(...args: unknown[]) {
      const create = constructors.get(made);
      if (create === undefined) throw new TypeError(`the resource ${name} has no constructor`);
      // The object that the call has made is not seen by anybody: this one takes its place.
      holdings.set(this, holdingOf(create(...args)) as Holding);
    }
  };
  Object.defineProperty(made, "name", { value: name, configurable: true });
  Object.defineProperty(made.prototype, DISPOSE, {
    value(this: unknown): void {
      const holding = holdingOf(this);
      if (holding?.resource !== resource) throw new TypeError(`not a ${name}`);
      dispose(holding);
    },
    configurable: true,
    writable: true,
  });
  resource.guestClass = made;
  return made;
}

const constructors = new WeakMap<HostClass, (...args: unknown[]) => unknown>();

/** Gives a class its constructor: a function that returns an object of the class. */
export function setConstructor(resourceClass: HostClass, create: (...args: unknown[]) => unknown): void {
  constructors.set(resourceClass, create);
}

/** Makes an object of a guest's resource class. */
export function makeGuestObject(holding: Holding): object {
  const object: object = Object.create(guestClassOf(holding.resource).prototype);
  holdings.set(object, holding);
  return object;
}

/** Drops what the host owns. Without effect on what is disposed of already; a borrow's use ends. */
function dispose(holding: Holding): void {
  if (holding.state === "lent") {
    holding.state = "ended";
    return;
  }
  if (holding.state !== "owned") return;
  if (holding.lends > 0) throw new TypeError(`the ${holding.resource.name} is lent to a call under way`);
  holding.state = "dropped";
  const { resource, rep } = holding;
  dropOwned((resource.implementer as ComponentInstanceState).tree, resource, rep, undefined);
}

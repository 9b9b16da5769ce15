import type { HandleCodec, TableValueType } from "../abi/index.ts";
import { ComponentTrap } from "../trap.ts";
import type { CallScope } from "./call-scope.ts";
import { Holding, holdingOf, makeGuestObject, type Token } from "./guest-resource.ts";
import { ResourceHandle } from "./handle-table.ts";
import type { ComponentInstanceState } from "./instance-state.ts";
import type { RuntimeResource } from "./runtime-resource.ts";

/** A call whose signature has resources has a scope. */
export type Scope = CallScope | undefined;

/** How `own` and `borrow` of a resource type cross the boundary of an instance (Canonical ABI, "Loading", "Storing"). */
export function handleCodec(
  instance: ComponentInstanceState,
  kind: TableValueType["kind"],
  resource: RuntimeResource,
): HandleCodec<Scope> {
  return kind === "own" ? new OwnCodec(instance, resource) : new BorrowCodec(instance, resource);
}

/** Streams and futures need tasks. */
export const noTasks: HandleCodec<Scope> = {
  lift: refuse,
  lower: refuse,
  toHost: refuse,
  fromHost: refuse,
};

function refuse(): never {
  throw new ComponentTrap("no-tasks");
}

abstract class ResourceCodec implements HandleCodec<Scope> {
  protected readonly instance: ComponentInstanceState;
  protected readonly resource: RuntimeResource;

  constructor(instance: ComponentInstanceState, resource: RuntimeResource) {
    this.instance = instance;
    this.resource = resource;
  }

  abstract lift(index: number, scope: Scope): Token;
  abstract lower(token: unknown, scope: Scope): number;
  abstract toHost(token: unknown, scope: Scope): object;
  protected abstract check(holding: Holding): void;

  fromHost(value: unknown): Token {
    const { resource } = this;
    if (resource.implementer === undefined) {
      const { hostClass } = resource;
      const fits = hostClass === undefined ? typeof value === "object" && value !== null : value instanceof hostClass;
      if (!fits) throw new TypeError(`expected an object of the class ${hostClass?.name ?? resource.name}`);
      return { resource, rep: undefined, object: value as object };
    }
    const holding = holdingOf(value);
    if (holding === undefined || holding.resource !== resource)
      throw new TypeError(`expected a ${resource.name} of this instance`);
    holding.requireUsable();
    this.check(holding);
    return { resource, rep: holding.rep, holding };
  }
}

class OwnCodec extends ResourceCodec {
  lift(index: number): Token {
    const { instance, resource } = this;
    const entry = instance.handles.get(index, resource);
    if (entry.borrowScope !== undefined)
      throw new ComponentTrap("wrong-handle-type", {
        message: `handle index ${index >>> 0} is a borrow, and a call takes ownership of it`,
      });
    instance.handles.remove(index, resource);
    return { resource, rep: entry.rep };
  }

  lower(token: unknown): number {
    const { instance, resource } = this;
    const { rep, object, holding } = token as Token;
    const owned = holding !== undefined ? holding.take() : (rep ?? instance.tree.objects.add(object as object));
    return instance.handles.add(new ResourceHandle(resource, owned, undefined));
  }

  toHost(token: unknown): object {
    const { resource, instance } = this;
    const { rep } = token as Token;
    if (resource.implementer === undefined) return instance.tree.objects.remove(Number(rep));
    return makeGuestObject(new Holding(resource, rep as number | bigint, "owned"));
  }

  protected check(holding: Holding): void {
    if (holding.state !== "owned") throw new TypeError(`a borrowed ${this.resource.name} cannot be given away`);
    if (holding.lends > 0) throw new TypeError(`the ${this.resource.name} is lent to a call under way`);
  }
}

class BorrowCodec extends ResourceCodec {
  lift(index: number, scope: Scope): Token {
    const { instance, resource } = this;
    const entry = instance.handles.get(index, resource);
    (scope as CallScope).lend(entry);
    return { resource, rep: entry.rep };
  }

  lower(token: unknown, scope: Scope): number {
    const { instance, resource } = this;
    const call = scope as CallScope;
    let { rep } = token as Token;
    const { object, holding } = token as Token;
    if (rep === undefined) {
      const { objects } = instance.tree;
      const added = objects.add(object as object);
      call.atEnd(() => objects.remove(added));
      rep = added;
    }
    if (holding !== undefined) {
      holding.lends++;
      call.atEnd(() => holding.lends--);
    }
    // The implementer gets what the resource is to it.
    if (instance === resource.implementer) return Number(rep);
    call.borrows++;
    return instance.handles.add(new ResourceHandle(resource, rep, call));
  }

  toHost(token: unknown, scope: Scope): object {
    const { resource, instance } = this;
    const { rep } = token as Token;
    if (resource.implementer === undefined) return instance.tree.objects.get(Number(rep));
    const holding = new Holding(resource, rep as number | bigint, "lent");
    (scope as CallScope).atEnd(() => {
      holding.state = "ended";
    });
    return makeGuestObject(holding);
  }

  protected check(): void {}
}

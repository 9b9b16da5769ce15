import { ComponentTrap } from "../trap.ts";
import type { CallScope } from "./call-scope.ts";
import type { RuntimeResource } from "./runtime-resource.ts";

/** Indices at most (Canonical ABI, "Table State"). */
const MAX_LENGTH = 2 ** 28 - 1;

/** A resource in the table of an instance (Canonical ABI, "Resource State"). */
export class ResourceHandle {
  readonly resource: RuntimeResource;
  readonly rep: number | bigint;
  /** The call whose end the borrow must not outlive; undefined for a handle that owns its resource. */
  readonly borrowScope: CallScope | undefined;
  /** Calls under way that this handle was lent to. */
  lends = 0;

  constructor(resource: RuntimeResource, rep: number | bigint, borrowScope: CallScope | undefined) {
    this.resource = resource;
    this.rep = rep;
    this.borrowScope = borrowScope;
  }
}

/** How many handles all instances of a tree hold, and may hold. */
export interface HandleCount {
  held: number;
  readonly limit: number;
}

/**
 * The table of a component instance (Canonical ABI, "Table State"). Guests see the indices: index 0 is never used, and the index that became
 * free last is the next one.
 */
export class HandleTable {
  private readonly entries: (ResourceHandle | undefined)[] = [undefined];
  private readonly free: number[] = [];
  private readonly count: HandleCount;

  constructor(count: HandleCount) {
    this.count = count;
  }

  /** @returns the index @throws ComponentTrap `handle-limit` */
  add(entry: ResourceHandle): number {
    if (this.count.held >= this.count.limit) throw new ComponentTrap("handle-limit");
    let index = this.free.pop();
    if (index === undefined) {
      index = this.entries.length;
      if (index > MAX_LENGTH) throw new ComponentTrap("handle-limit");
      this.entries.push(entry);
    } else this.entries[index] = entry;
    this.count.held++;
    return index;
  }

  /** The resource handle at an index. @throws ComponentTrap `unknown-handle`, `wrong-handle-type` */
  get(index: number, resource: RuntimeResource): ResourceHandle {
    const entry = this.entries[index >>> 0];
    if (entry === undefined)
      throw new ComponentTrap("unknown-handle", { message: `unknown handle index ${index >>> 0}` });
    if (entry.resource !== resource)
      throw new ComponentTrap("wrong-handle-type", {
        message: `handle index ${index >>> 0} used with the wrong type, expected ${resource.describe()} but found ${describeOther(entry.resource, resource)}`,
      });
    return entry;
  }

  /** Removes the resource handle at an index. @throws ComponentTrap as {@link get}, and `handle-lent` while a call has it */
  remove(index: number, resource: RuntimeResource): ResourceHandle {
    const entry = this.get(index, resource);
    if (entry.lends > 0) throw new ComponentTrap("handle-lent");
    this.entries[index >>> 0] = undefined;
    this.free.push(index >>> 0);
    this.count.held--;
    return entry;
  }
}

function describeOther(found: RuntimeResource, expected: RuntimeResource): string {
  const [text, other] = [found.describe(), expected.describe()];
  return text === other ? text.replace("guest-defined", "a different guest-defined") : text;
}

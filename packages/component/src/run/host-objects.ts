import { ComponentTrap } from "../trap.ts";
import type { HandleCount } from "./handle-table.ts";

/** Objects of the host that guests hold, by the numbers that are their representations. */
export class HostObjects {
  private readonly objects: (object | undefined)[] = [undefined];
  private readonly free: number[] = [];
  private readonly count: HandleCount;

  constructor(count: HandleCount) {
    this.count = count;
  }

  /** @throws ComponentTrap `handle-limit` */
  add(object: object): number {
    if (this.count.held >= this.count.limit) throw new ComponentTrap("handle-limit");
    this.count.held++;
    const rep = this.free.pop() ?? this.objects.length;
    this.objects[rep] = object;
    return rep;
  }

  get(rep: number): object {
    return this.objects[rep] as object;
  }

  remove(rep: number): object {
    const object = this.get(rep);
    this.objects[rep] = undefined;
    this.free.push(rep);
    this.count.held--;
    return object;
  }
}

import { WASIError } from "../errors.ts";
import type { Descriptor } from "./descriptor.ts";

/** A guest's descriptors by number. A new one gets the lowest number that is free, as in POSIX, so that numbers are the same in every run. */
export class DescriptorTable {
  private readonly slots: (Descriptor | undefined)[] = [];
  private readonly most: number;
  /** No number below is free. */
  private lowest = 0;
  private open = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** @throws WASIError `badf` */
  get(number: number): Descriptor {
    const descriptor = this.slots[number >>> 0];
    if (descriptor === undefined) throw new WASIError("badf", `${number >>> 0} is not open`);
    return descriptor;
  }

  /** Fails with `mfile` when there is no room for another; called before what would be put in is made. */
  reserve(): void {
    if (this.open >= this.most) throw new WASIError("mfile", `more than ${this.most} descriptors`);
  }

  add(descriptor: Descriptor): number {
    this.reserve();
    while (this.slots[this.lowest] !== undefined) this.lowest++;
    this.slots[this.lowest] = descriptor;
    this.open++;
    return this.lowest++;
  }

  remove(number: number): Descriptor {
    const descriptor = this.get(number);
    this.slots[number >>> 0] = undefined;
    this.lowest = Math.min(this.lowest, number >>> 0);
    this.open--;
    return descriptor;
  }

  /** Gives the descriptor `from` the number `to`; returns what had it. */
  renumber(from: number, to: number): Descriptor | undefined {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (moved === replaced) return undefined;
    this.remove(from);
    this.slots[to >>> 0] = moved;
    return replaced;
  }

  /** Closes all, whatever goes wrong with one; the first failure is thrown in the end. */
  closeAll(): void {
    let failure: { readonly error: unknown } | undefined;
    for (const descriptor of this.slots.splice(0)) {
      try {
        descriptor?.close();
      } catch (error) {
        failure ??= { error };
      }
    }
    this.lowest = 0;
    this.open = 0;
    if (failure !== undefined) throw failure.error;
  }
}

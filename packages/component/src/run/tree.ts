import type { Budget, Module } from "@wardian/runtime";
import { ValueMeter } from "../abi/index.ts";
import { ComponentTrap } from "../trap.ts";
import type { HandleCount } from "./handle-table.ts";
import { HostObjects } from "./host-objects.ts";

/** Instances of components and core modules in a tree at most: a small component may ask for exponentially many. */
const MAX_INSTANCES = 10_000;
/** Definitions that instantiating a tree evaluates at most. */
const MAX_DEFINITIONS = 10_000_000;

/** What all instances of one instantiation share: the budget, the objects of the host, and their fate. */
export class Tree {
  readonly budget: Budget;
  readonly meter: ValueMeter;
  readonly handles: HandleCount;
  readonly objects: HostObjects;
  private instances = 0;
  private definitions = 0;
  private death: unknown = undefined;
  private isDead = false;

  constructor(budget: Budget, limits: { readonly handles: number; readonly hostBytes: number }) {
    this.budget = budget;
    this.meter = new ValueMeter(budget, limits.hostBytes);
    this.handles = { held: 0, limit: limits.handles };
    this.objects = new HostObjects(this.handles);
  }

  /** Whether a trap has ended the tree (Explainer, "Component Invariants"): no call of it is possible any more. */
  get isPoisoned(): boolean {
    return this.isDead;
  }

  poison(error: unknown): void {
    if (this.isDead) return;
    this.isDead = true;
    this.death = error;
  }

  /** @throws ComponentTrap `cannot-enter` once the tree has trapped */
  requireAlive(): void {
    if (!this.isDead) return;
    const { death } = this;
    throw new ComponentTrap("cannot-enter", {
      message: `cannot enter component instance: it has trapped before${death instanceof Error ? ` (${death.message})` : ""}; instance.reset() makes a new one`,
      cause: death,
    });
  }

  /** Counts an instance and what its component defines. @throws ComponentTrap `instance-limit` */
  countInstance(definitions: number): void {
    this.instances++;
    this.definitions += definitions;
    if (this.instances > MAX_INSTANCES)
      throw new ComponentTrap("instance-limit", { message: `more than ${MAX_INSTANCES} instances in one tree` });
    if (this.definitions > MAX_DEFINITIONS)
      throw new ComponentTrap("instance-limit", {
        message: `instantiation evaluates more than ${MAX_DEFINITIONS} definitions`,
      });
    this.budget.charge(1 + Math.ceil(definitions / 8));
  }
}

/** A core module to be instantiated, which may take an asynchronous step on some platforms. */
export interface CoreInstantiation {
  readonly module: Module;
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

import { expect, test } from "vitest";
import { Status } from "../abi/constants.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { StoredProperties } from "../vm/stored-properties.ts";
import { Metrics } from "./metrics.ts";
import { MemorySharedData } from "./shared-data.ts";
import { MemorySharedQueues } from "./shared-queue.ts";

/** How often an action succeeds until it fails, which it must before `most`. */
function successes(most: number, action: (i: number) => boolean): number {
  for (let i = 0; i < most; i++) if (!action(i)) return i;
  throw new Error(`nothing failed in ${most}`);
}

test("a plugin fills its share of the metrics and not another's, with many definitions and with long names", () => {
  const metrics = new Metrics();
  expect(successes(20_000, (i) => "id" in metrics.define(0, `a${i}`, "one"))).toBe(10_000);
  expect(metrics.define(0, "b", "one")).toEqual({ status: Status.InternalFailure });
  // What it has can be defined again.
  expect(metrics.define(0, "a0", "one")).toEqual({ id: 4 });
  expect(successes(20_000, (i) => "id" in metrics.define(1, `${i}${"x".repeat(4000)}`, "two"))).toBeLessThan(200);
  expect("id" in metrics.define(1, "mine", "three")).toBe(true);
  const all = new Metrics();
  expect(successes(30, (p) => successes(20_000, (i) => "id" in all.define(0, `${p} ${i}`, `${p}`)) > 0)).toBe(10);
});

test("queues are bounded each, by VM identifier, and in all; what is taken out makes room", () => {
  const bounds = { queue: 10_000, vm: 20_000, all: 50_000 };
  const queues = new MemorySharedQueues(bounds);
  const fill = (id: number): number => successes(1_000, () => queues.enqueue(id, new Uint8Array(1_000)) === Status.Ok);
  const register = (vm: string, name: string): number => queues.register(vm, name, () => {});
  const first = register("a", "1");
  expect(fill(first)).toBe(9);
  expect(fill(register("a", "2"))).toBe(9);
  expect(fill(register("a", "3"))).toBe(0);
  expect(queues.enqueue(first, new Uint8Array(0))).toBe(Status.Ok);
  expect(register("a", "x".repeat(20_000))).toBe(0);
  for (const vm of ["b", "c", "d"]) for (const name of ["1", "2"]) fill(register(vm, name));
  let bytes = 0;
  for (let id = 1; id < 20; id++) {
    for (let taken = queues.dequeue(id); typeof taken !== "number"; taken = queues.dequeue(id)) bytes += taken.length;
  }
  expect(bytes).toBeGreaterThan(30_000);
  expect(bytes).toBeLessThan(bounds.all);
  expect(fill(first)).toBe(9);
  expect(successes(2_000, (i) => register("many", String(i)) > 0)).toBeLessThan(40);
});

test("shared data, stored properties and maps count keys and entries too", () => {
  const data = new MemorySharedData(100_000);
  const empty = new Uint8Array(0);
  expect(successes(10_000, (i) => data.set("a", String(i), empty, 0) === Status.Ok)).toBeLessThan(400);
  expect(data.set("b", "k", new Uint8Array(40_000), 0)).toBe(Status.Ok);
  expect(data.set("b", "k", new Uint8Array(49_000), 0)).toBe(Status.Ok);
  expect(data.set("b", "k", new Uint8Array(60_000), 0)).toBe(Status.InternalFailure);
  expect(data.set("c", "k", new Uint8Array(2_000), 0)).toBe(Status.InternalFailure);
  const properties = new StoredProperties();
  expect(successes(100, (i) => properties.set(`${i}${"k".repeat(100_000)}`, empty) === Status.Ok)).toBe(5);
  const map = new HeaderMap();
  const add = (value: string): boolean => {
    const room = map.hasRoom(value.length + 1);
    if (room) map.add("n", value);
    return room;
  };
  expect(successes(10_000, () => add("v"))).toBe(1024);
  const long = new HeaderMap();
  expect(long.hasRoom(1024 * 1024)).toBe(true);
  expect(long.hasRoom(1024 * 1024 + 1)).toBe(false);
});

import { afterEach, expect, test } from "vitest";
import { MemorySharedData, type SharedData } from "../services/shared-data.ts";
import { MemorySharedQueues } from "../services/shared-queue.ts";
import type { GuestParts } from "../testing/guest.ts";
import { closeTestHosts, type TestHost, testHost, until } from "../testing/host.ts";
import { Bridge } from "./bridge.ts";
import { StoreServer } from "./store-server.ts";

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  closeTestHosts();
  for (const one of toClose.splice(0).reverse()) await one.close();
});

/** Adds one to a number so many times, and each time tries again when somebody was quicker. */
const counter = (times: number): GuestParts => ({
  callbacks: {
    proxy_on_configure: "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1))) (i32.const 1)",
    proxy_on_tick: `
      (drop (call $proxy_set_tick_period_milliseconds (i32.const 0)))
      (local.set $n (i32.const ${times}))
      (loop $more
        (loop $again
          (if (call $proxy_get_shared_data "n"$$ (i32.const 16) (i32.const 20) (i32.const 24)) (then unreachable))
          (i32.store (i32.const 28) (i32.add (i32.load (i32.load (i32.const 16))) (i32.const 1)))
          (local.set $s (call $proxy_set_shared_data "n"$$ (i32.const 28) (i32.const 4) (i32.load (i32.const 24))))
          (br_if $again (i32.eq (local.get $s) (i32.const 8)))
          (if (local.get $s) (then unreachable)))
        (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (drop (call $proxy_log (i32.const 2) "done"$$))`,
  },
});

const numberOf = (value: Uint8Array | undefined): number =>
  value === undefined ? Number.NaN : new DataView(value.buffer, value.byteOffset).getUint32(0, true);

async function finish(hosts: readonly TestHost[], loops: number): Promise<void> {
  await until(() => hosts.flatMap(({ lines }) => lines).length >= loops);
  expect(hosts.flatMap(({ lines }) => lines)).toEqual(Array(loops).fill("done"));
}

const TIMES = 200;

test("compare-and-swap loops of plugins in four threads and in the host's lose no increment", async () => {
  const sharedData: SharedData = new MemorySharedData();
  sharedData.set("vm", "n", new Uint8Array(4), 0);
  const made = testHost({ sharedData });
  await Promise.all([
    made.load(counter(TIMES), { name: "here", vm: { id: "vm" } }),
    made.load(counter(TIMES), { name: "there", vm: { id: "vm" }, threads: 4 }),
  ]);
  await finish([made], 5);
  expect(numberOf(sharedData.get("vm", "n")?.value)).toBe(5 * TIMES);
});

test("compare-and-swap loops of several processes, with two threads each, lose no increment", async () => {
  const server = await StoreServer.open();
  toClose.push(server);
  const bridges = await Promise.all(
    [1, 2, 3].map(() => Bridge.open({ kind: "socket", path: server.path, timeout: 30_000 })),
  );
  toClose.push(...bridges);
  await bridges[0].data.async?.set("vm", "n", new Uint8Array(4), 0);
  const hosts: TestHost[] = [];
  for (const { data, queues } of bridges) {
    const made = testHost({ sharedData: data, sharedQueues: queues }, 2);
    hosts.push(made);
    await made.load(counter(TIMES), { vm: { id: "vm" } });
  }
  await finish(hosts, 6);
  expect(numberOf((await bridges[1].data.async?.get("vm", "n"))?.value)).toBe(6 * TIMES);
});

test("each entry of a queue is taken once by consumers in four threads", async () => {
  const sharedQueues = new MemorySharedQueues();
  const made = testHost({ sharedQueues });
  const id = sharedQueues.register("vm", "q", () => {});
  const entries = 400;
  for (let i = 0; i < entries; i++) sharedQueues.enqueue(id, new TextEncoder().encode(String(i)));
  await made.load(
    {
      callbacks: {
        proxy_on_configure: "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1))) (i32.const 1)",
        proxy_on_tick: `
          (drop (call $proxy_set_tick_period_milliseconds (i32.const 0)))
          (drop (call $proxy_resolve_shared_queue "vm"$$ "q"$$ (i32.const 24)))
          (loop $more
            (local.set $s (call $proxy_dequeue_shared_queue (i32.load (i32.const 24)) (i32.const 16) (i32.const 20)))
            (if (i32.eqz (local.get $s)) (then
              (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20)))) (br $more))))
          (drop (call $proxy_log (i32.const 2) "done"$$))`,
      },
    },
    { threads: 4 },
  );
  await until(() => made.lines.filter((line) => line === "done").length === 4);
  const taken = made.lines.filter((line) => line !== "done");
  expect(taken.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: entries }, (_, i) => i));
});

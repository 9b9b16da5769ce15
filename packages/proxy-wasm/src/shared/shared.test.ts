import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Status } from "../abi/constants.ts";
import type { SharedQueues } from "../services/shared-queue.ts";
import { closeTestHosts, type TestHost, testHost, until } from "../testing/host.ts";
import { lacksRedis, TestRedis } from "../testing/redis.ts";
import { ServiceDesk } from "../threads/service-desk.ts";
import { answerChannel } from "../threads/sync-call.ts";
import type { Services } from "../vm/vm.ts";
import { Bridge, connectShared, type SharedStore } from "./bridge.ts";
import { StoreServer } from "./store-server.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: unknown): string =>
  value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);

const opened: SharedStore[] = [];
afterEach(async () => {
  closeTestHosts();
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

/** What must hold wherever data and queues are kept. */
function contract(connect: () => Promise<SharedStore>): void {
  async function open(): Promise<SharedStore> {
    const store = await connect();
    opened.push(store);
    return store;
  }

  test("a value is swapped by whoever has seen it last, and each space has its own keys", async () => {
    const [one, other] = [await open(), await open()];
    expect(one.data.get("vm", "missing")).toBeUndefined();
    // The first write succeeds whatever number it names.
    expect(one.data.set("vm", "key\0\xff", bytes("1"), 7)).toBe(Status.Ok);
    const seen = other.data.get("vm", "key\0\xff");
    expect(text(seen?.value)).toBe("1");
    expect(other.data.get("v", "m:key\0\xff")).toBeUndefined();
    expect(one.data.set("vm", "key\0\xff", bytes("2"), seen?.cas ?? 0)).toBe(Status.Ok);
    expect(other.data.set("vm", "key\0\xff", bytes("3"), seen?.cas ?? 0)).toBe(Status.CasMismatch);
    expect(await other.data.async?.set("vm", "key\0\xff", bytes("3"), seen?.cas ?? 0)).toBe(Status.CasMismatch);
    expect(text((await other.data.async?.get("vm", "key\0\xff"))?.value)).toBe("2");
    expect(other.data.set("vm", "key\0\xff", new Uint8Array(0), 0)).toBe(Status.Ok);
    expect(one.data.get("vm", "key\0\xff")?.value.length).toBe(0);
  });

  test("every entry of a queue is taken once, in order, and its registrant is told of what lay there before", async () => {
    const [one, other] = [await open(), await open()];
    expect(one.queues.resolve("vm", "jobs")).toBeUndefined();
    expect(one.queues.dequeue(99)).toBe(Status.NotFound);
    const id = one.queues.register("vm", "jobs", () => {});
    expect(other.queues.resolve("vm", "jobs")).toBe(id);
    for (const entry of ["a", "b", "", "d"]) expect(other.queues.enqueue(id, bytes(entry))).toBe(Status.Ok);
    const big = new Uint8Array(5_000_000).fill(7);
    expect(other.queues.enqueue(id, big)).toBe(Status.Ok);
    expect([one, other, one, other].map(({ queues }) => text(queues.dequeue(id)))).toEqual(["a", "b", "", "d"]);
    expect(Buffer.compare(one.queues.dequeue(id) as Uint8Array, big)).toBe(0);
    expect(one.queues.dequeue(id)).toBe(Status.Empty);
    for (const entry of ["1", "2", "3"]) one.queues.enqueue(id, bytes(entry));
    await one.close();
    const got: string[] = [];
    const third = await open();
    await third.queues.async?.register("vm", "jobs", (queue) => {
      const entry = third.queues.dequeue(queue);
      if (entry instanceof Uint8Array) got.push(text(entry));
    });
    await until(() => got.length === 3);
    other.queues.enqueue(id, bytes("later"));
    await until(() => got.length === 4);
    expect(got).toEqual(["1", "2", "3", "later"]);
  });

  test("of two registrants of one process the last one is told, and then the one before it", async () => {
    const [one, other] = [await open(), await open()];
    const told: string[] = [];
    const first = (): void => void told.push("first");
    const last = (): void => void told.push("last");
    const id = one.queues.register("vm", "two", first);
    one.queues.register("vm", "two", last);
    for (const entry of ["1", "2"]) other.queues.enqueue(id, bytes(entry));
    await until(() => told.length === 2);
    one.queues.release(last);
    await until(() => told.length === 4);
    one.queues.release(first);
    expect(other.queues.enqueue(id, bytes("3"))).toBe(Status.Ok);
    one.queues.register("vm", "two", last);
    await until(() => told.length === 7);
    expect(told).toEqual(["last", "last", "first", "first", "last", "last", "last"]);
  });

  test("a queue that is full says so", async () => {
    const store = await open();
    const id = store.queues.register("vm", "full", () => {});
    const big = new Uint8Array(6_000_000);
    expect([1, 2, 3].map(() => store.queues.enqueue(id, big))).toEqual([Status.Ok, Status.Ok, Status.InternalFailure]);
    store.queues.dequeue(id);
    expect(store.queues.enqueue(id, big)).toBe(Status.Ok);
  });

  test("plugins of several hosts count together, in the host's thread and in threads of their own", async () => {
    // Adds one to a number, and tries again when somebody was quicker.
    const callbacks = {
      proxy_on_tick: `
        (drop (call $proxy_set_tick_period_milliseconds (i32.const 0)))
        (local.set $n (i32.const 50))
        (loop $more
          (loop $again
            (if (i32.eq (i32.const 1) (call $proxy_get_shared_data "n"$$ (i32.const 16) (i32.const 20) (i32.const 24)))
              (then (i32.store (i32.const 28) (i32.const 0)) (i32.store (i32.const 24) (i32.const 0)))
              (else (i32.store (i32.const 28) (i32.load (i32.load (i32.const 16))))))
            (i32.store (i32.const 28) (i32.add (i32.load (i32.const 28)) (i32.const 1)))
            (br_if $again (i32.eq (i32.const 8)
              (call $proxy_set_shared_data "n"$$ (i32.const 28) (i32.const 4) (i32.load (i32.const 24))))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $more (local.get $n)))
        (drop (call $proxy_log (i32.const 2) "done"$$))`,
      proxy_on_configure: "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1))) (i32.const 1)",
    };
    // The first write of all must be somebody's alone: it succeeds whatever number it names.
    const first = await open();
    first.data.set("count", "n", new Uint8Array(4), 0);
    const hosts: TestHost[] = [];
    for (const threads of [0, 2, 0]) {
      const store = await open();
      const made = testHost({ sharedData: store.data, sharedQueues: store.queues }, threads);
      await made.load({ callbacks }, { vm: { id: "count" } });
      hosts.push(made);
    }
    await until(() => hosts.flatMap(({ lines }) => lines).length === 4);
    const value = first.data.get("count", "n")?.value as Uint8Array;
    expect(new DataView(value.buffer, value.byteOffset).getUint32(0, true)).toBe(200);
  });
}

describe("shared data and queues of another process", () => {
  let server: StoreServer;
  beforeAll(async () => {
    server = await StoreServer.open();
  });
  afterAll(() => server.close());
  // The server lives in this thread, which therefore must not wait for it: asking is left to other threads.
  test("answers those that can wait", async () => {
    const store = await Bridge.open({ kind: "socket", path: server.path, timeout: 5_000 });
    opened.push(store);
    expect(await store.data.async?.set("vm", "a", bytes("1"), 0)).toBe(Status.Ok);
    const seen = await store.data.async?.get("vm", "a");
    expect(await store.data.async?.set("vm", "a", bytes("2"), seen?.cas ?? 0)).toBe(Status.Ok);
    expect(await store.data.async?.set("vm", "a", bytes("3"), seen?.cas ?? 0)).toBe(Status.CasMismatch);
  });

  test("what a dying process was told of and has left is told to another", async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => Bridge.open({ kind: "socket", path: server.path, timeout: 5_000 })),
    );
    opened.push(one, other);
    const told: number[] = [];
    const id = (await one.queues.async?.register("vm", "q", () => told.push(1))) as number;
    await other.queues.async?.register("vm", "q", () => told.push(2));
    for (let i = 0; i < 4; i++) await other.queues.async?.enqueue(id, bytes(String(i)));
    await until(() => told.length === 4);
    expect([...told].sort()).toEqual([1, 1, 2, 2]);
    await one.close();
    await until(() => told.length === 8);
    expect(told.slice(4)).toEqual([2, 2, 2, 2]);
  });
});

describe("registrants of a queue of another process", () => {
  let server: StoreServer;
  beforeAll(async () => {
    server = await StoreServer.open();
  });
  afterAll(() => server.close());

  async function open(): Promise<Bridge> {
    const bridge = await Bridge.open({ kind: "socket", path: server.path, timeout: 5_000 });
    opened.push(bridge);
    return bridge;
  }

  test("the last one is told, and when it is gone the one before it is told of what it has left", async () => {
    const bridge = await open();
    const told: string[] = [];
    const first = (): void => void told.push("first");
    const last = (): void => void told.push("last");
    const id = (await bridge.queues.async?.register("vm", "two", first)) as number;
    await bridge.queues.async?.register("vm", "two", last);
    for (const entry of ["1", "2", "3"]) await bridge.queues.async?.enqueue(id, bytes(entry));
    await until(() => told.length === 3);
    await bridge.queues.async?.dequeue(id);
    bridge.queues.release(last);
    await until(() => told.length === 5);
    await bridge.queues.async?.enqueue(id, bytes("4"));
    await until(() => told.length === 6);
    expect(told).toEqual(["last", "last", "last", "first", "first", "first"]);
  });

  test("a process without registrants is told nothing, and what it has left is told to the others", async () => {
    const [one, other] = [await open(), await open()];
    const told: string[] = [];
    const ready = (): void => void told.push("one");
    const id = (await one.queues.async?.register("vm", "left", ready)) as number;
    await other.queues.async?.register("vm", "left", () => void told.push("other"));
    for (let i = 0; i < 4; i++) await other.queues.async?.enqueue(id, bytes(String(i)));
    await until(() => told.length === 4);
    expect([...told].sort()).toEqual(["one", "one", "other", "other"]);
    one.queues.release(ready);
    await until(() => told.length === 8);
    for (let i = 0; i < 4; i++) await other.queues.async?.enqueue(id, bytes(String(i)));
    await until(() => told.length === 12);
    expect(told.slice(4)).toEqual(Array(8).fill("other"));
    // It can register again, and is then told in its turn.
    await one.queues.async?.register("vm", "left", ready);
    for (let i = 0; i < 2; i++) await other.queues.async?.enqueue(id, bytes(String(i)));
    await until(() => told.length === 14);
    expect(told.slice(12).sort()).toEqual(["one", "other"]);
  });

  test("a queue whose registration is answered when its thread has ended has no registrant", async () => {
    const released: unknown[] = [];
    let answer: (id: number) => void = () => {};
    const async = { register: () => new Promise<number>((resolve) => (answer = resolve)) };
    const sharedQueues = { async, release: (ready: unknown) => released.push(ready) } as unknown as SharedQueues;
    const { answerer } = answerChannel();
    const desk = new ServiceDesk({ sharedData: {}, sharedQueues } as unknown as Services, answerer, () => {});
    desk.handle(["call", 1, ["registerQueue", "vm", "q", 7]]);
    desk.close();
    expect(released).toHaveLength(1);
    answer(1);
    await until(() => released.length === 2);
    expect(released[1]).toBe(released[0]);
  });
});

describe.skipIf(lacksRedis())("Redis", () => {
  let redis: TestRedis;
  let spaces = 0;
  beforeAll(async () => {
    redis = await TestRedis.start();
  });
  afterAll(() => redis.stop());

  for (const client of ["redis", "ioredis"] as const)
    describe(`with ${client}`, () => {
      // Those of one test share; those of another do not.
      let prefix = "";
      afterEach(() => {
        prefix = "";
      });
      contract(() => {
        if (prefix === "") prefix = `test-${++spaces}`;
        return connectShared({ url: redis.url, prefix, client, timeout: 10_000 });
      });

      test("an error reply fails its own request and no other", async () => {
        prefix = `wrong-type-${client}`;
        const store = await connectShared({ url: redis.url, prefix, client, timeout: 10_000 });
        opened.push(store);
        store.data.set("vm", "good", bytes("kept"), 0);
        const id = store.queues.register("vm", "q", () => {});
        await redis.command("SET", `${prefix}:data:vm:bad`, "a string, not a hash");
        await redis.command("SET", `${prefix}:queue:vm:q`, "a string, not a list");
        const failures = [
          () => store.data.get("vm", "bad"),
          () => store.data.set("vm", "bad", bytes("1"), 0),
          () => store.queues.enqueue(id, bytes("1")),
          () => store.queues.dequeue(id),
          () => store.queues.register("vm", "q", () => {}),
        ];
        for (const fails of failures) {
          expect(fails).toThrow("status 10");
          expect(text(store.data.get("vm", "good")?.value)).toBe("kept");
        }
        await expect(store.data.async?.get("vm", "bad")).rejects.toThrow("status 10");
        expect(text((await store.data.async?.get("vm", "good"))?.value)).toBe("kept");
      });

      test("while the server is gone nothing is made up, and what it had is there again", async () => {
        const [store, other] = await Promise.all(
          [1, 2].map(() => connectShared({ url: redis.url, prefix: `gone-${client}`, client, timeout: 10_000 })),
        );
        opened.push(store, other);
        const got: string[] = [];
        const take = (queue: number): void => {
          const entry = store.queues.dequeue(queue);
          if (entry instanceof Uint8Array) got.push(text(entry));
        };
        const id = other.queues.register("vm", "q", () => {});
        expect(other.queues.enqueue(id, bytes("from before"))).toBe(Status.Ok);
        expect(store.data.set("vm", "a", bytes("kept"), 0)).toBe(Status.Ok);
        await redis.stop();
        expect(() => store.data.get("vm", "a")).toThrow("status 10");
        expect(() => store.queues.dequeue(id)).toThrow("status 10");
        await expect(store.data.async?.set("vm", "a", bytes("lost"), 0)).rejects.toThrow("status 10");
        await redis.run();
        await until(() => {
          try {
            return text(store.data.get("vm", "a")?.value) === "kept";
          } catch {
            return false;
          }
        });
        store.queues.register("vm", "q", take);
        await until(() => got.length === 1);
        await until(() => {
          try {
            return other.queues.enqueue(id, bytes("from after")) === Status.Ok;
          } catch {
            return false;
          }
        });
        await until(() => got.includes("from after"));
        expect(got[0]).toBe("from before");
      });
    });

  test("a host that cannot connect says why", async () => {
    await expect(connectShared({ url: "redis://127.0.0.1:1", client: "redis" })).rejects.toThrow("ECONNREFUSED");
    await expect(connectShared({ url: "redis://127.0.0.1:1", client: "ioredis" })).rejects.toThrow("ECONNREFUSED");
  });
});

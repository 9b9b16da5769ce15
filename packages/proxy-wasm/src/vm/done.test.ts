import { createServer } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { HttpUpstreams } from "../services/http-upstreams.ts";
import { MemorySharedQueues } from "../services/shared-queue.ts";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import type { PluginThread } from "../threads/plugin-thread.ts";

afterEach(() => {
  vi.useRealTimers();
  closeTestHosts();
});

const say = (text: string): string => `(drop (call $proxy_log (i32.const 2) "${text}"$$))`;
const SIZES = [3, 7, 3, 5, 1, 10, 1].map((size) => `\\x0${size.toString(16)}\\x00\\x00\\x00`).join("");
const CALL = `(drop (call $proxy_http_call "svc"$$ "${SIZES}:method\\x00GET\\x00:path\\x00/\\x00:authority\\x00x\\x00"$$
  (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16)))`;

describe.each([
  ["in the host's thread", 0],
  ["in a thread of its own", 1],
])("a plugin %s that asks for time when it is ended", (_where, threads) => {
  test("and never says that it is done is deleted when its time is up, each time", async () => {
    class Queues extends MemorySharedQueues {
      released = 0;
      override release(...args: Parameters<MemorySharedQueues["release"]>): void {
        this.released++;
        super.release(...args);
      }
    }
    const sharedQueues = new Queues();
    const { lines, load } = testHost({ sharedQueues }, threads);
    // A queue, a clock and a call that is never answered would each keep it alive.
    const callbacks = {
      proxy_on_configure: `(drop (call $proxy_register_shared_queue "q"$$ (i32.const 24)))
        (drop (call $proxy_set_tick_period_milliseconds (i32.const 1))) (i32.const 1)`,
      proxy_on_tick: say("tick"),
      proxy_on_done: "(i32.const 0)",
      proxy_on_delete: say("deleted"),
    };
    for (let i = 1; i <= 5; i++) {
      const plugin = await load({ callbacks }, { configuration: String(i), limits: { doneTimeout: 30 } });
      await plugin.close();
      await until(() => lines.filter((line) => line === "deleted").length === i);
      await until(() => sharedQueues.released >= i);
    }
    expect(lines.filter((line) => line.includes("within 30 ms"))).toHaveLength(5);
    const ticks = lines.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lines.length).toBe(ticks);
  });

  test("has its clock and its calls until it says that it is done", async () => {
    const server = createServer((_request, response) => void setTimeout(() => response.end("ok"), 10));
    const upstreams = new HttpUpstreams({ svc: `http://127.0.0.1:${await listen(server)}` });
    const { lines, load } = testHost({ upstreams }, threads);
    const plugin = await load(
      {
        callbacks: {
          proxy_on_done: "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1))) (i32.const 0)",
          proxy_on_tick: `(drop (call $proxy_set_tick_period_milliseconds (i32.const 0))) ${CALL}`,
          proxy_on_http_call_response: `${say("answered")} (drop (call $proxy_done))`,
          proxy_on_delete: say("deleted"),
        },
      },
      { limits: { doneTimeout: 600_000 } },
    );
    await plugin.close();
    await until(() => lines.includes("deleted"));
    expect(lines).toEqual(["answered", "deleted"]);
    await upstreams.close();
    server.close();
  });

  test("and traps then has ended", async () => {
    const { load } = testHost({}, threads);
    for (const end of [
      "unreachable",
      "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1))) (i32.const 0)",
    ]) {
      const callbacks = { proxy_on_done: end, proxy_on_tick: "unreachable" };
      const plugin = await load({ callbacks }, { limits: { doneTimeout: 600_000 } });
      await plugin.close();
    }
  });
});

test("a thread in which a guest without limits never returns is ended with its last plugin", async () => {
  const { host, load } = testHost({}, 1);
  const plugin = await load({ callbacks: { proxy_on_done: "(loop (br 0)) (i32.const 1)" } });
  const { pool } = host as unknown as { readonly pool: { readonly threads: readonly PluginThread[] } };
  const [thread] = pool.threads;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const closed = plugin.close();
  await vi.advanceTimersByTimeAsync(60_000);
  await closed;
  vi.useRealTimers();
  await until(() => thread.dead);
});

test("a plugin whose configuration was refused, and which asks for time, is deleted too", async () => {
  const { lines, load } = testHost();
  const callbacks = {
    proxy_on_configure: "(i32.const 0)",
    proxy_on_done: "(i32.const 0)",
    proxy_on_delete: say("deleted"),
  };
  await expect(load({ callbacks }, { limits: { doneTimeout: 10 } })).rejects.toThrow("refused its configuration");
  await until(() => lines.includes("deleted"));
});

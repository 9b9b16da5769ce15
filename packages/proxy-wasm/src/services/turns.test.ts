import { afterEach, describe, expect, test } from "vitest";
import type { GuestParts } from "../testing/guest.ts";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import type { Upstreams } from "./upstreams.ts";

afterEach(closeTestHosts);

const SIZES = [3, 7, 3, 5, 1, 10, 4].map((size) => `\\x0${size.toString(16)}\\x00\\x00\\x00`).join("");
const HEADERS = `"${SIZES}:method\\x00GET\\x00:path\\x00/\\x00:authority\\x00auth\\x00"$$`;
const CALL = `(drop (call $proxy_http_call "auth"$$ ${HEADERS}
  (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16)))`;
const FOREIGN = `(drop (call $proxy_call_foreign_function "f"$$ (i32.const 0) (i32.const 0) (i32.const 16) (i32.const 20)))`;
const ENQUEUE = `(drop (call $proxy_enqueue_shared_queue (i32.const 1) "x"$$))`;
const REGISTER = `(drop (call $proxy_register_shared_queue "q"$$ (i32.const 24)))`;

/** Guests whose callback causes the next call of the same callback at once. */
const ENDLESS: readonly (readonly [what: string, start: string, callback: string, next: string])[] = [
  ["entries of its own queue", REGISTER + ENQUEUE, "proxy_on_queue_ready", ENQUEUE],
  ["calls that fail at once", CALL, "proxy_on_http_call_response", CALL],
  ["results of a foreign function that are there at once", FOREIGN, "proxy_on_foreign_function", FOREIGN],
];

describe.each([
  ["in the host's thread", 0],
  ["in a thread of their own", 1],
])("plugins %s", (_where, threads) => {
  test.each(ENDLESS)("%s, without end, keep no timer from running", async (_what, start, callback, next) => {
    const upstreams: Upstreams = {
      has: () => true,
      httpCall: () => Promise.reject(new Error("no")),
      grpcStream: () => {
        throw new Error("no");
      },
    };
    const { host, load } = testHost({ upstreams, foreignFunctions: { f: () => Promise.resolve(undefined) } }, threads);
    // The guest ends the chain by itself after many calls, so that a failure of this test ends too.
    const bounded = `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (if (i32.lt_u (global.get $calls) (i32.const 1000000)) (then ${next}))`;
    await load({
      fields: "(global $calls (mut i32) (i32.const 0))",
      callbacks: { proxy_on_configure: `${start} (i32.const 1)`, [callback]: bounded },
    });
    await until(() => host.vms.some(({ calls }) => calls > 100));
    expect(host.vms[0].calls).toBeLessThan(900_000);
  });
});

const SHOW_ENTRY = `
  (drop (call $proxy_dequeue_shared_queue (local.get $queue) (i32.const 16) (i32.const 20)))
  (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`;

const producer: GuestParts = {
  callbacks: {
    proxy_on_configure: `
      (drop (call $proxy_enqueue_shared_queue (i32.const 1) "bad"$$))
      (drop (call $proxy_enqueue_shared_queue (i32.const 1) "one"$$))
      (drop (call $proxy_enqueue_shared_queue (i32.const 1) "two"$$)) (i32.const 1)`,
  },
};

describe.each([
  ["in the host's thread", 0],
  ["in a thread of their own", 1],
])("consumers of a queue %s", (_where, threads) => {
  test("a consumer that traps is told of what is left when it runs again", async () => {
    const { lines, load } = testHost({}, threads);
    const consumer = await load(
      {
        callbacks: {
          proxy_on_configure: `${REGISTER} (i32.const 1)`,
          proxy_on_queue_ready: `${SHOW_ENTRY}
            (if (i32.eq (i32.load8_u (i32.load (i32.const 16))) (i32.const 98)) (then unreachable))`,
        },
      },
      { failurePolicy: "reload", reloadBackoff: 1 },
    );
    await load(producer);
    await until(() => lines.some((line) => line.includes("trapped")));
    // As the gateway does it for its services.
    await until(() => {
      consumer.revive();
      return lines.includes("two");
    });
    expect(lines.filter((line) => /^(bad|one|two)$/.test(line))).toEqual(["bad", "one", "two"]);
  });

  test("when the last of two consumers fails, the other one is told", async () => {
    const { lines, load } = testHost({}, threads);
    const consume = (more: string): GuestParts => ({
      callbacks: { proxy_on_configure: `${REGISTER} (i32.const 1)`, proxy_on_queue_ready: `${SHOW_ENTRY} ${more}` },
    });
    await load(consume(""));
    await load(consume("unreachable"));
    await load(producer);
    await until(() => lines.includes("two"));
    expect(lines.filter((line) => /^(bad|one|two)$/.test(line))).toEqual(["bad", "one", "two"]);
  });
});

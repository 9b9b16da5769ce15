import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { filterServer } from "../node/middleware.ts";
import type { GuestParts } from "../testing/guest.ts";
import { closeTestHosts, type TestHost, testHost, until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import type { Plugin } from "../vm/plugin.ts";

const servers: Server[] = [];
afterEach(() => {
  closeTestHosts();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(plugin: Plugin): Promise<number> {
  const server = createServer((_request, response) => response.end("answer"));
  servers.push(server);
  filterServer(server, [plugin]);
  return listen(server);
}

const EXIT = '(import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))';
const REGISTER = `(drop (call $proxy_register_shared_queue "q"$$ (i32.const 24)))`;
const ENQUEUE = `(drop (call $proxy_enqueue_shared_queue (i32.load (i32.const 24)) "x"$$))`;
const TICK = "(drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))";

/** Ways in which a callback ends its VM, with what the callback needs. */
const FAULTS: readonly (readonly [what: string, code: string, imports: string])[] = [
  ["traps", "unreachable", ""],
  ["loops", "(loop (br 0))", ""],
  ["exits with 1", "(call $proc_exit (i32.const 1))", EXIT],
  ["exits with 0", "(call $proc_exit (i32.const 0))", EXIT],
];

/** Callbacks outside of requests, and what makes the host call them once the plugin is configured. */
const OUTSIDE = [
  ["proxy_on_tick", TICK],
  ["proxy_on_queue_ready", REGISTER + ENQUEUE],
] as const;

/** For plugins that fail when they start. */
const shortStart = { timeout: 100, startTimeout: 100 };
/** For plugins that start, however slow the machine is. */
const limits = { timeout: 100, startTimeout: 60_000 };

describe.each([
  ["in the host's thread", 0],
  ["in two threads", 2],
])("a plugin %s", (_where, threads) => {
  /** Another plugin of the host, whose requests are answered whatever the first one does. */
  async function bystander(made: TestHost): Promise<number> {
    return serve(await made.load({ callbacks: { proxy_on_request_headers: "(i32.const 0)" } }));
  }

  describe.each(FAULTS)("that %s", (_what, code, imports) => {
    test.each(["proxy_on_context_create", "proxy_on_vm_start", "proxy_on_configure"])(
      "in %s is not loaded, and leaves nothing",
      async (callback) => {
        const made = testHost({}, threads);
        const result = callback === "proxy_on_context_create" ? "" : "(i32.const 1)";
        const parts: GuestParts = { imports, callbacks: { [callback]: `${code} ${result}` } };
        await expect(made.load(parts, { limits: shortStart })).rejects.toMatchObject({ code: "failed" });
        expect(made.host.vms).toEqual([]);
        expect((await send(await bystander(made))).body).toBe("answer");
      },
    );

    describe.each(OUTSIDE)("in %s", (callback, cause) => {
      const parts: GuestParts = {
        imports,
        callbacks: {
          proxy_on_configure: `${cause} (i32.const 1)`,
          proxy_on_request_headers: "(i32.const 0)",
          [callback]: code,
        },
      };
      test.each([
        ["closed", 503],
        ["open", 200],
      ] as const)("with the policy %s has its requests answered, and harms no other", async (failurePolicy, status) => {
        const made = testHost({}, threads);
        const plugin = await made.load(parts, { failurePolicy, limits });
        // Of two threads one alone is told of an entry, and the other one goes on.
        await until(() => made.host.vms.some(({ state }) => state === "failed"));
        const everywhere = callback === "proxy_on_tick" || threads === 0;
        if (everywhere) await until(() => plugin.failure !== undefined);
        expect(made.host.vms[0].failures.length + (made.host.vms[1]?.failures.length ?? 0)).toBeGreaterThan(0);
        const port = await serve(plugin);
        if (everywhere) for (let i = 0; i < 4; i++) expect((await send(port)).status).toBe(status);
        else expect([200, status]).toContain((await send(port)).status);
        expect((await send(await bystander(made))).body).toBe("answer");
      });

      test("with the policy reload runs again after its backoff, without a request", async () => {
        const made = testHost({}, threads);
        // The first VMs fail; those that find the mark of three failures live.
        const marked = `
          (local.set $n (i32.const 0))
          (if (i32.eqz (call $proxy_get_shared_data "n"$$ (i32.const 32) (i32.const 36) (i32.const 40)))
            (then (local.set $n (i32.load8_u (i32.load (i32.const 32))))))
          (if (i32.ge_u (local.get $n) (i32.const 3)) (then (drop (call $proxy_log (i32.const 2) "lives"$$)))
            (else
              (i32.store8 (i32.const 44) (i32.add (local.get $n) (i32.const 1)))
              (drop (call $proxy_set_shared_data "n"$$ (i32.const 44) (i32.const 1) (i32.const 0)))
              ${code}))`;
        const plugin = await made.load(
          { ...parts, callbacks: { ...parts.callbacks, [callback]: marked } },
          { failurePolicy: "reload", reloadBackoff: 1, limits },
        );
        // As the gateway does it for its services.
        await until(() => {
          plugin.revive();
          return made.lines.includes("lives") && plugin.failure === undefined;
        });
        // Another thread may still be in the callback that fails: until its time is over, a request there is refused.
        const port = await serve(plugin);
        while ((await send(port)).body !== "answer") plugin.revive();
      });
    });
  });

  test("that fails in its configuration each time after the first is tried ever less often, and runs when it can", async () => {
    const made = testHost({}, threads);
    const plugin = await made.load(
      {
        callbacks: {
          // Starts 2 to 4 of each thread trap.
          proxy_on_configure: `
            (if (i32.eqz (call $proxy_get_shared_data "n"$$ (i32.const 32) (i32.const 36) (i32.const 40)))
              (then (local.set $n (i32.load8_u (i32.load (i32.const 32))))))
            (i32.store8 (i32.const 44) (i32.add (local.get $n) (i32.const 1)))
            (drop (call $proxy_set_shared_data "n"$$ (i32.const 44) (i32.const 1) (i32.const 0)))
            (if (i32.and (i32.ge_u (local.get $n) (i32.const ${Math.max(threads, 1)})) (i32.lt_u (local.get $n) (i32.const 6)))
              (then unreachable))
            (if (i32.lt_u (local.get $n) (i32.const ${Math.max(threads, 1)})) (then ${TICK})) (i32.const 1)`,
          proxy_on_tick: "unreachable",
          proxy_on_request_headers: "(i32.const 0)",
        },
      },
      { failurePolicy: "reload", reloadBackoff: 1, limits },
    );
    await until(() => made.host.vms.some(({ state }) => state === "failed"));
    await until(() => {
      plugin.revive();
      return (
        made.host.vms.length > 0 &&
        made.host.vms.every(({ state, failures }) => state === "running" && failures.length > 0)
      );
    });
    // The list has the machines that have answered: another thread may still be starting, and a request there is refused.
    const port = await serve(plugin);
    while ((await send(port)).body !== "answer") plugin.revive();
  });
});

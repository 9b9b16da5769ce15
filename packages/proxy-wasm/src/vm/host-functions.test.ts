import { expect, test } from "vitest";
import type { GuestParts } from "../testing/guest.ts";
import { testHost, until } from "../testing/host.ts";
import type { PluginHostOptions, PluginOptions } from "./plugin-host.ts";

/** Runs a body in `proxy_on_configure` and says what it has logged. */
async function configure(
  body: string,
  options: PluginHostOptions = {},
  plugin: Partial<PluginOptions> = {},
  parts: Partial<GuestParts> = {},
): Promise<string[]> {
  const { lines, load } = testHost(options);
  await load({ ...parts, callbacks: { ...parts.callbacks, proxy_on_configure: `${body} (i32.const 1)` } }, plugin);
  return lines;
}

const log = (call: string): string => `(call $log_number ${call})`;
const SHOW = `(drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`;
const OUT = `(i32.const 16) (i32.const 20)`;
const FAR = `(i32.const 0x7ffffff0)`;

test("pointers outside the memory are told, and harm nobody", async () => {
  const lines = await configure(
    [
      log(`(call $proxy_log (i32.const 2) ${FAR} (i32.const 4))`),
      log(`(call $proxy_log (i32.const 2) (i32.const -1) (i32.const 2))`),
      log(`(call $proxy_get_property "plugin_name"$$ ${FAR} (i32.const 20))`),
      log(`(call $proxy_get_current_time_nanoseconds (i32.const 262140))`),
      log(`(call $proxy_set_shared_data ${FAR} (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0))`),
      log(`(call $proxy_log (i32.const 6) (i32.const 0) (i32.const 0))`),
    ].join("\n"),
    {},
    { name: "x" },
  );
  expect(lines).toEqual(["6", "6", "6", "6", "6", "2"]);
});

test("an allocator that has nothing left is told as an invalid access; one that is missing is no plugin", async () => {
  const failing = { allocator: "fails" } as const;
  const call = log(`(call $proxy_get_property "plugin_name"$$ ${OUT})`);
  expect(await configure(call, {}, { name: "x" }, failing)).toEqual(["6"]);
  // Nothing is handed over without the allocator.
  expect(await configure(call, {}, { name: "" }, failing)).toEqual(["0"]);
  await expect(configure("", {}, {}, { allocator: "none" })).rejects.toThrow("neither malloc nor");
  await expect(configure("", {}, {}, { abi: "proxy_abi_version_9" })).rejects.toThrow("no proxy-wasm plugin");
  expect(await configure(call + SHOW, {}, { name: "named" }, { allocator: "proxy_on_memory_allocate" })).toEqual([
    "0",
    "named",
  ]);
});

test("shared data is compared and swapped, and seen by VMs with the same identifier", async () => {
  const { host, lines, load } = testHost();
  const set = (cas: string): string => log(`(call $proxy_set_shared_data "k"$$ "v"$$ ${cas})`);
  const get = log(`(call $proxy_get_shared_data "k"$$ ${OUT} (i32.const 24))`);
  const body = `${get} ${set("(i32.const 77)")} ${get} ${set("(i32.const 77)")} ${set("(i32.load (i32.const 24))")} ${set("(i32.const 0)")} (i32.const 1)`;
  await load({ callbacks: { proxy_on_configure: body } }, { vm: { id: "a" } });
  expect(lines).toEqual(["1", "0", "0", "8", "0", "0"]);
  lines.length = 0;
  const look = { callbacks: { proxy_on_configure: `${get} ${SHOW} (i32.const 1)` } };
  await load(look, { vm: { id: "a" } });
  await load(look, { vm: { id: "b" } });
  expect(lines).toEqual(["0", "v", "1", ""]);
  expect(host.vms.length).toBe(3);
});

test("queues are shared by VM identifier and name, and tell their registrant", async () => {
  const { lines, load } = testHost();
  await load(
    {
      callbacks: {
        proxy_on_vm_start: `${log(`(call $proxy_register_shared_queue "q"$$ (i32.const 24))`)} (i32.const 1)`,
        proxy_on_queue_ready: `${log("(local.get $queue)")} ${log(`(call $proxy_dequeue_shared_queue (local.get $queue) ${OUT})`)} ${SHOW}
          ${log(`(call $proxy_dequeue_shared_queue (local.get $queue) ${OUT})`)}`,
      },
    },
    { vm: { id: "receiver" } },
  );
  await load(
    {
      callbacks: {
        proxy_on_configure: `${log(`(call $proxy_resolve_shared_queue "nobody"$$ "q"$$ (i32.const 24))`)}
          ${log(`(call $proxy_resolve_shared_queue "receiver"$$ "q"$$ (i32.const 24))`)}
          ${log(`(call $proxy_enqueue_shared_queue (i32.load (i32.const 24)) "item"$$)`)}
          ${log(`(call $proxy_enqueue_shared_queue (i32.const 99) "item"$$)`)} (i32.const 1)`,
      },
    },
    { vm: { id: "sender" } },
  );
  await until(() => lines.length >= 9);
  expect(lines).toEqual(["0", "1", "0", "0", "1", "1", "0", "item", "7"]);
});

test("metrics have Envoy's identifiers and answers, and are shown to Prometheus", async () => {
  const { host, lines, load } = testHost();
  const define = (type: number, name: string): string =>
    `(drop (call $proxy_define_metric (i32.const ${type}) "${name}"$$ (i32.const 24))) ${log("(i32.load (i32.const 24))")}`;
  await load({
    callbacks: {
      proxy_on_configure: `${define(0, "hits_kind=a")} ${define(1, "level")} ${define(2, "time")} ${define(0, "hits_kind=a")}
        ${log(`(call $proxy_define_metric (i32.const 3) "x"$$ (i32.const 24))`)}
        ${log("(call $proxy_increment_metric (i32.const 4) (i64.const 2))")}
        ${log("(call $proxy_increment_metric (i32.const 8) (i64.const 3))")}
        ${log("(call $proxy_increment_metric (i32.const 4) (i64.const -1))")}
        ${log("(call $proxy_increment_metric (i32.const 5) (i64.const -1))")}
        ${log("(call $proxy_increment_metric (i32.const 6) (i64.const 1))")}
        ${log("(call $proxy_increment_metric (i32.const 400) (i64.const 1))")}
        ${log("(call $proxy_record_metric (i32.const 6) (i64.const 7))")}
        ${log("(call $proxy_get_metric (i32.const 4) (i32.const 32))")} ${log("(i32.load (i32.const 32))")}
        ${log("(call $proxy_get_metric (i32.const 6) (i32.const 32))")} (i32.const 1)`,
    },
  });
  expect(lines).toEqual(["4", "5", "6", "8", "2", "0", "0", "2", "0", "2", "1", "0", "0", "5", "2"]);
  const text = host.metrics.prometheus({ tags: [{ name: "kind", regex: "(_kind=(\\w+))" }] });
  expect(text).toContain('wasmcustom_hits{kind="a"} 5\n');
  expect(text).toContain("wasmcustom_level -1\n");
  expect(text).toContain('wasmcustom_time_bucket{le="10"} 1\n');
  expect(text).toContain("wasmcustom_time_sum 7\n");
});

test("foreign functions answer at once or later, with null places for what is not wanted", async () => {
  const { lines, load } = testHost({
    foreignFunctions: {
      upper: (args) => args.map((byte) => byte - 32),
      later: async (args) => args,
    },
  });
  await load({
    callbacks: {
      proxy_on_configure: `${log(`(call $proxy_call_foreign_function "upper"$$ "abc"$$ ${OUT})`)} ${SHOW}
        ${log(`(call $proxy_call_foreign_function "upper"$$ "abc"$$ (i32.const 0) (i32.const 0))`)}
        ${log(`(call $proxy_call_foreign_function "none"$$ "abc"$$ ${OUT})`)}
        (drop (call $proxy_call_foreign_function "compress"$$ "squeeze"$$ ${OUT}))
        ${log(`(call $proxy_call_foreign_function "uncompress"$$ (i32.load (i32.const 16)) (i32.load (i32.const 20)) ${OUT})`)} ${SHOW}
        ${log(`(call $proxy_call_foreign_function "uncompress"$$ "junk"$$ ${OUT})`)}
        (drop (call $proxy_call_foreign_function "later"$$ "patience"$$ ${OUT})) (i32.const 1)`,
      proxy_on_foreign_function: `${log("(local.get $function)")}
        (drop (call $proxy_get_buffer_bytes (i32.const 8) (i32.const 0) (local.get $size) ${OUT})) ${SHOW}`,
    },
  });
  await until(() => lines.includes("patience"));
  expect(lines).toEqual(["0", "ABC", "0", "1", "0", "squeeze", "3", "1", "patience"]);
});

test("ticks come until they are switched off", async () => {
  const { lines, load } = testHost();
  await load({
    fields: "(global $count (mut i32) (i32.const 0))",
    callbacks: {
      proxy_on_configure: `(drop (call $proxy_set_tick_period_milliseconds (i32.const 5))) (i32.const 1)`,
      proxy_on_tick: `(global.set $count (i32.add (global.get $count) (i32.const 1))) ${log("(global.get $count)")}
        (if (i32.eq (global.get $count) (i32.const 3)) (then (drop (call $proxy_set_tick_period_milliseconds (i32.const 0)))))`,
    },
  });
  await until(() => lines.length === 3);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(lines).toEqual(["1", "2", "3"]);
});

test("version 0.1.0 has its own functions, and answers a missing header with nothing", async () => {
  const lines = await configure(
    `${log(`(call $proxy_get_configuration ${OUT})`)} ${SHOW} ${log("(call $proxy_clear_route_cache)")}
     ${log(`(call $proxy_get_header_map_value (i32.const 0) "x"$$ ${OUT})`)}`,
    {},
    { configuration: "plugin", vm: { configuration: "vm" } },
    {
      abi: "proxy_abi_version_0_1_0",
      callbacks: { proxy_on_vm_start: `${log(`(call $proxy_get_configuration ${OUT})`)} ${SHOW} (i32.const 1)` },
    },
  );
  // A root has no request: its map is not there, whatever the version.
  expect(lines).toEqual(["0", "vm", "0", "plugin", "0", "2"]);
});

test("what is withheld answers as Envoy's does, and what is unknown says so once", async () => {
  const withheld = await configure(
    log(`(call $proxy_get_property "plugin_name"$$ ${OUT})`),
    {},
    {
      capabilities: ["proxy_log", "proxy_on_configure", "malloc"],
    },
  );
  expect(withheld).toEqual(["10"]);
  const imports = `(import "env" "proxy_vendor" (func $vendor (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_unstable" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))`;
  const lines = await configure(
    `${log("(call $vendor (i32.const 1))")} ${log("(call $vendor (i32.const 1))")}
     ${log("(call $poll (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 64))")}
     (i32.store (i32.const 100) (i32.const 200)) (i32.store (i32.const 104) (i32.const 3)) (i32.store (i32.const 200) (i32.const 0x0a6968))
     (drop (call $write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 64)))
     (drop (call $environ (i32.const 64) (i32.const 68))) ${log("(i32.load (i32.const 64))")}`,
    {},
    { vm: { environment: { A: "1", B: "2" } } },
    { imports },
  );
  expect(lines).toEqual([
    "the plugin calls env.proxy_vendor, which this host does not have",
    "12",
    "12",
    "0",
    "hi",
    "2",
  ]);
});

test("a plugin that says no, traps, loops or grows without end is not loaded", async () => {
  const refused = { callbacks: { proxy_on_configure: "(i32.const 0)" } };
  await expect(testHost().load(refused)).rejects.toMatchObject({ code: "configuration-refused" });
  const started = { callbacks: { proxy_on_vm_start: "(i32.const 0)" } };
  await expect(testHost().load(started)).rejects.toMatchObject({ code: "start-refused" });
  const loop = { callbacks: { proxy_on_configure: "(loop (br 0)) (i32.const 1)" } };
  await expect(testHost().load(loop, { limits: { startFuel: 10_000n } })).rejects.toMatchObject({ code: "failed" });
  await expect(testHost().load(loop, { limits: { startTimeout: 20 } })).rejects.toMatchObject({ code: "failed" });
  const hog = {
    callbacks: { proxy_on_configure: `(i32.ne (memory.grow (i32.const 100)) (i32.const -1))` },
  };
  await expect(testHost().load(hog, { limits: { memory: 2 ** 20 } })).rejects.toMatchObject({
    code: "configuration-refused",
  });
  await expect(testHost().host.load({ code: "(module" })).rejects.toThrow();
  await expect(testHost().host.load({ code: "(module)" })).rejects.toMatchObject({ code: "invalid-module" });
});

test("plugins with the same key share a VM, and a root that is closed may take its time", async () => {
  const { host, lines, load } = testHost();
  const parts = {
    callbacks: {
      proxy_on_done: `(drop (call $proxy_log (i32.const 2) "asked"$$)) (drop (call $proxy_set_tick_period_milliseconds (i32.const 5))) (i32.const 0)`,
      proxy_on_queue_ready: `${log("(call $proxy_done)")}`,
      proxy_on_configure: `(drop (call $proxy_register_shared_queue "q"$$ (i32.const 24))) (i32.const 1)`,
      proxy_on_delete: `(drop (call $proxy_log (i32.const 2) "deleted"$$))`,
    },
  };
  const first = await load(parts, { rootId: "1" });
  const second = await load(parts, { rootId: "2" });
  expect(host.vms.length).toBe(1);
  expect(host.vms[0].plugins).toEqual(["1", "2"]);
  first.close();
  expect(lines).toEqual(["asked"]);
  second.close();
  expect(host.vms.length).toBe(0);
  await load({
    callbacks: {
      proxy_on_configure: `(drop (call $proxy_resolve_shared_queue (i32.const 0) (i32.const 0) "q"$$ (i32.const 24)))
      (drop (call $proxy_enqueue_shared_queue (i32.load (i32.const 24)) "x"$$)) (i32.const 1)`,
    },
  });
  // The entry stays where it is: when the second one is gone, the first one is told of it.
  await until(() => lines.filter((line) => line === "deleted").length === 2);
  expect(lines).toEqual(["asked", "asked", "0", "deleted", "0", "deleted"]);
});

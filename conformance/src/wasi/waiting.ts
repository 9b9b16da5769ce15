import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { Runtime, Trap } from "@wardian/runtime";
import { CapturedOutput, systemClock, WASI, type WASIOptions } from "@wardian/wasi";
import type { EngineName } from "./engines.ts";

/** Sleeps for the milliseconds in its first argument's place, then copies its input to its output until the end. */
const guest = `
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))
  (func (export "_start")
    ;; a clock subscription: monotonic, 40 ms
    (i32.store (i32.const 116) (i32.const 1))
    (i64.store (i32.const 124) (i64.const 40000000))
    (call $check (call $poll_oneoff (i32.const 100) (i32.const 200) (i32.const 1) (i32.const 300)))
    (loop $again
      (i32.store (i32.const 0) (i32.const 1024))
      (i32.store (i32.const 4) (i32.const 1000))
      (call $check (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.load (i32.const 8))
        (then
          (i32.store (i32.const 4) (i32.load (i32.const 8)))
          (call $check (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
          (br $again))))
    (call $proc_exit (i32.const 5))))`;

async function* slowInput(): AsyncGenerator<string> {
  for (const text of ["one ", "two ", "three"]) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield text;
  }
}

/** What a guest that waits must do on an engine that can suspend it. Run as a script, this file tries all of them on the platform engine. */
export function scenarios(engine: Exclude<EngineName, "platform-raw">): Readonly<Record<string, () => Promise<void>>> {
  const runtime = new Runtime({ engine });
  const instantiate = async (options: WASIOptions) => {
    const wasi = new WASI({ clock: systemClock(), ...options });
    const instance = await runtime.instantiate(await runtime.compile(guest), wasi.imports, { async: true });
    assert.equal(instance.engine.name, engine);
    return { wasi, instance };
  };
  return {
    async "is suspended in an asynchronous call, and the event loop goes on"() {
      const stdout = new CapturedOutput();
      const { wasi, instance } = await instantiate({ stdin: slowInput(), stdout });
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      assert.equal(await wasi.start(instance), 5);
      clearInterval(timer);
      assert.equal(stdout.text, "one two three");
      assert.ok(ticks > 3);
    },

    async "is ended by a signal while it sleeps"() {
      const { wasi, instance } = await instantiate({});
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 5);
      await assert.rejects(wasi.start(instance, { signal: controller.signal }), (error) => {
        assert.ok(error instanceof Trap);
        assert.equal(error.code, "aborted");
        return true;
      });
    },

    async "blocks in a synchronous call, where it is told what cannot be waited for"() {
      const { wasi, instance } = await instantiate({ stdin: slowInput() });
      // 58 is notsup: input that arrives later.
      assert.equal(wasi.startSync(instance), 58);
      const stdout = new CapturedOutput();
      const other = await instantiate({ stdin: "at hand", stdout });
      assert.equal(other.wasi.startSync(other.instance), 5);
      assert.equal(stdout.text, "at hand");
    },
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const failures: string[] = [];
  for (const [name, scenario] of Object.entries(scenarios("platform"))) {
    try {
      await scenario();
    } catch (error) {
      failures.push(`${name}: ${String(error)}`);
    }
  }
  console.log(JSON.stringify(failures));
}

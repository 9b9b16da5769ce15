import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { afterEach, expect, test, vi } from "vitest";
import { Runtime } from "../api/runtime.ts";
import { Trap } from "../store/trap.ts";
import { type SharedModule, shareModule } from "./share.ts";

afterEach(() => vi.restoreAllMocks());

const text = `(module
  (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $loop (export "loop") (loop $l (br $l)))
  (func (export "trap") (drop (i32.load (i32.const 65536)))))`;

/** What arrives at the other end of a channel, as in another thread. */
function posted(module: SharedModule): SharedModule {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(module);
  const received = receiveMessageOnPort(port2) as { message: SharedModule };
  port1.close();
  return received.message;
}

test("a module that another thread has compiled is not compiled again, and keeps its limits", async () => {
  const instances = { limits: { fuel: 10_000n, memory: 1 << 20 } };
  const first = await new Runtime({ engine: "platform" }).compile(text, instances);
  const shared = posted(shareModule(first));
  // The first instance of a process makes a few small modules of the engine's own.
  new Runtime({ engine: "platform" }).instantiateSync(first, {}, instances);
  const compile = vi.spyOn(WebAssembly, "compile");
  const Constructor = vi.spyOn(WebAssembly, "Module");
  const runtime = new Runtime({ engine: "platform" });
  const instance = runtime.instantiateSync(await runtime.compile(shared, instances), {}, instances);
  expect([compile.mock.calls.length, Constructor.mock.calls.length]).toEqual([0, 0]);
  expect((instance.exports.add as (a: number, b: number) => number)(1, 2)).toBe(3);
  expect(() => (instance.exports.trap as () => void)()).toThrow(Trap);
  try {
    (instance.exports.loop as () => void)();
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: "fuel-exhausted" });
    expect((error as Trap).frames[0].functionName).toBe("loop");
  }
});

test("other engines take a shared module as they take its bytes", async () => {
  const shared = posted(shareModule(new Runtime({ engine: "interpreter" }).compileSync(text)));
  for (const engine of ["interpreter", "compiler", "platform"] as const) {
    const runtime = new Runtime({ engine });
    const instance = runtime.instantiateSync(runtime.compileSync(shared));
    expect((instance.exports.add as (a: number, b: number) => number)(2, 2)).toBe(4);
  }
});

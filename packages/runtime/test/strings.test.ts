import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { instantiateCompiled } from "../src/ahead.ts";
import { Runtime, shareModule } from "../src/index.ts";
import { loadCompiled } from "../src/testing/load-compiled.ts";
import { scenarios } from "./strings.ts";

const script = fileURLToPath(new URL("strings.ts", import.meta.url));

for (const engine of ["interpreter", "compiler"] as const)
  describe(`on the engine ${engine}`, () => {
    for (const [name, scenario] of Object.entries(scenarios))
      test(name, () => scenario(new Runtime({ engine }), { engine }));
  });

// The development Node's WebAssembly has no typed references: `npm run node26` brings one that has.
describe.skipIf(lacksNode26)("on the platform engine", () => {
  test.each([[[]], [["ours"]]])("with arguments %j", async (args) => {
    const { stdout } = await promisify(execFile)(node26, [script, ...args], { timeout: 110_000 });
    expect(JSON.parse(stdout)).toEqual([]);
  });
});

const module = `(module
  (import "wasm:js-string" "concat" (func $concat (param externref externref) (result (ref extern))))
  (import "'" "hello, " (global $hello externref))
  (func (export "greet") (param externref) (result externref) (call $concat (global.get $hello) (local.get 0))))`;
const options = { builtins: ["js-string"], importedStringConstants: "'" };

test("a module for another thread keeps what it was compiled with", async () => {
  const runtime = new Runtime({ engine: "compiler" });
  const shared = structuredClone(shareModule(await runtime.compile(module, options)));
  const { exports } = await runtime.instantiate(await runtime.compile(shared));
  expect(exports.greet("you")).toBe("hello, you");
});

test("so does a module that is compiled ahead of time, on the runtime and by itself", async () => {
  const compiled = loadCompiled(await new Runtime({ engine: "interpreter" }).compile(module, options));
  const runtime = new Runtime({ engine: "compiler" });
  const { exports } = await runtime.instantiate(await runtime.compile(compiled));
  expect(exports.greet("you")).toBe("hello, you");
  expect((await instantiateCompiled(compiled)).exports.greet("all")).toBe("hello, all");
});

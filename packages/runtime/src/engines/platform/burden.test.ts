import { describe, expect, test } from "vitest";
import { Runtime } from "../../api/runtime.ts";
import { LinkError } from "../../store/trap.ts";

const times = (count: number, text: string): string => text.repeat(count);

/** Small modules for which V8 would take much memory. */
const hostile: readonly (readonly [name: string, text: string])[] = [
  [
    "locals and nested ifs",
    `(func (local ${times(49_000, "i64 ")}) ${times(200, "(if (i32.const 1) (then ")} ${times(200, "))")})`,
  ],
  ["locals and ifs in a row", `(func (local ${times(49_000, "i64 ")}) ${times(200, "(if (i32.const 1) (then))")})`],
  ["locals and loops", `(func (local ${times(49_000, "i64 ")}) ${times(200, "(loop)")})`],
  ["operands and blocks", `(func ${times(5000, "(i32.const 1)")} ${times(5000, "(block)")} ${times(5000, "drop ")})`],
  [
    "block types with many values",
    `(type $t (func (param ${times(900, "i32 ")}) (result ${times(900, "i32 ")}))) (func (type $t)
      ${Array.from({ length: 900 }, (_, i) => `(local.get ${i})`).join("")} ${times(5000, "(block (type $t))")})`,
  ],
];

describe("a function that takes the platform's compiler much memory", () => {
  test.each(hostile)("is refused: %s", (_, code) => {
    const text = `(module ${code} (func (export "run") (result i32) (i32.const 5)))`;
    const runtime = new Runtime({ engine: "platform" });
    const module = runtime.compileSync(text);
    expect(() => runtime.instantiateSync(module)).toThrow(LinkError);
    expect(() => runtime.instantiateSync(module)).toThrow(/too much memory to compile function 0/);
    const instance = new Runtime().instantiateSync(new Runtime().compileSync(text));
    expect(instance.engine.name).not.toBe("platform");
    expect(instance.exports.run()).toBe(5);
  });

  test("is none of ordinary size", () => {
    const body = times(1500, "(if (local.get 0) (then (local.set 0 (i64.eqz (local.get 1)))))");
    const text = `(module (func (export "run") (param i32) (local ${times(2000, "i64 ")}) ${body}))`;
    expect(new Runtime().instantiateSync(new Runtime().compileSync(text)).engine.name).toBe("platform");
  });
});

import { LinkError, Trap } from "@wardian/runtime";
import { describe, expect, it, test } from "vitest";
import { COUNTERS, FILES, GREETER } from "../../test/run/component-texts.ts";
import { ComponentError } from "../abi/index.ts";
import { parseComponent } from "../text.ts";
import { ComponentTrap } from "../trap.ts";
import { ComponentRuntime } from "./component-runtime.ts";
import { componentFrames } from "./frames.ts";

const compile = (text: string, runtime = new ComponentRuntime({ engine: "interpreter" })) =>
  runtime.compileSync(parseComponent(text).component);

describe.each(["interpreter", "compiler", "platform"] as const)("a component on the engine %s", (engine) => {
  const runtime = new ComponentRuntime({ engine, limits: { fuel: 1_000_000n } });
  const component = compile(GREETER, runtime);

  it("takes and returns strings, calls its host, and consumes the same fuel", () => {
    const lines: string[] = [];
    const instance = component.instantiateSync({
      "my:app/log@1.2.3": {
        writeLine: (text: string) => {
          lines.push(text);
          return 1;
        },
      },
    });
    expect(instance.engine).toBe(engine);
    expect(instance.exports["my:app/api@1.2.3"].greet("hällo")).toBe("hällo");
    expect(instance.exports["my:app/api"].greet("")).toBe("");
    expect(lines).toEqual(["hällo", ""]);
    expect(instance.fuel.consumed).toBe(57n);
  });

  it("is stopped by its budget, and is then poisoned until it is made again", async () => {
    const instance = component.instantiateSync({ "my:app/log": { writeLine: () => 1 } });
    const api = instance.exports["my:app/api"];
    expect(() => api.spin()).toThrow(expect.objectContaining({ code: "fuel-exhausted" }));
    expect(instance.isPoisoned).toBe(true);
    expect(() => api.greet("x")).toThrow(expect.objectContaining({ kind: "cannot-enter" }));
    const again = await instance.reset();
    expect(again.exports["my:app/api"].greet("x")).toBe("x");
    expect(instance.resetSync({ limits: { fuel: 10n } }).fuel.remaining).toBeLessThan(10n);
  });

  it("names the component function that trapped", () => {
    const instance = component.instantiateSync({ "my:app/log": { writeLine: () => 1 } });
    let trap: unknown;
    try {
      instance.exports["my:app/api"].fail();
    } catch (error) {
      trap = error;
    }
    expect(trap).toBeInstanceOf(Trap);
    expect(componentFrames(trap as Trap)).toMatchObject([{ instance: "root", function: "fail", core: [{}] }]);
  });

  it("traps where a host function throws, with the exception as its cause", () => {
    const cause = new Error("the disk is full");
    const instance = component.instantiateSync({
      "my:app/log": {
        writeLine() {
          throw cause;
        },
      },
    });
    expect(() => instance.exports["my:app/api"].greet("x")).toThrow(
      expect.objectContaining({ kind: "host-exception", cause }),
    );
    expect(instance.isPoisoned).toBe(true);
  });
});

describe("imports", () => {
  const component = compile(GREETER);
  const write = { writeLine: () => 1 };

  test.each([
    ["the exact version", { "my:app/log@1.2.3": write }],
    ["a higher compatible version", { "my:app/log@1.9.0": write }],
    ["no version", { "my:app/log": write }],
    ["the name of the component", { "my:app/log": { "write-line": () => 1 } }],
  ])("are found by %s", (_by, imports) => {
    expect(component.instantiateSync(imports).exports["my:app/api"].greet("x")).toBe("x");
  });

  test.each([
    ["nothing", {}],
    ["another major version", { "my:app/log@2.0.0": write }],
    ["an inherited interface", Object.create({ "my:app/log": write })],
    ["an inherited function", { "my:app/log": Object.create(write) }],
    ["a value that is no function", { "my:app/log": { writeLine: 1 } }],
  ])("are refused: %s", (_what, imports) => {
    expect(() => component.instantiateSync(imports)).toThrow(LinkError);
  });

  it("may leave out instances that have no functions", () => {
    const empty = '(component (import "my:app/empty" (instance (export "inner" (instance)))))';
    expect(compile(empty).instantiateSync().isPoisoned).toBe(false);
    const type = '(component (import "my:app/types" (instance (export "t" (type (sub resource))))))';
    expect(() => compile(type).instantiateSync()).toThrow(LinkError);
  });

  it("prefer the highest compatible version", () => {
    const seen: string[] = [];
    const named = (name: string) => ({ writeLine: () => seen.push(name) });
    const versions = ["1.2.0", "1.10.0", "1.9.9", "1.11.0-rc.1", "2.0.0"];
    const imports = Object.fromEntries(versions.map((version) => [`my:app/log@${version}`, named(version)]));
    component.instantiateSync(imports).exports["my:app/api"].greet("x");
    expect(seen).toEqual(["1.11.0-rc.1"]);
  });
});

describe("resources of the host", () => {
  class Base {
    protected readonly bytes: number;
    constructor(bytes: number) {
      this.bytes = bytes;
      counts.made++;
    }
    size(): number {
      return this.bytes;
    }
  }
  const counts = { made: 0, disposed: 0 };
  class File extends Base {
    static count(): number {
      return counts.made;
    }
    [Symbol.for("Symbol.dispose")](): void {
      counts.disposed++;
    }
  }
  if (Symbol.dispose !== undefined)
    Object.defineProperty(File.prototype, Symbol.dispose, { value: () => counts.disposed++ });

  it("are classes, whose inherited methods count, and are disposed of when the guest drops them", () => {
    const instance = compile(FILES).instantiateSync({ "my:app/files": { File } });
    expect(instance.exports.run()).toBe(41);
    expect(counts).toEqual({ made: 1, disposed: 1 });
  });

  it("are refused without the class, a method or a static method", () => {
    const component = compile(FILES);
    expect(() => component.instantiateSync({ "my:app/files": {} })).toThrow('expected a class "File"');
    expect(() => component.instantiateSync({ "my:app/files": { File: Base } })).toThrow('no static method "count"');
    expect(() => component.instantiateSync({ "my:app/files": { File: class {} } })).toThrow(LinkError);
  });

  it("have no methods of Object.prototype, whatever the component asks for", () => {
    for (const name of ["to-string", "constructor", "has-own-property", "value-of"]) {
      const text = FILES.replaceAll("[method]file.size", `[method]file.${name}`);
      expect(() => compile(text).instantiateSync({ "my:app/files": { File } })).toThrow(/has no method/);
    }
  });
});

describe("resources of a component", () => {
  const { exports } = compile(COUNTERS).instantiateSync();
  const dispose = (Symbol as { dispose?: symbol }).dispose ?? Symbol.for("Symbol.dispose");

  it("are classes with a constructor, methods and static methods", () => {
    const counter = new exports.Counter(7);
    expect(counter).toBeInstanceOf(exports.Counter);
    expect([counter.value(), counter.value.result?.call(counter)]).toEqual([7, 7]);
    counter[dispose]();
    expect(exports.Counter.dropped()).toBe(7);
    counter[dispose]();
    expect(exports.Counter.dropped()).toBe(7);
    expect(() => counter.value()).toThrow(TypeError);
  });

  it("take no other object as themselves", () => {
    const other = compile(COUNTERS).instantiateSync().exports;
    for (const self of [{}, null, 7, new other.Counter(1)])
      expect(() => exports.Counter.prototype.value.call(self)).toThrow(TypeError);
  });

  it("throw the error of a result, or return it", () => {
    expect(() => exports.check(0)).toThrow(ComponentError);
    expect(exports.check(1)).toBeUndefined();
    expect([exports.check.result(0).tag, exports.check.result(1).tag]).toEqual(["err", "ok"]);
  });
});

describe("limits of a component", () => {
  it("bound the instances that a small component asks for", () => {
    const levels = Array.from({ length: 20 }, (_, i) => {
      const child = `(instance (instantiate $c${i})) `;
      return `(component $c${i + 1} (alias outer 1 $c${i} (component $c${i})) ${child.repeat(10)})`;
    });
    const text = `(component (component $c0) ${levels.join(" ")} (instance (instantiate $c20)))`;
    expect(() => compile(text).instantiateSync()).toThrow(expect.objectContaining({ kind: "instance-limit" }));
  });

  it("bound the handles of guests", () => {
    const runtime = new ComponentRuntime({ engine: "interpreter", limits: { handles: 3 } });
    const { exports } = compile(COUNTERS, runtime).instantiateSync();
    for (let i = 0; i < 100; i++) new exports.Counter(i);
    const held = `(component
      (type $r (resource (rep i32)))
      (core func $new (canon resource.new $r))
      (core module $M (import "" "new" (func $new (param i32) (result i32)))
        (func (export "run") (loop (drop (call $new (i32.const 0))) (br 0))))
      (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
      (func (export "run") (canon lift (core func $m "run"))))`;
    expect(() => compile(held, runtime).instantiateSync().exports.run()).toThrow(
      expect.objectContaining({ kind: "handle-limit" }),
    );
  });

  it("are refused when they are unknown or make no sense", () => {
    expect(() => new ComponentRuntime({ limits: { handles: -1 } })).toThrow(TypeError);
    expect(() => new ComponentRuntime({ limits: { handle: 1 } as never })).toThrow('did you mean "handles"?');
  });

  it("end calls by a signal", () => {
    const controller = new AbortController();
    const instance = compile(COUNTERS).instantiateSync({}, { signal: controller.signal });
    expect(instance.exports.check(1)).toBeUndefined();
    controller.abort();
    expect(() => instance.exports.check(1)).toThrow(expect.objectContaining({ code: "aborted" }));
  });
});

describe("an async function that returns without waiting", () => {
  const run = (body: string, { result = "u32", returns = "", options = "" } = {}): unknown => {
    const text = `(component
      (component $Callee
        (core func $return (canon task.return (result ${result})))
        (core module $m
          (import "" "return" (func $return (param i32)))
          (func (export "f") ${returns} ${body})
          (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
        (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
        (func (export "f") async (result u32) (canon lift (core func $i "f") async ${options})))
      (instance $callee (instantiate $Callee))
      (core module $Memory (memory (export "memory") 1))
      (core instance $memory (instantiate $Memory))
      (core func $f (canon lower (func $callee "f") async (memory (core memory $memory "memory"))))
      (core module $m
        (import "" "f" (func $f (param i32) (result i32)))
        (import "" "memory" (memory 1))
        (func (export "run") (result i32)
          (i32.add (i32.mul (call $f (i32.const 8)) (i32.const 100)) (i32.load (i32.const 8)))))
      (core instance $i (instantiate $m
        (with "" (instance (export "f" (func $f)) (export "memory" (memory $memory "memory"))))))
      (func (export "run") (result u32) (canon lift (core func $i "run"))))`;
    const componentFeatures = { "stackful-async": true };
    return compile(text, new ComponentRuntime({ engine: "interpreter", componentFeatures }))
      .instantiateSync()
      .exports.run();
  };
  const callback = { returns: "(result i32)", options: '(callback (core func $i "callback"))' };

  it("stores its result in the caller's memory, and returns the state of a subtask that has returned", () => {
    expect(run("(call $return (i32.const 7))")).toBe(207);
    expect(run("(call $return (i32.const 8)) (i32.const 0)", callback)).toBe(208);
  });

  test.each([
    ["returns twice", "(call $return (i32.const 1)) (call $return (i32.const 1))", {}],
    ["does not return", "", {}],
    ["returns a value of another type", "(call $return (i32.const 1))", { result: "s32" }],
  ])("traps when it %s", (_what, body, how) => {
    expect(() => run(body, how)).toThrow(expect.objectContaining({ kind: "task-return" }));
  });

  it("traps when it waits for an event", () => {
    expect(() => run("(call $return (i32.const 8)) (i32.const 1)", callback)).toThrow(
      expect.objectContaining({ kind: "no-tasks" }),
    );
  });
});

test("calls in slices wait for promises of the host", async () => {
  const imports = { "my:app/log": { writeLine: async () => 1 } };
  const component = compile(GREETER, new ComponentRuntime());
  const instance = await component.instantiate(imports, { async: true });
  expect(await instance.async["my:app/api"].greet("later")).toBe("later");
  expect(() => instance.exports["my:app/api"].greet("now")).toThrow();
});

test("a trap of the Component Model is a Trap of the runtime", () => {
  expect(new ComponentTrap("cannot-leave")).toBeInstanceOf(Trap);
});

import { afterEach, describe, expect, it } from "vitest";
import { instantiateCompiled } from "../ahead.ts";
import { Runtime } from "../api/runtime.ts";
import { loadCompiled } from "../testing/load-compiled.ts";
import { createWebAssembly } from "../webassembly/namespace.ts";
import { withFuelCost } from "./function.ts";
import { importsOf } from "./import-object.ts";
import { Memory } from "./memory.ts";
import type { Module } from "./module.ts";
import { LinkError } from "./trap.ts";

/** The names of `Object.prototype` and of functions and arrays: what plain objects of a host inherit, or have without being asked. */
const INHERITED = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  ...Object.getOwnPropertyNames(Array.prototype),
];

const importing = (module: string, name: string, type = "(func)"): string =>
  `(module (import ${JSON.stringify(module)} ${JSON.stringify(name)} ${type}))`;

const modules = new Map<string, Module>();

/** The tests use each module with many import objects. */
function compiled(text: string): Module {
  const module = modules.get(text) ?? new Runtime().compileSync(text);
  modules.set(text, module);
  return module;
}

type Instantiate = (text: string, imports: unknown) => Promise<unknown>;

/** Every way to instantiate a module for which inherited properties are no imports. */
const ways: [string, Instantiate][] = [
  ...(["interpreter", "compiler", "platform"] as const).flatMap((engine): [string, Instantiate][] => {
    const runtime = new Runtime({ engine });
    return [
      [`${engine}, synchronous`, async (text, imports) => runtime.instantiateSync(compiled(text), imports as never)],
      [`${engine}, asynchronous`, async (text, imports) => runtime.instantiate(compiled(text), imports as never)],
    ];
  }),
  ["ahead of time", async (text, imports) => instantiateCompiled(loadCompiled(compiled(text)), imports as never)],
  [
    "the namespace with ownImports",
    async (text, imports) => {
      const namespace = createWebAssembly({ ownImports: true });
      try {
        const { bytes } = compiled(text);
        // Here an import object that is missing is a TypeError, by the API's specification.
        return new namespace.Instance(new namespace.Module(bytes), imports ?? {});
      } catch (error) {
        throw error instanceof namespace.LinkError ? new LinkError((error as Error).message) : error;
      }
    },
  ],
];

class Base {
  inherited(): number {
    return 1;
  }
}

class Host extends Base {
  readonly factor = 2;

  double(x: number): number {
    return x * this.factor;
  }

  static made(): number {
    return 3;
  }
}

describe.each(ways)("imports, %s", (_, instantiate) => {
  it("are not found in Object.prototype, Function.prototype or Array.prototype", async () => {
    const givers: unknown[] = [undefined, {}, [], () => {}, function f() {}, class {}, new Host(), { host: {} }];
    for (const name of INHERITED)
      for (const imports of givers) {
        await expect(instantiate(importing(name, "prototype", "(global externref)"), imports)).rejects.toThrow(
          LinkError,
        );
        await expect(instantiate(importing(name, "constructor"), imports)).rejects.toThrow(LinkError);
      }
  });

  it("are not found where a module's object inherits", async () => {
    const givers = [
      {},
      () => {},
      function f() {},
      class {},
      Host,
      new Host(),
      Object.create(Host.prototype),
      new Memory({ initial: 1 }),
    ];
    for (const name of [...INHERITED, "inherited", "double"])
      for (const host of givers)
        for (const type of ["(func)", "(global externref)"])
          await expect(instantiate(importing("host", name, type), { host }), name).rejects.toThrow(LinkError);
    for (const name of INHERITED.filter((inherited) => inherited !== "length"))
      await expect(instantiate(importing("host", name), { host: [] }), name).rejects.toThrow(LinkError);
  });

  it("are not found where the import object inherits modules", async () => {
    const host = { log() {} };
    await expect(instantiate(importing("host", "log"), Object.create({ host }))).rejects.toThrow(LinkError);
    await expect(
      instantiate(
        importing("host", "log"),
        new (class {
          get host() {
            return host;
          }
        })(),
      ),
    ).rejects.toThrow(LinkError);
    await expect(instantiate(importing("host", "log"), { host: Object.create(host) })).rejects.toThrow(LinkError);
    await expect(instantiate(importing("host", "log"), { host })).resolves.toBeDefined();
  });

  it("are no primitive's properties", async () => {
    for (const host of ["text", 1, 1n, true, Symbol.iterator, null, undefined])
      for (const name of ["length", "constructor", "toString", "0"])
        for (const type of ["(func)", "(global externref)", "(global i32)"])
          await expect(instantiate(importing("host", name, type), { host })).rejects.toThrow(LinkError);
    for (const imports of ["text", 1, 1n, true, Symbol.iterator])
      await expect(instantiate(importing("length", "constructor"), imports)).rejects.toThrow(TypeError);
  });

  it("are not what a class's prototype says of its class", async () => {
    function Old(): void {}
    for (const host of [Host.prototype, Old.prototype, Object.prototype, Array.prototype])
      await expect(instantiate(importing("host", "constructor"), { host })).rejects.toThrow(LinkError);
    await expect(instantiate(importing("constructor", "made"), Host.prototype)).rejects.toThrow(LinkError);
  });

  it("are found in own properties of any kind of object, whatever their names", async () => {
    const hosts: object[] = [
      { f() {} },
      Object.assign(Object.create(null), { f() {} }),
      // biome-ignore lint/complexity/noStaticOnlyClass: a class as a module object is what is tested
      class {
        static f(): void {}
      },
      Object.assign(() => {}, { f() {} }),
      Object.assign([], { f() {} }),
      new Proxy({ f() {} }, {}),
    ];
    for (const host of hosts) {
      await expect(instantiate(importing("host", "f"), { host })).resolves.toBeDefined();
      await expect(
        instantiate(importing("host", "f"), Object.assign(Object.create(null), { host })),
      ).resolves.toBeDefined();
    }
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", ""]) {
      const host = JSON.parse(`{ ${JSON.stringify(name)}: 0 }`);
      Object.defineProperty(host, name, { value: () => {} });
      const imports = JSON.parse(`{ ${JSON.stringify(name)}: 0 }`);
      Object.defineProperty(imports, name, { value: host });
      await expect(instantiate(importing(name, name), imports)).resolves.toBeDefined();
    }
    await expect(instantiate(importing("host", "1", "(global f64)"), { host: [0.5, 1.5] })).resolves.toBeDefined();
    await expect(
      instantiate(importing("host", "importsOf"), { host: await import("./import-object.ts") }),
    ).resolves.toBeDefined();
  });

  it("are read once for each import, the module first, from accessors and Proxies too", async () => {
    const log: string[] = [];
    const logging = (label: string, target: object): object =>
      new Proxy(target, {
        get: (object, name, receiver) => {
          log.push(`get ${label}.${String(name)}`);
          return Reflect.get(object, name, receiver);
        },
      });
    const host = {
      get f() {
        log.push("read f");
        return () => {};
      },
    };
    const imports = logging("imports", { host: logging("host", host) });
    await instantiate('(module (import "host" "f" (func)) (import "host" "f" (func)))', imports);
    const once = ["get imports.host", "get host.f", "read f"];
    expect(log).toEqual([...once, ...once]);
  });

  it("are not what a Proxy's get trap alone answers", async () => {
    const host = new Proxy({}, { get: () => () => {} });
    await expect(instantiate(importing("host", "f"), { host })).rejects.toThrow(LinkError);
    await expect(instantiate(importing("host", "f"), new Proxy({}, { get: () => host }))).rejects.toThrow(LinkError);
  });

  it("throw what the host's accessors throw", async () => {
    const failure = new Error("the host's own");
    const host = {
      get f(): never {
        throw failure;
      },
    };
    await expect(instantiate(importing("host", "f"), { host })).rejects.toBe(failure);
  });
});

describe("an import that is missing", () => {
  const runtime = new Runtime({ engine: "interpreter" });
  const link = (imports: unknown): unknown =>
    runtime.instantiateSync(runtime.compileSync(importing("host", "double")), imports as never);

  it("is named with its place", () => {
    expect(() => link(undefined)).toThrow(
      new LinkError('import "host" "double": unknown import: the import object has no "host" of its own'),
    );
    expect(() => link({ host: {} })).toThrow(
      new LinkError('import "host" "double": unknown import: "host" has no "double" of its own'),
    );
    expect(() => link({ host: "text" })).toThrow(
      new LinkError('import "host" "double": the import object\'s "host" must be an object, not a string'),
    );
  });

  it("is said to be inherited where a class has it", () => {
    expect(() => link({ host: new Host() })).toThrow(/it inherits one, and importsOf\(\) makes imports/);
  });

  it("is read from another instance's exports where these have it", () => {
    const other = runtime.instantiateSync(runtime.compileSync('(module (func (export "double")))'));
    expect(() => link({ host: other.exports })).not.toThrow();
  });
});

describe("importsOf", () => {
  const runtime = new Runtime({ engine: "interpreter" });

  it("makes imports of own and inherited methods, bound to their object", () => {
    const host = importsOf(new Host());
    expect(Object.keys(host).sort()).toEqual(["double", "inherited"]);
    expect(Object.getPrototypeOf(host)).toBeNull();
    const module = runtime.compileSync(
      '(module (import "host" "double" (func $d (param i32) (result i32))) (func (export "f") (result i32) (call $d (i32.const 21))))',
    );
    expect(runtime.instantiateSync(module, { host }).exports.f()).toBe(42);
  });

  it("takes the methods that are named, and no others", () => {
    expect(Object.keys(importsOf(new Host(), ["double"]))).toEqual(["double"]);
    for (const name of ["constructor", "__proto__", "toString", "factor", "made", "hasOwnProperty"])
      expect(() => importsOf(new Host(), [name])).toThrow(
        new TypeError(`importsOf: the object has no method "${name}"`),
      );
  });

  it("takes neither accessors, which it does not run, nor values, nor what they hide", () => {
    class Odd extends Host {
      get computed(): never {
        throw new Error("an accessor ran");
      }
      override inherited = 5 as never;
      own = (): number => 1;
    }
    expect(Object.keys(importsOf(new Odd())).sort()).toEqual(["double", "own"]);
  });

  it("stops before Object.prototype of another realm", async () => {
    const { runInNewContext } = await import("node:vm");
    expect(Object.keys(importsOf(runInNewContext("({ f() {} })")))).toEqual(["f"]);
    expect(Object.keys(importsOf(Object.assign(Object.create(null), { f() {} })))).toEqual(["f"]);
  });

  it("refuses functions and what is no object", () => {
    for (const value of [Host, () => {}, null, undefined, "text"])
      expect(() => importsOf(value as never)).toThrow(/takes an object with methods/);
  });

  it("keeps a method's fuel cost", () => {
    const host = importsOf({ f: withFuelCost(() => {}, 500) });
    const module = runtime.compileSync('(module (import "host" "f" (func $f)) (func (export "run") (call $f)))');
    const instance = runtime.instantiateSync(module, { host });
    instance.exports.run();
    expect(instance.fuel.consumed).toBeGreaterThanOrEqual(500n);
  });
});

describe("the namespace without ownImports", () => {
  it("follows its specification and reads through prototypes", () => {
    const namespace = createWebAssembly();
    const bytes = new Runtime().compileSync(importing("host", "f")).bytes;
    const imports = Object.create({ host: Object.create({ f() {} }) });
    expect(() => new namespace.Instance(new namespace.Module(bytes), imports)).not.toThrow();
  });
});

describe("a guest that imports through Object.prototype", () => {
  afterEach(() => {
    delete (Object.prototype as { enumerable?: unknown }).enumerable;
  });

  it.each(["interpreter", "compiler", "platform"] as const)("gets nothing on the engine %s", (engine) => {
    const runtime = new Runtime({ engine });
    const module = runtime.compileSync(`(module
      (import "constructor" "assign" (func $assign (param externref externref) (result externref)))
      (import "constructor" "prototype" (global $proto externref))
      (import "toString" "constructor" (func (param i32) (result externref))))`);
    expect(() => runtime.instantiateSync(module, {})).toThrow(LinkError);
    expect(Object.isFrozen(Object.prototype)).toBe(false);
  });
});

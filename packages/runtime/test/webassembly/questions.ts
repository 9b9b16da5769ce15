/*
 * Questions about the JavaScript API that any `WebAssembly` namespace can be asked, so that the platform's own answers say what is right. An answer is
 * a text or a list of them. This file runs by itself on Node 26 as well, and imports nothing.
 */

// biome-ignore lint/suspicious/noExplicitAny: two namespaces of different declared types are asked the same questions
type Any = any;
export type Question = readonly [name: string, ask: (W: Any, modules: Modules) => unknown];
/** Modules in the binary format by the names that questions have for them. */
export type Modules = Readonly<Record<string, Uint8Array>>;

/** What a value is, as text: the same for values that no program could tell apart. */
export function show(value: unknown, W: Any): string {
  if (Array.isArray(value)) return `[${value.map((item) => show(item, W)).join(", ")}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `function ${value.name}/${value.length}`;
  if (typeof value !== "object" || value === null) return String(value);
  for (const name of ["Module", "Instance", "Memory", "Table", "Global", "Tag", "Exception"])
    if (W[name] !== undefined && Object.getPrototypeOf(value) === W[name].prototype) return `a ${name}`;
  if (value instanceof ArrayBuffer) return `a buffer of ${value.byteLength}`;
  const proto = Object.getPrototypeOf(value);
  if (proto === Object.prototype || proto === null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${show(item, W)}`)
      .join(", ")}}`;
  return String(value);
}

/** Which error it is: the namespace's own classes are told from each other, messages are everyone's own. */
function showError(error: unknown, W: Any): string {
  for (const name of ["CompileError", "LinkError", "RuntimeError", "Exception"])
    if (W[name] !== undefined && error instanceof W[name]) return `throws ${name}`;
  for (const known of [TypeError, RangeError, SyntaxError]) if (error instanceof known) return `throws ${known.name}`;
  return `throws ${String(error)}`;
}

/** Answers one question. */
export async function answer([, ask]: Question, W: Any, modules: Modules): Promise<string> {
  try {
    return show(await ask(W, modules), W);
  } catch (error) {
    return showError(error, W);
  }
}

const result = (W: Any, run: () => unknown): string => {
  try {
    return show(run(), W);
  } catch (error) {
    return showError(error, W);
  }
};

const settled = async (W: Any, promise: unknown): Promise<string> => {
  try {
    return show(await promise, W);
  } catch (error) {
    return showError(error, W);
  }
};

const describe = (object: object, key: PropertyKey): string => {
  const d = Object.getOwnPropertyDescriptor(object, key);
  if (d === undefined) return "absent";
  const flags = `${d.enumerable ? "e" : "-"}${d.configurable ? "c" : "-"}`;
  if ("value" in d)
    return `${d.writable ? "w" : "-"}${flags} ${typeof d.value}${typeof d.value === "function" ? ` ${d.value.name}/${d.value.length}` : ""}`;
  const part = (f: (() => unknown) | ((v: unknown) => void) | undefined): string =>
    f === undefined ? "none" : `${f.name}/${f.length}`;
  return `${flags} get ${part(d.get)} set ${part(d.set)}`;
};

/** Every member with its attributes, in an order of its own: the specification gives none. */
const members = (object: object): string[] =>
  Reflect.ownKeys(object)
    // Older V8s give every function of theirs these two.
    .filter((key) => typeof object !== "function" || (key !== "arguments" && key !== "caller"))
    .map((key) => `${String(key)}: ${describe(object, key)}`)
    .sort();

const classes = ["Module", "Instance", "Memory", "Table", "Global", "Tag"];
const errors = ["CompileError", "LinkError", "RuntimeError"];

const shape: Question[] = [
  ...[
    "Module",
    "Instance",
    "Memory",
    "Table",
    "Global",
    "Tag",
    "Exception",
    ...errors,
    "validate",
    "compile",
    "instantiate",
  ].map((name): Question => [`WebAssembly.${name}`, (W) => describe(W, name)]),
  ["the namespace's tag", (W) => [Object.prototype.toString.call(W), describe(W, Symbol.toStringTag)]],
  ["its prototype", (W) => Object.getPrototypeOf(W) === Object.prototype],
  ...classes.flatMap((name): Question[] => [
    [`members of ${name}`, (W) => members(W[name])],
    [`members of ${name}.prototype`, (W) => members(W[name].prototype)],
    [`${name} without new`, (W) => W[name]({})],
    [`${name} without arguments`, (W) => new W[name]()],
    [`${name}.prototype.constructor`, (W) => W[name].prototype.constructor === W[name]],
    [`the prototype of ${name}`, (W) => Object.getPrototypeOf(W[name]) === Function.prototype],
    [
      `a class that extends ${name} calls it`,
      (W) => {
        class Mine extends W[name] {}
        return result(
          W,
          () =>
            new (Mine as Any)(
              name === "Table" ? { initial: 1, element: "anyfunc" } : { initial: 1, value: "i32", parameters: [] },
            ) instanceof Mine,
        );
      },
    ],
  ]),
  ...errors.flatMap((name): Question[] => [
    [
      `members of ${name}`,
      (W) => members(W[name]).filter((line) => !/^(captureStackTrace|stackTraceLimit)/.test(line)),
    ],
    [`members of ${name}.prototype`, (W) => members(W[name].prototype)],
    [`the prototype of ${name}`, (W) => Object.getPrototypeOf(W[name]) === Error],
    [`the prototype of ${name}.prototype`, (W) => Object.getPrototypeOf(W[name].prototype) === Error.prototype],
    [
      `${name} is called`,
      (W) => {
        const made = W[name]("why");
        return [
          made instanceof W[name],
          made.message,
          made.name,
          String(made),
          describe(made, "message"),
          describe(made, "cause"),
        ];
      },
    ],
    [
      `${name} with a cause`,
      (W) => {
        const made = new W[name](undefined, { cause: 5 });
        return [made.cause, describe(made, "cause"), describe(made, "message"), typeof made.stack];
      },
    ],
    [
      `a class that extends ${name}`,
      (W) => {
        class Mine extends W[name] {}
        const made = new (Mine as Any)("x");
        return [made instanceof Mine, made instanceof W[name], made instanceof Error];
      },
    ],
  ]),
];

const sizes = [
  undefined,
  null,
  0,
  1,
  -1,
  -0.5,
  1.9,
  "2",
  "x",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 32,
  2 ** 31,
  1n,
  true,
  {},
  [],
];

const memory: Question[] = [
  ...[undefined, null, 5, "text", () => {}, Symbol.iterator].map(
    (value): Question => [`Memory of ${String(value)}`, (W) => new W.Memory(value)],
  ),
  ...sizes.map(
    (initial): Question => [`Memory with initial ${String(initial)}`, (W) => new W.Memory({ initial }).buffer],
  ),
  ...sizes.map(
    (maximum): Question => [
      `Memory with maximum ${String(maximum)}`,
      (W) => new W.Memory({ initial: 0, maximum }).buffer,
    ],
  ),
  ["maximum below initial", (W) => new W.Memory({ initial: 2, maximum: 1 })],
  ["shared without maximum", (W) => new W.Memory({ initial: 1, shared: true })],
  [
    "shared",
    (W) => {
      const { buffer } = new W.Memory({ initial: 1, maximum: 2, shared: true });
      return [Object.prototype.toString.call(buffer), Object.isFrozen(buffer), Object.isExtensible(buffer)];
    },
  ],
  [
    "order of a memory's members",
    (W) => {
      const seen: string[] = [];
      const descriptor = new Proxy({ initial: 1, maximum: 2 } as Record<string, unknown>, {
        get: (target, key) => {
          if (key !== "address" && key !== "index") seen.push(String(key));
          return target[String(key)];
        },
      });
      new W.Memory(descriptor);
      return seen.filter((key) => key !== "minimum").sort();
    },
  ],
  ["valueOf of a size", (W) => new W.Memory({ initial: { valueOf: () => 2 } }).buffer],
  [
    "a size that throws",
    (W) =>
      new W.Memory({
        initial: {
          valueOf() {
            throw new RangeError("mine");
          },
        },
      }),
  ],
  ...sizes.map(
    (delta): Question => [
      `grow by ${String(delta)}`,
      (W) => {
        const made = new W.Memory({ initial: 1, maximum: 4 });
        return [result(W, () => made.grow(delta)), made.buffer];
      },
    ],
  ),
  ["grow without an argument", (W) => new W.Memory({ initial: 1 }).grow()],
  ["grow beyond the maximum", (W) => new W.Memory({ initial: 1, maximum: 1 }).grow(1)],
  [
    "the buffer is one object until it grows",
    (W) => {
      const made = new W.Memory({ initial: 1 });
      const { buffer } = made;
      const same = buffer === made.buffer;
      made.grow(0);
      return [same, buffer === made.buffer, buffer.byteLength, made.buffer.byteLength];
    },
  ],
  [
    "grown, the old buffer is detached",
    (W) => {
      const made = new W.Memory({ initial: 1 });
      const { buffer } = made;
      const view = new Uint8Array(buffer);
      made.grow(1);
      return [buffer.byteLength, view.length, made.buffer.byteLength, result(W, () => buffer.slice(0))];
    },
  ],
  [
    "grown by the guest, the old buffer is detached",
    (W, { grower }) => {
      const { exports } = new W.Instance(new W.Module(grower));
      const { buffer } = exports.memory;
      exports.grow(1);
      const grown = exports.memory.buffer;
      return [buffer.byteLength, grown.byteLength, exports.memory.buffer === grown];
    },
  ],
  [
    "what was written stays when it grows",
    (W) => {
      const made = new W.Memory({ initial: 1 });
      new Uint8Array(made.buffer)[7] = 9;
      made.grow(1);
      return new Uint8Array(made.buffer)[7];
    },
  ],
  ["buffer of something else", (W) => Object.getOwnPropertyDescriptor(W.Memory.prototype, "buffer")?.get?.call({})],
  ["buffer of the prototype", (W) => W.Memory.prototype.buffer],
  ["grow of something else", (W) => W.Memory.prototype.grow.call({}, 1)],
  [
    "a buffer cannot be transferred",
    (W) => structuredClone(new W.Memory({ initial: 1 }).buffer, { transfer: [new W.Memory({ initial: 1 }).buffer] }),
  ],
];

const tables: Question[] = [
  ...sizes.map(
    (initial): Question => [
      `Table with initial ${String(initial)}`,
      (W) =>
        // Half a billion elements are more than a host has to allocate.
        typeof initial === "number" && initial > 2 ** 30 && initial < 2 ** 32
          ? ""
          : new W.Table({ initial, element: "anyfunc" }).length,
    ],
  ),
  ...["anyfunc", "externref", "i32", "func", "funcref", "", undefined, null, { toString: () => "externref" }].map(
    (element): Question => [`Table of ${String(element)}`, (W) => new W.Table({ initial: 1, element }).get(0)],
  ),
  ["maximum below initial", (W) => new W.Table({ initial: 2, maximum: 1, element: "anyfunc" })],
  ["an initial value", (W) => new W.Table({ initial: 2, element: "externref" }, "x").get(1)],
  ["an initial value of undefined", (W) => new W.Table({ initial: 2, element: "anyfunc" }, undefined).get(1)],
  ["an initial value that is no function", (W) => new W.Table({ initial: 2, element: "anyfunc" }, "x")],
  ["an initial value that is no guest's function", (W) => new W.Table({ initial: 2, element: "anyfunc" }, () => {})],
  ...[0, 1, 2, -1, 1.5, "1", Number.NaN, 2 ** 32, undefined, 1n].flatMap((index): Question[] => [
    [`get(${String(index)})`, (W) => new W.Table({ initial: 2, element: "externref" }, 7).get(index)],
    [
      `set(${String(index)}, null)`,
      (W) => {
        const made = new W.Table({ initial: 2, element: "externref" }, 7);
        return [result(W, () => made.set(index, null)), made.get(0), made.get(1)];
      },
    ],
  ]),
  [
    "set without a value",
    (W) => {
      const made = new W.Table({ initial: 1, element: "externref" }, 7);
      made.set(0);
      return made.get(0);
    },
  ],
  [
    "set to undefined",
    (W) => {
      const made = new W.Table({ initial: 1, element: "externref" }, 7);
      made.set(0, undefined);
      return made.get(0);
    },
  ],
  ["set functions to undefined", (W) => new W.Table({ initial: 1, element: "anyfunc" }).set(0, undefined)],
  ["set functions without a value", (W) => new W.Table({ initial: 1, element: "anyfunc" }).set(0)],
  ["set a function that is no guest's", (W) => new W.Table({ initial: 1, element: "anyfunc" }).set(0, () => {})],
  [
    "set a guest's function",
    (W, { plain }) => {
      const { exports } = new W.Instance(new W.Module(plain), { m: { f() {} } });
      const made = new W.Table({ initial: 1, element: "anyfunc" });
      made.set(0, exports.add);
      return [made.get(0) === exports.add, made.get(0)(2, 3)];
    },
  ],
  ...[0, 1, -1, "1", 2 ** 32, undefined, 100].map(
    (delta): Question => [
      `grow by ${String(delta)}`,
      (W) => {
        const made = new W.Table({ initial: 1, maximum: 4, element: "externref" });
        return [result(W, () => made.grow(delta, "new")), made.length];
      },
    ],
  ),
  [
    "grow with a value",
    (W) => {
      const made = new W.Table({ initial: 1, element: "externref" }, "old");
      return [made.grow(2, "new"), made.get(0), made.get(1), made.get(2), made.length];
    },
  ],
  [
    "grow without a value",
    (W) => {
      const made = new W.Table({ initial: 1, element: "externref" }, "old");
      made.grow(1);
      return made.get(1);
    },
  ],
  ["grow with what is no function", (W) => new W.Table({ initial: 1, element: "anyfunc" }).grow(1, 5)],
  ["length of something else", (W) => Object.getOwnPropertyDescriptor(W.Table.prototype, "length")?.get?.call({})],
  ["get of something else", (W) => W.Table.prototype.get.call({}, 0)],
];

const numbers = [
  0,
  -0,
  1.5,
  -1,
  2 ** 31,
  2 ** 32 + 5,
  0.1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e40,
  "7",
  "x",
  null,
  true,
  undefined,
  {},
  5n,
  2n ** 63n,
  -1n,
];

const globals: Question[] = [
  ...["i32", "i64", "f32", "f64"].flatMap((value) =>
    numbers.map(
      (given): Question => [
        `Global of ${value} from ${show(given, {})}`,
        (W) => new W.Global({ value, mutable: true }, given).value,
      ],
    ),
  ),
  ...["i32", "i64", "f32", "f64", "anyfunc", "v128", "x", "", undefined].map(
    (value): Question => [`Global of ${value} by default`, (W) => new W.Global({ value }).value],
  ),
  ["v128 with a value", (W) => new W.Global({ value: "v128" }, 0)],
  ["externref", (W) => new W.Global({ value: "externref" }, "x").value],
  ["externref of undefined that was given", (W) => new W.Global({ value: "externref", mutable: true }, null).value],
  ["functions", (W) => new W.Global({ value: "anyfunc" }, () => {})],
  ["functions of null", (W) => new W.Global({ value: "anyfunc" }, null).value],
  [
    "without mutable it cannot be set",
    (W) => {
      new W.Global({ value: "i32" }, 5).value = 6;
    },
  ],
  ["valueOf", (W) => [new W.Global({ value: "i64" }, 5n).valueOf(), new W.Global({ value: "i32" }, 5) + 1]],
  [
    "set converts",
    (W) => {
      const made = new W.Global({ value: "i32", mutable: true }, 5);
      made.value = "6.9";
      return made.value;
    },
  ],
  [
    "set without an argument",
    (W) =>
      (Object.getOwnPropertyDescriptor(W.Global.prototype, "value") as Any).set.call(
        new W.Global({ value: "f64", mutable: true }, 5),
      ),
  ],
  ["value of something else", (W) => Object.getOwnPropertyDescriptor(W.Global.prototype, "value")?.get?.call({})],
  ["a Symbol as value", (W) => new W.Global({ value: "i32" }, Symbol.iterator)],
];

const modules: Question[] = [
  ...[undefined, null, 5, "text", {}, []].flatMap((source): Question[] => [
    [`Module of ${show(source, {})}`, (W) => new W.Module(source)],
    [`validate of ${show(source, {})}`, (W) => W.validate(source)],
    [
      `compile of ${show(source, {})}`,
      async (W) => [typeof W.compile(source).catch(() => {}).then, await settled(W, W.compile(source))],
    ],
    [`instantiate of ${show(source, {})}`, (W) => W.instantiate(source)],
  ]),
  ["Module of nothing in a buffer", (W) => new W.Module(new ArrayBuffer(0))],
  ["validate of nothing in a buffer", (W) => W.validate(new ArrayBuffer(0))],
  [
    "Module of a part of a buffer",
    (W, { plain }) => {
      const padded = new Uint8Array(plain.length + 9);
      padded.set(plain, 5);
      return [
        new W.Module(padded.subarray(5, 5 + plain.length)),
        new W.Module(new DataView(padded.buffer, 5, plain.length)),
        W.validate(padded),
      ];
    },
  ],
  ["exports", (W, { plain }) => W.Module.exports(new W.Module(plain))],
  ["imports", (W, { plain }) => W.Module.imports(new W.Module(plain))],
  [
    "exports are new each time",
    (W, { plain }) => {
      const module = new W.Module(plain);
      const first = W.Module.exports(module);
      return [
        W.Module.exports(module) === first,
        Object.keys(W.Module.exports(module)[0]),
        members(W.Module.imports(module)[0]),
      ];
    },
  ],
  ["exports of something else", (W) => W.Module.exports({})],
  ["imports of nothing", (W) => W.Module.imports()],
  [
    "customSections",
    (W, { custom }) => {
      const module = new W.Module(custom);
      const [first] = W.Module.customSections(module, "mine");
      return [
        W.Module.customSections(module, "mine"),
        W.Module.customSections(module, ""),
        [...new Uint8Array(first)],
        W.Module.customSections(module, { toString: () => "mine" }).length,
      ];
    },
  ],
  ["customSections without a name", (W, { custom }) => W.Module.customSections(new W.Module(custom))],
  ["customSections of undefined", (W, { custom }) => W.Module.customSections(new W.Module(custom), undefined)],
  [
    "customSections are copies",
    (W, { custom }) => {
      const module = new W.Module(custom);
      new Uint8Array(W.Module.customSections(module, "mine")[0])[0] = 99;
      return [...new Uint8Array(W.Module.customSections(module, "mine")[0])];
    },
  ],
  [
    "a module's bytes may change afterwards",
    (W, { plain }) => {
      const bytes = plain.slice();
      const module = new W.Module(bytes);
      bytes.fill(0);
      return new W.Instance(module, { m: { f() {} } }).exports.add(1, 2);
    },
  ],
];

const instances: Question[] = [
  ...[
    undefined,
    null,
    5,
    {},
    { m: undefined },
    { m: null },
    { m: 5 },
    { m: {} },
    { m: { f: 5 } },
    { m: { f: null } },
    { m: { f() {} } },
  ].flatMap((imports, i): Question[] => [
    [`Instance with imports ${i}`, (W, { plain }) => new W.Instance(new W.Module(plain), imports)],
    [`instantiate with imports ${i}`, async (W, { plain }) => settled(W, W.instantiate(new W.Module(plain), imports))],
    [`instantiate of bytes with imports ${i}`, async (W, { plain }) => settled(W, W.instantiate(plain, imports))],
  ]),
  ["an instance needs a module", (W) => new W.Instance({}, {})],
  [
    "no imports are needed where there are none",
    (W, { empty }) => [
      new W.Instance(new W.Module(empty)),
      new W.Instance(new W.Module(empty), undefined),
      result(W, () => new W.Instance(new W.Module(empty), null)),
      result(W, () => new W.Instance(new W.Module(empty), 5)),
    ],
  ],
  [
    "imports are read in the module's order",
    (W, { many }) => {
      const seen: string[] = [];
      const values: Record<string, unknown> = {
        f() {},
        g: 5,
        memory: new W.Memory({ initial: 1 }),
        table: new W.Table({ initial: 1, element: "anyfunc" }),
      };
      const space = (name: string): object =>
        new Proxy(values, {
          get: (target, key) => {
            seen.push(`${name}.${String(key)}`);
            return target[String(key)];
          },
        });
      new W.Instance(
        new W.Module(many),
        new Proxy(
          {},
          {
            get: (_, key) => {
              seen.push(String(key));
              return space(String(key));
            },
          },
        ),
      );
      return seen;
    },
  ],
  [
    "an import that throws when it is read",
    (W, { plain }) =>
      new W.Instance(new W.Module(plain), {
        get m() {
          throw new SyntaxError("mine");
        },
      }),
  ],
  [
    "exports",
    (W, { plain }) => {
      const instance = new W.Instance(new W.Module(plain), { m: { f() {} } });
      const { exports } = instance;
      return [
        instance.exports === exports,
        Object.isFrozen(exports),
        Object.getPrototypeOf(exports),
        members(exports),
        Object.keys(exports),
        result(W, () => {
          (exports as Any).add = 5;
        }),
        Object.prototype.toString.call(instance),
      ];
    },
  ],
  [
    "an exported function",
    (W, { plain }) => {
      const { add } = new W.Instance(new W.Module(plain), { m: { f() {} } }).exports;
      return [
        typeof add,
        add.name,
        add.length,
        "prototype" in add,
        describe(add, "name"),
        describe(add, "length"),
        Object.getPrototypeOf(add) === Function.prototype,
        result(W, () => new add(1, 2)),
        add(1),
        add(1, 2, 3),
        add("4", [5]),
      ];
    },
  ],
  [
    "functions keep their identity",
    (W, { plain }) => {
      const { exports } = new W.Instance(new W.Module(plain), { m: { f() {} } });
      return [exports.add === exports.again, exports.table.get(0) === exports.add, exports.table.get(1)];
    },
  ],
  [
    "an import exported again is a new function, the guest's the same",
    (W, { through }) => {
      const f = (x: number): number => x + 1;
      const a = new W.Instance(new W.Module(through), { m: { f } }).exports;
      const b = new W.Instance(new W.Module(through), { m: { f: a.f } }).exports;
      return [a.f === f, b.f === a.f, a.f(1), a.f.name, a.f("1")];
    },
  ],
  [
    "globals, memories and tables keep their identity",
    (W, { holders, through2 }) => {
      const a = new W.Instance(new W.Module(holders)).exports;
      const b = new W.Instance(new W.Module(through2), { m: a }).exports;
      return [
        a.memory === b.memory,
        a.table === b.table,
        a.global === b.global,
        a.global.value,
        a.constant.value,
        result(W, () => {
          a.constant.value = 5;
        }),
      ];
    },
  ],
  [
    "results",
    (W, { plain }) => {
      const { exports } = new W.Instance(new W.Module(plain), { m: { f() {} } });
      return [
        exports.two(),
        Array.isArray(exports.two()),
        exports.none(),
        exports.long(5n),
        result(W, () => exports.long(5)),
        exports.single(0.1),
        exports.double(0.1),
        exports.reference("x"),
        exports.reference(undefined),
        exports.reference(),
      ];
    },
  ],
  ...numbers.map(
    (given): Question => [
      `a parameter of i32 from ${show(given, {})}`,
      (W, { plain }) => new W.Instance(new W.Module(plain), { m: { f() {} } }).exports.add(given, 0),
    ],
  ),
  ...[undefined, 5, "7", null, { valueOf: () => 3 }, 5n, () => {}].map(
    (given, i): Question => [
      `a result of the host, ${i}`,
      (W, { through }) => new W.Instance(new W.Module(through), { m: { f: () => given } }).exports.call(1),
    ],
  ),
  ...[undefined, [1n, 2], [1n], [1n, 2, 3], "12", new Set([7n, 8]), 5, { length: 2 }, [1, 2]].map(
    (given, i): Question => [
      `two results of the host, ${i}`,
      (W, { pair }) => new W.Instance(new W.Module(pair), { m: { f: () => given } }).exports.call(),
    ],
  ),
  [
    "this and arguments of a host function",
    (W, { through }) => {
      let seen: unknown[] = [];
      new W.Instance(new W.Module(through), {
        m: {
          f(this: unknown, ...args: unknown[]) {
            seen = [this === undefined || this === globalThis, args];
            return 0;
          },
        },
      }).exports.call(5);
      return seen;
    },
  ],
  [
    "what a host function throws",
    (W, { through }) => {
      const mine = new Error("mine");
      const { exports } = new W.Instance(new W.Module(through), {
        m: {
          f: () => {
            throw mine;
          },
        },
      });
      try {
        return exports.call(1);
      } catch (error) {
        return error === mine;
      }
    },
  ],
  ...["unreachable", "divide", "overflow", "load", "indirect", "null", "deep"].map(
    (name): Question => [
      `the trap ${name}`,
      (W, { traps }) => {
        const { exports } = new W.Instance(new W.Module(traps));
        try {
          return exports[name](0);
        } catch (error) {
          return [
            error instanceof W.RuntimeError || (name === "deep" && error instanceof RangeError),
            error instanceof Error,
          ];
        }
      },
    ],
  ),
  ["a segment out of bounds", (W, { outside }) => new W.Instance(new W.Module(outside))],
  ["a start function that traps", (W, { badStart }) => new W.Instance(new W.Module(badStart))],
  [
    "a memory that is too small",
    (W, { many }) =>
      new W.Instance(new W.Module(many), {
        a: { f() {}, memory: new W.Memory({ initial: 0 }) },
        b: { g: 5, table: new W.Table({ initial: 1, element: "anyfunc" }) },
      }),
  ],
  [
    "a global of another type",
    (W, { many }) =>
      new W.Instance(new W.Module(many), {
        a: { f() {}, memory: new W.Memory({ initial: 1 }) },
        b: { g: 5n, table: new W.Table({ initial: 1, element: "anyfunc" }) },
      }),
  ],
  [
    "a mutable global for an immutable one",
    (W, { many }) =>
      new W.Instance(new W.Module(many), {
        a: { f() {}, memory: new W.Memory({ initial: 1 }) },
        b: {
          g: new W.Global({ value: "i32", mutable: true }, 1),
          table: new W.Table({ initial: 1, element: "anyfunc" }),
        },
      }),
  ],
  [
    "instantiate of bytes",
    async (W, { plain }) => {
      const made = await W.instantiate(plain, { m: { f() {} } });
      return [Object.keys(made), made.module, made.instance];
    },
  ],
  ["instantiate of a module", async (W, { plain }) => await W.instantiate(new W.Module(plain), { m: { f() {} } })],
  [
    "instantiate reads imports after a turn",
    async (W, { plain }) => {
      const seen: string[] = [];
      const promise = W.instantiate(plain, {
        get m() {
          seen.push("read");
          return { f() {} };
        },
      });
      seen.push("returned");
      await promise;
      return seen;
    },
  ],
  ["instantiate with imports that are no object", (W, { plain }) => settled(W, W.instantiate(plain, 5))],
];

const streaming: Question[] = [
  ...["application/wasm", "application/wasm; charset=utf-8", "text/plain", "APPLICATION/WASM", ""].map(
    (type): Question => [
      `a response of type ${type}`,
      async (W, { empty }) =>
        settled(W, W.compileStreaming(new Response(empty as Any, { headers: { "content-type": type } }))),
    ],
  ),
  [
    "a promise of a response",
    async (W, { empty }) =>
      settled(
        W,
        W.instantiateStreaming(
          Promise.resolve(new Response(empty as Any, { headers: { "content-type": "application/wasm" } })),
        ).then(Object.keys),
      ),
  ],
  [
    "a response that failed",
    async (W, { empty }) =>
      settled(
        W,
        W.compileStreaming(
          new Response(empty as Any, { status: 404, headers: { "content-type": "application/wasm" } }),
        ),
      ),
  ],
  [
    "a response whose body was read",
    async (W, { empty }) => {
      const response = new Response(empty as Any, { headers: { "content-type": "application/wasm" } });
      await response.arrayBuffer();
      return settled(W, W.compileStreaming(response));
    },
  ],
  [
    "no response",
    async (W) => [
      await settled(W, W.compileStreaming(5)),
      await settled(W, W.compileStreaming(undefined)),
      await settled(W, W.instantiateStreaming(Promise.reject(new SyntaxError("mine")))),
    ],
  ],
  [
    "a response of nonsense",
    async (W) =>
      settled(
        W,
        W.compileStreaming(
          new Response(new Uint8Array([1, 2, 3]) as Any, { headers: { "content-type": "application/wasm" } }),
        ),
      ),
  ],
];

const tags: Question[] = [
  ...[
    undefined,
    {},
    { parameters: 5 },
    { parameters: ["i32", "x"] },
    { parameters: new Set(["i32", "externref"]) },
    { parameters: "" },
  ].map((descriptor, i): Question => [`Tag, ${i}`, (W) => new W.Tag(descriptor)]),
  ["Exception without new", (W) => W.Exception(new W.Tag({ parameters: [] }), [])],
  ["Exception of something else", (W) => new W.Exception({}, [])],
  ["Exception without a payload", (W) => new W.Exception(new W.Tag({ parameters: [] }))],
  ...[[], [1], [1, 2n], [1, 2], [1, 2n, 3], ["5", true]].map(
    (payload): Question => [
      `Exception of ${show(payload, {})}`,
      (W) => {
        const tag = new W.Tag({ parameters: ["i32", "i64"] });
        const made = new W.Exception(tag, payload);
        return [
          made.is(tag),
          made.is(new W.Tag({ parameters: ["i32", "i64"] })),
          made.getArg(tag, 0),
          made.getArg(tag, 1),
        ];
      },
    ],
  ),
  [
    "getArg with another tag",
    (W) => new W.Exception(new W.Tag({ parameters: ["i32"] }), [1]).getArg(new W.Tag({ parameters: ["i32"] }), 0),
  ],
  [
    "getArg beyond the end",
    (W) => {
      const tag = new W.Tag({ parameters: ["i32"] });
      return new W.Exception(tag, [1]).getArg(tag, 1);
    },
  ],
  ["is of something else", (W) => new W.Exception(new W.Tag({ parameters: [] }), []).is({})],
  ["an exception is no error", (W) => new W.Exception(new W.Tag({ parameters: [] }), []) instanceof Error],
];

/** What every platform since Node 20 answers. */
export const questions: readonly Question[] = [
  ...shape,
  ...memory,
  ...tables,
  ...globals,
  ...modules,
  ...instances,
  ...streaming,
  ...tags,
];

/** What only newer platforms have. */
export const newerQuestions: readonly Question[] = [
  ["JSTag", (W) => [describe(W, "JSTag"), W.JSTag instanceof W.Tag]],
  ["an exception of JSTag", (W) => new W.Exception(W.JSTag, [5])],
  ["members of Exception", (W) => [members(W.Exception), members(W.Exception.prototype)]],
  [
    "a guest catches what JavaScript throws, and throws it on",
    (W, { catcher }) => {
      const { exports } = new W.Instance(new W.Module(catcher), {
        m: {
          tag: W.JSTag,
          f: () => {
            throw "mine";
          },
        },
      });
      return [exports.catch(), result(W, () => exports.rethrow("again"))];
    },
  ],
  [
    "a guest's exception with a tag of its own",
    (W, { thrower }) => {
      const { exports } = new W.Instance(new W.Module(thrower));
      try {
        return exports.throw(7);
      } catch (error) {
        const exception = error as Any;
        return [
          exception instanceof W.Exception,
          exception.is(exports.tag),
          exception.getArg(exports.tag, 0),
          exports.tag,
        ];
      }
    },
  ],
  [
    "a memory of 64-bit addresses",
    (W) => {
      const made = new W.Memory({ initial: 1n, maximum: 3n, address: "i64" });
      return [
        made.grow(1n),
        made.buffer.byteLength,
        result(W, () => made.grow(1)),
        result(W, () => made.grow(9n)),
        result(W, () => new W.Memory({ initial: 1, address: "i64" })),
        result(W, () => new W.Memory({ initial: 1, address: "i16" })),
        result(W, () => new W.Memory({ initial: -1n, address: "i64" })),
      ];
    },
  ],
  [
    "a table of 64-bit addresses",
    (W) => {
      const made = new W.Table({ initial: 1n, element: "externref", address: "i64" }, "x");
      return [
        made.length,
        made.get(0n),
        made.grow(1n, "y"),
        result(W, () => made.get(0)),
        result(W, () => made.get(9n)),
        result(W, () => made.set(1n, "z")),
        made.get(1n),
      ];
    },
  ],
  [
    "functions that cannot be called from JavaScript",
    (W, { uncallable }) => {
      const { exports } = new W.Instance(new W.Module(uncallable));
      return [result(W, () => exports.vector()), result(W, () => exports.global.value)];
    },
  ],
  [
    "i31, structures and arrays cross",
    (W, { managed }) => {
      const { exports } = new W.Instance(new W.Module(managed));
      const made = exports.make();
      return [
        exports.i31(5),
        exports.i31(-1),
        typeof made,
        result(W, () => Object.getPrototypeOf(made)),
        result(W, () => made.x),
        result(W, () => {
          made.x = 1;
        }),
        exports.same(made) === made,
        Object.isExtensible(made),
        exports.same(null),
        result(W, () => exports.same(5)),
        result(W, () => exports.same({})),
      ];
    },
  ],
  [
    "anyref takes numbers and strings",
    (W, { managed }) => {
      const { exports } = new W.Instance(new W.Module(managed));
      return [
        exports.any(5),
        exports.any(2 ** 40),
        exports.any(1.5),
        exports.any("x"),
        exports.any(null),
        exports.any(undefined),
        exports.any(-0),
      ];
    },
  ],
];

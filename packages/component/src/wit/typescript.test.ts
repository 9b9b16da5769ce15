import ts from "typescript";
import { describe, expect, it } from "vitest";
import { resolveWit } from "./resolve.ts";
import { printTypes } from "./typescript.ts";

/** What strict TypeScript says of some files. */
function diagnostics(files: Readonly<Record<string, string>>): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  const find = (path: string): string | undefined => files[path.replace(/^.*\//, "")];
  host.getSourceFile = (path, version) => {
    const text = path.includes("node_modules") ? undefined : find(path);
    return text === undefined ? getSourceFile.call(host, path, version) : ts.createSourceFile(path, text, version);
  };
  host.fileExists = (path) => find(path) !== undefined || fileExists.call(host, path);
  host.readFile = (path) => find(path) ?? readFile.call(host, path);
  const program = ts.createProgram(Object.keys(files), options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? "" : file.text.slice(0, start).split("\n").length;
    return `${file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

const wit = `package demo:plug@1.2.3;
interface types {
  /// A place.
  record point { x: f32, y-axis: option<f64>, deep: option<option<u8>> }
  variant shape { none, circle(point), many(list<point>) }
  enum color { red, dark-green }
  flags perms { read, write-all }
  type pair = tuple<point, option<string>>;
  type four = list<bool, 4>;
  resource file {
    constructor(path: string);
    read: func(n: u64) -> result<list<u8>, color>;
    delete: static func(%default: borrow<file>);
  }
  resource error;
  context: func() -> error-context;
}
interface api {
  use types.{point, shape, file, error as failure};
  move: func(by: point, many: list<u32>) -> result<shape, string>;
  open: async func(f: borrow<file>) -> future<stream<u8>>;
  table: func(m: map<string, u32>) -> result<option<result<u8>>, failure>;
}
world plug {
  use types.{color};
  record config { name: string, color: color }
  resource session { id: func() -> u32; }
  import log: func(message: string, config: config) -> color;
  import api;
  import %import: interface { go: func(); }
  export types;
  export run: func(config: config) -> result<_, string>;
  export wasi:io/streams@0.2.0;
  export second: api;
}
package wasi:io@0.2.0 { interface streams { resource input-stream; } }
`;

const resolved = resolveWit([{ path: "a.wit", text: wit }]);

describe("types for a host", () => {
  const text = printTypes(resolved);

  it("compile under strict TypeScript, where they are used rightly", () => {
    const use = `import type { Plug, DemoPlugTypes } from "./plug.js";
export const imports: Plug["imports"]["log"] = (message, config) => (message === config.name ? config.color : "dark-green");
export function call(exports: Plug["exports"]): void {
  const file = new exports["demo:plug/types@1.2.3"].File("/a");
  const bytes: Uint8Array = file.read(5n);
  exports["demo:plug/types"].File.delete(file);
  file[Symbol.dispose]();
  const shape: DemoPlugTypes.Shape = { tag: "circle", value: { x: bytes.length, deep: { tag: "some", value: undefined } } };
  const done: void = exports.run({ name: shape.tag, color: "red" });
  const four: DemoPlugTypes.Four = [true, false, true, done === undefined];
  const perms: DemoPlugTypes.Perms = { writeAll: four[0] };
  void perms;
}
`;
    expect(diagnostics({ "plug.d.ts": text, "use.ts": use })).toEqual([]);
  });

  it("find wrong uses", () => {
    const use = `import type { Plug } from "./plug.js";
export function call(exports: Plug["exports"]): void {
  exports.run({ name: "a", color: "blue" });
  exports["demo:plug/types"].File.delete("x");
}
`;
    const found = diagnostics({ "plug.d.ts": text, "use.ts": use });
    expect(found.length).toBe(2);
    expect(found[0]).toContain('"blue"');
  });
});

describe("types for a guest", () => {
  it("compile under strict TypeScript, and check what the guest exports", () => {
    const text = printTypes(resolved, { side: "guest" });
    const use = `import { log } from "demo:plug/plug@1.2.3";
import type { Exports } from "demo:plug/plug@1.2.3";
import { move } from "demo:plug/api@1.2.3";
export const run: Exports["run"] = (config) => {
  log("x", config);
  const shape = move({ x: 1, deep: { tag: "none" } }, new Uint32Array(1));
  if (shape.tag === "circle") log(String(shape.value.yAxis), config);
};
`;
    expect(diagnostics({ "plug.d.ts": text, "use.ts": use })).toEqual([]);
  });
});

describe("fixed lists in each other", () => {
  it("do not multiply", () => {
    const type = `${"list<".repeat(90)}bool${", 16>".repeat(90)}`;
    const nested = resolveWit([{ path: "a.wit", text: `package a:b;\nworld w { type t = ${type}; }` }]);
    expect(printTypes(nested).length).toBeLessThan(5000);
  });
});

describe("a world", () => {
  it("must be named when there are several", () => {
    const two = resolveWit([{ path: "a.wit", text: "package a:b;\nworld one {}\nworld two {}" }]);
    expect(() => printTypes(two)).toThrow(/several worlds.*one, two/);
    expect(() => printTypes(two, { world: "three" })).toThrow(/no world `three`; there are: one, two/);
    expect(printTypes(two, { world: "two" })).toContain("export interface Two");
  });
});

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { findLookups } from "./lookups.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(ts.readConfigFile(`${root}tsconfig.test.json`, ts.sys.readFile).config, ts.sys, root)
    .options,
  noEmit: true,
};

const INSTRUCTIONS = "words of the table of instructions";

/** Look-ups that were reviewed, by file and object, and why no guest and no configuration can make them find what is inherited. */
const reviewed: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        "packages/cli/src/entry.ts",
        ["instance.exports"],
        "exports have no prototype, and the module has a function of this name",
      ],
      ["packages/cli/src/stats.ts", ["exports"], "exports have no prototype, and the names are those of exports"],
      ["packages/component/src/abi/host-values.ts", ["value"], "the name is that of an own property"],
      [
        "packages/component/src/abi/to-host.ts",
        ["flags", "object"],
        "labels of a component have no underscore, so that none is __proto__",
      ],
      [
        "packages/component/src/run/host-exports.ts",
        ["object"],
        "an object without a prototype; names of a component have no underscore",
      ],
      [
        "packages/component/src/run/instantiate.ts",
        ["environment.coreInstances[alias.instance]"],
        "exports have no prototype",
      ],
      ["packages/proxy-wasm/src/gateway/listening.ts", ["Object.assign(this.server)"], "a literal"],
      ["packages/proxy-wasm/src/node/headers.ts", ["object"], "__proto__ is defined as a property"],
      ["packages/proxy-wasm/src/node/response-side.ts", ["headers"], "what Node returns has no prototype"],
      [
        "packages/proxy-wasm/src/vm/imports.ts",
        ["Object.assign(env)", "imports[space]"],
        "objects without a prototype, filled with names of a table and of imports",
      ],
      ["packages/proxy-wasm/src/vm/vm.ts", ["exports"], "exports have no prototype"],
      ["packages/runtime/src/engines/compiler/names.ts", ["state"], "names that translated code wrote"],
      [
        "packages/runtime/src/engines/compiler/vectors.ts",
        [
          "floatLanes",
          "floatTests",
          "intLanes",
          "packedLanes",
          "shiftSigns",
          "simdLaneLoads",
          "simdLoads",
          "simdOperations",
          "simdShifts",
          "simdTests",
        ],
        INSTRUCTIONS,
      ],
      ["packages/runtime/src/engines/interpreter/translation/select-memory.ts", ["MACHINE_OP"], INSTRUCTIONS],
      [
        "packages/runtime/src/engines/interpreter/translation/select-vector.ts",
        ["simdOperations", "simdShifts"],
        INSTRUCTIONS,
      ],
      [
        "packages/runtime/src/engines/interpreter/machine/training.ts",
        ["Object.assign(S)"],
        "a copy of the same object",
      ],
      [
        "packages/runtime/src/engines/interpreter/out-of-line/vector.ts",
        [
          "simdExtracts",
          "simdLaneLoads",
          "simdLaneStores",
          "simdLoads",
          "simdOperations",
          "simdReplaces",
          "simdShifts",
          "simdSplats",
          "simdTests",
        ],
        INSTRUCTIONS,
      ],
      [
        "packages/runtime/src/engines/platform/aggregate-access.ts",
        ["made"],
        "exports of a module made here, by number",
      ],
      [
        "packages/runtime/src/engines/platform/instance.ts",
        ["exports", "imports", "object", "this.native.exports"],
        "names that the rewriter made, by kind and index",
      ],
      ["packages/runtime/src/metering/instruction-shape.ts", ["SHAPE_OF_KINDS"], INSTRUCTIONS],
      ["packages/runtime/src/store/import-object.ts", ["Object.prototype", "namespace"], "words of a message"],
      ["packages/runtime/src/wasm/instructions.ts", ["signatureTypes"], INSTRUCTIONS],
      ["packages/runtime/src/wasm/options.ts", ["options"], "the names are those of its own properties"],
      ["packages/wasi/src/options.ts", ["options"], "the names are those of its own properties"],
      [
        "packages/proxy-wasm/src/gateway/admission.ts",
        ["headers"],
        "what is set are headers of the gateway, and only own properties are deleted",
      ],
      [
        "packages/runtime/src/webassembly/namespace.ts",
        ["imports", "namespace"],
        "the JavaScript API reads imports through prototypes; ownImports does not",
      ],
    ] as const
  ).flatMap(([file, objects, why]) => objects.map((object) => [`${file}: ${object}`, why] as const)),
);

describe("a look-up by a name that is not written in the program", () => {
  test("is a Map's, is checked for an own property, or was reviewed", () => {
    const files = execFileSync("git", ["ls-files", "packages/*/src/*.ts"], { cwd: root, encoding: "utf8" })
      .split("\n")
      .filter((name) => name !== "" && !name.endsWith(".test.ts") && !name.includes("/src/testing/"))
      .map((name) => root + name);
    expect(files.length).toBeGreaterThan(300);
    const found = findLookups(ts.createProgram(files, options), files, root);
    const unknown = found.filter(({ place }) => !reviewed.has(place));
    expect(unknown.map(({ place, line, text }) => `${place} (line ${line}): ${text}`)).toEqual([]);
    const places = new Set(found.map(({ place }) => place));
    expect([...reviewed.keys()].filter((place) => !places.has(place))).toEqual([]);
  });

  test("is found in each of its forms, and nothing else is", () => {
    const cases: [string, string[]][] = [
      ["const f = (o: Record<string, number>, k: string) => o[k];", ["o"]],
      ["const f = (o: { a: number }, k: string) => (o as Record<string, number>)[k];", ["o"]],
      ["const f = (o: any, k: any) => o[k];", ["o"]],
      ["const f = <K extends string>(o: Record<K, number>, k: K) => o[k];", ["o"]],
      ["const f = (k: string) => k in { a: 1 };", ["{a:1}"]],
      ["const f = (o: object) => { for (const k in o) console.log(k); };", ["o"]],
      ["const f = (o: object) => Object.assign({}, o);", ["Object.assign({})"]],
      ["const f = (o: object) => Object.assign({}, { a: 1, ...o });", ["Object.assign({})"]],
      ["const f = (a: number) => Object.assign({}, { a, b: 1 });", []],
      ["const o: Record<string, number> = {}; const f = (k: string) => { o[k] = 1; };", ["o"]],
      [
        "const f = (o: Record<string, number>, p: Record<string, number>, k: string) => Object.hasOwn(p, k) && o[k];",
        ["o"],
      ],
      ["const f = (o: Record<string, number>, k: string) => (Object.hasOwn(o, k) ? o[k] : undefined);", []],
      [
        "const f = (o: Record<string, number>, k: string) => { if (!Object.hasOwn(o, k)) return; return (o as any)[k]; };",
        [],
      ],
      ["const o: Record<string, number> = Object.create(null); const f = (k: string) => o[k];", []],
      ["const f = (o: { a: number; b: number }, k: 'a' | 'b') => o[k];", []],
      ["const f = (o: number[], k: number) => o[k];", []],
      ["const f = (o: { a: number }) => o['a'] + Number('a' in o);", []],
    ];
    const texts = new Map(cases.map(([text], i) => [`/${i}.ts`, `${text} export {};`]));
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (name, ...rest) => {
      const text = texts.get(name);
      return text === undefined
        ? getSourceFile.call(host, name, ...rest)
        : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
    };
    const program = ts.createProgram([...texts.keys()], { ...options, types: [] }, host);
    const found = findLookups(program, [...texts.keys()], "/");
    for (const [i, [text, expected]] of cases.entries())
      expect(
        found.filter(({ place }) => place.startsWith(`${i}.ts: `)).map(({ place }) => place.split(": ")[1]),
        text,
      ).toEqual(expected);
  });
});

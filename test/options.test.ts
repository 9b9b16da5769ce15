import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { fileURLToPath } from "node:url";
import { ComponentRuntime, decodeComponent, validateComponent } from "@wardian/component";
import { parseComponent } from "@wardian/component/text";
import { printTypes, printWit, resolveWit, resolveWitPath } from "@wardian/component/wit";
import {
  connectShared,
  fastifyPlugins,
  filterConnections,
  filterExchange,
  filterFetch,
  filterServer,
  HttpStream,
  HttpUpstreams,
  Metrics,
  middleware,
  PluginHost,
} from "@wardian/proxy-wasm";
import { fetchCode, Gateway, runGateway } from "@wardian/proxy-wasm/gateway";
import { Budget, Global, Memory, Runtime, Table, Tag } from "@wardian/runtime";
import { printModule } from "@wardian/runtime/formats";
import {
  deterministicClock,
  HostDirectory,
  MemoryFileSystem,
  OverlayFileSystem,
  readHostFolder,
  systemClock,
  WASI,
  writeHostFolder,
} from "@wardian/wasi";
import { describe, expect, test } from "vitest";
import { instantiateCompiled } from "../packages/runtime/src/ahead.ts";
import { FolderCache } from "../packages/runtime/src/node/index.ts";
import { loadCompiled } from "../packages/runtime/src/testing/load-compiled.ts";
import { createWebAssembly } from "../packages/runtime/src/webassembly/namespace.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

const runtime = new Runtime({ engine: "interpreter" });
const module = runtime.compileSync('(module (memory (export "memory") 1) (func (export "_start")))');
const instance = runtime.instantiateSync(module);
const component = new ComponentRuntime().compileSync(parseComponent("(component)").component);
const files = new MemoryFileSystem();

type Take = (options: never) => unknown;

/** Who takes options of which interface, a typo, and the name that it is to be told. */
const takers: readonly (readonly [type: string, typo: string, meant: string, take: Take])[] = [
  ["RuntimeOptions", "limit", "limits", (o) => new Runtime(o)],
  ["Limits", "fule", "fuel", (limits) => new Runtime({ limits })],
  ["Limits", "memmory", "memory", (limits) => runtime.instantiateSync(module, {}, { limits })],
  ["InstantiateOptions", "limit", "limits", (o) => runtime.instantiateSync(module, {}, o)],
  ["InstantiateOptions", "wait", "weight", (o) => runtime.instantiate(module, {}, o)],
  ["InstantiateOptions", "exactFule", "exactFuel", (o) => runtime.compile(module.bytes, o)],
  ["InstantiateOptions", "limit", "limits", (o) => instantiateCompiled(loadCompiled(module as never), {}, o)],
  ["InstantiateOptions", "budgets", "budget", (o) => runtime.bindBudget(new Budget(), [module], o)],
  ["BudgetOptions", "singal", "signal", (o) => new Budget(o)],
  ["CompileOptions", "builtin", "builtins", (o) => runtime.compileSync(module.bytes, o)],
  ["CompileOptions", "builtin", "builtins", (o) => runtime.validate(module.bytes, o)],
  ["CallOptions", "singal", "signal", (o) => instance.async.call("_start", [], o)],
  ["CallOptions", "sinal", "signal", (o) => new WASI().start(instance, o)],
  ["NamespaceOptions", "ownImport", "ownImports", (o) => createWebAssembly(o)],
  ["FolderCacheOptions", "capcity", "capacity", (o) => new FolderCache("folder", o)],
  ["PrintOptions", "stlye", "style", (o) => printModule(module.syntax, o)],
  ["MemoryDescriptor", "maxium", "maximum", (o) => new Memory(o)],
  ["TableDescriptor", "elements", "element", (o) => new Table(o)],
  ["GlobalDescriptor", "mutabel", "mutable", (o) => new Global(o)],
  ["TagDescriptor", "parameter", "parameters", (o) => new Tag(o)],
  ["WASIOptions", "preopen", "preopens", (o) => new WASI(o)],
  ["WASILimits", "outputs", "output", (limits) => new WASI({ limits })],
  ["DeterministicClockOptions", "stat", "start", (o) => deterministicClock(o)],
  ["SystemClockOptions", "resolutoin", "resolution", (o) => systemClock(o)],
  ["MemoryFileSystemOptions", "maxByte", "maxBytes", (o) => new MemoryFileSystem(o)],
  ["MemoryFileSystemOptions", "maxFile", "maxFiles", (o) => MemoryFileSystem.from({}, o)],
  ["MemoryFileSystemOptions", "maxFile", "maxFiles", (o) => MemoryFileSystem.fromTar(files.toTar(), o)],
  ["MemoryFileSystemOptions", "maxFile", "maxFiles", (o) => new OverlayFileSystem(files, o)],
  ["MemoryFileSystemOptions", "maxFile", "maxFiles", (o) => readHostFolder(root, o)],
  ["MemoryFileSystemOptions", "clok", "clock", (o) => files.clone(o)],
  ["writeHostFolder", "link", "links", (o) => writeHostFolder(files, "folder", o)],
  ["HostDirectoryOptions", "readOnly", "readonly", (o) => new HostDirectory(root, o)],
  ["PluginHostOptions", "limit", "limits", (o) => new PluginHost(o)],
  ["PluginOptions", "config", "configuration", (o) => new PluginHost().load(o)],
  ["PluginOptions.vm", "environ", "environment", (vm) => new PluginHost().load({ code: "", vm })],
  ["PluginLimits", "timout", "timeout", (limits) => new PluginHost({ limits })],
  ["PluginLimits", "fuel", "fuelPerCallback", (limits) => new PluginHost().load({ code: "", limits })],
  ["HttpStreamOptions", "buferLimit", "bufferLimit", (o) => new HttpStream([], {} as never, {} as never, o)],
  ["NodeFilterOptions", "bufferLimits", "bufferLimit", (o) => filterServer(createServer(), [], o)],
  ["NodeFilterOptions", "property", "properties", (o) => middleware([], o)],
  ["NodeFilterOptions", "observer", "observe", (o) => filterExchange([], {} as never, {} as never, () => {}, o)],
  ["NodeFilterOptions", "plugin", "plugins", (o) => fastifyPlugins({ server: createServer() }, o)],
  ["FetchFilterOptions", "conection", "connection", (o) => filterFetch([], () => new Response(), o)],
  ["TcpStreamOptions", "buffer", "bufferLimit", (o) => filterConnections(createTcpServer(), [], o)],
  ["HttpUpstreamsOptions", "maxResponse", "maxResponseBytes", (o) => new HttpUpstreams({}, o)],
  ["RedisOptions", "prefx", "prefix", (o) => connectShared(o)],
  ["PrometheusOptions", "prefx", "prefix", (o) => new Metrics().prometheus(o)],
  ["GatewayOptions", "caches", "cache", (o) => Gateway.start("", o)],
  ["GatewayOptions.member", "singleton", "singletons", (member) => Gateway.start("", { member })],
  ["RunOptions", "worker", "workers", (o) => runGateway("no-file.yaml", o)],
  ["DecodeOptions", "feature", "features", (o) => decodeComponent(new Uint8Array(0), o)],
  ["ValidateOptions", "feature", "features", (o) => validateComponent(component.valid.component, o)],
  ["ComponentRuntimeOptions", "limit", "limits", (o) => new ComponentRuntime(o)],
  ["ComponentLimits", "handle", "handles", (limits) => new ComponentRuntime({ limits })],
  ["InstantiateComponentOptions", "singal", "signal", (o) => component.instantiateSync({}, o)],
  ["WitOptions", "feature", "features", (o) => resolveWit([], o)],
  ["WitPathOptions", "feature", "features", (o) => resolveWitPath("a.wit", {} as never, o)],
  ["WitTypesOptions", "word", "world", (o) => printTypes({} as never, o)],
  ["WitPrintOptions", "dependency", "dependencies", (o) => printWit({} as never, o)],
  ["FetchOptions", "caches", "cache", (o) => fetchCode({ kind: "inline", bytes: new Uint8Array(0) }, o)],
];

/** Interfaces of these names that no user hands to this project, each with the reason. */
const others: ReadonlyMap<string, string> = new Map([
  ["InstanceOptions", "what the runtime tells an engine"],
  ["SupplyOptions", "a part of CompileOptions"],
  ["OpenOptions", "what WASI tells a file system"],
  ["ImportDescriptor", "what a module tells of its imports"],
]);

describe("options", () => {
  test.each(takers)("%s: %s is refused, and %s is named", async (_, typo, meant, take) => {
    const run = async (): Promise<unknown> => take({ [typo]: undefined } as never);
    await expect(run()).rejects.toThrow(TypeError);
    await expect(run()).rejects.toThrow(`unknown option "${typo}"; did you mean "${meant}"?`);
  });

  test("of every exported interface have a row above", () => {
    const declarations = ["index", "formats", "node/index", "webassembly/index", "gateway"].flatMap((entry) =>
      ["runtime", "wasi", "component", "proxy-wasm"].map((name) => `packages/${name}/src/${entry}.ts`),
    );
    const exported = new Set<string>();
    const seen = new Set<string>();
    const collect = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(root + file, "utf8");
      for (const [, name] of text.matchAll(/\b([A-Z]\w*(?:Options|Limits|Descriptor))\b(?=[^;]*\} from )/g))
        exported.add(name);
      for (const [, from] of text.matchAll(/export \* from "\.\/([^"]+)"/g)) collect(file.replace(/[^/]+$/, from));
    };
    const tracked = new Set(execFileSync("git", ["ls-files", "packages"], { cwd: root, encoding: "utf8" }).split("\n"));
    for (const file of declarations) if (tracked.has(file)) collect(file);
    expect(exported.size).toBeGreaterThan(20);
    const covered = new Set([...takers.map(([type]) => type), ...others.keys()]);
    expect([...exported].filter((name) => !covered.has(name))).toEqual([]);
  });

  test("are read by one text in both packages that have no dependency", () => {
    const text = (path: string): string => readFileSync(root + path, "utf8");
    expect(text("packages/wasi/src/options.ts")).toBe(text("packages/runtime/src/wasm/options.ts"));
  });
});

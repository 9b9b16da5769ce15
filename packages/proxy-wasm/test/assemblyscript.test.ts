import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { findTool, root, tool } from "../../../scripts/places.mjs";
import { lacks } from "../../../test/needs.ts";
import { filterServer } from "../src/node/middleware.ts";
import { HttpUpstreams } from "../src/services/http-upstreams.ts";
import { testHost, until } from "../src/testing/host.ts";
import { listen, send } from "../src/testing/http.ts";

/** As much of the compiler's interface as is used here. */
interface Compiler {
  main(
    args: readonly string[],
    options: {
      readFile(file: string, folder: string): string | null;
      writeFile(name: string, contents: Uint8Array | string): void;
      listFiles(subfolder: string, folder: string): string[];
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

const compiler = findTool("assemblyscript/dist/asc.js");
const wasiShim = "node_modules/@assemblyscript/wasi-shim";

/** Compiles one of the plugins in AssemblyScript. Sources in TypeScript's clothes are kept under names that its tools pass by. */
async function compile(name: string, flags: readonly string[]): Promise<Uint8Array> {
  const asc = (await import(pathToFileURL(tool("assemblyscript/dist/asc.js")).href)) as Compiler;
  /** The folder whose `node_modules` has the packages. */
  const base = resolve(tool("assemblyscript"), "../..");
  const source = readFileSync(join(root, `guests/proxy-wasm/${name}.as`), "utf8");
  let binary: Uint8Array | undefined;
  const fixed = ["--exportStart", "_start", "-O", "--path", "node_modules"];
  const { error, stderr } = await asc.main([`${name}.ts`, "-o", "plugin.wasm", ...fixed, ...flags], {
    readFile: (file, folder) => {
      if (file === `${name}.ts`) return source;
      try {
        return readFileSync(join(base, folder, file), "utf8");
      } catch {
        return null;
      }
    },
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: (subfolder, folder) => {
      try {
        return readdirSync(join(base, folder, subfolder)).filter(
          (file) => file.endsWith(".ts") && !file.endsWith(".d.ts"),
        );
      } catch {
        return [];
      }
    },
  });
  if (error !== null || binary === undefined) throw new Error(`${String(error)}\n${stderr.toString()}`);
  return binary;
}

describe.skipIf(lacks("AssemblyScript (npm run tools)", compiler !== undefined))("plugins in AssemblyScript", () => {
  test("a plugin in AssemblyScript starts, counts in shared data, and answers by itself", async () => {
    const { host, lines } = testHost();
    const plugin = await host.load({
      code: await compile("headers", ["--runtime", "minimal", "--use", "abort=headers/abort"]),
    });
    expect(lines).toEqual(["started"]);
    const server = createServer((request, response) => response.end(`server ${request.url}`));
    filterServer(server, [plugin]);
    const port = await listen(server);
    const first = await send(port, { path: "/a" });
    expect([first.body, first.headers["x-requests"]]).toEqual(["server /a", "1"]);
    const second = await send(port, { path: "/hello" });
    expect([second.body, second.headers["x-requests"]]).toEqual(["hello from AssemblyScript", "2"]);
    expect(lines).toEqual(["started", "GET /a", "GET /hello"]);
    await until(() => host.vms[0].streams === 0);
    server.close();
  });

  test("plugins of the AssemblyScript SDK are chosen by the root's name, change headers, call servers and have a clock", async () => {
    // What the shim's own configuration says, but for how a plugin aborts.
    const { options } = JSON.parse(readFileSync(tool("@assemblyscript/wasi-shim/asconfig.json"), "utf8")) as {
      options: { use: string[] };
    };
    const uses = options.use.map((use) => (use.startsWith("abort=") ? "abort=abort_proc_exit" : use));
    const flags = ["--lib", `${wasiShim}/assembly`, ...uses.flatMap((use) => ["--use", use])];
    const code = await compile("roots", flags);
    const auth = createServer((request, response) => response.end(request.url === "/good" ? "yes" : "no"));
    const upstreams = new HttpUpstreams({ auth: `http://127.0.0.1:${await listen(auth)}` });
    const { host, lines } = testHost({ logLevel: "info", upstreams });
    const load = (rootId: string, configuration: string) =>
      host.load({ name: rootId, rootId, code, configuration, vm: { id: rootId } });
    const singleton = await load("singleton", "the singleton");
    const plugins = [await load("add_header", "world"), await load("remove_headers", "x"), await load("auth", "x")];
    const server = createServer((_request, response) => {
      response.setHeader("x-powered-by", "a server");
      response.end("passed");
    });
    filterServer(server, plugins);
    const port = await listen(server);
    const good = await send(port, { path: "/good" });
    expect([good.body, good.headers.hello, good.headers["x-powered-by"]]).toEqual(["passed", "world", undefined]);
    const bad = await send(port, { path: "/bad" });
    expect([bad.status, bad.body]).toEqual([403, "denied"]);
    await until(() => lines.some((line) => line.endsWith("tick of the singleton")));
    await until(() => host.vms.every(({ streams }) => streams === 0));
    singleton.close();
    await upstreams.close();
    auth.close();
    server.close();
  });
});

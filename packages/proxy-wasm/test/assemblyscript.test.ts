import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { expect, test } from "vitest";
import { filterServer } from "../src/node/middleware.ts";
import { testHost, until } from "../src/testing/host.ts";
import { listen, send } from "../src/testing/http.ts";

const source = readFileSync(fileURLToPath(new URL("../../../guests/proxy-wasm/headers.as", import.meta.url)), "utf8");

async function compile(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const flags = ["--runtime", "minimal", "--exportStart", "_start", "--use", "abort=headers/abort", "-O"];
  const { error, stderr } = await asc.main(["headers.ts", "-o", "plugin.wasm", ...flags], {
    readFile: (name) => (name === "headers.ts" ? source : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(`${String(error)}\n${stderr.toString()}`);
  return binary;
}

test("a plugin in AssemblyScript starts, counts in shared data, and answers by itself", async () => {
  const { host, lines } = testHost();
  const plugin = await host.load({ code: await compile() });
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

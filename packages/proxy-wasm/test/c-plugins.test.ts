import { createServer } from "node:http";
import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import { describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../test/needs.ts";
import { filterServer } from "../src/node/middleware.ts";
import { grpcFrame } from "../src/services/grpc-frames.ts";
import { HttpUpstreams } from "../src/services/http-upstreams.ts";
import { testHost, until } from "../src/testing/host.ts";
import { listen, send } from "../src/testing/http.ts";
import { cPlugin } from "../src/testing/plugins.ts";

/** A service that answers with the last byte of what it is asked, or says that it will not. */
function decider(): Http2Server {
  const server = createHttp2Server();
  server.on("stream", (stream, headers) => {
    const bytes: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => bytes.push(chunk));
    stream.on("end", () => {
      const message = Buffer.concat(bytes).subarray(5);
      const well = headers[":path"] === "/auth.Decider/Decide" && message.toString() !== "/unsure";
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () =>
        stream.sendTrailers(well ? { "grpc-status": "0" } : { "grpc-status": "8", "grpc-message": "too%20much" }),
      );
      stream.end(well ? Buffer.from(grpcFrame(message.subarray(-1))) : undefined);
    });
  });
  return server;
}

// Plugins in freestanding C, in guests/proxy-wasm/c, over real sockets.
describe.skipIf(lacks("clang with wasm-ld", hasProgram("clang") && hasProgram("wasm-ld")))("plugins in C", () => {
  test("grpc_auth: a request waits for a gRPC service's answer, or its refusal", async () => {
    const service = decider();
    const upstreams = new HttpUpstreams({ auth: `http://127.0.0.1:${await listen(service)}` });
    const { host, lines } = testHost({ upstreams });
    const server = createServer((_request, response) => response.end("passed"));
    filterServer(server, [await host.load({ code: cPlugin("grpc_auth") })]);
    const port = await listen(server);
    // The code of 2 is even, that of 1 odd.
    expect((await send(port, { path: "/2" })).body).toBe("passed");
    const denied = await send(port, { path: "/1" });
    expect([denied.status, denied.body]).toEqual([403, "Access forbidden.\n"]);
    const failed = await send(port, { path: "/unsure" });
    expect([failed.status, failed.body]).toEqual([503, "too much"]);
    expect(lines).toEqual([]);
    await until(() => host.vms[0].streams === 0);
    await upstreams.close();
    service.close();
    server.close();
  });

  test("surface: every function answers what Envoy answers", async () => {
    const { host, lines } = testHost({ logLevel: "info" });
    const plugin = await host.load({ code: cPlugin("surface"), rootId: "", vm: { id: "v" } });
    expect(lines).toEqual(["started", "configured"]);
    const server = createServer((request, response) => response.end(`${request.headers["x-a"]} is here`));
    filterServer(server, [plugin]);
    const port = await listen(server);
    expect((await send(port)).body).toBe("2 is here");
    await until(() => lines.includes("logged"));
    expect(lines.filter((line) => !line.startsWith("proxy_send_local_response"))).toEqual([
      "started",
      "configured",
      "logged",
    ]);
    expect(host.metrics.value("c")).toBe(5n);
    await until(() => host.vms[0].streams === 0);
    server.close();
  });
});

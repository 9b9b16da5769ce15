import { createServer } from "node:http";
import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import { expect, test } from "vitest";
import { filterServer } from "../node/middleware.ts";
import type { GuestParts } from "../testing/guest.ts";
import { testHost, until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import { grpcFrame } from "./grpc-frames.ts";
import { HttpUpstreams } from "./http-upstreams.ts";

/** Asks a server called `auth` about each request, and lets it pass when the answer's body is `yes`. */
const authorizer = (timeout: number): GuestParts => ({
  fields: `(global $stream (mut i32) (i32.const 0))`,
  callbacks: {
    proxy_on_request_headers: `
      (global.set $stream (local.get $id))
      (call $log_number (call $proxy_http_call "auth"$$
        "\\x03\\x00\\x00\\x00\\x07\\x00\\x00\\x00\\x03\\x00\\x00\\x00\\x05\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x0a\\x00\\x00\\x00\\x04\\x00\\x00\\x00:method\\x00GET\\x00:path\\x00/a\\x00:authority\\x00auth\\x00"$$
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const ${timeout}) (i32.const 16)))
      (i32.const 1)`,
    proxy_on_http_call_response: `
      (call $log_number (local.get $headers))
      (drop (call $proxy_get_header_map_value (i32.const 6) ":status"$$ (i32.const 16) (i32.const 20)))
      (if (local.get $headers) (then (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))))
      (drop (call $proxy_set_effective_context (global.get $stream)))
      (if (i32.eq (local.get $body) (i32.const 3))
        (then (drop (call $proxy_continue_stream (i32.const 0))))
        (else (drop (call $proxy_send_local_response (i32.const 403) "auth"$$ "no"$$ (i32.const 0) (i32.const 0) (i32.const -1)))))`,
  },
});

test("a plugin asks a server before it lets a request pass, with its body", async () => {
  let verdict = "yes";
  const auth = createServer((_request, response) => {
    if (verdict !== "") response.end(verdict);
  });
  const upstreams = new HttpUpstreams({ auth: `http://127.0.0.1:${await listen(auth)}` });
  const { lines, load } = testHost({ upstreams });
  const server = createServer((request, response) => request.pipe(response));
  filterServer(server, [await load(authorizer(60_000))]);
  const port = await listen(server);
  const hasty = createServer();
  filterServer(hasty, [await load(authorizer(20))]);
  const hastyPort = await listen(hasty);

  expect((await send(port, { method: "POST" }, ["one", "two"])).body).toBe("onetwo");
  verdict = "denied";
  expect((await send(port, { method: "POST" }, ["one", "two"])).status).toBe(403);
  // A server that does not answer in time is answered for, as Envoy does it.
  verdict = "";
  lines.length = 0;
  expect((await send(hastyPort)).status).toBe(403);
  expect(lines).toContain("504");
  // One that is not there is answered for too.
  auth.closeAllConnections();
  auth.close();
  lines.length = 0;
  expect((await send(port)).status).toBe(403);
  expect(lines).toEqual(["0", "3", "503"]);
  await upstreams.close();
  server.close();
  hasty.close();
});

test("a cluster that is not known is a bad argument", async () => {
  const { lines, load } = testHost();
  const server = createServer();
  filterServer(server, [await load(authorizer(0))]);
  const port = await listen(server);
  const answer = send(port).catch(() => undefined);
  await until(() => lines.includes("2"));
  server.closeAllConnections();
  await answer;
  server.close();
});

async function grpcServer(): Promise<{ server: Http2Server; port: number }> {
  const server = createHttp2Server();
  server.on("stream", (stream, headers) => {
    const bytes: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => bytes.push(chunk));
    stream.on("end", () => {
      const message = Buffer.concat(bytes).subarray(5);
      const ok = headers[":path"] === "/svc/Echo";
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () =>
        stream.sendTrailers(ok ? { "grpc-status": "0" } : { "grpc-status": "5", "grpc-message": "not%20here" }),
      );
      stream.end(ok ? Buffer.from(grpcFrame(message)) : undefined);
    });
  });
  return { server, port: await listen(server) };
}

test("gRPC calls and streams bring messages, metadata and a status", async () => {
  const { server, port } = await grpcServer();
  const upstreams = new HttpUpstreams({ svc: `http://127.0.0.1:${port}` });
  const { lines, load } = testHost({ upstreams });
  await load({
    callbacks: {
      proxy_on_configure: `
        (drop (call $proxy_grpc_call "svc"$$ "svc"$$ "Echo"$$ (i32.const 0) (i32.const 0) "hello"$$ (i32.const 1000) (i32.const 16)))
        (drop (call $proxy_grpc_call "\\x0a\\x05\\x0a\\x03svc"$$ "svc"$$ "Missing"$$ (i32.const 0) (i32.const 0) "hello"$$ (i32.const 1000) (i32.const 16)))
        (drop (call $proxy_grpc_stream "svc"$$ "svc"$$ "Echo"$$ (i32.const 0) (i32.const 0) (i32.const 16)))
        (call $log_number (i32.load (i32.const 16)))
        (drop (call $proxy_grpc_send (i32.load (i32.const 16)) "streamed"$$ (i32.const 1)))
        (call $log_number (call $proxy_grpc_stream "\\x01\\x02"$$ "svc"$$ "Echo"$$ (i32.const 0) (i32.const 0) (i32.const 16)))
        (i32.const 1)`,
      proxy_on_grpc_receive: `
        (drop (call $proxy_get_buffer_bytes (i32.const 5) (i32.const 0) (local.get $size) (i32.const 16) (i32.const 20)))
        (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`,
      proxy_on_grpc_receive_trailing_metadata: `(drop (call $proxy_log (i32.const 2) "trailing"$$))`,
      proxy_on_grpc_close: `(call $log_number (i32.add (i32.const 1000) (local.get $status)))
        (drop (call $proxy_get_status (i32.const 24) (i32.const 16) (i32.const 20)))
        (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`,
    },
  });
  expect(lines).toEqual(["14", "4"]);
  await until(() => lines.length >= 9);
  expect(lines).toContain("hello");
  expect(lines).toContain("streamed");
  expect(lines).toContain("1005");
  expect(lines).toContain("not here");
  expect(lines.indexOf("trailing")).toBeLessThan(lines.indexOf("1000"));
  await upstreams.close();
  server.close();
});

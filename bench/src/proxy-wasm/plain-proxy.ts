import { createServer, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { Pool } from "undici";
import { serveParent } from "./report.ts";

/* The least reverse proxy that undici makes: what a gateway is measured against. */

const HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te"]);

const pool = new Pool(process.argv[2], { bodyTimeout: 0 });
const server = createServer((request, response) => {
  const headers: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    if (!HOP.has(request.rawHeaders[i].toLowerCase())) headers.push(request.rawHeaders[i], request.rawHeaders[i + 1]);
  const { method = "GET" } = request;
  const body = method === "GET" || method === "HEAD" ? null : request;
  pool
    .request({ path: request.url ?? "/", method: method as "GET", headers, body, responseHeaders: "raw" })
    .then((upstream) => {
      const raw = upstream.headers as unknown as Buffer[];
      const list: string[] = [];
      for (let i = 0; i < raw.length; i += 2)
        if (!HOP.has(String(raw[i]).toLowerCase())) list.push(String(raw[i]), String(raw[i + 1]));
      response.writeHead(upstream.statusCode, list as unknown as Parameters<ServerResponse["writeHead"]>[1]);
      pipeline(upstream.body, response, () => {});
    })
    .catch(() => response.writeHead(502).end());
});
server.listen(0, "127.0.0.1", () => serveParent((server.address() as { port: number }).port));

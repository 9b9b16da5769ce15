import { createServer } from "node:http";
import { serveParent } from "./report.ts";

/* The server behind the proxies that are measured. */

const body = "x".repeat(1024);
const server = createServer((_request, response) => {
  response.setHeader("content-type", "text/plain");
  response.end(body);
});
server.listen(0, "127.0.0.1", () => serveParent((server.address() as { port: number }).port));

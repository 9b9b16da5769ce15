import { createServer } from "node:http";

/* The server behind the proxies that are measured. */

const body = "x".repeat(1024);
const server = createServer((_request, response) => {
  response.setHeader("content-type", "text/plain");
  response.end(body);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as { port: number }).port));
process.once("disconnect", () => process.exit());

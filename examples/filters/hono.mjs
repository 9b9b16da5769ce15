// Hono behind a plugin. A handler from Request to Response is the same for Deno and Bun: `export default { fetch: handler }`.
import { serve } from "@hono/node-server";
import { filterFetch } from "@wardian/proxy-wasm";
import { Hono } from "hono";
import { plugin, port } from "./plugin.mjs";

const app = new Hono();
app.post("/", (context) => new Response(context.req.raw.body));
const handler = filterFetch([plugin], app.fetch);
serve({ fetch: handler, port }, (address) => console.log(`http://127.0.0.1:${address.port}`));

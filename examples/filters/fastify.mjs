// Fastify behind a plugin.
import { fastifyPlugins } from "@wardian/proxy-wasm";
import Fastify from "fastify";
import { plugin, port } from "./plugin.mjs";

const app = Fastify();
await app.register(fastifyPlugins, { plugins: [plugin] });
app.addContentTypeParser("*", (_request, body, done) => done(null, body));
app.post("/", (request, reply) => reply.send(request.body));
console.log(await app.listen({ port, host: "127.0.0.1" }));

// A Fastify server behind Coraza and the OWASP Core Rule Set: `npm run example:waf`, which builds the plugin with Go.
import { readFile } from "node:fs/promises";
import { fastifyPlugins, PluginHost } from "@wardian/proxy-wasm";
import Fastify from "fastify";

const code = await readFile(new URL("../../guests/coraza-waf/build/coraza-waf.wasm", import.meta.url));
const rules = ["SecRuleEngine On", "SecRequestBodyAccess On", "Include @crs-setup-conf", "Include @owasp_crs/*.conf"];
const configuration = { directives_map: { crs: rules }, default_directives: "crs" };
const waf = await new PluginHost({ limits: { timeout: 1000 } }).load({ name: "waf", code, configuration });
const app = Fastify();
await app.register(fastifyPlugins, { plugins: [waf] });
app.all("/*", (request) => `hello from ${request.url}\n`);
console.log(await app.listen({ port: Number(process.env.PORT ?? 3000) }));

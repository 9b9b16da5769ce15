// What all of these examples share: a host with limits, and one plugin. `npm run example -- examples/filters/http.mjs` runs one.
import { readFile } from "node:fs/promises";
import { PluginHost } from "@wardian/proxy-wasm";

const host = new PluginHost({ limits: { timeout: 50, memory: 64 * 1024 * 1024 } });
export const plugin = await host.load({
  name: "hello",
  code: await readFile(new URL("hello.wat", import.meta.url), "utf8"),
});
export const port = Number(process.env.PORT ?? 3000);

// Serves the page on the loopback: `npm run example:browser`, and with `-- --strict` under a content security policy that
// allows neither WebAssembly nor code from text. It bundles the page with the runtime; `npm run hosts` installs the bundler.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const types = { html: "text/html", css: "text/css", js: "text/javascript" };
const file = (name) => readFileSync(new URL(name, import.meta.url));

async function bundlePage() {
  let esbuild;
  try {
    esbuild = createRequire(new URL("../../test/hosts/package.json", import.meta.url))("esbuild");
  } catch {
    throw new Error("the bundler is not installed: npm run hosts");
  }
  const { build } = esbuild;
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.js", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].contents;
}

/** @returns the server, listening, and its address */
export async function serve({ strict = false, port = 0 } = {}) {
  const files = { "/": file("index.html"), "/style.css": file("style.css"), "/page.js": await bundlePage() };
  const server = createServer((request, response) => {
    const body = files[request.url];
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("content-type", types[request.url.split(".")[1] ?? "html"]);
    if (strict) response.setHeader("content-security-policy", "default-src 'self'");
    response.end(body);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { server, address: `http://127.0.0.1:${server.address().port}/` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const strict = process.argv.includes("--strict");
  const { address } = await serve({ strict, port: 8080 });
  console.log(`${address}${strict ? " under a strict content security policy" : ""}`);
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { lacks } from "./needs.ts";

/* The examples that are servers behind plugins, run as a reader would run them, and asked over the network. */
const root = fileURLToPath(new URL("..", import.meta.url));

let child: ChildProcess | undefined;
let output = "";

afterEach(() => {
  child?.kill();
});

/** Starts an example on a free port. @returns the address that it prints */
function start(path: string): Promise<URL> {
  output = "";
  const running = spawn(process.execPath, [`examples/${path}`], { cwd: root, env: { ...process.env, PORT: "0" } });
  child = running;
  return new Promise((resolve, reject) => {
    const note = (text: Buffer): void => {
      output += text.toString();
      const address = /^\w+:\/\/[\d.]+:\d+$/m.exec(output)?.[0];
      if (address !== undefined) resolve(new URL(address));
    };
    running.stdout.on("data", note);
    running.stderr.on("data", note);
    running.once("error", reject);
    running.once("exit", () => reject(new Error(`the example ended: ${output}`)));
  });
}

/** More than any buffer on the way, so that what a server echoes has streamed. */
const large = "wardian ".repeat(1_000_000);

describe("the examples behind plugins", () => {
  it.each(["http", "express", "fastify", "hono"])("filters/%s.mjs", async (name) => {
    const address = await start(`filters/${name}.mjs`);
    const headers = { "content-type": "text/x-plain" };
    const response = await fetch(address, { method: "POST", headers, body: large });
    expect([response.status, response.headers.get("x-hello")]).toEqual([200, "from a plugin"]);
    expect((await response.text()) === large).toBe(true);
  });

  it("filters/http2.mjs", async () => {
    const session = connectHttp2(await start("filters/http2.mjs"));
    const stream = session.request({ ":method": "POST" });
    stream.end(large);
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.on("response", resolve));
    expect(headers["x-hello"]).toBe("from a plugin");
    let body = "";
    for await (const part of stream.setEncoding("utf8")) body += part as string;
    expect(body === large).toBe(true);
    session.close();
  });

  it("filters/tcp.mjs", async () => {
    const { hostname, port } = await start("filters/tcp.mjs");
    const socket = connect({ host: hostname, port: Number(port) });
    socket.end(large);
    let body = "";
    for await (const part of socket.setEncoding("utf8")) body += part as string;
    expect(body === large).toBe(true);
    expect(output).toContain("a connection");
  });

  const binary = existsSync(`${root}/guests/coraza-waf/build/coraza-waf.wasm`);
  it.skipIf(lacks("the Coraza plugin (npm run guests)", binary))("waf/server.mjs", async () => {
    const address = await start("waf/server.mjs");
    const good = await fetch(new URL("/welcome?name=me", address));
    expect([good.status, await good.text()]).toEqual([200, "hello from /welcome?name=me\n"]);
    const bad = await fetch(new URL("/?name=<script>alert(0)</script>", address));
    expect([bad.status, await bad.text()]).toEqual([403, ""]);
  });
});

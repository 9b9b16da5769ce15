import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { certificate } from "../testing/certificate.ts";
import { listen } from "../testing/http.ts";
import { fetchCode } from "./code-source.ts";

/*
 * A registry that misbehaves, at an address with TLS and at one without, and another host to which it sends its clients. Docker's
 * configuration has credentials for the registry.
 */
const module = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const digest = `sha256:${createHash("sha256").update(module).digest("hex")}`;
const manifest = JSON.stringify({ layers: [{ digest, mediaType: "application/wasm" }] });

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
const folder = mkdtempSync(join(tmpdir(), "wardian-registry-"));
/** What answers in the place of the registry and of the other host; undefined for the registry as it should be. */
let registryHandler: Handler | undefined;
let otherHandler: Handler = (_request, response) => response.end();
/** Whom the credentials were sent to. */
let told: string[] = [];
let plain = "";
let secure = "";
let other = "";

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.includes("/manifests/")) response.end(manifest);
  else response.end(module);
}

async function serve(name: string, server: Server, handler: () => Handler): Promise<string> {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.authorization?.startsWith("Basic ")) told.push(name);
    handler()(request, response);
  });
  servers.push(server);
  return `127.0.0.1:${await listen(server)}`;
}

const image = (registry: string, timeout?: number): Promise<Uint8Array> =>
  fetchCode(
    { kind: "image", reference: `${registry}/a/b:v`, always: true, timeout },
    { cache: mkdtempSync(join(folder, "cache-")) },
  );

/** Answers 401 with a challenge, and with the image once it gets any credentials. */
const challenge =
  (text: string): Handler =>
  (request, response) => {
    if (request.headers.authorization !== undefined) answer(request, response);
    else response.writeHead(401, { "www-authenticate": text }).end();
  };

const redirect =
  (location: string): Handler =>
  (_request, response) =>
    response.writeHead(302, { location }).end();

describe.skipIf(lacks("openssl", hasProgram("openssl")))("a registry that misbehaves", () => {
  const dispatcher = getGlobalDispatcher();
  const docker = process.env.DOCKER_CONFIG;

  beforeAll(async () => {
    const registry = (): Handler => registryHandler ?? answer;
    secure = await serve("registry", createTlsServer(certificate(folder)) as unknown as Server, registry);
    plain = await serve("plain registry", createServer(), registry);
    other = await serve("other", createServer(), () => otherHandler);
    const auth = Buffer.from("alice:secret").toString("base64");
    mkdirSync(join(folder, "docker"));
    const auths = { [secure]: { auth }, [plain]: { auth }, [other]: { auth } };
    writeFileSync(join(folder, "docker/config.json"), JSON.stringify({ auths }));
    process.env.DOCKER_CONFIG = join(folder, "docker");
    // The certificate is trusted.
    setGlobalDispatcher(new Agent({ connect: { rejectUnauthorized: false } }));
  });

  afterAll(() => {
    setGlobalDispatcher(dispatcher);
    if (docker === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = docker;
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  beforeEach(() => {
    registryHandler = undefined;
    otherHandler = (_request, response) => response.end();
    told = [];
  });

  test("gets the credentials over TLS only", async () => {
    registryHandler = challenge('Basic realm="x"');
    expect(await image(secure)).toEqual(new Uint8Array(module));
    expect(new Set(told)).toEqual(new Set(["registry"]));
    told = [];
    await expect(image(plain)).rejects.toThrow("the registry answered 401");
    expect(told).toEqual([]);
  });

  test.each([
    ["a realm on another host without TLS", () => challenge(`Bearer realm="http://${other}/token",service="s"`)],
    ["a realm on the registry itself without TLS", () => challenge(`Bearer realm="http://${secure}/token"`)],
    ["a realm that is a file", () => challenge('Bearer realm="file:///etc/passwd"')],
    ["a realm that is no address", () => challenge('Bearer realm="no address"')],
    ["a redirect to a host without TLS", () => redirect(`http://${other}/blob`)],
    ["a redirect to a file", () => redirect("file:///etc/passwd")],
    ["a redirect without a place", () => redirect("http://")],
  ])("with TLS, %s is refused", async (_, handler) => {
    registryHandler = handler();
    otherHandler = (_request, response) => response.end('{"token":"t"}');
    await expect(image(secure)).rejects.toThrow(/must be https:|to no address/);
    expect(told).toEqual([]);
  });

  test.each(["layers", "manifests"])("a digest in %s that is a path is refused, and not asked for", async (list) => {
    const asked: (string | undefined)[] = [];
    registryHandler = (request, response) => {
      asked.push(request.url);
      const digest = "sha256:../../../../v2/other/blobs/x";
      response.end(JSON.stringify({ [list]: [{ mediaType: "application/wasm", digest }] }));
    };
    await expect(image(secure)).rejects.toThrow("is no digest of SHA-256");
    expect(asked).toHaveLength(1);
  });

  test("redirects have an end, and their targets get no credentials", async () => {
    registryHandler = (request, response) => {
      if (request.headers.authorization === undefined) challenge('Basic realm="x"')(request, response);
      else redirect(`https://${secure}${request.url}`)(request, response);
    };
    await expect(image(secure)).rejects.toThrow("the registry answered");
    registryHandler = redirect("/v2/again");
    await expect(image(plain)).rejects.toThrow("the registry answered 302");
  });

  test.each<[string, string | Buffer, string]>([
    ["null", "null", "gave no token"],
    ["no JSON", "token", "is no JSON"],
    ["a line break", JSON.stringify({ token: "a\r\nx: y" }), "gave no token"],
    ["nothing of its own", '{"__proto__": {"token": "t"}}', "gave no token"],
    ["more than 64 KiB", `{"token":"${"t".repeat(1 << 17)}"}`, "is longer than 65536 bytes"],
  ])("an answer with a token that is %s is refused", async (_, token, message) => {
    registryHandler = challenge(`Bearer realm="http://${other}/token"`);
    otherHandler = (_request, response) => response.end(token);
    await expect(image(plain)).rejects.toThrow(message);
  });

  test("an endless answer with a token is not read to its end", async () => {
    registryHandler = challenge(`Bearer realm="http://${other}/token"`);
    let sent = 0;
    otherHandler = (_request, response) => {
      const chunk = Buffer.alloc(1 << 16, "t");
      const more = (): void => {
        while (!response.destroyed && sent < 1 << 28) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
      };
      more();
    };
    await expect(image(plain)).rejects.toThrow("is longer than 65536 bytes");
    expect(sent).toBeLessThan(1 << 28);
  });

  test.each<[string, Handler]>([
    ["never answers", () => {}],
    ["never ends its answer", (_request, response) => void response.write("x")],
    [
      "never ends a 401",
      (_request, response) => void response.writeHead(401, { "www-authenticate": "Basic" }).write("x"),
    ],
    [
      "drips",
      (_request, response) => {
        const timer = setInterval(() => response.write("x"), 20);
        response.on("close", () => clearInterval(timer));
      },
    ],
  ])("one that %s is given up as a whole after the time", async (_, handler) => {
    registryHandler = handler;
    await expect(image(plain, 300)).rejects.toThrow(/took longer than 300 ms|the registry answered 401/);
  });
});

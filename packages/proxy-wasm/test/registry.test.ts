import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Runtime } from "@wardian/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../test/needs.ts";
import { CodeError, fetchCode } from "../src/gateway/code-source.ts";
import { Gateway } from "../src/gateway/gateway.ts";
import { guest } from "../src/testing/guest.ts";
import { listen, send } from "../src/testing/http.ts";
import { tarOf } from "../src/testing/tar.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

type Blob = readonly [mediaType: string, bytes: Uint8Array];

/** A client that puts images into a registry, as the distribution specification says. */
class Pusher {
  private readonly url: string;

  constructor(registry: string, repository: string) {
    this.url = `http://${registry}/v2/${repository}`;
  }

  private async blob([mediaType, bytes]: Blob): Promise<{ mediaType: string; digest: string; size: number }> {
    const digest = `sha256:${sha256(bytes)}`;
    const started = await fetch(`${this.url}/blobs/uploads/`, { method: "POST" });
    const place = new URL(String(started.headers.get("location")), this.url);
    place.searchParams.set("digest", digest);
    const headers = { "content-type": "application/octet-stream" };
    const stored = await fetch(place, { method: "PUT", headers, body: Buffer.from(bytes) });
    expect(stored.status).toBe(201);
    return { mediaType, digest, size: bytes.length };
  }

  private async manifest(tag: string, type: string, manifest: object): Promise<string> {
    const body = JSON.stringify(manifest);
    const headers = { "content-type": type };
    const stored = await fetch(`${this.url}/manifests/${tag}`, { method: "PUT", headers, body });
    expect([stored.status, stored.status === 201 ? "" : await stored.text()]).toEqual([201, ""]);
    return sha256(bytesOf(body));
  }

  /** @returns the SHA-256 of the image's manifest */
  async image(tag: string, type: string, config: Blob, layers: readonly Blob[]): Promise<string> {
    const descriptors = [];
    for (const layer of layers) descriptors.push(await this.blob(layer));
    const manifest = { schemaVersion: 2, mediaType: type, config: await this.blob(config), layers: descriptors };
    return this.manifest(tag, type, manifest);
  }

  async index(tag: string, digest: string, size: number): Promise<string> {
    const type = "application/vnd.oci.image.index.v1+json";
    const platform = { architecture: "wasm", os: "wasip1" };
    const manifests = [{ mediaType: OCI_MANIFEST, digest: `sha256:${digest}`, size, platform }];
    return this.manifest(tag, type, { schemaVersion: 2, mediaType: type, manifests });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Debian's `docker-registry`, which is the distribution project's own. */
async function startRegistry(folder: string, port: number): Promise<ChildProcess> {
  const configuration = {
    version: "0.1",
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "storage") } },
    http: { addr: `127.0.0.1:${port}` },
  };
  // YAML, of which JSON is a part.
  writeFileSync(join(folder, "registry.yml"), JSON.stringify(configuration));
  const child = spawn("docker-registry", ["serve", join(folder, "registry.yml")], { stdio: "ignore" });
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`docker-registry ended with ${code}`)));
  });
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  ended.catch(() => {});
  while (!(await Promise.race([answers(), ended]))) await new Promise((resolve) => setTimeout(resolve, 20));
  return child;
}

describe.skipIf(lacks("docker-registry", hasProgram("docker-registry")))("code from a real registry", () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-registry-"));
  const digests: Record<string, string> = {};
  let child: ChildProcess | undefined;
  let registry: string;
  let module: Uint8Array;

  beforeAll(async () => {
    const port = await freePort();
    registry = `127.0.0.1:${port}`;
    child = await startRegistry(folder, port);
    const callbacks = {
      proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "from an image"$$)) (i32.const 0)`,
    };
    module = (await new Runtime().compile(guest({ callbacks }))).bytes;
    const archive = new Uint8Array(gzipSync(tarOf("./plugin.wasm", module)));
    const other = new Uint8Array(gzipSync(tarOf("README", bytesOf("not a plugin"))));
    const pusher = new Pusher(registry, "team/plugin");
    const config = (mediaType: string, text = "{}"): Blob => [mediaType, bytesOf(text)];

    digests.docker = await pusher.image(
      "docker",
      DOCKER_MANIFEST,
      config("application/vnd.docker.container.image.v1+json"),
      [
        ["application/vnd.docker.image.rootfs.diff.tar.gzip", other],
        ["application/vnd.docker.image.rootfs.diff.tar.gzip", archive],
      ],
    );
    digests.compat = await pusher.image("compat", OCI_MANIFEST, config("application/vnd.oci.image.config.v1+json"), [
      ["application/vnd.oci.image.layer.v1.tar+gzip", archive],
    ]);
    digests.artifact = await pusher.image(
      "artifact",
      OCI_MANIFEST,
      config("application/vnd.oci.image.config.v1+json"),
      [
        [
          "application/vnd.module.wasm.config.v1+json",
          bytesOf(`{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{"root_ids":[]}}`),
        ],
        ["application/vnd.module.wasm.content.layer.v1+wasm", module],
      ],
    );
    digests["wasm-to-oci"] = await pusher.image(
      "wasm-to-oci",
      OCI_MANIFEST,
      config("application/vnd.wasm.config.v1+json"),
      [["application/vnd.wasm.content.layer.v1+wasm", module]],
    );
    const cncf = `{"created":"2026-01-01T00:00:00Z","architecture":"wasm","os":"wasip1","layerDigests":["sha256:${sha256(module)}"]}`;
    digests.cncf = await pusher.image("cncf", OCI_MANIFEST, config("application/vnd.wasm.config.v0+json", cncf), [
      ["application/wasm", module],
    ]);
    const manifest = await fetch(`http://${registry}/v2/team/plugin/manifests/cncf`, {
      headers: { accept: OCI_MANIFEST },
    });
    digests.index = await pusher.index("index", digests.cncf, (await manifest.arrayBuffer()).byteLength);
    await pusher.image("empty", OCI_MANIFEST, config("application/vnd.oci.image.config.v1+json"), [
      ["application/vnd.oci.image.layer.v1.tar+gzip", other],
    ]);
  });

  afterAll(() => {
    child?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const cacheFolder = (): string => mkdtempSync(join(folder, "cache-"));

  test.each(["docker", "compat", "artifact", "wasm-to-oci", "cncf", "index"])(
    "an image in the form %s is fetched by its tag and by its digest, and kept",
    async (form) => {
      const cache = cacheFolder();
      const reference = `${registry}/team/plugin:${form}`;
      expect(await fetchCode({ kind: "image", reference }, { cache })).toEqual(module);
      expect(readdirSync(cache)).toContain(sha256(module));
      const byDigest = `${registry}/team/plugin@sha256:${digests[form]}`;
      expect(await fetchCode({ kind: "image", reference: byDigest }, { cache: cacheFolder() })).toEqual(module);
      const sha = digests[form];
      expect(await fetchCode({ kind: "image", reference, sha256: sha }, { cache: cacheFolder() })).toEqual(module);
    },
  );

  test("what is wrong is told", async () => {
    const image = (tag: string, sha?: string): Promise<Uint8Array> =>
      fetchCode({ kind: "image", reference: `${registry}/team/plugin:${tag}`, sha256: sha }, { cache: cacheFolder() });
    await expect(image("docker", digests.cncf)).rejects.toThrow(`has the digest sha256:${digests.docker}`);
    await expect(image("empty")).rejects.toThrow("no plugin.wasm");
    await expect(image("none")).rejects.toThrow("answered 404");
    await expect(
      fetchCode({ kind: "image", reference: `${registry}/nobody/plugin:1` }, { cache: cacheFolder() }),
    ).rejects.toThrow(CodeError);
  });

  test("a gateway runs a WasmPlugin of Istio's from the registry, and from its cache when the registry is gone", async () => {
    const upstream = createHttpServer((_request, response) => response.end("hello"));
    const cache = cacheFolder();
    const config = JSON.stringify({
      listeners: [{ name: "main", address: "127.0.0.1:0", plugins: ["p"], routes: [{ cluster: "up" }] }],
      clusters: { up: { endpoints: [`http://127.0.0.1:${await listen(upstream)}`] } },
      plugins: { p: { istio: { spec: { url: `oci://${registry}/team/plugin:cncf`, sha256: digests.cncf } } } },
      accessLog: false,
    });
    const ask = async (): Promise<unknown> => {
      const gateway = await Gateway.start(config, { cache, log: () => {} });
      const { headers } = await send(gateway.port("main"));
      await gateway.stop(0);
      return headers["x-plugin"];
    };
    expect(await ask()).toBe("from an image");
    const gone = new Promise((resolve) => child?.once("exit", resolve));
    child?.kill();
    await gone;
    expect(existsSync(join(cache, sha256(module)))).toBe(true);
    expect(await ask()).toBe("from an image");
    upstream.close();
  });
});

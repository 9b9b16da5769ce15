import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listen } from "../testing/http.ts";
import { tarOf } from "../testing/tar.ts";
import { fetchCode } from "./code-source.ts";
import { parseImageReference } from "./oci.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** A registry with one image in each form, behind a token, that counts what it is asked. */
const blobs = new Map<string, Buffer>();
const manifests = new Map<string, { type: string; bytes: Buffer }>();
let asked: string[] = [];
let server: Server;
let registry: string;

function addImage(
  tag: string,
  type: string,
  layers: readonly (readonly [mediaType: string, bytes: Uint8Array])[],
): string {
  const manifest = {
    schemaVersion: 2,
    mediaType: type,
    config: { digest: `sha256:${sha256(new Uint8Array(0))}`, size: 0 },
    layers: layers.map(([mediaType, bytes]) => {
      blobs.set(`sha256:${sha256(bytes)}`, Buffer.from(bytes));
      return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
    }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  manifests.set(tag, { type, bytes });
  manifests.set(`sha256:${sha256(bytes)}`, { type, bytes });
  return sha256(bytes);
}

const OCI = "application/vnd.oci.image.manifest.v1+json";
const digests: Record<string, string> = {};

beforeAll(async () => {
  const layer = new Uint8Array(gzipSync(tarOf("./plugin.wasm", module)));
  digests.docker = addImage("docker", "application/vnd.docker.distribution.manifest.v2+json", [
    ["application/vnd.docker.image.rootfs.diff.tar.gzip", new Uint8Array(gzipSync(tarOf("other", module)))],
    ["application/vnd.docker.image.rootfs.diff.tar.gzip", layer],
  ]);
  addImage("oci", OCI, [["application/vnd.oci.image.layer.v1.tar+gzip", layer]]);
  addImage("artifact", OCI, [
    ["application/vnd.module.wasm.config.v1+json", new Uint8Array(Buffer.from("{}"))],
    ["application/vnd.module.wasm.content.layer.v1+wasm", module],
  ]);
  digests.cncf = addImage("cncf", OCI, [["application/wasm", module]]);
  addImage("text", OCI, [["text/plain", module]]);
  const index = { manifests: [{ digest: `sha256:${digests.cncf}`, platform: { architecture: "wasm" } }] };
  manifests.set("index", {
    type: "application/vnd.oci.image.index.v1+json",
    bytes: Buffer.from(JSON.stringify(index)),
  });
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://host");
    asked.push(url.pathname);
    if (url.pathname === "/token") {
      response.end(JSON.stringify({ token: `for ${url.searchParams.get("scope")}` }));
      return;
    }
    if (url.pathname === "/plain.wasm") {
      response.end(Buffer.from(module));
      return;
    }
    if (request.headers.authorization !== "Bearer for repository:team/plugin:pull") {
      response.writeHead(401, {
        "www-authenticate": `Bearer realm="http://${request.headers.host}/token",service="s",scope="repository:team/plugin:pull"`,
      });
      response.end();
      return;
    }
    const [, kind, reference] = /^\/v2\/team\/plugin\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
    const manifest = kind === "manifests" ? manifests.get(reference) : undefined;
    const bytes = kind === "blobs" ? blobs.get(reference) : manifest?.bytes;
    if (manifest !== undefined) response.setHeader("content-type", manifest.type);
    response.statusCode = bytes === undefined ? 404 : 200;
    response.end(bytes);
  });
  registry = `127.0.0.1:${await listen(server)}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

for (const tag of ["docker", "oci", "artifact", "cncf", "index"])
  test(`an image in the form "${tag}" is fetched, and asked for once`, async () => {
    const cache = mkdtempSync(join(tmpdir(), "wardian-cache-"));
    const source = { kind: "image", reference: `${registry}/team/plugin:${tag}` } as const;
    expect(await fetchCode(source, { cache })).toEqual(module);
    asked = [];
    expect(await fetchCode(source, { cache })).toEqual(module);
    expect(asked).toEqual([]);
    expect(await fetchCode({ ...source, always: true }, { cache })).toEqual(module);
    expect(asked.length).toBeGreaterThan(0);
  });

test("an image is checked by its digest", async () => {
  const cache = mkdtempSync(join(tmpdir(), "wardian-cache-"));
  const image = (reference: string, sha?: string): Promise<Uint8Array> =>
    fetchCode({ kind: "image", reference: `${registry}/team/plugin${reference}`, sha256: sha }, { cache });
  expect(await image(`@sha256:${digests.cncf}`)).toEqual(module);
  expect(await image(":docker", digests.docker)).toEqual(module);
  await expect(image(":oci", digests.docker.replace(/./g, "0"))).rejects.toThrow("has the digest");
  await expect(image(":missing")).rejects.toThrow("answered 404");
  await expect(image(":text")).rejects.toThrow("holds no module");
});

test("code over HTTP and from files is checked by its digest and kept", async () => {
  const cache = mkdtempSync(join(tmpdir(), "wardian-cache-"));
  const url = `http://${registry}/plain.wasm`;
  expect(await fetchCode({ kind: "http", url, sha256: sha256(module) }, { cache })).toEqual(module);
  asked = [];
  expect(await fetchCode({ kind: "http", url, sha256: sha256(module) }, { cache })).toEqual(module);
  expect(asked).toEqual([]);
  await expect(fetchCode({ kind: "http", url, sha256: "0".repeat(64) }, { cache })).rejects.toThrow("has the SHA-256");
  await expect(fetchCode({ kind: "file", path: "no/such/file" })).rejects.toThrow("cannot read");
});

// Windows has neither pipes nor devices in its file system.
test.skipIf(process.platform === "win32")("pipes and devices are not read, as code or from the cache", async () => {
  const cache = mkdtempSync(join(tmpdir(), "wardian-cache-"));
  execFileSync("mkfifo", [join(cache, "pipe")]);
  for (const path of ["/dev/zero", join(cache, "pipe"), cache])
    await expect(fetchCode({ kind: "file", path })).rejects.toThrow("is not a regular file");
  const digest = sha256(module);
  const source = { kind: "http", url: `http://${registry}/plain.wasm`, sha256: digest } as const;
  execFileSync("mkfifo", [join(cache, digest)]);
  expect(await fetchCode(source, { cache })).toEqual(module);
  const other = mkdtempSync(join(tmpdir(), "wardian-cache-"));
  symlinkSync("/dev/zero", join(other, digest));
  symlinkSync("/dev/zero", join(other, `${digests.cncf}.code`));
  expect(await fetchCode(source, { cache: other })).toEqual(module);
  const image = { kind: "image", reference: `${registry}/team/plugin`, sha256: digests.cncf } as const;
  expect(await fetchCode({ ...image, reference: `${image.reference}:cncf` }, { cache: other })).toEqual(module);
});

test("many writers of one cache leave one file each, whole", async () => {
  const cache = mkdtempSync(join(tmpdir(), "wardian-cache-"));
  const source = { kind: "http", url: `http://${registry}/plain.wasm`, sha256: sha256(module) } as const;
  await Promise.all(Array.from({ length: 20 }, () => fetchCode(source, { cache })));
  expect(readdirSync(cache)).toEqual([sha256(module)]);
});

test("a cache that cannot be written costs nothing but time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-cache-"));
  const source = { kind: "http", url: `http://${registry}/plain.wasm`, sha256: sha256(module) } as const;
  // A folder in the place of the file: the file under its temporary name must go.
  mkdirSync(join(folder, sha256(module), "in-the-way"), { recursive: true });
  expect(await fetchCode(source, { cache: folder })).toEqual(module);
  expect(readdirSync(folder)).toEqual([sha256(module)]);
  expect(await fetchCode(source, { cache: "/dev/null" })).toEqual(module);
});

test("names of images are taken apart as Docker does", () => {
  expect(parseImageReference("oci://ghcr.io/a/b/c:v1")).toEqual({
    registry: "ghcr.io",
    repository: "a/b/c",
    reference: "v1",
  });
  expect(parseImageReference("localhost:5000/x")).toEqual({
    registry: "localhost:5000",
    repository: "x",
    reference: "latest",
  });
  expect(parseImageReference("busybox").repository).toBe("library/busybox");
  expect(() => parseImageReference("a b")).toThrow("no name of an image");
});

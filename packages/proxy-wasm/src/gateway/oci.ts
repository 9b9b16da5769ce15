import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Dispatcher, request } from "undici";
import { type CodeCache, CodeError, readLimited, sha256Of } from "./code-source.ts";
import { findInTar } from "./tar.ts";

/** An image's name taken apart. */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest with its `sha256:`. */
  readonly reference: string;
}

const DOCKER_HUB = "registry-1.docker.io";

/** @throws CodeError for what is no name of an image */
export function parseImageReference(name: string): ImageReference {
  const match = /^((?:[^/@\s]+\/)*[^/@:\s]+)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(
    name.replace(/^oci:\/\//, ""),
  );
  const host = /^([^/]+(?::\d+)?)\//.exec(name.replace(/^oci:\/\//, ""))?.[1];
  if (match === null) throw new CodeError(`${name} is no name of an image`);
  const [, path, tag, digest] = match;
  const hasRegistry = host !== undefined && /[.:]|^localhost$/.test(host);
  const registry = hasRegistry ? host : DOCKER_HUB;
  const rest = hasRegistry ? path.slice(host.length + 1) : path;
  const repository = registry === DOCKER_HUB && !rest.includes("/") ? `library/${rest}` : rest;
  return { registry, repository, reference: digest ?? tag ?? "latest" };
}

const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

export interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture?: string };
}

export interface Manifest {
  readonly mediaType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

/** Layers that are a module as it is: of Envoy's world, and the newer and older ones of others. */
const RAW_LAYERS: ReadonlySet<string> = new Set([
  "application/vnd.module.wasm.content.layer.v1+wasm",
  "application/vnd.wasm.content.layer.v1+wasm",
  "application/wasm",
]);

/** Layers that are a file system with `plugin.wasm` in it. */
const ARCHIVE_LAYERS: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
  "application/vnd.oci.image.layer.v1.tar+gzip",
]);

const MAX_UNPACKED = 512 * 1024 * 1024;

/** Talks to one registry about one repository. */
class Registry {
  private readonly image: ImageReference;
  private scheme: "https" | "http" = "https";
  private authorization: string | undefined = undefined;

  constructor(image: ImageReference) {
    this.image = image;
  }

  async get(path: string, accept: readonly string[]): Promise<{ bytes: Uint8Array; type: string }> {
    let response = await this.ask(path, accept);
    if (response.statusCode === 401) {
      await response.body.dump();
      await this.authenticate(String(response.headers["www-authenticate"] ?? ""));
      response = await this.ask(path, accept);
    }
    // Registries hand large blobs over to where they are stored; credentials are not for there.
    for (let hops = 0; response.statusCode >= 300 && response.statusCode < 400 && hops < 5; hops++) {
      await response.body.dump();
      const location = new URL(String(response.headers.location), `${this.scheme}://${this.image.registry}`);
      response = await request(location);
    }
    const what = `${this.image.registry}/${this.image.repository} ${path}`;
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new CodeError(`${what}: the registry answered ${response.statusCode}`);
    }
    return { bytes: await readLimited(response.body, what), type: String(response.headers["content-type"] ?? "") };
  }

  private async ask(path: string, accept: readonly string[]): Promise<Dispatcher.ResponseData> {
    const headers: Record<string, string> = { accept: accept.join(", ") };
    if (this.authorization !== undefined) headers.authorization = this.authorization;
    const url = (scheme: string): string => `${scheme}://${this.image.registry}/v2/${this.image.repository}/${path}`;
    try {
      return await request(url(this.scheme), { headers });
    } catch (error) {
      if (this.scheme === "http" || this.authorization !== undefined) throw error;
      // As Istio does: a registry that does not speak TLS is spoken to without, and is given no credentials.
      this.scheme = "http";
      return await request(url("http"), { headers });
    }
  }

  /** Follows a registry's demand for a token, or for a name and a password. */
  private async authenticate(challenge: string): Promise<void> {
    const credentials = this.scheme === "https" ? await dockerCredentials(this.image.registry) : undefined;
    const basic = credentials === undefined ? undefined : `Basic ${credentials}`;
    const parameters = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    if (!/^bearer/i.test(challenge) || parameters.realm === undefined) {
      this.authorization = basic;
      return;
    }
    const url = new URL(parameters.realm);
    if (parameters.service !== undefined) url.searchParams.set("service", parameters.service);
    url.searchParams.set("scope", parameters.scope ?? `repository:${this.image.repository}:pull`);
    const { statusCode, body } = await request(url, { headers: basic === undefined ? {} : { authorization: basic } });
    if (statusCode !== 200) {
      await body.dump();
      throw new CodeError(`${this.image.registry}: no token for ${this.image.repository} (${statusCode})`);
    }
    const answer = (await body.json()) as { token?: string; access_token?: string };
    this.authorization = `Bearer ${answer.token ?? answer.access_token ?? ""}`;
  }
}

/** A name and password for a registry from Docker's configuration, in the form that HTTP takes. */
async function dockerCredentials(registry: string): Promise<string | undefined> {
  const folder = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  try {
    const { auths = {} } = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as {
      auths?: Record<string, { auth?: string; username?: string; password?: string }>;
    };
    const key = registry === DOCKER_HUB ? "https://index.docker.io/v1/" : registry;
    const entry = auths[key] ?? auths[`https://${key}`];
    if (entry?.auth !== undefined) return entry.auth;
    if (entry?.username === undefined) return undefined;
    return Buffer.from(`${entry.username}:${entry.password ?? ""}`).toString("base64");
  } catch {
    return undefined;
  }
}

function checked(bytes: Uint8Array, digest: string, what: string): Uint8Array {
  const found = `sha256:${sha256Of(bytes)}`;
  if (found !== digest) throw new CodeError(`${what} has the digest ${found}, not ${digest}`);
  return bytes;
}

/** @throws CodeError */
export function parseManifest(bytes: Uint8Array): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw new CodeError("the image's manifest is no JSON");
  }
  const lists = ["layers", "manifests"].map((name) => (manifest as Record<string, unknown> | null)?.[name]);
  const isDescriptor = (one: unknown): boolean => typeof (one as Descriptor | null)?.digest === "string";
  if (lists.some((list) => list !== undefined && !(Array.isArray(list) && list.every(isDescriptor))))
    throw new CodeError("the image's manifest lists what is no descriptor");
  return (manifest ?? {}) as Manifest;
}

/** The module in an image's layers: a layer that is a module, or `plugin.wasm` in the last one. */
export function moduleOfLayer(layer: Descriptor, bytes: Uint8Array): Uint8Array {
  if (RAW_LAYERS.has(layer.mediaType ?? "")) return bytes;
  let archive = bytes;
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b)
      archive = new Uint8Array(gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED }));
  } catch (error) {
    throw new CodeError(`the image's layer cannot be unpacked: ${(error as Error).message}`);
  }
  const found = findInTar(archive, "plugin.wasm");
  if (found === undefined) throw new CodeError("the image's last layer has no plugin.wasm");
  return found;
}

function layerOf(manifest: Manifest): Descriptor {
  const layers = manifest.layers ?? [];
  const raw = layers.find(({ mediaType }) => RAW_LAYERS.has(mediaType ?? ""));
  if (raw !== undefined) return raw;
  const last = layers.at(-1);
  if (last !== undefined && ARCHIVE_LAYERS.has(last.mediaType ?? "")) return last;
  throw new CodeError(
    `the image holds no module: its layers are ${layers.map(({ mediaType }) => mediaType).join(", ") || "none"}`,
  );
}

/** Where images are. */
export interface ImageStore {
  /** @param reference a tag or a digest */
  manifest(reference: string): Promise<Uint8Array>;
  blob(digest: string): Promise<Uint8Array>;
}

/** The module of an image, checked by its digests. @param sha256 the manifest's, where it is known @throws CodeError */
export async function moduleOfImage(
  name: string,
  reference: string,
  sha256: string | undefined,
  store: ImageStore,
): Promise<Uint8Array> {
  let bytes = await store.manifest(reference);
  if (sha256 !== undefined) checked(bytes, `sha256:${sha256}`, name);
  let manifest = parseManifest(bytes);
  if (manifest.manifests !== undefined) {
    const all = manifest.manifests;
    const chosen = all.find(({ platform }) => platform?.architecture === "wasm") ?? all[0];
    if (chosen === undefined) throw new CodeError(`${name}: the image's index is empty`);
    bytes = await store.manifest(chosen.digest);
    checked(bytes, chosen.digest, name);
    manifest = parseManifest(bytes);
  }
  const layer = layerOf(manifest);
  return moduleOfLayer(layer, checked(await store.blob(layer.digest), layer.digest, `a layer of ${name}`));
}

/**
 * Fetches a module from a registry, in any of the forms of an image: Docker's and OCI's with `plugin.wasm` in the last layer, and
 * artifacts whose layer is the module. Everything is checked by its digest.
 * @throws CodeError
 */
export async function fetchImage(
  name: string,
  options: { readonly cache: CodeCache; readonly sha256?: string; readonly always: boolean },
): Promise<Uint8Array> {
  const { cache } = options;
  const image = parseImageReference(name);
  const named = image.reference.startsWith("sha256:") ? image.reference.slice(7) : undefined;
  if (named !== undefined && options.sha256 !== undefined && named !== options.sha256)
    throw new CodeError(`${name} names another digest than ${options.sha256}`);
  const wanted = named ?? options.sha256;
  const key = wanted ?? sha256Of(new TextEncoder().encode(`${image.registry}/${image.repository}:${image.reference}`));
  if (wanted !== undefined || !options.always) {
    const code = await cache.link(key);
    const known = code === undefined ? undefined : await cache.get(code);
    if (known !== undefined) return known;
  }
  const registry = new Registry(image);
  try {
    const module = await moduleOfImage(name, image.reference, wanted, {
      manifest: async (reference) => (await registry.get(`manifests/${reference}`, MANIFESTS)).bytes,
      blob: async (digest) => (await registry.get(`blobs/${digest}`, ["*/*"])).bytes,
    });
    await cache.putLink(key, await cache.put(module));
    return module;
  } catch (error) {
    if (error instanceof CodeError) throw error;
    throw new CodeError(`cannot fetch the image ${name}: ${(error as Error).message}`);
  }
}

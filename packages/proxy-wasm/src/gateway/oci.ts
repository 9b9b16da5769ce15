import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type CodeCache, CodeError, sha256Of } from "./code-source.ts";
import { DOCKER_HUB, type ImageReference, Registry } from "./oci-registry.ts";
import { findInTar } from "./tar.ts";

/** Reads the name of an image as Docker does. @throws CodeError when the text is no such name */
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

function checked(bytes: Uint8Array, digest: string, what: string): Uint8Array {
  const found = `sha256:${sha256Of(bytes)}`;
  if (found !== digest) throw new CodeError(`${what} has the digest ${found}, not ${digest}`);
  return bytes;
}

/** Checks a digest, which becomes a part of a path or of an address. @throws CodeError @returns the digest */
export function digestOf({ digest }: Descriptor, what: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new CodeError(`${what}: ${digest} is no digest of SHA-256`);
  return digest;
}

/** @throws CodeError */
export function parseManifest(bytes: Uint8Array): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw new CodeError("the image's manifest is no JSON");
  }
  const lists = (["layers", "manifests"] as const).map((name) => (manifest as Record<string, unknown> | null)?.[name]);
  const isDescriptor = (one: unknown): boolean => typeof (one as Descriptor | null)?.digest === "string";
  if (lists.some((list) => list !== undefined && !(Array.isArray(list) && list.every(isDescriptor))))
    throw new CodeError("the image's manifest lists what is no descriptor");
  return (manifest ?? {}) as Manifest;
}

/** The module in an image's layers: a layer that is a module, or `plugin.wasm` in the last one. */
export async function moduleOfLayer(layer: Descriptor, bytes: Uint8Array): Promise<Uint8Array> {
  if (RAW_LAYERS.has(layer.mediaType ?? "")) return bytes;
  let archive = bytes;
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b)
      archive = await promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED });
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
    const digest = digestOf(chosen, name);
    bytes = checked(await store.manifest(digest), digest, name);
    manifest = parseManifest(bytes);
  }
  const layer = layerOf(manifest);
  const digest = digestOf(layer, name);
  return await moduleOfLayer(layer, checked(await store.blob(digest), digest, `a layer of ${name}`));
}

/**
 * Fetches a module from a registry, in any of the forms of an image: Docker's and OCI's with `plugin.wasm` in the last layer, and
 * artifacts whose layer is the module. Everything is checked by its digest.
 * @param options.signal ends the requests
 * @throws CodeError, and the errors of the client where the registry cannot be reached
 */
export async function fetchImage(
  name: string,
  options: {
    readonly cache: CodeCache;
    readonly sha256?: string;
    readonly always: boolean;
    readonly signal: AbortSignal;
  },
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
  const module = await moduleOfImage(name, image.reference, wanted, new Registry(image, options.signal));
  await cache.putLink(key, await cache.put(module));
  return module;
}

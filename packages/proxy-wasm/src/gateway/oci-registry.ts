import { homedir } from "node:os";
import { join } from "node:path";
import { readRegularFile } from "@wardian/runtime/node";
import { type Dispatcher, request } from "undici";
import { CodeError, discard, MAX_CODE, readLimited } from "./code-source.ts";

/** The parts of an image's name. */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest with its `sha256:`. */
  readonly reference: string;
}

export const DOCKER_HUB = "registry-1.docker.io";

/** Bytes of a manifest; the distribution specification asks registries to take as many. */
const MAX_MANIFEST = 4 * 1024 * 1024;
/** Bytes of an answer with a token. */
const MAX_TOKEN = 64 * 1024;
/** Bytes of Docker's configuration. */
const MAX_DOCKER_CONFIG = 1024 * 1024;
const MAX_REDIRECTS = 5;

const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/**
 * A client of one registry for one repository (OCI distribution specification, "Pull"; Docker's token authentication).
 *
 * Credentials from Docker's configuration go to HTTPS addresses only. All requests end with the signal.
 */
export class Registry {
  private readonly image: ImageReference;
  private readonly signal: AbortSignal;
  private scheme: "https" | "http" = "https";
  private authorization: string | undefined = undefined;

  constructor(image: ImageReference, signal: AbortSignal) {
    this.image = image;
    this.signal = signal;
  }

  /** @param reference a tag or a digest @throws CodeError */
  manifest(reference: string): Promise<Uint8Array> {
    return this.get(`manifests/${reference}`, MANIFESTS, MAX_MANIFEST);
  }

  /** @throws CodeError */
  blob(digest: string): Promise<Uint8Array> {
    return this.get(`blobs/${digest}`, ["*/*"], MAX_CODE);
  }

  private async get(path: string, accept: readonly string[], limit: number): Promise<Uint8Array> {
    let response = await this.ask(path, accept);
    if (response.statusCode === 401) {
      discard(response.body);
      await this.authenticate(String(response.headers["www-authenticate"] ?? ""));
      response = await this.ask(path, accept);
    }
    let url = new URL(this.urlOf(path, this.scheme));
    for (let hops = 0; response.statusCode >= 300 && response.statusCode < 400 && hops < MAX_REDIRECTS; hops++) {
      discard(response.body);
      url = this.safeUrl(String(response.headers.location), url, "a redirect");
      // Registries redirect to the storage of large blobs. The storage must not get the credentials.
      response = await request(url, { signal: this.signal });
    }
    const what = `${this.image.registry}/${this.image.repository} ${path}`;
    if (response.statusCode !== 200) {
      discard(response.body);
      throw new CodeError(`${what}: the registry answered ${response.statusCode}`);
    }
    return readLimited(response.body, what, limit);
  }

  private urlOf(path: string, scheme: string): string {
    return `${scheme}://${this.image.registry}/v2/${this.image.repository}/${path}`;
  }

  /** An address that the registry names. @throws CodeError when it is no address, or not safe where the registry is */
  private safeUrl(text: string, base: URL | undefined, what: string): URL {
    if (!URL.canParse(text, base)) throw new CodeError(`${this.image.registry}: ${what} to no address`);
    const url = new URL(text, base);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && this.scheme === "http"))
      throw new CodeError(`${this.image.registry}: ${what} to ${url.protocol}//${url.host}, which must be https:`);
    return url;
  }

  private async ask(path: string, accept: readonly string[]): Promise<Dispatcher.ResponseData> {
    const headers: Record<string, string> = { accept: accept.join(", ") };
    if (this.authorization !== undefined) headers.authorization = this.authorization;
    const options = { headers, signal: this.signal };
    try {
      return await request(this.urlOf(path, this.scheme), options);
    } catch (error) {
      if (this.scheme === "http" || this.authorization !== undefined || !this.mayLackTls(error)) throw error;
      this.scheme = "http";
      return await request(this.urlOf(path, "http"), options);
    }
  }

  /**
   * Whether a failed request means that the registry does not speak TLS. As in go-containerregistry, which Istio uses:
   * the server answered in plain text, or it is on this machine or a private network. A bad certificate is none of these.
   */
  private mayLackTls(error: unknown): boolean {
    const code = (error as { code?: unknown }).code;
    if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO") return true;
    return (
      (code === "ECONNREFUSED" || code === "ECONNRESET" || code === "UND_ERR_SOCKET") && isLocal(this.image.registry)
    );
  }

  /** Answers a 401: with a token (`Bearer`), or with a name and a password (`Basic`). */
  private async authenticate(challenge: string): Promise<void> {
    const credentials = this.scheme === "https" ? await dockerCredentials(this.image.registry) : undefined;
    const basic = credentials === undefined ? undefined : `Basic ${credentials}`;
    const parameters = new Map([...challenge.matchAll(/\b(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    const realm = parameters.get("realm");
    if (!/^bearer/i.test(challenge) || realm === undefined) {
      this.authorization = basic;
      return;
    }
    const url = this.safeUrl(realm, undefined, "a demand for a token sends");
    const service = parameters.get("service");
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", parameters.get("scope") ?? `repository:${this.image.repository}:pull`);
    const headers = basic === undefined ? {} : { authorization: basic };
    const { statusCode, body } = await request(url, { headers, signal: this.signal });
    if (statusCode !== 200) {
      discard(body);
      throw new CodeError(`${this.image.registry}: no token for ${this.image.repository} (${statusCode})`);
    }
    this.authorization = `Bearer ${tokenOf(await readLimited(body, `the token of ${this.image.registry}`, MAX_TOKEN))}`;
  }
}

/** @throws CodeError when the answer has no token that a header can hold */
function tokenOf(answer: Uint8Array): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(answer));
  } catch {
    throw new CodeError("the registry's answer with the token is no JSON");
  }
  const { token, access_token } = (parsed ?? {}) as { token?: unknown; access_token?: unknown };
  const found = token ?? access_token;
  if (typeof found !== "string" || !/^[\x20-\x7e]+$/.test(found)) throw new CodeError("the registry gave no token");
  return found;
}

/** Whether a registry is on this machine or in a private network. */
function isLocal(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "");
  return (
    /^(localhost|\[::1\]|.*\.local|.*\.localhost)$/.test(host) ||
    /^(127|10)(\.\d+){3}$|^192\.168(\.\d+){2}$|^172\.(1[6-9]|2\d|3[01])(\.\d+){2}$/.test(host)
  );
}

interface DockerAuth {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
}

/** A name and a password for a registry from Docker's configuration, in base 64. */
async function dockerCredentials(registry: string): Promise<string | undefined> {
  const folder = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  try {
    const text = new TextDecoder().decode(await readRegularFile(join(folder, "config.json"), MAX_DOCKER_CONFIG));
    const { auths = {} } = JSON.parse(text) as { auths?: Record<string, DockerAuth> };
    const key = registry === DOCKER_HUB ? "https://index.docker.io/v1/" : registry;
    const entries = new Map(Object.entries(auths));
    const found = entries.get(key) ?? entries.get(`https://${key}`);
    if (found === undefined) return undefined;
    const { auth, username, password = "" } = found;
    if (auth !== undefined) return auth;
    return username === undefined ? undefined : Buffer.from(`${username}:${password}`).toString("base64");
  } catch {
    return undefined;
  }
}

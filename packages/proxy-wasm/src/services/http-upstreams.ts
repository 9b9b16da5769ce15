import { type ClientHttp2Session, connect } from "node:http2";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { Agent } from "undici";
import { CallAccount, type CallBound, CallMemory } from "./call-memory.ts";
import { grpcHeaders, openGrpc } from "./grpc-stream.ts";
import { exchangeHttp } from "./http-exchange.ts";
import type { GrpcEvents, GrpcRequest, GrpcStream, HttpCallRequest, HttpCallResponse, Upstreams } from "./upstreams.ts";

export interface HttpUpstreamsOptions {
  /**
   * Bytes that an answer's body and a gRPC message may have, and that may wait for a gRPC server to read them. A call with
   * more has failed. By default 16 MiB.
   */
  readonly maxResponseBytes?: number;
  /**
   * Bytes that the calls of one plugin may hold together: requests that are being sent, and answers until the plugin has
   * been told of them. A call that needs more has failed. By default 64 MiB.
   */
  readonly maxPluginBytes?: number;
  /** The same for the calls of all plugins. By default 256 MiB. */
  readonly maxTotalBytes?: number;
  /** Milliseconds for a connection, TLS included, as Envoy's `connect_timeout`. By default 5000, as in Envoy. */
  readonly connectTimeout?: number;
  /** Called each time one of the two bounds makes a call fail. */
  readonly onOverflow?: (cluster: string, bound: CallBound) => void;
}

const names: OptionNames<HttpUpstreamsOptions> = {
  maxResponseBytes: true,
  maxPluginBytes: true,
  maxTotalBytes: true,
  connectTimeout: true,
  onOverflow: true,
};

const MEBIBYTE = 1024 * 1024;

const CONNECT_TIMEOUT = 5_000;
/**
 * Megabytes that Node's HTTP/2 may use for a connection beside messages, which are counted here. With Node's bound for
 * both, the messages of one plugin would make the streams of others fail.
 */
const SESSION_MEMORY = 10;

/**
 * The servers that plugins call, by cluster: `{ auth: "http://10.0.0.7:9000" }`. HTTP calls go over HTTP/1.1, gRPC over HTTP/2
 * (with TLS for `https:`).
 */
export class HttpUpstreams implements Upstreams {
  private readonly origins: ReadonlyMap<string, string>;
  private readonly agent: Agent;
  private readonly sessions = new Map<string, ClientHttp2Session>();
  private readonly maxResponse: number;
  private readonly connectTimeout: number;
  private readonly connect: (origin: string) => ClientHttp2Session;
  private readonly memory: CallMemory;
  private readonly onOverflow: HttpUpstreamsOptions["onOverflow"];

  /** @throws TypeError for what is no URL of a server, and for an option that is not known */
  constructor(clusters: Readonly<Record<string, string>>, given?: HttpUpstreamsOptions) {
    const options = readOptions("HttpUpstreams", names, given);
    this.origins = new Map(
      Object.entries(clusters).map(([name, url]) => {
        const { origin, protocol } = new URL(url);
        if (protocol !== "http:" && protocol !== "https:")
          throw new TypeError(`the cluster ${name} must have an address with http: or https:, not ${url}`);
        return [name, origin];
      }),
    );
    this.maxResponse = options.maxResponseBytes ?? 16 * MEBIBYTE;
    const total = options.maxTotalBytes ?? 256 * MEBIBYTE;
    this.memory = new CallMemory({ plugin: options.maxPluginBytes ?? 64 * MEBIBYTE, total });
    const maxSessionMemory = SESSION_MEMORY + Math.ceil(total / MEBIBYTE);
    // What a server pushes is nobody's.
    this.connect = (origin) => connect(origin, { maxSessionMemory, settings: { enablePush: false } });
    this.onOverflow = options.onOverflow;
    this.connectTimeout = options.connectTimeout ?? CONNECT_TIMEOUT;
    this.agent = new Agent({ maxResponseSize: this.maxResponse, connect: { timeout: this.connectTimeout } });
  }

  /** Bytes that calls hold now. */
  get bytesHeld(): number {
    return this.memory.bytes;
  }

  has(cluster: string): boolean {
    return this.origins.has(cluster);
  }

  private account(owner: string, cluster: string): CallAccount {
    return new CallAccount(this.memory, owner, (bound) => this.onOverflow?.(cluster, bound));
  }

  private originOf(cluster: string): string {
    const origin = this.origins.get(cluster);
    if (origin === undefined) throw new TypeError(`there is no cluster ${cluster}`);
    return origin;
  }

  async httpCall(cluster: string, request: HttpCallRequest, signal: AbortSignal): Promise<HttpCallResponse> {
    const account = this.account(request.owner, cluster);
    return exchangeHttp(this.agent, this.originOf(cluster), request, signal, account);
  }

  grpcStream(cluster: string, request: GrpcRequest, events: GrpcEvents): GrpcStream {
    const session = this.session(this.originOf(cluster));
    const stream = session.request(grpcHeaders(request));
    return openGrpc(stream, request.timeout, this.maxResponse, this.account(request.owner, cluster), events);
  }

  private session(origin: string): ClientHttp2Session {
    let session = this.sessions.get(origin);
    if (session === undefined || session.closed || session.destroyed) {
      session = this.connect(origin);
      const made = session;
      watchSession(made, this.connectTimeout, () => {
        if (this.sessions.get(origin) === made) this.sessions.delete(origin);
      });
      this.sessions.set(origin, session);
    }
    return session;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    for (const session of this.sessions.values()) session.destroy();
    this.sessions.clear();
    await this.agent.destroy();
  }
}

/**
 * @param connectTimeout milliseconds
 * @param forget called when the session takes no more streams
 */
function watchSession(session: ClientHttp2Session, connectTimeout: number, forget: () => void): void {
  const timer = setTimeout(() => {
    const error = new Error(`no connection within ${connectTimeout} ms`);
    session.destroy(Object.assign(error, { code: "ETIMEDOUT" }));
  }, connectTimeout);
  const gone = (): void => {
    clearTimeout(timer);
    forget();
  };
  session.on("connect", () => clearTimeout(timer));
  // Each stream tells of its own failure.
  session.on("error", gone);
  session.on("close", gone);
  session.on("goaway", forget);
  session.unref();
}

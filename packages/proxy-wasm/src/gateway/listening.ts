import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import { createSecureServer, type ServerHttp2Session } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { resolve } from "node:path";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { NodeRequest, NodeResponse } from "../node/headers.ts";
import type { NodeServer } from "../node/middleware.ts";
import { watchSession } from "../node/session-watch.ts";
import { listenOn } from "./addresses.ts";
import type { ListenerConfig } from "./config.ts";
import { type ConnectionLimit, Connections } from "./connections.ts";

/** Milliseconds between two looks for connections whose headers take too long. */
const MIN_CHECKS = 10;
const MAX_CHECKS = 5_000;

/**
 * What must be the same for a listener to stay open over a reload; certificates may change. Those that take any port are told apart by
 * their names.
 */
export const listenerKey = ({ name, host, port, tls, http2 }: ListenerConfig): string =>
  JSON.stringify([host, port === 0 ? name : port, tls !== undefined, tls?.ca !== undefined, http2]);

/** An open address of the gateway, with its connections. */
export class Listening {
  readonly server: NodeServer;
  private readonly base: string;
  private readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly connections: Connections;
  private readonly sessions = new Set<ServerHttp2Session>();
  private closed: Promise<void> | undefined = undefined;

  /** @param base where relative files of certificates are looked for */
  constructor(
    listener: ListenerConfig,
    base: string,
    handle: (request: NodeRequest, response: NodeResponse) => void,
    mayUpgrade: (request: IncomingMessage) => boolean,
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
    reached: (limit: ConnectionLimit) => void,
  ) {
    this.base = base;
    this.connections = new Connections(listener.connections, reached);
    this.upgrade = upgrade;
    // Node 22.21, 24.9 and newer ask; older ones take each request that wants to change the protocol for one that will.
    const { headers, concurrentStreams } = listener.connections;
    const asking: object = {
      shouldUpgradeCallback: mayUpgrade,
      connectionsCheckingInterval: Math.min(MAX_CHECKS, Math.max(MIN_CHECKS, Math.floor(headers / 8))),
    };
    if (listener.tls === undefined) this.server = createHttpServer(asking, handle);
    else {
      const options = {
        ...asking,
        ...this.certificates(listener),
        requestCert: listener.tls.ca !== undefined,
        rejectUnauthorized: false,
      };
      this.server = listener.http2
        ? createSecureServer(
            { ...options, allowHTTP1: true, settings: { maxConcurrentStreams: concurrentStreams } },
            handle as never,
          )
        : createHttpsServer(options, handle);
    }
    // Servers of HTTP/2 that take HTTP/1.1 too ask it without having been given it.
    if (listener.tls !== undefined && listener.http2) Object.assign(this.server, asking);
    const server = this.server as HttpServer;
    // The times of requests and of connections without requests are the gateway's own.
    server.headersTimeout = headers;
    server.requestTimeout = 0;
    server.keepAliveTimeout = 0;
    const { connections } = this;
    server.on("connection", (socket: Socket) => {
      // One whose request may not change the protocol comes again.
      if (connections.sockets.has(socket) || !connections.accept(socket)) return;
      if (listener.tls === undefined) connections.trackSocket(socket);
    });
    server.on("secureConnection", (socket: TLSSocket) => {
      if (socket.alpnProtocol !== "h2") connections.trackSocket(socket);
    });
    server.on("session", (session: ServerHttp2Session) => {
      this.sessions.add(session);
      watchSession(session);
      connections.trackSession(session);
      session.once("close", () => this.sessions.delete(session));
      if (this.closed !== undefined) session.close();
    });
  }

  private certificates({ tls }: ListenerConfig): { cert?: Buffer; key?: Buffer; ca?: Buffer } {
    const file = (path: string): Buffer => readFileSync(resolve(this.base, path));
    if (tls === undefined) return {};
    return { cert: file(tls.cert), key: file(tls.key), ca: tls.ca === undefined ? undefined : file(tls.ca) };
  }

  /** @throws the error of an address that cannot be listened on */
  async open(listener: ListenerConfig): Promise<void> {
    this.takeUpgrades(listener);
    await listenOn(this.server, listener);
  }

  /** Takes connections from {@link take} alone: another process listens. */
  openUnbound(listener: ListenerConfig): void {
    this.takeUpgrades(listener);
    // With this event Node begins to watch how long headers take.
    this.server.emit("listening");
  }

  /** Whether it takes connections. */
  get accepts(): boolean {
    return this.closed === undefined;
  }

  /** Takes a connection that another process has accepted. */
  take(socket: Socket): void {
    this.server.emit("connection", socket);
  }

  /** Takes certificates as they are now, for new connections. @throws when they cannot be read or used */
  renew(listener: ListenerConfig): void {
    this.takeUpgrades(listener);
    this.connections.limits = listener.connections;
    const { headers, concurrentStreams } = listener.connections;
    (this.server as HttpServer).headersTimeout = headers;
    if ("updateSettings" in this.server) this.server.updateSettings({ maxConcurrentStreams: concurrentStreams });
    if (listener.tls !== undefined && "setSecureContext" in this.server)
      this.server.setSecureContext(this.certificates(listener));
  }

  /** Where no route lets requests change the protocol, Node answers them as if they had not asked. */
  private takeUpgrades({ routes }: ListenerConfig): void {
    this.server.removeListener("upgrade", this.upgrade);
    if (routes.some(({ upgrades }) => upgrades.length > 0)) this.server.on("upgrade", this.upgrade);
  }

  /** Accepts no more connections, and ends those on which nothing is under way; the others end when that has. */
  close(): Promise<void> {
    if (this.closed !== undefined) return this.closed;
    const closed = new Promise<void>((done) => this.server.close(() => done()));
    // A server does not count connections that another process has accepted.
    this.closed = closed.then(() => this.connections.drained());
    this.closeIdle();
    for (const session of this.sessions) session.close();
    return this.closed;
  }

  /** A request has ended: on an address that is closed its connection is of no more use. */
  requestEnded(): void {
    if (this.closed !== undefined) setImmediate(() => this.closeIdle());
  }

  private closeIdle(): void {
    (this.server as HttpServer).closeIdleConnections?.();
  }

  /** Ends all connections. */
  destroy(): void {
    for (const session of this.sessions) session.destroy();
    for (const socket of this.connections.sockets) socket.destroy();
  }
}

import type { ServerHttp2Session } from "node:http2";
import { isIPv6, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ConnectionLimits } from "./limits.ts";

/** What the connections of a listener have reached. */
export type ConnectionLimit =
  | "max_connections"
  | "max_connections_per_client"
  | "max_waiting_connections"
  | "max_concurrent_streams"
  | "idle_timeout"
  | "request_headers_timeout";

/** Looks within the idle timeout; milliseconds. */
const LOOKS = 8;
const MIN_INTERVAL = 5;
const MAX_INTERVAL = 10_000;

/** A connection of HTTP/1.1 or a session of HTTP/2, and what is under way on it. */
interface Tracked {
  /** Requests under way. */
  active: number;
  /** The time since when it has none. */
  idleSince: number;
  /** It has been told to end. */
  ending: boolean;
  end(): void;
}

/**
 * The first half of an address of IPv6 is what a client is given, and the second half what it chooses: one client has
 * 2^64 addresses.
 */
export function clientOf(address: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (v4 !== null) return v4[1];
  if (!isIPv6(address)) return address;
  const [head, tail] = address.replace(/%.*$/, "").split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? 0 : tail.split(":").length;
    while (groups.length < 8 - after) groups.push("0");
    if (tail !== "") groups.push(...tail.split(":"));
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

/** The connections of a listener: how many there are, whose, and which have nothing under way. */
export class Connections {
  limits: ConnectionLimits;
  readonly sockets: Set<Socket> = new Set();
  private readonly byClient = new Map<string, number>();
  private readonly tracked = new Map<object, Tracked>();
  private readonly reached: (limit: ConnectionLimit) => void;
  private timer: ReturnType<typeof setInterval> | undefined = undefined;
  private readonly whenNone: (() => void)[] = [];

  /** @param reached called each time a limit is reached */
  constructor(limits: ConnectionLimits, reached: (limit: ConnectionLimit) => void) {
    this.limits = limits;
    this.reached = reached;
  }

  /** Takes a new connection, or closes it when there are as many as may be. @returns whether it was taken */
  accept(socket: Socket): boolean {
    const { connections, connectionsPerClient } = this.limits;
    const client = clientOf(socket.remoteAddress ?? "");
    const others = this.byClient.get(client) ?? 0;
    const limit =
      connections > 0 && this.sockets.size >= connections
        ? "max_connections"
        : connectionsPerClient > 0 && others >= connectionsPerClient
          ? "max_connections_per_client"
          : undefined;
    if (limit !== undefined) {
      this.reached(limit);
      socket.destroy();
      return false;
    }
    this.sockets.add(socket);
    this.byClient.set(client, others + 1);
    socket.once("close", () => {
      this.sockets.delete(socket);
      const left = (this.byClient.get(client) ?? 1) - 1;
      if (left === 0) this.byClient.delete(client);
      else this.byClient.set(client, left);
      if (this.sockets.size === 0) for (const done of this.whenNone.splice(0)) done();
    });
    return true;
  }

  /** Resolves when no connection is left. */
  async drained(): Promise<void> {
    if (this.sockets.size > 0) await new Promise<void>((resolve) => this.whenNone.push(resolve));
  }

  /** Watches whether requests are under way on a connection of HTTP/1.1. */
  trackSocket(socket: Socket | TLSSocket): void {
    if (!this.tracked.has(socket)) this.track(socket, () => socket.destroy());
  }

  /** Watches whether requests are under way on a session of HTTP/2. */
  trackSession(session: ServerHttp2Session): void {
    this.track(session, () => {
      if (session.closed) session.destroy();
      else session.close();
    });
  }

  private track(key: Socket | ServerHttp2Session, end: () => void): void {
    this.tracked.set(key, { active: 0, idleSince: performance.now(), ending: false, end });
    (key as Socket).once("close", () => this.tracked.delete(key));
    this.startTimer();
  }

  /** A request begins on a connection or session. */
  began(key: object): void {
    const one = this.tracked.get(key);
    if (one === undefined) return;
    one.active++;
    if (key instanceof Object && "localSettings" in key && one.active === this.limits.concurrentStreams)
      this.reached("max_concurrent_streams");
  }

  /** A request has ended on a connection or session. */
  ended(key: object): void {
    const one = this.tracked.get(key);
    if (one === undefined) return;
    one.active--;
    one.idleSince = performance.now();
  }

  private startTimer(): void {
    const { idle } = this.limits;
    if (this.timer !== undefined || idle === 0) return;
    const interval = Math.min(MAX_INTERVAL, Math.max(MIN_INTERVAL, idle / LOOKS));
    this.timer = setInterval(() => this.look(), interval).unref();
  }

  private look(): void {
    const { idle } = this.limits;
    if (this.tracked.size === 0 || idle === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      return;
    }
    const now = performance.now();
    for (const one of this.tracked.values()) {
      if (one.active > 0 || now - one.idleSince < idle) continue;
      if (!one.ending) this.reached("idle_timeout");
      one.ending = true;
      one.end();
    }
  }
}

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { listenOn } from "./addresses.ts";
import type { ListenerConfig } from "./config.ts";
import { type ConnectionLimit, clientOf } from "./connections.ts";
import type { ConnectionLimits } from "./limits.ts";

/** Connections of an address that wait for a process; more are refused. */
const MAX_WAITING = 1_024;

/** Connections that the operating system holds for an address before they are accepted. */
const BACKLOG = 1_024;

/** What an address is known by. Listeners that take any port are told apart by their names. */
export const addressKey = ({ name, host, port }: ListenerConfig): string =>
  JSON.stringify([host, port === 0 ? name : port]);

/** A connection that has been accepted and that no process has taken yet. Nothing has been read from it. */
export interface Arrival {
  readonly id: number;
  readonly address: string;
  /** From {@link clientOf}. */
  readonly client: string;
  readonly socket: Socket;
}

/** A process that connections can be offered to. */
export interface Taker {
  /** Whether it can be offered a connection of this address now. */
  takes(address: string): boolean;
  /** Offers a connection. {@link Intake.answered} is called once for each offer. */
  offer(arrival: Arrival): void;
}

interface Address {
  listener: string;
  limits: ConnectionLimits;
  readonly server: Server;
  readonly waiting: Arrival[];
  /** Connections that no process has taken yet, by client: those that wait and those that are offered. */
  readonly untaken: Map<string, number>;
}

/** A connection of a client no longer waits. */
function forget({ untaken }: Address, client: string): void {
  const left = (untaken.get(client) ?? 1) - 1;
  if (left === 0) untaken.delete(client);
  else untaken.set(client, left);
}

/**
 * The addresses that a gateway of several processes listens on. It accepts connections and offers each to one process after
 * the other until one takes it, so a connection survives the end of a process that has not read from it.
 */
export class Intake {
  private readonly takers: () => readonly Taker[];
  private readonly reached: (listener: string, limit: ConnectionLimit) => void;
  private readonly addresses = new Map<string, Address>();
  private lastId = 0;
  private turn = 0;

  /** @param reached called for each connection that is closed because of a limit */
  constructor(takers: () => readonly Taker[], reached: (listener: string, limit: ConnectionLimit) => void) {
    this.takers = takers;
    this.reached = reached;
  }

  /**
   * Listens on the addresses of a configuration that are not open yet.
   *
   * @returns closes the addresses that this call has opened
   * @throws the error of an address that cannot be listened on; the addresses before it are closed again
   */
  async prepare(listeners: readonly ListenerConfig[]): Promise<() => void> {
    const opened: string[] = [];
    const closeNew = (): void => {
      for (const key of opened) this.close(key);
    };
    try {
      for (const listener of listeners) {
        const key = addressKey(listener);
        if (this.addresses.has(key)) continue;
        this.addresses.set(key, {
          listener: listener.name,
          limits: listener.connections,
          server: await this.listen(listener, key),
          waiting: [],
          untaken: new Map(),
        });
        opened.push(key);
      }
    } catch (error) {
      closeNew();
      throw error;
    }
    return closeNew;
  }

  private async listen(listener: ListenerConfig, key: string): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) =>
      this.arrive(key, socket),
    );
    await listenOn(server, listener, BACKLOG);
    // A connection that cannot be accepted is the operating system's affair; the address stays open.
    server.on("error", () => {});
    return server;
  }

  /** Closes the addresses that a configuration does not have, and takes the limits of the others. */
  commit(listeners: readonly ListenerConfig[]): void {
    const kept = new Map(listeners.map((listener) => [addressKey(listener), listener]));
    for (const [key, address] of this.addresses) {
      const listener = kept.get(key);
      if (listener === undefined) this.close(key);
      else Object.assign(address, { listener: listener.name, limits: listener.connections });
    }
  }

  private close(key: string): void {
    const address = this.addresses.get(key);
    if (address === undefined) return;
    this.addresses.delete(key);
    address.server.close();
    for (const { socket } of address.waiting) socket.destroy();
  }

  private arrive(key: string, socket: Socket): void {
    socket.on("error", () => {});
    const address = this.addresses.get(key);
    if (address === undefined) {
      socket.destroy();
      return;
    }
    const client = clientOf(socket.remoteAddress ?? "");
    const limit = this.limitAt(address, client);
    if (limit !== undefined) {
      this.reached(address.listener, limit);
      socket.destroy();
      return;
    }
    address.untaken.set(client, (address.untaken.get(client) ?? 0) + 1);
    address.waiting.push({ id: ++this.lastId, address: key, client, socket });
    this.hand();
  }

  /** The limit that one more connection of a client would exceed. Connections that a process has taken are counted there. */
  private limitAt({ limits, untaken, waiting }: Address, client: string): ConnectionLimit | undefined {
    const { connections, connectionsPerClient } = limits;
    if (connectionsPerClient > 0 && (untaken.get(client) ?? 0) >= connectionsPerClient)
      return "max_connections_per_client";
    if (connections > 0 && waiting.length >= connections) return "max_connections";
    return waiting.length >= MAX_WAITING ? "max_waiting_connections" : undefined;
  }

  /** Offers waiting connections to the processes that can take one. To be called when a process can take more than before. */
  hand(): void {
    for (const [key, { waiting }] of this.addresses) {
      while (waiting.length > 0) {
        const taker = this.nextTaker(key);
        if (taker === undefined) break;
        taker.offer(waiting.shift() as Arrival);
      }
    }
  }

  private nextTaker(address: string): Taker | undefined {
    const takers = this.takers();
    for (let i = 0; i < takers.length; i++) {
      const taker = takers[(this.turn + i) % takers.length];
      if (!taker.takes(address)) continue;
      this.turn = (this.turn + i + 1) % takers.length;
      return taker;
    }
    return undefined;
  }

  /** A process has taken a connection that it was offered, or never will. */
  answered(arrival: Arrival, taken: boolean): void {
    const address = this.addresses.get(arrival.address);
    // This process's copy of the connection is closed; the connection itself goes on in the process that took it.
    if (taken || address === undefined) {
      arrival.socket.destroy();
      if (address !== undefined) forget(address, arrival.client);
    } else address.waiting.unshift(arrival);
    this.hand();
  }

  /** Ports of listeners, by name. */
  ports(listeners: readonly ListenerConfig[]): Record<string, number> {
    const open = listeners.flatMap((listener) => {
      const server = this.addresses.get(addressKey(listener))?.server;
      return server === undefined ? [] : [[listener.name, (server.address() as AddressInfo).port] as const];
    });
    return Object.fromEntries(open);
  }

  /** How many connections wait, in the text format of Prometheus. */
  metrics(): string[] {
    let count = 0;
    for (const { waiting } of this.addresses.values()) count += waiting.length;
    return ["# TYPE wardian_waiting_connections gauge", `wardian_waiting_connections ${count}`];
  }

  /** Closes all addresses, and the connections that no process has taken. */
  stop(): void {
    for (const key of this.addresses.keys()) this.close(key);
  }
}

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { ListenerConfig } from "./config.ts";
import type { ConnectionLimit } from "./connections.ts";

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
  readonly listener: string;
  readonly server: Server;
  readonly waiting: Arrival[];
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

  /** @param reached called each time a listener has as many waiting connections as may be */
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
        this.addresses.set(key, { listener: listener.name, server: await this.listen(listener, key), waiting: [] });
        opened.push(key);
      }
    } catch (error) {
      closeNew();
      throw error;
    }
    return closeNew;
  }

  private async listen({ port, host }: ListenerConfig, key: string): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) =>
      this.arrive(key, socket),
    );
    await new Promise<void>((done, failed) => {
      server.once("error", failed);
      server.listen({ port, host, backlog: BACKLOG }, () => {
        server.removeListener("error", failed);
        done();
      });
    });
    // A connection that cannot be accepted is the operating system's affair; the address stays open.
    server.on("error", () => {});
    return server;
  }

  /** Closes the addresses that a configuration does not have. */
  commit(listeners: readonly ListenerConfig[]): void {
    const kept = new Set(listeners.map(addressKey));
    for (const key of this.addresses.keys()) if (!kept.has(key)) this.close(key);
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
    if (address === undefined) socket.destroy();
    else if (address.waiting.length >= MAX_WAITING) {
      this.reached(address.listener, "max_waiting_connections");
      socket.destroy();
    } else {
      address.waiting.push({ id: ++this.lastId, address: key, socket });
      this.hand();
    }
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
    if (taken || address === undefined) arrival.socket.destroy();
    else address.waiting.unshift(arrival);
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

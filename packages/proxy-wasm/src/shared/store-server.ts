import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySharedData } from "../services/shared-data.ts";
import { MemorySharedQueues } from "../services/shared-queue.ts";
import type { BridgeRequest } from "./bridge.ts";
import { readFrames, sendFrame } from "./frames.ts";
import type { FromServer, ToServer } from "./socket-store.ts";

/** Processes that have registered a queue, in turn. */
interface Registrants {
  readonly sockets: Socket[];
  next: number;
}

/**
 * Serves this process's memory as shared data and queues to other processes of the machine, over a socket that only this user can reach.
 * What is put into a queue is told to one of the processes that have registered it, in turn; what a dying one has left, to another.
 */
export class StoreServer {
  readonly path: string;
  private readonly folder: string;
  private readonly server: Server;
  private readonly data = new MemorySharedData();
  private readonly queues = new MemorySharedQueues();
  private readonly registrants = new Map<number, Registrants>();
  private readonly sockets = new Set<Socket>();

  private constructor(folder: string) {
    this.folder = folder;
    this.path = join(folder, "store");
    this.server = createServer((socket) => this.accept(socket));
    this.server.unref();
  }

  static async open(): Promise<StoreServer> {
    const server = new StoreServer(await mkdtemp(join(tmpdir(), "wardian-")));
    await new Promise<void>((resolve, reject) => server.server.once("error", reject).listen(server.path, resolve));
    return server;
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.unref();
    socket.on("error", () => {});
    socket.on("close", () => this.gone(socket));
    readFrames(socket, (message) => {
      const [call, request] = message as ToServer;
      sendFrame(socket, ["answer", call, this.perform(socket, request)] satisfies FromServer);
    });
  }

  private perform(socket: Socket, request: BridgeRequest): unknown {
    switch (request[0]) {
      case "get":
        return this.data.get(request[1], request[2]);
      case "set":
        return this.data.set(request[1], request[2], request[3], request[4]);
      case "register":
        return this.register(socket, request[1], request[2]);
      case "unregister":
        this.leave(socket, request[1]);
        return undefined;
      case "resolve":
        return this.queues.resolve(request[1], request[2]);
      case "enqueue":
        return this.queues.enqueue(request[1], request[2]);
      case "dequeue":
        return this.queues.dequeue(request[1]);
    }
  }

  private register(socket: Socket, vmId: string, name: string): { id: number; backlog: number } {
    const id = this.queues.register(vmId, name, this.tell);
    if (id === 0) return { id, backlog: 0 };
    let registrants = this.registrants.get(id);
    if (registrants === undefined) this.registrants.set(id, (registrants = { sockets: [], next: 0 }));
    // While others are there, they have been told of what lies in the queue.
    const backlog = registrants.sockets.some((other) => other !== socket) ? 0 : this.queues.length(id);
    if (!registrants.sockets.includes(socket)) registrants.sockets.push(socket);
    return { id, backlog };
  }

  private readonly tell = (id: number): void => {
    const registrants = this.registrants.get(id);
    const socket = registrants?.sockets[registrants.next++ % registrants.sockets.length];
    if (socket !== undefined) sendFrame(socket, ["ready", id] satisfies FromServer);
  };

  private gone(socket: Socket): void {
    this.sockets.delete(socket);
    for (const id of this.registrants.keys()) this.leave(socket, id);
  }

  /** Tells the other processes of a queue of what is left in it. */
  private leave(socket: Socket, id: number): void {
    const sockets = this.registrants.get(id)?.sockets ?? [];
    const at = sockets.indexOf(socket);
    if (at < 0) return;
    sockets.splice(at, 1);
    if (sockets.length === 0) return;
    for (let left = this.queues.length(id); left > 0; left--) this.tell(id);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

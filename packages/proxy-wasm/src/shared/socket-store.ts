import { connect, type Socket } from "node:net";
import type { Status } from "../abi/constants.ts";
import type { SharedValue } from "../services/shared-data.ts";
import type { Dequeued } from "../services/shared-queue.ts";
import type { BridgeRequest } from "./bridge.ts";
import { readFrames, sendFrame } from "./frames.ts";
import type { ReadyListener, RegisteredQueue, Store, StorePlace } from "./store.ts";

export type ToServer = readonly [call: number, request: BridgeRequest];
export type FromServer = readonly ["answer", call: number, value: unknown] | readonly ["ready", queue: number];

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Shared data and queues of another process of this machine, which serves them with a `StoreServer`. */
export class SocketStore implements Store {
  private readonly socket: Socket;
  private readonly timeout: number;
  private readonly waiting = new Map<number, Waiting>();
  private lastCall = 0;

  private constructor(socket: Socket, timeout: number, ready: ReadyListener) {
    this.socket = socket;
    this.timeout = timeout;
    readFrames(socket, (message) => {
      const [kind, call, value] = message as FromServer;
      if (kind === "ready") ready(call);
      else {
        this.waiting.get(call)?.resolve(value);
        this.waiting.delete(call);
      }
    });
    socket.on("close", () => {
      for (const { reject } of this.waiting.values()) reject(new Error("the process that serves the store is gone"));
      this.waiting.clear();
    });
  }

  static async open({ path, timeout }: StorePlace & { kind: "socket" }, ready: ReadyListener): Promise<SocketStore> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.on("error", () => {});
    return new SocketStore(socket, timeout, ready);
  }

  private ask(request: BridgeRequest): Promise<unknown> {
    const call = ++this.lastCall;
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) throw new Error("the process that serves the store is gone");
      const timer = setTimeout(() => {
        this.waiting.delete(call);
        reject(new Error(`there was no answer within ${this.timeout} ms`));
      }, this.timeout);
      const over = <T>(then: (value: T) => void) => {
        return (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      };
      this.waiting.set(call, { resolve: over(resolve), reject: over(reject) });
      sendFrame(this.socket, [call, request] satisfies ToServer);
    });
  }

  get(vmId: string, key: string): Promise<SharedValue | undefined> {
    return this.ask(["get", vmId, key]) as Promise<SharedValue | undefined>;
  }

  set(vmId: string, key: string, value: Uint8Array, cas: number): Promise<Status> {
    return this.ask(["set", vmId, key, value, cas]) as Promise<Status>;
  }

  register(vmId: string, name: string): Promise<RegisteredQueue> {
    return this.ask(["register", vmId, name]) as Promise<RegisteredQueue>;
  }

  unregister(id: number): Promise<void> {
    return this.ask(["unregister", id]) as Promise<void>;
  }

  resolve(vmId: string, name: string): Promise<number | undefined> {
    return this.ask(["resolve", vmId, name]) as Promise<number | undefined>;
  }

  enqueue(id: number, data: Uint8Array): Promise<Status> {
    return this.ask(["enqueue", id, data]) as Promise<Status>;
  }

  dequeue(id: number): Promise<Dequeued> {
    return this.ask(["dequeue", id]) as Promise<Dequeued>;
  }

  async close(): Promise<void> {
    this.socket.destroy();
  }
}

import type { Status } from "../abi/constants.ts";
import type { SharedValue } from "../services/shared-data.ts";
import type { Dequeued } from "../services/shared-queue.ts";

/** A queue as it was found: its number, and how many entries nobody has taken. */
export interface RegisteredQueue {
  readonly id: number;
  readonly backlog: number;
}

/** Shared data and queues where answers take their time: in a server of Redis, or in another process. */
export interface Store {
  get(vmId: string, key: string): Promise<SharedValue | undefined>;
  set(vmId: string, key: string, value: Uint8Array, cas: number): Promise<Status>;
  /** @returns the number 0 when there is no more room */
  register(vmId: string, name: string): Promise<RegisteredQueue>;
  /** Nobody here has registered the queue any more. */
  unregister(id: number): Promise<void>;
  resolve(vmId: string, name: string): Promise<number | undefined>;
  enqueue(id: number, data: Uint8Array): Promise<Status>;
  dequeue(id: number): Promise<Dequeued>;
  close(): Promise<void>;
}

/** Where a store is. */
export type StorePlace =
  | ({ readonly kind: "redis" } & RedisOptions)
  /** A process of this machine that serves its own memory: the path of its socket. */
  | { readonly kind: "socket"; readonly path: string; readonly timeout: number };

export interface RedisOptions {
  /** `redis://` or, with TLS, `rediss://`; a user and a password may be in it. */
  readonly url: string;
  /** Before every key; hosts that are to share must have the same. By default `wardian`. */
  readonly prefix?: string;
  /** Which library connects; by default the one that is installed, `redis` before `ioredis`. */
  readonly client?: "redis" | "ioredis";
  /** Milliseconds after which a request has failed. By default 250: so long may a plugin hold up its thread. */
  readonly timeout?: number;
}

/** Told to whoever has registered a queue when there is something in it. */
export type ReadyListener = (queue: number) => void;

/** Opens a store. @throws Error when it cannot be reached */
export async function openStore(place: StorePlace, ready: ReadyListener): Promise<Store> {
  if (place.kind === "redis") {
    const [{ RedisStore }, { connectRedis }] = await Promise.all([
      import("./redis-store.ts"),
      import("./redis-client.ts"),
    ]);
    return RedisStore.open(await connectRedis(place), place, ready);
  }
  const { SocketStore } = await import("./socket-store.ts");
  return SocketStore.open(place, ready);
}

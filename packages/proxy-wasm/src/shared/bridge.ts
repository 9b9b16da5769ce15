import { Worker } from "node:worker_threads";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import { QueueListeners } from "../services/queue-listeners.ts";
import type { SharedData, SharedValue } from "../services/shared-data.ts";
import type { Dequeued, QueueReady, SharedQueues } from "../services/shared-queue.ts";
import { answerChannel, SyncCaller } from "../threads/sync-call.ts";
import { workerUrl } from "../threads/worker-url.ts";
import type { RedisOptions, RegisteredQueue, StorePlace } from "./store.ts";

/** What is asked of the bridge's thread: a method of its store and the arguments. */
export type BridgeRequest =
  | readonly ["get", vmId: string, key: string]
  | readonly ["set", vmId: string, key: string, value: Uint8Array, cas: number]
  | readonly ["register", vmId: string, name: string]
  | readonly ["unregister", id: number]
  | readonly ["resolve", vmId: string, name: string]
  | readonly ["enqueue", id: number, data: Uint8Array]
  | readonly ["dequeue", id: number];

/** To the bridge's thread. @param waits whether the caller's thread stands still until the answer comes */
export type ToBridge = readonly [call: number, waits: boolean, request: BridgeRequest];

export type FromBridge =
  | readonly ["open", error: string | undefined]
  /** A number for an error is the status of a {@link StatusError}. */
  | readonly ["answer", call: number, value: unknown, error: string | number | undefined]
  | readonly ["ready", queue: number];

/** Once the store could not be reached it is not asked again for so many milliseconds: each request would hold up its thread. */
const PAUSE = 1_000;
/** No more is told at once of what a queue held when it was registered. */
const MAX_TOLD = 10_000;

/** A queue that plugins of this process have registered. */
interface RegisteredHere {
  readonly listeners: QueueListeners;
  /** Entries that this process was told of and has not taken. Others may have taken them. */
  untaken: number;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Shared data and queues that several processes or machines have in common. */
export interface SharedStore {
  readonly data: SharedData;
  readonly queues: SharedQueues;
  close(): Promise<void>;
}

/**
 * Connects to a store that answers in its own time, from host functions that must answer at once: a thread of its own talks to the store,
 * and whoever asks waits for it. Plugins in threads wait in theirs; those in the host's thread hold that up for a round trip.
 */
export class Bridge implements SharedStore {
  readonly data: SharedData;
  readonly queues: SharedQueues;
  private readonly worker: Worker;
  private readonly caller: SyncCaller;
  private readonly waiting = new Map<number, Waiting>();
  private readonly registered = new Map<number, RegisteredHere>();
  private lastCall = 0;
  private pausedUntil = 0;
  private ended: Error | undefined = undefined;

  private constructor(place: StorePlace, opened: Waiting) {
    const { caller, answerer } = answerChannel();
    this.worker = new Worker(workerUrl(import.meta.url, "bridge-main"), {
      workerData: { place, answers: answerer },
      transferList: [answerer.port],
    });
    const end = (error: Error): void => {
      this.ended ??= error;
      opened.reject(error);
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    };
    this.worker.on("message", (message: FromBridge) => this.receive(message, opened));
    this.worker.on("error", (error: unknown) => end(error instanceof Error ? error : new Error(String(error))));
    this.worker.on("exit", () => end(new Error("the connection to the shared store has been closed")));
    this.caller = new SyncCaller(caller, (call, request) => this.post([call, true, request as BridgeRequest]));
    // The store's thread gives up by itself; this is for the case that there is no such thread any more.
    this.longest = 2 * (place.timeout ?? 250) + 5_000;
    this.data = this.sharedData();
    this.queues = this.sharedQueues();
  }

  private readonly longest: number;

  /** @throws Error (by rejecting) when the store cannot be reached */
  static open(place: StorePlace): Promise<Bridge> {
    return new Promise((resolve, reject) => {
      const bridge: Bridge = new Bridge(place, {
        resolve: () => {
          // A connection is no reason for a process to stay.
          bridge.worker.unref();
          resolve(bridge);
        },
        reject: (error) => {
          void bridge.worker.terminate();
          reject(error);
        },
      });
    });
  }

  private post(message: ToBridge): void {
    this.worker.postMessage(message);
  }

  private receive(message: FromBridge, opened: Waiting): void {
    if (message[0] === "open") {
      if (message[1] === undefined) opened.resolve(undefined);
      else opened.reject(new Error(message[1]));
    } else if (message[0] === "ready") {
      // Whoever tells of something can be asked for it.
      this.pausedUntil = 0;
      const queue = this.registered.get(message[1]);
      if (queue === undefined) return;
      queue.untaken = Math.min(queue.untaken + 1, MAX_TOLD);
      queue.listeners.entered();
    } else {
      const [, call, value, error] = message;
      const waiting = this.waiting.get(call);
      this.waiting.delete(call);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(typeof error === "number" ? new StatusError(error as Status) : new Error(error));
    }
  }

  /** @throws StatusError InternalFailure when the store cannot be reached: no other answer would be true */
  private ask(request: BridgeRequest): unknown {
    this.check();
    try {
      return this.caller.call(request, this.longest);
    } catch (error) {
      throw this.failure(error);
    }
  }

  private async askLater(request: BridgeRequest): Promise<unknown> {
    this.check();
    const call = ++this.lastCall;
    try {
      return await new Promise((resolve, reject) => {
        this.waiting.set(call, { resolve, reject });
        this.post([call, false, request]);
      });
    } catch (error) {
      throw this.failure(error);
    }
  }

  private check(): void {
    if (this.ended !== undefined || Date.now() < this.pausedUntil) throw new StatusError(Status.InternalFailure);
  }

  /** What a plugin is told. A store that answers with an error can be asked again; one that does not answer gets a pause. */
  private failure(error: unknown): StatusError {
    if (error instanceof StatusError) return error;
    this.pausedUntil = Date.now() + PAUSE;
    return new StatusError(Status.InternalFailure);
  }

  private sharedData(): SharedData {
    return {
      get: (vmId, key) => this.ask(["get", vmId, key]) as SharedValue | undefined,
      set: (vmId, key, value, cas) => this.ask(["set", vmId, key, value, cas]) as Status,
      async: {
        get: (vmId, key) => this.askLater(["get", vmId, key]) as Promise<SharedValue | undefined>,
        set: (vmId, key, value, cas) => this.askLater(["set", vmId, key, value, cas]) as Promise<Status>,
      },
    };
  }

  private sharedQueues(): SharedQueues {
    return {
      register: (vmId, name, ready) => this.addListener(this.ask(["register", vmId, name]), ready),
      resolve: (vmId, name) => this.ask(["resolve", vmId, name]) as number | undefined,
      enqueue: (id, data) => this.ask(["enqueue", id, data]) as Status,
      dequeue: (id) => this.taken(id, this.ask(["dequeue", id]) as Dequeued),
      release: (ready) => this.removeListener(ready),
      async: {
        register: async (vmId, name, ready) => this.addListener(await this.askLater(["register", vmId, name]), ready),
        resolve: (vmId, name) => this.askLater(["resolve", vmId, name]) as Promise<number | undefined>,
        enqueue: (id, data) => this.askLater(["enqueue", id, data]) as Promise<Status>,
        dequeue: async (id) => this.taken(id, (await this.askLater(["dequeue", id])) as Dequeued),
      },
    };
  }

  /** The first listener is told of the entries that are in the queue already, as if they had been put there now. */
  private addListener(answer: unknown, ready: QueueReady): number {
    const { id, backlog } = answer as RegisteredQueue;
    if (id === 0) return 0;
    let queue = this.registered.get(id);
    const waiting = Math.min(backlog, MAX_TOLD);
    if (queue === undefined) this.registered.set(id, (queue = { listeners: new QueueListeners(id), untaken: waiting }));
    queue.listeners.add(ready, waiting);
    return id;
  }

  private removeListener(ready: QueueReady): void {
    for (const [id, { listeners, untaken }] of this.registered) {
      if (!listeners.has(ready)) continue;
      listeners.remove(ready, untaken);
      if (!listeners.isEmpty) continue;
      // Other processes are to be told of the entries from now on, and of those that were told to this one.
      this.registered.delete(id);
      if (this.ended === undefined) this.askLater(["unregister", id]).catch(() => {});
    }
  }

  private taken(id: number, entry: Dequeued): Dequeued {
    const queue = this.registered.get(id);
    if (queue !== undefined && typeof entry !== "number" && queue.untaken > 0) queue.untaken--;
    return entry;
  }

  async close(): Promise<void> {
    this.ended ??= new Error("closed");
    await this.worker.terminate();
  }
}

const names: OptionNames<RedisOptions> = { url: true, prefix: true, client: true, timeout: true };

/**
 * Shares data and queues with all hosts that use the same server of Redis or Valkey and the same prefix. Needs the package `redis` or
 * `ioredis`.
 *
 * ```ts
 * const shared = await connectShared({ url: "redis://127.0.0.1:6379" });
 * const host = new PluginHost({ sharedData: shared.data, sharedQueues: shared.queues });
 * ```
 * @throws TypeError for an option that is not known, Error when there is no such package, or no connection
 */
export async function connectShared(options: RedisOptions): Promise<SharedStore> {
  return Bridge.open({ kind: "redis", ...readOptions("connectShared", names, options) });
}

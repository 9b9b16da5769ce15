import { Worker } from "node:worker_threads";
import { PluginError } from "../abi/errors.ts";
import type { VmStatus } from "../vm/plugin-host.ts";
import { DONE_TIMEOUT, type Services } from "../vm/vm.ts";
import type { FromThread, ThreadStart, ThreadStatus, ToThread } from "./protocol.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import type { RemoteContext, StreamEvent } from "./remote-context.ts";
import { ServiceDesk } from "./service-desk.ts";
import { answerChannel } from "./sync-call.ts";
import type { ThreadedPlugin } from "./threaded-plugin.ts";
import { workerUrl } from "./worker-url.ts";

/** Milliseconds that a thread may take to end a plugin beside the plugin's own time. */
const GRACE = 5_000;

interface Load {
  resolve(): void;
  reject(error: Error): void;
}

/** One thread in which plugins run, as the main thread sees it. */
export class PluginThread {
  /** Its number in the pool, from 1. */
  readonly number: number;
  failures: ReadonlyMap<number, PluginError> = new Map();
  /** It has ended, wished or not. */
  dead = false;

  private status: ThreadStatus["vms"] = [];
  private readonly worker: Worker;
  private readonly desk: ServiceDesk;
  private readonly died: (error: Error) => void;
  private readonly streams = new Map<number, RemoteContext | RemoteConnection>();
  private readonly loads = new Map<number, Load>();
  private readonly unloads = new Map<number, () => void>();
  private readonly loaded = new Set<number>();
  private lastStream = 0;
  private outbox: ToThread[] = [];
  private ending = false;
  /** It has not answered in time: a guest without limits runs in it. */
  private stuck = false;

  /** @param died called when it has ended by itself */
  constructor(number: number, services: Services, start: Omit<ThreadStart, "answers">, died: (error: Error) => void) {
    this.number = number;
    this.died = died;
    const { caller, answerer } = answerChannel();
    this.worker = new Worker(workerUrl(import.meta.url, "thread-main"), {
      workerData: { ...start, answers: caller } satisfies ThreadStart,
      transferList: [caller.port],
    });
    this.updateRef();
    this.desk = new ServiceDesk(services, answerer, (op) => this.post(op));
    let reason = new Error("the thread ended");
    this.worker.on("message", (events: readonly FromThread[]) => this.receive(events));
    this.worker.on("error", (error: unknown) => {
      reason = error instanceof Error ? error : new Error(String(error));
    });
    this.worker.on("exit", () => this.ended(reason));
  }

  /** A thread is no reason for a process to stay, but while somebody waits for it. */
  private updateRef(): void {
    if (this.streams.size + this.loads.size > 0) this.worker.ref();
    else this.worker.unref();
  }

  /** Streams that are there. */
  get load(): number {
    return this.streams.size;
  }

  /** Its VMs, as they were when it last told, but for the streams, which are known here. */
  get vms(): VmStatus[] {
    return this.status.map(([vm, plugins]) => {
      let streams = 0;
      for (const { plugin } of this.streams.values()) if (plugins.includes(plugin.id)) streams++;
      return { ...vm, streams, thread: this.number };
    });
  }

  runs(plugin: ThreadedPlugin): boolean {
    return !this.dead && this.loaded.has(plugin.id);
  }

  /** Hands something to the thread, together with whatever else is handed to it in the same turn. */
  post(op: ToThread): void {
    if (this.dead) return;
    if (this.outbox.push(op) === 1) queueMicrotask(() => this.flush());
  }

  private flush(): void {
    const ops = this.outbox;
    this.outbox = [];
    if (!this.dead) this.worker.postMessage(ops);
  }

  add(context: RemoteContext | RemoteConnection): number {
    this.lastStream++;
    this.streams.set(this.lastStream, context);
    if (this.streams.size === 1) this.updateRef();
    return this.lastStream;
  }

  /** A stream has ended that the thread was not told of. */
  forget(stream: number): void {
    if (!this.streams.delete(stream)) return;
    if (this.streams.size > 0) return;
    this.updateRef();
    if (this.ending) void this.worker.terminate();
  }

  /** @throws PluginError (by rejecting) when the plugin cannot be started there */
  loadPlugin(plugin: ThreadedPlugin): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.dead) return reject(new PluginError("failed", "the thread ended"));
      this.loads.set(plugin.id, { resolve, reject });
      this.updateRef();
      this.post(["load", plugin.id, plugin.options]);
    });
  }

  /** Resolves when the plugin has ended there, or when the thread does not say so in time. */
  async unloadPlugin(plugin: ThreadedPlugin): Promise<void> {
    if (!this.loaded.delete(plugin.id) || this.dead) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(
        () => {
          this.stuck = true;
          this.unloads.delete(plugin.id);
          resolve();
        },
        (plugin.options.limits.doneTimeout ?? DONE_TIMEOUT) + GRACE,
      );
      timer.unref();
      this.unloads.set(plugin.id, () => {
        clearTimeout(timer);
        resolve();
      });
      this.post(["unload", plugin.id]);
    });
  }

  /** Ends the thread once its streams have ended: at once when it does not answer. */
  end(): void {
    this.ending = true;
    if (this.streams.size === 0 || this.stuck) void this.worker.terminate();
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.ending = true;
    await this.worker.terminate();
  }

  private ended(reason: Error): void {
    if (this.dead) return;
    this.dead = true;
    this.status = [];
    this.desk.close();
    const error = new PluginError("failed", `the plugin's thread ended: ${reason.message}`, reason);
    for (const { reject } of this.loads.values()) reject(error);
    for (const resolve of this.unloads.values()) resolve();
    const streams = [...this.streams.values()];
    this.streams.clear();
    for (const context of streams) context.threadDied();
    if (!this.ending) this.died(error);
  }

  private receive(events: readonly FromThread[]): void {
    for (const event of events) {
      switch (event[0]) {
        case "loaded": {
          const load = this.loads.get(event[1]);
          this.loads.delete(event[1]);
          this.updateRef();
          if (event[2] === undefined) {
            this.loaded.add(event[1]);
            load?.resolve();
          } else load?.reject(new PluginError(event[2][0], event[2][1]));
          break;
        }
        case "unloaded":
          this.unloads.get(event[1])?.();
          this.unloads.delete(event[1]);
          break;
        case "status":
          this.status = event[1].vms;
          this.failures = new Map(
            event[1].failures.map(([plugin, code, message]) => [plugin, new PluginError(code, message)]),
          );
          break;
        case "closed":
          this.forget(event[1]);
          break;
        case "callback":
        case "headers":
        case "data":
        case "trailers":
        case "taken":
        case "pause":
        case "tooLarge":
        case "refuse":
        case "reset":
        case "reply":
        case "routeCacheCleared":
        case "store":
        case "established":
        case "bytes":
        case "bytesTaken":
        case "closeConnection":
          this.streams.get(event[1])?.handle(event as StreamEvent);
          break;
        default:
          this.desk.handle(event);
      }
    }
  }
}

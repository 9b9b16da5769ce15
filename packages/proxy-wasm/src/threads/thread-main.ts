import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { PluginError } from "../abi/errors.ts";
import type { LocalPlugin } from "../vm/local-plugin.ts";
import { PluginHost } from "../vm/plugin-host.ts";
import type { VmSlot } from "../vm/vm-slot.ts";
import type { FromThread, SyncRequest, ThreadPlugin, ThreadStart, ToThread } from "./protocol.ts";
import { SyncCaller } from "./sync-call.ts";
import { ThreadConnection } from "./thread-connection.ts";
import { ThreadServices } from "./thread-services.ts";
import { ThreadStream } from "./thread-stream.ts";

/** How often a thread that works says how it does, in milliseconds. */
const STATUS_INTERVAL = 50;
/** A thread in which plugins run. */
class PluginThreadMain {
  private readonly port: MessagePort;
  private readonly services: ThreadServices;
  private readonly host: PluginHost;
  private readonly plugins = new Map<number, LocalPlugin>();
  private readonly streams = new Map<number, ThreadStream>();
  private readonly connections = new Map<number, ThreadConnection>();
  private events: FromThread[] = [];
  private statusTimer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(port: MessagePort, start: ThreadStart) {
    this.port = port;
    const caller = new SyncCaller(start.answers, (call, request) => {
      this.send(["call", call, request as SyncRequest]);
      // What was said before has its place before the question.
      this.flush();
    });
    this.services = new ThreadServices(start, this.send, (request) => caller.call(request));
    this.host = PluginHost.within(this.services.services, start.engine);
    port.on("message", (ops: readonly ToThread[]) => this.receive(ops));
  }

  private readonly send = (event: FromThread): void => {
    // What happens outside of a message, such as a tick, is posted when it has ended.
    if (this.events.push(event) === 1) queueMicrotask(() => this.flush());
  };

  private flush(): void {
    if (this.events.length === 0) return;
    const { events } = this;
    this.events = [];
    this.port.postMessage(events);
    this.statusTimer ??= setTimeout(() => this.report(), STATUS_INTERVAL);
  }

  private report(): void {
    for (const stream of this.streams.values()) stream.reportKept();
    for (const connection of this.connections.values()) connection.reportKept();
    const failures: [number, PluginError["code"], string][] = [];
    for (const [id, { failure }] of this.plugins)
      if (failure !== undefined) failures.push([id, failure.code, failure.message]);
    const bySlot = new Map<VmSlot, number[]>();
    for (const [id, { slot }] of this.plugins) bySlot.set(slot, [...(bySlot.get(slot) ?? []), id]);
    const vms = [...bySlot].map(([slot, plugins]) => [slot.status(), plugins] as const);
    this.port.postMessage([["status", { vms, failures }]] satisfies FromThread[]);
    this.statusTimer = undefined;
  }

  private receive(ops: readonly ToThread[]): void {
    for (const op of ops) {
      this.handle(op);
      // One request's result does not wait for what the next one takes.
      this.flush();
    }
  }

  private handle(op: ToThread): void {
    if (this.services.handle(op)) return;
    switch (op[0]) {
      case "load":
        void this.load(op[1], op[2]);
        break;
      case "unload":
        void this.unload(op[1]);
        break;
      case "revive":
        this.plugins.get(op[1])?.revive();
        this.statusTimer ??= setTimeout(() => this.report(), STATUS_INTERVAL);
        break;
      case "open":
        this.open(op);
        break;
      case "headers":
        this.streams.get(op[1])?.receiveHeaders(op[2], op[3], op[4], op[5]);
        break;
      case "data":
        this.streams.get(op[1])?.receiveData(op[2], op[3], op[4]);
        break;
      case "trailers":
        this.streams.get(op[1])?.receiveTrailers(op[2], op[3]);
        break;
      case "closeHalf":
        this.streams.get(op[1])?.closeHalf(op[2]);
        break;
      case "store":
        (this.streams.get(op[1]) ?? this.connections.get(op[1]))?.storeProperty(op[2], op[3]);
        break;
      case "connect":
        this.connect(op);
        break;
      case "establish":
        this.connections.get(op[1])?.establish();
        break;
      case "bytes":
        this.connections.get(op[1])?.receive(op[2], op[3], op[4], op[5]);
        break;
      case "sideClosed":
        this.connections.get(op[1])?.sideClosed(op[2], op[3]);
        break;
      case "disconnect": {
        const connection = this.connections.get(op[1]);
        this.connections.delete(op[1]);
        connection?.finish(op[2]);
        break;
      }
      case "finish": {
        const stream = this.streams.get(op[1]);
        this.streams.delete(op[1]);
        stream?.finish(op[2]);
        break;
      }
    }
  }

  private async load(id: number, options: ThreadPlugin): Promise<void> {
    try {
      const { vmId, vmConfiguration, environment, code, ...plugin } = options;
      const vm = { id: vmId, configuration: vmConfiguration, environment };
      this.plugins.set(id, (await this.host.load({ ...plugin, code, vm })) as LocalPlugin);
      this.report();
      this.send(["loaded", id, undefined]);
    } catch (error) {
      const code = error instanceof PluginError ? error.code : "invalid-module";
      this.send(["loaded", id, [code, error instanceof Error ? error.message : String(error)]]);
    }
    this.flush();
  }

  private open([, id, pluginId, opened]: ToThread & readonly ["open", ...unknown[]]): void {
    const plugin = this.plugins.get(pluginId);
    if (plugin === undefined) {
      this.send(["refuse", id]);
      this.send(["closed", id]);
      return;
    }
    this.streams.set(id, new ThreadStream(id, plugin, opened, this.send));
  }

  private connect([, id, pluginId, opened]: ToThread & readonly ["connect", ...unknown[]]): void {
    const plugin = this.plugins.get(pluginId);
    if (plugin === undefined) {
      this.send(["closeConnection", id]);
      this.send(["closed", id]);
      return;
    }
    this.connections.set(id, new ThreadConnection(id, plugin, opened, this.send));
  }

  private async unload(id: number): Promise<void> {
    await this.plugins.get(id)?.close();
    this.plugins.delete(id);
    this.send(["unloaded", id]);
  }
}

if (parentPort !== null) new PluginThreadMain(parentPort, workerData as ThreadStart);

import { Body } from "../abi/body.ts";
import { BufferType, CloseType, type Status, StreamType } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import { descend, type PropertyValue } from "../abi/property.ts";
import { type ConnectionInfo, connectionProperty } from "../http/stream-info.ts";
import { Context, type GuestBuffer, writeBody } from "../vm/context.ts";
import { LocalPlugin, type Plugin } from "../vm/plugin.ts";
import type { RootContext } from "../vm/root-context.ts";
import { StoredProperties } from "../vm/stored-properties.ts";

/** Where a connection's bytes go when the plugins have let them pass. */
export interface TcpSink {
  toUpstream(chunk: Uint8Array, endStream: boolean): void;
  toDownstream(chunk: Uint8Array, endStream: boolean): void;
  /** The client is to stop sending, or to go on. */
  readDownstream(on: boolean): void;
  /** Closes both sides, after what was written has been sent. */
  close(): void;
}

export interface TcpStreamOptions {
  /** Bytes that a plugin may hold back in one direction; beyond it the connection is closed. By default 1 MiB. */
  readonly bufferLimit?: number;
  /** More properties: `upstream`, `cluster_name` and others. They may change while the connection lives. */
  readonly properties?: { readonly [name: string]: PropertyValue };
}

const DEFAULT_BUFFER_LIMIT = 1024 * 1024;

/** One direction at one plugin: what it has not let go. */
class TcpStage {
  readonly held: Body = new Body();
  current: Body | undefined = undefined;
  ended = false;
  /** The end has gone on. */
  passedEnd = false;
  paused = false;
  resumeRequested = false;
}

/** One plugin's context of one connection. */
class TcpContext extends Context {
  readonly root: RootContext;
  readonly plugin: LocalPlugin;
  readonly downstream: TcpStage = new TcpStage();
  readonly upstream: TcpStage = new TcpStage();
  /** No bytes pass until the plugin goes on with the connection. */
  waiting = false;
  inNewConnection = false;
  bypassed = false;
  private readonly stream: TcpStream;
  private state: "open" | "closed" = "open";

  constructor(stream: TcpStream, plugin: LocalPlugin, root: RootContext) {
    super(root.vm, root.vm.nextContextId());
    this.stream = stream;
    this.plugin = plugin;
    this.root = root;
  }

  open(): void {
    this.vm.contexts.add(this);
    this.root.streams++;
    this.invoke("proxy_on_context_create", this.root.id);
  }

  /** @returns what the plugin says; undefined when it has failed or has no such callback */
  invoke(name: string, ...args: number[]): number | undefined {
    if (this.state === "closed" || this.bypassed || !this.vm.has(name)) return undefined;
    try {
      return this.vm.call(this, name, this.id, ...args);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.vmFailed();
      return undefined;
    }
  }

  override vmFailed(): void {
    if (this.state === "closed") return;
    this.leave();
    this.stream.pluginFailed(this);
  }

  close(): void {
    if (this.state === "closed") return;
    for (const name of ["proxy_on_done", "proxy_on_log", "proxy_on_delete"]) this.invoke(name);
    this.leave();
  }

  private leave(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.vm.contexts.delete(this);
    this.root.streams--;
  }

  override streamBuffer(type: number): GuestBuffer | undefined {
    if (type !== BufferType.DownstreamData && type !== BufferType.UpstreamData) return undefined;
    const stage = type === BufferType.DownstreamData ? this.downstream : this.upstream;
    const body = stage.current ?? (stage.held.size > 0 ? stage.held : undefined);
    if (body === undefined) return undefined;
    return {
      size: body.size,
      bytes: () => body.bytes(),
      write: (start, size, data) => writeBody(body, start, size, data),
    };
  }

  override property(key: string, path: readonly string[]): PropertyValue {
    return this.stream.property(key, path) ?? super.property(key, path);
  }

  override setProperty(key: string, value: Uint8Array): Status {
    return this.stream.stored.set(key, value);
  }

  override continueStream(type: number): void {
    if (type === StreamType.Downstream && this.state === "open") this.stream.resume(this);
  }

  override closeStream(type: number): void {
    if (type >= StreamType.Downstream) this.stream.closeByPlugin();
  }
}

type Direction = "downstream" | "upstream";

/** One connection on its way through plugins: what the client sends passes them in order, what it gets in the opposite one. */
export class TcpStream {
  readonly stored: StoredProperties = new StoredProperties();
  private readonly contexts: TcpContext[] = [];
  private readonly sink: TcpSink;
  private readonly connection: ConnectionInfo;
  private readonly options: TcpStreamOptions;
  private readonly limit: number;
  private finished = false;
  private established = false;
  private readonly closed = { downstream: false, upstream: false };

  constructor(plugins: readonly Plugin[], sink: TcpSink, connection: ConnectionInfo, options: TcpStreamOptions = {}) {
    this.sink = sink;
    this.connection = connection;
    this.options = options;
    this.limit = options.bufferLimit ?? DEFAULT_BUFFER_LIMIT;
    try {
      for (const plugin of plugins) {
        if (!(plugin instanceof LocalPlugin)) throw new TypeError("plugins in threads filter HTTP alone");
        const root = plugin.rootForStream();
        if (root !== undefined) this.contexts.push(new TcpContext(this, plugin, root));
      }
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.contexts.length = 0;
      this.closeByPlugin();
    }
  }

  /** The connection begins: plugins are told of it, in order, until one of them wants to wait. */
  start(): void {
    for (const context of this.contexts) context.open();
    this.establish(0);
  }

  private establish(from: number): void {
    for (let i = from; i < this.contexts.length && !this.finished; i++) {
      const context = this.contexts[i];
      context.inNewConnection = true;
      const action = context.invoke("proxy_on_new_connection") ?? 0;
      context.inNewConnection = false;
      if (action !== 0 && !context.downstream.resumeRequested) {
        context.waiting = true;
        this.sink.readDownstream(false);
        return;
      }
    }
    if (this.established) return;
    this.established = true;
    this.sink.readDownstream(true);
  }

  fromDownstream(chunk: Uint8Array, endStream: boolean): void {
    this.pass("downstream", 0, chunk, endStream);
  }

  fromUpstream(chunk: Uint8Array, endStream: boolean): void {
    this.pass("upstream", this.contexts.length - 1, chunk, endStream);
  }

  private pass(direction: Direction, index: number, chunk: Uint8Array, endStream: boolean): void {
    if (this.finished) return;
    const down = direction === "downstream";
    const context = this.contexts[index];
    if (context === undefined) {
      if (down) this.sink.toUpstream(chunk, endStream);
      else this.sink.toDownstream(chunk, endStream);
      return;
    }
    const stage = context[direction];
    stage.held.append(chunk);
    stage.ended ||= endStream;
    let action = 0;
    if (!(down && context.waiting)) {
      stage.current = stage.held;
      stage.resumeRequested = false;
      const name = down ? "proxy_on_downstream_data" : "proxy_on_upstream_data";
      action = context.invoke(name, stage.held.size, endStream ? 1 : 0) ?? 0;
      stage.current = undefined;
      if (stage.resumeRequested) action = 0;
    } else action = 1;
    if (this.finished) return;
    stage.paused = action !== 0;
    if (!stage.paused) this.release(direction, index);
    else if (stage.held.size > this.limit) this.closeByPlugin();
  }

  private release(direction: Direction, index: number): void {
    const stage = this.contexts[index][direction];
    stage.paused = false;
    const chunks = stage.held.drain();
    const next = direction === "downstream" ? index + 1 : index - 1;
    const end = stage.ended && !stage.passedEnd;
    stage.passedEnd = stage.ended;
    chunks.forEach((chunk, i) => {
      this.pass(direction, next, chunk, end && i === chunks.length - 1);
    });
    if (chunks.length === 0 && end) this.pass(direction, next, new Uint8Array(0), true);
  }

  /** A plugin goes on with a connection, or with what the client sent. */
  resume(context: TcpContext): void {
    if (this.finished) return;
    const stage = context.downstream;
    if (context.inNewConnection || stage.current !== undefined) {
      stage.resumeRequested = true;
      return;
    }
    const index = this.contexts.indexOf(context);
    if (context.waiting) {
      context.waiting = false;
      this.establish(index + 1);
      if (stage.held.size > 0 || stage.ended) this.pass("downstream", index, new Uint8Array(0), stage.ended);
    } else if (stage.paused) this.release("downstream", index);
  }

  /** The client is gone. */
  downstreamClosed(byPeer: boolean): void {
    this.sideClosed("downstream", "proxy_on_downstream_connection_close", byPeer);
  }

  /** The server is gone. */
  upstreamClosed(byPeer: boolean): void {
    this.sideClosed("upstream", "proxy_on_upstream_connection_close", byPeer);
  }

  private sideClosed(direction: Direction, name: string, byPeer: boolean): void {
    if (this.finished || this.closed[direction]) return;
    this.closed[direction] = true;
    for (const context of this.contexts) context.invoke(name, byPeer ? CloseType.Remote : CloseType.Local);
  }

  /** Both sides are gone: plugins log the connection and forget it. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    for (const context of this.contexts) context.close();
  }

  closeByPlugin(): void {
    if (!this.finished) this.sink.close();
  }

  pluginFailed(context: TcpContext): void {
    if (context.plugin.settings.failurePolicy !== "open") {
      this.closeByPlugin();
      return;
    }
    context.bypassed = true;
    this.resume(context);
    const { upstream } = context;
    if (upstream.paused && upstream.current === undefined) this.release("upstream", this.contexts.indexOf(context));
  }

  property(key: string, path: readonly string[]): PropertyValue {
    return (
      this.stored.get(key) ??
      connectionProperty(this.connection, path) ??
      (this.options.properties === undefined ? undefined : descend(this.options.properties, path))
    );
  }
}

import type { OptionNames } from "@wardian/runtime/options";
import { concatBytes } from "../abi/bytes.ts";
import { CloseType, type Status } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import { descend, type PropertyValue } from "../abi/property.ts";
import { type ConnectionInfo, connectionProperty } from "../http/stream-info.ts";
import { RemoteConnection } from "../threads/remote-connection.ts";
import { ThreadedPlugin } from "../threads/threaded-plugin.ts";
import { LocalPlugin, type Plugin } from "../vm/plugin.ts";
import { StoredProperties } from "../vm/stored-properties.ts";
import { TcpContext } from "./tcp-context.ts";

/** Where a connection's bytes go when the plugins have let them pass. */
export interface TcpSink {
  toUpstream(chunk: Uint8Array, endStream: boolean): void;
  toDownstream(chunk: Uint8Array, endStream: boolean): void;
  /** The client is to stop sending, or to go on. Told each time that something may have changed. */
  readDownstream(on: boolean): void;
  /** The server is to stop sending, or to go on. Told each time that something may have changed. */
  readUpstream(on: boolean): void;
  /** Closes both sides, after what was written has been sent. */
  close(): void;
  /** What passes at once is to come in one chunk: there are more plugins behind this. */
  readonly whole?: true;
  /** A plugin has stored a property. */
  stored?(key: string, value: Uint8Array): void;
}

export type TcpDirection = "downstream" | "upstream";

export interface TcpStreamOptions {
  /** Bytes that a plugin may hold back in one direction; beyond it the connection is closed. By default 1 MiB. */
  readonly bufferLimit?: number;
  /** More properties: `upstream`, `cluster_name` and others. They may change while the connection lives. */
  readonly properties?: { readonly [name: string]: PropertyValue };
}

export const tcpStreamNames: OptionNames<TcpStreamOptions> = { bufferLimit: true, properties: true };

const DEFAULT_BUFFER_LIMIT = 1024 * 1024;

/** One connection on its way through plugins: what the client sends passes them in order, what it gets in the opposite one. */
export class TcpStream {
  readonly connection: ConnectionInfo;
  readonly options: TcpStreamOptions;
  private readonly stored = new StoredProperties();
  private readonly contexts: (TcpContext | RemoteConnection)[] = [];
  private readonly sink: TcpSink;
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
        const context = this.contextOf(plugin);
        if (context !== undefined) this.contexts.push(context);
      }
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      for (const context of this.contexts) if (context instanceof RemoteConnection) context.finish();
      this.contexts.length = 0;
      this.closeByPlugin();
    }
  }

  /** @throws PluginError when the plugin has failed and lets nothing pass */
  private contextOf(plugin: Plugin): TcpContext | RemoteConnection | undefined {
    if (plugin instanceof ThreadedPlugin) {
      const other = this.contexts.find((context): context is RemoteConnection => context instanceof RemoteConnection);
      const thread = plugin.threadFor(other?.thread);
      return thread === undefined ? undefined : new RemoteConnection(this, plugin, thread);
    }
    if (!(plugin instanceof LocalPlugin)) throw new TypeError("a plugin must come from PluginHost.load");
    const root = plugin.rootForStream();
    return root === undefined ? undefined : new TcpContext(this, plugin, root);
  }

  /** The connection begins: plugins are told of it, in order, until one of them wants to wait. */
  start(): void {
    this.open();
    this.establish();
  }

  /** Makes contexts known to the plugins. */
  open(): void {
    for (const context of this.contexts) context.open();
  }

  /** Tells plugins of the connection that have not been told. @param from the first of them */
  establish(from = 0): void {
    for (let i = from; i < this.contexts.length && !this.finished; i++) {
      const context = this.contexts[i];
      if (context instanceof RemoteConnection) {
        if (context.establish()) continue;
        this.sink.readDownstream(false);
        return;
      }
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
    this.updateReading();
  }

  /** A plugin in another thread lets a connection begin. */
  establishAfter(context: RemoteConnection): void {
    this.establish(this.contexts.indexOf(context) + 1);
  }

  /** Tells both ends whether they may send. */
  updateReading(): void {
    if (this.finished) return;
    const free = (direction: TcpDirection): boolean =>
      !this.contexts.some((context) => context instanceof RemoteConnection && context.isFull(direction));
    this.sink.readDownstream(this.established && free("downstream"));
    this.sink.readUpstream(free("upstream"));
  }

  /** Whether something of a direction is on its way through other threads. */
  isUnderWay(direction: TcpDirection): boolean {
    return this.contexts.some((context) => context instanceof RemoteConnection && context.isUnderWay(direction));
  }

  fromDownstream(chunk: Uint8Array, endStream: boolean): void {
    this.pass("downstream", 0, chunk, endStream);
  }

  fromUpstream(chunk: Uint8Array, endStream: boolean): void {
    this.pass("upstream", this.contexts.length - 1, chunk, endStream);
  }

  private pass(direction: TcpDirection, index: number, chunk: Uint8Array, endStream: boolean): void {
    if (this.finished) return;
    const down = direction === "downstream";
    const context = this.contexts[index];
    if (context === undefined) {
      if (down) this.sink.toUpstream(chunk, endStream);
      else this.sink.toDownstream(chunk, endStream);
      return;
    }
    if (context instanceof RemoteConnection) {
      context.receive(direction, chunk, endStream);
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

  /** A plugin in another thread has let something pass. */
  passAfter(context: RemoteConnection, direction: TcpDirection, chunk: Uint8Array, endStream: boolean): void {
    const index = this.contexts.indexOf(context);
    this.pass(direction, direction === "downstream" ? index + 1 : index - 1, chunk, endStream);
  }

  private release(direction: TcpDirection, index: number): void {
    const stage = (this.contexts[index] as TcpContext)[direction];
    stage.paused = false;
    const next = direction === "downstream" ? index + 1 : index - 1;
    const drained = stage.held.drain();
    // The next plugin is shown at once what this one lets pass at once.
    const whole = this.contexts[next] !== undefined || this.sink.whole === true;
    const chunks = whole && drained.length > 1 ? [concatBytes(drained)] : drained;
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

  private sideClosed(direction: TcpDirection, name: string, byPeer: boolean): void {
    if (this.finished || this.closed[direction]) return;
    this.closed[direction] = true;
    for (const context of this.contexts)
      if (context instanceof RemoteConnection) context.sideClosed(direction, byPeer);
      else context.invoke(name, byPeer ? CloseType.Remote : CloseType.Local);
  }

  /** Both sides are gone: plugins log the connection and forget it. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    for (const context of this.contexts)
      if (context instanceof RemoteConnection) context.finish();
      else context.close();
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

  /** What plugins have stored. */
  get storedProperties(): Iterable<readonly [key: string, value: Uint8Array]> {
    return this.stored;
  }

  /** Takes what a plugin elsewhere has stored. */
  storeProperty(key: string, value: Uint8Array): void {
    this.stored.set(key, value);
  }

  /** Whether plugins hold something back. */
  keeps(direction: TcpDirection): boolean {
    return this.contexts.some((context) => !(context instanceof RemoteConnection) && context[direction].held.size > 0);
  }

  /** @param by the context in another thread that has it already */
  setProperty(key: string, value: Uint8Array, by?: RemoteConnection): Status {
    const status = this.stored.set(key, value);
    for (const context of this.contexts)
      if (context instanceof RemoteConnection && context !== by) context.storeProperty(key, value);
    if (status === 0) this.sink.stored?.(key, value);
    return status;
  }

  property(key: string, path: readonly string[]): PropertyValue {
    return (
      this.stored.get(key) ??
      connectionProperty(this.connection, path) ??
      (this.options.properties === undefined ? undefined : descend(this.options.properties, path))
    );
  }
}

import type { OptionNames } from "@wardian/runtime/options";
import type { Status } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import { descend, type PropertyValue } from "../abi/property.ts";
import { type ConnectionInfo, connectionProperty } from "../http/stream-info.ts";
import { Plugin } from "../vm/plugin.ts";
import { StoredProperties } from "../vm/stored-properties.ts";
import type { ConnectionContext } from "./connection-context.ts";

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
  private readonly contexts: ConnectionContext[] = [];
  private readonly sink: TcpSink;
  /** Bytes that a plugin may hold back in one direction. */
  readonly limit: number;
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
        if (!(plugin instanceof Plugin)) throw new TypeError("a plugin must come from PluginHost.load");
        const context = plugin.openTcp(this, this.contexts.find(({ thread }) => thread !== undefined)?.thread);
        if (context !== undefined) this.contexts.push(context);
      }
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      for (const context of this.contexts) context.finish();
      this.contexts.length = 0;
      this.closeByPlugin();
    }
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
      if (!this.contexts[i].establish()) {
        this.sink.readDownstream(false);
        return;
      }
    }
    if (this.established) return;
    this.established = true;
    this.updateReading();
  }

  /** A plugin lets the connection begin that had stopped it. */
  establishAfter(context: ConnectionContext): void {
    this.establish(this.contexts.indexOf(context) + 1);
  }

  /** Tells both ends whether they may send. */
  updateReading(): void {
    if (this.finished) return;
    const free = (direction: TcpDirection): boolean => !this.contexts.some((context) => context.isFull(direction));
    this.sink.readDownstream(this.established && free("downstream"));
    this.sink.readUpstream(free("upstream"));
  }

  /** Whether something of a direction is on its way through other threads. */
  isUnderWay(direction: TcpDirection): boolean {
    return this.contexts.some((context) => context.isUnderWay(direction));
  }

  fromDownstream(chunk: Uint8Array, endStream: boolean): void {
    this.pass("downstream", 0, chunk, endStream);
  }

  fromUpstream(chunk: Uint8Array, endStream: boolean): void {
    this.pass("upstream", this.contexts.length - 1, chunk, endStream);
  }

  private pass(direction: TcpDirection, index: number, chunk: Uint8Array, endStream: boolean): void {
    if (this.finished) return;
    const context = this.contexts[index];
    if (context !== undefined) context.receive(direction, chunk, endStream);
    else if (direction === "downstream") this.sink.toUpstream(chunk, endStream);
    else this.sink.toDownstream(chunk, endStream);
  }

  /** Passes on what a plugin has let pass. */
  passAfter(context: ConnectionContext, direction: TcpDirection, chunk: Uint8Array, endStream: boolean): void {
    this.pass(direction, this.indexAfter(context, direction), chunk, endStream);
  }

  /** Whether chunks that pass a plugin together must be joined: the next plugin sees them at once. */
  joinsAfter(context: ConnectionContext, direction: TcpDirection): boolean {
    return this.contexts[this.indexAfter(context, direction)] !== undefined || this.sink.whole === true;
  }

  private indexAfter(context: ConnectionContext, direction: TcpDirection): number {
    return this.contexts.indexOf(context) + (direction === "downstream" ? 1 : -1);
  }

  /** Whether the connection has ended for its plugins. */
  get isFinished(): boolean {
    return this.finished;
  }

  /** The client is gone. */
  downstreamClosed(byPeer: boolean): void {
    this.sideClosed("downstream", byPeer);
  }

  /** The server is gone. */
  upstreamClosed(byPeer: boolean): void {
    this.sideClosed("upstream", byPeer);
  }

  private sideClosed(direction: TcpDirection, byPeer: boolean): void {
    if (this.finished || this.closed[direction]) return;
    this.closed[direction] = true;
    for (const context of this.contexts) context.sideClosed(direction, byPeer);
  }

  /** Both sides are gone: plugins log the connection and forget it. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    for (const context of this.contexts) context.finish();
  }

  closeByPlugin(): void {
    if (!this.finished) this.sink.close();
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
    return this.contexts.some((context) => context.keeps(direction));
  }

  /** @param by the context in another thread that has it already */
  setProperty(key: string, value: Uint8Array, by?: ConnectionContext): Status {
    const status = this.stored.set(key, value);
    for (const context of this.contexts) if (context !== by) context.storeProperty(key, value);
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

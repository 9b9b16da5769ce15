import type { ConnectionContext } from "../tcp/connection-context.ts";
import type { TcpDirection, TcpStream } from "../tcp/tcp-stream.ts";
import type { PluginThread } from "./plugin-thread.ts";
import { exact, pack } from "./protocol.ts";
import type { StreamEvent } from "./remote-context.ts";
import type { ThreadedPlugin } from "./threaded-plugin.ts";

/** Bytes that may be on their way to a thread before the sender is told to wait. */
const IN_FLIGHT = 256 * 1024;

/** One direction, as far as a plugin's thread has it. */
class Way {
  /** How often something went in that the thread has not dealt with. */
  posted = 0;
  bytes = 0;
  /** The plugin holds something back. */
  keeps = false;
}

/** One plugin's part in one connection, when the plugin runs in another thread. */
export class RemoteConnection implements ConnectionContext {
  readonly id: number;
  readonly plugin: ThreadedPlugin;
  readonly thread: PluginThread;
  private readonly stream: TcpStream;
  private readonly downstream = new Way();
  private readonly upstream = new Way();
  private state: "new" | "asked" | "established" = "new";
  private opened = false;
  private dead = false;
  private finished = false;

  constructor(stream: TcpStream, plugin: ThreadedPlugin, thread: PluginThread) {
    this.stream = stream;
    this.plugin = plugin;
    this.thread = thread;
    this.id = thread.add(this);
  }

  /** Makes the context known to the plugin. */
  open(): void {
    const { connection, options, storedProperties } = this.stream;
    this.opened = true;
    this.thread.post([
      "connect",
      this.id,
      this.plugin.id,
      {
        connection,
        properties: pack(options.properties),
        stored: [...storedProperties],
        bufferLimit: options.bufferLimit,
      },
    ]);
  }

  /** Tells the plugin of the connection. @returns whether it may begin already */
  establish(): boolean {
    if (this.state === "new") {
      this.state = "asked";
      if (this.dead) this.state = "established";
      else this.thread.post(["establish", this.id]);
    }
    return this.state === "established";
  }

  receive(direction: TcpDirection, chunk: Uint8Array, endStream: boolean): void {
    if (this.dead) {
      this.stream.passAfter(this, direction, chunk, endStream);
      return;
    }
    const way = this[direction];
    way.posted++;
    way.bytes += chunk.length;
    // What is known of the server is known when it has said something.
    const properties = direction === "upstream" ? pack(this.stream.options.properties) : undefined;
    this.thread.post(["bytes", this.id, direction, exact(chunk), endStream, properties]);
    if (this.isFull(direction)) this.stream.updateReading();
  }

  /** Whether the sender is to wait. */
  isFull(direction: TcpDirection): boolean {
    return !this.dead && this[direction].bytes >= IN_FLIGHT;
  }

  /** Whether something has gone in that has not been dealt with. */
  isUnderWay(direction: TcpDirection): boolean {
    return !this.dead && this[direction].posted > 0;
  }

  keeps(direction: TcpDirection): boolean {
    return !this.dead && this[direction].keeps;
  }

  sideClosed(direction: TcpDirection, byPeer: boolean): void {
    if (!this.dead) this.thread.post(["sideClosed", this.id, direction, byPeer]);
  }

  storeProperty(key: string, value: Uint8Array): void {
    if (!this.dead && !this.finished) this.thread.post(["store", this.id, key, value]);
  }

  /** Tells the plugin that the connection has ended. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    if (this.opened) this.thread.post(["disconnect", this.id, pack(this.stream.options.properties)]);
    else this.thread.forget(this.id);
  }

  /** The thread has died. What it kept of the connection is gone with it. */
  threadDied(): void {
    if (this.finished) return;
    const { downstream, upstream } = this;
    const lost = downstream.posted > 0 || downstream.keeps || upstream.posted > 0 || upstream.keeps;
    this.dead = true;
    if (lost || this.plugin.settings.failurePolicy !== "open") {
      this.stream.closeByPlugin();
      return;
    }
    if (this.state !== "asked") return;
    this.state = "established";
    this.stream.establishAfter(this);
  }

  handle(event: StreamEvent): void {
    if (this.finished) return;
    switch (event[0]) {
      case "established":
        this.state = "established";
        this.stream.establishAfter(this);
        break;
      case "bytes":
        this.stream.passAfter(this, event[2], event[3], event[4]);
        break;
      case "bytesTaken": {
        const way = this[event[2]];
        way.posted -= event[3];
        way.bytes -= event[4];
        way.keeps = event[5];
        this.stream.updateReading();
        break;
      }
      case "closeConnection":
        this.stream.closeByPlugin();
        break;
      case "store":
        this.stream.setProperty(event[2], event[3], this);
        break;
    }
  }
}

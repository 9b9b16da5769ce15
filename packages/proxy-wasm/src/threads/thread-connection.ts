import type { PropertyValue } from "../abi/property.ts";
import { type TcpDirection, TcpStream, type TcpStreamOptions } from "../tcp/tcp-stream.ts";
import type { LocalPlugin } from "../vm/local-plugin.ts";
import { exact, type FromThread, type OpenedConnection, type Packed, unpack } from "./protocol.ts";

/** One plugin's part in a TCP connection, in the plugin's thread: a connection with this plugin alone. */
export class ThreadConnection {
  private readonly id: number;
  private readonly send: (event: FromThread) => void;
  private readonly stream: TcpStream;
  private readonly kept = { downstream: false, upstream: false };
  private properties: PropertyValue;
  private told = false;

  constructor(id: number, plugin: LocalPlugin, opened: OpenedConnection, send: (event: FromThread) => void) {
    this.id = id;
    this.send = send;
    this.properties = unpack(opened.properties);
    const properties = (): PropertyValue => this.properties;
    this.stream = new TcpStream(
      [plugin],
      {
        toUpstream: (chunk, end) => send(["bytes", id, "downstream", exact(chunk), end]),
        toDownstream: (chunk, end) => send(["bytes", id, "upstream", exact(chunk), end]),
        // There is one plugin: when the client may send, it has let the connection begin.
        readDownstream: (on) => {
          if (on) this.established();
        },
        readUpstream: () => {},
        close: () => send(["closeConnection", id]),
        whole: true,
        stored: (key, value) => send(["store", id, key, value]),
      },
      opened.connection,
      {
        bufferLimit: opened.bufferLimit,
        get properties() {
          return properties() as TcpStreamOptions["properties"];
        },
      },
    );
    for (const [key, value] of opened.stored) this.stream.storeProperty(key, value);
    this.stream.open();
  }

  private established(): void {
    if (this.told) return;
    this.told = true;
    this.send(["established", this.id]);
  }

  establish(): void {
    this.stream.establish();
  }

  receive(direction: TcpDirection, chunk: Uint8Array, end: boolean, properties: Packed | undefined): void {
    if (properties !== undefined) this.properties = unpack(properties);
    if (direction === "downstream") this.stream.fromDownstream(chunk, end);
    else this.stream.fromUpstream(chunk, end);
    this.taken(direction, 1, chunk.length);
  }

  private taken(direction: TcpDirection, inputs: number, bytes: number): void {
    const keeps = this.stream.keeps(direction);
    this.kept[direction] = keeps;
    this.send(["bytesTaken", this.id, direction, inputs, bytes, keeps]);
  }

  /** What a plugin has let go of outside the connection's own callbacks is told too. */
  reportKept(): void {
    for (const direction of ["downstream", "upstream"] as const)
      if (this.kept[direction] !== this.stream.keeps(direction)) this.taken(direction, 0, 0);
  }

  sideClosed(direction: TcpDirection, byPeer: boolean): void {
    if (direction === "downstream") this.stream.downstreamClosed(byPeer);
    else this.stream.upstreamClosed(byPeer);
  }

  storeProperty(key: string, value: Uint8Array): void {
    this.stream.storeProperty(key, value);
  }

  finish(properties: Packed | undefined): void {
    if (properties !== undefined) this.properties = unpack(properties);
    this.stream.finish();
    this.send(["closed", this.id]);
  }
}

import type { Server, Socket } from "node:net";
import { Duplex } from "node:stream";
import { readOptions } from "@wardian/runtime/options";
import { connectionInfo } from "../node/connection.ts";
import type { PluginChain } from "../node/middleware.ts";
import type { Plugin } from "../vm/plugin.ts";
import { TcpStream, type TcpStreamOptions, tcpStreamNames } from "./tcp-stream.ts";

type Callback = (error?: Error | null | undefined) => void;

/** A client's connection as it looks behind plugins: what is read has passed them, and so does what is written. */
export class FilteredSocket extends Duplex {
  /** The client's own socket. */
  readonly socket: Socket;
  private readonly stream: TcpStream;
  private wanted = true;
  private wants = true;
  /** Plugins take more from the server. */
  private upstreamWanted = true;
  /** What waits until more may be written. */
  private written: Callback | undefined = undefined;
  /** What waits until the server's last bytes have passed the plugins. */
  private finishing: Callback | undefined = undefined;

  constructor(plugins: readonly Plugin[], socket: Socket, given: TcpStreamOptions) {
    const options = readOptions("FilteredSocket", tcpStreamNames, given);
    super({ allowHalfOpen: socket.allowHalfOpen });
    this.socket = socket;
    // Whether a client that has ended is still answered is decided when its last bytes have passed the plugins.
    socket.allowHalfOpen = true;
    // A plugin that has failed refuses the connection while this object is still being made.
    let complete = false;
    let refused = false;
    this.stream = new TcpStream(
      plugins,
      {
        toUpstream: (chunk, end) => {
          if (chunk.length > 0 && !this.push(Buffer.from(chunk))) {
            this.wants = false;
            this.updateReading();
          }
          if (end) this.push(null);
        },
        toDownstream: (chunk, end) => {
          if (chunk.length > 0) socket.write(chunk);
          if (end) socket.end();
        },
        readDownstream: (on) => {
          this.wanted = on;
          this.updateReading();
        },
        readUpstream: (on) => {
          this.upstreamWanted = on;
          this.updateWriting();
        },
        close: () => {
          if (!complete) {
            refused = true;
            return;
          }
          socket.destroySoon();
          this.destroy();
        },
      },
      connectionInfo(socket),
      options,
    );
    socket.on("data", (chunk: Buffer) => this.stream.fromDownstream(new Uint8Array(chunk), false));
    socket.on("end", () => this.stream.fromDownstream(new Uint8Array(0), true));
    socket.on("drain", () => this.updateWriting());
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => {
      this.stream.downstreamClosed(true);
      this.destroy();
      this.stream.finish();
    });
    complete = true;
    if (refused) this.destroy();
  }

  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.socket.remotePort;
  }

  /** Tells the plugins of the connection. Called once, before somebody writes. */
  start(): void {
    this.stream.start();
  }

  private updateReading(): void {
    if (this.wanted && this.wants) this.socket.resume();
    else this.socket.pause();
  }

  override _read(): void {
    this.wants = true;
    this.updateReading();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.written = callback;
    this.stream.fromUpstream(new Uint8Array(chunk), false);
    this.updateWriting();
  }

  override _final(callback: Callback): void {
    this.finishing = callback;
    this.stream.fromUpstream(new Uint8Array(0), true);
    this.updateWriting();
  }

  private updateWriting(): void {
    const { written, finishing } = this;
    if (written !== undefined && this.upstreamWanted && !this.socket.writableNeedDrain) {
      this.written = undefined;
      written();
    }
    if (finishing !== undefined && !this.stream.isUnderWay("upstream")) {
      this.finishing = undefined;
      finishing();
    }
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.stream.upstreamClosed(error === null);
    this.socket.destroySoon();
    callback(error);
  }
}

/**
 * Puts plugins before a server's connections: its listeners get a {@link FilteredSocket} in place of each socket.
 *
 * @returns a function that takes the plugins away again
 * @throws TypeError for an option that is not known
 */
export function filterConnections(server: Server, plugins: PluginChain, given?: TcpStreamOptions): () => void {
  const options = readOptions("filterConnections", tcpStreamNames, given);
  const own = server.emit;
  const filtering = function (this: Server, event: string, ...args: unknown[]): boolean {
    const emit = (own as (event: string, ...args: unknown[]) => boolean).bind(this);
    const chain = typeof plugins === "function" ? plugins() : plugins;
    if (event !== "connection" || chain.length === 0) return emit(event, ...args);
    const filtered = new FilteredSocket(chain, args[0] as Socket, options);
    // Refused: nobody is told of it, so that nothing is written to it.
    if (filtered.destroyed) return true;
    filtered.start();
    return emit(event, filtered);
  };
  server.emit = filtering as typeof server.emit;
  return () => {
    if (server.emit === (filtering as typeof server.emit)) server.emit = own;
  };
}

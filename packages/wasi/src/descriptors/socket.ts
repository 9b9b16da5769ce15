import { FdFlags } from "../abi.ts";
import { WASIError } from "../errors.ts";
import type { FileStat } from "../filesystem/file-system.ts";
import { Pull } from "../guest/pull.ts";
import type { Waiting } from "../guest/waiting.ts";
import { CONNECTION_RIGHTS, LISTENER_RIGHTS } from "../rights.ts";
import type { Connection, Listener } from "../sockets.ts";
import { Input } from "../stdio/input.ts";
import { Output } from "../stdio/output.ts";
import { type Buffers, Descriptor, type Readiness } from "./descriptor.ts";
import { inputReadiness, streamStat } from "./stream.ts";

/** A listening socket that the host has handed over. */
export class ListenerDescriptor extends Descriptor {
  private readonly listener: Listener;
  private readonly waiting: Waiting;
  private readonly pull: Pull<Connection | null>;

  constructor(listener: Listener, waiting: Waiting) {
    super(LISTENER_RIGHTS, CONNECTION_RIGHTS);
    this.listener = listener;
    this.waiting = waiting;
    this.pull = new Pull(() => listener.accept());
  }

  override stat(): FileStat {
    return streamStat("socket_stream");
  }

  override read(): number {
    throw new WASIError("notconn", "a listening socket");
  }

  override write(): number {
    throw new WASIError("notconn", "a listening socket");
  }

  /** The next connection as a descriptor; a promise where it must be waited for. */
  accept(flags: number): ConnectionDescriptor | Promise<ConnectionDescriptor> {
    if (this.pull.poll()) {
      const connection = this.pull.take();
      if (connection === null) throw new WASIError("inval", "the listener has been closed");
      return new ConnectionDescriptor(connection, this.waiting, this.inheriting, flags);
    }
    if ((this.flags & FdFlags.nonblock) !== 0) throw new WASIError("again", "nobody has connected yet");
    if (!this.waiting.suspendable) {
      throw new WASIError("notsup", "a connection can only be waited for by a call that may be suspended");
    }
    return this.pull.wait().then(() => this.accept(flags));
  }

  override get readable(): Readiness | undefined {
    return this.pull.poll() ? { bytes: 0, hangup: false } : undefined;
  }

  override whenReadable(): Promise<void> {
    return this.pull.wait();
  }

  override close(): void {
    // A connection that was fetched for a poll and not accepted has no other owner.
    this.pull.abandon((connection) => connection?.close());
    this.listener.close();
  }
}

/** A socket with somebody at the other end. */
export class ConnectionDescriptor extends Descriptor {
  private readonly connection: Connection;
  private readonly input: Input;
  private readonly output: Output;
  private readShut = false;
  private writeShut = false;

  constructor(connection: Connection, waiting: Waiting, rights: number, flags: number) {
    super(rights & CONNECTION_RIGHTS, 0, flags);
    this.connection = connection;
    this.input = new Input({ next: () => connection.read(), blocks: () => false }, waiting);
    const sink = { tty: false, direct: true, write: (chunk: Uint8Array) => connection.write(chunk) };
    this.output = new Output(sink, waiting, Infinity);
  }

  override stat(): FileStat {
    return streamStat("socket_stream");
  }

  override read(buffers: Buffers): number | Promise<number> {
    return this.receive(buffers, false, false);
  }

  override write(buffers: Buffers): number | Promise<number> {
    if (this.writeShut) throw new WASIError("pipe", "the socket was shut down for writing");
    return this.output.write(buffers());
  }

  /**
   * @param peek leave what was read to be read again
   * @param all wait until all buffers are full or the other side has ended
   */
  receive(buffers: Buffers, peek: boolean, all: boolean): number | Promise<number> {
    if (this.readShut) return 0;
    const nonblocking = (this.flags & FdFlags.nonblock) !== 0;
    if (!all || peek) return this.input.read(buffers, peek, nonblocking);
    let wanted = 0;
    for (const buffer of buffers()) wanted += buffer.length;
    return this.receiveAll(buffers, 0, wanted, nonblocking);
  }

  shutdown(read: boolean, write: boolean): void {
    this.readShut ||= read;
    this.writeShut ||= write;
    this.connection.shutdown(read && write ? "both" : read ? "read" : "write");
  }

  override get readable(): Readiness | undefined {
    return this.readShut ? { bytes: 0, hangup: true } : inputReadiness(this.input);
  }

  override whenReadable(): Promise<void> {
    return this.input.wait();
  }

  override close(): void {
    this.connection.close();
  }

  private receiveAll(buffers: Buffers, got: number, wanted: number, nonblocking: boolean): number | Promise<number> {
    for (;;) {
      if (got === wanted) return got;
      let read: number | Promise<number>;
      try {
        read = this.input.read(() => skip(buffers(), got), false, nonblocking);
      } catch (error) {
        if (got > 0) return got;
        throw error;
      }
      if (typeof read !== "number") {
        return read.then((more) => (more === 0 ? got : this.receiveAll(buffers, got + more, wanted, nonblocking)));
      }
      if (read === 0) return got;
      got += read;
    }
  }
}

/** The buffers without their first bytes. */
function skip(buffers: Uint8Array[], bytes: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    const cut = Math.min(bytes, buffer.length);
    bytes -= cut;
    rest.push(buffer.subarray(cut));
  }
  return rest;
}

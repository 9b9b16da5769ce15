/** A connection that the host hands to a guest. Any byte stream in two directions will do. */
export interface Connection {
  /** The next bytes; null when the other side has ended. A promise where they must be waited for. */
  read(): Uint8Array | null | Promise<Uint8Array | null>;
  /** Sends bytes, which are the connection's to keep. A promise holds the guest back until it is settled. */
  write(bytes: Uint8Array): unknown;
  /** No more will be read, written, or both. */
  shutdown(how: "read" | "write" | "both"): void;
  close(): void;
}

/** Something that connections come from, handed to the guest as an open socket. */
export interface Listener {
  /** The next connection; null when there will be no more. A promise where it must be waited for. */
  accept(): Connection | null | Promise<Connection | null>;
  /** The guest has closed its socket. */
  close(): void;
}

/** A Node `net.Socket`, as far as it is used here. */
export interface NodeSocket {
  on(event: string, listener: (value: unknown) => void): unknown;
  once(event: string, listener: (value: unknown) => void): unknown;
  pause(): unknown;
  resume(): unknown;
  write(bytes: Uint8Array): boolean;
  end(callback?: () => void): unknown;
  destroy(): unknown;
}

/** A Node `net.Server`, as far as it is used here. */
export interface NodeServer {
  on(event: string, listener: (value: unknown) => void): unknown;
  removeListener(event: string, listener: (value: unknown) => void): unknown;
}

/** Values that arrive on their own and are fetched one at a time. */
class Mailbox<T> {
  private readonly values: T[] = [];
  private waiter: ((value: T | null) => void) | undefined;
  private ended = false;

  put(value: T): void {
    if (this.waiter === undefined) this.values.push(value);
    else this.hand(value);
  }

  end(): void {
    this.ended = true;
    if (this.waiter !== undefined) this.hand(null);
  }

  get(): T | null | Promise<T | null> {
    const value = this.values.shift();
    if (value !== undefined) return value;
    if (this.ended) return null;
    return new Promise((resolve) => {
      this.waiter = resolve;
    });
  }

  get size(): number {
    return this.values.length;
  }

  drop(): T[] {
    return this.values.splice(0);
  }

  private hand(value: T | null): void {
    const waiter = this.waiter!;
    this.waiter = undefined;
    waiter(value);
  }
}

/** Makes a {@link Connection} of a Node socket. No more than one chunk is read ahead. */
export function socketConnection(socket: NodeSocket): Connection {
  const chunks = new Mailbox<Uint8Array>();
  let destroyed = false;
  socket.on("data", (chunk) => {
    chunks.put(chunk as Uint8Array);
    socket.pause();
  });
  socket.on("end", () => chunks.end());
  socket.on("error", () => chunks.end());
  socket.on("close", () => {
    destroyed = true;
    chunks.end();
  });
  return {
    read: () => {
      if (chunks.size <= 1) socket.resume();
      return chunks.get();
    },
    write: (bytes) => {
      if (socket.write(bytes) || destroyed) return undefined;
      return new Promise<void>((resolve) => {
        socket.once("drain", () => resolve());
        socket.once("close", () => resolve());
      });
    },
    shutdown: (how) => {
      if (how !== "read") socket.end();
      if (how !== "write") chunks.end();
    },
    close: () => {
      // What was written still goes out.
      if (destroyed) return;
      socket.end(() => socket.destroy());
      socket.resume();
    },
  };
}

/** How many connections wait for a guest; more are refused. */
const BACKLOG = 128;

/** Makes a {@link Listener} of a Node server, whose listening and closing stay with the host: `new WASI({ listeners: [serverListener(server)] })`. */
export function serverListener(server: NodeServer): Listener {
  const connections = new Mailbox<Connection>();
  const connected = (value: unknown): void => {
    const socket = value as NodeSocket;
    if (connections.size >= BACKLOG) socket.destroy();
    else {
      socket.pause();
      connections.put(socketConnection(socket));
    }
  };
  const closed = (): void => connections.end();
  server.on("connection", connected);
  server.on("close", closed);
  return {
    accept: () => connections.get(),
    close: () => {
      server.removeListener("connection", connected);
      server.removeListener("close", closed);
      connections.end();
      for (const connection of connections.drop()) connection.close();
    },
  };
}

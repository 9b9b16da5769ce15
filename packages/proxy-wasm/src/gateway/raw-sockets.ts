import { Socket } from "node:net";

/** A connection as the platform holds it, before any byte is read from it. The channel between processes carries it. */
export interface SocketHandle {
  close(): void;
}

/** @returns the handle of a connection, or undefined when the connection has ended */
export function handleOf(socket: Socket): SocketHandle | undefined {
  return (socket as unknown as { readonly _handle: SocketHandle | null })._handle ?? undefined;
}

/** Makes a connection of a handle, as a server of `node:http` makes one of what it accepts. */
export function socketOf(handle: SocketHandle): Socket {
  const options = { handle, allowHalfOpen: true, readable: true, writable: true };
  return new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]);
}

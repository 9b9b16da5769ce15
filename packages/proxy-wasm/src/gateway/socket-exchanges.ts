import type { Duplex } from "node:stream";

const waiting = new WeakMap<Duplex, Set<() => void>>();

/**
 * Calls a function when a connection has closed. Node emits no `close` for the responses of pipelined requests whose turn
 * never came. One listener serves all requests of a connection.
 *
 * @returns a function that takes it back
 */
export function whenConnectionCloses(socket: Duplex, action: () => void): () => void {
  let actions = waiting.get(socket);
  if (actions === undefined) {
    const made = new Set<() => void>();
    actions = made;
    waiting.set(socket, made);
    // What is in turn is told by its response first.
    socket.once("close", () =>
      setImmediate(() => {
        for (const one of made) one();
      }),
    );
  }
  const all = actions;
  all.add(action);
  return () => void all.delete(action);
}

import type { Duplex } from "node:stream";
import { deserialize, serialize } from "node:v8";

/** Between processes of one program: each message is its length in four bytes, and what structured cloning makes of it. */
export function sendFrame(socket: Duplex, message: unknown): void {
  const body = serialize(message);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  socket.write(Buffer.concat([head, body]));
}

/** Calls back with each message that arrives. */
export function readFrames(socket: Duplex, received: (message: unknown) => void): void {
  let pending: Buffer[] = [];
  let size = 0;
  let wanted = 4;
  socket.on("data", (chunk: Buffer) => {
    pending.push(chunk);
    size += chunk.length;
    // Joined only when a whole message is there, so that a large one costs no more than its length.
    while (size >= wanted) {
      const bytes = pending.length === 1 ? pending[0] : Buffer.concat(pending);
      const length = bytes.readUInt32LE(0);
      wanted = 4 + length;
      if (size >= wanted) {
        received(deserialize(bytes.subarray(4, wanted)));
        pending = [bytes.subarray(wanted)];
        size -= wanted;
        wanted = 4;
      } else pending = [bytes];
    }
  });
}

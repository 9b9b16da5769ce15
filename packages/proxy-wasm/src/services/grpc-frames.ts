import { concatBytes } from "../abi/bytes.ts";

/** Bytes before each message. */
const HEADER = 5;

/** A message with the five bytes that stand before each: whether it is compressed, which it is not, and its length. */
export function grpcFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

/** Takes a gRPC stream's bytes apart into messages. Each byte is copied a bounded number of times, however small the chunks. */
export class GrpcFrames {
  /** What has come of the next message, its five bytes included. */
  private chunks: Uint8Array[] = [];
  private size = 0;
  /** As many bytes must be there before a look at them is worth it. */
  private wanted = HEADER;
  private readonly maxMessage: number;

  constructor(maxMessage: number) {
    this.maxMessage = maxMessage;
  }

  /** @returns the messages that are complete with this chunk. @throws Error for one that is too long or compressed */
  push(chunk: Uint8Array): Uint8Array[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const messages: Uint8Array[] = [];
    if (this.size < this.wanted) return messages;
    let bytes = this.chunks.length === 1 ? chunk : concatBytes(this.chunks);
    this.wanted = HEADER;
    while (bytes.length >= HEADER) {
      const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(1);
      if (bytes[0] !== 0) throw new Error("the server sent a compressed message, which was not asked for");
      if (length > this.maxMessage) throw new Error(`a message of ${length} bytes is longer than ${this.maxMessage}`);
      if (bytes.length < HEADER + length) {
        this.wanted = HEADER + length;
        break;
      }
      messages.push(bytes.slice(HEADER, HEADER + length));
      bytes = bytes.subarray(HEADER + length);
    }
    this.chunks = bytes.length === 0 ? [] : [bytes];
    this.size = bytes.length;
    return messages;
  }
}

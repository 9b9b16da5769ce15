import { concatBytes } from "../abi/bytes.ts";

/** A message with the five bytes that stand before each: whether it is compressed, which it is not, and its length. */
export function grpcFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

/** Takes a gRPC stream's bytes apart into messages. */
export class GrpcFrames {
  private rest: Uint8Array = new Uint8Array(0);
  private readonly maxMessage: number;

  constructor(maxMessage: number) {
    this.maxMessage = maxMessage;
  }

  /** @returns the messages that are complete with this chunk. @throws Error for one that is too long or compressed */
  push(chunk: Uint8Array): Uint8Array[] {
    let bytes = this.rest.length === 0 ? chunk : concatBytes([this.rest, chunk]);
    const messages: Uint8Array[] = [];
    while (bytes.length >= 5) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const length = view.getUint32(1);
      if (bytes[0] !== 0) throw new Error("the server sent a compressed message, which was not asked for");
      if (length > this.maxMessage) throw new Error(`a message of ${length} bytes is longer than ${this.maxMessage}`);
      if (bytes.length < 5 + length) break;
      messages.push(bytes.slice(5, 5 + length));
      bytes = bytes.subarray(5 + length);
    }
    this.rest = bytes;
    return messages;
  }
}

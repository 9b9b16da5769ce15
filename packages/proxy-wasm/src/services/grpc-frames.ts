import { ByteCollector, type ByteCounter } from "../abi/byte-collector.ts";

/** Bytes before each message. */
const HEADER = 5;

/** A message with the five bytes that stand before each: whether it is compressed, which it is not, and its length. */
export function grpcFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, HEADER);
  return frame;
}

/** Takes a gRPC stream's bytes apart into messages. Each byte is copied a bounded number of times, however small the chunks. */
export class GrpcFrames {
  /** What has come of the next message, its five bytes included. */
  private readonly waiting: ByteCollector;
  /** As many bytes must be there before a look at them is worth it. */
  private wanted = HEADER;
  private readonly maxMessage: number;

  /** @param counter counts the bytes of incomplete messages */
  constructor(maxMessage: number, counter: ByteCounter) {
    this.maxMessage = maxMessage;
    this.waiting = new ByteCollector(counter);
  }

  /**
   * @returns the messages that are complete with this chunk
   * @throws Error for a message that is too long or compressed, and when the counter refuses the memory
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const { waiting } = this;
    if (!waiting.append(chunk)) throw new Error("the calls of plugins hold as many bytes as they may");
    if (waiting.length < this.wanted) return [];
    const bytes = waiting.bytes();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const messages: Uint8Array[] = [];
    this.wanted = HEADER;
    let at = 0;
    while (bytes.length - at >= HEADER) {
      const length = view.getUint32(at + 1);
      if (bytes[at] !== 0) throw new Error("the server sent a compressed message, which was not asked for");
      if (length > this.maxMessage) throw new Error(`a message of ${length} bytes is longer than ${this.maxMessage}`);
      const end = at + HEADER + length;
      if (bytes.length < end) {
        this.wanted = HEADER + length;
        break;
      }
      messages.push(bytes.slice(at + HEADER, end));
      at = end;
    }
    if (at > 0) waiting.remove(at);
    return messages;
  }
}

import { WASIError } from "../errors.ts";
import { isPromise } from "../guest/pull.ts";
import type { Waiting } from "../guest/waiting.ts";
import { decodeUtf8 } from "../utf8.ts";
import { hostOutput } from "./host-streams.ts";

/** What takes bytes one chunk after the other: a {@link CapturedOutput}, a Node stream, an object of your own. */
export interface ChunkWriter {
  /** The chunk is the writer's to keep. A promise holds the guest back, where its call may be suspended, until it is settled. */
  write(chunk: Uint8Array): unknown;
}

/**
 * Where a guest's standard output or error goes:
 * - a function that gets each chunk and may return a promise, or an object whose `write` does;
 * - a `WritableStream`;
 * - `"inherit"`: the host process's own (Node, Deno, Bun).
 */
export type OutputSink =
  | ((chunk: Uint8Array) => unknown)
  | ChunkWriter
  | { getWriter(): { write(chunk: Uint8Array): Promise<void> } }
  | "inherit";

/** What an {@link OutputSink} comes down to. */
export interface ByteSink {
  readonly tty: boolean;
  /** Whether nothing is kept in the host's memory. */
  readonly direct: boolean;
  write(chunk: Uint8Array, waiting: Waiting): unknown;
}

/** @throws TypeError for what is no output */
export function toByteSink(output: OutputSink | undefined, descriptor: 1 | 2): ByteSink {
  if (output === "inherit") return hostOutput(descriptor);
  const sink = { tty: false, direct: false };
  if (output === undefined) return { ...sink, write: () => {} };
  if (typeof output === "function") return { ...sink, write: output };
  if (typeof output === "object" && "getWriter" in output) {
    const writer = output.getWriter();
    return { ...sink, write: (chunk) => writer.write(chunk) };
  }
  if (typeof output === "object" && typeof output.write === "function") {
    return { ...sink, write: (chunk) => drained(output, output.write(chunk)) };
  }
  throw new TypeError('an output must be a function, an object with write, a WritableStream, or "inherit"');
}

/** A Node stream that is full says false and tells later when it has room again. */
function drained(writer: ChunkWriter, result: unknown): unknown {
  const { once } = writer as { once?: unknown };
  if (result !== false || typeof once !== "function") return result;
  return new Promise<void>((resolve) => {
    once.call(writer, "drain", () => resolve());
    once.call(writer, "close", () => resolve());
  });
}

/** The most that is copied out of a guest at once. */
const MOST_CHUNK = 1024 * 1024;

/** Bytes on their way from a guest to a sink. */
export class Output {
  private readonly sink: ByteSink;
  private readonly waiting: Waiting;
  private left: number;
  private failure: { readonly error: unknown } | undefined;

  /** @param most bytes that may be written in all */
  constructor(sink: ByteSink, waiting: Waiting, most: number) {
    this.sink = sink;
    this.waiting = waiting;
    this.left = most;
  }

  /**
   * Writes all of the buffers, or what the limit leaves room for.
   *
   * @returns how many bytes; a promise where the sink makes the guest wait
   * @throws WASIError `dquot` when the limit has been reached
   */
  write(buffers: Uint8Array[]): number | Promise<number> {
    if (this.failure !== undefined) throw this.failure.error;
    let wanted = 0;
    for (const buffer of buffers) wanted += buffer.length;
    if (wanted === 0) return 0;
    const total = Math.min(wanted, this.left);
    if (total === 0) throw new WASIError("dquot", "the guest has written as much as it may");
    this.left -= total;

    const chunks = cut(buffers, total);
    let waits: Promise<unknown> | undefined;
    for (const chunk of chunks) {
      if (waits !== undefined) {
        waits = waits.then(() => this.sink.write(chunk, this.waiting));
        continue;
      }
      const result = this.sink.write(chunk, this.waiting);
      if (isPromise(result)) waits = result;
    }
    if (waits === undefined) return total;
    if (this.waiting.suspendable) return waits.then(() => total);
    // Nobody can wait for it: what goes wrong is told at the next write.
    waits.catch((error: unknown) => {
      this.failure = { error };
    });
    return total;
  }
}

/** Copies the first `total` bytes of the buffers. */
function cut(buffers: Uint8Array[], total: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let chunk = new Uint8Array(0);
  let used = 0;
  let left = total;
  for (const buffer of buffers) {
    for (let at = 0; at < buffer.length && left > 0; ) {
      if (used === chunk.length) {
        chunk = new Uint8Array(Math.min(left, MOST_CHUNK));
        chunks.push(chunk);
        used = 0;
      }
      const part = buffer.subarray(at, at + chunk.length - used);
      chunk.set(part, used);
      used += part.length;
      at += part.length;
      left -= part.length;
    }
  }
  return chunks;
}

/** Keeps what a guest writes: `const out = new CapturedOutput(); new WASI({ stdout: out }); … out.text`. */
export class CapturedOutput implements ChunkWriter {
  private readonly chunks: Uint8Array[] = [];
  private bytesHeld = 0;

  write(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.bytesHeld += chunk.length;
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.bytesHeld;
  }

  /** All that has been written. */
  get bytes(): Uint8Array {
    if (this.chunks.length !== 1) {
      const all = new Uint8Array(this.bytesHeld);
      let at = 0;
      for (const chunk of this.chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      this.chunks.length = 0;
      this.chunks.push(all);
    }
    return this.chunks[0].slice();
  }

  /** All that has been written, as text; what is not UTF-8 is shown as U+FFFD for each byte. */
  get text(): string {
    const { bytes } = this;
    const whole = decodeUtf8(bytes, 0, bytes.length);
    if (whole !== undefined) return whole;
    let text = "";
    for (let at = 0; at < bytes.length; ) {
      let length = 1;
      let part = decodeUtf8(bytes, at, at + 1);
      while (part === undefined && length < 4 && at + length < bytes.length) {
        length++;
        part = decodeUtf8(bytes, at, at + length);
      }
      text += part ?? "\ufffd";
      at += part === undefined ? 1 : length;
    }
    return text;
  }
}

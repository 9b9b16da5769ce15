import { WASIError } from "../errors.ts";
import { Pull } from "../guest/pull.ts";
import type { Waiting } from "../guest/waiting.ts";
import { encodeUtf8 } from "../utf8.ts";
import { hostInput } from "./host-streams.ts";

/** The next bytes of an input: none at its end is `null` or `undefined`. */
export type InputChunk = Uint8Array | string | null | undefined;

/**
 * Where a guest's standard input comes from:
 * - a text or bytes: these, then the end;
 * - a function that is called for the next bytes whenever the guest wants more, and may return a promise of them;
 * - something to iterate over, such as a `ReadableStream`, a Node stream or an array of chunks;
 * - `"inherit"`: the host process's own (Node, Deno, Bun).
 *
 * Promises can be waited for where the call may be suspended; elsewhere reading fails with `notsup`.
 */
export type InputSource =
  | string
  | Uint8Array
  | (() => InputChunk | Promise<InputChunk>)
  | Iterable<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | { getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | string }> } }
  | "inherit";

/** What an {@link InputSource} comes down to. */
export interface ByteSource {
  /** Whether it is a terminal. */
  readonly tty: boolean;
  /** Gets more; a source of the host may block where the call cannot be suspended. */
  next(waiting: Waiting): InputChunk | Promise<InputChunk>;
  /** Whether {@link next} would block rather than return a promise, so that nothing is known before it is called. */
  blocks(waiting: Waiting): boolean;
  close(): void;
}

/**
 * @throws TypeError for what is no input
 */
export function toByteSource(input: InputSource | undefined): ByteSource {
  if (input === "inherit") return hostInput();
  return { tty: false, next: toFunction(input), blocks: () => false, close: () => {} };
}

function toFunction(input: InputSource | undefined): () => InputChunk | Promise<InputChunk> {
  if (input === undefined) return () => null;
  if (typeof input === "function") return input;
  if (typeof input === "string" || input instanceof Uint8Array) {
    let rest: InputChunk = input;
    return () => {
      const chunk = rest;
      rest = null;
      return chunk;
    };
  }
  if (Symbol.asyncIterator in input) {
    const iterator = input[Symbol.asyncIterator]();
    return async () => {
      const { done, value } = await iterator.next();
      return done ? null : value;
    };
  }
  if (Symbol.iterator in input) {
    const iterator = input[Symbol.iterator]();
    return () => {
      const { done, value } = iterator.next();
      return done ? null : value;
    };
  }
  if ("getReader" in input) {
    const reader = input.getReader();
    return async () => {
      const { done, value } = await reader.read();
      return done ? null : value;
    };
  }
  throw new TypeError('stdin must be a text, bytes, a function, something to iterate over, or "inherit"');
}

/** Bytes on their way to a guest: what a source gave and the guest has not read yet. */
export class Input {
  private readonly waiting: Waiting;
  private readonly source: Pick<ByteSource, "blocks">;
  private readonly pull: Pull<InputChunk>;
  private chunk: Uint8Array = new Uint8Array(0);
  private sourceEnded = false;

  constructor(source: Pick<ByteSource, "next" | "blocks">, waiting: Waiting) {
    this.waiting = waiting;
    this.source = source;
    this.pull = new Pull(() => source.next(waiting));
  }

  /** How many bytes can be read without waiting; undefined when that is not known yet, and 0 at the end. */
  get readable(): number | undefined {
    // Asking a source that blocks would be reading: it counts as ready, as a plain file does.
    if (this.chunk.length === 0 && !this.sourceEnded && this.source.blocks(this.waiting)) return 1;
    return this.fill() ? this.chunk.length : undefined;
  }

  /** Whether the end has been reached. */
  get ended(): boolean {
    return this.sourceEnded && this.chunk.length === 0;
  }

  /** Passes when {@link readable} may have changed. */
  wait(): Promise<void> {
    return this.fill() ? Promise.resolve() : this.pull.wait();
  }

  /**
   * Reads into the buffers what there is, at least one byte unless the end is reached; a promise where that must be waited for.
   *
   * @param peek leave it to be read again
   * @param nonblocking fail with `again` rather than wait
   * @param buffers called for the places to fill, after the waiting: a guest's memory may have moved by then
   */
  read(buffers: () => Uint8Array[], peek: boolean, nonblocking: boolean): number | Promise<number> {
    if (this.fill()) return this.take(buffers(), peek);
    if (nonblocking) throw new WASIError("again", "there is nothing to read yet");
    if (!this.waiting.suspendable) {
      throw new WASIError("notsup", "input that arrives later can only be read by a call that may be suspended");
    }
    return this.pull.wait().then(() => this.read(buffers, peek, nonblocking));
  }

  private take(buffers: Uint8Array[], peek: boolean): number {
    let read = 0;
    for (const buffer of buffers) {
      const part = this.chunk.subarray(read, read + buffer.length);
      buffer.set(part);
      read += part.length;
      if (part.length < buffer.length) break;
    }
    if (!peek) this.chunk = this.chunk.subarray(read);
    return read;
  }

  /** Gets more when there is nothing; false when it must be waited for. */
  private fill(): boolean {
    while (this.chunk.length === 0 && !this.sourceEnded) {
      if (!this.pull.poll()) return false;
      const chunk = this.pull.take();
      if (chunk === null || chunk === undefined) this.sourceEnded = true;
      else if (typeof chunk === "string") this.chunk = encodeUtf8(chunk);
      else if (chunk instanceof Uint8Array) this.chunk = chunk;
      else throw new TypeError("an input's chunks must be Uint8Array or text");
    }
    return true;
  }
}

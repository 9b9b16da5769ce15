import type { HeaderMap } from "../abi/header-map.ts";
import type { Stage, StageOutput } from "./stage.ts";

/** The end of one direction of a stream, and the control of its source. */
export interface HalfSink {
  headers(headers: HeaderMap, endStream: boolean): void;
  data(chunk: Uint8Array, endStream: boolean): void;
  trailers(trailers: HeaderMap): void;
  /** The source must stop sending, or may continue. */
  read(on: boolean): void;
  /** A plugin buffers more than it may. */
  tooLarge(): void;
}

/** One direction of an HTTP stream: a message that passes plugins one after the other. Each of them may change it, hold it, and pass it on. */
export class Half {
  /** The headers before the first plugin, for the log. */
  headers: HeaderMap | undefined = undefined;
  trailers: HeaderMap | undefined = undefined;
  /** Bytes of body that have arrived. */
  bytes = 0;
  /** Nothing more is received or passed on. */
  closed = false;
  /** A plugin has passed on another number of body bytes than it was shown. */
  changedLength = false;
  /** The whole message has arrived. */
  ended = false;
  /** The whole message has passed the last plugin. */
  done = false;

  private readonly stages: Stage[] = [];
  private readonly sink: HalfSink;
  private readonly first: Link = new Link(this);
  private last: Link = this.first;
  private reading = true;

  constructor(sink: HalfSink) {
    this.sink = sink;
  }

  /** Adds a plugin after the present ones. */
  add(stage: Stage): void {
    this.stages.push(stage);
    this.last = this.last.insert(stage);
  }

  /** Adds a plugin before the present ones. */
  addFirst(stage: Stage): void {
    this.stages.unshift(stage);
    const link = this.first.insert(stage);
    if (this.last === this.first) this.last = link;
  }

  /** Whether the message has begun. */
  get begun(): boolean {
    return this.headers !== undefined;
  }

  receiveHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.closed || this.begun) return;
    this.headers = headers;
    this.ended = endStream;
    this.first.headers(headers, endStream);
  }

  receiveData(chunk: Uint8Array, endStream: boolean): void {
    if (this.closed || this.ended) return;
    this.bytes += chunk.length;
    this.ended = endStream;
    if (chunk.length > 0 || endStream) this.first.data(chunk, endStream);
  }

  /** Receives the trailers, which end the message. */
  receiveTrailers(trailers: HeaderMap): void {
    if (this.closed || this.ended) return;
    this.ended = true;
    this.first.trailers(trailers);
  }

  /** Ends the direction. Plugins drop what they keep. */
  close(): void {
    this.closed = true;
    for (const stage of this.stages) stage.close();
    this.updateReading();
  }

  /** Whether a plugin sees or drops the body, or keeps a part of the message. */
  get watchesBody(): boolean {
    return this.stages.some(({ watchesBody }) => watchesBody);
  }

  /** For the links: the message has passed the last plugin. */
  get end(): HalfSink {
    return this.sink;
  }

  /** For the links: a plugin's wish to pause has changed. */
  updateReading(): void {
    const reading = this.closed || !this.stages.some(({ wantsPause }) => wantsPause);
    if (reading === this.reading) return;
    this.reading = reading;
    this.sink.read(reading);
  }
}

/** The place before the first plugin of a half, or after one of its plugins. */
class Link implements StageOutput {
  private readonly half: Half;
  private next: Stage | undefined = undefined;

  constructor(half: Half) {
    this.half = half;
  }

  /** Puts a plugin here. @returns the place after it */
  insert(stage: Stage): Link {
    const after = new Link(this.half);
    after.next = this.next;
    this.next = stage;
    stage.connect(after);
    return after;
  }

  get isLast(): boolean {
    return this.next === undefined;
  }

  headers(headers: HeaderMap, endStream: boolean): void {
    const { half, next } = this;
    if (half.closed) return;
    if (next !== undefined) {
      next.receiveHeaders(headers, endStream);
      return;
    }
    if (endStream) half.done = true;
    half.end.headers(headers, endStream);
  }

  data(chunk: Uint8Array, endStream: boolean): void {
    const { half, next } = this;
    if (half.closed) return;
    if (next !== undefined) {
      next.receiveData(chunk, endStream);
      return;
    }
    if (endStream) half.done = true;
    half.end.data(chunk, endStream);
  }

  trailers(trailers: HeaderMap): void {
    const { half, next } = this;
    if (half.closed) return;
    half.trailers ??= trailers;
    if (next !== undefined) {
      next.receiveTrailers(trailers);
      return;
    }
    half.done = true;
    half.end.trailers(trailers);
  }

  lengthChanged(): void {
    this.half.changedLength = true;
  }

  pauseChanged(): void {
    this.half.updateReading();
  }

  tooLarge(): void {
    if (!this.half.closed) this.half.end.tooLarge();
  }
}

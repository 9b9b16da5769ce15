import type { Status } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import type { PropertyValue } from "../abi/property.ts";
import { Half } from "../http/half.ts";
import type { ContextStream, HttpContext } from "../http/http-context.ts";
import type { HttpStreamOptions } from "../http/http-stream.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { StreamObserver } from "../http/stream-observer.ts";
import { type StreamFacts, streamProperty } from "../http/stream-properties.ts";
import type { LocalResponse } from "../vm/context.ts";
import type { LocalPlugin } from "../vm/local-plugin.ts";
import { StoredProperties } from "../vm/stored-properties.ts";
import type { Direction, FinishedStream, Flat, FromThread, OpenedStream, Packed } from "./protocol.ts";
import { exact, flatten, unflatten, unpack } from "./protocol.ts";

/** One plugin's part in an HTTP stream, in the plugin's thread: a half for each direction with this plugin alone in it. */
export class ThreadStream implements ContextStream, StreamFacts {
  readonly request: Half;
  readonly response: Half;
  readonly options: HttpStreamOptions;
  readonly started: Date;
  finishedAt: Date | undefined = undefined;
  sentHeaders: HeaderMap | undefined = undefined;
  responseDetails: string | undefined = undefined;

  private readonly id: number;
  private readonly send: (event: FromThread) => void;
  private readonly opened: OpenedStream;
  private readonly stored = new StoredProperties();
  private readonly kept = { request: false, response: false };
  private context: HttpContext | undefined = undefined;
  private properties: PropertyValue;
  private readonly observer: StreamObserver | undefined;
  private totalSent: bigint | undefined = undefined;

  constructor(id: number, plugin: LocalPlugin, opened: OpenedStream, send: (event: FromThread) => void) {
    this.id = id;
    this.send = send;
    this.opened = opened;
    this.options = opened.options;
    this.started = opened.started;
    this.observer = opened.observed ? { callback: (call) => send(["callback", id, call]) } : undefined;
    this.properties = unpack(opened.properties);
    for (const [key, value] of opened.stored) this.stored.set(key, value);
    this.request = this.half("request");
    this.response = this.half("response");
    try {
      this.context = plugin.openHttp(this);
      if (this.context === undefined) return;
      this.request.add(this.context.request);
      this.response.add(this.context.response);
      this.context.open();
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.refuse();
    }
  }

  private half(direction: Direction): Half {
    const { id, send } = this;
    const sink = {
      headers: (headers: HeaderMap, end: boolean) =>
        send(["headers", id, direction, headers.modified ? flatten(headers) : undefined, end]),
      data: (chunk: Uint8Array, end: boolean) =>
        send(["data", id, direction, exact(chunk), end, this[direction].changedLength]),
      trailers: (trailers: HeaderMap) =>
        send(["trailers", id, direction, trailers.modified ? flatten(trailers) : undefined]),
      read: (on: boolean) => send(["pause", id, direction, !on]),
      tooLarge: () => send(["tooLarge", id, direction]),
    };
    return new Half(sink);
  }

  receiveHeaders(direction: Direction, headers: Flat, end: boolean, properties: Packed | undefined): void {
    if (properties !== undefined) this.properties = unpack(properties);
    this[direction].receiveHeaders(unflatten(headers), end);
    this.taken(direction, 1, 0);
  }

  receiveData(direction: Direction, chunk: Uint8Array, end: boolean): void {
    this[direction].receiveData(chunk, end);
    this.taken(direction, 1, chunk.length);
  }

  receiveTrailers(direction: Direction, trailers: Flat): void {
    this[direction].receiveTrailers(unflatten(trailers));
    this.taken(direction, 1, 0);
  }

  /** Whether the plugin holds a part of the message. */
  private keeps(direction: Direction): boolean {
    return this.context?.[direction].keeps ?? false;
  }

  private taken(direction: Direction, inputs: number, bytes: number): void {
    const keeps = this.keeps(direction);
    this.kept[direction] = keeps;
    this.send(["taken", this.id, direction, inputs, bytes, keeps]);
  }

  /** What a plugin has let go of outside the stream's own callbacks is told too. */
  reportKept(): void {
    for (const direction of ["request", "response"] as const)
      if (this.kept[direction] !== this.keeps(direction)) this.taken(direction, 0, 0);
  }

  closeHalf(direction: Direction): void {
    this[direction].close();
  }

  storeProperty(key: string, value: Uint8Array): void {
    this.stored.set(key, value);
  }

  finish({ finishedAt, sentHeaders, sentBytes, responseDetails, properties }: FinishedStream): void {
    this.finishedAt = finishedAt;
    if (sentHeaders !== undefined) this.sentHeaders = unflatten(sentHeaders);
    this.totalSent = sentBytes;
    this.responseDetails = responseDetails;
    if (properties !== undefined) this.properties = unpack(properties);
    this.request.close();
    this.response.close();
    this.context?.close();
    this.send(["closed", this.id]);
  }

  get info(): StreamInfo {
    const { connection, protocol } = this.opened;
    return { connection, protocol, properties: this.properties as StreamInfo["properties"], observer: this.observer };
  }

  get sentBytes(): bigint {
    return this.totalSent ?? BigInt(this.response.bytes);
  }

  set routeCacheCleared(_cleared: true) {
    this.send(["routeCacheCleared", this.id]);
  }

  /** The stream itself decides what becomes of the answer. */
  localReply(response: LocalResponse): void {
    this.stop();
    this.send(["reply", this.id, response]);
  }

  refuse(): void {
    this.stop();
    this.send(["refuse", this.id]);
  }

  /** The stream's own answer takes the place of what is under way. */
  private stop(): void {
    this.request.close();
    if (this.response.begun) this.response.close();
  }

  reset(): void {
    this.request.close();
    this.response.close();
    this.send(["reset", this.id]);
  }

  setProperty(key: string, value: Uint8Array): Status {
    const status = this.stored.set(key, value);
    if (status === 0) this.send(["store", this.id, key, value]);
    return status;
  }

  property(key: string, path: readonly string[]): PropertyValue {
    return this.stored.get(key) ?? streamProperty(this, path);
  }
}

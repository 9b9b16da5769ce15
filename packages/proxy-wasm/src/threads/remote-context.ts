import type { HttpStream } from "../http/http-stream.ts";
import type { StreamContext } from "../http/stream-context.ts";
import type { PluginThread } from "./plugin-thread.ts";
import type { Direction, FromThread, ToThread } from "./protocol.ts";
import { flatten, pack } from "./protocol.ts";
import { RemoteStage } from "./remote-stage.ts";
import type { ThreadedPlugin } from "./threaded-plugin.ts";

/** What a thread says of a stream. */
export type StreamEvent = Extract<FromThread, readonly [string, stream: number, ...unknown[]]>;

/** One plugin's part in one HTTP stream, when the plugin runs in another thread. */
export class RemoteContext implements StreamContext {
  readonly id: number;
  readonly plugin: ThreadedPlugin;
  readonly thread: PluginThread;
  readonly request: RemoteStage;
  readonly response: RemoteStage;
  private readonly stream: HttpStream;
  private finished = false;

  constructor(stream: HttpStream, plugin: ThreadedPlugin, thread: PluginThread) {
    this.stream = stream;
    this.plugin = plugin;
    this.thread = thread;
    this.id = thread.add(this);
    this.request = this.stage("request");
    this.response = this.stage("response");
  }

  private stage(direction: Direction): RemoteStage {
    const post = (op: ToThread): void => this.thread.post(op);
    const properties = () => (direction === "response" ? pack(this.stream.info.properties) : undefined);
    return new RemoteStage(
      {
        headers: (headers, end) => post(["headers", this.id, direction, headers, end, properties()]),
        data: (chunk, end) => post(["data", this.id, direction, chunk, end]),
        trailers: (trailers) => post(["trailers", this.id, direction, trailers]),
        close: () => {
          if (!this.finished) post(["closeHalf", this.id, direction]);
        },
      },
      !this.plugin.watches(direction),
    );
  }

  /** Makes the context known to the plugin. */
  open(): void {
    const { info, options, started, storedProperties } = this.stream;
    this.thread.post([
      "open",
      this.id,
      this.plugin.id,
      {
        connection: info.connection,
        protocol: info.protocol,
        properties: pack(info.properties),
        stored: [...storedProperties],
        options: { bufferLimit: options.bufferLimit, lenientMaps: options.lenientMaps },
        started,
        observed: info.observer !== undefined,
      },
    ]);
  }

  /** Tells the plugin that the stream has ended. */
  close(): void {
    if (this.finished) return;
    this.finished = true;
    const { finishedAt, sentHeaders, sentBytes, responseDetails, info } = this.stream;
    this.thread.post([
      "finish",
      this.id,
      {
        finishedAt: finishedAt ?? new Date(),
        sentHeaders: sentHeaders === undefined ? undefined : flatten(sentHeaders),
        sentBytes,
        responseDetails,
        properties: pack(info.properties),
      },
    ]);
  }

  /** Another plugin of the stream has stored a property. */
  storeProperty(key: string, value: Uint8Array): void {
    if (!this.finished) this.thread.post(["store", this.id, key, value]);
  }

  /** The thread has died. What it kept of the stream is gone with it. */
  threadDied(): void {
    if (this.finished) return;
    this.finished = true;
    const request = this.request.die();
    const response = this.response.die();
    // Both must have been asked: they let what comes pass from here on.
    if (this.plugin.settings.failurePolicy === "open" && request && response) return;
    this.stream.refuse();
  }

  handle(event: StreamEvent): void {
    switch (event[0]) {
      case "headers":
        this[event[2]].headersPassed(event[3], event[4]);
        break;
      case "data":
        this[event[2]].dataPassed(event[3], event[4], event[5]);
        break;
      case "trailers":
        this[event[2]].trailersPassed(event[3]);
        break;
      case "taken":
        this[event[2]].taken(event[3], event[4], event[5]);
        break;
      case "pause":
        this[event[2]].pausedByPlugin(event[3]);
        break;
      case "tooLarge":
        this[event[2]].tooLarge();
        break;
      case "refuse":
        this.stream.refuse();
        break;
      case "reset":
        this.stream.reset();
        break;
      case "reply":
        this.stream.localReply(event[2]);
        break;
      case "routeCacheCleared":
        this.stream.routeCacheCleared = true;
        break;
      case "callback":
        this.stream.info.observer?.callback(event[2]);
        break;
      case "store":
        this.stream.setProperty(event[2], event[3], this);
        break;
    }
  }
}

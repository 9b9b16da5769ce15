import { Body } from "../abi/body.ts";
import { concatBytes } from "../abi/bytes.ts";
import { DataAction, HeadersAction } from "../abi/constants.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { RemoteStage } from "../threads/remote-stage.ts";
import { correctLength } from "./framing.ts";
import type { Stage } from "./stage.ts";

/** The callbacks of a direction. */
export interface HalfNames {
  readonly headers: string;
  readonly data: string;
  readonly trailers: string;
}

export const REQUEST_NAMES: HalfNames = {
  headers: "proxy_on_request_headers",
  data: "proxy_on_request_body",
  trailers: "proxy_on_request_trailers",
};
export const RESPONSE_NAMES: HalfNames = {
  headers: "proxy_on_response_headers",
  data: "proxy_on_response_body",
  trailers: "proxy_on_response_trailers",
};

/** Where one direction of a stream goes in the end, and what it asks of its source. */
export interface HalfSink {
  headers(headers: HeaderMap, endStream: boolean): void;
  data(chunk: Uint8Array, endStream: boolean): void;
  trailers(trailers: HeaderMap): void;
  /** The source is to stop sending, or to go on. */
  read(on: boolean): void;
  /** A plugin buffers more than it may. */
  tooLarge(): void;
}

const NOTHING = new Uint8Array(0);
/** As in Envoy. */
const DEFAULT_LIMIT = 1024 * 1024;

/**
 * One direction of an HTTP stream: a message that goes through its plugins one after the other, each of which may change it, hold it, and let it go on.
 * It follows Envoy's filter manager: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/wasm_filter.
 */
export class Half {
  private readonly stages: (Stage | RemoteStage)[] = [];
  /** What passed through the first plugin on, for the log. */
  headers: HeaderMap | undefined = undefined;
  trailers: HeaderMap | undefined = undefined;
  /** Bytes of body that have come in. */
  bytes = 0;
  /** Nothing more goes in or out. */
  closed = false;
  /** A plugin has let another number of bytes go on than it was shown. */
  changedLength = false;
  /** Everything has come in. */
  ended = false;
  /** Everything has gone out. */
  done = false;

  private readonly names: HalfNames;
  private readonly sink: HalfSink;
  private readonly limit: number;
  private reading = true;

  /** @param limit bytes that a plugin may hold back; by default 1 MiB */
  constructor(names: HalfNames, sink: HalfSink, limit: number = DEFAULT_LIMIT) {
    this.names = names;
    this.sink = sink;
    this.limit = limit;
  }

  /** Puts a plugin behind those that are there. */
  add(stage: Stage | RemoteStage): void {
    this.stages.push(stage);
    if (stage instanceof RemoteStage) this.connect(stage);
  }

  /** Puts a plugin before those that are there. */
  addFirst(stage: Stage | RemoteStage): void {
    this.stages.unshift(stage);
    if (stage instanceof RemoteStage) this.connect(stage);
  }

  /** What a plugin in another thread lets through comes back here. */
  private connect(stage: RemoteStage): void {
    const next = (): number => this.stages.indexOf(stage) + 1;
    stage.connect({
      headers: (headers, end) => this.passHeaders(next(), headers, end),
      data: (chunk, end) => this.passData(next(), chunk, end),
      trailers: (trailers) => {
        this.trailers ??= trailers;
        this.passTrailers(next(), trailers);
      },
      pause: () => this.updateReading(),
      tooLarge: () => {
        if (!this.closed) this.sink.tooLarge();
      },
    });
  }

  /** Whether the message has begun. */
  get begun(): boolean {
    return this.headers !== undefined;
  }

  receiveHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.closed || this.begun) return;
    this.headers = headers;
    this.ended = endStream;
    this.passHeaders(0, headers, endStream);
  }

  receiveData(chunk: Uint8Array, endStream: boolean): void {
    if (this.closed || this.ended) return;
    this.bytes += chunk.length;
    this.ended = endStream;
    if (chunk.length > 0 || endStream) this.passData(0, chunk, endStream);
  }

  /** The last that comes, if it comes. */
  receiveTrailers(trailers: HeaderMap): void {
    if (this.closed || this.ended) return;
    this.trailers = trailers;
    this.ended = true;
    this.passTrailers(0, trailers);
  }

  /** Stops everything. What is held is let go of. */
  close(): void {
    this.closed = true;
    for (const stage of this.stages) stage.close();
    this.updateReading();
  }

  /** Whether a plugin sees this body at all, or drops it, so that it need not be looked at otherwise. */
  get watchesBody(): boolean {
    for (const stage of this.stages) {
      if (stage instanceof RemoteStage) return true;
      if (!this.passesBy(stage)) return true;
      if (!stage.bypassed && stage.context.vm.has(this.names.trailers)) return true;
    }
    return false;
  }

  /** Whether body goes past a plugin that neither looks at it nor holds or drops any. */
  private passesBy(stage: Stage): boolean {
    return (
      stage.headersState === "passed" &&
      !stage.dropsRest &&
      !stage.keeps &&
      (stage.bypassed || !stage.context.vm.has(this.names.data))
    );
  }

  private passHeaders(index: number, headers: HeaderMap, endStream: boolean): void {
    if (this.closed) return;
    const stage = this.stages[index];
    if (stage === undefined) {
      if (endStream) this.done = true;
      this.sink.headers(headers, endStream);
      return;
    }
    if (stage instanceof RemoteStage) {
      stage.receiveHeaders(headers, endStream);
      return;
    }
    stage.headers = headers;
    stage.headersEnd = endStream;
    stage.headersVisible = true;
    let action: number = HeadersAction.Continue;
    if (!stage.bypassed && stage.context.vm.has(this.names.headers)) {
      const answer = this.call(stage, this.names.headers, headers.size, endStream ? 1 : 0);
      if (answer === undefined) return;
      action = headersAction(answer, stage.context.allowOnHeadersStopIteration);
    }
    if (stage.resumeRequested) action = HeadersAction.Continue;
    switch (action) {
      case HeadersAction.Continue:
        this.releaseHeaders(index, endStream);
        break;
      case HeadersAction.ContinueAndEndStream:
        stage.dropsRest = true;
        this.releaseHeaders(index, true);
        break;
      case HeadersAction.StopIteration:
        stage.headersState = "held";
        break;
      default:
        stage.headersState = "stopped";
        stage.buffering = action === HeadersAction.StopAllIterationAndBuffer;
    }
  }

  private releaseHeaders(index: number, endStream: boolean): void {
    const stage = this.stages[index] as Stage;
    stage.headersState = "passed";
    stage.headersVisible = false;
    this.passHeaders(index + 1, stage.headers as HeaderMap, endStream);
  }

  private passData(index: number, chunk: Uint8Array, endStream: boolean): void {
    if (this.closed) return;
    const stage = this.stages[index];
    if (stage === undefined) {
      if (endStream) this.done = true;
      this.sink.data(chunk, endStream);
      return;
    }
    if (stage instanceof RemoteStage) {
      stage.receiveData(chunk, endStream);
      return;
    }
    if (this.passesBy(stage)) {
      stage.ended = endStream;
      this.passData(index + 1, chunk, endStream);
      return;
    }
    if (stage.dropsRest) return;
    if (stage.headersState === "stopped") {
      stage.waiting.push(chunk);
      stage.waitingSize += chunk.length;
      stage.ended = endStream;
      if (stage.buffering && stage.waitingSize > this.limit) this.sink.tooLarge();
      // Not before there is much of it: a server that does not read does not notice that its client is gone.
      else if (!stage.buffering && stage.waitingSize >= this.limit) this.pause(stage, true);
      return;
    }
    this.showData(index, stage, chunk, endStream);
  }

  /** Calls the body callback and does what it says. */
  private showData(index: number, stage: Stage, chunk: Uint8Array, endStream: boolean): void {
    stage.ended = endStream;
    stage.shown += chunk.length;
    let current: Body;
    if (stage.buffering) {
      current = stage.held;
      current.append(chunk);
    } else current = new Body(chunk);

    let action: number = DataAction.Continue;
    if (!stage.bypassed && stage.context.vm.has(this.names.data)) {
      stage.current = current;
      stage.currentEnd = endStream;
      const answer = this.call(stage, this.names.data, current.size, endStream ? 1 : 0);
      stage.current = undefined;
      stage.currentEnd = false;
      if (answer === undefined) {
        // The plugin failed and is passed over: what it was shown goes on with the rest.
        if (!this.closed && !stage.buffering) for (const part of current.drain()) stage.held.append(part);
        if (!this.closed) this.release(index);
        return;
      }
      action = answer > DataAction.StopIterationNoBuffer || answer < 0 ? DataAction.StopIterationNoBuffer : answer;
    }
    if (stage.resumeRequested) action = DataAction.Continue;
    if (action !== DataAction.StopIterationNoBuffer && !stage.buffering)
      for (const part of current.drain()) stage.held.append(part);
    if (action === DataAction.Continue) {
      this.release(index);
      return;
    }
    stage.dataStopped = true;
    stage.buffering = action === DataAction.StopIterationAndBuffer;
    if (action === DataAction.StopIterationAndBuffer && stage.held.size > this.limit) this.sink.tooLarge();
    else if (action === DataAction.StopIterationAndWatermark && stage.held.size >= this.limit) this.pause(stage, true);
  }

  private passTrailers(index: number, trailers: HeaderMap): void {
    if (this.closed) return;
    const stage = this.stages[index];
    if (stage === undefined) {
      this.done = true;
      this.sink.trailers(trailers);
      return;
    }
    if (stage instanceof RemoteStage) {
      stage.receiveTrailers(trailers);
      return;
    }
    if (stage.dropsRest) return;
    stage.trailers = trailers;
    if (stage.headersState === "stopped") {
      stage.trailersState = "waiting";
      return;
    }
    this.showTrailers(index, stage, trailers);
  }

  private showTrailers(index: number, stage: Stage, trailers: HeaderMap): void {
    stage.trailersState = "held";
    let action = 0;
    if (!stage.bypassed && stage.context.vm.has(this.names.trailers)) {
      stage.trailersVisible = true;
      const answer = this.call(stage, this.names.trailers, trailers.size);
      if (answer === undefined) {
        if (!this.closed) this.release(index);
        return;
      }
      action = answer;
    }
    if (action === 0 || stage.resumeRequested) this.release(index);
  }

  /** Lets go of everything that stands at a plugin which has seen it all. */
  private release(index: number): void {
    const stage = this.stages[index] as Stage;
    stage.buffering = false;
    stage.dataStopped = false;
    this.pause(stage, false);
    const { size } = stage.held;
    const chunks = stage.held.drain();
    const hasTrailers = stage.trailersState === "held" || (stage.ended && stage.trailers !== undefined);
    const end = stage.ended && !hasTrailers;
    const changed = size !== stage.shown;
    stage.shown = 0;
    if (changed) this.changedLength = true;
    if (stage.headersState === "held") {
      if (changed) correctLength(stage.headers as HeaderMap, stage.ended ? size : undefined);
      this.releaseHeaders(index, end && chunks.length === 0);
    } else if (end && chunks.length === 0 && !this.closed) this.passData(index + 1, NOTHING, true);
    if (chunks.length > 0) {
      // The end of a body that a plugin has changed goes on in one piece: its length can still be stated.
      if (this.stages[index + 1] === undefined && !changed)
        for (let i = 0; i < chunks.length; i++) this.passData(index + 1, chunks[i], end && i === chunks.length - 1);
      else this.passData(index + 1, concatBytes(chunks), end);
    }
    if (hasTrailers) {
      stage.trailersState = "passed";
      stage.trailersVisible = false;
      this.passTrailers(index + 1, stage.trailers as HeaderMap);
    }
  }

  /** A plugin lets the direction go on that it had stopped. */
  resume(stage: Stage): void {
    if (stage.inCallback) {
      stage.resumeRequested = true;
      return;
    }
    if (this.closed) return;
    const index = this.stages.indexOf(stage);
    if (stage.headersState === "stopped") {
      stage.buffering = false;
      this.pause(stage, false);
      this.releaseHeaders(index, stage.headersEnd);
      this.showWaiting(index, stage);
    } else if (stage.headersState === "held" && stage.headersEnd) this.releaseHeaders(index, true);
    else if (stage.headersState === "held" || stage.dataStopped || stage.trailersState === "held") this.release(index);
  }

  /** Shows what came while everything was stopped. */
  private showWaiting(index: number, stage: Stage): void {
    const { waiting } = stage;
    stage.waiting = [];
    stage.waitingSize = 0;
    if (this.closed) return;
    if (waiting.length > 0) this.showData(index, stage, concatBytes(waiting), stage.ended);
    if (stage.trailersState === "waiting" && !this.closed) this.showTrailers(index, stage, stage.trailers as HeaderMap);
  }

  /** The plugin has failed and is to be passed over: what it holds goes on. */
  bypass(stage: Stage): void {
    stage.bypassed = true;
    this.resume(stage);
  }

  /** Trailers that a plugin adds in its last body callback to a message that has none. */
  addTrailers(stage: Stage): HeaderMap | undefined {
    if (!(stage.inCallback && stage.currentEnd)) return undefined;
    stage.trailers ??= new HeaderMap();
    this.trailers ??= stage.trailers;
    return stage.trailers;
  }

  /**
   * Calls the plugin. @returns what it says; undefined when the half has been closed meanwhile, or the plugin has failed and the
   * rest of the message is to be released without asking it
   */
  private call(stage: Stage, name: string, ...args: number[]): number | undefined {
    stage.inCallback = true;
    stage.resumeRequested = false;
    const answer = stage.context.invoke(name, ...args);
    // Passing a failed plugin over must not let go of what is being shown: that is done below and by the callers.
    if (answer === undefined) stage.context.failedInCallback();
    stage.inCallback = false;
    if (this.closed) return undefined;
    if (answer !== undefined) return answer;
    // Where headers were being shown there is nothing held yet, so they go on from here.
    if (!this.closed && name === this.names.headers) this.releaseHeaders(this.stages.indexOf(stage), stage.headersEnd);
    return undefined;
  }

  private pause(stage: Stage, on: boolean): void {
    if (stage.wantsPause === on) return;
    stage.wantsPause = on;
    this.updateReading();
  }

  private updateReading(): void {
    const reading = this.closed || !this.stages.some(({ wantsPause }) => wantsPause);
    if (reading === this.reading) return;
    this.reading = reading;
    this.sink.read(reading);
  }
}

/** What a plugin's answer to headers means: a pause is a full stop unless the plugin was allowed to look at the body first. */
function headersAction(answer: number, allowStopIteration: boolean): number {
  if (answer === HeadersAction.StopIteration)
    return allowStopIteration ? HeadersAction.StopIteration : HeadersAction.StopAllIterationAndWatermark;
  return answer < 0 || answer > HeadersAction.StopAllIterationAndWatermark
    ? HeadersAction.StopAllIterationAndWatermark
    : answer;
}

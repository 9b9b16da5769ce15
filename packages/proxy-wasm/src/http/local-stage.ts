import { Body } from "../abi/body.ts";
import { concatBytes } from "../abi/bytes.ts";
import { DataAction, HeadersAction } from "../abi/constants.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { correctLength } from "./framing.ts";
import type { Stage, StageOutput } from "./stage.ts";

/** The callbacks of a direction. */
export interface StageCallbacks {
  readonly headers: string;
  readonly data: string;
  readonly trailers: string;
}

export const REQUEST_CALLBACKS: StageCallbacks = {
  headers: "proxy_on_request_headers",
  data: "proxy_on_request_body",
  trailers: "proxy_on_request_trailers",
};
export const RESPONSE_CALLBACKS: StageCallbacks = {
  headers: "proxy_on_response_headers",
  data: "proxy_on_response_body",
  trailers: "proxy_on_response_trailers",
};

/** The plugin of a {@link LocalStage}. */
export interface StagePlugin {
  /** Whether `HeadersAction.StopIteration` lets the plugin see the body before the headers go on. */
  readonly allowOnHeadersStopIteration: boolean;
  /** Whether the plugin has a callback of this name. */
  has(callback: string): boolean;
  /** Calls a callback. @returns its result; undefined when the plugin has failed */
  invoke(callback: string, ...args: number[]): number | undefined;
  /** Applies the failure policy after {@link invoke} has returned undefined. */
  failedInCallback(): void;
}

/** The state of a message's headers at one plugin. */
type HeadersState =
  /** They have not arrived. */
  | "waiting"
  /** They are held, and the plugin is shown the body. */
  | "held"
  /** They are held, and nothing more is shown until the plugin continues. */
  | "stopped"
  /** They have been passed on. */
  | "passed";

const NOTHING = new Uint8Array(0);
/** Bytes; as in Envoy. */
const DEFAULT_LIMIT = 1024 * 1024;

/**
 * A plugin of this thread in one direction of an HTTP stream. It shows the message to the plugin and holds it back as the plugin's results demand,
 * as Envoy's filter manager does: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/wasm_filter.
 */
export class LocalStage implements Stage {
  headers: HeaderMap | undefined = undefined;
  /** Whether the plugin may read the headers: until they have been passed on. */
  headersVisible = false;
  trailers: HeaderMap | undefined = undefined;
  /** Trailers that have arrived and have not been shown, or have been shown and are held. */
  trailersState: "none" | "waiting" | "held" | "passed" = "none";
  trailersVisible = false;
  wantsPause = false;

  private readonly plugin: StagePlugin;
  private readonly callbacks: StageCallbacks;
  private readonly limit: number;
  private output: StageOutput | undefined = undefined;
  private closed = false;
  /** The plugin has failed, and the message goes on without it. */
  private bypassed = false;

  private headersState: HeadersState = "waiting";
  /** The message has only headers. */
  private headersEnd = false;
  /** The plugin has ended the message with its headers: the rest is dropped. */
  private dropsRest = false;

  /** Body that the plugin has seen and holds. */
  private readonly held = new Body();
  /** Bytes of body that the plugin has been shown since it last passed any on. */
  private shown = 0;
  /** The plugin is shown the whole body again when more of it arrives. */
  private buffering = false;
  /** Body that has arrived while the headers were stopped. */
  private arrived: Uint8Array[] = [];
  private arrivedSize = 0;
  /** The end of the body has arrived. */
  private ended = false;
  /** The last body callback did not continue. */
  private dataStopped = false;

  /** A callback of this direction runs. */
  private inCallback = false;
  /** The plugin has continued the direction in the running callback. */
  private resumeRequested = false;
  /** The chunk that the running body callback is shown, or the whole buffered body. */
  private current: Body | undefined = undefined;
  /** The running body callback is the last one. */
  private currentEnd = false;

  /** @param limit bytes that the plugin may hold back; 1 MiB by default */
  constructor(plugin: StagePlugin, callbacks: StageCallbacks, limit: number = DEFAULT_LIMIT) {
    this.plugin = plugin;
    this.callbacks = callbacks;
    this.limit = limit;
  }

  connect(output: StageOutput): void {
    this.output = output;
  }

  /** Whether a part of the message is held here. */
  get keeps(): boolean {
    return (
      this.headersState === "held" ||
      this.headersState === "stopped" ||
      this.dataStopped ||
      this.held.size > 0 ||
      this.trailersState === "held" ||
      this.trailersState === "waiting"
    );
  }

  get watchesBody(): boolean {
    return !this.passesBy || (!this.bypassed && this.plugin.has(this.callbacks.trailers));
  }

  /** Whether body bypasses the plugin: it neither sees nor holds nor drops any. */
  private get passesBy(): boolean {
    return (
      this.headersState === "passed" &&
      !this.dropsRest &&
      !this.keeps &&
      (this.bypassed || !this.plugin.has(this.callbacks.data))
    );
  }

  /** The body that the plugin may read and write now. */
  get visibleBody(): Body | undefined {
    return this.current ?? (this.buffering && this.dataStopped ? this.held : undefined);
  }

  receiveHeaders(headers: HeaderMap, endStream: boolean): void {
    this.headers = headers;
    this.headersEnd = endStream;
    this.headersVisible = true;
    let action: number = HeadersAction.Continue;
    if (!this.bypassed && this.plugin.has(this.callbacks.headers)) {
      const result = this.call(this.callbacks.headers, headers.size, endStream ? 1 : 0);
      if (result === undefined) {
        // The plugin has failed. Nothing but the headers can be held yet.
        if (!this.closed) this.releaseHeaders(endStream);
        return;
      }
      action = headersAction(result, this.plugin.allowOnHeadersStopIteration);
    }
    if (this.resumeRequested) action = HeadersAction.Continue;
    switch (action) {
      case HeadersAction.Continue:
        this.releaseHeaders(endStream);
        break;
      case HeadersAction.ContinueAndEndStream:
        this.dropsRest = true;
        this.releaseHeaders(true);
        break;
      case HeadersAction.StopIteration:
        this.headersState = "held";
        break;
      default:
        this.headersState = "stopped";
        this.buffering = action === HeadersAction.StopAllIterationAndBuffer;
    }
  }

  private releaseHeaders(endStream: boolean): void {
    this.headersState = "passed";
    this.headersVisible = false;
    this.output?.headers(this.headers as HeaderMap, endStream);
  }

  receiveData(chunk: Uint8Array, endStream: boolean): void {
    if (this.passesBy) {
      this.ended = endStream;
      this.output?.data(chunk, endStream);
      return;
    }
    if (this.dropsRest) return;
    if (this.headersState === "stopped") {
      this.arrived.push(chunk);
      this.arrivedSize += chunk.length;
      this.ended = endStream;
      if (this.buffering && this.arrivedSize > this.limit) this.output?.tooLarge();
      // Not earlier: a server that does not read does not notice that its client has left.
      else if (!this.buffering && this.arrivedSize >= this.limit) this.pause(true);
      return;
    }
    this.showData(chunk, endStream);
  }

  /** Calls the body callback and applies its result. */
  private showData(chunk: Uint8Array, endStream: boolean): void {
    this.ended = endStream;
    this.shown += chunk.length;
    let current: Body;
    if (this.buffering) {
      current = this.held;
      current.append(chunk);
    } else current = new Body(chunk);

    let action: number = DataAction.Continue;
    if (!this.bypassed && this.plugin.has(this.callbacks.data)) {
      this.current = current;
      this.currentEnd = endStream;
      const result = this.call(this.callbacks.data, current.size, endStream ? 1 : 0);
      this.current = undefined;
      this.currentEnd = false;
      if (this.closed) return;
      if (result === undefined) {
        // The plugin has failed: the shown body goes on with the rest.
        if (!this.buffering) this.hold(current);
        this.release();
        return;
      }
      action = result > DataAction.StopIterationNoBuffer || result < 0 ? DataAction.StopIterationNoBuffer : result;
    }
    if (this.resumeRequested) action = DataAction.Continue;
    if (action !== DataAction.StopIterationNoBuffer && !this.buffering) this.hold(current);
    if (action === DataAction.Continue) {
      this.release();
      return;
    }
    this.dataStopped = true;
    this.buffering = action === DataAction.StopIterationAndBuffer;
    if (action === DataAction.StopIterationAndBuffer && this.held.size > this.limit) this.output?.tooLarge();
    else if (action === DataAction.StopIterationAndWatermark && this.held.size >= this.limit) this.pause(true);
  }

  private hold(body: Body): void {
    for (const part of body.drain()) this.held.append(part);
  }

  receiveTrailers(trailers: HeaderMap): void {
    if (this.dropsRest) return;
    this.trailers = trailers;
    if (this.headersState === "stopped") this.trailersState = "waiting";
    else this.showTrailers(trailers);
  }

  private showTrailers(trailers: HeaderMap): void {
    this.trailersState = "held";
    let action = 0;
    if (!this.bypassed && this.plugin.has(this.callbacks.trailers)) {
      this.trailersVisible = true;
      const result = this.call(this.callbacks.trailers, trailers.size);
      if (this.closed) return;
      action = result ?? 0;
    }
    if (action === 0 || this.resumeRequested) this.release();
  }

  /** Passes on everything that the plugin has seen. */
  private release(): void {
    const { output } = this;
    if (output === undefined) return;
    this.buffering = false;
    this.dataStopped = false;
    this.pause(false);
    const { size } = this.held;
    const chunks = this.held.drain();
    const hasTrailers = this.trailersState === "held" || (this.ended && this.trailers !== undefined);
    const end = this.ended && !hasTrailers;
    const changed = size !== this.shown;
    this.shown = 0;
    if (changed) output.lengthChanged();
    if (this.headersState === "held") {
      if (changed) correctLength(this.headers as HeaderMap, this.ended ? size : undefined);
      this.releaseHeaders(end && chunks.length === 0);
    } else if (end && chunks.length === 0) output.data(NOTHING, true);
    if (chunks.length > 0) {
      // The end of a body that a plugin has changed goes on in one piece: its length can still be stated.
      if (output.isLast && !changed)
        for (let i = 0; i < chunks.length; i++) output.data(chunks[i], end && i === chunks.length - 1);
      else output.data(concatBytes(chunks), end);
    }
    if (hasTrailers) {
      this.trailersState = "passed";
      this.trailersVisible = false;
      output.trailers(this.trailers as HeaderMap);
    }
  }

  /** Continues a direction that the plugin has stopped. */
  resume(): void {
    if (this.inCallback) {
      this.resumeRequested = true;
      return;
    }
    if (this.closed) return;
    if (this.headersState === "stopped") {
      this.buffering = false;
      this.pause(false);
      this.releaseHeaders(this.headersEnd);
      this.showArrived();
    } else if (this.headersState === "held" && this.headersEnd) this.releaseHeaders(true);
    else if (this.headersState === "held" || this.dataStopped || this.trailersState === "held") this.release();
  }

  /** Shows the plugin what has arrived while the headers were stopped. */
  private showArrived(): void {
    const { arrived } = this;
    this.arrived = [];
    this.arrivedSize = 0;
    if (this.closed) return;
    if (arrived.length > 0) this.showData(concatBytes(arrived), this.ended);
    if (this.trailersState === "waiting" && !this.closed) this.showTrailers(this.trailers as HeaderMap);
  }

  /** Lets the message go on without the plugin, which has failed. */
  bypass(): void {
    this.bypassed = true;
    this.resume();
  }

  /** Trailers that the plugin adds in its last body callback to a message that has none; undefined at any other time. */
  addTrailers(): HeaderMap | undefined {
    if (!(this.inCallback && this.currentEnd)) return undefined;
    this.trailers ??= new HeaderMap();
    return this.trailers;
  }

  close(): void {
    this.closed = true;
    this.held.drain();
    this.arrived = [];
    this.wantsPause = false;
  }

  /** Calls the plugin. @returns its result; undefined when the stage has been closed meanwhile, or the plugin has failed */
  private call(name: string, ...args: number[]): number | undefined {
    this.inCallback = true;
    this.resumeRequested = false;
    const result = this.plugin.invoke(name, ...args);
    // A bypass must not release what is being shown: the callers do that.
    if (result === undefined) this.plugin.failedInCallback();
    this.inCallback = false;
    return this.closed ? undefined : result;
  }

  private pause(on: boolean): void {
    if (this.wantsPause === on) return;
    this.wantsPause = on;
    this.output?.pauseChanged();
  }
}

/** The meaning of a plugin's result for headers: a pause is a full stop unless the plugin may look at the body first. */
function headersAction(result: number, allowStopIteration: boolean): number {
  if (result === HeadersAction.StopIteration)
    return allowStopIteration ? HeadersAction.StopIteration : HeadersAction.StopAllIterationAndWatermark;
  return result < 0 || result > HeadersAction.StopAllIterationAndWatermark
    ? HeadersAction.StopAllIterationAndWatermark
    : result;
}

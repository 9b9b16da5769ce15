import { HeaderMap } from "../abi/header-map.ts";
import type { Stage, StageOutput } from "../http/stage.ts";
import { exact, type Flat, flatten, pairsOf } from "./protocol.ts";

/** Where a stage's input goes: its plugin's thread. */
export interface RemoteInput {
  headers(headers: Flat, endStream: boolean): void;
  data(chunk: Uint8Array, endStream: boolean): void;
  trailers(trailers: Flat): void;
  close(): void;
}

/** Bytes that may be on their way to a thread before the sender is told to wait. */
const IN_FLIGHT = 256 * 1024;

/**
 * The place in one direction of a stream of a plugin that runs in another thread. What comes in is posted there, where another stage
 * shows it to the plugin. Everything that the plugin passes on comes back, and goes on here.
 */
export class RemoteStage implements Stage {
  wantsPause = false;
  private readonly input: RemoteInput;
  /** The plugin looks at headers alone. */
  private readonly headersOnly: boolean;
  private output: StageOutput | undefined = undefined;
  private headers: HeaderMap | undefined = undefined;
  private trailers: HeaderMap | undefined = undefined;
  private pausedThere = false;
  /** Bytes that the thread has not taken. */
  private inFlight = 0;
  /** How often something went in that the thread has not dealt with. */
  private posted = 0;
  /** The plugin holds something back. */
  private keeps = false;
  private headersOut = false;
  private dropsRest = false;
  private state: "open" | "dead" | "closed" = "open";

  constructor(input: RemoteInput, headersOnly: boolean) {
    this.input = input;
    this.headersOnly = headersOnly;
  }

  connect(output: StageOutput): void {
    this.output = output;
  }

  receiveHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.state === "dead") {
      this.output?.headers(headers, endStream);
      return;
    }
    this.headers = headers;
    this.posted++;
    this.input.headers(flatten(headers), endStream);
  }

  receiveData(chunk: Uint8Array, endStream: boolean): void {
    if (this.dropsRest) return;
    // What nobody looks at need not travel, once nothing is ahead of it that does.
    if (this.state === "dead" || this.passable) {
      this.output?.data(chunk, endStream);
      return;
    }
    this.posted++;
    this.inFlight += chunk.length;
    this.input.data(exact(chunk), endStream);
    this.updatePause();
  }

  receiveTrailers(trailers: HeaderMap): void {
    if (this.dropsRest) return;
    if (this.state === "dead" || this.passable) {
      this.output?.trailers(trailers);
      return;
    }
    this.trailers = trailers;
    this.posted++;
    this.input.trailers(flatten(trailers));
  }

  close(): void {
    if (this.state === "open") this.input.close();
    this.state = "closed";
    this.wantsPause = false;
  }

  /** The plugin has let headers through. @param changed what they are now, if that is not what they were */
  headersPassed(changed: Flat | undefined, endStream: boolean): void {
    if (this.state !== "open" || this.headers === undefined) return;
    this.headersOut = true;
    this.dropsRest = endStream;
    if (changed !== undefined) this.headers.assign(pairsOf(changed));
    this.output?.headers(this.headers, endStream);
  }

  /** @param changedLength whether the plugin has let another number of bytes go on than it was shown, up to this chunk */
  dataPassed(chunk: Uint8Array, endStream: boolean, changedLength: boolean): void {
    if (this.state !== "open") return;
    if (changedLength) this.output?.lengthChanged();
    this.output?.data(chunk, endStream);
  }

  trailersPassed(changed: Flat | undefined): void {
    if (this.state !== "open") return;
    const trailers = this.trailers ?? new HeaderMap();
    if (changed !== undefined) trailers.assign(pairsOf(changed));
    this.output?.trailers(trailers);
  }

  /** The thread has dealt with something that went in, and what it let through has come out; or it has let go of what it kept. */
  taken(inputs: number, bytes: number, keeps: boolean): void {
    this.posted -= inputs;
    this.inFlight -= bytes;
    this.keeps = keeps;
    this.updatePause();
  }

  /** Whether the plugin sees the body, or drops it. */
  get watchesBody(): boolean {
    return this.state !== "dead" && (!this.headersOnly || !this.headersOut || this.dropsRest);
  }

  /** Nothing is on its way that must come out first. */
  private get empty(): boolean {
    return this.posted === 0 && !this.keeps;
  }

  private get passable(): boolean {
    return this.headersOnly && this.headersOut && this.empty;
  }

  pausedByPlugin(on: boolean): void {
    this.pausedThere = on;
    this.updatePause();
  }

  tooLarge(): void {
    if (this.state === "open") this.output?.tooLarge();
  }

  /** The thread is gone. @returns false when it has taken something with it, so that the stream cannot go on without it */
  die(): boolean {
    if (this.state !== "open") return true;
    this.state = "dead";
    this.pausedThere = false;
    this.inFlight = 0;
    this.updatePause();
    return this.empty;
  }

  private updatePause(): void {
    const wants = this.state === "open" && (this.pausedThere || this.inFlight >= IN_FLIGHT);
    if (wants === this.wantsPause) return;
    this.wantsPause = wants;
    this.output?.pauseChanged();
  }
}

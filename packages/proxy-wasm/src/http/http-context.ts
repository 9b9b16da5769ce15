import { BufferType, MapType, type Status, StreamType } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import type { PropertyValue } from "../abi/property.ts";
import { bodyBuffer, Context, type GuestBuffer, type LocalResponse } from "../vm/context.ts";
import type { LocalPlugin } from "../vm/local-plugin.ts";
import type { RootContext } from "../vm/root-context.ts";
import type { Half } from "./half.ts";
import type { HttpStreamOptions } from "./http-stream.ts";
import { LocalStage, REQUEST_CALLBACKS, RESPONSE_CALLBACKS, type StagePlugin } from "./local-stage.ts";
import type { StreamContext } from "./stream-context.ts";
import type { StreamInfo } from "./stream-info.ts";
import { steadyNow } from "./stream-observer.ts";

/** The stream as one plugin's context deals with it: here, or where the plugin runs in a thread of its own. */
export interface ContextStream {
  readonly request: Half;
  readonly response: Half;
  readonly options: HttpStreamOptions;
  readonly info: Pick<StreamInfo, "observer">;
  /** A plugin has changed what routing may depend on. */
  routeCacheCleared: boolean;
  /** Answers in the server's place, or breaks off a stream whose response headers have been sent. */
  localReply(response: LocalResponse): void;
  /** A plugin has failed, and its policy is to let nothing pass. */
  refuse(): void;
  /** Breaks the stream off. */
  reset(): void;
  property(key: string, path: readonly string[]): PropertyValue;
  setProperty(key: string, value: Uint8Array): Status;
}

/** One plugin's context of one HTTP stream. */
export class HttpContext extends Context implements StreamContext, StagePlugin {
  readonly root: RootContext;
  readonly plugin: LocalPlugin;
  readonly request: LocalStage;
  readonly response: LocalStage;
  readonly thread: undefined = undefined;
  private readonly stream: ContextStream;
  private fuel: bigint | undefined;
  private state: "open" | "logging" | "failed" | "closed" = "open";
  /** The call that runs has answered already. */
  private replying = false;

  constructor(stream: ContextStream, plugin: LocalPlugin, root: RootContext) {
    super(root.vm, root.vm.nextContextId());
    this.stream = stream;
    this.plugin = plugin;
    this.root = root;
    this.fuel = root.vm.options.limits.fuelPerStream;
    const { bufferLimit } = stream.options;
    this.request = new LocalStage(this, REQUEST_CALLBACKS, bufferLimit);
    this.response = new LocalStage(this, RESPONSE_CALLBACKS, bufferLimit);
  }

  get allowOnHeadersStopIteration(): boolean {
    return this.plugin.settings.allowOnHeadersStopIteration;
  }

  override get logging(): boolean {
    return this.state === "logging";
  }

  /** Makes the context known to the guest. */
  open(): void {
    this.vm.contexts.add(this);
    this.root.streams++;
    if (this.vm.has("proxy_on_context_create") && this.invoke("proxy_on_context_create", this.root.id) === undefined)
      this.failedInCallback();
  }

  has(callback: string): boolean {
    return this.vm.has(callback);
  }

  /** Calls the guest with this context's number before other arguments. @returns undefined when the plugin has failed */
  invoke(name: string, ...args: number[]): number | undefined {
    if (this.state === "failed") return undefined;
    const { observer } = this.stream.info;
    if (observer === undefined) return this.call(name, args);
    const started = steadyNow();
    const result = this.call(name, args);
    const failure = result === undefined ? (this.vm.failure?.message ?? "the stream has used up its fuel") : undefined;
    observer.callback({ plugin: this.plugin.name, callback: name, started, ended: steadyNow(), failure });
    return result;
  }

  private call(name: string, args: readonly number[]): number | undefined {
    try {
      if (this.fuel === undefined) return this.vm.call(this, name, this.id, ...args);
      if (this.fuel <= 0n) {
        this.vm.log("error", `${name} was not called: the stream has used up its fuel`, this.root);
        return undefined;
      }
      const { result, consumed } = this.vm.callWithin(this.fuel, this, name, this.id, ...args);
      this.fuel -= consumed;
      return result;
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      return undefined;
    }
  }

  /** The plugin has failed: the stream is refused or goes on without it. */
  failedInCallback(): void {
    if (this.state !== "open") return;
    this.state = "failed";
    this.leave();
    if (this.plugin.settings.failurePolicy !== "open") this.stream.refuse();
    else {
      this.request.bypass();
      this.response.bypass();
    }
  }

  override vmFailed(): void {
    this.failedInCallback();
  }

  /** Tells the guest that the stream has ended, and forgets the context. */
  close(): void {
    if (this.state !== "open") return;
    this.state = "logging";
    // What ends a context is always called, or the guest would keep it for ever.
    this.fuel = undefined;
    for (const name of ["proxy_on_log", "proxy_on_done", "proxy_on_delete"]) if (this.vm.has(name)) this.invoke(name);
    if (this.vm.failure === undefined) this.plugin.succeeded();
    this.state = "closed";
    this.leave();
  }

  private leave(): void {
    this.vm.contexts.delete(this);
    this.root.streams--;
  }

  override streamMap(type: number, writing: boolean): HeaderMap | undefined {
    const half = type <= MapType.HttpRequestTrailers ? this.stream.request : this.stream.response;
    const stage = type <= MapType.HttpRequestTrailers ? this.request : this.response;
    const isHeaders = type === MapType.HttpRequestHeaders || type === MapType.HttpResponseHeaders;
    if (this.logging) return isHeaders ? half.headers : half.trailers;
    const { lenientMaps } = this.stream.options;
    if (isHeaders) return stage.headersVisible || lenientMaps ? stage.headers : undefined;
    if (stage.trailersVisible || (lenientMaps && !writing && stage.trailersState !== "none")) return stage.trailers;
    const added = writing ? stage.addTrailers() : undefined;
    half.trailers ??= added;
    return added;
  }

  override streamBuffer(type: number): GuestBuffer | undefined {
    if (type > BufferType.HttpResponseBody) return undefined;
    const stage = type === BufferType.HttpRequestBody ? this.request : this.response;
    const body = stage.visibleBody;
    return body && bodyBuffer(body);
  }

  override property(key: string, path: readonly string[]): PropertyValue {
    return this.stream.property(key, path) ?? super.property(key, path);
  }

  override setProperty(key: string, value: Uint8Array): Status {
    return this.stream.setProperty(key, value);
  }

  override continueStream(type: number): void {
    if (this.state !== "open") return;
    if (type === StreamType.Request) this.request.resume();
    else if (type === StreamType.Response) this.response.resume();
  }

  override closeStream(type: number): void {
    if (type <= StreamType.Response) this.stream.reset();
  }

  override sendLocalResponse(response: LocalResponse): boolean {
    if (this.state !== "open" || this.replying) return false;
    this.replying = true;
    this.vm.defer(() => {
      this.replying = false;
      this.stream.localReply(response);
    });
    return true;
  }

  /** Properties that other plugins store are read from the stream. */
  storeProperty(): void {}

  override clearRouteCache(): void {
    this.stream.routeCacheCleared = true;
  }
}

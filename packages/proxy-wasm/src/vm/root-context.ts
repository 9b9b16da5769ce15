import { BufferType, MapType, Status } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import type { PropertyValue } from "../abi/property.ts";
import { nextTurn } from "../services/next-turn.ts";
import { answerOf } from "../services/upstream-failure.ts";
import { type GrpcEvents, type GrpcStream, type HttpCallResponse, MESSAGE_BYTES } from "../services/upstreams.ts";
import { Context, type GuestBuffer, readOnly } from "./context.ts";
import { DONE_TIMEOUT, type Vm } from "./vm.ts";

/** The plugin that a root context belongs to. */
export interface PluginIdentity {
  readonly name: string;
  readonly rootId: string;
  readonly configuration: Uint8Array;
}

/** What a call of the plugin's own, to a server or to the host, has brought, for the time of the callback that tells of it. */
interface CallData {
  readonly maps: ReadonlyMap<number, HeaderMap>;
  readonly buffers: ReadonlyMap<number, Uint8Array>;
}

/** How many calls of one plugin may be under way, and how many bytes their requests and messages may have together. */
const MAX_PENDING = 4096;
const MAX_PENDING_BYTES: number = 64 * 1024 * 1024;

/** Envoy's numbers for calls carry their kind in the low two bits. */
const CALL_KIND = { http: 0, grpcCall: 1, grpcStream: 2 } as const;

/** Timers of the platform with more milliseconds fire at once. */
const MAX_TIMER = 0x7fff_ffff;

/** gRPC's status for a server that breaks the rules of a call. */
const GRPC_INTERNAL = 13;

/** What Envoy says of a call that brought no answer. */
const RESET = { code: 11, message: "reset" };

/** A gRPC call or stream that is under way. */
interface GrpcCall {
  readonly stream: GrpcStream;
  /** Bytes of messages that the stream holds. */
  held: number;
}

/** A plugin's root: its configuration, its clock, and the calls that it makes. */
export class RootContext extends Context {
  readonly plugin: PluginIdentity;
  /** What `proxy_get_status` answers: how the last call ended. */
  lastStatus: { readonly code: number; readonly message: string } = { code: 0, message: "" };
  /** Streams that live now. */
  streams = 0;
  /** Whether the guest is being told of its VM's configuration and not yet of its own. */
  starting = false;

  private data: CallData | undefined = undefined;
  private timer: ReturnType<typeof setInterval> | undefined = undefined;
  private readonly httpCalls = new Map<number, AbortController>();
  private readonly grpcCalls = new Map<number, GrpcCall>();
  private pendingBytes = 0;
  private pendingResults = 0;
  private lastCall = 0;
  private lastForeignCall = 0;
  private closing: "open" | "waiting" | "closed" = "open";
  /** Ends a plugin that has asked for time and does not say that it is done. */
  private doneTimer: ReturnType<typeof setTimeout> | undefined = undefined;
  /** Resolves when the guest knows that the plugin has ended, or has failed. */
  readonly ended: Promise<void>;
  private readonly tellEnded: () => void;

  constructor(vm: Vm, plugin: PluginIdentity) {
    super(vm, vm.nextContextId());
    this.plugin = plugin;
    let tell = (): void => {};
    this.ended = new Promise((resolve) => {
      tell = resolve;
    });
    this.tellEnded = tell;
  }

  /**
   * Makes the context known to the guest and configures the plugin.
   * @throws PluginError `start-refused`, `configuration-refused` or `failed`
   */
  start(): void {
    const { vm } = this;
    vm.contexts.add(this);
    vm.start(this, "proxy_on_context_create", this.id, 0);
    const { configuration } = vm.options;
    this.starting = true;
    const started =
      !vm.has("proxy_on_vm_start") || vm.start(this, "proxy_on_vm_start", this.id, configuration.length) !== 0;
    this.starting = false;
    if (!started)
      throw new PluginError("start-refused", `plugin "${this.plugin.name}" refused the configuration of its VM`);
    if (
      vm.has("proxy_on_configure") &&
      vm.start(this, "proxy_on_configure", this.id, this.plugin.configuration.length) === 0
    )
      throw new PluginError("configuration-refused", `plugin "${this.plugin.name}" refused its configuration`);
  }

  get root(): RootContext {
    return this;
  }

  ownProperty(path: readonly string[]): PropertyValue {
    switch (path[0]) {
      case "plugin_name":
        return this.plugin.name;
      case "plugin_root_id":
        return this.plugin.rootId;
      case "plugin_vm_id":
        return this.vm.options.vmId;
    }
    return undefined;
  }

  /** Headers and trailers of an answer to one of the plugin's calls: there only in the callback that tells of it. */
  callMap(type: number): HeaderMap | undefined {
    return this.data?.maps.get(type);
  }

  callBuffer(type: number): GuestBuffer | undefined {
    if (type === BufferType.VmConfiguration) return readOnly(this.vm.options.configuration);
    if (type === BufferType.PluginConfiguration) return readOnly(this.plugin.configuration);
    const bytes = this.data?.buffers.get(type);
    return bytes === undefined ? undefined : readOnly(bytes);
  }

  /** Calls back with what a call has brought. A VM that fails here tells everybody itself. */
  private deliver(
    name: string,
    args: readonly number[],
    maps: readonly (readonly [number, HeaderMap])[] = [],
    buffers: readonly (readonly [number, Uint8Array])[] = [],
  ): void {
    if (this.closing === "closed" || this.vm.failure !== undefined) return;
    this.data = { maps: new Map(maps), buffers: new Map(buffers) };
    try {
      this.vm.call(this, name, this.id, ...args);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
    } finally {
      this.data = undefined;
    }
  }

  /** Calls `proxy_on_tick` at intervals; 0 stops. */
  setTickPeriod(milliseconds: number): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (milliseconds === 0 || this.closing === "closed" || !this.vm.has("proxy_on_tick")) return;
    this.timer = setInterval(() => this.deliver("proxy_on_tick", []), Math.min(milliseconds, MAX_TIMER));
    // A plugin's clock is no reason for a process to stay.
    (this.timer as { unref?: () => void }).unref?.();
  }

  readonly queueReady = (queueId: number): void => this.deliver("proxy_on_queue_ready", [queueId]);

  private nextCall(kind: number): number {
    this.lastCall = (this.lastCall + 1) & 0x0fff_ffff;
    return (this.lastCall << 2) | kind;
  }

  /** Whether as many calls are under way as may be. */
  get isBusy(): boolean {
    return this.pendingCalls >= MAX_PENDING;
  }

  get pendingCalls(): number {
    return this.httpCalls.size + this.grpcCalls.size + this.pendingResults;
  }

  /** Sends a request. @returns its number, or undefined when too many are under way */
  httpCall(
    cluster: string,
    headers: HeaderMap,
    body: Uint8Array,
    trailers: HeaderMap,
    timeout: number,
  ): number | undefined {
    if (this.isBusy || this.closing === "closed") return undefined;
    const size = body.length + headers.byteSize + trailers.byteSize;
    if (this.pendingBytes + size > MAX_PENDING_BYTES) return undefined;
    this.pendingBytes += size;
    const id = this.nextCall(CALL_KIND.http);
    const abort = new AbortController();
    this.httpCalls.set(id, abort);
    const request = { headers, body, trailers, timeout, owner: this.vm.owner };
    const { upstreams } = this.vm.services;
    // In a later turn: a call that fails at once, and is repeated at once, must not keep the event loop from turning.
    void answerOf(request, () => upstreams.httpCall(cluster, request, abort.signal)).then((response) =>
      nextTurn(() => {
        this.pendingBytes -= size;
        this.httpCallDone(id, response);
      }),
    );
    return id;
  }

  private httpCallDone(id: number, response: HttpCallResponse | undefined): void {
    try {
      if (this.httpCalls.delete(id)) this.tellOfHttpCall(id, response);
    } finally {
      response?.release?.();
    }
  }

  private tellOfHttpCall(id: number, response: HttpCallResponse | undefined): void {
    if (response === undefined) {
      this.lastStatus = RESET;
      this.deliver("proxy_on_http_call_response", [id, 0, 0, 0]);
      return;
    }
    const { headers, body, trailers } = response;
    this.lastStatus = { code: 0, message: "" };
    this.deliver(
      "proxy_on_http_call_response",
      [id, headers.size, body.length, trailers.size],
      [
        [MapType.HttpCallResponseHeaders, headers],
        [MapType.HttpCallResponseTrailers, trailers],
      ],
      [[BufferType.HttpCallResponseBody, body]],
    );
  }

  /** Sends one message and waits for one. @returns the call's number, or undefined when it cannot be sent */
  grpcCall(
    cluster: string,
    service: string,
    method: string,
    metadata: HeaderMap,
    message: Uint8Array,
    timeout: number,
  ): number | undefined {
    if (!this.mayHold(message)) return undefined;
    const id = this.nextCall(CALL_KIND.grpcCall);
    let reply: Uint8Array | undefined;
    const call = this.openGrpc(id, cluster, service, method, metadata, timeout, {
      initialMetadata: () => {},
      trailingMetadata: () => {},
      message: (bytes) => {
        reply = bytes;
        return undefined;
      },
      closed: (status, text) => {
        if (!this.forgetGrpc(id)) return;
        // As in Envoy: a server that says that all went well, and sends no message, has failed.
        const code = status === 0 && reply === undefined ? GRPC_INTERNAL : status;
        this.lastStatus = { code, message: text };
        if (code === 0 && reply !== undefined) this.grpcReceive(id, reply);
        else this.deliver("proxy_on_grpc_close", [id, code]);
      },
    });
    if (call === undefined) return undefined;
    this.sendMessage(call, message, true);
    return id;
  }

  /** Opens a stream. @returns its number, or undefined when it cannot be opened */
  grpcStream(cluster: string, service: string, method: string, metadata: HeaderMap): number | undefined {
    const id = this.nextCall(CALL_KIND.grpcStream);
    const tell = (name: string, type: number, map: HeaderMap): void => {
      if (this.grpcCalls.has(id)) this.deliver(name, [id, map.size], [[type, map]]);
    };
    const call = this.openGrpc(id, cluster, service, method, metadata, 0, {
      initialMetadata: (map) => tell("proxy_on_grpc_receive_initial_metadata", MapType.GrpcReceiveInitialMetadata, map),
      trailingMetadata: (map) =>
        tell("proxy_on_grpc_receive_trailing_metadata", MapType.GrpcReceiveTrailingMetadata, map),
      message: (bytes) => {
        if (this.grpcCalls.has(id)) this.grpcReceive(id, bytes);
        return undefined;
      },
      closed: (status, text) => {
        if (!this.forgetGrpc(id)) return;
        this.lastStatus = { code: status, message: text };
        this.deliver("proxy_on_grpc_close", [id, status]);
      },
    });
    return call === undefined ? undefined : id;
  }

  private grpcReceive(id: number, bytes: Uint8Array): void {
    this.deliver("proxy_on_grpc_receive", [id, bytes.length], [], [[BufferType.GrpcReceiveBuffer, bytes]]);
  }

  private openGrpc(
    id: number,
    cluster: string,
    service: string,
    method: string,
    metadata: HeaderMap,
    timeout: number,
    events: GrpcEvents,
  ): GrpcCall | undefined {
    if (this.isBusy || this.closing === "closed") return undefined;
    try {
      const { upstreams } = this.vm.services;
      const request = { service, method, metadata, timeout, owner: this.vm.owner };
      const call = { stream: upstreams.grpcStream(cluster, request, events), held: 0 };
      this.grpcCalls.set(id, call);
      return call;
    } catch {
      return undefined;
    }
  }

  /** @returns false when the call is over already */
  private forgetGrpc(id: number): boolean {
    const call = this.grpcCalls.get(id);
    if (call === undefined) return false;
    this.grpcCalls.delete(id);
    this.pendingBytes -= call.held;
    call.held = 0;
    return true;
  }

  private mayHold(message: Uint8Array): boolean {
    return this.pendingBytes + message.length + MESSAGE_BYTES <= MAX_PENDING_BYTES;
  }

  /** Sends a message, whose bytes count as long as the stream holds them. */
  private sendMessage(call: GrpcCall, message: Uint8Array, endStream: boolean): void {
    const sent = call.stream.send(message, endStream);
    if (sent === undefined) return;
    const size = message.length + MESSAGE_BYTES;
    call.held += size;
    this.pendingBytes += size;
    void sent.then(() => {
      // A call that is over holds nothing.
      if (call.held === 0) return;
      call.held -= size;
      this.pendingBytes -= size;
    });
  }

  grpcSend(id: number, message: Uint8Array, endStream: boolean): Status {
    const call = this.grpcCalls.get(id);
    if (call === undefined) return Status.NotFound;
    if ((id & 3) !== CALL_KIND.grpcStream) return Status.BadArgument;
    if (!this.mayHold(message)) return Status.InternalFailure;
    this.sendMessage(call, message, endStream);
    return Status.Ok;
  }

  /** Ends a call or a stream of which nothing more is to be heard. */
  grpcCancel(id: number): Status {
    const call = this.grpcCalls.get(id);
    if (call === undefined) return Status.NotFound;
    this.forgetGrpc(id);
    call.stream.cancel();
    return Status.Ok;
  }

  /** Ends the sending side of a stream; ends a call altogether. */
  grpcClose(id: number): Status {
    const call = this.grpcCalls.get(id);
    if (call === undefined) return Status.NotFound;
    if ((id & 3) !== CALL_KIND.grpcStream) return this.grpcCancel(id);
    void call.stream.send(undefined, true);
    return Status.Ok;
  }

  /** Hands the result of a foreign function that took its time over to the guest. */
  foreignResult(result: Promise<Uint8Array | undefined>): void {
    this.pendingResults++;
    this.lastForeignCall++;
    const id = this.lastForeignCall;
    result.then(
      (bytes = new Uint8Array(0)) =>
        nextTurn(() => {
          this.pendingResults--;
          this.deliver("proxy_on_foreign_function", [id, bytes.length], [], [[BufferType.CallData, bytes]]);
        }),
      (error: unknown) => {
        this.pendingResults--;
        this.vm.log("error", `a foreign function failed: ${String(error)}`, this);
      },
    );
  }

  /**
   * Ends the plugin: at once, or when it says that it is done if it asks for time. It has its clock and its calls until then,
   * as in Envoy, which waits for ever: a plugin that never says it would keep its VM for ever.
   */
  close(): void {
    if (this.closing !== "open") return;
    let done = true;
    try {
      if (this.vm.failure === undefined && this.vm.has("proxy_on_done"))
        done = this.vm.call(this, "proxy_on_done", this.id) !== 0;
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
    }
    if (done) {
      this.finish();
      return;
    }
    this.closing = "waiting";
    const time = Math.min(this.vm.options.limits.doneTimeout ?? DONE_TIMEOUT, MAX_TIMER);
    this.doneTimer = setTimeout(() => {
      this.vm.log("warn", `the plugin has not called proxy_done within ${time} ms and is deleted`, this);
      this.finish();
    }, time);
    (this.doneTimer as { unref?: () => void }).unref?.();
  }

  /** The guest says that it is done. @returns false when nobody had asked */
  done(): boolean {
    if (this.closing !== "waiting") return false;
    this.vm.defer(() => this.finish());
    return true;
  }

  private finish(): void {
    if (this.closing === "closed") return;
    this.deliver("proxy_on_delete", []);
    this.release();
    this.vm.contexts.delete(this);
  }

  override vmFailed(): void {
    this.release();
  }

  private release(): void {
    this.closing = "closed";
    clearInterval(this.timer);
    clearTimeout(this.doneTimer);
    this.tellEnded();
    this.vm.services.sharedQueues.release(this.queueReady);
    for (const abort of this.httpCalls.values()) abort.abort();
    this.httpCalls.clear();
    for (const { stream } of this.grpcCalls.values()) stream.cancel();
    this.grpcCalls.clear();
  }
}

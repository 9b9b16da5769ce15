import { Body } from "../abi/body.ts";
import { concatBytes } from "../abi/bytes.ts";
import { BufferType, CloseType, type Status, StreamType } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import type { PropertyValue } from "../abi/property.ts";
import { bodyBuffer, Context, type GuestBuffer } from "../vm/context.ts";
import type { LocalPlugin } from "../vm/local-plugin.ts";
import type { RootContext } from "../vm/root-context.ts";
import type { ConnectionContext } from "./connection-context.ts";
import type { TcpDirection, TcpStream } from "./tcp-stream.ts";

const NOTHING = new Uint8Array(0);
const DATA_CALLBACKS = { downstream: "proxy_on_downstream_data", upstream: "proxy_on_upstream_data" } as const;
const CLOSE_CALLBACKS = {
  downstream: "proxy_on_downstream_connection_close",
  upstream: "proxy_on_upstream_connection_close",
} as const;

/** One direction of a connection at one plugin. */
class TcpStage {
  /** Bytes that the plugin holds back. */
  readonly held: Body = new Body();
  /** The bytes that the running callback is shown. */
  current: Body | undefined = undefined;
  ended = false;
  /** The end has been passed on. */
  passedEnd = false;
  paused = false;
  /** The plugin has continued the direction in the running callback. */
  resumeRequested = false;
}

/** One plugin's context of one connection. */
export class TcpContext extends Context implements ConnectionContext {
  readonly root: RootContext;
  readonly plugin: LocalPlugin;
  readonly thread: undefined = undefined;
  private readonly downstream = new TcpStage();
  private readonly upstream = new TcpStage();
  /** No bytes pass until the plugin continues the connection. */
  private waiting = false;
  private inNewConnection = false;
  private readonly stream: TcpStream;
  private state: "new" | "open" | "closed" = "new";

  constructor(stream: TcpStream, plugin: LocalPlugin, root: RootContext) {
    super(root.vm, root.vm.nextContextId());
    this.stream = stream;
    this.plugin = plugin;
    this.root = root;
  }

  open(): void {
    this.state = "open";
    this.vm.contexts.add(this);
    this.root.streams++;
    this.invoke("proxy_on_context_create", this.root.id);
  }

  establish(): boolean {
    this.inNewConnection = true;
    const action = this.invoke("proxy_on_new_connection") ?? 0;
    this.inNewConnection = false;
    this.waiting = action !== 0 && !this.downstream.resumeRequested;
    return !this.waiting;
  }

  receive(direction: TcpDirection, chunk: Uint8Array, endStream: boolean): void {
    const stage = this[direction];
    stage.held.append(chunk);
    stage.ended ||= endStream;
    stage.paused = direction === "downstream" && this.waiting ? true : this.show(direction, endStream);
    if (this.stream.isFinished) return;
    if (!stage.paused) this.release(direction);
    else if (stage.held.size > this.stream.limit) this.stream.closeByPlugin();
  }

  /** Shows the plugin all bytes that it holds. @returns whether it holds them still */
  private show(direction: TcpDirection, endStream: boolean): boolean {
    const stage = this[direction];
    stage.current = stage.held;
    stage.resumeRequested = false;
    const action = this.invoke(DATA_CALLBACKS[direction], stage.held.size, endStream ? 1 : 0) ?? 0;
    stage.current = undefined;
    return action !== 0 && !stage.resumeRequested;
  }

  private release(direction: TcpDirection): void {
    const { stream } = this;
    const stage = this[direction];
    stage.paused = false;
    const drained = stage.held.drain();
    const chunks = drained.length > 1 && stream.joinsAfter(this, direction) ? [concatBytes(drained)] : drained;
    const end = stage.ended && !stage.passedEnd;
    stage.passedEnd = stage.ended;
    chunks.forEach((chunk, i) => {
      stream.passAfter(this, direction, chunk, end && i === chunks.length - 1);
    });
    if (chunks.length === 0 && end) stream.passAfter(this, direction, NOTHING, true);
  }

  /** The plugin continues the connection, or passes on what the client sent. */
  private resume(): void {
    const { stream, downstream: stage } = this;
    if (stream.isFinished) return;
    if (this.inNewConnection || stage.current !== undefined) {
      stage.resumeRequested = true;
      return;
    }
    if (this.waiting) {
      this.waiting = false;
      stream.establishAfter(this);
      if (!stream.isFinished && (stage.held.size > 0 || stage.ended)) this.receive("downstream", NOTHING, stage.ended);
    } else if (stage.paused) this.release("downstream");
  }

  isFull(): boolean {
    return false;
  }

  isUnderWay(): boolean {
    return false;
  }

  keeps(direction: TcpDirection): boolean {
    return this[direction].held.size > 0;
  }

  sideClosed(direction: TcpDirection, byPeer: boolean): void {
    this.invoke(CLOSE_CALLBACKS[direction], byPeer ? CloseType.Remote : CloseType.Local);
  }

  /** Properties that other plugins store are read from the stream. */
  storeProperty(): void {}

  /** @returns the plugin's result; undefined when it has failed or has no such callback */
  private invoke(name: string, ...args: number[]): number | undefined {
    if (this.state !== "open" || !this.vm.has(name)) return undefined;
    try {
      return this.vm.call(this, name, this.id, ...args);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.vmFailed();
      return undefined;
    }
  }

  override vmFailed(): void {
    if (this.state !== "open") return;
    this.leave();
    if (this.plugin.settings.failurePolicy !== "open") {
      this.stream.closeByPlugin();
      return;
    }
    this.resume();
    const { upstream } = this;
    if (upstream.paused && upstream.current === undefined) this.release("upstream");
  }

  finish(): void {
    if (this.state === "open")
      for (const name of ["proxy_on_done", "proxy_on_log", "proxy_on_delete"]) this.invoke(name);
    if (this.state === "open") this.leave();
  }

  private leave(): void {
    this.state = "closed";
    this.vm.contexts.delete(this);
    this.root.streams--;
  }

  override streamBuffer(type: number): GuestBuffer | undefined {
    if (type !== BufferType.DownstreamData && type !== BufferType.UpstreamData) return undefined;
    const stage = type === BufferType.DownstreamData ? this.downstream : this.upstream;
    const body = stage.current ?? (stage.held.size > 0 ? stage.held : undefined);
    return body && bodyBuffer(body);
  }

  override property(key: string, path: readonly string[]): PropertyValue {
    return this.stream.property(key, path) ?? super.property(key, path);
  }

  override setProperty(key: string, value: Uint8Array): Status {
    return this.stream.setProperty(key, value);
  }

  override continueStream(type: number): void {
    if (type === StreamType.Downstream && this.state === "open") this.resume();
  }

  override closeStream(type: number): void {
    if (type >= StreamType.Downstream) this.stream.closeByPlugin();
  }
}

import { Body } from "../abi/body.ts";
import { BufferType, type Status, StreamType } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import type { PropertyValue } from "../abi/property.ts";
import { bodyBuffer, Context, type GuestBuffer } from "../vm/context.ts";
import type { LocalPlugin } from "../vm/plugin.ts";
import type { RootContext } from "../vm/root-context.ts";
import type { TcpStream } from "./tcp-stream.ts";

/** One direction at one plugin: what it has not let go. */
export class TcpStage {
  readonly held: Body = new Body();
  current: Body | undefined = undefined;
  ended = false;
  /** The end has gone on. */
  passedEnd = false;
  paused = false;
  resumeRequested = false;
}

/** One plugin's context of one connection. */
export class TcpContext extends Context {
  readonly root: RootContext;
  readonly plugin: LocalPlugin;
  readonly downstream: TcpStage = new TcpStage();
  readonly upstream: TcpStage = new TcpStage();
  /** No bytes pass until the plugin goes on with the connection. */
  waiting = false;
  inNewConnection = false;
  bypassed = false;
  private readonly stream: TcpStream;
  private state: "open" | "closed" = "open";

  constructor(stream: TcpStream, plugin: LocalPlugin, root: RootContext) {
    super(root.vm, root.vm.nextContextId());
    this.stream = stream;
    this.plugin = plugin;
    this.root = root;
  }

  open(): void {
    this.vm.contexts.add(this);
    this.root.streams++;
    this.invoke("proxy_on_context_create", this.root.id);
  }

  /** @returns what the plugin says; undefined when it has failed or has no such callback */
  invoke(name: string, ...args: number[]): number | undefined {
    if (this.state === "closed" || this.bypassed || !this.vm.has(name)) return undefined;
    try {
      return this.vm.call(this, name, this.id, ...args);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.vmFailed();
      return undefined;
    }
  }

  override vmFailed(): void {
    if (this.state === "closed") return;
    this.leave();
    this.stream.pluginFailed(this);
  }

  close(): void {
    if (this.state === "closed") return;
    for (const name of ["proxy_on_done", "proxy_on_log", "proxy_on_delete"]) this.invoke(name);
    this.leave();
  }

  private leave(): void {
    if (this.state === "closed") return;
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
    if (type === StreamType.Downstream && this.state === "open") this.stream.resume(this);
  }

  override closeStream(type: number): void {
    if (type >= StreamType.Downstream) this.stream.closeByPlugin();
  }
}

import { PluginError } from "../abi/errors.ts";
import { type ContextStream, HttpContext } from "../http/http-context.ts";
import { TcpContext } from "../tcp/tcp-context.ts";
import type { TcpStream } from "../tcp/tcp-stream.ts";
import { Plugin, type PluginSettings } from "./plugin.ts";
import type { RootContext } from "./root-context.ts";
import type { VmSlot } from "./vm-slot.ts";

/** No plugin waits longer than this for its next VM. */
const MAX_BACKOFF = 5 * 60_000;

/** A plugin whose VM runs in this thread. */
export class LocalPlugin extends Plugin {
  /** Where its VM stands. */
  readonly slot: VmSlot;
  private closed = false;
  /** What the guest has been told the end of. */
  private ending: RootContext | undefined = undefined;

  /** @throws PluginError */
  constructor(slot: VmSlot, settings: PluginSettings) {
    super(settings);
    this.slot = slot;
    slot.retain(settings.rootKey, settings.identity);
  }

  get failure(): PluginError | undefined {
    return this.slot.failure;
  }

  /**
   * The root for a new stream: undefined when the plugin has failed and is to be passed over.
   * @throws PluginError when it has failed and the stream is to be refused
   */
  private rootForStream(): RootContext | undefined {
    const { rootKey, failurePolicy } = this.settings;
    const running = this.slot.running(rootKey);
    if (running !== undefined) return running;
    if (failurePolicy === "open") return undefined;
    const refusal = this.slot.failure ?? new PluginError("failed", `plugin "${this.name}" does not run`);
    if (this.closed || failurePolicy === "closed" || Date.now() < this.reloadAt) throw refusal;
    return this.slot.root(rootKey);
  }

  openHttp(stream: ContextStream): HttpContext | undefined {
    const root = this.rootForStream();
    return root && new HttpContext(stream, this, root);
  }

  openTcp(stream: TcpStream): TcpContext | undefined {
    const root = this.rootForStream();
    return root && new TcpContext(stream, this, root);
  }

  revive(): void {
    if (this.closed || this.failure === undefined || this.settings.failurePolicy !== "reload") return;
    try {
      this.rootForStream();
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
    }
  }

  /** When a failed plugin may be given a new VM, in milliseconds of `Date.now()`. */
  private get reloadAt(): number {
    const { failuresInARow, failedAt } = this.slot;
    const doubled = this.settings.reloadBackoff * 2 ** Math.min(failuresInARow - 1, 30);
    return failedAt + Math.min(doubled, MAX_BACKOFF);
  }

  /** The plugin has done its work on a stream: the next failure is the first again. */
  succeeded(): void {
    this.slot.failuresInARow = 0;
  }

  async close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      this.ending = this.slot.release(this.settings.rootKey);
    }
    await this.ending?.ended;
  }
}

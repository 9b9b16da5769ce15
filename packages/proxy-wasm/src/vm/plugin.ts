import { PluginError } from "../abi/errors.ts";
import type { PluginIdentity, RootContext } from "./root-context.ts";
import type { VmSlot } from "./vm-slot.ts";

export type FailurePolicy = "closed" | "open" | "reload";

export interface PluginSettings {
  readonly identity: PluginIdentity;
  /** What tells this plugin's root from others in the VM. */
  readonly rootKey: string;
  readonly failurePolicy: FailurePolicy;
  readonly reloadBackoff: number;
  readonly allowOnHeadersStopIteration: boolean;
}

/** No plugin waits longer than this for its next VM. */
const MAX_BACKOFF = 5 * 60_000;

/** A plugin that has been loaded and configured. Made by `PluginHost.load`. */
export abstract class Plugin {
  readonly settings: PluginSettings;

  constructor(settings: PluginSettings) {
    this.settings = settings;
  }

  get name(): string {
    return this.settings.identity.name;
  }

  /** Why it does not run now. */
  abstract get failure(): PluginError | undefined;

  /** Makes a new VM where the plugin has failed, if its policy is `"reload"` and its backoff is over. */
  abstract revive(): void;

  /**
   * Ends the plugin. Streams that are under way go on.
   *
   * @returns a promise that resolves when the plugin has said that it is done, at most its `doneTimeout` later
   */
  abstract close(): Promise<void>;
}

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
  rootForStream(): RootContext | undefined {
    const { rootKey, failurePolicy } = this.settings;
    const running = this.slot.running(rootKey);
    if (running !== undefined) return running;
    if (failurePolicy === "open") return undefined;
    const refusal = this.slot.failure ?? new PluginError("failed", `plugin "${this.name}" does not run`);
    if (this.closed || failurePolicy === "closed" || Date.now() < this.reloadAt) throw refusal;
    return this.slot.root(rootKey);
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

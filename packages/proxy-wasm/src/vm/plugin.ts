import type { PluginError } from "../abi/errors.ts";
import type { HttpStream } from "../http/http-stream.ts";
import type { StreamContext } from "../http/stream-context.ts";
import type { ConnectionContext } from "../tcp/connection-context.ts";
import type { TcpStream } from "../tcp/tcp-stream.ts";
import type { PluginThread } from "../threads/plugin-thread.ts";
import type { PluginIdentity } from "./root-context.ts";

export type FailurePolicy = "closed" | "open" | "reload";

export interface PluginSettings {
  readonly identity: PluginIdentity;
  /** What tells this plugin's root from others in the VM. */
  readonly rootKey: string;
  readonly failurePolicy: FailurePolicy;
  readonly reloadBackoff: number;
  readonly allowOnHeadersStopIteration: boolean;
}

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

  /**
   * For a stream: its context for this plugin.
   *
   * @param thread where other plugins of the stream run, if they run in a thread of the pool
   * @returns undefined when the plugin has failed and is bypassed
   * @throws PluginError when it has failed and the stream is to be refused
   */
  abstract openHttp(stream: HttpStream, thread: PluginThread | undefined): StreamContext | undefined;

  /** The same for a connection. */
  abstract openTcp(stream: TcpStream, thread: PluginThread | undefined): ConnectionContext | undefined;

  /** Makes a new VM where the plugin has failed, if its policy is `"reload"` and its backoff is over. */
  abstract revive(): void;

  /**
   * Ends the plugin. Streams that are under way go on.
   *
   * @returns a promise that resolves when the plugin has said that it is done, at most its `doneTimeout` later
   */
  abstract close(): Promise<void>;
}

import { PluginError } from "../abi/errors.ts";
import type { HttpStream } from "../http/http-stream.ts";
import type { TcpStream } from "../tcp/tcp-stream.ts";
import { Plugin, type PluginSettings } from "../vm/plugin.ts";
import type { PluginThread } from "./plugin-thread.ts";
import type { Direction, ThreadPlugin } from "./protocol.ts";
import { RemoteConnection } from "./remote-connection.ts";
import { RemoteContext } from "./remote-context.ts";
import type { ThreadPool } from "./thread-pool.ts";

/** A plugin whose VMs run in threads of their own, one in each: what it does there, however long it takes, blocks no other request. */
export class ThreadedPlugin extends Plugin {
  readonly id: number;
  /** What a thread needs to load it. */
  readonly options: ThreadPlugin;
  /** It runs in so many of the pool's threads. */
  readonly threads: number;
  private readonly callbacks: ReadonlySet<string>;
  private readonly pool: ThreadPool;
  private ended: Promise<void> | undefined = undefined;

  constructor(
    pool: ThreadPool,
    id: number,
    settings: PluginSettings,
    options: ThreadPlugin,
    threads: number,
    callbacks: ReadonlySet<string>,
  ) {
    super(settings);
    this.pool = pool;
    this.id = id;
    this.options = options;
    this.threads = threads;
    this.callbacks = callbacks;
  }

  /** Whether it looks at anything of a direction but the headers. */
  watches(direction: Direction): boolean {
    return this.callbacks.has(`proxy_on_${direction}_body`) || this.callbacks.has(`proxy_on_${direction}_trailers`);
  }

  /** Why it runs in none of its threads now. */
  get failure(): PluginError | undefined {
    return this.pool.failureOf(this);
  }

  openHttp(stream: HttpStream, preferred: PluginThread | undefined): RemoteContext | undefined {
    const thread = this.threadFor(preferred);
    return thread && new RemoteContext(stream, this, thread);
  }

  openTcp(stream: TcpStream, preferred: PluginThread | undefined): RemoteConnection | undefined {
    const thread = this.threadFor(preferred);
    return thread && new RemoteConnection(stream, this, thread);
  }

  private threadFor(preferred: PluginThread | undefined): PluginThread | undefined {
    const thread = this.ended !== undefined ? undefined : this.pool.choose(this, preferred);
    if (thread !== undefined) return thread;
    if (this.settings.failurePolicy === "open") return undefined;
    throw new PluginError("failed", `plugin "${this.name}" does not run`);
  }

  revive(): void {
    if (this.ended === undefined && this.settings.failurePolicy === "reload") this.pool.revive(this);
  }

  close(): Promise<void> {
    this.ended ??= this.pool.unload(this);
    return this.ended;
  }
}

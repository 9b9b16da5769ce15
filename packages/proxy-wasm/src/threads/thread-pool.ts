import { PluginError } from "../abi/errors.ts";
import type { VmStatus } from "../vm/plugin-host.ts";
import type { Services } from "../vm/vm.ts";
import { PluginThread } from "./plugin-thread.ts";
import type { ThreadStart } from "./protocol.ts";
import type { ThreadedPlugin } from "./threaded-plugin.ts";

/** A thread that dies again and again is replaced ever later. */
const MAX_BACKOFF = 30_000;
/** One that has run for so long has not died again and again. */
const STEADY = 60_000;

/** The place of one thread, which is filled again when the thread has died. */
interface Place {
  thread: PluginThread;
  since: number;
  deaths: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The threads of a host's plugins. There are as many as the plugin with the most needs, and none when no plugin needs one. */
export class ThreadPool {
  private readonly services: Services;
  private readonly start: Omit<ThreadStart, "answers">;
  private places: Place[] = [];
  private readonly plugins = new Set<ThreadedPlugin>();

  constructor(services: Services, start: Omit<ThreadStart, "answers">) {
    this.services = services;
    this.start = start;
  }

  /** Loads a plugin into its threads. @throws PluginError when it cannot be started in one of them; it then runs in none */
  async load(plugin: ThreadedPlugin): Promise<void> {
    this.plugins.add(plugin);
    while (this.places.length < plugin.threads) this.places.push(this.open(this.places.length + 1));
    const threads = this.places.slice(0, plugin.threads).map(({ thread }) => thread);
    const loads = await Promise.allSettled(threads.map((thread) => thread.loadPlugin(plugin)));
    const failed = loads.find((load) => load.status === "rejected");
    if (failed === undefined) return;
    void this.unload(plugin);
    throw failed.reason;
  }

  /** Ends a plugin everywhere; threads that nobody needs any more end too. Resolves when the plugin has ended. */
  async unload(plugin: ThreadedPlugin): Promise<void> {
    this.plugins.delete(plugin);
    await Promise.all(this.places.map(({ thread }) => thread.unloadPlugin(plugin)));
    if (this.plugins.size > 0) return;
    const places = this.places;
    this.places = [];
    for (const { thread, timer } of places) {
      clearTimeout(timer);
      thread.end();
    }
  }

  /** The thread of a plugin that has the fewest streams. */
  choose(plugin: ThreadedPlugin, preferred: PluginThread | undefined): PluginThread | undefined {
    if (preferred?.runs(plugin)) return preferred;
    let best: PluginThread | undefined;
    for (const { thread } of this.places)
      if (thread.runs(plugin) && (best === undefined || thread.load < best.load)) best = thread;
    return best;
  }

  failureOf(plugin: ThreadedPlugin): PluginError | undefined {
    let failure: PluginError | undefined;
    for (const { thread } of this.places) {
      if (!thread.runs(plugin)) continue;
      failure = thread.failures.get(plugin.id);
      if (failure === undefined) return undefined;
    }
    return failure ?? new PluginError("failed", "none of its threads runs");
  }

  /** Makes new VMs for a plugin in the threads where it has failed. */
  revive(plugin: ThreadedPlugin): void {
    for (const { thread } of this.places)
      if (thread.runs(plugin) && thread.failures.has(plugin.id)) thread.post(["revive", plugin.id]);
  }

  get vms(): VmStatus[] {
    return this.places.flatMap(({ thread }) => thread.vms);
  }

  private open(number: number): Place {
    const thread = new PluginThread(number, this.services, this.start, (error) => this.died(place, error));
    const place: Place = { thread, since: Date.now(), deaths: 0, timer: undefined };
    return place;
  }

  private died(place: Place, error: Error): void {
    const { number } = place.thread;
    this.services.log({
      level: "critical",
      message: `thread ${number}: ${error.message}`,
      plugin: "",
      rootId: "",
      vmId: "",
    });
    if (!this.places.includes(place)) return;
    place.deaths = Date.now() - place.since > STEADY ? 1 : place.deaths + 1;
    // The first time at once.
    const delay = place.deaths === 1 ? 0 : Math.min(100 * 2 ** (place.deaths - 2), MAX_BACKOFF);
    place.timer = setTimeout(() => this.replace(place), delay);
  }

  private replace(place: Place): void {
    place.since = Date.now();
    const { number } = place.thread;
    place.thread = new PluginThread(number, this.services, this.start, (error) => this.died(place, error));
    for (const plugin of this.plugins)
      if (number <= plugin.threads)
        place.thread.loadPlugin(plugin).catch((error: unknown) => {
          // A thread that has died tells of it itself.
          if (!place.thread.dead)
            this.services.log({
              level: "critical",
              message: `thread ${number}: ${(error as Error).message}`,
              plugin: plugin.name,
              rootId: plugin.options.rootId,
              vmId: plugin.options.vmId,
            });
        });
  }

  /** The threads that are there, for tests and administration. */
  get threads(): readonly PluginThread[] {
    return this.places.map(({ thread }) => thread);
  }
}

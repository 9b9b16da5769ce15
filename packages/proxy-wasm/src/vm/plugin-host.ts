import { createHash } from "node:crypto";
import { type Module, type ModuleSource, Runtime, type RuntimeOptions, shareModule } from "@wardian/runtime";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { systemRandom } from "@wardian/wasi";
import { encodeUtf8 } from "../abi/bytes.ts";
import type { LogLevel } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import type { PropertyValue } from "../abi/property.ts";
import { builtinForeignFunctions, type ForeignFunction } from "../services/foreign.ts";
import { consoleLog, type LogSink } from "../services/log.ts";
import { Metrics } from "../services/metrics.ts";
import { MemorySharedData, type SharedData } from "../services/shared-data.ts";
import { MemorySharedQueues, type SharedQueues } from "../services/shared-queue.ts";
import { noUpstreams, type Upstreams } from "../services/upstreams.ts";
import { pack, type ThreadStart } from "../threads/protocol.ts";
import type { ThreadPool } from "../threads/thread-pool.ts";
import { ThreadedPlugin } from "../threads/threaded-plugin.ts";
import { LocalPlugin } from "./local-plugin.ts";
import type { FailurePolicy, Plugin, PluginSettings } from "./plugin.ts";
import { instanceLimits, type PluginLimits, readPluginLimits, type Services } from "./vm.ts";
import { VmSlot } from "./vm-slot.ts";

/** What a host's plugins have in common. All of it is optional. */
export interface PluginHostOptions {
  /** Which engine runs plugins; by default the fastest that can. */
  readonly engine?: RuntimeOptions["engine"];
  /** Where log lines go; by default the console. */
  readonly log?: LogSink;
  /** The least level that is logged; by default `"info"`. */
  readonly logLevel?: LogLevel;
  /** Servers that plugins may call, by cluster; by default none. */
  readonly upstreams?: Upstreams;
  /** Functions that plugins call by name, beside `compress` and `uncompress`. */
  readonly foreignFunctions?: Readonly<Record<string, ForeignFunction>>;
  /** Properties that every context has, such as `node`, `cluster_name`, `metadata` or `route_name`. */
  readonly properties?: { readonly [name: string]: PropertyValue };
  /** By default in this process's memory. */
  readonly sharedData?: SharedData;
  /** By default in this process's memory. */
  readonly sharedQueues?: SharedQueues;
  /** By default metrics of this host alone. */
  readonly metrics?: Metrics;
  /** Limits of plugins that name none of their own. */
  readonly limits?: PluginLimits;
  /** Nanoseconds since 1970; by default the system's clock. */
  readonly now?: () => bigint;
}

/** One plugin as a user configures it; the names are Envoy's. */
export interface PluginOptions {
  /** What log lines call it; by default empty. */
  readonly name?: string;
  /** Which of the roots that the module registers; by default empty. */
  readonly rootId?: string;
  /** The module: bytes, or text. */
  readonly code: ModuleSource;
  /** Given to the plugin as it is; an object as JSON. */
  readonly configuration?: PluginConfiguration;
  readonly vm?: {
    /** Plugins with the same identifier, VM configuration, environment, limits and code share one VM; shared data goes by the identifier alone. */
    readonly id?: string;
    readonly configuration?: PluginConfiguration;
    readonly environment?: Readonly<Record<string, string>>;
  };
  /**
   * What becomes of a request when the plugin has failed: it is refused (`"closed"`, the default), goes on without the plugin
   * (`"open"`), or is refused while later ones get a new VM (`"reload"`).
   */
  readonly failurePolicy?: FailurePolicy;
  /** With `"reload"`, how long to wait before the first new VM; doubled each time it fails again. Milliseconds, by default 1000. */
  readonly reloadBackoff?: number;
  /** Names of the host functions and callbacks that it may use; empty or absent for all. */
  readonly capabilities?: Iterable<string>;
  /** As Envoy's `allow_on_headers_stop_iteration`: a plugin that pauses at headers still gets the body. Default false. */
  readonly allowOnHeadersStopIteration?: boolean;
  readonly limits?: PluginLimits;
  /**
   * Runs it in so many threads, with a VM in each, so that what takes it long blocks no other request; each request stays in one of them.
   * By default 0: in the thread of the host, which is faster for what takes little.
   */
  readonly threads?: number;
}

const hostNames: OptionNames<PluginHostOptions> = {
  engine: true,
  log: true,
  logLevel: true,
  upstreams: true,
  foreignFunctions: true,
  properties: true,
  sharedData: true,
  sharedQueues: true,
  metrics: true,
  limits: true,
  now: true,
};

const pluginNames: OptionNames<PluginOptions> = {
  name: true,
  rootId: true,
  code: true,
  configuration: true,
  vm: true,
  failurePolicy: true,
  reloadBackoff: true,
  capabilities: true,
  allowOnHeadersStopIteration: true,
  limits: true,
  threads: true,
};

const vmNames: OptionNames<NonNullable<PluginOptions["vm"]>> = { id: true, configuration: true, environment: true };

/** More threads than any machine has processors. */
const MAX_THREADS = 1024;

/** Text, bytes, or what is written as JSON. */
export type PluginConfiguration = string | Uint8Array | { readonly [name: string]: unknown } | readonly unknown[];

function configurationBytes(configuration: PluginConfiguration | undefined): Uint8Array {
  if (configuration === undefined) return new Uint8Array(0);
  if (configuration instanceof Uint8Array) return configuration;
  return encodeUtf8(typeof configuration === "string" ? configuration : JSON.stringify(configuration));
}

/** One hash of several byte strings, none of which can be taken for a part of its neighbour. */
function keyOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = typeof part === "string" ? encodeUtf8(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest("hex");
}

/**
 * Loads Envoy's WebAssembly plugins and keeps what they share: virtual machines, shared data, queues and metrics.
 *
 * ```ts
 * const host = new PluginHost({ limits: { timeout: 50 } });
 * const plugin = await host.load({ code: await readFile("plugin.wasm"), configuration: { header: "x-hello" } });
 * ```
 */
export class PluginHost {
  readonly metrics: Metrics;
  private readonly services: Services;
  private readonly runtime: Runtime;
  private readonly limits: PluginLimits;
  private readonly slots = new Map<string, VmSlot>();
  private readonly threadStart: Omit<ThreadStart, "answers">;
  private pool: ThreadPool | undefined = undefined;
  private readonly plugins = new Set<Plugin>();
  private lastPlugin = 0;

  /**
   * @param within for {@link within} alone
   * @throws TypeError for an option that is not known
   */
  constructor(given?: PluginHostOptions, within?: Services) {
    const options = readOptions("PluginHost", hostNames, given);
    this.metrics = options.metrics ?? new Metrics();
    this.runtime = new Runtime({ engine: options.engine });
    this.limits = readPluginLimits(options.limits);
    const foreignFunctions = { ...builtinForeignFunctions, ...options.foreignFunctions };
    this.services = within ?? {
      log: options.log ?? consoleLog,
      logLevel: options.logLevel ?? "info",
      sharedData: options.sharedData ?? new MemorySharedData(),
      sharedQueues: options.sharedQueues ?? new MemorySharedQueues(),
      metrics: this.metrics,
      upstreams: options.upstreams ?? noUpstreams,
      foreignFunctions,
      properties: options.properties ?? {},
      now: options.now ?? ((): bigint => BigInt(Date.now()) * 1_000_000n),
      random: systemRandom(),
    };
    this.threadStart = {
      engine: options.engine,
      logLevel: this.services.logLevel,
      foreignFunctions: Object.keys(options.foreignFunctions ?? {}),
      ownClock: options.now !== undefined,
      properties: pack(this.services.properties),
    };
  }

  /** The host of a plugin thread, which has its services from the main one. */
  static within(services: Services, engine: RuntimeOptions["engine"]): PluginHost {
    return new PluginHost({ engine }, services);
  }

  /**
   * Compiles, starts and configures a plugin. A VM with the same key is shared.
   * @throws TypeError for an option that is not known; CompileError for what is no valid module; PluginError when it is no plugin, or refuses its configuration, or fails
   */
  async load(given: PluginOptions): Promise<Plugin> {
    const options = readOptions("PluginHost.load", pluginNames, given);
    const vmOptions = readOptions("vm of PluginHost.load", vmNames, options.vm);
    const threads = options.threads ?? 0;
    if (!Number.isInteger(threads) || threads < 0 || threads > MAX_THREADS)
      throw new RangeError(`threads must be an integer from 0 to ${MAX_THREADS}, not ${threads}`);
    const identity = {
      name: options.name ?? "",
      rootId: options.rootId ?? "",
      configuration: configurationBytes(options.configuration),
    };
    const settings: PluginSettings = {
      identity,
      rootKey: keyOf(identity.name, identity.rootId, identity.configuration),
      failurePolicy: options.failurePolicy ?? "closed",
      reloadBackoff: options.reloadBackoff ?? 1000,
      allowOnHeadersStopIteration: options.allowOnHeadersStopIteration ?? false,
    };
    const vm = {
      vmId: vmOptions.id ?? "",
      vmConfiguration: configurationBytes(vmOptions.configuration),
      environment: vmOptions.environment ?? {},
      limits: { ...this.limits, ...readPluginLimits(options.limits) },
      capabilities: [...new Set(options.capabilities ?? [])].sort(),
    };
    const plugin = await (threads > 0
      ? this.loadInThreads(options.code, settings, vm, threads)
      : this.loadHere(options.code, settings, vm));
    this.plugins.add(plugin);
    return plugin;
  }

  private async loadHere(source: ModuleSource, settings: PluginSettings, vm: VmIdentity): Promise<LocalPlugin> {
    const code = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
    const key = keyOf(
      vm.vmId,
      vm.vmConfiguration,
      bytesOfSource(code),
      JSON.stringify(Object.entries(vm.environment).sort()),
      JSON.stringify(Object.entries(vm.limits).map(([name, value]) => [name, String(value)])),
      JSON.stringify(vm.capabilities),
    );
    let slot = this.slots.get(key);
    if (slot === undefined) {
      const module = await this.compile(code, vm.limits);
      slot = this.slots.get(key) ?? this.addSlot(key, module, vm);
    }
    try {
      return new LocalPlugin(slot, settings);
    } catch (error) {
      slot.releaseIfUnused();
      throw error;
    }
  }

  private async loadInThreads(
    code: ModuleSource,
    settings: PluginSettings,
    vm: VmIdentity,
    threads: number,
  ): Promise<ThreadedPlugin> {
    const [module, { ThreadPool: Pool }] = await Promise.all([
      this.compile(code, vm.limits),
      // Loaded when it is wanted: not every platform that runs plugins has threads.
      import("../threads/thread-pool.ts"),
    ]);
    const pool = (this.pool ??= new Pool(this.services, this.threadStart));
    const { name, rootId, configuration } = settings.identity;
    const { failurePolicy, reloadBackoff, allowOnHeadersStopIteration } = settings;
    const options = {
      ...vm,
      ...{ name, rootId, configuration, failurePolicy, reloadBackoff, allowOnHeadersStopIteration },
      code: shareModule(module),
    };
    const allowed = (callback: string): boolean => vm.capabilities.length === 0 || vm.capabilities.includes(callback);
    const callbacks = new Set(module.exports.map((one) => one.name).filter(allowed));
    const plugin = new ThreadedPlugin(pool, ++this.lastPlugin, settings, options, threads, callbacks);
    await pool.load(plugin);
    return plugin;
  }

  /** Compiles for the limits that instances will have, which are written into their code. */
  private compile(code: ModuleSource, limits: PluginLimits): Promise<Module> {
    return this.runtime.compile(code, { limits: instanceLimits(limits) });
  }

  private addSlot(key: string, module: Module, vm: VmIdentity): VmSlot {
    const slot = new VmSlot(
      {
        runtime: this.runtime,
        services: this.services,
        module,
        vmId: vm.vmId,
        configuration: vm.vmConfiguration,
        environment: vm.environment,
        limits: vm.limits,
        capabilities: new Set(vm.capabilities),
      },
      () => this.slots.delete(key),
    );
    this.slots.set(key, slot);
    return slot;
  }

  /** The virtual machines that are there now, for administration. Of those in threads it is what they last said, some 50 ms ago. */
  get vms(): readonly VmStatus[] {
    return [...[...this.slots.values()].map((slot) => slot.status()), ...(this.pool?.vms ?? [])];
  }

  /**
   * Ends all plugins, and their threads once streams that are under way have ended.
   *
   * @returns a promise that resolves when all plugins have said that they are done, at most the longest `doneTimeout` later
   */
  async close(): Promise<void> {
    const ends = [...this.plugins].map((plugin) => plugin.close());
    this.plugins.clear();
    await Promise.all(ends);
  }
}

/** What makes two plugins share a VM, beside their code. */
interface VmIdentity {
  readonly vmId: string;
  readonly vmConfiguration: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: PluginLimits;
  readonly capabilities: readonly string[];
}

function bytesOfSource(code: Exclude<ModuleSource, ArrayBuffer>): Uint8Array | string {
  if (typeof code === "string" || code instanceof Uint8Array) return code;
  return "wasm" in code ? code.wasm : code.bytes;
}

/** A virtual machine as an administrator sees it. */
export interface VmStatus {
  readonly vmId: string;
  readonly state: "running" | "failed";
  readonly plugins: readonly string[];
  /** Contexts of streams that live now. */
  readonly streams: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes that it may grow to. */
  readonly memoryLimit: number;
  readonly fuelConsumed: bigint;
  /** Calls of the guest so far. */
  readonly calls: number;
  /** The latest failures, the newest last. */
  readonly failures: readonly VmFailure[];
  /** The number of the thread where it runs, if it is not the host's. */
  readonly thread?: number;
}

/** A trap, a limit that was reached, or a start that did not succeed. */
export interface VmFailure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: string;
  /** The guest's stack, the innermost frame first; empty when no guest code ran. */
  readonly frames: readonly string[];
}

export { PluginError };

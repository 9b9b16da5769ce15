import { createHash } from "node:crypto";
import { type Module, type ModuleSource, Runtime, type RuntimeOptions } from "@wardian/runtime";
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
import { type FailurePolicy, Plugin } from "./plugin.ts";
import type { PluginLimits, Services } from "./vm.ts";
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
}

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

  constructor(options: PluginHostOptions = {}) {
    this.metrics = options.metrics ?? new Metrics();
    this.runtime = new Runtime({ engine: options.engine });
    this.limits = options.limits ?? {};
    this.services = {
      log: options.log ?? consoleLog,
      logLevel: options.logLevel ?? "info",
      sharedData: options.sharedData ?? new MemorySharedData(),
      sharedQueues: options.sharedQueues ?? new MemorySharedQueues(),
      metrics: this.metrics,
      upstreams: options.upstreams ?? noUpstreams,
      foreignFunctions: { ...builtinForeignFunctions, ...options.foreignFunctions },
      properties: options.properties ?? {},
      now: options.now ?? ((): bigint => BigInt(Date.now()) * 1_000_000n),
      random: systemRandom(),
    };
  }

  /**
   * Compiles, starts and configures a plugin. A VM with the same key is shared.
   * @throws CompileError for what is no valid module; PluginError when it is no plugin, or refuses its configuration, or fails
   */
  async load(options: PluginOptions): Promise<Plugin> {
    const limits = { ...this.limits, ...options.limits };
    const vmId = options.vm?.id ?? "";
    const vmConfiguration = configurationBytes(options.vm?.configuration);
    const environment = options.vm?.environment ?? {};
    const capabilities = new Set(options.capabilities ?? []);
    const code = options.code instanceof ArrayBuffer ? new Uint8Array(options.code) : options.code;
    const key = keyOf(
      vmId,
      vmConfiguration,
      typeof code === "string" || code instanceof Uint8Array ? code : code.wasm,
      JSON.stringify(Object.entries(environment).sort()),
      JSON.stringify(Object.entries(limits).map(([name, value]) => [name, String(value)])),
      JSON.stringify([...capabilities].sort()),
    );
    let slot = this.slots.get(key);
    if (slot === undefined) {
      const module: Module = await this.runtime.compile(code);
      slot =
        this.slots.get(key) ?? this.addSlot(key, { module, vmId, vmConfiguration, environment, limits, capabilities });
    }
    const configuration = configurationBytes(options.configuration);
    const rootId = options.rootId ?? "";
    const name = options.name ?? "";
    try {
      return new Plugin(slot, {
        identity: { name, rootId, configuration },
        rootKey: keyOf(name, rootId, configuration),
        failurePolicy: options.failurePolicy ?? "closed",
        reloadBackoff: options.reloadBackoff ?? 1000,
        allowOnHeadersStopIteration: options.allowOnHeadersStopIteration ?? false,
      });
    } catch (error) {
      slot.releaseIfUnused();
      throw error;
    }
  }

  private addSlot(
    key: string,
    made: {
      module: Module;
      vmId: string;
      vmConfiguration: Uint8Array;
      environment: Readonly<Record<string, string>>;
      limits: PluginLimits;
      capabilities: ReadonlySet<string>;
    },
  ): VmSlot {
    const slot = new VmSlot(
      {
        runtime: this.runtime,
        services: this.services,
        module: made.module,
        vmId: made.vmId,
        configuration: made.vmConfiguration,
        environment: made.environment,
        limits: made.limits,
        capabilities: made.capabilities,
      },
      () => this.slots.delete(key),
    );
    this.slots.set(key, slot);
    return slot;
  }

  /** The virtual machines that are there now, for administration. */
  get vms(): readonly VmStatus[] {
    return [...this.slots.values()].map((slot) => slot.status());
  }
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
  readonly fuelConsumed: bigint;
  /** Calls of the guest so far. */
  readonly calls: number;
  /** Messages of the latest failures, the newest last. */
  readonly failures: readonly string[];
}

export { PluginError };

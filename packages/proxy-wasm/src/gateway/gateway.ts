import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Tracer } from "@opentelemetry/api";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { decodeUtf8 } from "../abi/bytes.ts";
import { failResponse } from "../node/fail.ts";
import type { NodeRequest, NodeResponse } from "../node/headers.ts";
import { filterServer, type NodeServer } from "../node/middleware.ts";
import { filterUpgrade, type Upgrade } from "../node/upgrade.ts";
import { HttpUpstreams } from "../services/http-upstreams.ts";
import type { LogSink } from "../services/log.ts";
import { Metrics } from "../services/metrics.ts";
import { MemorySharedData } from "../services/shared-data.ts";
import { MemorySharedQueues } from "../services/shared-queue.ts";
import { connectShared, type SharedStore } from "../shared/bridge.ts";
import type { Plugin } from "../vm/plugin.ts";
import { PluginHost } from "../vm/plugin-host.ts";
import { adminServer } from "./admin.ts";
import { admit, examine } from "./admission.ts";
import { Cluster } from "./cluster.ts";
import { fetchCode } from "./code-source.ts";
import { type ClusterConfig, type GatewayConfig, type ListenerConfig, readGatewayConfig } from "./config.ts";
import { TimedRequest, TimedUpgrade } from "./exchange-times.ts";
import { GatewayMetrics } from "./gateway-metrics.ts";
import { addressKey } from "./intake.ts";
import { LineWriter } from "./line-writer.ts";
import { Listening, listenerKey } from "./listening.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { type Exchanged, findRoute, proxyRequest, refuse, routeTo } from "./proxy.ts";
import { EarlyBytes, ignore, proxyUpgrade, upgradeProtocol, whenAnswered, withoutUpgrade } from "./proxy-upgrade.ts";
import { requestProperties } from "./request-properties.ts";
import { whenConnectionCloses } from "./socket-exchanges.ts";
import { StreamClock, type Timeout } from "./stream-clock.ts";
import { openTracing, type Tracing } from "./tracing.ts";

export interface GatewayOptions {
  /** Where relative files are looked for; by default the working directory. */
  readonly base?: string;
  /** Where fetched code is kept; by default `~/.cache/wardian`. */
  readonly cache?: string;
  /** One line for each request that has ended; by default standard output. */
  readonly accessLog?: (line: string) => void;
  /** What plugins log; by default the console. */
  readonly log?: LogSink;
  /** Shared data and queues where the configuration names none; by default in this process's memory. */
  readonly shared?: SharedStore;
  /**
   * This is one of several processes of a gateway: it has no administrator's server, singletons only if this says so, and
   * listens on no address: connections are given to it with {@link Gateway.take}.
   */
  readonly member?: { readonly singletons: boolean };
  /** Makes the spans, in place of what the configuration's `tracing` says. */
  readonly tracer?: Tracer;
}

const names: OptionNames<GatewayOptions> = {
  base: true,
  cache: true,
  accessLog: true,
  log: true,
  shared: true,
  member: true,
  tracer: true,
};

function readGatewayOptions(given: GatewayOptions | undefined): GatewayOptions {
  const options = readOptions("Gateway.start", names, given);
  if (options.member !== undefined) readOptions("member of Gateway.start", { singletons: true }, options.member);
  return options;
}

/** Everything that a reload replaces. */
interface Generation {
  readonly config: GatewayConfig;
  readonly host: PluginHost;
  readonly upstreams: HttpUpstreams;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly plugins: ReadonlyMap<string, Plugin>;
  readonly listeners: ReadonlyMap<string, ListenerConfig>;
  /** What the listeners of a key do with requests. */
  readonly byKey: ReadonlyMap<string, { readonly config: ListenerConfig; readonly chain: readonly Plugin[] }>;
  /** Keys of listeners, by the keys of their addresses. */
  readonly byAddress: ReadonlyMap<string, string>;
  readonly tracing: Tracing | undefined;
  /** Requests that began with it and have not ended. */
  active: number;
  retired: boolean;
}

/** What a request began with, and what has become of it. */
interface Exchange extends Exchanged {
  readonly generation: Generation;
  readonly config: ListenerConfig;
}

const EXCHANGE = Symbol("the gateway's exchange");

type Exchanging = NodeRequest & { [EXCHANGE]?: Exchange };

const exchangeOf = (request: NodeRequest): Exchange => (request as Exchanging)[EXCHANGE] as Exchange;

/** Whether a request asks for a protocol to which its route lets it change. */
function mayUpgrade(config: ListenerConfig, request: IncomingMessage): boolean {
  const target = examine(request, config.admission);
  return !("status" in target) && upgradeProtocol(request, routeTo(config, target)) !== undefined;
}

/**
 * A reverse proxy whose requests pass plugins. A reload takes effect for new requests: those under way end with the plugins and
 * servers that they began with.
 */
export class Gateway {
  readonly metrics: GatewayMetrics = new GatewayMetrics();
  private readonly options: GatewayOptions;
  private readonly accessLog: (line: string) => void;
  private readonly pluginMetrics = new Metrics();
  private readonly memory = { data: new MemorySharedData(), queues: new MemorySharedQueues() };
  /** Connections to shared stores, by what a configuration says of them. */
  private readonly stores = new Map<string, SharedStore>();
  private serviceTimer: ReturnType<typeof setInterval> | undefined = undefined;
  private generation!: Generation;
  private readonly clock = new StreamClock();
  private readonly listening = new Map<string, Listening>();
  /** Those that no configuration names any more, as long as there are requests on them. */
  private readonly leaving = new Set<Listening>();
  private admin: HttpServer | undefined = undefined;
  private stopping = false;

  private constructor(options: GatewayOptions) {
    this.options = options;
    const { metrics } = this;
    const output = new LineWriter(process.stdout, () => metrics.lostLogLines++);
    this.accessLog = options.accessLog ?? ((line) => output.write(line));
  }

  /**
   * Starts a gateway. When it cannot be started nothing of it is left.
   * @throws ConfigurationError, CodeError, PluginError, or the error of an address that cannot be listened on
   */
  static async start(configuration: string, options?: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(readGatewayOptions(options));
    gateway.generation = await gateway.load(configuration);
    try {
      await gateway.listen();
    } catch (error) {
      await gateway.stop(0);
      throw error;
    }
    gateway.watchServices();
    return gateway;
  }

  /** The port of a listener by its name, for one whose address names the port 0. */
  port(listener: string): number {
    const config = this.generation.listeners.get(listener);
    const found = config === undefined ? undefined : this.listening.get(listenerKey(config));
    if (found === undefined) throw new TypeError(`there is no listener ${listener}`);
    return (found.server.address() as AddressInfo).port;
  }

  /** Whether {@link take} takes connections of an address now. @param address from `addressKey` */
  takes(address: string): boolean {
    return this.ofAddress(address)?.accepts === true;
  }

  /** Takes a connection that another process has accepted. @param address one for which {@link takes} is true */
  take(address: string, socket: Socket): void {
    const listening = this.ofAddress(address);
    if (listening === undefined) socket.destroy();
    else listening.take(socket);
  }

  private ofAddress(address: string): Listening | undefined {
    const key = this.generation.byAddress.get(address);
    return key === undefined ? undefined : this.listening.get(key);
  }

  get adminPort(): number | undefined {
    return (this.admin?.address() as AddressInfo | undefined)?.port;
  }

  /** Virtual machines of the plugins in use. */
  get vms(): PluginHost["vms"] {
    return this.generation.host.vms;
  }

  /** Metrics of the gateway and its plugins, in the text format of Prometheus. */
  prometheus(): string {
    return this.metrics.prometheus() + this.pluginMetrics.prometheus({ tags: this.generation.config.statsTags });
  }

  /** Ports of all listeners. */
  get ports(): Record<string, number> {
    return Object.fromEntries([...this.generation.listeners.keys()].map((name) => [name, this.port(name)]));
  }

  private async load(text: string): Promise<Generation> {
    const config = readGatewayConfig(text);
    const tracing = await openTracing(config.tracing, this.options.tracer);
    const upstreams = new HttpUpstreams(
      Object.fromEntries(config.clusters.map(({ name, endpoints }) => [name, endpoints[0]])),
      {
        onOverflow: (cluster, bound) =>
          this.metrics.reached("upstream_overflow", { cluster, limit: `${bound}_call_bytes` }),
      },
    );
    const shared = await this.sharedStore(config);
    const host = new PluginHost({
      limits: config.limits,
      upstreams,
      metrics: this.pluginMetrics,
      sharedData: shared.data,
      sharedQueues: shared.queues,
      log: this.options.log,
    });
    const plugins = new Map<string, Plugin>();
    try {
      for (const [name, spec] of config.plugins)
        if (this.runsHere(config, name)) plugins.set(name, await this.loadPlugin(host, spec));
    } catch (error) {
      for (const plugin of plugins.values()) void plugin.close();
      await upstreams.close();
      await tracing?.close();
      throw error;
    }
    return {
      config,
      tracing,
      host,
      upstreams,
      plugins,
      clusters: new Map(config.clusters.map((cluster) => [cluster.name, this.openCluster(cluster)])),
      listeners: new Map(config.listeners.map((listener) => [listener.name, listener])),
      byKey: new Map(
        config.listeners.map((listener) => [
          listenerKey(listener),
          { config: listener, chain: listener.plugins.map((name) => plugins.get(name) as Plugin) },
        ]),
      ),
      byAddress: new Map(config.listeners.map((listener) => [addressKey(listener), listenerKey(listener)])),
      active: 0,
      retired: false,
    };
  }

  private openCluster(config: ClusterConfig): Cluster {
    return new Cluster(config, (limit) => this.metrics.reached("upstream_overflow", { cluster: config.name, limit }));
  }

  private async sharedStore({ shared }: GatewayConfig): Promise<Pick<SharedStore, "data" | "queues">> {
    if (shared === undefined) return this.options.shared ?? this.memory;
    const key = JSON.stringify(shared);
    let store = this.stores.get(key);
    if (store === undefined) this.stores.set(key, (store = await connectShared(shared.redis)));
    return store;
  }

  /** Whether a plugin is one of this process's: singletons that are nothing else run in one alone. */
  private runsHere({ services, listeners }: GatewayConfig, name: string): boolean {
    const own = services.filter(({ plugin }) => plugin === name);
    const elsewhere = this.options.member?.singletons === false && own.length > 0;
    return !(
      elsewhere &&
      own.every(({ singleton }) => singleton) &&
      listeners.every(({ plugins }) => !plugins.includes(name))
    );
  }

  /** Services that have failed and may be given a new VM have no request that would ask for it. */
  private watchServices(): void {
    this.serviceTimer = setInterval(() => {
      const { config, plugins } = this.generation;
      for (const { plugin: name } of config.services) {
        const plugin = plugins.get(name);
        plugin?.revive();
      }
    }, 100);
    this.serviceTimer.unref();
  }

  private async loadPlugin(host: PluginHost, spec: PluginSpec): Promise<Plugin> {
    const { base, cache } = this.options;
    const bytes = await fetchCode(spec.code, { base, cache });
    // What does not begin as a module does is one in the text format.
    const code = bytes[0] === 0 ? bytes : decodeUtf8(bytes);
    const vm = { id: spec.vmId, configuration: spec.vmConfiguration, environment: spec.environment };
    const { reloadBackoff, allowOnHeadersStopIteration } = spec;
    return host.load({
      name: spec.name,
      rootId: spec.rootId,
      code,
      configuration: spec.configuration,
      vm,
      failurePolicy: spec.failurePolicy,
      reloadBackoff,
      allowOnHeadersStopIteration,
      capabilities: spec.capabilities,
      limits: spec.limits,
      threads: spec.threads,
    });
  }

  /**
   * Takes a new configuration. When it cannot be used, the one in use stays.
   * @throws as {@link start}
   */
  async reload(configuration: string): Promise<void> {
    let next: Generation;
    try {
      next = await this.load(configuration);
    } catch (error) {
      this.metrics.failedReloads++;
      throw error;
    }
    const last = this.generation;
    this.generation = next;
    try {
      await this.listen();
    } catch (error) {
      this.metrics.failedReloads++;
      this.generation = last;
      void this.retire(next);
      await this.listen();
      throw error;
    }
    this.metrics.reloads++;
    void this.retire(last);
  }

  /** A generation that is no longer used goes when its last request has ended. */
  private async retire(generation: Generation): Promise<void> {
    generation.retired = true;
    if (generation.active > 0) return;
    for (const cluster of generation.clusters.values()) void cluster.close();
    // A plugin may send what it has kept before it says that it is done.
    await Promise.all([...generation.plugins.values()].map((plugin) => plugin.close()));
    void generation.upstreams.close();
    await generation.tracing?.close();
  }

  /** Opens the listeners that are new, and closes those that are gone. */
  private async listen(): Promise<void> {
    const { config } = this.generation;
    const wanted = new Map(config.listeners.map((listener) => [listenerKey(listener), listener]));
    for (const [key, listening] of this.listening) {
      const listener = wanted.get(key);
      if (listener !== undefined) {
        listening.renew(listener);
        continue;
      }
      this.listening.delete(key);
      this.leaving.add(listening);
      void listening.close().then(() => this.leaving.delete(listening));
    }
    for (const [key, listener] of wanted)
      if (!this.listening.has(key)) this.listening.set(key, await this.open(key, listener));
    await this.openAdmin();
  }

  private async open(key: string, listener: ListenerConfig): Promise<Listening> {
    const listening = new Listening(
      listener,
      this.options.base ?? ".",
      (request, response) => {
        const exchange = exchangeOf(request);
        const { generation, config } = exchange;
        proxyRequest(request, response, findRoute(config, request), generation.clusters, exchange).catch(() => {
          exchange.failure ??= "internal_error";
          failResponse(response, 500, "internal_error");
        });
      },
      (request) => {
        const config = this.generation.byKey.get(key)?.config;
        return config !== undefined && mayUpgrade(config, request);
      },
      (request, socket, head) =>
        whenAnswered(socket, () => {
          try {
            this.upgrade(listening, key, request, socket, head);
          } catch {
            // An error fails this request and nothing else.
            socket.destroy();
          }
        }),
      (limit) => this.metrics.reached("connection_limits", { listener: listener.name, limit }),
    );
    this.addPlugins(listening, key);
    if (this.options.member === undefined) await listening.open(listener);
    else listening.openUnbound(listener);
    return listening;
  }

  /** Puts what comes before a request's plugins, and the plugins, before a server's handler. */
  private addPlugins(listening: Listening, key: string): void {
    const { server } = listening;
    let chain: readonly Plugin[] = [];
    let bufferLimit: number | undefined;
    // The chain is asked for once a request, directly after `begin` has set it.
    const options = {
      get bufferLimit(): number | undefined {
        return bufferLimit;
      },
      properties: (request: NodeRequest) => requestProperties(request, exchangeOf(request)),
      observe: (request: NodeRequest) => exchangeOf(request).trace?.observer,
    };
    const own = server.emit;
    filterServer(server, () => chain, options);
    const filtered = server.emit;
    const begin = (request: NodeRequest, response: NodeResponse): boolean => {
      const { generation } = this;
      const found = generation.byKey.get(key);
      if (found === undefined) {
        // The listener is gone, and this came on a connection that is still there.
        if (request.httpVersionMajor < 2) response.setHeader("connection", "close");
        response.statusCode = 503;
        (response as ServerResponse).end();
        return false;
      }
      const { config } = found;
      const refusal = admit(request, config.admission);
      chain = found.chain;
      bufferLimit = config.bufferLimit;
      if (this.stopping && request.httpVersionMajor < 2)
        (response as { shouldKeepAlive?: boolean }).shouldKeepAlive = false;
      request.on("error", ignore);
      response.on("error", ignore);
      const status = (): number => (response.writableFinished || response.headersSent ? response.statusCode : 0);
      const exchange = this.observe(generation, config, request, response, status, listening);
      const timed = new TimedRequest(request, response, exchange, this.timeoutsOf(config));
      exchange.times = this.clock.add(timed, config.streams);
      if (refusal === undefined) return true;
      exchange.failure = refusal.failure;
      refuse(response, refusal);
      return false;
    };
    const timedOut = (): void => {
      const name = this.generation.byKey.get(key)?.config.name ?? "";
      this.metrics.reached("timeouts", { listener: name, timeout: "request_headers_timeout" });
    };
    server.emit = function (this: NodeServer, event: string, ...args: unknown[]): boolean {
      if (event === "upgrade") return own.call(this, event as "request", ...(args as [never, never]));
      if (event === "clientError" && (args[0] as NodeJS.ErrnoException).code === "ERR_HTTP_REQUEST_TIMEOUT") timedOut();
      if (event === "request" && !begin(args[0] as NodeRequest, args[1] as NodeResponse)) return true;
      return filtered.call(this, event as "request", ...(args as [never, never]));
    } as typeof server.emit;
  }

  /** A request wants to change the protocol, where at least one route lets it. */
  private upgrade(listening: Listening, key: string, request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const { generation } = this;
    const found = generation.byKey.get(key);
    if (found === undefined) {
      socket.on("error", ignore);
      socket.end("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const { config, chain } = found;
    if (!mayUpgrade(config, request)) {
      withoutUpgrade(listening.server, request, socket, head);
      return;
    }
    admit(request, config.admission);
    const early = new EarlyBytes(socket, head);
    let answered: Upgrade | undefined;
    const status = (): number => answered?.status ?? 0;
    const exchange = this.observe(generation, config, request, socket, status, listening);
    const timed = new TimedUpgrade(socket, exchange, this.timeoutsOf(config));
    exchange.times = this.clock.add(timed, config.streams);
    answered = filterUpgrade(
      chain,
      request,
      socket,
      (upgrade) => {
        const route = findRoute(config, request);
        proxyUpgrade(request, socket, early, upgrade, route, generation.clusters, exchange);
      },
      {
        bufferLimit: config.bufferLimit,
        properties: (one) => requestProperties(one, exchange),
        observe: () => exchange.trace?.observer,
      },
    );
    timed.upgrade = answered;
  }

  private timeoutsOf({ name }: ListenerConfig): (timeout: Timeout) => void {
    return (timeout) => this.metrics.reached("timeouts", { listener: name, timeout });
  }

  /**
   * Counts, logs and, when a generation is gone, releases it with its last request.
   *
   * @param answer what closes when the request is over
   * @param readStatus what the client was sent; 0 for nothing
   */
  private observe(
    generation: Generation,
    config: ListenerConfig,
    request: NodeRequest,
    answer: NodeResponse | Duplex,
    readStatus: () => number,
    listening: Listening,
  ): Exchange {
    const started = performance.now();
    const trace = generation.tracing?.begin(request, config.name);
    const exchanged: Exchange = {
      generation,
      config,
      route: undefined,
      endpoint: undefined,
      failure: undefined,
      trace,
      clock: this.clock,
      times: undefined,
      bytes: 0,
      abandon: undefined,
    };
    const connection = ("stream" in request ? request.stream?.session : undefined) ?? request.socket;
    listening.connections.began(connection);
    (request as Exchanging)[EXCHANGE] = exchanged;
    const { method, url } = request;
    const remote = request.socket.remoteAddress;
    generation.active++;
    this.metrics.active++;
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      forget?.();
      generation.active--;
      this.metrics.active--;
      const took = performance.now() - started;
      const status = readStatus();
      this.metrics.record(config.name, status, took);
      trace?.end({ status, failure: exchanged.failure }, exchanged.route);
      if (generation.config.accessLog) {
        const line = {
          time: new Date().toISOString(),
          listener: config.name,
          remote,
          method,
          path: url,
          authority: request.headers.host ?? request.headers[":authority"],
          status,
          milliseconds: Math.round(took * 1000) / 1000,
          route: exchanged.route?.name,
          upstream: exchanged.endpoint,
          failure: exchanged.failure,
          trace: trace?.traceId,
        };
        this.accessLog(JSON.stringify(line));
      }
      if (exchanged.times !== undefined) this.clock.delete(exchanged.times);
      listening.connections.ended(connection);
      listening.requestEnded();
      // Not before the request's plugins have heard of its end.
      if (generation.retired && generation.active === 0) setImmediate(() => void this.retire(generation));
    };
    answer.once("close", end);
    // The response of a pipelined request whose turn never came does not stop what is under way at the server.
    const connectionClosed = (): void => {
      if (over) return;
      end();
      exchanged.abandon?.();
    };
    const forget = request.httpVersionMajor < 2 ? whenConnectionCloses(request.socket, connectionClosed) : undefined;
    return exchanged;
  }

  private async openAdmin(): Promise<void> {
    const { admin } = this.generation.config;
    if (admin === undefined || this.admin !== undefined || this.options.member !== undefined) return;
    const server = adminServer(
      {
        vms: () => this.vms,
        prometheus: () => this.prometheus(),
        reload: () => this.onReload?.() ?? Promise.reject(new Error("this gateway has no file to read again")),
        ready: () => !this.stopping,
      },
      admin.hosts,
    );
    await new Promise<void>((done, failed) => {
      server.once("error", failed);
      server.listen(admin.port, admin.host, done);
    });
    server.unref();
    this.admin = server;
  }

  /** What an administrator's wish to reload calls. */
  onReload: (() => Promise<void>) | undefined = undefined;

  /** Accepts no more connections, lets requests end, and closes everything. Those that take longer are broken off. */
  async stop(timeout: number = this.generation.config.shutdownTimeout): Promise<void> {
    this.stopping = true;
    const closing = [...this.listening.values(), ...this.leaving].map((listening) => {
      const timer = setTimeout(() => listening.destroy(), timeout);
      return listening.close().finally(() => clearTimeout(timer));
    });
    await Promise.all(closing);
    this.listening.clear();
    const { admin } = this;
    if (admin !== undefined) {
      admin.closeAllConnections();
      await new Promise<void>((done) => admin.close(() => done()));
    }
    clearInterval(this.serviceTimer);
    if (!this.generation.retired) await this.retire(this.generation);
    await Promise.all([...this.stores.values()].map((store) => store.close()));
  }
}

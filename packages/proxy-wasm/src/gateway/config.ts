import type { StatsTag } from "../services/metrics.ts";
import type { RedisOptions } from "../shared/store.ts";
import type { TracingConfig } from "../telemetry/exporter.ts";
import type { PluginLimits } from "../vm/vm.ts";
import { refuseSharedAddresses } from "./addresses.ts";
import type { AdmissionOptions } from "./admission.ts";
import { parseDocument } from "./document.ts";
import {
  type CircuitBreakerLimits,
  type ConnectionLimits,
  LISTENER_LIMITS,
  readCircuitBreakers,
  readListenerLimits,
  type StreamLimits,
} from "./limits.ts";
import { ESCAPED_SLASHES } from "./paths.ts";
import { type PluginSpec, readLimits, readPluginSpec } from "./plugin-spec.ts";
import { ConfigurationError, Reading } from "./reading.ts";

export interface RouteConfig {
  readonly name: string;
  /** The beginning of the path; `/` for all. */
  readonly prefix: string;
  /** Authorities, without their port; none for all. */
  readonly hosts: readonly string[];
  readonly cluster: string;
  /** Replaces the prefix. */
  readonly rewrite: string | undefined;
  /** Milliseconds that the whole response may take, from when all of the request has arrived; 0 for no bound. */
  readonly timeout: number;
  /** Milliseconds without a byte in either direction, in place of the listener's; 0 for no bound. */
  readonly idleTimeout: number | undefined;
  /** Protocols that a request may change to, as `websocket`, in lower case. */
  readonly upgrades: readonly string[];
}

export interface ListenerConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca?: string } | undefined;
  readonly http2: boolean;
  readonly plugins: readonly string[];
  readonly routes: readonly RouteConfig[];
  readonly bufferLimit: number | undefined;
  readonly admission: AdmissionOptions;
  readonly streams: StreamLimits;
  readonly connections: ConnectionLimits;
}

export interface ClusterConfig {
  readonly name: string;
  /** Origins. */
  readonly endpoints: readonly string[];
  readonly health: { readonly path: string; readonly interval: number } | undefined;
  readonly circuitBreakers: CircuitBreakerLimits;
  /** Milliseconds that opening a connection may take. */
  readonly connectTimeout: number;
}

/** A plugin that runs by itself: what it does comes from its clock, its queues and its calls. */
export interface ServiceConfig {
  readonly plugin: string;
  /** Once, however many processes the gateway has; otherwise once in each. */
  readonly singleton: boolean;
}

/** The administrator's server. */
export interface AdminConfig {
  readonly host: string;
  readonly port: number;
  /** Names under which it may be asked for, beside addresses and `localhost`. */
  readonly hosts: readonly string[];
}

/** A gateway's configuration, checked. */
export interface GatewayConfig {
  readonly listeners: readonly ListenerConfig[];
  readonly clusters: readonly ClusterConfig[];
  readonly plugins: ReadonlyMap<string, PluginSpec>;
  readonly admin: AdminConfig | undefined;
  readonly services: readonly ServiceConfig[];
  /** Where shared data and queues are, when not in this process's memory. */
  readonly shared: { readonly redis: RedisOptions } | undefined;
  readonly limits: PluginLimits;
  readonly accessLog: boolean;
  /** Where traces go; undefined for none. */
  readonly tracing: TracingConfig | undefined;
  /** What is taken out of the names of plugins' metrics and becomes a label, as Envoy's `stats_tags`. */
  readonly statsTags: readonly StatsTag[];
  /** Milliseconds that requests have to end in when the gateway stops. */
  readonly shutdownTimeout: number;
  /** Milliseconds after which a process whose event loop stands still is replaced, where there are several; 0 for never. */
  readonly watchdog: number;
}

const DEFAULT_TIMEOUT = 15_000;

/** @param anyHost the address to listen on when the text names only a port */
function address(reading: Reading, anyHost: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(reading.text());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return reading.fail('"host:port", such as "127.0.0.1:8080"');
  return { host: match[1] ?? (match[2] || anyHost), port };
}

function readRoute(reading: Reading, clusters: ReadonlySet<string>): RouteConfig {
  reading.only("name", "prefix", "hosts", "cluster", "rewrite", "timeout", "upgrades", "idleTimeout", "idle_timeout");
  const idleTimeout = reading.either("idleTimeout", "idle_timeout");
  const prefix = reading.at("prefix").text("/");
  if (!prefix.startsWith("/")) reading.at("prefix").fail("a path that begins with /");
  const cluster = reading.at("cluster").text();
  if (!clusters.has(cluster)) reading.at("cluster").fail(`one of the clusters (${[...clusters].join(", ") || "none"})`);
  return {
    name: reading.at("name").text(reading.path),
    prefix,
    hosts: reading
      .at("hosts")
      .list()
      .map((host) => host.text().toLowerCase()),
    cluster,
    rewrite: reading.at("rewrite").optionalText(),
    timeout: reading.at("timeout").milliseconds(DEFAULT_TIMEOUT),
    idleTimeout: idleTimeout.present ? idleTimeout.milliseconds(0) : undefined,
    upgrades: reading
      .at("upgrades")
      .list()
      .map((protocol) => protocol.text().toLowerCase()),
  };
}

/** The settings of admission, in the spelling of this configuration and in Envoy's. */
const ADMISSION = [
  ["normalizePath", "normalize_path"],
  ["mergeSlashes", "merge_slashes"],
  ["pathWithEscapedSlashesAction", "path_with_escaped_slashes_action"],
  ["trustedHops", "trusted_hops", "xff_num_trusted_hops"],
] as const;

function readAdmission(reading: Reading): AdmissionOptions {
  const [normalizePath, mergeSlashes, escapedSlashes, trustedHops] = ADMISSION.map((names) => reading.either(...names));
  return {
    normalizePath: normalizePath.truth(true),
    mergeSlashes: mergeSlashes.truth(false),
    escapedSlashes: escapedSlashes.oneOf(ESCAPED_SLASHES, "KEEP_UNCHANGED"),
    trustedHops: trustedHops.wholeNumber(0),
  };
}

function readListener(reading: Reading, clusters: ReadonlySet<string>, plugins: ReadonlySet<string>): ListenerConfig {
  reading.only(
    "name",
    "address",
    "tls",
    "http2",
    "plugins",
    "routes",
    "bufferLimit",
    ...ADMISSION.flat(),
    ...LISTENER_LIMITS,
  );
  const tls = reading.at("tls");
  const names = reading.at("plugins").list();
  for (const name of names)
    if (!plugins.has(name.text())) name.fail(`one of the plugins (${[...plugins].join(", ") || "none"})`);
  const routes = reading.at("routes").list();
  if (routes.length === 0) reading.at("routes").fail("at least one route");
  return {
    name: reading.at("name").text(reading.path),
    ...address(reading.at("address"), "0.0.0.0"),
    tls: tls.present
      ? {
          cert: tls.only("cert", "key", "ca").at("cert").text(),
          key: tls.at("key").text(),
          ca: tls.at("ca").optionalText(),
        }
      : undefined,
    http2: reading.at("http2").truth(true),
    plugins: names.map((name) => name.text()),
    routes: routes.map((route) => readRoute(route, clusters)),
    bufferLimit: reading.at("bufferLimit").optionalNumber(),
    admission: readAdmission(reading),
    ...readListenerLimits(reading),
  };
}

function readCluster(name: string, reading: Reading): ClusterConfig {
  reading.only("endpoints", "health", "circuitBreakers", "circuit_breakers", "connectTimeout", "connect_timeout");
  const endpoints = reading.at("endpoints").list();
  if (endpoints.length === 0) reading.at("endpoints").fail("at least one address");
  const health = reading.at("health").only("path", "interval");
  return {
    name,
    endpoints: endpoints.map((endpoint) => {
      const text = endpoint.text();
      if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
        return endpoint.fail('an address such as "http://127.0.0.1:9000"');
      return new URL(text).origin;
    }),
    health: health.present
      ? { path: health.at("path").text("/"), interval: health.at("interval").number(5_000) }
      : undefined,
    circuitBreakers: readCircuitBreakers(reading.either("circuitBreakers", "circuit_breakers")),
    connectTimeout: reading.either("connectTimeout", "connect_timeout").milliseconds(5_000),
  };
}

function readService(reading: Reading, plugins: ReadonlySet<string>): ServiceConfig {
  reading.only("plugin", "singleton");
  const plugin = reading.at("plugin");
  if (!plugins.has(plugin.text())) plugin.fail(`one of the plugins (${[...plugins].join(", ") || "none"})`);
  return { plugin: plugin.text(), singleton: reading.at("singleton").truth(true) };
}

function readAdmin(reading: Reading): AdminConfig | undefined {
  reading.only("address", "hosts");
  if (!reading.present) return undefined;
  const hosts = reading.at("hosts").list();
  return { ...address(reading.at("address"), "127.0.0.1"), hosts: hosts.map((host) => host.text()) };
}

function readShared(reading: Reading): GatewayConfig["shared"] {
  if (!reading.present) return undefined;
  const redis = reading.only("redis").at("redis").only("url", "prefix", "client", "timeout");
  const url = redis.at("url");
  if (!/^rediss?:$/.test(URL.canParse(url.text()) ? new URL(url.text()).protocol : ""))
    url.fail('an address such as "redis://127.0.0.1:6379"');
  const client = redis.at("client");
  return {
    redis: {
      url: url.text(),
      prefix: redis.at("prefix").optionalText(),
      client: client.present ? client.oneOf<"redis" | "ioredis">(["redis", "ioredis"], "redis") : undefined,
      timeout: redis.at("timeout").optionalNumber(),
    },
  };
}

function readTracing(reading: Reading): TracingConfig | undefined {
  reading.only("endpoint", "serviceName", "ratio", "headers");
  if (!reading.present) return undefined;
  const endpoint = reading.at("endpoint").text();
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    reading.at("endpoint").fail('the address of a collector, such as "http://127.0.0.1:4318/v1/traces"');
  const ratio = reading.at("ratio").number(1);
  if (ratio > 1) reading.at("ratio").fail("a number from 0 to 1");
  return {
    endpoint,
    serviceName: reading.at("serviceName").text("wardian-gateway"),
    ratio,
    headers: reading.at("headers").texts(),
  };
}

function readStatsTag(reading: Reading): StatsTag {
  reading.only("name", "regex");
  const regex = reading.at("regex").text();
  try {
    new RegExp(regex);
  } catch {
    reading.at("regex").fail("a regular expression");
  }
  return { name: reading.at("name").text(), regex };
}

/** @throws ConfigurationError for two listeners with one name or one address, or with that of the administrator's server */
function refuseDuplicates(listeners: readonly ListenerConfig[], admin: AdminConfig | undefined): void {
  const pathOf = (index: number): string => `listeners[${index}]`;
  const byName = new Map<string, number>();
  for (const [i, { name }] of listeners.entries()) {
    const other = byName.get(name);
    if (other !== undefined)
      throw new ConfigurationError(
        `${pathOf(i)}.name: ${JSON.stringify(name)} is already the name of ${pathOf(other)}`,
      );
    byName.set(name, i);
  }
  const stated = listeners.map(({ host, port }, i) => ({ path: `${pathOf(i)}.address`, host, port }));
  refuseSharedAddresses(
    admin === undefined ? stated : [...stated, { path: "admin.address", host: admin.host, port: admin.port }],
  );
}

/**
 * Reads a gateway's configuration (YAML, of which JSON is a part).
 * @throws ConfigurationError that names the place and what was expected there
 */
export function readGatewayConfig(text: string): GatewayConfig {
  const document = parseDocument(text);
  const reading = new Reading(document, "");
  if (typeof document !== "object" || document === null) reading.fail("an object with listeners and clusters");
  reading.only(
    "listeners",
    "clusters",
    "plugins",
    "services",
    "shared",
    "admin",
    "limits",
    "accessLog",
    "tracing",
    "statsTags",
    "shutdownTimeout",
    "watchdog",
  );
  const clusters = reading
    .at("clusters")
    .entries()
    .map(([name, one]) => readCluster(name, one));
  const plugins = new Map(
    reading
      .at("plugins")
      .entries()
      .map(([name, one]) => [name, readPluginSpec(name, one)]),
  );
  const listeners = reading.at("listeners").list();
  if (listeners.length === 0) reading.at("listeners").fail("at least one listener");
  const clusterNames = new Set(clusters.map(({ name }) => name));
  const admin = readAdmin(reading.at("admin"));
  const read = listeners.map((one) => readListener(one, clusterNames, new Set(plugins.keys())));
  refuseDuplicates(read, admin);
  return {
    listeners: read,
    clusters,
    plugins,
    services: reading
      .at("services")
      .list()
      .map((one) => readService(one, new Set(plugins.keys()))),
    shared: readShared(reading.at("shared")),
    admin,
    limits: readLimits(reading.at("limits")),
    accessLog: reading.at("accessLog").truth(true),
    tracing: readTracing(reading.at("tracing")),
    statsTags: reading.at("statsTags").list().map(readStatsTag),
    shutdownTimeout: reading.at("shutdownTimeout").number(10_000),
    watchdog: reading.at("watchdog").number(10_000),
  };
}

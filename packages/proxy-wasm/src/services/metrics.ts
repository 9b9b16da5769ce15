import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { MetricType, Status } from "../abi/constants.ts";

interface Metric {
  readonly id: number;
  readonly type: number;
  readonly name: string;
  value: bigint;
  /** Of a histogram: how many values lie at or under each bound, and all of them. */
  counts: number[];
  count: number;
  sum: number;
}

/** Takes a label out of a metric's name, as Envoy's `stats_tags` do. */
/** What {@link Metrics.prometheus} takes. */
export interface PrometheusOptions {
  /** Stands before every name; by default Envoy's, `wasmcustom.`. */
  readonly prefix?: string;
  /** Take labels out of names. */
  readonly tags?: readonly StatsTag[];
}

const names: OptionNames<PrometheusOptions> = { prefix: true, tags: true };

export interface StatsTag {
  readonly name: string;
  /** The first group is what is cut out of the name; the second, or the first if there is none, is the label's value. */
  readonly regex: string;
}

/** Upper bounds of a histogram's buckets, those of Envoy. */
const BOUNDS = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** Identifiers carry the type in their low two bits, as Envoy's do. */
const TYPE_BITS = 2;

/** Definitions of metrics by one plugin and by all, and bytes of new names. */
const MAX_METRICS_OF_PLUGIN = 10_000;
const MAX_METRICS = 100_000;
const MAX_NAMES_OF_PLUGIN: number = 1024 * 1024;
const MAX_NAMES: number = 16 * 1024 * 1024;

/** What a plugin has defined. */
interface Account {
  metrics: number;
  bytes: number;
}

/** Counters, gauges and histograms of all plugins of a host. Two that have one name and type are one. */
export class Metrics {
  private readonly byName = new Map<string, Metric>();
  private readonly byId = new Map<number, Metric>();
  private readonly last = [0, 0, 0];
  private readonly accounts = new Map<string, Account>();
  private bytes = 0;

  /**
   * @param plugin whose metric it is if it is new: the bounds hold for each plugin and for all
   * @returns the identifier, or a status: BadArgument for an unknown type, InternalFailure when there are too many or their names are too long
   */
  define(type: number, name: string, plugin = ""): { id: number } | { status: Status } {
    if (type < 0 || type > MetricType.Histogram) return { status: Status.BadArgument };
    const key = `${type} ${name}`;
    let metric = this.byName.get(key);
    // Each definition has a number of its own, as in Envoy, as long as there is room for numbers.
    if (!this.reserve(plugin, metric === undefined ? 2 * name.length : 0))
      return metric === undefined ? { status: Status.InternalFailure } : { id: metric.id };
    const id = (++this.last[type] << TYPE_BITS) | type;
    metric ??= { id, type, name, value: 0n, counts: BOUNDS.map(() => 0), count: 0, sum: 0 };
    this.byName.set(key, metric);
    this.byId.set(id, metric);
    return { id };
  }

  /** Counts one definition more, whose name takes so many bytes. @returns false when there is no room for it */
  private reserve(plugin: string, bytes: number): boolean {
    const account = this.accounts.get(plugin) ?? { metrics: 0, bytes: 0 };
    if (this.byId.size >= MAX_METRICS || account.metrics >= MAX_METRICS_OF_PLUGIN) return false;
    if (this.bytes + bytes > MAX_NAMES || account.bytes + bytes > MAX_NAMES_OF_PLUGIN) return false;
    account.metrics++;
    account.bytes += bytes;
    this.bytes += bytes;
    this.accounts.set(plugin, account);
    return true;
  }

  increment(id: number, delta: bigint): Status {
    const metric = this.byId.get(id);
    if (metric === undefined) return Status.NotFound;
    if (metric.type === MetricType.Histogram) return Status.BadArgument;
    if (metric.type === MetricType.Counter && delta <= 0n) return Status.BadArgument;
    metric.value = BigInt.asUintN(64, metric.value + delta);
    return Status.Ok;
  }

  record(id: number, value: bigint): Status {
    const metric = this.byId.get(id);
    if (metric === undefined) return Status.NotFound;
    if (metric.type === MetricType.Counter) metric.value = BigInt.asUintN(64, metric.value + value);
    else if (metric.type === MetricType.Gauge) metric.value = BigInt.asUintN(64, value);
    else {
      const amount = Number(BigInt.asUintN(64, value));
      metric.count++;
      metric.sum += amount;
      for (let i = 0; i < BOUNDS.length; i++) if (amount <= BOUNDS[i]) metric.counts[i]++;
    }
    return Status.Ok;
  }

  get(id: number): { value: bigint } | { status: Status } {
    const metric = this.byId.get(id);
    if (metric === undefined) return { status: Status.NotFound };
    if (metric.type === MetricType.Histogram) return { status: Status.BadArgument };
    return { value: metric.value };
  }

  /** A counter's or gauge's value by its name, for the host's own use; undefined when no plugin defined it. */
  value(name: string): bigint | undefined {
    return (this.byName.get(`${MetricType.Counter} ${name}`) ?? this.byName.get(`${MetricType.Gauge} ${name}`))?.value;
  }

  /**
   * All metrics in the text format of Prometheus.
   *
   * @throws TypeError for an option that is not known
   */
  prometheus(given?: PrometheusOptions): string {
    const options = readOptions("prometheus", names, given);
    const tags = (options.tags ?? []).map(({ name, regex }) => ({ name: identifier(name), regex: new RegExp(regex) }));
    const families = new Map<string, { type: number; lines: string[] }>();
    for (const metric of this.byName.values()) {
      let name = `${options.prefix ?? "wasmcustom."}${metric.name}`;
      const labels: string[] = [];
      for (const tag of tags) {
        const match = tag.regex.exec(name);
        if (match?.[1] === undefined) continue;
        labels.push(`${tag.name}="${escapeLabel(match[2] ?? match[1])}"`);
        name = name.replace(match[1], "");
      }
      const family = identifier(name);
      const entry = families.get(family) ?? { type: metric.type, lines: [] };
      if (entry.type !== metric.type) continue;
      families.set(family, entry);
      entry.lines.push(...samples(metric, family, labels));
    }
    const lines: string[] = [];
    for (const [family, { type, lines: own }] of families)
      lines.push(`# TYPE ${family} ${["counter", "gauge", "histogram"][type]}`, ...own);
    return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  }
}

function samples(metric: Metric, family: string, labels: readonly string[]): string[] {
  const braces = (more: readonly string[]): string => (more.length === 0 ? "" : `{${more.join(",")}}`);
  if (metric.type !== MetricType.Histogram) {
    const value = metric.type === MetricType.Gauge ? BigInt.asIntN(64, metric.value) : metric.value;
    return [`${family}${braces(labels)} ${value}`];
  }
  return [
    ...BOUNDS.map((bound, i) => `${family}_bucket${braces([...labels, `le="${bound}"`])} ${metric.counts[i]}`),
    `${family}_bucket${braces([...labels, `le="+Inf"`])} ${metric.count}`,
    `${family}_sum${braces(labels)} ${metric.sum}`,
    `${family}_count${braces(labels)} ${metric.count}`,
  ];
}

const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_:]/g, "_").replace(/^(?=\d)/, "_");
const escapeLabel = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

import { fork } from "node:child_process";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { StoreServer } from "../shared/store-server.ts";
import { workerUrl } from "../threads/worker-url.ts";
import { adminServer } from "./admin.ts";
import type { MemberVms } from "./admin-page.ts";
import { type GatewayConfig, readGatewayConfig } from "./config.ts";
import { GatewayMetrics } from "./gateway-metrics.ts";
import { addressKey, Intake } from "./intake.ts";
import type { MemberReport } from "./member.ts";
import { Member } from "./member-process.ts";
import { mergeMetrics, withoutGauges } from "./merge-metrics.ts";
import { ConfigurationError } from "./reading.ts";

/** A process that dies again and again is replaced ever later; one that has run for a while has not. Milliseconds. */
const FIRST_BACKOFF = 100;
const MAX_BACKOFF = 30_000;
const STEADY = 60_000;
/** How long beyond the requests' own time processes have to end. */
const END_GRACE = 5_000;
/** Milliseconds that a process has to report. */
const REPORT_TIMEOUT = 1_000;
/** The watchdog asks this often within its time, and replaces a process that has answered none of these questions. */
const PINGS = 4;
const MIN_PING_INTERVAL = 25;
/** Milliseconds of the watchdog that set the interval of questions when it ends no process. */
const DEFAULT_WATCHDOG = 10_000;
/** Milliseconds that a process whose event loop stood still has to end by itself. */
const STUCK_GRACE = 1_000;

/** The place of one process, which is filled again when the process has died. */
interface Place {
  /** From 1; the first has the singletons. */
  readonly number: number;
  member: Member | undefined;
  since: number;
  deaths: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

interface Reported {
  readonly number: number;
  readonly report: MemberReport | undefined;
  /** The process has not answered in time. */
  readonly stuck: boolean;
}

const addressesOf = ({ listeners }: GatewayConfig): ReadonlySet<string> => new Set(listeners.map(addressKey));

/**
 * A gateway of several processes. This one listens and hands connections to the others, which do the requests. It starts
 * them and replaces those that die, hands them configurations, keeps what plugins share, and shows an administrator all of
 * them as one.
 */
export class GatewayPrimary {
  private readonly places: Place[] = [];
  private readonly base: string;
  private readonly report: (line: string) => void;
  private readonly store: StoreServer;
  private text: string;
  private config: GatewayConfig;
  private admin: Server | undefined = undefined;
  /** All processes have started, and none has been told to end. */
  private running = false;
  readonly metrics: GatewayMetrics = new GatewayMetrics();
  private readonly intake: Intake;
  /** Reloads take place one after the other. */
  private reloading: Promise<unknown> = Promise.resolve();
  private deaths = 0;
  /** What processes had counted at their latest report before they ended. Without it, a sum would become smaller. */
  private countedBefore = "";
  /** How many processes the watchdog has ended. */
  private stuckEnds = 0;
  private watchdog: ReturnType<typeof setInterval> | undefined = undefined;
  /** What an administrator's wish to reload calls. */
  onReload: (() => Promise<void>) | undefined = undefined;

  private constructor(text: string, base: string, store: StoreServer, report: (line: string) => void) {
    this.text = text;
    this.base = base;
    this.config = readGatewayConfig(text);
    this.store = store;
    this.report = report;
    this.intake = new Intake(
      () => this.members,
      (listener, limit) => this.metrics.reached("connection_limits", { listener, limit }),
    );
  }

  /**
   * Starts so many processes. When the first cannot use the configuration, none is left.
   * @throws ConfigurationError
   */
  static async start(
    text: string,
    options: { readonly base: string; readonly workers: number; readonly report: (line: string) => void },
  ): Promise<GatewayPrimary> {
    const { listeners } = readGatewayConfig(text);
    const primary = new GatewayPrimary(text, options.base, await StoreServer.open(), options.report);
    try {
      await primary.intake.prepare(listeners);
      // The first is tried alone: what it cannot use, the others cannot.
      await primary.fill(primary.place(1));
      const others = Array.from({ length: options.workers - 1 }, (_, i) => primary.place(i + 2));
      await Promise.all(others.map((place) => primary.fill(place)));
      await primary.openAdmin();
      primary.running = true;
      primary.watch();
    } catch (error) {
      await primary.stop();
      throw error;
    }
    return primary;
  }

  private place(number: number): Place {
    const place: Place = { number, member: undefined, since: 0, deaths: 0, timer: undefined };
    this.places.push(place);
    return place;
  }

  /** Starts a process in a place. @throws ConfigurationError when it cannot use the configuration; it is then ended */
  private async fill(place: Place): Promise<void> {
    const child = fork(fileURLToPath(workerUrl(import.meta.url, "member-main")), { serialization: "advanced" });
    const member = new Member(child, (arrival, taken) => this.intake.answered(arrival, taken));
    place.member = member;
    place.since = Date.now();
    child.once("exit", (code, signal) => this.gone(place, member, signal ?? `code ${code}`));
    const { text, config, base, store } = this;
    const singletons = place.number === 1;
    try {
      await member.start({ kind: "start", text, base, store: store.path, singletons }, addressesOf(config));
    } catch (error) {
      await member.end(END_GRACE);
      throw error;
    }
    // The configuration may have changed while it started.
    if (this.text !== text) await member.reload(this.text, addressesOf(this.config));
    this.intake.hand();
  }

  private gone(place: Place, member: Member, how: string): void {
    if (place.member !== member) return;
    place.member = undefined;
    this.countedBefore = mergeMetrics([this.countedBefore, withoutGauges(member.latestReport?.metrics ?? "")]);
    if (!this.running) return;
    this.deaths++;
    place.deaths = Date.now() - place.since > STEADY ? 1 : place.deaths + 1;
    const delay = Math.min(FIRST_BACKOFF * 2 ** (place.deaths - 1), MAX_BACKOFF);
    this.report(`wardian gateway: process ${place.number} has ended (${how}); another starts in ${delay} ms`);
    place.timer = setTimeout(() => {
      this.fill(place).catch((error: unknown) => {
        this.report(`wardian gateway: process ${place.number}: ${(error as Error).message}`);
      });
    }, delay);
  }

  private get members(): Member[] {
    return this.places.flatMap(({ member }) => member ?? []);
  }

  /** Ports of all listeners, by name. */
  get ports(): Readonly<Record<string, number>> {
    return this.intake.ports(this.config.listeners);
  }

  /** Asks all processes again and again whether their event loop turns, and replaces those whose does not. */
  private watch(): void {
    // Without a watchdog too: the answers show which connections a process never received.
    clearInterval(this.watchdog);
    const { watchdog } = this.config;
    this.watchdog = setInterval(
      () => {
        for (const { number, member } of this.places) {
          if (member === undefined || member.ending) continue;
          member.ping();
          if (watchdog === 0 || member.busy || member.missed < PINGS) continue;
          this.stuckEnds++;
          this.report(`wardian gateway: process ${number} has not answered for ${watchdog} ms and is ended`);
          void member.end(STUCK_GRACE);
        }
      },
      Math.max((watchdog || DEFAULT_WATCHDOG) / PINGS, MIN_PING_INTERVAL),
    );
  }

  /**
   * Hands all processes a new configuration. When the first cannot use it, all keep the one in use. A process that is
   * silent gets it too, and is not waited for.
   * @throws ConfigurationError
   */
  async reload(text: string): Promise<void> {
    const reloaded = this.reloading.then(() => this.reloadNow(text));
    // Processes count too. Their counts end with them, and they do not see what is refused here.
    this.reloading = reloaded.then(
      () => void this.metrics.reloads++,
      () => void this.metrics.failedReloads++,
    );
    return reloaded;
  }

  private async reloadNow(text: string): Promise<void> {
    const config = readGatewayConfig(text);
    const addresses = addressesOf(config);
    const closeNew = await this.intake.prepare(config.listeners);
    try {
      await this.handOut(text, config, addresses);
    } catch (error) {
      if (this.config !== config) closeNew();
      throw error;
    } finally {
      this.intake.hand();
    }
  }

  private async handOut(text: string, config: GatewayConfig, addresses: ReadonlySet<string>): Promise<void> {
    await this.reports();
    const members = this.members.filter(({ ending }) => !ending);
    const [first, ...others] = members.filter(({ silent }) => !silent);
    // No process may take what has not been tried.
    if (first === undefined && members.length > 0) throw new Error("no process answers");
    try {
      await first?.reload(text, addresses);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) void first?.end(STUCK_GRACE);
      throw error;
    }
    this.text = text;
    this.config = config;
    this.intake.commit(config.listeners);
    this.watch();
    const handOver = async (member: Member, grace: number): Promise<void> => {
      try {
        await member.reload(text, addresses);
        this.intake.hand();
      } catch (error) {
        // It must not go on with what is no longer so; its place is filled again.
        this.report(`wardian gateway: a process could not take what another has taken: ${(error as Error).message}`);
        await member.end(grace);
      }
    };
    for (const member of members) if (member.silent) void handOver(member, STUCK_GRACE);
    await Promise.all(others.map((member) => handOver(member, config.shutdownTimeout + END_GRACE)));
  }

  /** What all processes report. That of a process which does not answer in time is its latest. */
  private async reports(): Promise<Reported[]> {
    const asked = this.places.map(async ({ number, member }) => {
      const report = await member?.report(REPORT_TIMEOUT);
      return member === undefined ? [] : [{ number, report, stuck: member.silent }];
    });
    return (await Promise.all(asked)).flat();
  }

  private async vms(): Promise<MemberVms> {
    const reports = await this.reports();
    return reports.flatMap(({ number, report, stuck }) =>
      (report?.vms ?? []).map((vm) => ({ ...vm, worker: number, ...(stuck ? { stuck } : {}) })),
    );
  }

  private async prometheus(): Promise<string> {
    const reports = await this.reports();
    // A process may have ended since its report: what it has counted is among that of the others then.
    const latest = this.members.map(({ latestReport }) => latestReport?.metrics ?? "");
    const texts = [...latest, this.countedBefore, this.metrics.prometheus()];
    const own = [
      ...this.intake.metrics(),
      "# TYPE wardian_processes gauge",
      `wardian_processes ${this.members.length}`,
      "# TYPE wardian_process_deaths_total counter",
      `wardian_process_deaths_total ${this.deaths}`,
      "# TYPE wardian_process_watchdog_kills_total counter",
      `wardian_process_watchdog_kills_total ${this.stuckEnds}`,
      "# TYPE wardian_process_stuck gauge",
      ...reports.map(({ number, stuck }) => `wardian_process_stuck{process="${number}"} ${stuck ? 1 : 0}`),
    ];
    return `${mergeMetrics(texts)}${own.join("\n")}\n`;
  }

  private async openAdmin(): Promise<void> {
    const { admin } = this.config;
    if (admin === undefined) return;
    const server = adminServer(
      {
        vms: () => this.vms(),
        prometheus: () => this.prometheus(),
        reload: () => this.onReload?.() ?? Promise.reject(new Error("this gateway has no file to read again")),
        ready: () => this.running && this.members.length > 0,
      },
      admin.hosts,
    );
    await new Promise<void>((done, failed) => {
      server.once("error", failed);
      server.listen(admin.port, admin.host, done);
    });
    this.admin = server;
  }

  get adminPort(): number | undefined {
    return (this.admin?.address() as AddressInfo | undefined)?.port;
  }

  /** Lets requests end, in all processes, and ends these. */
  async stop(): Promise<void> {
    this.running = false;
    this.intake.stop();
    clearInterval(this.watchdog);
    for (const { timer } of this.places) clearTimeout(timer);
    await Promise.all(this.members.map((member) => member.end(this.config.shutdownTimeout + END_GRACE)));
    await this.store.close();
    const { admin } = this;
    if (admin === undefined) return;
    admin.closeAllConnections();
    await new Promise<void>((done) => admin.close(() => done()));
  }
}

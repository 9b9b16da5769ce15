import cluster, { type Worker } from "node:cluster";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { StoreServer } from "../shared/store-server.ts";
import { workerUrl } from "../threads/worker-url.ts";
import { adminServer } from "./admin.ts";
import type { MemberVms } from "./admin-page.ts";
import { type GatewayConfig, readGatewayConfig } from "./config.ts";
import type { FromMember, MemberReport, ToMember } from "./member.ts";
import { mergeMetrics } from "./merge-metrics.ts";
import { ConfigurationError } from "./reading.ts";

/** A process that dies again and again is replaced ever later; one that has run for a while has not. Milliseconds. */
const FIRST_BACKOFF = 100;
const MAX_BACKOFF = 30_000;
const STEADY = 60_000;
/** How long beyond the requests' own time processes have to end. */
const END_GRACE = 5_000;

/** The place of one process, which is filled again when the process has died. */
interface Place {
  /** From 1; the first has the singletons. */
  readonly number: number;
  member: Member | undefined;
  since: number;
  deaths: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** One process, as the primary sees it. */
class Member {
  readonly worker: Worker;
  ports: Readonly<Record<string, number>> = {};
  private readonly calls = new Map<number, { resolve(answer: FromMember): void; reject(error: Error): void }>();
  private readonly up: Promise<void>;
  private lastCall = 0;

  constructor(worker: Worker) {
    this.worker = worker;
    this.up = new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.once("exit", () => resolve());
    });
    worker.on("message", (message: FromMember) => {
      // Starting has the number 0: there is one start in a process's life.
      const call = "call" in message ? message.call : 0;
      this.calls.get(call)?.resolve(message);
      this.calls.delete(call);
    });
    worker.on("error", () => {});
    worker.once("exit", () => {
      for (const { reject } of this.calls.values()) reject(new Error("the process has ended"));
      this.calls.clear();
    });
  }

  private async ask(call: number, message: ToMember): Promise<FromMember> {
    await this.up;
    return new Promise((resolve, reject) => {
      if (this.worker.isDead()) return reject(new Error("the process has ended"));
      this.calls.set(call, { resolve, reject });
      this.worker.send(message, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  /** @throws ConfigurationError with what the process could not use */
  async start(message: ToMember & { kind: "start" }): Promise<void> {
    const answer = await this.ask(0, message);
    if (answer.kind === "failed") throw new ConfigurationError(answer.message);
    if (answer.kind === "started") this.ports = answer.ports;
  }

  /** @throws ConfigurationError with what the process could not use */
  async reload(text: string): Promise<void> {
    const call = ++this.lastCall;
    const answer = await this.ask(call, { kind: "reload", call, text });
    if (answer.kind === "reloaded" && answer.error !== undefined) throw new ConfigurationError(answer.error);
  }

  report(): Promise<MemberReport> {
    const call = ++this.lastCall;
    return this.ask(call, { kind: "report", call }) as Promise<FromMember & { kind: "report" }>;
  }

  async end(timeout: number): Promise<void> {
    if (this.worker.isDead()) return;
    const gone = new Promise<void>((resolve) => this.worker.once("exit", () => resolve()));
    this.worker.send({ kind: "stop" } satisfies ToMember, () => {});
    const timer = setTimeout(() => this.worker.process.kill("SIGKILL"), timeout);
    await gone;
    clearTimeout(timer);
  }
}

/**
 * A gateway of several processes that listen on the same addresses. This one does no request: it starts the others and replaces those that
 * die, hands them configurations, keeps what plugins share, and shows an administrator all of them as one.
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
  private deaths = 0;
  /** What an administrator's wish to reload calls. */
  onReload: (() => Promise<void>) | undefined = undefined;

  private constructor(text: string, base: string, store: StoreServer, report: (line: string) => void) {
    this.text = text;
    this.base = base;
    this.config = readGatewayConfig(text);
    this.store = store;
    this.report = report;
  }

  /**
   * Starts so many processes. When the first cannot use the configuration, none is left.
   * @throws ConfigurationError
   */
  static async start(
    text: string,
    options: { readonly base: string; readonly workers: number; readonly report: (line: string) => void },
  ): Promise<GatewayPrimary> {
    readGatewayConfig(text);
    const primary = new GatewayPrimary(text, options.base, await StoreServer.open(), options.report);
    cluster.setupPrimary({
      exec: fileURLToPath(workerUrl(import.meta.url, "member-main")),
      args: [],
      serialization: "advanced",
    });
    try {
      // The first is tried alone: what it cannot use, the others cannot.
      await primary.fill(primary.place(1));
      const others = Array.from({ length: options.workers - 1 }, (_, i) => primary.place(i + 2));
      await Promise.all(others.map((place) => primary.fill(place)));
      await primary.openAdmin();
      primary.running = true;
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
    const member = new Member(cluster.fork());
    place.member = member;
    place.since = Date.now();
    member.worker.once("exit", (code, signal) => this.gone(place, member, signal ?? `code ${code}`));
    const { text, base, store } = this;
    try {
      await member.start({ kind: "start", text, base, store: store.path, singletons: place.number === 1 });
    } catch (error) {
      await member.end(END_GRACE);
      throw error;
    }
    // The configuration may have changed while it started.
    if (this.text !== text) await member.reload(this.text);
  }

  private gone(place: Place, member: Member, how: string): void {
    if (place.member !== member) return;
    place.member = undefined;
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
    return this.members[0]?.ports ?? {};
  }

  /**
   * Hands all processes a new configuration. When the first cannot use it, all keep the one in use.
   * @throws ConfigurationError
   */
  async reload(text: string): Promise<void> {
    const config = readGatewayConfig(text);
    const [first, ...others] = this.members;
    await first?.reload(text);
    this.text = text;
    this.config = config;
    const failed = (await Promise.allSettled(others.map((member) => member.reload(text)))).flatMap((result, i) =>
      result.status === "rejected" ? [[others[i], result.reason as Error] as const] : [],
    );
    for (const [member, error] of failed) {
      this.report(`wardian gateway: a process could not take what another has taken: ${error.message}`);
      // It must not go on with what is no longer so; its place is filled again.
      await member.end(this.config.shutdownTimeout + END_GRACE);
    }
  }

  private async reports(): Promise<{ readonly number: number; readonly report: MemberReport }[]> {
    const asked = this.places.flatMap(({ number, member }) =>
      member === undefined
        ? []
        : [
            member.report().then(
              (report) => [{ number, report }],
              () => [],
            ),
          ],
    );
    return (await Promise.all(asked)).flat();
  }

  private async vms(): Promise<MemberVms> {
    const reports = await this.reports();
    return reports.flatMap(({ number, report }) => report.vms.map((vm) => ({ ...vm, worker: number })));
  }

  private async prometheus(): Promise<string> {
    const reports = await this.reports();
    const own = [
      "# TYPE wardian_processes gauge",
      `wardian_processes ${this.members.length}`,
      "# TYPE wardian_process_deaths_total counter",
      `wardian_process_deaths_total ${this.deaths}`,
    ];
    return `${mergeMetrics(reports.map(({ report }) => report.metrics))}${own.join("\n")}\n`;
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
    for (const { timer } of this.places) clearTimeout(timer);
    await Promise.all(this.members.map((member) => member.end(this.config.shutdownTimeout + END_GRACE)));
    await this.store.close();
    const { admin } = this;
    if (admin === undefined) return;
    admin.closeAllConnections();
    await new Promise<void>((done) => admin.close(() => done()));
  }
}

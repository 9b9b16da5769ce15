import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { Arrival, Taker } from "./intake.ts";
import type { FromMember, MemberReport, ToMember } from "./member.ts";
import { handleOf } from "./raw-sockets.ts";
import { ConfigurationError } from "./reading.ts";

/** Milliseconds that a process has to start or to reload: it compiles plugins meanwhile, which may hold its event loop. */
const LOAD_TIMEOUT = 60_000;

/** What a promise resolves to, or undefined if it does not within so many milliseconds. */
async function within<T>(timeout: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeout);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One process of a gateway, as the primary process sees it. */
export class Member implements Taker {
  readonly process: ChildProcess;
  /** Keys of the addresses whose connections it takes. */
  private addresses: ReadonlySet<string> = new Set();
  /** The connection that it has been offered and has not answered for. */
  private offered: Arrival | undefined = undefined;
  private lastOffer = 0;
  private readonly answeredFor: (arrival: Arrival, taken: boolean) => void;
  /** The latest report, which is shown while the process does not answer. */
  latestReport: MemberReport | undefined = undefined;
  /** The latest question for a report was not answered in time. */
  silent = false;
  /** How many questions of the watchdog in a row have not been answered. */
  missed = 0;
  /** It has been told to end. */
  ending = false;
  private answered = true;
  /** Starts and reloads that are under way. */
  private loading = 0;
  private readonly calls = new Map<number, { resolve(answer: FromMember): void; reject(error: Error): void }>();
  private readonly up: Promise<void>;
  private lastCall = 0;

  /** @param answeredFor called when it has taken a connection that it was offered, or never will */
  constructor(child: ChildProcess, answeredFor: (arrival: Arrival, taken: boolean) => void) {
    this.process = child;
    this.answeredFor = answeredFor;
    this.up = new Promise((resolve) => {
      child.once("message", () => resolve());
      child.once("exit", () => resolve());
    });
    child.on("message", (message: FromMember) => {
      // Whatever a process says, its event loop turns.
      this.answered = true;
      this.missed = 0;
      if (message.kind === "answer") return this.answer(message.id, message.taken);
      // Messages keep their order. An offer that has no answer by now was lost: the process could open no descriptor.
      if (message.kind === "pong" && this.offered?.id === message.offered) this.settle(message.offered, false);
      // Starting has the number 0: there is one start in a process's life.
      const call = "call" in message ? message.call : message.kind === "pong" ? -1 : 0;
      this.calls.get(call)?.resolve(message);
      this.calls.delete(call);
    });
    child.on("error", () => {});
    child.once("exit", () => {
      for (const { reject } of this.calls.values()) reject(new Error("the process has ended"));
      this.calls.clear();
    });
    // Unlike the exit, this comes after everything that the process has said.
    child.once("close", () => this.settle(this.lastOffer, false));
  }

  private get dead(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  takes(address: string): boolean {
    const { offered, ending, process } = this;
    return offered === undefined && !ending && process.connected && !this.dead && this.addresses.has(address);
  }

  offer(arrival: Arrival): void {
    const { id, address, socket } = arrival;
    const handle = handleOf(socket);
    if (handle === undefined) {
      this.answeredFor(arrival, true);
      return;
    }
    this.offered = arrival;
    this.lastOffer = id;
    const message: ToMember = { kind: "connection", id, address };
    // The channel takes handles as well as sockets.
    this.process.send(message, handle as unknown as Socket, {}, () => {});
  }

  private settle(id: number, taken: boolean): void {
    const { offered } = this;
    if (offered?.id !== id) return;
    this.offered = undefined;
    this.answeredFor(offered, taken);
  }

  private answer(id: number, taken: boolean): void {
    const { offered } = this;
    // It has another configuration already, or ends: it is not asked again before it has loaded one.
    if (!taken && offered?.id === id)
      this.addresses = new Set([...this.addresses].filter((address) => address !== offered.address));
    this.settle(id, taken);
  }

  private async ask(call: number, message: ToMember): Promise<FromMember> {
    await this.up;
    return new Promise((resolve, reject) => {
      if (this.dead) return reject(new Error("the process has ended"));
      this.calls.set(call, { resolve, reject });
      this.process.send(message, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  /** Asks for what compiles plugins. @throws Error when the process has ended, or does not answer in time */
  private async load(call: number, message: ToMember): Promise<FromMember> {
    this.loading++;
    try {
      const answer = await within(LOAD_TIMEOUT, this.ask(call, message));
      if (answer === undefined) throw new Error("the process does not answer");
      return answer;
    } finally {
      this.loading--;
    }
  }

  /** The process starts or reloads. */
  get busy(): boolean {
    return this.loading > 0;
  }

  /**
   * @param addresses of the configuration
   * @throws ConfigurationError with what the process could not use
   */
  async start(message: ToMember & { kind: "start" }, addresses: ReadonlySet<string>): Promise<void> {
    const answer = await this.load(0, message);
    if (answer.kind === "failed") throw new ConfigurationError(answer.message);
    this.addresses = addresses;
  }

  /**
   * @param addresses of the configuration
   * @throws ConfigurationError with what the process could not use
   * @throws Error when the process has ended, or does not answer in time
   */
  async reload(text: string, addresses: ReadonlySet<string>): Promise<void> {
    const call = ++this.lastCall;
    const before = this.addresses;
    const answer = await this.load(call, { kind: "reload", call, text });
    const failed = answer.kind === "reloaded" && answer.error !== undefined;
    this.addresses = failed ? before : addresses;
    if (failed) throw new ConfigurationError(answer.error);
  }

  /**
   * Asks for a report. When none comes within so many milliseconds, the process counts as {@link silent}.
   * @returns the latest report; undefined if there has been none
   */
  async report(timeout: number): Promise<MemberReport | undefined> {
    const call = ++this.lastCall;
    const asked = this.ask(call, { kind: "report", call }).catch(() => undefined);
    const answer = await within(timeout, asked);
    this.calls.delete(call);
    this.silent = answer === undefined;
    if (answer?.kind === "report") this.latestReport = answer;
    return this.latestReport;
  }

  /** Asks whether the event loop turns, and counts what was asked before and not answered. */
  ping(): void {
    if (!this.answered) this.missed++;
    this.answered = false;
    if (this.process.connected)
      this.process.send({ kind: "ping", offered: this.lastOffer } satisfies ToMember, () => {});
  }

  /** Ends the process: by itself if it does within so many milliseconds. */
  async end(timeout: number): Promise<void> {
    this.ending = true;
    if (this.dead) return;
    const gone = new Promise<void>((resolve) => this.process.once("exit", () => resolve()));
    if (this.process.connected) this.process.send({ kind: "stop" } satisfies ToMember, () => {});
    const timer = setTimeout(() => this.process.kill("SIGKILL"), timeout);
    await gone;
    clearTimeout(timer);
  }
}

import type { Worker } from "node:cluster";
import type { FromMember, MemberReport, ToMember } from "./member.ts";
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
export class Member {
  readonly worker: Worker;
  ports: Readonly<Record<string, number>> = {};
  /** The latest report, which is shown while the process does not answer. */
  lastReport: MemberReport | undefined = undefined;
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

  constructor(worker: Worker) {
    this.worker = worker;
    this.up = new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.once("exit", () => resolve());
    });
    worker.on("message", (message: FromMember) => {
      // Whatever a process says, its event loop turns.
      this.answered = true;
      this.missed = 0;
      // Starting has the number 0: there is one start in a process's life.
      const call = "call" in message ? message.call : message.kind === "pong" ? -1 : 0;
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

  /** @throws ConfigurationError with what the process could not use */
  async start(message: ToMember & { kind: "start" }): Promise<void> {
    const answer = await this.load(0, message);
    if (answer.kind === "failed") throw new ConfigurationError(answer.message);
    if (answer.kind === "started") this.ports = answer.ports;
  }

  /**
   * @throws ConfigurationError with what the process could not use
   * @throws Error when the process has ended, or does not answer in time
   */
  async reload(text: string): Promise<void> {
    const call = ++this.lastCall;
    const answer = await this.load(call, { kind: "reload", call, text });
    if (answer.kind === "reloaded" && answer.error !== undefined) throw new ConfigurationError(answer.error);
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
    if (answer?.kind === "report") this.lastReport = answer;
    return this.lastReport;
  }

  /** Asks whether the event loop turns, and counts what was asked before and not answered. */
  ping(): void {
    if (!this.answered) this.missed++;
    this.answered = false;
    if (this.worker.isConnected()) this.worker.send({ kind: "ping" } satisfies ToMember, () => {});
  }

  /** Ends the process: by itself if it does within so many milliseconds. */
  async end(timeout: number): Promise<void> {
    this.ending = true;
    if (this.worker.isDead()) return;
    const gone = new Promise<void>((resolve) => this.worker.once("exit", () => resolve()));
    this.worker.send({ kind: "stop" } satisfies ToMember, () => {});
    const timer = setTimeout(() => this.worker.process.kill("SIGKILL"), timeout);
    await gone;
    clearTimeout(timer);
  }
}

/** What a room is asked to do. */
export interface Work {
  readonly engine: "auto" | "platform" | "compiler" | "interpreter";
  /** Modules whose `run(n)` is called. */
  readonly kernels: readonly { readonly name: string; readonly bytes: readonly number[]; readonly n: number }[];
  /** Scripts of the official suite, as text: the room parses them itself. */
  readonly scripts: readonly { readonly name: string; readonly text: string }[];
}

export interface KernelReport {
  readonly name: string;
  readonly result: number;
  /** A bigint in decimal. */
  readonly fuel: string;
}

export interface SuiteReport {
  readonly passed: number;
  readonly failures: readonly string[];
}

/** What a room says. */
export interface Report {
  readonly engine: string;
  readonly reason: string;
  /** How a few calls ended: a promise awaited, a trap, a result, a recursion and a loop without end. */
  readonly endings: readonly string[];
  readonly kernels: readonly KernelReport[];
  readonly suite: SuiteReport;
  /** What the host lacks of what other platforms have. */
  readonly lacks: readonly string[];
}

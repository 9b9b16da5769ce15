/** What the command could not do, said to its user in one line; `hint` says what to do about it. */
export class Failure extends Error {
  override readonly name: string = "Failure";
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: { hint?: string; exitCode?: number } = {}) {
    super(message);
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.failure;
  }
}

/** Exit codes of the command; a guest's own are passed on. */
export const EXIT = {
  /** The module is not valid, cannot be read or linked, or something else went wrong. */
  failure: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** The guest trapped: 128 and the number of SIGABRT. */
  trap: 134,
} as const;

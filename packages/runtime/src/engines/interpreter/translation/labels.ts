/** A construct of structured control while its function is translated, and the label that it makes. */
export class Label {
  kind: number;
  /** Height of the operand stack below the construct's parameters. */
  readonly height: number;
  /** Classes of what a branch to it carries, and of what the construct leaves behind. */
  readonly branchClasses: readonly number[];
  readonly resultClasses: readonly number[];
  readonly paramClasses: readonly number[];
  /** First slot of what a branch carries. */
  readonly slot: number;
  /** A loop's head: its address in the function, and what a branch to it pays. */
  target = -1;
  headCost = 0;
  /** Forward branches: the place of the target word, which the charge follows, and the fuel that was pending there. */
  readonly fixups: number[] = [];
  /** The branch over the first arm of an `if` and the fuel pending there; -1 when there is none. */
  elseFixup = -1;
  elsePending = 0;
  /** Of `try` and `try_table`: where the protected code begins, and what is done with exceptions from there. */
  start = 0;
  clauses: HandlerClause[] = [];
  /** The clauses of `try_table`, whose labels lie outside it. */
  catches: readonly { readonly kind: number; readonly tag: number; readonly label: Label }[] = [];

  constructor(
    kind: number,
    height: number,
    slot: number,
    paramClasses: readonly number[],
    resultClasses: readonly number[],
  ) {
    this.kind = kind;
    this.height = height;
    this.slot = slot;
    this.paramClasses = paramClasses;
    this.resultClasses = resultClasses;
    this.branchClasses = kind === LABEL.loop ? paramClasses : resultClasses;
  }
}

export const LABEL = { function: 0, block: 1, loop: 2, if: 3, else: 4, try: 5, catch: 6, tryTable: 7 } as const;

/** What a handler takes, and where its code is: addresses count from the function's beginning, slots from the frame's. */
export interface HandlerClause {
  /** Index of the tag, or -1 for every exception. */
  readonly tag: number;
  readonly landing: number;
  /** Where the exception's values go, and its reference; -1 for nowhere. */
  readonly payloadSlot: number;
  readonly referenceSlot: number;
}

/** Protected code. A function's handlers are listed with the inner ones first. */
export interface Handler {
  readonly start: number;
  readonly end: number;
  /** How deep in the function's constructs it stands. */
  readonly depth: number;
  /** With `delegate`: only handlers that are no deeper than this are asked. -1 otherwise. */
  readonly delegate: number;
  readonly clauses: readonly HandlerClause[];
}

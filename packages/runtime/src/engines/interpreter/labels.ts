/** A construct of structured control while its function is translated, and the label that it makes. */
export class Label {
  readonly kind: number;
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
  /** Of `try` and `try_table`: where the protected code begins. */
  start = 0;

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

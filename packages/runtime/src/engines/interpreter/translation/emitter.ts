import { RuntimeError } from "../../../store/trap.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { CODE_WORDS } from "../machine/arena.ts";

/** Where an instruction of the guest came to stand, for backtraces: recorded only when one is asked for. */
export interface CodeTrace {
  /** Triples in ascending order: address within the function, offset in the module, fuel pending there. */
  readonly entries: number[];
  /** Pairs: the address of a loop's head, and the position of a guest that is stopped there. */
  readonly heads: number[];
}

/**
 * Collects the code of one function, in memory that is used again for the next. Addresses in code are absolute: `base` is where the
 * function will stand.
 *
 * It remembers where the last two instructions begin, as long as no label lies behind them, so that the translator can take one back
 * and put a fused one in its place.
 */
export class Emitter {
  words: Int32Array = new Int32Array(4096);
  length = 0;
  base = 0;
  /** Start of the last instruction, of the one before, or -1 behind a label. */
  last = -1;
  previous = -1;
  trace: CodeTrace | undefined = undefined;
  /** Offset in the module of the guest's instruction, and the fuel pending at it. */
  offset = 0;
  pending = 0;
  /** Offset of the instruction that was taken back last. */
  offsetTaken = 0;
  private headAddress = -1;
  private headPosition = -1;
  private constants: number[] = [];
  private constantUses: number[] = [];

  reset(base: number, trace: CodeTrace | undefined): void {
    this.length = 0;
    this.base = base;
    this.trace = trace;
    this.headAddress = -1;
    this.constants = [];
    this.constantUses = [];
    this.fence();
  }

  /**
   * Begins a loop here. Two heads at one address have one position, since the address is all that is known of a guest that is stopped.
   * @param position see `metering/stop-position.ts`
   * @returns the address of its head
   */
  beginLoop(position: number): number {
    if (this.headAddress === this.length && this.headPosition !== position) {
      this.fence();
      this.emit2(MACHINE_OP.jump, this.base + this.length + 2);
    }
    this.headAddress = this.length;
    this.headPosition = position;
    this.trace?.heads.push(this.length, position);
    this.fence();
    return this.length;
  }

  /** Control can arrive here from elsewhere: what stands before can no longer be changed. */
  fence(): void {
    this.last = -1;
    this.previous = -1;
  }

  /** Begins an instruction of `length` words. @returns where it stands @throws RuntimeError when the function becomes larger than all code may be */
  private begin(op: number, length: number): number {
    this.mergePairs();
    const at = this.length;
    if (at + length > this.words.length) this.grow(at + length);
    this.previous = this.last;
    this.last = at;
    this.length = at + length;
    this.words[at] = op;
    if (this.trace !== undefined) this.trace.entries.push(at, this.offset, this.pending);
    return at;
  }

  /** Two of a kind in a row become one, now that nothing will be made of the second. */
  private mergePairs(): void {
    const { last, previous, words } = this;
    if (previous < 0 || words[last] !== words[previous]) return;
    const op = words[last];
    if (op !== MACHINE_OP.i32AddImm && op !== MACHINE_OP.move32x2) return;
    const operands = this.length - last - 1;
    words[previous] = op === MACHINE_OP.i32AddImm ? MACHINE_OP.i32AddImmx2 : MACHINE_OP.move32x4;
    words.copyWithin(last, last + 1, last + 1 + operands);
    this.takeBack();
    this.length = this.last + 2 * operands + 1;
  }

  private grow(needed: number): void {
    if (needed > CODE_WORDS)
      throw new RuntimeError("the interpreter's code memory has no room for this function: it is too large");
    const wider = new Int32Array(Math.min(CODE_WORDS, Math.max(needed, this.words.length * 2)));
    wider.set(this.words);
    this.words = wider;
  }

  /** Takes the last instruction back. Its words stay readable until the next is emitted. */
  takeBack(): void {
    this.length = this.last;
    this.last = this.previous;
    this.previous = -1;
    const uses = this.constantUses;
    while (uses.length > 0 && uses[uses.length - 2] >= this.length) uses.length -= 2;
    const entries = this.trace?.entries;
    // A fused instruction may trap where the one taken back would have.
    if (entries !== undefined && entries.length > 0) this.offsetTaken = entries[entries.length - 2];
    if (entries !== undefined)
      while (entries.length > 0 && entries[entries.length - 3] >= this.length) entries.length -= 3;
  }

  emit1(op: number): number {
    return this.begin(op, 1);
  }

  emit2(op: number, a: number): number {
    const at = this.begin(op, 2);
    this.words[at + 1] = a;
    return at;
  }

  emit3(op: number, a: number, b: number): number {
    const at = this.begin(op, 3);
    const { words } = this;
    words[at + 1] = a;
    words[at + 2] = b;
    return at;
  }

  emit4(op: number, a: number, b: number, c: number): number {
    const at = this.begin(op, 4);
    const { words } = this;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = c;
    return at;
  }

  emit5(op: number, a: number, b: number, c: number, d: number): number {
    const at = this.begin(op, 5);
    const { words } = this;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = c;
    words[at + 4] = d;
    return at;
  }

  emitList(op: number, operands: readonly number[]): number {
    const at = this.begin(op, operands.length + 1);
    this.words.set(operands, at + 1);
    return at;
  }

  /** The word at `at` will be the index of a 64-bit constant, given in halves. */
  constant(at: number, low: number, high: number): void {
    let index = -1;
    for (let i = 0; i < this.constants.length && i < 64; i += 2)
      if (this.constants[i] === low && this.constants[i + 1] === high) index = i >> 1;
    if (index < 0) {
      index = this.constants.length >> 1;
      this.constants.push(low, high);
    }
    this.constantUses.push(at, index);
  }

  /** The constant that the word at `at` stands for, if that is the latest use of any. */
  constantAt(at: number): { low: number; high: number } | undefined {
    const uses = this.constantUses;
    const i = uses.length - 2;
    if (i < 0 || uses[i] !== at) return undefined;
    return { low: this.constants[uses[i + 1] * 2], high: this.constants[uses[i + 1] * 2 + 1] };
  }

  /** Where the instructions end: known once {@link finish} has run. */
  codeEnd = 0;

  /** Appends the constants, eight bytes aligned. */
  finish(): void {
    this.codeEnd = this.length;
    if (this.constants.length === 0) return;
    if ((this.base + this.length) & 1) this.emit1(MACHINE_OP.trapUnreachable);
    const start = this.length;
    if (start + this.constants.length > this.words.length) this.grow(start + this.constants.length);
    this.words.set(this.constants, start);
    this.length = start + this.constants.length;
    const first = (this.base + start) >> 1;
    for (let i = 0; i < this.constantUses.length; i += 2)
      this.words[this.constantUses[i]] = first + this.constantUses[i + 1];
  }
}

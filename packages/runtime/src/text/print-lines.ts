/** An instruction as text, with what is written inside its parentheses when it is folded. */
export interface Item {
  /** The instruction with its immediates, without parentheses. */
  readonly text: string;
  /** Values that it leaves on the stack. */
  readonly results: number;
  /** Folded operands; none in flat style. */
  operands: Item[];
  /** The parts of a block; undefined for other instructions. */
  readonly arms: Arm[] | undefined;
  /** Characters on one line, parentheses included; infinite for a block. */
  width: number;
}

/** Part of a block: `then`, `else`, `do`, `catch $e` …; without a head when the block has no parts. */
export interface Arm {
  readonly head: string | undefined;
  readonly items: Item[];
}

/** The longest folded instruction that goes on one line. */
const MAX_WIDTH = 90;
/** Deeper code is not indented further: the size of a text stays in proportion to its module. */
const MAX_INDENT = 40;

const indents: readonly string[] = Array.from({ length: MAX_INDENT + 1 }, (_, depth) => "  ".repeat(depth));

export function indentation(depth: number): string {
  return indents[Math.min(depth, MAX_INDENT)];
}

/** A folded instruction on one line. It nests no deeper than its width allows. */
function inline(item: Item): string {
  if (item.operands.length === 0) return `(${item.text})`;
  return `(${item.text} ${item.operands.map(inline).join(" ")})`;
}

/** A step of printing that is still to be done; what nests stands on a stack of these and not on JavaScript's. */
type Step =
  | { readonly item: Item; readonly depth: number }
  | { readonly line: string; readonly depth: number }
  | { readonly suffix: string };

/** The lines of a text under way. */
export class Lines {
  private readonly lines: string[] = [];

  add(depth: number, text: string): void {
    this.lines.push(indentation(depth) + text);
  }

  /** Puts a text at the end of the last line. */
  append(text: string): void {
    this.lines[this.lines.length - 1] += text;
  }

  toString(): string {
    return `${this.lines.join("\n")}\n`;
  }

  /** Instructions, folded or flat, one below the other. */
  items(items: readonly Item[], depth: number, folded: boolean): void {
    const steps: Step[] = [];
    const push = (list: readonly Item[], at: number): void => {
      for (let i = list.length - 1; i >= 0; i--) steps.push({ item: list[i], depth: at });
    };
    push(items, depth);
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      if ("suffix" in step) this.append(step.suffix);
      else if ("line" in step) this.add(step.depth, step.line);
      else if (folded) this.folded(step.item, step.depth, steps, push);
      else this.flat(step.item, step.depth, steps, push);
    }
  }

  /** Instructions behind what stands on the last line, where they fit there; below it otherwise. */
  itemsBehind(items: readonly Item[], depth: number): void {
    let width = 0;
    for (const item of items) width += item.width + 1;
    if (width > MAX_WIDTH) this.items(items, depth, true);
    else for (const item of items) this.append(` ${inline(item)}`);
  }

  private folded(item: Item, depth: number, steps: Step[], push: (list: readonly Item[], depth: number) => void): void {
    const { text, operands, arms } = item;
    if (item.width <= MAX_WIDTH) {
      this.add(depth, inline(item));
      return;
    }
    this.add(depth, `(${text}`);
    steps.push({ suffix: ")" });
    for (let i = (arms?.length ?? 0) - 1; i >= 0; i--) {
      const { head, items } = arms![i];
      if (head === undefined) {
        push(items, depth + 1);
      } else {
        steps.push({ suffix: ")" });
        push(items, depth + 2);
        steps.push({ line: `(${head}`, depth: depth + 1 });
      }
    }
    push(operands, depth + 1);
  }

  private flat(item: Item, depth: number, steps: Step[], push: (list: readonly Item[], depth: number) => void): void {
    const { text, arms } = item;
    this.add(depth, text);
    if (arms === undefined) return;
    const last = arms[arms.length - 1];
    if (last.head?.startsWith("delegate") !== true) steps.push({ line: "end", depth });
    for (let i = arms.length - 1; i >= 0; i--) {
      const { head, items } = arms[i];
      push(items, depth + 1);
      // The first part of an `if` or `try` begins with the block itself.
      if (i > 0 && head !== undefined) steps.push({ line: head, depth });
    }
  }
}

import type { Frame } from "../../store/trap.ts";

/**
 * From a place in the text of a translated function back to the guest's instruction. Nothing is kept for it: when somebody asks for the offset of a frame the one function
 * is translated again, with marks in its text. A mark is the offset of the
 * instruction whose code follows, in signs that JavaScript of this engine has nowhere else; in a function that was put in the place of its call the offset of
 * the call comes next, and so on.
 */
export function markOf(offset: number, calls: readonly number[]): string {
  return `«${[offset, ...calls].join()}»`;
}

const MARKS = /«[\d,]+»/g;

export function withoutMarks(code: string): string {
  return code.replace(MARKS, "");
}

/** @param line and `column` count from zero, in the text without marks. @returns the offsets of the last mark at or before that place of the line */
export function offsetsAt(marked: string, line: number, column: number): readonly number[] {
  let found: readonly number[] = [];
  let at = 0;
  for (const piece of (marked.split("\n")[line] ?? "").split(/(«[\d,]+»)/)) {
    if (!piece.startsWith("«")) at += piece.length;
    else if (at <= column) found = piece.slice(1, -1).split(",").map(Number);
  }
  return found;
}

/** A function that a stack names, and where in its text it was. */
interface Site {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** Lines that V8's `new Function` and this engine put before the text of a function. */
const LINES_BEFORE = 4;

/** The translated functions in the stack of an error, the innermost first, as V8 writes them; none on other engines. */
function sitesOf(stack: unknown): Site[] {
  const sites: Site[] = [];
  if (typeof stack !== "string") return sites;
  for (const row of stack.split("\n")) {
    const [, index, line, column] = /\bf(\d+)(?: \[as \w+\])? \(eval at .*, <anonymous>:(\d+):(\d+)\)$/.exec(row) ?? [];
    if (index !== undefined)
      sites.push({ index: Number(index), line: Number(line) - LINES_BEFORE, column: Number(column) - 1 });
  }
  return sites;
}

/** The guest's offset of a place in the text of a function, and those of the calls in whose places it stands; undefined where nobody knows. */
export type OffsetsOf = (index: number, line: number, column: number) => readonly number[] | undefined;

/** How many frames errors note is a property of V8's own. */
const V8Error = Error as { stackTraceLimit?: number };

/** More than the guest frames of a backtrace, since helpers and host functions stand between them. */
const STACK_LIMIT = 400;

/** Where the functions were that a trap leaves. Stacks are only read when somebody asks for an offset. */
export class Trace {
  readonly trap: unknown;
  /** What the first of them threw: names the place there. Undefined where the trace begins below the first, which then only called. */
  private readonly thrown: unknown;
  /** Made in the handler of the first, or below it: names the places in the others. */
  private readonly handled: Error | undefined;
  private sites: (Site | undefined)[] | undefined;
  private count = 0;

  constructor(trap: unknown, thrown?: unknown) {
    this.trap = trap;
    this.thrown = thrown;
    try {
      const limit = V8Error.stackTraceLimit;
      V8Error.stackTraceLimit = STACK_LIMIT;
      this.handled = new Error();
      V8Error.stackTraceLimit = limit;
    } catch {
      // The property may not be writable, or JavaScript's stack be full: frames then have no offsets.
    }
  }

  /**
   * The frames of the next function that the trap leaves, the innermost first.
   * @param frame the function's frame without an offset
   * @param inlined how many of its calls of itself were under way in their places
   * @param offsetsOf the guest's offsets of a place in a function's text
   */
  frames(frame: Frame, offsetsOf: OffsetsOf | undefined, inlined: number): Frame[] {
    const depth = this.count++;
    const { functionIndex } = frame;
    let offsets: readonly number[] | undefined;
    const find = (): readonly number[] => {
      const site = this.siteAt(depth, functionIndex);
      return (site === undefined ? undefined : offsetsOf?.(functionIndex, site.line, site.column)) ?? [];
    };
    return Array.from({ length: inlined + 1 }, (_, level) => ({
      ...frame,
      get offset(): number | undefined {
        offsets ??= find();
        return offsets[level];
      },
    }));
  }

  /** The trap leaves a function of JavaScript that is no frame of its own. */
  skip(): void {
    this.count++;
  }

  private siteAt(depth: number, index: number): Site | undefined {
    if (depth === 0 && this.thrown !== undefined)
      return sitesOf((this.thrown as Partial<Error>).stack).find((site) => site.index === index);
    this.sites ??= sitesOf(this.handled?.stack);
    const site = this.sites[depth];
    return site?.index === index ? site : undefined;
  }
}

/** The longest mangled name that is read. Compilers' own are seldom longer than a thousand characters. */
const MAX_INPUT = 8192;
/** The longest name that is written. A mangled name can refer to its parts, and so double its length with every few characters. */
export const MAX_OUTPUT = 4096;
/** How many parts of a name are read, those that are referred to counted again. */
const MAX_STEPS = 20_000;
/** How deep parts may be nested: reading them recurses. */
const MAX_DEPTH = 200;

/** Why a name cannot be demangled: it follows no grammar that is known, or passes a bound. Caught by `demangle`. */
export class Unreadable extends Error {
  override readonly name: string = "Unreadable";
}

/** A mangled name that is being read, with bounds on the work and on what comes of it. */
export class NameReader {
  readonly text: string;
  pos: number;
  private steps = 0;
  private depth = 0;

  constructor(text: string, pos: number) {
    if (text.length > MAX_INPUT) throw new Unreadable();
    this.text = text;
    this.pos = pos;
  }

  fail(): never {
    throw new Unreadable();
  }

  peek(offset = 0): string {
    return this.text[this.pos + offset] ?? "";
  }

  next(): string {
    return this.text[this.pos++] ?? this.fail();
  }

  /** Reads `expected` if it comes next. */
  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.pos)) return false;
    this.pos += expected.length;
    return true;
  }

  expect(expected: string): void {
    if (!this.take(expected)) this.fail();
  }

  get atEnd(): boolean {
    return this.pos >= this.text.length;
  }

  /** What a pattern, which must be sticky, finds here; it is read. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.pos;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.pos += found.length;
    return found;
  }

  /** Reads a part of the name with `read`, within the bounds. @returns what it gives, if it is not too long */
  part(read: () => string): string {
    if (++this.steps > MAX_STEPS || ++this.depth > MAX_DEPTH) this.fail();
    const text = read();
    this.depth--;
    if (text.length > MAX_OUTPUT) this.fail();
    return text;
  }

  /** As many characters as a number says. */
  characters(count: number): string {
    const end = this.pos + count;
    if (!(end <= this.text.length)) this.fail();
    const text = this.text.slice(this.pos, end);
    this.pos = end;
    return text;
  }
}

import { MalformedError, type SourcePosition } from "../wasm/errors.ts";

/**
 * A text with the way from an offset to its line and column. Offsets count UTF-16 code units, as JavaScript strings do.
 */
export class SourceText {
  readonly text: string;
  private lineStarts: number[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The line and column at an offset; the starts of lines are found once, when first asked for. */
  positionAt(offset: number): SourcePosition {
    const starts = (this.lineStarts ??= findLines(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low] + 1 };
  }

  /** @throws MalformedError at the offset, always */
  fail(reason: string, offset: number): never {
    throw new MalformedError(reason, { position: this.positionAt(offset) });
  }
}

/** Where lines begin: after a line feed, a carriage return, or both as one (specification, 6.3.2). */
function findLines(text: string): number[] {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return starts;
}

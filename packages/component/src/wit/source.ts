/** A text in the WIT language, and the path under which errors name it. */
export interface WitSource {
  readonly path: string;
  readonly text: string;
}

/** A part of a source: offsets in UTF-16 units. */
export interface Span {
  readonly source: WitSource;
  readonly start: number;
  readonly end: number;
}

/** Where an error is: line and column count from 1, the column in Unicode scalar values. */
export interface WitLocation {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** The longest source line that an error repeats. */
const LONGEST_LINE = 400;

/**
 * A WIT text or a WIT package that is refused. The message holds the reason, the place and the source line with a caret:
 *
 * ```text
 * type `bar` does not exist
 *      --> app.wit:5:14
 *       |
 *     5 |   type foo = bar;
 *       |              ^--
 * ```
 */
export class WitError extends Error {
  /** The message without the place. */
  readonly reason: string;
  /** Undefined for errors about a package as a whole. */
  readonly location: WitLocation | undefined;

  constructor(reason: string, span?: Span) {
    const location = span === undefined ? undefined : locate(span);
    super(span === undefined ? reason : `${reason}\n${excerpt(span, location as WitLocation)}`);
    this.name = "WitError";
    this.reason = reason;
    this.location = location;
  }
}

/** The line and column of the start of a span. */
export function locate({ source, start }: Span): WitLocation {
  const { text, path } = source;
  let line = 1;
  let lineStart = 0;
  for (let next = text.indexOf("\n"); next >= 0 && next < start; next = text.indexOf("\n", next + 1)) {
    line++;
    lineStart = next + 1;
  }
  return { path, line, column: scalars(text.slice(lineStart, start)) + 1 };
}

/** The number of Unicode scalar values of a text. */
function scalars(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function excerpt({ source, start, end }: Span, { path, line, column }: WitLocation): string {
  const { text } = source;
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const newline = text.indexOf("\n", start);
  const lineEnd = newline < 0 ? text.length : newline;
  const place = `     --> ${path}:${line}:${column}`;
  if (lineEnd - lineStart > LONGEST_LINE) return place;
  const number = String(line).padStart(5);
  const marked = Math.max(1, scalars(text.slice(start, Math.min(end, lineEnd))));
  const shown = text.slice(lineStart, lineEnd).replace(/\r$/, "");
  const caret = `${" ".repeat(column - 1)}^${"-".repeat(marked - 1)}`;
  return `${place}\n      |\n${number} | ${shown}\n      | ${caret}`;
}

import type { WriteStream } from "node:tty";

type Stream = NodeJS.WriteStream | WriteStream;

/** Styles of one stream; each leaves its text alone when the stream shows no colours. */
export interface Styles {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** Whether to colour what goes to `stream`: a terminal, unless NO_COLOR is set; anything when FORCE_COLOR is. */
export function hasColors(stream: Stream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return true;
  return stream.isTTY === true && TERM !== "dumb";
}

export function stylesOf(stream: Stream): Styles {
  const on = hasColors(stream);
  const style = (open: number, close: number) => (text: string) =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  };
}

/** Columns padded to the widest of each, the last not padded; a column that is all numbers in `right` is flush right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          if (right.includes(i)) return cell.padStart(widths[i]);
          return i === row.length - 1 ? cell : cell.padEnd(widths[i]);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Something that takes long enough for a person to wonder is announced on a terminal while it lasts, and leaves no trace. */
export async function withProgress<T>(message: string, long: boolean, work: () => Promise<T>): Promise<T> {
  const { stderr } = process;
  if (!long || !stderr.isTTY) return work();
  stderr.write(`${stylesOf(stderr).dim(`${message} …`)}`);
  try {
    return await work();
  } finally {
    stderr.write("\r\u001b[K");
  }
}

/**
 * A text that came out of a module, safe to print: what would move the cursor, change colours or turn the direction of writing is
 * written as its number. Ends of lines and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
}

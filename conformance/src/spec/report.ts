import type { Outcome } from "./runner.ts";

/** Counts of commands by how they went. */
export interface Counts {
  commands: number;
  passed: number;
  failed: number;
  skipped: number;
  /** Failed, as on the platform's WebAssembly by itself. */
  known: number;
}

export interface Failure {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly reason: string;
}

/** What a run of the suite gives: the JSON on stdout. */
export interface Report extends Counts {
  readonly engine: string;
  files: number;
  /** Commands by kind. */
  readonly byKind: Record<string, Counts>;
  readonly failures: Failure[];
  /** What failed and was known to. */
  readonly knownFailures: Failure[];
}

export function emptyReport(engine: string): Report {
  return { engine, files: 0, ...zero(), byKind: {}, failures: [], knownFailures: [] };
}

function zero(): Counts {
  return { commands: 0, passed: 0, failed: 0, skipped: 0, known: 0 };
}

/** Adds the outcomes of one script. */
export function addScript(report: Report, file: string, outcomes: readonly Outcome[]): void {
  report.files++;
  for (const { kind, line, result, reason } of outcomes) {
    const counts = (report.byKind[kind] ??= zero());
    for (const target of [report, counts]) {
      target.commands++;
      target[result]++;
    }
    if (result === "failed") report.failures.push({ file, line, kind, reason: reason ?? "" });
    if (result === "known") report.knownFailures.push({ file, line, kind, reason: reason ?? "" });
  }
}

/** The folder that a script is counted under: that of its proposal, or the suite's own. */
export function folderOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash < 0 ? "." : file.slice(0, slash);
}

/** A table in Markdown: a row for each folder and one for all. */
export function formatTable(folders: ReadonlyMap<string, Report>, total: Report): string {
  const rows = [...folders, ["all", total] as const].map(
    ([folder, { files, commands, passed, failed, skipped, known }]) =>
      [folder, files, commands, passed, failed, skipped, ...(total.known === 0 ? [] : [known])].map((cell) =>
        cell.toLocaleString("en-US"),
      ),
  );
  const head = ["folder", "files", "commands", "passed", "failed", "skipped", ...(total.known === 0 ? [] : ["known"])];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** What failed and was known to, as a table in Markdown: a row for each script and reason. */
export function formatKnownFailures({ knownFailures }: Report): string {
  const rows = new Map<string, { readonly file: string; readonly reason: string; readonly lines: number[] }>();
  for (const { file, line, reason } of knownFailures) {
    const words = reason
      .replace(/^the module of this command failed: /, "")
      .replace(/ @\+\d+$/, "")
      .replace(/#\d+/g, "#…");
    const key = `${file} ${words}`;
    const row = rows.get(key) ?? { file, reason: words, lines: [] };
    row.lines.push(line);
    rows.set(key, row);
  }
  const listed = [...rows.values()].map(({ file, reason, lines }) => `| ${file} | ${ranges(lines)} | ${reason} |`);
  return ["| script | lines | what the platform says |", "|---|---|---|", ...listed].join("\n");
}

/** A few lines in full, many as the first, the last and their number. */
function ranges(lines: readonly number[]): string {
  return lines.length <= 10 ? lines.join(", ") : `${lines[0]} to ${lines[lines.length - 1]}: ${lines.length} commands`;
}

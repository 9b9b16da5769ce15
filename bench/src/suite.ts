/** A table of measurements: the first cell of a row is its name. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** What a reader must know to judge the figures. */
  readonly notes?: readonly string[];
  /** Figures that the documentation prints, by name: `npm run bench -- NAME --write` writes them. */
  readonly figures?: Readonly<Record<string, string>>;
}

/** A family of measurements that `npm run bench -- NAME` runs. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  run(): Promise<Table[]>;
}

/** Something that a measurement needs and that is not installed. The message says how to get it. */
export class Missing extends Error {
  override readonly name: string = "Missing";
}

/** The tables that can be measured here. What the others lack goes to standard error. @throws {Missing} when all lack something */
export async function available(...tables: readonly (() => Table | Promise<Table>)[]): Promise<Table[]> {
  const measured: Table[] = [];
  const missing: Missing[] = [];
  for (const table of tables) {
    try {
      measured.push(await table());
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      missing.push(error);
    }
  }
  if (measured.length === 0 && missing.length > 0) throw missing[0];
  for (const { message } of missing) console.error(`A table is left out: ${message}\n`);
  return measured;
}

/** A measurement as tables print it. */
export const cell = (value: string | number): string =>
  typeof value === "string"
    ? value
    : Math.abs(value) >= 100
      ? value.toFixed(0)
      : Math.abs(value) >= 10
        ? value.toFixed(1)
        : value.toFixed(2);

/** A table as aligned text. */
export function formatTable(table: Table): string {
  const lines = [table.columns, ...table.rows.map((row) => row.map(cell))];
  const widths = table.columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const text = lines.map((line) =>
    line
      .map((value, column) => (column === 0 ? value.padEnd(widths[column]) : value.padStart(widths[column])))
      .join("  ")
      .trimEnd(),
  );
  text.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return [table.title, "", ...text, ...(table.notes ?? []).map((note) => `  ${note}`)].join("\n");
}

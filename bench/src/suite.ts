/** A table of measurements: the first cell of a row is its name. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** What a reader must know to judge the figures. */
  readonly notes?: readonly string[];
}

/** A family of measurements that `npm run bench -- NAME` runs. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  run(): Promise<Table[]>;
}

const cell = (value: string | number): string =>
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

import type { Inspection } from "./inspection.ts";
import { printable, type Styles, table } from "./terminal.ts";
import { formatCount, formatSize, plural } from "./units.ts";

function block(
  title: string,
  rows: readonly (readonly string[])[],
  styles: Styles,
  right: readonly number[] = [],
): string {
  if (rows.length === 0) return "";
  const lines = table(
    rows.map((row) => row.map(printable)),
    right,
  ).split("\n");
  return `\n${styles.bold(title)}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

/** An inspection for people. */
export function renderInspection(inspection: Inspection, styles: Styles): string {
  const { counts, sections, imports, exports, memories, tables, features, optional } = inspection;
  const name = inspection.name === undefined ? "" : ` "${printable(inspection.name)}"`;
  const text = inspection.format === "text" ? " once assembled" : "";
  const limits = [
    ...memories.map((item) => ["memory", item] as const),
    ...tables.map((item) => ["table", item] as const),
  ];
  return [
    `${styles.bold(printable(inspection.file))}${name}: ${formatSize(inspection.size)}${text}, `,
    `${plural(counts.functions, "function")}, ${plural(imports.length, "import")}, ${plural(exports.length, "export")}\n`,
    block(
      "Sections",
      sections.map(({ name: section, size, count, offset }) => [
        section,
        formatSize(size),
        count === undefined ? "" : formatCount(count),
        offset === undefined ? "" : `at 0x${offset.toString(16)}`,
      ]),
      styles,
      [1, 2],
    ),
    block(
      "Imports",
      imports.map((item) => [item.kind, `${item.module}.${item.name}`, item.type]),
      styles,
    ),
    block(
      "Exports",
      exports.map((item) => [item.kind, item.name, item.type]),
      styles,
    ),
    block(
      "Memories and tables",
      limits.map(([kind, { index, type, imported }]) => [`${kind} ${index}`, `${type}${imported ? ", imported" : ""}`]),
      styles,
    ),
    block(
      "Proposals used",
      features.map((feature) => [feature, optional.includes(feature) ? "off unless --enable is given" : ""]),
      styles,
    ),
    block(
      "Largest functions",
      inspection.largestFunctions.map(({ index, name: label, size }) => [formatSize(size), `${index}`, label ?? ""]),
      styles,
      [0, 1],
    ),
    block(
      "Made by",
      inspection.producers.map(({ field, name: tool, version }) => [field, tool, version]),
      styles,
    ),
    ...inspection.warnings.map((warning) => `\n${styles.yellow("warning:")} ${printable(warning)}\n`),
  ].join("");
}

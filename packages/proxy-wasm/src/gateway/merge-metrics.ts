/** What all processes count alike is no sum. */
const ALIKE: ReadonlySet<string> = new Set(["wardian_reloads_total"]);

type Value = bigint | number;

const read = (text: string): Value => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text));

function add(a: Value, b: Value): Value {
  return typeof a === "bigint" && typeof b === "bigint" ? a + b : Number(a) + Number(b);
}

/** Metrics of several processes in the text format of Prometheus as those of one: samples of one name and the same labels are added up. */
export function mergeMetrics(texts: readonly string[]): string {
  const families = new Map<string, { readonly type: string; readonly samples: Map<string, Value> }>();
  for (const text of texts) {
    let samples: Map<string, Value> | undefined;
    let name = "";
    for (const line of text.split("\n")) {
      const head = /^# TYPE (\S+) /.exec(line);
      if (head !== null) {
        name = head[1];
        let family = families.get(name);
        if (family === undefined) families.set(name, (family = { type: line, samples: new Map() }));
        samples = family.samples;
        continue;
      }
      const space = line.lastIndexOf(" ");
      if (samples === undefined || space < 0 || line.startsWith("#")) continue;
      const sample = line.slice(0, space);
      const value = read(line.slice(space + 1));
      const old = samples.get(sample);
      if (old === undefined) samples.set(sample, value);
      else if (!ALIKE.has(name)) samples.set(sample, add(old, value));
      else if (value > old) samples.set(sample, value);
    }
  }
  const lines: string[] = [];
  for (const { type, samples } of families.values()) {
    lines.push(type);
    for (const [sample, value] of samples) lines.push(`${sample} ${value}`);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** The metrics of a text that only grow: those that a process has counted and that remain when it has ended. */
export function withoutGauges(text: string): string {
  let keeps = false;
  const lines = text.split("\n").filter((line) => {
    if (line.startsWith("# TYPE ")) keeps = !line.endsWith(" gauge");
    return keeps && line !== "";
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

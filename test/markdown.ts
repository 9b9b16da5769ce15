/** A line of a Markdown page, or a text that begins there. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** The lines of a page that are prose: no fenced code, no comments of a line, and no tables unless they are asked for. */
export function proseLines(page: string, { tables = false }: { tables?: boolean } = {}): Line[] {
  const lines: Line[] = [];
  let isCode = false;
  for (const [i, text] of page.split("\n").entries()) {
    if (/^\s*```/.test(text)) isCode = !isCode;
    else if (!isCode && !/^ {4}npm /.test(text) && (tables || !text.startsWith("|")))
      lines.push({ number: i + 1, text });
  }
  return lines;
}

/** The sentences of headings, paragraphs and list items, without marks; each piece of inline code counts as a word. */
export function sentencesOf(page: string): Line[] {
  const blocks: { number: number; text: string }[] = [];
  let isOpen = false;
  let previous = 0;
  for (const { number, text } of proseLines(page)) {
    const starts = /^\s*(?:[-*]|\d+\.) |^#/.test(text);
    if (text.trim() === "") isOpen = false;
    else if (isOpen && !starts && number === previous + 1 && blocks.length > 0)
      (blocks.at(-1) as { text: string }).text += ` ${text.trim()}`;
    else {
      blocks.push({ number, text: text.trim().replace(/^(?:#+|[-*]|\d+\.) /, "") });
      isOpen = !text.startsWith("#");
    }
    previous = number;
  }
  return blocks.flatMap(({ number, text }) =>
    text
      .replace(/<!--.*?-->/g, "")
      .replace(/`[^`]*`/g, "code")
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/\*\*/g, "")
      .split(/(?<=[.!?]\)?)\s+/)
      .map((sentence) => ({ number, text: sentence })),
  );
}

/** The targets of a page's links. */
export function linksOf(page: string): { readonly number: number; readonly target: string }[] {
  return proseLines(page, { tables: true }).flatMap(({ number, text }) =>
    [...text.replace(/`[^`]*`/g, "code").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({ number, target })),
  );
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of proseLines(page)) {
    const heading = /^#+ (.*)$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const name = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = name;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${name}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

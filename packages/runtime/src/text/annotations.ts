import { SECTION, SECTION_ORDER } from "../wasm/module.ts";
import { type Annotation, TOKEN, tokenize } from "./lexer.ts";
import type { SourceText } from "./source.ts";
import { decodeName, decodeString } from "./strings.ts";

/** What `(@custom "name" (after func) "…")` says: the section, and the id of the known section that it follows. */
export interface CustomAnnotation {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Undefined for a section without a placement, which comes after all others. */
  readonly after: number | undefined;
}

/** Section ids by their names in a placement. */
export const sectionKinds: ReadonlyMap<string, number> = new Map([
  ["type", SECTION.type],
  ["import", SECTION.import],
  ["func", SECTION.function],
  ["table", SECTION.table],
  ["memory", SECTION.memory],
  ["tag", SECTION.tag],
  ["global", SECTION.global],
  ["export", SECTION.export],
  ["start", SECTION.start],
  ["elem", SECTION.element],
  ["datacount", SECTION.dataCount],
  ["code", SECTION.code],
  ["data", SECTION.data],
]);

/** The last section that there can be. */
const LAST = SECTION_ORDER[SECTION_ORDER.length - 1];

/**
 * The annotations of a text, by the token that they stand before (specification, appendix A.7 and A.8). The rules of the grammar take
 * those that have a meaning where they are; one that nothing took is misplaced.
 */
export class AnnotationTable {
  private readonly source: SourceText;
  private readonly byToken: Map<number, Annotation[]> = new Map();

  constructor(source: SourceText, annotations: readonly Annotation[]) {
    this.source = source;
    for (const annotation of annotations) {
      const list = this.byToken.get(annotation.token);
      if (list === undefined) this.byToken.set(annotation.token, [annotation]);
      else list.push(annotation);
    }
  }

  get isEmpty(): boolean {
    return this.byToken.size === 0;
  }

  /** Takes those named `name` before the token at `at`. */
  private take(name: string, at: number): Annotation[] {
    const list = this.byToken.get(at);
    if (list === undefined) return [];
    const taken = list.filter((annotation) => annotation.name === name);
    if (taken.length === list.length) this.byToken.delete(at);
    else if (taken.length > 0) {
      const left = list.filter((annotation) => annotation.name !== name);
      this.byToken.set(at, left);
    }
    return taken;
  }

  /** The name that an annotation before the token at `at` gives to the thing being defined there. */
  takeName(at: number, what: string): string | undefined {
    if (this.isEmpty) return undefined;
    const list = this.take("name", at);
    if (list.length > 1) this.fail(list[1], `multiple ${what}`);
    return list.length === 0 ? undefined : this.strings(list[0], "name").name;
  }

  takeCustom(at: number): CustomAnnotation[] {
    return this.isEmpty ? [] : this.take("custom", at).map((annotation) => this.custom(annotation));
  }

  takeDataCount(at: number): boolean {
    return !this.isEmpty && this.take("datacount", at).length > 0;
  }

  /** The branch hint before the token at `at`: 0 unlikely, 1 likely. */
  takeBranchHint(at: number): number | undefined {
    const name = "metadata.code.branch_hint";
    const list = this.take(name, at);
    if (list.length > 1) this.fail(list[1], "duplicate annotation");
    if (list.length === 0) return undefined;
    const { bytes } = this.strings(list[0], "hint");
    if (bytes.length !== 1 || bytes[0] > 1) this.fail(list[0], 'malformed hint, expected "\\00" or "\\01"');
    return bytes[0];
  }

  /** @throws MalformedError when an annotation between the two tokens was not taken */
  checkTaken(from: number, to: number): void {
    if (this.isEmpty) return;
    for (const [token, [annotation]] of this.byToken) {
      if (token < from || token > to) continue;
      if (annotation.name === "metadata.code.branch_hint") this.fail(annotation, "not in a function");
      this.source.fail(`misplaced @${annotation.name} annotation`, annotation.start);
    }
  }

  private fail(annotation: Annotation, reason: string): never {
    return this.source.fail(`@${annotation.name} annotation: ${reason}`, annotation.start);
  }

  /** The strings of an annotation that holds nothing else: as bytes put together, and the first as a name. */
  private strings(annotation: Annotation, what: string): { name: string; bytes: Uint8Array } {
    const { source } = this;
    const tokens = tokenize(source, annotation.bodyStart, annotation.bodyEnd);
    if (tokens.kinds[0] !== TOKEN.string) this.fail(annotation, `missing ${what}`);
    if (tokens.count > 2) this.fail(annotation, "unexpected token");
    const bytes = decodeString(source.text, tokens.starts[0], tokens.ends[0]);
    if (what !== "name") return { name: "", bytes };
    const name = decodeName(source.text, tokens.starts[0], tokens.ends[0]);
    if (name === undefined) this.fail(annotation, "malformed UTF-8 encoding");
    return { name, bytes };
  }

  private custom(annotation: Annotation): CustomAnnotation {
    const { text } = this.source;
    const { kinds, starts, ends, count } = tokenize(this.source, annotation.bodyStart, annotation.bodyEnd);
    const word = (at: number): string => text.slice(starts[at], ends[at]);
    if (kinds[0] !== TOKEN.string) this.fail(annotation, "missing section name");
    const name = decodeName(text, starts[0], ends[0]);
    if (name === undefined) this.fail(annotation, "malformed UTF-8 encoding");
    let pos = 1;
    let after: number | undefined;
    if (kinds[pos] === TOKEN.open) {
      const direction = word(1 + pos);
      const kind = word(2 + pos);
      if (direction !== "before" && direction !== "after") this.fail(annotation, "malformed placement");
      after = place(direction, kind);
      if (after === undefined) this.fail(annotation, "malformed section kind");
      if (kinds[3 + pos] !== TOKEN.close) this.fail(annotation, "malformed placement");
      pos += 4;
    }
    const pieces: Uint8Array[] = [];
    for (; kinds[pos] === TOKEN.string; pos++) pieces.push(decodeString(text, starts[pos], ends[pos]));
    if (pos !== count - 1) this.fail(annotation, "unexpected token");
    return { name, bytes: concatenate(pieces), after };
  }
}

/** The section that a custom section placed so follows: 0 for none. */
function place(direction: string, kind: string): number | undefined {
  if (kind === "first" && direction === "before") return 0;
  if (kind === "last" && direction === "after") return LAST;
  const id = kind === "first" ? SECTION_ORDER[0] : kind === "last" ? LAST : sectionKinds.get(kind);
  if (id === undefined || direction === "after") return id;
  const index = SECTION_ORDER.indexOf(id);
  return index === 0 ? 0 : SECTION_ORDER[index - 1];
}

export function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const bytes = new Uint8Array(length);
  length = 0;
  for (const piece of pieces) {
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes;
}

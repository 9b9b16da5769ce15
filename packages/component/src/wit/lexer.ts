import { type Span, WitError, type WitSource } from "./source.ts";

/** What a token is. A keyword's kind is `keyword`, and its text says which one. */
export type TokenKind = "end" | "id" | "keyword" | "integer" | "string" | "punctuation";

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** The name of an identifier without `%`, the characters of a string, otherwise what is written. */
  readonly text: string;
  /** The comments between the token before and this one, as they are written. */
  readonly comments: readonly Span[];
}

/** Words that are no identifiers unless `%` precedes them (WIT, "Keywords"). */
export const keywords: ReadonlySet<string> = new Set(
  (
    "as async bool borrow char constructor enum error-context export f32 f64 flags from func future import include " +
    "interface list map option own package record resource result s16 s32 s64 s8 static stream string tuple type " +
    "u16 u32 u64 u8 use variant with world"
  ).split(" "),
);

const WORD = /[a-zA-Z][0-9a-zA-Z-]*/y;
const LABEL = /^(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*$/;
const INTEGER = /[0-9]+/y;
const VERSION =
  /[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?/y;
const SEMVER =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+.*)?$/;
/** Control codes, bidirectional overrides and code points that Unicode deprecates (WIT, "Lexical structure"). */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u0149\u0673\u0f77\u0f79\u17a3\u17a4\u17b4\u17b5\u202a-\u202e\u2066-\u2069]/;

/** Reads the tokens of a source one by one, with one token of look-ahead. */
export class Lexer {
  readonly source: WitSource;
  private position = 0;
  private ahead: Token | undefined;

  /** @throws WitError for characters that no WIT text may have */
  constructor(source: WitSource) {
    this.source = source;
    const found = FORBIDDEN.exec(source.text);
    if (found !== null) {
      const code = source.text.charCodeAt(found.index).toString(16).padStart(4, "0");
      throw this.error(`the character U+${code.toUpperCase()} is not allowed`, found.index, found.index + 1);
    }
    if (source.text.startsWith("\ufeff")) this.position = 1;
  }

  span(start: number, end: number): Span {
    return { source: this.source, start, end };
  }

  error(reason: string, start: number, end: number): WitError {
    return new WitError(reason, this.span(start, end));
  }

  /** The next token, which stays the next one. */
  peek(): Token {
    return (this.ahead ??= this.read());
  }

  next(): Token {
    const token = this.peek();
    this.ahead = undefined;
    this.position = token.end;
    return token;
  }

  /** Reads a version by Semantic Versioning 2.0. */
  version(): { readonly text: string; readonly span: Span } {
    const { start } = this.peek();
    VERSION.lastIndex = start;
    const text = VERSION.exec(this.source.text)?.[0];
    if (text === undefined) throw this.expected("a version such as 1.0.0", this.peek());
    const end = start + text.length;
    if (!SEMVER.test(text)) throw this.error(`\`${text}\` is not a semantic version`, start, end);
    this.ahead = undefined;
    this.position = end;
    return { text, span: this.span(start, end) };
  }

  expected(what: string, token: Token): WitError {
    return this.error(`expected ${what}, found ${describe(token)}`, token.start, token.end);
  }

  private read(): Token {
    const { text } = this.source;
    const comments: Span[] = [];
    const start = this.skip(comments);
    const make = (kind: TokenKind, end: number, value = text.slice(start, end)): Token => ({
      kind,
      start,
      end,
      text: value,
      comments,
    });
    if (start >= text.length) return make("end", start);
    const char = text[start];
    if (char === '"') {
      const { value, end } = this.string(start);
      return make("string", end, value);
    }
    if (text.startsWith("->", start)) return make("punctuation", start + 2);
    if ("=,:;(){}<>*/.@_".includes(char)) return make("punctuation", start + 1);
    INTEGER.lastIndex = start;
    const digits = INTEGER.exec(text)?.[0];
    if (digits !== undefined) return make("integer", start + digits.length);
    const escaped = char === "%";
    WORD.lastIndex = escaped ? start + 1 : start;
    const word = WORD.exec(text)?.[0];
    if (word === undefined) {
      const shown = String.fromCodePoint(text.codePointAt(start) as number);
      throw this.error(`unexpected character '${shown}'`, start, start + shown.length);
    }
    const end = WORD.lastIndex;
    if (!escaped && keywords.has(word)) return make("keyword", end);
    if (!LABEL.test(word)) throw this.error(`\`${word}\` is not in kebab case`, start, end);
    return make("id", end, word);
  }

  /** Skips whitespace and comments. @returns the offset of what follows */
  private skip(comments: Span[]): number {
    const { text } = this.source;
    let position = this.position;
    while (position < text.length) {
      const char = text[position];
      if (char === " " || char === "\n" || char === "\r" || char === "\t") position++;
      else if (text.startsWith("//", position)) {
        const newline = text.indexOf("\n", position);
        const end = newline < 0 ? text.length : newline;
        comments.push(this.span(position, end));
        position = end;
      } else if (text.startsWith("/*", position)) {
        const end = this.blockComment(position);
        comments.push(this.span(position, end));
        position = end;
      } else break;
    }
    return position;
  }

  /** The end of a block comment, which may hold others. */
  private blockComment(start: number): number {
    const { text } = this.source;
    const edge = /\/\*|\*\//g;
    edge.lastIndex = start;
    let depth = 0;
    for (let found = edge.exec(text); found !== null; found = edge.exec(text)) {
      depth += found[0] === "/*" ? 1 : -1;
      if (depth === 0) return edge.lastIndex;
    }
    throw this.error("unterminated block comment", start, start + 2);
  }

  /** A string literal, as in the core's text format. */
  private string(start: number): { readonly value: string; readonly end: number } {
    const { text } = this.source;
    let value = "";
    let position = start + 1;
    for (;;) {
      const char = text[position];
      if (char === undefined || char === "\n") throw this.error("unterminated string literal", start, start + 1);
      position++;
      if (char === '"') return { value, end: position };
      if (char !== "\\") {
        value += char;
        continue;
      }
      const simple: Record<string, string | undefined> = {
        n: "\n",
        t: "\t",
        r: "\r",
        '"': '"',
        "'": "'",
        "\\": "\\",
      };
      const escaped = text[position] ?? "";
      const plain = Object.hasOwn(simple, escaped) ? simple[escaped] : undefined;
      const long = /u\{([0-9a-fA-F]{1,6})\}/y;
      const short = /[0-7][0-9a-fA-F]/y;
      long.lastIndex = short.lastIndex = position;
      const code = long.exec(text)?.[1] ?? short.exec(text)?.[0];
      if (plain !== undefined) {
        value += plain;
        position++;
      } else if (code !== undefined) {
        const scalar = Number.parseInt(code, 16);
        if (scalar > 0x10ffff || (scalar >= 0xd800 && scalar < 0xe000))
          throw this.error("an escape that is no Unicode scalar value", position - 1, position + 1);
        value += String.fromCodePoint(scalar);
        position = escaped === "u" ? long.lastIndex : short.lastIndex;
      } else throw this.error("unknown escape in a string", position - 1, position + 1);
    }
  }
}

function describe({ kind, text }: Token): string {
  switch (kind) {
    case "end":
      return "eof";
    case "keyword":
      return `keyword \`${text}\``;
    case "id":
      return `\`${text}\``;
    case "integer":
      return "an integer";
    case "string":
      return "a string";
    case "punctuation":
      return `'${text}'`;
  }
}

import type { SourceText } from "./source.ts";
import { decodeName, hexDigit } from "./strings.ts";

/** What a token is, as far as its characters say (specification, 6.3.1). A number is only checked where one is read. */
export const TOKEN = {
  /** The end of the text. */
  end: 0,
  /** `(` */
  open: 1,
  /** `)` */
  close: 2,
  string: 3,
  /** `$name` or `$"name"` */
  identifier: 4,
  /** Begins with a small letter: keywords, `inf`, `nan`, `offset=8` */
  word: 5,
  /** Begins with a digit or a sign. */
  number: 6,
  /** Characters that are no token but could be one of a later version of the language. */
  reserved: 7,
} as const;

/** An annotation with a known name, `(@name …)`, kept aside from the tokens. */
export interface Annotation {
  readonly name: string;
  /** Index of the token that follows it. */
  readonly token: number;
  /** Offset of its parenthesis, and of what it holds. */
  readonly start: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** The annotations that mean something here; all others are skipped as comments are. */
export const knownAnnotations: ReadonlySet<string> = new Set([
  "custom",
  "name",
  "datacount",
  "metadata.code.branch_hint",
]);

/** The tokens of a text, column by column: three machine words each, so that a long text costs little more than itself. */
export class Tokens {
  kinds: Uint8Array = new Uint8Array(64);
  starts: Int32Array = new Int32Array(64);
  ends: Int32Array = new Int32Array(64);
  count = 0;
  readonly annotations: Annotation[] = [];

  add(kind: number, start: number, end: number): void {
    if (this.count === this.kinds.length) this.grow();
    this.kinds[this.count] = kind;
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count++;
  }

  private grow(): void {
    const size = this.count * 2;
    const { kinds, starts, ends } = this;
    (this.kinds = new Uint8Array(size)).set(kinds);
    (this.starts = new Int32Array(size)).set(starts);
    (this.ends = new Int32Array(size)).set(ends);
  }
}

const IDENTIFIER = 1;
const SPACE = 2;
const PUNCTUATION = 4;

/** Classes of the ASCII characters. */
const classes: Uint8Array = (() => {
  const list = new Uint8Array(128);
  for (let code = 0x21; code < 0x7f; code++) list[code] = IDENTIFIER;
  for (const char of '"()') list[char.charCodeAt(0)] = 0;
  for (const char of ",;[]{}") list[char.charCodeAt(0)] = PUNCTUATION;
  for (const char of " \t\n\r") list[char.charCodeAt(0)] = SPACE;
  return list;
})();

const QUOTE = 0x22;
const DOLLAR = 0x24;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const AT = 0x40;
const BACKSLASH = 0x5c;

/**
 * Splits `source.text` from `start` to `end` into tokens, a last one of kind {@link TOKEN.end} included.
 *
 * @throws MalformedError for characters, strings, comments, identifiers and annotations that are not well formed
 */
export function tokenize(source: SourceText, start = 0, end: number = source.text.length): Tokens {
  const tokens = new Tokens();
  new Lexer(source, end).run(tokens, start);
  return tokens;
}

class Lexer {
  private readonly source: SourceText;
  private readonly text: string;
  private readonly end: number;

  constructor(source: SourceText, end: number) {
    this.source = source;
    this.text = source.text;
    this.end = end;
  }

  run(tokens: Tokens, start: number): void {
    const { text, end } = this;
    let pos = start;
    while (pos < end) {
      const code = text.charCodeAt(pos);
      if (code === OPEN) {
        const next = pos + 1 < end ? text.charCodeAt(pos + 1) : 0;
        if (next === SEMICOLON) pos = this.skipBlockComment(pos);
        else if (next === AT) pos = this.annotation(tokens, pos);
        else {
          tokens.add(TOKEN.open, pos, pos + 1);
          pos++;
        }
      } else if (code === CLOSE) {
        tokens.add(TOKEN.close, pos, pos + 1);
        pos++;
      } else if (code < 128 && classes[code] === SPACE) {
        pos++;
      } else if (code === SEMICOLON && pos + 1 < end && text.charCodeAt(pos + 1) === SEMICOLON) {
        pos = this.skipLine(pos);
      } else {
        const next = this.takeRun(pos);
        tokens.add(this.classify(pos, next), pos, next);
        pos = next;
      }
    }
    tokens.add(TOKEN.end, end, end);
  }

  /** The end of the longest run of identifier characters, strings and reserved punctuation: one token, whatever it is. */
  private takeRun(start: number): number {
    const { text, end } = this;
    let pos = start;
    while (pos < end) {
      const code = text.charCodeAt(pos);
      if (code === QUOTE) pos = this.skipString(pos);
      else if (code >= 128 || (classes[code] & (IDENTIFIER | PUNCTUATION)) === 0) break;
      else if (code === SEMICOLON && pos + 1 < end && text.charCodeAt(pos + 1) === SEMICOLON) break;
      else pos++;
    }
    if (pos === start) this.illegal(pos);
    return pos;
  }

  private illegal(pos: number): never {
    const code = this.text.codePointAt(pos)!;
    return this.source.fail(`illegal character U+${code.toString(16).toUpperCase().padStart(4, "0")}`, pos);
  }

  private classify(start: number, end: number): number {
    const { text } = this;
    const first = text.charCodeAt(start);
    if (first === QUOTE) return this.skipString(start) === end ? TOKEN.string : TOKEN.reserved;
    if (first === DOLLAR) {
      if (end === start + 1 || text.startsWith('""', start + 1)) this.source.fail("empty identifier", start);
      if (text.charCodeAt(start + 1) === QUOTE)
        return this.skipString(start + 1) === end ? TOKEN.identifier : TOKEN.reserved;
    }
    for (let pos = start; pos < end; pos++) {
      const code = text.charCodeAt(pos);
      if (code >= 128 || classes[code] !== IDENTIFIER) return TOKEN.reserved;
    }
    if (first === DOLLAR) return TOKEN.identifier;
    if (first >= 0x61 && first <= 0x7a) return TOKEN.word;
    if ((first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d) return TOKEN.number;
    return TOKEN.reserved;
  }

  private skipLine(pos: number): number {
    const { text, end } = this;
    while (pos < end) {
      const code = text.charCodeAt(pos);
      if (code === 10 || code === 13) break;
      pos++;
    }
    return pos;
  }

  private skipBlockComment(start: number): number {
    const { text, end } = this;
    let depth = 0;
    for (let pos = start; pos + 1 < end; pos++) {
      const code = text.charCodeAt(pos);
      if (code === OPEN && text.charCodeAt(pos + 1) === SEMICOLON) {
        depth++;
        pos++;
      } else if (code === SEMICOLON && text.charCodeAt(pos + 1) === CLOSE) {
        pos++;
        if (--depth === 0) return pos + 1;
      }
    }
    return this.source.fail("unclosed comment", start);
  }

  /** Checks the string that begins at `start`, and returns the offset after its closing quote. */
  private skipString(start: number): number {
    const { text, end, source } = this;
    let pos = start + 1;
    while (pos < end) {
      const code = text.charCodeAt(pos);
      if (code === QUOTE) return pos + 1;
      if (code === BACKSLASH) pos = this.skipEscape(pos);
      else if (code === 10 || code === 13) source.fail("unclosed string", start);
      else if (code < 0x20 || code === 0x7f) this.illegal(pos);
      else if (code >= 0xd800 && code < 0xe000) {
        const next = pos + 1 < end ? text.charCodeAt(pos + 1) : 0;
        if (code >= 0xdc00 || next < 0xdc00 || next > 0xdfff) source.fail("malformed UTF-8 encoding", pos);
        pos += 2;
      } else pos++;
    }
    return source.fail("unclosed string", start);
  }

  private skipEscape(start: number): number {
    const { text, end, source } = this;
    const code = start + 1 < end ? text.charCodeAt(start + 1) : 0;
    if (code === QUOTE || code === 0x27 || code === BACKSLASH || code === 0x74 || code === 0x6e || code === 0x72)
      return start + 2;
    if (code === 0x75 && text.charCodeAt(start + 2) === 0x7b) {
      let value = 0;
      let digits = 0;
      let pos = start + 3;
      for (; pos < end; pos++) {
        const next = text.charCodeAt(pos);
        const digit = hexDigit(next);
        if (digit >= 0) {
          value = Math.min(value * 16 + digit, 0x110000);
          digits++;
        } else if (next !== 0x5f || hexDigit(text.charCodeAt(pos - 1)) < 0 || hexDigit(text.charCodeAt(pos + 1)) < 0) {
          break;
        }
      }
      if (digits === 0 || pos >= end || text.charCodeAt(pos) !== 0x7d) source.fail("illegal escape", start);
      if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) source.fail("malformed UTF-8 encoding", start);
      return pos + 1;
    }
    if (start + 2 < end && hexDigit(code) >= 0 && hexDigit(text.charCodeAt(start + 2)) >= 0) return start + 3;
    return source.fail("illegal escape", start);
  }

  /** The annotation at `start`: noted when its name is known, and skipped. */
  private annotation(tokens: Tokens, start: number): number {
    const { text, end, source } = this;
    let bodyStart = start + 2;
    let name = "";
    if (bodyStart < end && text.charCodeAt(bodyStart) === QUOTE) {
      bodyStart = this.skipString(bodyStart);
      name = decodeName(text, start + 2, bodyStart) ?? source.fail("malformed UTF-8 encoding", start + 2);
    } else {
      while (bodyStart < end) {
        const code = text.charCodeAt(bodyStart);
        if (code >= 128 || classes[code] !== IDENTIFIER) break;
        bodyStart++;
      }
      name = text.slice(start + 2, bodyStart);
    }
    if (name === "") source.fail("empty annotation id", start);
    const stop = this.skipAnnotation(start, bodyStart);
    if (knownAnnotations.has(name))
      tokens.annotations.push({ name, token: tokens.count, start, bodyStart, bodyEnd: stop - 1 });
    return stop;
  }

  /** Past the parenthesis that closes the annotation whose contents begin at `pos`; whatever has the form of tokens may stand in it. */
  private skipAnnotation(start: number, pos: number): number {
    const { text, end } = this;
    for (let depth = 1; pos < end; ) {
      const code = text.charCodeAt(pos);
      if (code === OPEN && pos + 1 < end && text.charCodeAt(pos + 1) === SEMICOLON) {
        pos = this.skipBlockComment(pos);
      } else if (code === SEMICOLON && pos + 1 < end && text.charCodeAt(pos + 1) === SEMICOLON) {
        pos = this.skipLine(pos);
      } else if (code === QUOTE) {
        pos = this.skipString(pos);
      } else {
        if (code >= 128 || (code < 0x20 && classes[code] !== SPACE) || code === 0x7f) this.illegal(pos);
        pos++;
        if (code === OPEN) depth++;
        else if (code === CLOSE && --depth === 0) return pos;
      }
    }
    return this.source.fail("unclosed annotation", start);
  }
}

import { instructionsByName } from "../wasm/instructions.ts";
import { abstractHeapTypes, referenceShorthands } from "../wasm/types.ts";
import { AnnotationTable } from "./annotations.ts";
import { f64Literal } from "./floats.ts";
import { type IntegerLiteral, integerLiteral, smallDecimal } from "./integers.ts";
import { TOKEN, type Tokens, tokenize } from "./lexer.ts";
import type { SourceText } from "./source.ts";
import { decodeName } from "./strings.ts";

/** Words of the grammar that are neither instructions nor types: a word that is none of all these is an unknown operator. */
const grammarWords: ReadonlySet<string> = new Set(
  `module definition instance quote binary type rec sub final func struct array field mut param result local import export
  start global table memory tag elem data declare offset item then do catch catch_ref catch_all_ref shared pagesize
  i32 i64 f32 f64 v128 i8 i16 ref null i8x16 i16x8 i32x4 i64x2 f32x4 f64x2 inf nan`.split(/\s+/),
);

function isKnownWord(word: string): boolean {
  return (
    grammarWords.has(word) ||
    instructionsByName.has(word) ||
    abstractHeapTypes.has(word) ||
    referenceShorthands.has(word) ||
    /^(offset|align)=|^nan:/.test(word)
  );
}

/** A place among the tokens of a text, and what the grammar's rules ask of it. Every failure names its line and column. */
export class Cursor {
  readonly source: SourceText;
  readonly text: string;
  readonly tokens: Tokens;
  readonly annotations: AnnotationTable;
  /** Index of the next token. */
  pos = 0;

  constructor(source: SourceText, tokens: Tokens = tokenize(source)) {
    this.source = source;
    this.text = source.text;
    this.tokens = tokens;
    this.annotations = new AnnotationTable(source, tokens.annotations);
  }

  kind(at: number = this.pos): number {
    return this.tokens.kinds[at];
  }

  /** The characters of a token. */
  word(at: number = this.pos): string {
    return this.text.slice(this.tokens.starts[at], this.tokens.ends[at]);
  }

  /** Offset of a token in the text. */
  offset(at: number = this.pos): number {
    return this.tokens.starts[at];
  }

  isWord(word: string, at: number = this.pos): boolean {
    const { starts, ends, kinds } = this.tokens;
    return kinds[at] === TOKEN.word && ends[at] - starts[at] === word.length && this.text.startsWith(word, starts[at]);
  }

  /** Whether `(word` comes next. */
  isOpen(word: string, at: number = this.pos): boolean {
    return this.tokens.kinds[at] === TOKEN.open && this.isWord(word, at + 1);
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.pos++;
    return true;
  }

  takeOpen(word: string): boolean {
    if (!this.isOpen(word)) return false;
    this.pos += 2;
    return true;
  }

  open(word: string): void {
    if (!this.takeOpen(word)) this.unexpected(`(${word}`);
  }

  close(): void {
    if (this.kind() !== TOKEN.close) this.unexpected(")");
    this.pos++;
  }

  fail(reason: string, at: number = this.pos): never {
    return this.source.fail(reason, this.tokens.starts[at]);
  }

  /** The token is not what the grammar has here, or no token of the language at all. */
  unexpected(expected: string, at: number = this.pos): never {
    const kind = this.kind(at);
    const word = shorten(this.word(at));
    if (kind === TOKEN.end) return this.fail(`unexpected token: end of text, expected ${expected}`, at);
    const unknown =
      kind === TOKEN.reserved ||
      (kind === TOKEN.word && !isKnownWord(word)) ||
      (kind === TOKEN.number && !/^[+-]?(inf|nan|[0-9])/.test(word));
    return this.fail(`${unknown ? "unknown operator" : "unexpected token"} ${word}, expected ${expected}`, at);
  }

  isNumber(): boolean {
    return this.kind() === TOKEN.number;
  }

  /** Whether an index comes next: a number or an identifier. */
  isIndex(): boolean {
    const kind = this.kind();
    return kind === TOKEN.number || kind === TOKEN.identifier;
  }

  /** The name of an identifier token, without its dollar sign. */
  identifierName(at: number = this.pos): string {
    const start = this.tokens.starts[at] + 1;
    const end = this.tokens.ends[at];
    if (this.text.charCodeAt(start) !== 0x22) return this.text.slice(start, end);
    return decodeName(this.text, start, end) ?? this.fail("malformed UTF-8 encoding", at);
  }

  optionalIdentifier(): string | undefined {
    return this.kind() === TOKEN.identifier ? this.identifierName(this.pos++) : undefined;
  }

  /** The name in a string literal. */
  name(what = "a name"): string {
    if (this.kind() !== TOKEN.string) this.unexpected(what);
    const at = this.pos++;
    return (
      decodeName(this.text, this.tokens.starts[at], this.tokens.ends[at]) ?? this.fail("malformed UTF-8 encoding", at)
    );
  }

  /** The integer literal of a token. */
  integer(at: number, what: string): IntegerLiteral {
    if (this.kind(at) !== TOKEN.number) this.unexpected(what, at);
    return integerLiteral(this.word(at)) ?? this.wrongLiteral(what, at);
  }

  /** A number is no literal of the kind that is wanted: one of another kind is out of place, anything else no token at all. */
  wrongLiteral(what: string, at: number = this.pos): never {
    const word = this.word(at);
    const known = f64Literal(word) !== "unknown operator" || /^[+-]?nan:(canonical|arithmetic)$/.test(word);
    return this.fail(`${known ? "unexpected token" : "unknown operator"} ${shorten(word)}, expected ${what}`, at);
  }

  /** An unsigned 32-bit number. */
  u32(what: string): number {
    const small = this.kind() === TOKEN.number ? smallDecimal(this.word()) : -1;
    if (small >= 0) {
      this.pos++;
      return small;
    }
    return Number(this.unsigned(32, what));
  }

  /** An unsigned 64-bit number. */
  u64(what: string): bigint {
    return this.unsigned(64, what);
  }

  private unsigned(bits: number, what: string): bigint {
    const at = this.pos++;
    const { sign, magnitude } = this.integer(at, what);
    if (sign !== "") this.fail(`unexpected token ${this.word(at)}, expected ${what}`, at);
    if (magnitude === undefined || magnitude >> BigInt(bits) !== 0n)
      this.fail(`i${bits} constant out of range: ${shorten(this.word(at))}`, at);
    return magnitude;
  }

  /** Past the parenthesis that closes the one at `at`. */
  skipParenthesized(at: number): number {
    const { kinds } = this.tokens;
    let depth = 0;
    for (let pos = at; ; pos++) {
      const kind = kinds[pos];
      if (kind === TOKEN.open) depth++;
      else if (kind === TOKEN.close && --depth === 0) return pos + 1;
      else if (kind === TOKEN.end) this.unexpected(")", pos);
    }
  }
}

/** Literals can be megabytes long; an error shows their beginning. */
export function shorten(word: string): string {
  return word.length <= 60 ? word : `${word.slice(0, 57)}...`;
}

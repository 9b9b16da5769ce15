import { describe, expect, test } from "vitest";
import { MalformedError } from "../wasm/errors.ts";
import { TOKEN, tokenize } from "./lexer.ts";
import { SourceText } from "./source.ts";
import { decodeName, decodeString, quoteBytes, quoteName } from "./strings.ts";

function lex(text: string): string[] {
  const tokens = tokenize(new SourceText(text));
  const kinds = Object.keys(TOKEN);
  return Array.from({ length: tokens.count - 1 }, (_, i) => {
    const word = text.slice(tokens.starts[i], tokens.ends[i]);
    return tokens.kinds[i] === TOKEN.open || tokens.kinds[i] === TOKEN.close
      ? word
      : `${kinds[tokens.kinds[i]]} ${word}`;
  });
}

function failure(text: string): string {
  try {
    tokenize(new SourceText(text));
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedError);
    return (error as MalformedError).message;
  }
  return "no error";
}

describe("tokens", () => {
  test.each([
    ["(func $f nop)", ["(", "word func", "identifier $f", "word nop", ")"]],
    ['(data"a")', ["(", 'reserved data"a"', ")"]],
    ['"a""b"', ['reserved "a""b"']],
    ['$"a b" $x$y', ['identifier $"a b"', "identifier $x$y"]],
    ['$a"b" 0$l', ['reserved $a"b"', "number 0$l"]],
    ["-1 +0x1p-3 inf nan:0x1", ["number -1", "number +0x1p-3", "word inf", "word nan:0x1"]],
    ["a,b {x} ; Abc", ["reserved a,b", "reserved {x}", "reserved ;", "reserved Abc"]],
    ["a;;b\nc;;\rd", ["word a", "word c", "word d"]],
    ["a(;(;;)x;)b(;;)", ["word a", "word b"]],
    ['(@x (y) "z)" , ;)nop', ["word nop"]],
    ['(@"x y" (;)(;;);))nop', ["word nop"]],
    ["", []],
  ])("%s", (text, expected) => expect(lex(text)).toEqual(expected));

  test("known annotations are kept, with the token that they stand before", () => {
    const { annotations } = tokenize(new SourceText('(module (@name "x") (func) (@custom "y"))'));
    expect(annotations.map(({ name, token }) => [name, token])).toEqual([
      ["name", 2],
      ["custom", 5],
    ]);
  });
});

describe("what is no token", () => {
  test.each([
    ["$", "empty identifier (at 1:1)"],
    ['nop\n  $""', "empty identifier (at 2:3)"],
    ["(@ x)", "empty annotation id (at 1:1)"],
    ['(@"")', "empty annotation id (at 1:1)"],
    ["(@x (y)", "unclosed annotation (at 1:1)"],
    ["nop (; (; ;)", "unclosed comment (at 1:5)"],
    ['"abc', "unclosed string (at 1:1)"],
    ['"a\nb"', "unclosed string (at 1:1)"],
    ['"\u0001"', "illegal character U+0001 (at 1:2)"],
    ["n\u00e9", "illegal character U+00E9 (at 1:2)"],
    ["(@a \u007f)", "illegal character U+007F (at 1:5)"],
    ["\u{1f600}", "illegal character U+1F600 (at 1:1)"],
    ['"\\x"', "illegal escape (at 1:2)"],
    ['"\\u{d800}"', "malformed UTF-8 encoding (at 1:2)"],
    ['"\\u{110000}"', "malformed UTF-8 encoding (at 1:2)"],
    ['"\\u{}"', "illegal escape (at 1:2)"],
    ['"\\u{1__0}"', "illegal escape (at 1:2)"],
    ['"\ud800"', "malformed UTF-8 encoding (at 1:2)"],
    ['"\udc00\ud800"', "malformed UTF-8 encoding (at 1:2)"],
    ['(@"\\ff")', "malformed UTF-8 encoding (at 1:3)"],
  ])("%j: %s", (text, message) => expect(failure(text)).toBe(message));
});

describe("strings", () => {
  const bytes = (literal: string): number[] => [...decodeString(literal, 0, literal.length)];

  test("escapes become bytes", () => {
    expect(bytes('"a\\t\\n\\r\\"\\\'\\\\\\00\\fF"')).toEqual([97, 9, 10, 13, 34, 39, 92, 0, 255]);
    expect(bytes('"\\u{e9}\\u{1_f600}\u00e9"')).toEqual([0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xc3, 0xa9]);
  });

  test("a name must be UTF-8", () => {
    expect(decodeName('"\\c3\\a9"', 0, 8)).toBe("\u00e9");
    expect(decodeName('"\\c3"', 0, 5)).toBeUndefined();
  });

  test("what is quoted is read back", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const literal = quoteBytes(all);
    expect(bytes(literal)).toEqual([...all]);
    for (const name of ["", 'a"b\\c', "\u0000\n\u007f", "\u00e9\u202e\u{1f600}"]) {
      const quoted = quoteName(name);
      tokenize(new SourceText(quoted));
      expect(decodeName(quoted, 0, quoted.length)).toBe(name);
    }
  });
});

test("lines end with a line feed, a carriage return or both", () => {
  const source = new SourceText("a\nb\r\nc\rd");
  expect([0, 2, 5, 7, 8].map((offset) => source.positionAt(offset))).toEqual([
    { line: 1, column: 1 },
    { line: 2, column: 1 },
    { line: 3, column: 1 },
    { line: 4, column: 1 },
    { line: 4, column: 2 },
  ]);
});

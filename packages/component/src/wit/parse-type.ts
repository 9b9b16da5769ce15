import type { Tokens } from "./parser.ts";
import type { TypeSyntax } from "./syntax.ts";

/** How deep a type may nest. */
const TYPE_NESTING = 100;

const primitives: ReadonlySet<string> = new Set(
  "bool u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 char string error-context".split(" "),
);

const mapKeys: ReadonlySet<string> = new Set("bool u8 u16 u32 u64 s8 s16 s32 s64 char string".split(" "));

/** Parses a type (WIT, "Types"). */
export function parseType(tokens: Tokens, depth = 0): TypeSyntax {
  const { lexer } = tokens;
  const token = tokens.peek();
  if (depth > TYPE_NESTING - 1 && token.kind === "keyword" && !primitives.has(token.text))
    throw lexer.error("type nesting too deep", token.start, token.end);
  const span = lexer.span(token.start, token.end);
  if (token.kind === "id") return { kind: "name", id: tokens.id(), span };
  if (token.kind !== "keyword") throw lexer.expected("a type", token);
  const { text } = token;
  if (primitives.has(text)) {
    tokens.next();
    return { kind: "primitive", name: text, span };
  }
  const inner = (): TypeSyntax => parseType(tokens, depth + 1);
  switch (text) {
    case "list": {
      tokens.next();
      tokens.expect("<");
      const element = inner();
      const length = tokens.eat(",") ? fixedLength(tokens) : undefined;
      tokens.expect(">");
      return { kind: "list", element, length, span };
    }
    case "option": {
      tokens.next();
      tokens.expect("<");
      const element = inner();
      tokens.expect(">");
      return { kind: "option", element, span };
    }
    case "tuple":
      tokens.next();
      tokens.expect("<");
      return { kind: "tuple", types: tokens.list(">", inner), span };
    case "stream":
    case "future": {
      tokens.next();
      if (!tokens.eat("<")) return { kind: text, element: undefined, span };
      const element = inner();
      tokens.expect(">");
      return { kind: text, element, span };
    }
    case "own":
    case "borrow": {
      tokens.next();
      tokens.expect("<");
      const id = tokens.id();
      tokens.expect(">");
      return { kind: text, id, span };
    }
    case "map": {
      tokens.next();
      tokens.expect("<");
      const key = inner();
      if (key.kind !== "primitive" || !mapKeys.has(key.name))
        throw lexer.error(
          `invalid map key type: map keys must be ${[...mapKeys].join(", ").replace(/, string$/, ", or string")}`,
          token.start,
          token.end,
        );
      tokens.expect(",");
      const value = inner();
      tokens.expect(">");
      return { kind: "map", key, value, span };
    }
    case "result": {
      tokens.next();
      if (!tokens.eat("<")) return { kind: "result", ok: undefined, error: undefined, span };
      if (tokens.eat("_")) {
        tokens.expect(",");
        const error = inner();
        tokens.expect(">");
        return { kind: "result", ok: undefined, error, span };
      }
      const ok = inner();
      const error = tokens.eat(",") ? inner() : undefined;
      tokens.expect(">");
      return { kind: "result", ok, error, span };
    }
    default:
      throw lexer.expected("a type", token);
  }
}

function fixedLength(tokens: Tokens): number {
  const token = tokens.peek();
  if (token.kind !== "integer") throw tokens.lexer.expected("fixed-length", token);
  const length = Number(token.text);
  if (length < 1 || length > 0xffff_ffff)
    throw tokens.lexer.error("the length of a list is from 1 to 4294967295", token.start, token.end);
  tokens.next();
  return length;
}

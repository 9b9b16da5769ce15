import { Lexer, type Token } from "./lexer.ts";
import { parseType } from "./parse-type.ts";
import { type Span, WitError, type WitSource } from "./source.ts";
import type {
  CaseSyntax,
  ExternItem,
  FileItem,
  FileSyntax,
  FunctionSyntax,
  Gate,
  Id,
  IncludeItem,
  InterfaceMember,
  MethodSyntax,
  PackageHeader,
  PackageId,
  Path,
  Preamble,
  TypeBody,
  TypeItem,
  UseItem,
  WorldMember,
} from "./syntax.ts";

/** How deep packages may nest before the parser stops. Only one level has a meaning. */
const PACKAGE_NESTING = 100;

/**
 * Parses one WIT file. Names are not resolved.
 *
 * @throws WitError with the place of the first token that does not fit the grammar (WIT, "Top-level items")
 */
export function parseFile(source: WitSource): FileSyntax {
  return new Parser(new Lexer(source)).file();
}

/** The tokens with the small steps that all of the grammar uses. */
export class Tokens {
  readonly lexer: Lexer;

  constructor(lexer: Lexer) {
    this.lexer = lexer;
  }

  peek(): Token {
    return this.lexer.peek();
  }

  next(): Token {
    return this.lexer.next();
  }

  /** Whether the next token is this keyword or punctuation. */
  at(text: string): boolean {
    const token = this.peek();
    return (token.kind === "keyword" || token.kind === "punctuation") && token.text === text;
  }

  /** Reads the next token if it is this keyword or punctuation. */
  eat(text: string): boolean {
    if (!this.at(text)) return false;
    this.next();
    return true;
  }

  expect(text: string): Token {
    if (this.at(text)) return this.next();
    const name = /^[a-z]/.test(text) ? `keyword \`${text}\`` : `'${text}'`;
    throw this.lexer.expected(name, this.peek());
  }

  id(what = "an identifier or string"): Id {
    const token = this.peek();
    if (token.kind !== "id") throw this.lexer.expected(what, token);
    this.next();
    return { name: token.text, span: this.lexer.span(token.start, token.end) };
  }

  /** An identifier or keyword whose name is known, as in the fields of a gate. */
  word(name: string): void {
    const token = this.peek();
    if (token.kind !== "id" && token.kind !== "keyword") throw this.lexer.expected("an identifier or string", token);
    if (token.text !== name)
      throw this.lexer.error(`expected \`${name}\`, found \`${token.text}\``, token.start, token.end);
    this.next();
  }

  /** Items with commas between them, and one after the last if the text has it, up to a closing token. */
  list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.eat(close)) {
      items.push(item());
      if (!this.eat(",")) {
        this.expect(close);
        break;
      }
    }
    return items;
  }
}

class Parser extends Tokens {
  file(): FileSyntax {
    let header: PackageHeader | undefined;
    const items: FileItem[] = [];
    if (this.at("package")) {
      const first = this.packageHeader();
      if (this.eat(";")) header = first;
      else items.push({ kind: "package", ...first, items: this.packageBody(1) });
    }
    while (this.peek().kind !== "end") items.push(this.fileItem(0));
    return { header, items };
  }

  private packageHeader(): PackageHeader {
    const { comments, end } = this.expect("package");
    const namespace = this.id();
    this.expect(":");
    const name = this.id();
    const span = this.lexer.span(namespace.span.start, Math.max(end, name.span.end));
    const id = { namespace: namespace.name, name: name.name, version: this.versionSuffix(), span };
    return { id, docs: docsOf(comments), docsSpan: comments[0] };
  }

  private versionSuffix(): string | undefined {
    return this.eat("@") ? this.lexer.version().text : undefined;
  }

  private packageBody(depth: number): FileItem[] {
    this.expect("{");
    const items: FileItem[] = [];
    while (!this.eat("}")) items.push(this.fileItem(depth));
    return items;
  }

  private fileItem(depth: number): FileItem {
    const token = this.peek();
    if (this.at("package")) {
      if (depth >= PACKAGE_NESTING) throw this.lexer.error("package nesting too deep", token.start, token.end);
      const header = this.packageHeader();
      return { kind: "package", ...header, items: this.packageBody(depth + 1) };
    }
    const preamble = this.preamble();
    if (this.eat("use")) {
      const path = this.path();
      const as = this.eat("as") ? this.id() : undefined;
      this.expect(";");
      return { kind: "file use", path, as };
    }
    if (this.eat("interface")) return { kind: "interface", ...preamble, id: this.id(), members: this.interfaceBody() };
    if (this.eat("world")) return { kind: "world", ...preamble, id: this.id(), members: this.worldBody() };
    throw this.lexer.expected("`world`, `interface` or `use`", this.peek());
  }

  private preamble(): Preamble {
    const { comments } = this.peek();
    let since: string | undefined;
    let unstable: string | undefined;
    let deprecated: string | undefined;
    let externalId: string | undefined;
    while (this.at("@")) {
      const { start } = this.next();
      const name = this.id();
      const span = this.lexer.span(start, name.span.end);
      const twice = (before: string | undefined): void => {
        if (before !== undefined) throw new WitError(`the attribute \`@${name.name}\` is repeated`, span);
      };
      this.expect("(");
      switch (name.name) {
        case "since":
          twice(since);
          since = this.versionField();
          break;
        case "deprecated":
          twice(deprecated);
          deprecated = this.versionField();
          break;
        case "unstable":
          twice(unstable);
          this.word("feature");
          this.expect("=");
          unstable = this.id().name;
          break;
        case "external-id": {
          twice(externalId);
          const token = this.peek();
          if (token.kind !== "string") throw this.lexer.expected("a string", token);
          externalId = this.next().text;
          break;
        }
        default:
          throw new WitError(`unknown attribute \`${name.name}\``, name.span);
      }
      this.expect(")");
      if (since !== undefined && unstable !== undefined)
        throw new WitError("an item is either `@since` a version or `@unstable`, not both", span);
    }
    if (deprecated !== undefined && since === undefined && unstable === undefined) {
      const { start, end } = this.peek();
      throw this.lexer.error("`@deprecated` needs `@since` or `@unstable` beside it", start, end);
    }
    const gate: Gate = { since, unstable, deprecated };
    return { docs: docsOf(comments), gate, externalId };
  }

  private versionField(): string {
    this.word("version");
    this.expect("=");
    return this.lexer.version().text;
  }

  private path(): Path {
    return this.pathAfter(this.id());
  }

  /** The rest of a path whose first identifier is read. */
  private pathAfter(first: Id): Path {
    if (!this.at(":")) return { package: undefined, id: first };
    this.next();
    const name = this.id();
    this.expect("/");
    const id = this.id();
    const span = this.lexer.span(first.span.start, name.span.end);
    const named: PackageId = { namespace: first.name, name: name.name, version: this.versionSuffix(), span };
    return { package: named, id };
  }

  private interfaceBody(): InterfaceMember[] {
    this.expect("{");
    const members: InterfaceMember[] = [];
    while (!this.eat("}")) members.push(this.interfaceMember());
    return members;
  }

  private interfaceMember(): InterfaceMember {
    const preamble = this.preamble();
    const found = this.useOrType(preamble);
    if (found !== undefined) return found;
    const id = this.id("`type`, `resource` or `func`");
    this.expect(":");
    return { kind: "func", ...this.functionAfterName(preamble, id) };
  }

  private useOrType(preamble: Preamble): UseItem | TypeItem | undefined {
    if (this.eat("use")) {
      const path = this.path();
      this.expect(".");
      this.expect("{");
      const names = this.list("}", () => ({ id: this.id(), as: this.eat("as") ? this.id() : undefined }));
      this.expect(";");
      return { kind: "use", ...preamble, path, names };
    }
    const { kind, text } = this.peek();
    if (kind !== "keyword") return undefined;
    switch (text) {
      case "type": {
        this.next();
        const id = this.id();
        this.expect("=");
        const type = parseType(this);
        this.expect(";");
        return { kind: "type", ...preamble, id, body: { kind: "alias", type } };
      }
      case "record":
      case "variant":
      case "enum":
      case "flags": {
        this.next();
        const id = this.id();
        return { kind: "type", ...preamble, id, body: this.compound(text, id) };
      }
      case "resource": {
        this.next();
        const id = this.id();
        const methods: MethodSyntax[] = [];
        if (!this.eat(";")) {
          this.expect("{");
          while (!this.eat("}")) methods.push(this.method());
        }
        return { kind: "type", ...preamble, id, body: { kind: "resource", methods } };
      }
      default:
        return undefined;
    }
  }

  private compound(kind: "record" | "variant" | "enum" | "flags", name: Id): TypeBody {
    this.expect("{");
    if (kind === "record") {
      const fields = this.list("}", () => {
        const docs = docsOf(this.peek().comments);
        const id = this.id();
        this.expect(":");
        return { docs, id, type: parseType(this) };
      });
      return { kind, fields };
    }
    const cases = this.list("}", (): CaseSyntax => {
      const docs = docsOf(this.peek().comments);
      const id = this.id();
      if (kind !== "variant" || !this.eat("(")) return { docs, id, type: undefined };
      const type = parseType(this);
      this.expect(")");
      return { docs, id, type };
    });
    if (cases.length === 0 && kind !== "flags") throw new WitError(`empty ${kind}`, name.span);
    return { kind, cases };
  }

  private method(): MethodSyntax {
    const preamble = this.preamble();
    const token = this.peek();
    if (this.eat("constructor")) {
      const id = { name: "constructor", span: this.lexer.span(token.start, token.end) };
      const params = this.params();
      const result = this.eat("->") ? parseType(this) : undefined;
      this.expect(";");
      return { kind: "constructor", ...preamble, id, async: false, params, result };
    }
    const id = this.id("`constructor` or identifier");
    this.expect(":");
    const kind = this.eat("static") ? "static" : "method";
    return { kind, ...this.functionAfterName(preamble, id) };
  }

  private functionAfterName(preamble: Preamble, id: Id): FunctionSyntax {
    const async = this.eat("async");
    this.expect("func");
    const params = this.params();
    const result = this.eat("->") ? parseType(this) : undefined;
    this.expect(";");
    return { ...preamble, id, async, params, result };
  }

  private params(): FunctionSyntax["params"] {
    this.expect("(");
    return this.list(")", () => {
      const id = this.id();
      this.expect(":");
      return { id, type: parseType(this) };
    });
  }

  private worldBody(): WorldMember[] {
    this.expect("{");
    const members: WorldMember[] = [];
    while (!this.eat("}")) members.push(this.worldMember());
    return members;
  }

  private worldMember(): WorldMember {
    const preamble = this.preamble();
    if (this.at("import") || this.at("export")) return this.extern(preamble, this.next().text as "import" | "export");
    if (this.eat("include")) return this.include(preamble);
    const found = this.useOrType(preamble);
    if (found !== undefined) return found;
    throw this.lexer.expected("`import`, `export`, `include`, `use`, or type definition", this.peek());
  }

  private include(preamble: Preamble): IncludeItem {
    const path = this.path();
    if (!this.eat("with")) {
      this.expect(";");
      return { kind: "include", ...preamble, path, names: [] };
    }
    this.expect("{");
    const names = this.list("}", () => {
      const id = this.id();
      this.expect("as");
      return { id, as: this.id() };
    });
    return { kind: "include", ...preamble, path, names };
  }

  private extern(preamble: Preamble, direction: "import" | "export"): ExternItem {
    const item = { kind: "extern", ...preamble, direction } as const;
    const id = this.id();
    // `a:b/c` is the path of an interface; `a: b` gives the interface `b` the name `a`.
    const colon = this.at(":") ? this.peek() : undefined;
    const glued =
      colon !== undefined &&
      colon.start === id.span.end &&
      /[%a-zA-Z]/.test(this.lexer.source.text[colon.end] ?? "") &&
      !this.keywordAt(colon.end);
    if (colon === undefined || glued) {
      const path = this.pathAfter(id);
      this.expect(";");
      return { ...item, id: undefined, value: { kind: "path", path } };
    }
    this.next();
    if (this.at("async") || this.at("func"))
      return { ...item, id, value: { kind: "func", func: this.functionAfterName(preamble, id) } };
    if (this.eat("interface")) return { ...item, id, value: { kind: "interface", members: this.interfaceBody() } };
    const token = this.peek();
    if (token.kind !== "id") throw this.lexer.expected("`func`, `interface` or the name of an interface", token);
    const path = this.path();
    this.expect(";");
    return { ...item, id, value: { kind: "path", path } };
  }

  /** Whether the text has a type of an import at an offset. */
  private keywordAt(offset: number): boolean {
    const word = /(?:func|async|interface)(?![0-9a-zA-Z-])/y;
    word.lastIndex = offset;
    return word.test(this.lexer.source.text);
  }
}

/** The documentation that the comments before an item hold; undefined when there are none. */
function docsOf(comments: readonly Span[]): string | undefined {
  if (comments.length === 0) return undefined;
  const lines: string[] = [];
  for (const { source, start, end } of comments) {
    const text = source.text.slice(start, end);
    if (text.startsWith("/*")) {
      const inner = text.replace(/^\/\*+/, "").replace(/\*+\/$/, "");
      for (const line of inner.trim().split("\n")) lines.push(line.trim().replace(/^\* ?/, ""));
    } else lines.push(text.replace(/^\/+ ?/, "").trimEnd());
  }
  while (lines.length > 0 && lines[lines.length - 1] === "") lines.pop();
  while (lines.length > 0 && lines[0] === "") lines.shift();
  return lines.length === 0 ? undefined : lines.join("\n");
}

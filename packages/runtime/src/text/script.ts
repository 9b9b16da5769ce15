import type { SourcePosition } from "../wasm/errors.ts";
import { decodeUtf8 } from "../wasm/utf8.ts";
import { concatenate } from "./annotations.ts";
import { Cursor } from "./cursor.ts";
import { parseF32, parseF64, parseInteger, parseLane, parseShape, parseV128, type Shape } from "./immediates.ts";
import { TOKEN } from "./lexer.ts";
import { SourceText } from "./source.ts";
import { decodeString } from "./strings.ts";

/** A module as a script gives it, not yet read: a script may hold modules that are malformed. */
export type ScriptModule =
  | { readonly form: "text"; readonly name: string | undefined; readonly text: string }
  | { readonly form: "binary"; readonly name: string | undefined; readonly bytes: Uint8Array }
  /** `text` is undefined when the bytes of its strings are no UTF-8. */
  | { readonly form: "quote"; readonly name: string | undefined; readonly text: string | undefined };

/** A value that a script passes or expects: floats as their bits, so that NaNs keep theirs. */
export type ScriptValue =
  | { readonly type: "i32"; readonly value: number }
  | { readonly type: "i64"; readonly value: bigint }
  | { readonly type: "f32"; readonly bits: number }
  | { readonly type: "f64"; readonly bits: bigint }
  | { readonly type: "v128"; readonly bytes: Uint8Array }
  /** `heap` is the heap type as written, where one is. */
  | { readonly type: "ref.null"; readonly heap: string | undefined }
  /** A reference of the host that is told from others by its number. */
  | { readonly type: "ref.extern" | "ref.host"; readonly value: number };

/** One lane of an expected vector, or a scalar: its bits, or a class of NaN. */
export type LanePattern = bigint | "canonical" | "arithmetic";

/** What a result must be. */
export type ResultPattern =
  | ScriptValue
  | { readonly type: "nan"; readonly of: "f32" | "f64"; readonly kind: "canonical" | "arithmetic" }
  | { readonly type: "lanes"; readonly of: "f32x4" | "f64x2"; readonly lanes: readonly LanePattern[] }
  /** Any reference of a kind: `ref.func`, `ref.struct` … */
  | { readonly type: "reference"; readonly kind: string }
  | { readonly type: "either"; readonly patterns: readonly ResultPattern[] };

/** A call of an export, or a read of an exported global. `module` names an instance; without it, the latest. */
export type Action =
  | {
      readonly type: "invoke";
      readonly module: string | undefined;
      readonly name: string;
      readonly args: readonly ScriptValue[];
    }
  | { readonly type: "get"; readonly module: string | undefined; readonly name: string };

/** Assertions about an action, or about the instantiation of a module. */
export type ActionAssertion = "assert_trap" | "assert_exhaustion";
/** Assertions about a module that cannot be compiled or linked. */
export type ModuleAssertion =
  | "assert_invalid"
  | "assert_malformed"
  | "assert_unlinkable"
  | "assert_invalid_custom"
  | "assert_malformed_custom";

export type CommandBody =
  | { readonly kind: "module"; readonly module: ScriptModule }
  | { readonly kind: "module definition"; readonly module: ScriptModule }
  | { readonly kind: "module instance"; readonly name: string | undefined; readonly definition: string | undefined }
  | { readonly kind: "register"; readonly as: string; readonly module: string | undefined }
  | { readonly kind: "invoke" | "get"; readonly action: Action }
  | { readonly kind: "assert_return"; readonly action: Action; readonly expected: readonly ResultPattern[] }
  | { readonly kind: "assert_exception"; readonly action: Action }
  | { readonly kind: ActionAssertion; readonly subject: Action | ScriptModule; readonly message: string }
  | { readonly kind: ModuleAssertion; readonly module: ScriptModule; readonly message: string }
  /** Commands that a thread of its own runs. It sees the instances that are named in `shared`. `text` is the commands, each on its line. */
  | {
      readonly kind: "thread";
      readonly name: string | undefined;
      readonly shared: readonly string[];
      readonly text: string;
    }
  | { readonly kind: "wait"; readonly thread: string | undefined };

/** One command of a script and where it begins. */
export type Command = CommandBody & { readonly position: SourcePosition };

/**
 * Reads a WAST script, the language of the specification's test suite. A text that is only the fields of a module is a script of
 * that one module.
 *
 * @throws MalformedError with line and column for a text that is no script; a command of a kind that is not known makes it none
 */
export function parseScript(text: string): Command[] {
  const cursor = new Cursor(new SourceText(text));
  if (cursor.kind() !== TOKEN.end && !isCommand(cursor)) {
    const module: ScriptModule = { form: "text", name: undefined, text };
    return [{ kind: "module", module, position: cursor.source.positionAt(0) }];
  }
  const commands: Command[] = [];
  while (cursor.kind() !== TOKEN.end) {
    const position = cursor.source.positionAt(cursor.offset());
    commands.push({ ...parseCommand(cursor), position });
  }
  return commands;
}

/** The first words of fields of a module, which tell a script of commands from a module's fields alone. */
const fieldWords: ReadonlySet<string> = new Set(
  "type rec import func table memory tag global export start elem data".split(" "),
);

function isCommand(cursor: Cursor): boolean {
  return !(cursor.kind() === TOKEN.open && cursor.kind(1) === TOKEN.word && fieldWords.has(cursor.word(1)));
}

function parseCommand(cursor: Cursor): CommandBody {
  if (cursor.kind() !== TOKEN.open) return cursor.unexpected("a command");
  if (cursor.kind(cursor.pos + 1) !== TOKEN.word) return cursor.unexpected("a command", cursor.pos + 1);
  const kind = cursor.word(cursor.pos + 1);
  switch (kind) {
    case "module":
      return parseModuleCommand(cursor);
    case "invoke":
    case "get":
      return { kind, action: parseAction(cursor) };
    case "register": {
      cursor.pos += 2;
      const as = cursor.name("the name to register");
      const module = cursor.optionalIdentifier();
      cursor.close();
      return { kind, as, module };
    }
    case "assert_return": {
      cursor.pos += 2;
      const action = parseAction(cursor);
      const expected: ResultPattern[] = [];
      while (cursor.kind() !== TOKEN.close) expected.push(parsePattern(cursor));
      cursor.close();
      return { kind, action, expected };
    }
    case "assert_exception": {
      cursor.pos += 2;
      const action = parseAction(cursor);
      cursor.close();
      return { kind, action };
    }
    case "assert_trap":
    case "assert_exhaustion": {
      cursor.pos += 2;
      const subject = cursor.isOpen("module") ? parseScriptModule(cursor) : parseAction(cursor);
      const message = cursor.name("a message");
      cursor.close();
      return { kind, subject, message };
    }
    case "assert_invalid":
    case "assert_malformed":
    case "assert_unlinkable":
    case "assert_invalid_custom":
    case "assert_malformed_custom": {
      cursor.pos += 2;
      const module = parseScriptModule(cursor);
      const message = cursor.name("a message");
      cursor.close();
      return { kind, module, message };
    }
    case "thread":
      return parseThread(cursor);
    case "wait": {
      cursor.pos += 2;
      const thread = cursor.optionalIdentifier();
      cursor.close();
      return { kind, thread };
    }
    default:
      return cursor.fail(`unknown command ${kind}`, cursor.pos + 1);
  }
}

/** `(thread $name? (shared (module $name))* command*)` of the threads proposal. */
function parseThread(cursor: Cursor): CommandBody {
  cursor.pos += 2;
  const name = cursor.optionalIdentifier();
  const shared: string[] = [];
  while (cursor.takeOpen("shared")) {
    while (cursor.takeOpen("module")) {
      const instance = cursor.optionalIdentifier();
      if (instance === undefined) return cursor.unexpected("the name of an instance");
      shared.push(instance);
      cursor.close();
    }
    cursor.close();
  }
  const begin = cursor.offset();
  // The commands are read here to find mistakes, and once more by the thread.
  while (cursor.kind() !== TOKEN.close) parseCommand(cursor);
  const commands = cursor.text.slice(begin, cursor.offset());
  cursor.close();
  return { kind: "thread", name, shared, text: "\n".repeat(cursor.source.positionAt(begin).line - 1) + commands };
}

/** `(module …)`, `(module definition …)` or `(module instance $name? $definition?)`. */
function parseModuleCommand(cursor: Cursor): CommandBody {
  const second = cursor.pos + 2;
  if (cursor.isWord("instance", second)) {
    cursor.pos += 3;
    const first = cursor.optionalIdentifier();
    const definition = cursor.optionalIdentifier();
    cursor.close();
    // One name alone names the definition.
    return definition === undefined
      ? { kind: "module instance", name: undefined, definition: first }
      : { kind: "module instance", name: first, definition };
  }
  if (cursor.isWord("definition", second)) return { kind: "module definition", module: parseScriptModule(cursor) };
  return { kind: "module", module: parseScriptModule(cursor) };
}

/** A module in any of its forms. One in the text format is cut out, not read. */
function parseScriptModule(cursor: Cursor): ScriptModule {
  const { text, tokens } = cursor;
  const begin = cursor.pos;
  const end = cursor.skipParenthesized(begin);
  if (!cursor.takeOpen("module")) return cursor.unexpected("(module");
  const definition = cursor.takeWord("definition");
  const named = cursor.pos;
  const name = cursor.optionalIdentifier();
  const form = cursor.isWord("binary") ? "binary" : cursor.isWord("quote") ? "quote" : "text";
  if (form === "text") {
    cursor.pos = end;
    const whole = text.slice(cursor.offset(begin), tokens.ends[end - 1]);
    if (!definition) return { form, name, text: whole };
    // As a module that stands alone has it, in its place among the lines: without the word.
    const at = tokens.starts[named - 1] - cursor.offset(begin);
    return { form, name, text: `${whole.slice(0, at)}          ${whole.slice(at + "definition".length)}` };
  }
  cursor.pos++;
  const pieces: Uint8Array[] = [];
  for (; cursor.kind() === TOKEN.string; cursor.pos++)
    pieces.push(decodeString(text, tokens.starts[cursor.pos], tokens.ends[cursor.pos]));
  cursor.close();
  const bytes = concatenate(pieces);
  return form === "binary" ? { form, name, bytes } : { form, name, text: decodeUtf8(bytes) };
}

function parseAction(cursor: Cursor): Action {
  if (cursor.takeOpen("get")) {
    const module = cursor.optionalIdentifier();
    const name = cursor.name("the name of an export");
    cursor.close();
    return { type: "get", module, name };
  }
  if (!cursor.takeOpen("invoke")) return cursor.unexpected("(invoke or (get");
  const module = cursor.optionalIdentifier();
  const name = cursor.name("the name of an export");
  const args: ScriptValue[] = [];
  while (cursor.kind() !== TOKEN.close) {
    const at = cursor.pos;
    const pattern = parsePattern(cursor);
    if (!isValue(pattern)) return cursor.unexpected("a value", at + 1);
    args.push(pattern);
  }
  cursor.close();
  return { type: "invoke", module, name, args };
}

function isValue(pattern: ResultPattern): pattern is ScriptValue {
  return (
    pattern.type !== "nan" && pattern.type !== "lanes" && pattern.type !== "reference" && pattern.type !== "either"
  );
}

/** Kinds of references that a result may be asked to be. */
const referenceKinds: ReadonlySet<string> = new Set(
  "ref.func ref.extern ref.host ref.any ref.eq ref.i31 ref.struct ref.array ref.exn ref.null".split(" "),
);

/** A constant, or what a result must match. `(either …)` is the only one that nests, and one level is all it has. */
function parsePattern(cursor: Cursor, within = ""): ResultPattern {
  if (cursor.kind() !== TOKEN.open || cursor.kind(cursor.pos + 1) !== TOKEN.word) return cursor.unexpected("a value");
  const word = cursor.word(cursor.pos + 1);
  cursor.pos += 2;
  const pattern = parsePatternBody(cursor, word, within);
  cursor.close();
  return pattern;
}

function parsePatternBody(cursor: Cursor, word: string, within: string): ResultPattern {
  switch (word) {
    case "i32.const":
      return { type: "i32", value: Number(BigInt.asIntN(32, parseInteger(cursor, 32))) };
    case "i64.const":
      return { type: "i64", value: BigInt.asIntN(64, parseInteger(cursor, 64)) };
    case "f32.const": {
      const kind = takeNaN(cursor);
      return kind === undefined ? { type: "f32", bits: parseF32(cursor) } : { type: "nan", of: "f32", kind };
    }
    case "f64.const": {
      const kind = takeNaN(cursor);
      return kind === undefined ? { type: "f64", bits: parseF64(cursor) } : { type: "nan", of: "f64", kind };
    }
    case "v128.const":
      return parseVector(cursor);
    case "ref.null": {
      const heap = cursor.kind() === TOKEN.close ? undefined : cursor.word(cursor.pos++);
      return { type: "ref.null", heap };
    }
    case "either": {
      if (within === "either") return cursor.unexpected("a value", cursor.pos - 1);
      const patterns: ResultPattern[] = [];
      while (cursor.kind() !== TOKEN.close) patterns.push(parsePattern(cursor, "either"));
      return { type: "either", patterns };
    }
    default:
      if (!referenceKinds.has(word)) return cursor.unexpected("a value", cursor.pos - 1);
      if ((word === "ref.extern" || word === "ref.host") && cursor.isNumber())
        return { type: word, value: cursor.u32("a number") };
      return { type: "reference", kind: word };
  }
}

function takeNaN(cursor: Cursor): "canonical" | "arithmetic" | undefined {
  if (cursor.takeWord("nan:canonical")) return "canonical";
  if (cursor.takeWord("nan:arithmetic")) return "arithmetic";
  return undefined;
}

function parseVector(cursor: Cursor): ResultPattern {
  const begin = cursor.pos;
  const word = cursor.word();
  const shape: Shape = parseShape(cursor);
  const lanes: LanePattern[] = [];
  let patterns = false;
  for (let lane = 0; lane < 128 / shape.bits; lane++) {
    const kind = shape.type === "integer" ? undefined : takeNaN(cursor);
    if (kind !== undefined) patterns = true;
    lanes.push(kind ?? parseLane(cursor, shape));
  }
  if (patterns) return { type: "lanes", of: word === "f32x4" ? "f32x4" : "f64x2", lanes };
  cursor.pos = begin;
  return { type: "v128", bytes: parseV128(cursor) };
}

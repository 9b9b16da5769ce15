import {
  Cursor,
  concatenate,
  decodeString,
  decodeUtf8,
  parseF32,
  parseF64,
  parseInteger,
  type SourcePosition,
  SourceText,
  TOKEN,
} from "@wardian/runtime/internal";

/** A component as a script gives it, not yet read: a script may hold components that are malformed. `core` for a core module. */
export type ScriptComponent = { readonly core: boolean; readonly name: string | undefined } & (
  | { readonly form: "text"; readonly text: string }
  | { readonly form: "binary"; readonly bytes: Uint8Array }
  /** `text` is undefined when the bytes of its strings are no UTF-8. */
  | { readonly form: "quote"; readonly text: string | undefined }
);

/** A value of the Component Model as a script writes it. Floats are their bits. */
export type ComponentValue =
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "s8" | "u8" | "s16" | "u16" | "s32" | "u32" | "s64" | "u64"; readonly value: bigint }
  | { readonly type: "f32"; readonly bits: number }
  | { readonly type: "f64"; readonly bits: bigint }
  /** Any NaN of a kind: only what is expected. */
  | { readonly type: "nan"; readonly of: "f32" | "f64"; readonly kind: "canonical" | "arithmetic" }
  | { readonly type: "char" | "string"; readonly value: string }
  | { readonly type: "list" | "tuple"; readonly items: readonly ComponentValue[] }
  | { readonly type: "record"; readonly fields: readonly (readonly [name: string, value: ComponentValue])[] }
  | { readonly type: "variant"; readonly label: string; readonly payload: ComponentValue | undefined }
  | { readonly type: "enum"; readonly label: string }
  | { readonly type: "flags"; readonly labels: readonly string[] }
  | { readonly type: "option"; readonly payload: ComponentValue | undefined }
  | { readonly type: "result"; readonly ok: boolean; readonly payload: ComponentValue | undefined };

/** A call of an export. `component` names an instance; without it, the latest. */
export interface ComponentAction {
  readonly component: string | undefined;
  readonly name: string;
  readonly args: readonly ComponentValue[];
}

export type ComponentCommandBody =
  /** Defines a component and instantiates it. `module` for a core module. */
  | {
      readonly kind: "component" | "component definition" | "module" | "module definition";
      readonly component: ScriptComponent;
    }
  | { readonly kind: "component instance"; readonly name: string | undefined; readonly definition: string | undefined }
  | { readonly kind: "register"; readonly as: string; readonly component: string | undefined }
  | { readonly kind: "invoke"; readonly action: ComponentAction }
  | { readonly kind: "assert_return"; readonly action: ComponentAction; readonly expected: readonly ComponentValue[] }
  | {
      readonly kind: "assert_trap" | "assert_exhaustion";
      readonly subject: ComponentAction | ScriptComponent;
      readonly message: string;
    }
  | {
      readonly kind: "assert_invalid" | "assert_malformed" | "assert_unlinkable";
      readonly component: ScriptComponent;
      readonly message: string;
    };

/** One command of a script and where it begins. */
export type ComponentCommand = ComponentCommandBody & { readonly position: SourcePosition };

/** Values and components inside each other that a script may have. */
const MAX_NESTING = 100;

/**
 * Reads a script of the Component Model's test suite.
 *
 * @throws MalformedError with line and column for a text that is no script
 */
export function parseComponentScript(text: string): ComponentCommand[] {
  const cursor = new Cursor(new SourceText(text));
  const commands: ComponentCommand[] = [];
  while (cursor.kind() !== TOKEN.end) {
    const position = cursor.source.positionAt(cursor.offset());
    commands.push({ ...parseCommand(cursor), position });
  }
  return commands;
}

function parseCommand(cursor: Cursor): ComponentCommandBody {
  const keyword = cursor.pos + 1;
  if (cursor.kind() !== TOKEN.open || cursor.kind(keyword) !== TOKEN.word) return cursor.unexpected("a command");
  const kind = cursor.word(keyword);
  switch (kind) {
    case "component":
    case "module": {
      if (kind === "component" && cursor.isWord("instance", keyword + 1)) {
        cursor.pos += 3;
        const first = cursor.optionalIdentifier();
        const second = cursor.optionalIdentifier();
        cursor.close();
        // One name alone names the definition.
        return second === undefined
          ? { kind: "component instance", name: undefined, definition: first }
          : { kind: "component instance", name: first, definition: second };
      }
      const definition = cursor.isWord("definition", keyword + 1);
      const component = parseScriptComponent(cursor);
      return { kind: definition ? `${kind} definition` : kind, component };
    }
    case "register": {
      cursor.pos += 2;
      const as = cursor.name("the name to register");
      const component = cursor.optionalIdentifier();
      cursor.close();
      return { kind, as, component };
    }
    case "invoke":
      return { kind, action: parseAction(cursor) };
    case "assert_return": {
      cursor.pos += 2;
      const action = parseAction(cursor);
      const expected = parseValues(cursor);
      cursor.close();
      return { kind, action, expected };
    }
    case "assert_trap":
    case "assert_exhaustion": {
      cursor.pos += 2;
      const subject = cursor.isOpen("invoke") ? parseAction(cursor) : parseScriptComponent(cursor);
      const message = cursor.name("a message");
      cursor.close();
      return { kind, subject, message };
    }
    case "assert_invalid":
    case "assert_malformed":
    case "assert_unlinkable": {
      cursor.pos += 2;
      const component = parseScriptComponent(cursor);
      const message = cursor.name("a message");
      cursor.close();
      return { kind, component, message };
    }
    default:
      return cursor.fail(`unknown command ${kind}`, keyword);
  }
}

/** A component in any of its forms. One in the text format is cut out, not read. */
function parseScriptComponent(cursor: Cursor): ScriptComponent {
  const { text, tokens } = cursor;
  const begin = cursor.pos;
  const end = cursor.skipParenthesized(begin);
  const core = cursor.isOpen("module");
  if (!core && !cursor.isOpen("component")) return cursor.unexpected("(component");
  cursor.pos += 2;
  const definition = cursor.takeWord("definition");
  const named = cursor.pos;
  const name = cursor.optionalIdentifier();
  const form = cursor.isWord("binary") ? "binary" : cursor.isWord("quote") ? "quote" : "text";
  if (form === "text") {
    cursor.pos = end;
    const whole = text.slice(cursor.offset(begin), tokens.ends[end - 1]);
    if (!definition) return { core, form, name, text: whole };
    // As it would stand alone, in its place among the lines: without the word.
    const at = tokens.starts[named - 1] - cursor.offset(begin);
    return { core, form, name, text: `${whole.slice(0, at)}          ${whole.slice(at + "definition".length)}` };
  }
  cursor.pos++;
  const pieces: Uint8Array[] = [];
  for (; cursor.kind() === TOKEN.string; cursor.pos++)
    pieces.push(decodeString(text, tokens.starts[cursor.pos], tokens.ends[cursor.pos]));
  cursor.close();
  const bytes = concatenate(pieces);
  return form === "binary" ? { core, form, name, bytes } : { core, form, name, text: decodeUtf8(bytes) };
}

function parseAction(cursor: Cursor): ComponentAction {
  if (!cursor.takeOpen("invoke")) return cursor.unexpected("(invoke");
  const component = cursor.optionalIdentifier();
  const name = cursor.name("the name of an export");
  const args = parseValues(cursor);
  cursor.close();
  return { component, name, args };
}

function parseValues(cursor: Cursor, depth = 0): ComponentValue[] {
  const values: ComponentValue[] = [];
  while (cursor.kind() !== TOKEN.close) values.push(parseValue(cursor, depth));
  return values;
}

/** A value in parentheses; in a field of a record it has none. */
function parseValue(cursor: Cursor, depth: number): ComponentValue {
  if (depth > MAX_NESTING) return cursor.fail("nesting too deep");
  const wrapped = cursor.kind() === TOKEN.open;
  if (wrapped) cursor.pos++;
  if (cursor.kind() !== TOKEN.word) return cursor.unexpected("a value");
  const word = cursor.word();
  cursor.pos++;
  const value = parseValueBody(cursor, word, depth + 1);
  if (wrapped) cursor.close();
  return value;
}

const optional = (cursor: Cursor, depth: number): ComponentValue | undefined =>
  cursor.kind() === TOKEN.open ? parseValue(cursor, depth) : undefined;

function takeNaN(cursor: Cursor): "canonical" | "arithmetic" | undefined {
  if (cursor.takeWord("nan:canonical")) return "canonical";
  return cursor.takeWord("nan:arithmetic") ? "arithmetic" : undefined;
}

function parseValueBody(cursor: Cursor, word: string, depth: number): ComponentValue {
  switch (word) {
    case "bool.const":
      return {
        type: "bool",
        value: cursor.takeWord("true") || (!cursor.takeWord("false") && cursor.unexpected("true")),
      };
    case "s8.const":
    case "u8.const":
    case "s16.const":
    case "u16.const":
    case "s32.const":
    case "u32.const":
    case "s64.const":
    case "u64.const": {
      const type = word.slice(0, -6) as "u8";
      const bits = Number(type.slice(1));
      const value = parseInteger(cursor, bits);
      return { type, value: type.startsWith("s") ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value) };
    }
    case "f32.const": {
      const kind = takeNaN(cursor);
      return kind === undefined ? { type: "f32", bits: parseF32(cursor) } : { type: "nan", of: "f32", kind };
    }
    case "f64.const": {
      const kind = takeNaN(cursor);
      return kind === undefined ? { type: "f64", bits: parseF64(cursor) } : { type: "nan", of: "f64", kind };
    }
    case "char.const":
      return { type: "char", value: cursor.name("a character") };
    case "str.const":
      return { type: "string", value: cursor.name("a string") };
    case "list.const":
    case "tuple.const":
      return { type: word === "list.const" ? "list" : "tuple", items: parseValues(cursor, depth) };
    case "record.const": {
      const fields: (readonly [string, ComponentValue])[] = [];
      while (cursor.takeOpen("field")) {
        fields.push([cursor.name("a label"), parseValue(cursor, depth)]);
        cursor.close();
      }
      return { type: "record", fields };
    }
    case "variant.const":
      return { type: "variant", label: cursor.name("a label"), payload: optional(cursor, depth) };
    case "enum.const":
      return { type: "enum", label: cursor.name("a label") };
    case "flags.const": {
      const labels: string[] = [];
      while (cursor.kind() === TOKEN.string) labels.push(cursor.name());
      return { type: "flags", labels };
    }
    case "option.none":
      return { type: "option", payload: undefined };
    case "option.some":
      return { type: "option", payload: parseValue(cursor, depth) };
    case "result.ok":
    case "result.err":
      return { type: "result", ok: word === "result.ok", payload: optional(cursor, depth) };
    default:
      return cursor.unexpected("a value such as u32.const", cursor.pos - 1);
  }
}

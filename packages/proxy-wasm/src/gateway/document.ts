import { Lexer, Parser, parse } from "yaml";
import { ConfigurationError } from "./reading.ts";

/** The deepest nesting of a configuration. Those of plugins are the deepest in use, at about ten. */
const MAX_DEPTH = 100;

const tooDeep = (): ConfigurationError => new ConfigurationError(`nested deeper than ${MAX_DEPTH} levels`);

/**
 * Whether a text nests more than so many levels, of which the text has several for one of the value. The tokens' parser does not recurse,
 * as reading the value does: a text that uses up the stack there can end the whole process.
 */
function isDeepText(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > 3 * MAX_DEPTH) return true;
  }
  return false;
}

/** Whether a value has more than {@link MAX_DEPTH} levels. Does not recurse. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const next = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
    // An alias stands for the same value as its anchor.
    level = [...new Set(next)];
    if (level.length === 0) return false;
  }
  return true;
}

/** Resources that describe a plugin, and the key of a plugin's entry that takes them. */
const resources: ReadonlyMap<string, string> = new Map([
  ["WasmPlugin", "istio"],
  ["EnvoyExtensionPolicy", "envoyGateway"],
  ["EnvoyFilter", "envoy"],
]);

/** Refuses a resource of Kubernetes in place of a gateway's configuration, and says where it belongs. */
function checkResource(document: unknown): void {
  if (typeof document !== "object" || document === null) return;
  if (!Object.hasOwn(document, "kind") || !Object.hasOwn(document, "apiVersion")) return;
  const kind = String((document as { readonly kind: unknown }).kind).slice(0, 100);
  const key = resources.get(kind);
  throw new ConfigurationError(
    `the file is a resource of the kind ${kind}, and a gateway's configuration was expected${
      key === undefined ? "" : `; there the resource stands under plugins, as in "plugins: { NAME: { ${key}: … } }"`
    }`,
  );
}

/**
 * Reads YAML, of which JSON is a part.
 * @throws ConfigurationError where it is no YAML, is nested too deep, or is a resource of another program
 */
export function parseDocument(text: string): unknown {
  if (isDeepText(text)) throw tooDeep();
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new ConfigurationError((error as Error).message);
  }
  if (isDeep(document)) throw tooDeep();
  checkResource(document);
  return document;
}

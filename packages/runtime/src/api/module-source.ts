import { CompileError, MalformedError } from "../wasm/errors.ts";

/** Something shorter than any module, without a parenthesis, that names a file or an address. */
const LOOKS_LIKE_A_PLACE =
  /^\s*[^\s()";]{1,4096}\.(wasm|wat|wast)(\?[^\s()]*)?\s*$|^\s*(file|https?|data|blob):[^\s()]{1,4096}\s*$/i;

/**
 * Refuses text that is plainly no module in the text format: a path, an address, or the bytes of a module as text.
 * @throws CompileError that says what to pass
 */
export function checkText(text: string): void {
  const start = { position: { line: 1, column: 1 } };
  if (LOOKS_LIKE_A_PLACE.test(text))
    throw new CompileError(
      `${JSON.stringify(text.trim().slice(0, 100))} is a place and no module: pass the bytes that are there, as from \`await readFile(path)\` or \`await (await fetch(url)).arrayBuffer()\``,
      start,
    );
  if (text.startsWith("\0asm"))
    throw new CompileError(
      "the text is a module's bytes, decoded: pass the bytes, and read files without an encoding",
      start,
    );
  if (/^\s*AGFzbQ[\w+/=-]*\s*$/.test(text.slice(0, 4096)))
    throw new CompileError(
      'the text is a module in base64: pass its bytes, as from `Buffer.from(text, "base64")`',
      start,
    );
}

/**
 * Refuses bytes that are plainly something else, and says what they seem to be.
 * @throws MalformedError
 */
export function checkBytes(source: Uint8Array | ArrayBuffer): void {
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  // Modules and components begin with a zero byte.
  if (bytes[0] === 0 || bytes.length < 4) return;
  const first = String.fromCharCode(...bytes.subarray(0, 64)).trim()[0];
  const found =
    bytes[0] === 0x1f && bytes[1] === 0x8b
      ? "compressed by gzip"
      : first === "<"
        ? "HTML or XML"
        : first === "(" || first === ";"
          ? "text, which is given as a string"
          : undefined;
  if (found !== undefined) throw new MalformedError(`magic header not detected: the bytes are ${found}`, { offset: 0 });
}

/** What a value of another type is, and what its module is got with. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return `${value}`;
  if (typeof value !== "object" && typeof value !== "function") return `a ${typeof value}`;
  const { then, arrayBuffer } = value as { readonly then?: unknown; readonly arrayBuffer?: unknown };
  if (typeof then === "function") return "a promise: await it";
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (typeof arrayBuffer === "function") return `a ${tag}: pass \`await it.arrayBuffer()\``;
  if (tag === "URL") return "a URL: pass the bytes that are there";
  if (tag === "WebAssembly.Module")
    return "a WebAssembly.Module of the platform, which does not give its bytes: pass them";
  if (tag === "Array") return "an Array: pass `Uint8Array.from(it)`";
  if ("syntax" in value && "valid" in value) return "a Module: it is compiled already, and `instantiate` takes it";
  return tag === "Object" ? "an object of another kind" : `a ${tag}`;
}

/** @throws TypeError that says what was given instead of a module, and how to get the module */
export function refuseSource(value: unknown): never {
  throw new TypeError(
    `a module is its bytes (a Uint8Array or an ArrayBuffer) or its text (a string), not ${describe(value)}`,
  );
}

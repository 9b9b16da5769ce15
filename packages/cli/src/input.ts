import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Failure } from "./failure.ts";

/** A module as it was given: `bytes` in the binary format, or `text`. */
export interface Input {
  /** As messages name it. */
  readonly label: string;
  /** The file's own name, which a guest sees as its first argument. */
  readonly fileName: string;
  readonly size: number;
  readonly source: Uint8Array | string;
}

const problems: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOENT", "no such file"],
  ["ENOTDIR", "no such file"],
  ["EISDIR", "is a directory, a module was expected"],
  ["EACCES", "permission denied"],
]);

/**
 * Reads a module from a file, or from standard input when `path` is `-`. What begins as a binary module does is one; all else is text.
 *
 * @throws Failure when it cannot be read, or is text that is not UTF-8
 */
export async function readInput(path: string): Promise<Input> {
  const label = path === "-" ? "standard input" : path;
  let bytes: Uint8Array;
  try {
    bytes = path === "-" ? bytesOf(await readStandardInput()) : bytesOf(await readFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(`cannot read ${label}: ${problems.get(code) ?? message}`);
  }
  const fileName = path === "-" ? "module.wasm" : basename(path);
  if (bytes.length === 0) throw new Failure(`${label} is empty: a WebAssembly module, as bytes or text, was expected`);
  return { label, fileName, size: bytes.length, source: isBinary(bytes) ? bytes : decodeText(bytes, label) };
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: string[] = [];
  // As text of one byte a character, which joins without copies of copies.
  process.stdin.setEncoding("latin1");
  for await (const chunk of process.stdin) chunks.push(chunk as string);
  return Buffer.from(chunks.join(""), "latin1");
}

function bytesOf({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** A text cannot begin with a zero byte, and no other format of modules is known: this tells `\0asm` and what was meant to be it. */
function isBinary(bytes: Uint8Array): boolean {
  return bytes[0] === 0;
}

function decodeText(bytes: Uint8Array, label: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(`${label} is no WebAssembly module: it neither begins with "\\0asm" nor is it text in UTF-8`);
  }
}

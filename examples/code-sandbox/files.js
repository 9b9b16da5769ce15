// The library of the JavaScript sandbox, for programs inside it: files as text, over the few functions that this build of QuickJS has.
import { fcloseSync, freadSync, fwriteSync, openSync } from "_node:fs";

const WRITE_CREATE_TRUNCATE = 1 | 64 | 512;

/** The text of a file. */
export function readText(path) {
  const file = openSync(path, 0, 0);
  let bytes = "";
  for (let at = 0; ; ) {
    const part = new Uint8Array(freadSync(file, at, 65536));
    if (part.length === 0) break;
    for (const byte of part) bytes += String.fromCharCode(byte);
    at += part.length;
  }
  fcloseSync(file);
  return decodeURIComponent(escape(bytes));
}

/** Writes a file anew. */
export function writeText(path, text) {
  const file = openSync(path, WRITE_CREATE_TRUNCATE, 0o666);
  const bytes = Uint8Array.from(unescape(encodeURIComponent(text)), (char) => char.charCodeAt(0));
  for (let at = 0; at < bytes.length; ) at += fwriteSync(file, at, bytes.slice(at).buffer);
  fcloseSync(file);
}

const BLOCK = 512;

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("utf8");
}

/**
 * The files of a tar archive with their paths, and where their bytes stand in it; those up to where it ends early.
 */
export function* filesOfTar(archive: Uint8Array): Iterable<readonly [path: string, content: Uint8Array]> {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header[0] === 0) return;
    const size = Number.parseInt(text(header.subarray(124, 136)).trim() || "0", 8);
    if (!(size >= 0)) return;
    const start = at + BLOCK;
    const kind = String.fromCharCode(header[156]);
    const name = longName ?? text(header.subarray(0, 100));
    longName = undefined;
    if (start + size > archive.length) return;
    const content = archive.subarray(start, start + size);
    // GNU's tar writes a name that is too long into an entry of its own before the file.
    if (kind === "L") longName = text(content);
    else if (kind === "0" || kind === "\0") yield [name.replace(/^(?:\.?\/)+/, ""), content];
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** Finds a file in a tar archive by the last part of its path. @returns its bytes, or undefined when it is not there */
export function findInTar(archive: Uint8Array, basename: string): Uint8Array | undefined {
  for (const [path, content] of filesOfTar(archive)) if (path.split("/").pop() === basename) return content.slice();
  return undefined;
}

import { Parser, type ReadEntry } from "tar";
import { CodeError } from "./code-source.ts";

/** The most entries that an archive may have. Parsing them takes about a second. */
const MAX_ENTRIES = 100_000;
/** The bytes with which gzip and Zstandard begin. The parser would unpack such an archive without a bound. */
const COMPRESSED: readonly (readonly number[])[] = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
];

/**
 * Reads the regular files of a tar archive (POSIX ustar and pax, GNU).
 *
 * The last entry of a name counts, as it does for a program that extracts the archive: a later file replaces an earlier
 * one, and a later directory or link removes it. A hard link to a file of the archive has that file's content.
 *
 * @param archive the uncompressed archive
 * @returns the content of each file by its path, without a leading `/` or `./`
 * @throws CodeError when the archive is damaged, compressed, or has too many entries
 */
export function filesOfTar(archive: Uint8Array): Map<string, Uint8Array> {
  if (COMPRESSED.some((magic) => magic.every((byte, index) => archive[index] === byte)))
    throw new CodeError("the archive is compressed twice");
  const files = new Map<string, Uint8Array>();
  let entries = 0;
  let failure: Error | undefined;
  const parser = new Parser({
    strict: true,
    brotli: false,
    zstd: false,
    onReadEntry: (entry) => {
      if (++entries > MAX_ENTRIES) failure ??= new CodeError(`the archive has more than ${MAX_ENTRIES} entries`);
      if (failure !== undefined) entry.resume();
      else takeEntry(files, entry);
    },
  });
  parser.on("error", (error: Error) => {
    failure ??= new CodeError(`the archive cannot be read: ${error.message}`);
  });
  parser.end(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength));
  if (failure !== undefined) throw failure;
  return files;
}

/** Enters what one entry makes of the files before it. */
function takeEntry(files: Map<string, Uint8Array>, entry: ReadEntry): void {
  const path = normalised(entry.path);
  files.delete(path);
  if (entry.type === "Link") {
    const target = files.get(normalised(entry.linkpath ?? ""));
    if (target !== undefined) files.set(path, target);
  } else if (["File", "OldFile", "ContiguousFile"].includes(entry.type)) {
    const parts: Buffer[] = [];
    entry.on("data", (part: Buffer) => parts.push(part));
    entry.on("end", () => files.set(path, new Uint8Array(Buffer.concat(parts))));
    return;
  }
  entry.resume();
}

const normalised = (path: string): string => path.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "");

/**
 * Finds a file in a tar archive by the last part of its path. A file at the root comes before files in folders, and
 * those come in the order of the archive.
 *
 * @returns the content, or undefined when no file has the name
 * @throws CodeError as {@link filesOfTar} does
 */
export function findInTar(archive: Uint8Array, basename: string): Uint8Array | undefined {
  const files = filesOfTar(archive);
  const root = files.get(basename);
  if (root !== undefined) return root;
  for (const [path, content] of files) if (path.split("/").pop() === basename) return content;
  return undefined;
}

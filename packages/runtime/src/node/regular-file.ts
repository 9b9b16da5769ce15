import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** A path leads to something that is not read: a folder, a device, a pipe, or a file that is too long. */
export class RegularFileError extends Error {
  override readonly name: string = "RegularFileError";
}

/**
 * Reads a whole file, and nothing but a regular file. A device or a named pipe may have no end, also behind a link.
 *
 * @param path links are followed
 * @param limit the most bytes that the file may have
 * @throws RegularFileError when the path leads to no regular file, or to one that is longer than the limit
 * @throws the error of `node:fs` when the file cannot be opened or read
 */
export async function readRegularFile(path: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  // Without O_NONBLOCK, opening a pipe waits for a writer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new RegularFileError(`${path} is not a regular file`);
    const tooLong = (): RegularFileError => new RegularFileError(`${path} is longer than ${limit} bytes`);
    if (status.size > limit) throw tooLong();
    // A writer may change the length meanwhile, and files of /proc have the length 0: one byte more shows the end.
    let bytes = new Uint8Array(status.size + 1);
    for (let length = 0; ; ) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (length > limit) throw tooLong();
      if (bytesRead === 0) return bytes.slice(0, length);
      if (length < bytes.length) continue;
      const longer = new Uint8Array(Math.min(2 * bytes.length, limit + 1));
      longer.set(bytes);
      bytes = longer;
    }
  } finally {
    await file.close();
  }
}

import type { BigIntStats, Dirent, Stats } from "node:fs";
import type { Filetype } from "../../abi.ts";
import { WASIError } from "../../errors.ts";

/** What the host says an object is, in the words of preview 1, which has none for a pipe. */
export function filetypeOf(stat: BigIntStats | Stats | Dirent): Filetype {
  if (stat.isFile()) return "regular_file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symbolic_link";
  if (stat.isCharacterDevice()) return "character_device";
  if (stat.isBlockDevice()) return "block_device";
  if (stat.isSocket()) return "socket_stream";
  return "unknown";
}

export function mustBeWritable(readonly: boolean): void {
  if (readonly) throw new WASIError("rofs", "the directory is read-only");
}

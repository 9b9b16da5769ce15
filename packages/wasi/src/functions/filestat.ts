import { type Dialect, FstFlags, filetypeNumber } from "../abi.ts";
import { WASIError } from "../errors.ts";
import type { FileStat, NewTimes } from "../filesystem/file-system.ts";
import type { Context } from "../guest/context.ts";

/** Writes a `filestat`, which was shorter before preview 1: the number of names was 32 bits wide. */
export function writeFilestat(context: Context, dialect: Dialect, address: number, stat: FileStat): void {
  const { memory } = context;
  const old = dialect === "wasi_unstable";
  const at = address >>> 0;
  memory.slice(at, old ? 56 : 64).fill(0);
  memory.writeU64(at, stat.dev);
  memory.writeU64(at + 8, stat.ino);
  memory.writeU8(at + 16, filetypeNumber(stat.filetype));
  if (old) memory.writeU32(at + 20, Number(BigInt.asUintN(32, stat.nlink)));
  else memory.writeU64(at + 24, stat.nlink);
  const rest = at + (old ? 24 : 32);
  memory.writeU64(rest, stat.size);
  memory.writeU64(rest + 8, stat.atim);
  memory.writeU64(rest + 16, stat.mtim);
  memory.writeU64(rest + 24, stat.ctim);
}

/** The times that a guest sets. Throws `inval` for unknown flags and for a time that is both given and now. */
export function newTimes(atim: bigint, mtim: bigint, flags: number): NewTimes {
  const choose = (time: bigint, given: number, now: number): bigint | "now" | undefined => {
    if ((flags & given) !== 0 && (flags & now) !== 0) throw new WASIError("inval", "a time cannot be given and now");
    if ((flags & now) !== 0) return "now";
    return (flags & given) !== 0 ? BigInt.asUintN(64, time) : undefined;
  };
  if ((flags & ~15) !== 0) throw new WASIError("inval", "unknown flags");
  return {
    atim: choose(atim, FstFlags.atim, FstFlags.atimNow),
    mtim: choose(mtim, FstFlags.mtim, FstFlags.mtimNow),
  };
}

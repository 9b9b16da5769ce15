import { type Dialect, filetypeNumber } from "../abi.ts";
import type { Buffers, Descriptor } from "../descriptors/descriptor.ts";
import { DirectoryDescriptor } from "../descriptors/directory.ts";
import { WASIError } from "../errors.ts";
import { type Context, fileSize } from "../guest/context.ts";
import { Rights } from "../rights.ts";
import type { Family } from "./family.ts";

/** `whence`, whose numbers were others before preview 1. */
const WHENCE = {
  wasi_snapshot_preview1: ["start", "current", "end"],
  wasi_unstable: ["current", "end", "start"],
} as const;

/** Entries of a directory that are written between two looks at the clock. */
const ENTRIES_UNCHECKED = 256;

/** A directory's entry before its name: next cookie, inode, length of the name, file type. */
const DIRENT_SIZE = 24;

/** Moving bytes through descriptors, and their positions. */
export function fdIoFunctions(context: Context, dialect: Dialect): Family {
  const { memory, descriptors } = context;
  const whence = WHENCE[dialect];

  const places = (buffers: number, count: number): Buffers => {
    // Once now, so that what is wrong with them is told before anything happens, and again when the memory has moved meanwhile.
    let present = context.buffers(buffers, count);
    // What is asked for is paid, not what comes: that may depend on when it comes.
    let bytes = 0;
    for (const buffer of present) bytes += buffer.length;
    context.charge(bytes);
    return () => {
      if (memory.refresh()) present = context.buffers(buffers, count);
      return present;
    };
  };
  const report = (moved: number | Promise<number>, size: number): void | Promise<void> => {
    if (typeof moved === "number") return memory.writeU32(size, moved);
    return moved.then((bytes) => {
      memory.refresh();
      memory.writeU32(size, bytes);
    });
  };
  const positioned = (number: number, right: number): Descriptor => {
    const descriptor = descriptors.get(number);
    if (!(descriptor instanceof DirectoryDescriptor) && descriptor.stat().filetype !== "regular_file") {
      throw new WASIError("spipe", "not a file with positions");
    }
    descriptor.require(right);
    return descriptor;
  };

  return {
    /**
     * Reads at the descriptor's position and writes how many bytes, 0 at the end. Waits for input where there is none yet.
     * Errors: `badf` also for what was not opened to be read, `inval` for too many buffers, `again` on a non-blocking stream, `io`, `fault`,
     * `notsup` where it would have to wait and cannot, `timedout` when it has waited as long as it may.
     */
    fd_read(number: number, buffers: number, count: number, size: number): void | Promise<void> {
      const descriptor = context.descriptor(number, Rights.FD_READ);
      return report(descriptor.read(places(buffers, count)), size);
    },

    /**
     * Writes at the descriptor's position, or at the end of a file opened to append, and writes how many bytes.
     * Errors: `badf` also for what was not opened to be written, `inval`, `nospc`, `dquot` for more output than allowed, `fbig`, `pipe`, `io`, `fault`.
     */
    fd_write(number: number, buffers: number, count: number, size: number): void | Promise<void> {
      const descriptor = context.descriptor(number, Rights.FD_WRITE);
      return report(descriptor.write(places(buffers, count)), size);
    },

    /** Reads at a given position. Errors: those of `fd_read`, `spipe` for a stream, `notcapable`. */
    fd_pread(number: number, buffers: number, count: number, offset: bigint, size: number): void {
      const descriptor = positioned(number, Rights.FD_READ | Rights.FD_SEEK);
      memory.writeU32(size, descriptor.readAt(places(buffers, count), fileSize(offset, "inval")));
    },

    /** Writes at a given position, also in a file opened to append. Errors: those of `fd_write`, `spipe` for a stream, `notcapable`. */
    fd_pwrite(number: number, buffers: number, count: number, offset: bigint, size: number): void {
      const descriptor = positioned(number, Rights.FD_WRITE | Rights.FD_SEEK);
      memory.writeU32(size, descriptor.writeAt(places(buffers, count), fileSize(offset, "inval")));
    },

    /**
     * Moves the position and writes the new one. Errors: `badf`, `inval` for an unknown origin or a position before the start, `overflow` for one beyond 2^53 - 1,
     * `spipe` for a stream, `notcapable`, `fault`. With the right to tell alone, a move by 0 from the present position is allowed.
     */
    fd_seek(number: number, offset: bigint, origin: number, result: number): void {
      const from = whence[origin as 0 | 1 | 2];
      const isTell = from === "current" && offset === 0n;
      const descriptor = positioned(number, isTell ? Rights.FD_TELL : Rights.FD_SEEK);
      if (from === undefined) throw new WASIError("inval", "unknown origin");
      memory.writeU64(result, BigInt(descriptor.seek(BigInt.asIntN(64, offset), from)));
    },

    /** Writes the position. Errors: `badf`, `spipe` for a stream, `notcapable`, `fault`. */
    fd_tell(number: number, result: number): void {
      memory.writeU64(result, BigInt(positioned(number, Rights.FD_TELL).seek(0n, "current")));
    },

    /**
     * Writes entries of a directory, from the one after `cookie` on, as many as fit; the last may be cut short, and less than the buffer's length means the end.
     * A cookie stays good while entries come and go. Errors: `badf`, `notdir`, `notcapable`, `nomem` for a directory larger than allowed, `fault`.
     */
    fd_readdir(number: number, buffer: number, length: number, cookie: bigint, size: number): void {
      const descriptor = context.directory(number, Rights.FD_READDIR);
      const bytes = memory.slice(buffer, length);
      context.charge(bytes.length);
      const view = new DataView(new ArrayBuffer(DIRENT_SIZE));
      const header = new Uint8Array(view.buffer);
      let used = 0;
      let entries = 0;
      for (const entry of descriptor.entriesAfter(BigInt.asUintN(64, cookie))) {
        view.setBigUint64(0, entry.cookie, true);
        view.setBigUint64(8, entry.ino, true);
        view.setUint32(16, entry.name.length, true);
        view.setUint8(20, filetypeNumber(entry.filetype));
        bytes.set(header.subarray(0, bytes.length - used), used);
        used = Math.min(bytes.length, used + DIRENT_SIZE);
        bytes.set(entry.name.subarray(0, bytes.length - used), used);
        used = Math.min(bytes.length, used + entry.name.length);
        if (used === bytes.length) break;
        if (++entries % ENTRIES_UNCHECKED === 0) context.checkTime();
      }
      memory.writeU32(size, used);
    },
  };
}

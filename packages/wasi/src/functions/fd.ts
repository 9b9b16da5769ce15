import { ALL_FD_FLAGS, type Dialect, FdFlags, filetypeNumber } from "../abi.ts";
import { DirectoryDescriptor } from "../descriptors/directory.ts";
import { WASIError } from "../errors.ts";
import { type Context, fileSize } from "../guest/context.ts";
import { Rights, toRights } from "../rights.ts";
import type { Family } from "./family.ts";
import { newTimes, writeFilestat } from "./filestat.ts";

/** `advice` */
const MOST_ADVICE = 5;

/** What a descriptor is and may do; the functions that move bytes are in `fd-io.ts`. */
export function fdFunctions(context: Context, dialect: Dialect): Family {
  const { memory, descriptors } = context;
  const preopen = (number: number): Uint8Array => {
    const descriptor = descriptors.get(number);
    // Libraries look for preopened directories from 3 on until they are told badf.
    if (!(descriptor instanceof DirectoryDescriptor) || descriptor.preopen === undefined) {
      throw new WASIError("badf", "not a preopened directory");
    }
    return descriptor.preopen;
  };
  return {
    /** Takes note how a file will be used; nothing here needs to know. Errors: `badf`, `inval` for unknown advice, `spipe` for a stream, `notcapable`. */
    fd_advise(number: number, offset: bigint, length: bigint, advice: number): void {
      const descriptor = descriptors.get(number);
      if (descriptor.stat().filetype === "regular_file") descriptor.require(Rights.FD_ADVISE);
      else if (descriptor instanceof DirectoryDescriptor) throw new WASIError("badf", "a directory");
      else throw new WASIError("spipe", "not a file with positions");
      if (advice < 0 || advice > MOST_ADVICE) throw new WASIError("inval", "unknown advice");
      if (BigInt.asIntN(64, offset) < 0n || BigInt.asIntN(64, length) < 0n) throw new WASIError("inval", "negative");
    },

    /** Makes a file at least `offset + length` bytes large. Errors: `badf`, `inval` for a length of 0, `fbig`, `nospc`, `notcapable`. */
    fd_allocate(number: number, offset: bigint, length: bigint): void {
      const descriptor = descriptors.get(number);
      if (descriptor instanceof DirectoryDescriptor) throw new WASIError("badf", "a directory");
      descriptor.require(Rights.FD_ALLOCATE);
      const from = fileSize(offset, "inval");
      const size = fileSize(length, "inval");
      if (size === 0) throw new WASIError("inval", "a length of 0");
      const end = fileSize(BigInt(from) + BigInt(size), "fbig");
      if (Number(descriptor.stat().size) < end) descriptor.resize(end);
    },

    /** Closes a descriptor. Errors: `badf`. */
    fd_close(number: number): void {
      descriptors.remove(number).close();
    },

    /** Waits until a file's bytes are stored. Errors: `badf`, `inval` for what cannot be stored, `io`, `notcapable`. */
    fd_datasync(number: number): void {
      context.descriptor(number, Rights.FD_DATASYNC).sync(true);
    },

    /** Waits until a file's bytes and times are stored. Errors: `badf`, `inval`, `io`, `notcapable`. */
    fd_sync(number: number): void {
      context.descriptor(number, Rights.FD_SYNC).sync(false);
    },

    /** Writes what a descriptor is, its flags and its rights. Errors: `badf`, `fault`. */
    fd_fdstat_get(number: number, result: number): void {
      const descriptor = descriptors.get(number);
      const at = result >>> 0;
      memory.slice(at, 24).fill(0);
      memory.writeU8(at, filetypeNumber(descriptor.stat().filetype));
      memory.writeU16(at + 2, descriptor.flags);
      memory.writeU64(at + 8, BigInt(descriptor.rights));
      memory.writeU64(at + 16, BigInt(descriptor.inheriting));
    },

    /** Sets a descriptor's flags. Errors: `badf`, `inval` for unknown flags, `notcapable`. */
    fd_fdstat_set_flags(number: number, flags: number): void {
      const descriptor = context.descriptor(number, Rights.FD_FDSTAT_SET_FLAGS);
      if ((flags & ~ALL_FD_FLAGS) !== 0) throw new WASIError("inval", "unknown flags");
      if ((flags & (FdFlags.dsync | FdFlags.rsync | FdFlags.sync)) !== 0) {
        descriptor.require((flags & FdFlags.sync) !== 0 ? Rights.FD_SYNC : Rights.FD_DATASYNC);
      }
      descriptor.flags = flags;
    },

    /** Takes rights away. Errors: `badf`, `notcapable` for rights that the descriptor does not have. */
    fd_fdstat_set_rights(number: number, base: bigint, inheriting: bigint): void {
      const descriptor = descriptors.get(number);
      const newBase = toRights(base);
      const newInheriting = toRights(inheriting);
      if ((newBase & ~descriptor.rights) !== 0 || (newInheriting & ~descriptor.inheriting) !== 0) {
        throw new WASIError("notcapable", "rights can only be taken away");
      }
      descriptor.rights = newBase;
      descriptor.inheriting = newInheriting;
    },

    /** Writes what is known of the object behind a descriptor. Errors: `badf`, `notcapable`, `fault`, `io`. */
    fd_filestat_get(number: number, result: number): void {
      writeFilestat(context, dialect, result, context.descriptor(number, Rights.FD_FILESTAT_GET).stat());
    },

    /** Cuts or extends a file. Errors: `badf`, `inval` for what is no file or was not opened to be written, `isdir`, `fbig`, `nospc`, `notcapable`. */
    fd_filestat_set_size(number: number, size: bigint): void {
      const descriptor = context.descriptor(number, Rights.FD_FILESTAT_SET_SIZE);
      descriptor.resize(fileSize(size, "fbig"));
    },

    /** Sets times of the object behind a descriptor. Errors: `badf`, `inval` for flags that contradict each other, `notcapable`, `rofs`. */
    fd_filestat_set_times(number: number, atim: bigint, mtim: bigint, flags: number): void {
      context.descriptor(number, Rights.FD_FILESTAT_SET_TIMES).setTimes(newTimes(atim, mtim, flags));
    },

    /** Writes that a descriptor is a preopened directory and how long its name is. Errors: `badf` for any other descriptor, `fault`. */
    fd_prestat_get(number: number, result: number): void {
      const name = preopen(number);
      memory.writeU32(result, 0);
      memory.writeU32((result >>> 0) + 4, name.length);
    },

    /** Writes the name of a preopened directory, without a closing NUL. Errors: `badf`, `nametoolong` when it does not fit, `fault`. */
    fd_prestat_dir_name(number: number, buffer: number, length: number): void {
      const name = preopen(number);
      if (name.length > length >>> 0) throw new WASIError("nametoolong", "the buffer is too short");
      memory.slice(buffer, name.length).set(name);
    },

    /** Gives the descriptor `from` the number `to`, which is closed. Errors: `badf` unless both are open. */
    fd_renumber(from: number, to: number): void {
      descriptors.renumber(from, to)?.close();
    },
  };
}

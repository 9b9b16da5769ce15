import { WASIError } from "../errors.ts";
import type { FileStat, NewTimes } from "../filesystem/file-system.ts";
import { Rights } from "../rights.ts";

/** What `poll_oneoff` says of a descriptor that is ready. */
export interface Readiness {
  /** Bytes that can be read, 0 where nobody knows or counts. */
  readonly bytes: number;
  readonly hangup: boolean;
}

const READY: Readiness = { bytes: 0, hangup: false };

/** The places that a call reads into or writes from. To be asked for when they are used: a guest's memory may move while it waits. */
export type Buffers = () => Uint8Array[];

/** Something that a guest has a number for. What a kind of descriptor cannot do fails as the specification or POSIX has it. */
export abstract class Descriptor {
  /** What may be done with it. */
  rights: number;
  /** What may be done at most with what is opened through it. */
  inheriting: number;
  /** `fdflags` */
  flags: number;

  constructor(rights: number, inheriting: number, flags = 0) {
    this.rights = rights;
    this.inheriting = inheriting;
    this.flags = flags;
  }

  abstract stat(): FileStat;

  /** Fails unless the descriptor has that right: `badf` for one that was not opened to be read or written, `notcapable` otherwise. */
  require(right: number): void {
    if ((this.rights & right) === right) return;
    if ((right & (Rights.FD_READ | Rights.FD_WRITE)) !== 0) {
      throw new WASIError("badf", "the descriptor was not opened for this");
    }
    throw new WASIError("notcapable", "the descriptor lacks the right");
  }

  read(_buffers: Buffers): number | Promise<number> {
    throw new WASIError("badf", "not a descriptor that is read");
  }

  write(_buffers: Buffers): number | Promise<number> {
    throw new WASIError("badf", "not a descriptor that is written");
  }

  readAt(_buffers: Buffers, _position: number): number {
    throw new WASIError("spipe", "not a file with positions");
  }

  writeAt(_buffers: Buffers, _position: number): number {
    throw new WASIError("spipe", "not a file with positions");
  }

  /** Moves the position to `offset` from its start, the present position or the end, and returns it. */
  seek(_offset: bigint, _from: "start" | "current" | "end"): number {
    throw new WASIError("spipe", "not a file with positions");
  }

  resize(_size: number): void {
    throw new WASIError("inval", "not a file");
  }

  setTimes(_times: NewTimes): void {
    throw new WASIError("inval", "not a file");
  }

  sync(_dataOnly: boolean): void {
    throw new WASIError("inval", "not a file");
  }

  /** Undefined when reading would have to wait. */
  get readable(): Readiness | undefined {
    return READY;
  }

  /** Undefined when writing would have to wait. */
  get writable(): Readiness | undefined {
    return READY;
  }

  /** Passes when {@link readable} may have changed; undefined when it never will on its own. */
  whenReadable(): Promise<void> | undefined {
    return undefined;
  }

  close(): void {}
}

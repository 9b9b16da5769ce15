import type { BigIntStats } from "node:fs";
import type { FileFunctions } from "../../platform/node.ts";
import type { FileHandle, FileStat, NewTimes } from "../file-system.ts";
import { hostError, onHost } from "./errors.ts";
import { mustBeWritable } from "./stat.ts";
import type { HostTimes } from "./times.ts";

/** A file of the host that a guest has opened. */
export class HostFile implements FileHandle {
  readonly kind = "file";
  private readonly fs: FileFunctions;
  private readonly descriptor: number;
  private readonly times: HostTimes;
  private readonly readonly: boolean;
  /** The position that the system keeps for the descriptor. Where it is the one asked for, reading there costs a third less. */
  private offset = 0;
  /** Opened for appending when that is first asked, so that the system finds the end and writes there in one step. */
  private appending: number | undefined;

  constructor(fs: FileFunctions, descriptor: number, times: HostTimes, readonly: boolean) {
    this.fs = fs;
    this.descriptor = descriptor;
    this.times = times;
    this.readonly = readonly;
  }

  stat(): FileStat {
    return onHost(() => this.times.fileStat(this.look()));
  }

  setTimes(times: NewTimes): void {
    mustBeWritable(this.readonly);
    onHost(() =>
      this.times.change(
        times,
        () => this.look(),
        (atim, mtim) => this.fs.futimesSync(this.descriptor, atim, mtim),
      ),
    );
  }

  sync(dataOnly: boolean): void {
    onHost(() => (dataOnly ? this.fs.fdatasyncSync(this.descriptor) : this.fs.fsyncSync(this.descriptor)));
  }

  close(): void {
    onHost(() => {
      if (this.appending !== undefined) this.fs.closeSync(this.appending);
      this.fs.closeSync(this.descriptor);
    });
  }

  read(bytes: Uint8Array, position: number): number {
    if (bytes.length === 0) return 0;
    try {
      if (position !== this.offset) return this.fs.readSync(this.descriptor, bytes, 0, bytes.length, position);
      const read = this.fs.readSync(this.descriptor, bytes, 0, bytes.length, null);
      this.offset += read;
      return read;
    } catch (error) {
      throw hostError(error);
    }
  }

  write(bytes: Uint8Array, position: number): number {
    if (bytes.length === 0) return 0;
    try {
      if (position !== this.offset) return this.fs.writeSync(this.descriptor, bytes, 0, bytes.length, position);
      const written = this.fs.writeSync(this.descriptor, bytes, 0, bytes.length, null);
      this.offset += written;
      return written;
    } catch (error) {
      throw hostError(error);
    }
  }

  append(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0;
    return onHost(() => {
      const descriptor = this.openToAppend();
      if (descriptor !== undefined) return this.fs.writeSync(descriptor, bytes, 0, bytes.length);
      const { size } = this.fs.fstatSync(this.descriptor);
      return this.fs.writeSync(this.descriptor, bytes, 0, bytes.length, size);
    });
  }

  resize(size: number): void {
    mustBeWritable(this.readonly);
    onHost(() => this.fs.ftruncateSync(this.descriptor, size));
  }

  private look(): BigIntStats {
    return this.fs.fstatSync(this.descriptor, { bigint: true });
  }

  /** Where descriptors have no names, the end is looked up instead, and another process that appends may be overwritten. */
  private openToAppend(): number | undefined {
    if (this.appending !== undefined) return this.appending;
    const { O_WRONLY, O_APPEND } = this.fs.constants;
    try {
      const opened = this.fs.openSync(`/proc/self/fd/${this.descriptor}`, O_WRONLY | O_APPEND);
      this.appending = opened;
    } catch {
      return undefined;
    }
    return this.appending;
  }
}

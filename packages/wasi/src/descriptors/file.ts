import { FdFlags } from "../abi.ts";
import { WASIError } from "../errors.ts";
import type { FileHandle, FileStat, NewTimes } from "../filesystem/file-system.ts";
import { type Buffers, Descriptor, type Readiness } from "./descriptor.ts";

/** An open regular file: a handle of a file system, and the position that preview 1 keeps for the guest. */
export class FileDescriptor extends Descriptor {
  private readonly file: FileHandle;
  private position = 0;
  /** Something was appended since the position was last known: it is the end. */
  private atEnd = false;

  constructor(file: FileHandle, rights: number, inheriting: number, flags: number) {
    super(rights, inheriting, flags);
    this.file = file;
  }

  override stat(): FileStat {
    return this.file.stat();
  }

  override read(buffers: Buffers): number {
    const read = this.readAt(buffers, this.at());
    this.position += read;
    return read;
  }

  override write(buffers: Buffers): number {
    if ((this.flags & FdFlags.append) === 0) {
      const written = this.writeAt(buffers, this.at());
      this.position += written;
      return written;
    }
    let written = 0;
    for (const buffer of buffers()) {
      const part = this.file.append(buffer);
      written += part;
      this.atEnd = true;
      if (part < buffer.length) break;
    }
    this.store();
    return written;
  }

  override readAt(buffers: Buffers, position: number): number {
    let read = 0;
    for (const buffer of buffers()) {
      if (buffer.length === 0) continue;
      const part = this.file.read(buffer, position + read);
      read += part;
      if (part < buffer.length) break;
    }
    return read;
  }

  override writeAt(buffers: Buffers, position: number): number {
    let written = 0;
    try {
      for (const buffer of buffers()) {
        if (buffer.length === 0) continue;
        const part = this.file.write(buffer, position + written);
        written += part;
        if (part < buffer.length) break;
      }
    } catch (error) {
      // What was written before the disk was full counts; the next call gets the error.
      if (written === 0) throw error;
    }
    this.store();
    return written;
  }

  override seek(offset: bigint, from: "start" | "current" | "end"): number {
    const base = from === "start" ? 0 : from === "current" ? this.at() : this.size();
    const position = BigInt(base) + offset;
    if (position < 0n) throw new WASIError("inval", "before the start of the file");
    if (position > BigInt(Number.MAX_SAFE_INTEGER)) throw new WASIError("overflow", "beyond 2^53 - 1");
    this.atEnd = false;
    return (this.position = Number(position));
  }

  override resize(size: number): void {
    this.file.resize(size);
  }

  override setTimes(times: NewTimes): void {
    this.file.setTimes(times);
  }

  override sync(dataOnly: boolean): void {
    this.file.sync(dataOnly);
  }

  override get readable(): Readiness {
    return { bytes: Math.max(0, this.size() - this.at()), hangup: false };
  }

  override close(): void {
    this.file.close();
  }

  private size(): number {
    return Number(this.file.stat().size);
  }

  private at(): number {
    if (this.atEnd) {
      this.position = this.size();
      this.atEnd = false;
    }
    return this.position;
  }

  private store(): void {
    if ((this.flags & (FdFlags.sync | FdFlags.dsync)) !== 0) this.file.sync((this.flags & FdFlags.sync) === 0);
  }
}

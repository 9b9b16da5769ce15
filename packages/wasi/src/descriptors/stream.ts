import type { Filetype } from "../abi.ts";
import { FdFlags } from "../abi.ts";
import type { FileStat } from "../filesystem/file-system.ts";
import { Rights, STREAM_RIGHTS } from "../rights.ts";
import type { Input } from "../stdio/input.ts";
import type { Output } from "../stdio/output.ts";
import { type Buffers, Descriptor, type Readiness } from "./descriptor.ts";

/** What is known of something that is no file. */
export function streamStat(filetype: Filetype): FileStat {
  return { dev: 0n, ino: 0n, filetype, nlink: 1n, size: 0n, atim: 0n, mtim: 0n, ctim: 0n };
}

/** What reading from an input says of itself in a poll. */
export function inputReadiness(input: Input): Readiness | undefined {
  const bytes = input.readable;
  return bytes === undefined ? undefined : { bytes, hangup: input.ended };
}

/** A terminal is a character device; preview 1 has no word for a pipe. */
function streamType(tty: boolean): Filetype {
  return tty ? "character_device" : "unknown";
}

/** Standard input. */
export class InputDescriptor extends Descriptor {
  private readonly input: Input;
  private readonly tty: boolean;
  private readonly onClose: () => void;

  constructor(input: Input, tty: boolean, onClose: () => void) {
    super(STREAM_RIGHTS | Rights.FD_READ, 0);
    this.input = input;
    this.tty = tty;
    this.onClose = onClose;
  }

  override stat(): FileStat {
    return streamStat(streamType(this.tty));
  }

  override read(buffers: Buffers): number | Promise<number> {
    return this.input.read(buffers, false, (this.flags & FdFlags.nonblock) !== 0);
  }

  override get readable(): Readiness | undefined {
    return inputReadiness(this.input);
  }

  override whenReadable(): Promise<void> {
    return this.input.wait();
  }

  override close(): void {
    this.onClose();
  }
}

/** Standard output or error. */
export class OutputDescriptor extends Descriptor {
  private readonly output: Output;
  private readonly tty: boolean;

  constructor(output: Output, tty: boolean) {
    super(STREAM_RIGHTS | Rights.FD_WRITE, 0, FdFlags.append);
    this.output = output;
    this.tty = tty;
  }

  override stat(): FileStat {
    return streamStat(streamType(this.tty));
  }

  override write(buffers: Buffers): number | Promise<number> {
    return this.output.write(buffers());
  }
}

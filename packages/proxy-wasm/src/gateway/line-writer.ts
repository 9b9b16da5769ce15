import type { Writable } from "node:stream";

/** Bytes that may wait for a reader that takes nothing. */
const MAX_WAITING: number = 4 * 1024 * 1024;

function ignore(): void {}

/**
 * Writes lines to a stream whose end may be gone, full or slow. A line that cannot be written is lost and counted. It
 * is no failure of what it tells of: a closed pipe (`EPIPE`) or a full disk (`ENOSPC`) does not end the process.
 */
export class LineWriter {
  private readonly stream: Writable;
  private readonly lost: () => void;
  private pending = 0;

  /** @param lost called for each line that could not be written */
  constructor(stream: Writable, lost: () => void) {
    this.stream = stream;
    this.lost = lost;
  }

  write(line: string): void {
    const { stream } = this;
    if (stream.writableLength > MAX_WAITING) {
      this.lost();
      return;
    }
    if (this.pending++ === 0) stream.on("error", ignore);
    stream.write(`${line}\n`, (error) => {
      if (error) this.lost();
      // The stream emits its error after it has called back.
      if (error) setImmediate(() => this.settled());
      else this.settled();
    });
  }

  private settled(): void {
    if (--this.pending === 0) this.stream.off("error", ignore);
  }
}

/**
 * Keeps this process alive when its standard output or its standard error has been closed or is full. For programs that
 * serve others; lines are lost.
 */
export function keepWithoutOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners("error");
    stream.on("error", ignore);
  }
}

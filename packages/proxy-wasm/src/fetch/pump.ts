/** Moves a readable stream's chunks, and stops and goes on when it is told to. */
export class Pump {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly chunk: (bytes: Uint8Array) => void;
  private readonly end: (error: unknown) => void;
  private wanted = new Map<string, boolean>();
  private running = false;
  private over = false;

  /** @param end called once: with undefined at the stream's end, with what went wrong otherwise */
  constructor(stream: ReadableStream<Uint8Array>, chunk: (bytes: Uint8Array) => void, end: (error: unknown) => void) {
    this.reader = stream.getReader();
    this.chunk = chunk;
    this.end = end;
  }

  start(): void {
    void this.run();
  }

  /** Somebody wants more, or no more for now; it goes on when all do. */
  want(who: string, on: boolean): void {
    this.wanted.set(who, on);
    if (on) void this.run();
  }

  /** Stops for good. */
  cancel(): void {
    if (this.over) return;
    this.over = true;
    this.reader.cancel().catch(() => {});
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      while (!this.over && ![...this.wanted.values()].includes(false)) {
        const { done, value } = await this.reader.read();
        if (this.over) break;
        if (done) this.finish(undefined);
        // The Fetch Standard, section 2.2.4: a body whose chunks are no bytes fails.
        else if (ArrayBuffer.isView(value)) this.chunk(value);
        else throw new TypeError("a chunk of a body must be a Uint8Array");
      }
    } catch (error) {
      this.reader.cancel(error).catch(() => {});
      this.finish(error ?? new Error("the stream failed"));
    } finally {
      this.running = false;
    }
  }

  private finish(error: unknown): void {
    if (this.over) return;
    this.over = true;
    this.end(error);
  }
}

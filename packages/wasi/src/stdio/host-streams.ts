import { WASIError } from "../errors.ts";
import { onHost } from "../filesystem/host/errors.ts";
import type { Waiting } from "../guest/waiting.ts";
import { nodeFs } from "../platform/node.ts";
import type { ByteSource, InputChunk } from "./input.ts";
import type { ByteSink } from "./output.ts";

/** Node's `process.stdin` as far as it is used here. */
interface HostStdin {
  pause(): unknown;
  resume(): unknown;
  on(event: string, listener: (error?: unknown) => void): unknown;
  removeListener(event: string, listener: (error?: unknown) => void): unknown;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
}

interface NodeHost {
  process?: { stdin: HostStdin; getBuiltinModule?(name: "node:tty"): { isatty(descriptor: number): boolean } };
}

function isTerminal(descriptor: number): boolean {
  return (globalThis as unknown as NodeHost).process?.getBuiltinModule?.("node:tty").isatty(descriptor) ?? false;
}

const CHUNK = 65_536;
/** A descriptor that does not block is tried again after this many milliseconds. */
const RETRY = 5;

/** The host's standard input: read in the background by a call that may be suspended, waited for by another. */
export function hostInput(): ByteSource {
  const fs = nodeFs('stdin: "inherit"');
  let stop: (() => void) | undefined;

  const nextLater = (): Promise<InputChunk> =>
    new Promise((resolve, reject) => {
      const { stdin } = (globalThis as unknown as Required<NodeHost>).process;
      if (stdin.readableEnded || stdin.destroyed) return resolve(null);
      const finish = (settle: () => void): void => {
        stdin.removeListener("data", take);
        stdin.removeListener("end", end);
        stdin.removeListener("close", end);
        stdin.removeListener("error", fail);
        // A stream that nobody reads does not keep the host alive; what has arrived already waits in it.
        stdin.pause();
        stop = undefined;
        settle();
      };
      const take = (chunk: unknown): void => finish(() => resolve(chunk as InputChunk));
      const end = (): void => finish(() => resolve(null));
      const fail = (error: unknown): void => finish(() => reject(error));
      stop = end;
      stdin.on("data", take);
      stdin.on("end", end);
      stdin.on("close", end);
      stdin.on("error", fail);
      stdin.resume();
    });

  const nextNow = (waiting: Waiting): InputChunk => {
    const buffer = new Uint8Array(CHUNK);
    for (;;) {
      try {
        const read = onHost(() => fs.readSync(0, buffer));
        return read === 0 ? null : buffer.slice(0, read);
      } catch (error) {
        if (error instanceof WASIError && error.errno === "again") waiting.block(RETRY);
        // Windows says so at the end of a pipe.
        else if ((error as { code?: unknown }).code === "EOF") return null;
        else throw error;
      }
    }
  };

  return {
    tty: isTerminal(0),
    blocks: (waiting) => !waiting.suspendable,
    next: (waiting) => (waiting.suspendable ? nextLater() : nextNow(waiting)),
    close: () => stop?.(),
  };
}

/** The host's standard output or error, written at once so that nothing is kept or reordered. */
export function hostOutput(descriptor: 1 | 2): ByteSink {
  const fs = nodeFs('stdout: "inherit"');
  return {
    tty: isTerminal(descriptor),
    direct: true,
    write: (chunk, waiting) => {
      for (let at = 0; at < chunk.length; ) {
        try {
          at += onHost(() => fs.writeSync(descriptor, chunk, at));
        } catch (error) {
          if (!(error instanceof WASIError) || error.errno !== "again") throw error;
          waiting.block(RETRY);
        }
      }
    },
  };
}

import { Errno, type ErrnoName } from "./errno.ts";

/**
 * A failure that the guest is told of as an error number. File systems, streams and sockets throw it; any other error
 * that they throw is a failure of the host and reaches the host's caller unchanged.
 */
export class WASIError extends Error {
  override readonly name: string = "WASIError";
  /** The error's name in preview 1, such as `"noent"`. */
  readonly errno: ErrnoName;

  /**
   * @param errno the error's name in preview 1
   * @param message what failed, for a host that calls the file system itself; guests see the number alone
   */
  constructor(errno: ErrnoName, message: string = errno) {
    super(message);
    this.errno = errno;
  }

  /** The number that the guest gets. */
  get number(): number {
    return Errno[this.errno];
  }
}

/**
 * Thrown through the guest's frames by `proc_exit` (and by a fatal `proc_raise`), and caught by `WASI.start`. A host that calls a guest's
 * exports itself sees it as the error of that call.
 */
export class ExitStatus extends Error {
  override readonly name: string = "ExitStatus";
  /** The guest's exit code, 0 to 4294967295. */
  readonly code: number;

  constructor(code: number) {
    super(`the guest exited with code ${code}`);
    this.code = code;
  }
}

import { ERRNO_NAMES } from "../src/errno.ts";
import { RIGHT_NAMES, Rights } from "../src/rights.ts";
import { decodeUtf8, encodeUtf8 } from "../src/utf8.ts";
import { WASI, type WASIOptions } from "../src/wasi.ts";

/** The functions of preview 1, wherever they come from. */
export type Functions = Readonly<Record<string, (...parameters: (number | bigint)[]) => number | Promise<number>>>;

export type RightName = (typeof RIGHT_NAMES)[number];

/** What {@link Guest.open} takes. */
export interface OpenRequest {
  from?: number;
  follow?: boolean;
  creat?: boolean;
  directory?: boolean;
  excl?: boolean;
  trunc?: boolean;
  rights?: readonly RightName[];
  inheriting?: readonly RightName[];
  flags?: number;
}

export function rightsOf(names: readonly RightName[]): bigint {
  return BigInt(names.reduce((all, name) => all | Rights[name], 0));
}

/** Rights of sockets aside, which no directory of Node's passes on. */
const ALL = rightsOf(RIGHT_NAMES.filter((name) => !name.startsWith("SOCK_")));
const READ_ONLY = ALL & ~rightsOf(["FD_WRITE", "FD_ALLOCATE", "FD_FILESTAT_SET_SIZE", "FD_DATASYNC"]);

/** A guest written in TypeScript: it has a memory and calls the functions of preview 1 by number and address, as a compiled one does. */
export class Guest {
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 4, maximum: 64 });
  readonly functions: Functions;
  private top = 64;

  constructor(functions: Functions) {
    this.functions = functions;
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  /** Everything that was put into memory may be written over. */
  forget(): void {
    this.top = 64;
  }

  space(length: number): number {
    const at = (this.top + 7) & ~7;
    this.top = at + length;
    if (this.top > this.memory.buffer.byteLength) {
      this.memory.grow(Math.ceil((this.top - this.memory.buffer.byteLength) / 65_536));
    }
    return at;
  }

  put(data: string | Uint8Array): [address: number, length: number] {
    const bytes = typeof data === "string" ? encodeUtf8(data) : data;
    const at = this.space(bytes.length);
    this.bytes.set(bytes, at);
    return [at, bytes.length];
  }

  text(address: number, length: number): string {
    return decodeUtf8(this.bytes.slice(address, address + length), 0, length) ?? "?";
  }

  /** Calls a function that does not wait; returns the error's name. */
  call(name: string, ...parameters: (number | bigint)[]): string {
    const result = this.functions[name](...parameters);
    if (typeof result !== "number") throw new Error(`${name} waits`);
    return ERRNO_NAMES[result];
  }

  async callAsync(name: string, ...parameters: (number | bigint)[]): Promise<string> {
    return ERRNO_NAMES[await this.functions[name](...parameters)];
  }

  open(path: string | Uint8Array, request: OpenRequest = {}): { errno: string; fd: number } {
    const result = this.space(4);
    const errno = this.call(
      "path_open",
      request.from ?? 3,
      request.follow === false ? 0 : 1,
      ...this.put(path),
      (request.creat ? 1 : 0) | (request.directory ? 2 : 0) | (request.excl ? 4 : 0) | (request.trunc ? 8 : 0),
      request.rights === undefined ? (request.creat || request.trunc ? ALL : READ_ONLY) : rightsOf(request.rights),
      request.inheriting === undefined ? ALL : rightsOf(request.inheriting),
      request.flags ?? 0,
      result,
    );
    return { errno, fd: this.view.getUint32(result, true) };
  }

  vector(...buffers: [address: number, length: number][]): [address: number, count: number] {
    const at = this.space(buffers.length * 8);
    buffers.forEach(([address, length], index) => {
      this.view.setUint32(at + index * 8, address, true);
      this.view.setUint32(at + index * 8 + 4, length, true);
    });
    return [at, buffers.length];
  }

  write(fd: number, data: string | Uint8Array): { errno: string; size: number } {
    const size = this.space(4);
    const errno = this.call("fd_write", fd, ...this.vector(this.put(data)), size);
    return { errno, size: this.view.getUint32(size, true) };
  }

  read(fd: number, length = 1000): { errno: string; text: string } {
    const size = this.space(4);
    const buffer = this.space(length);
    const errno = this.call("fd_read", fd, ...this.vector([buffer, length]), size);
    return { errno, text: errno === "success" ? this.text(buffer, this.view.getUint32(size, true)) : "" };
  }

  async readAsync(fd: number, length = 1000): Promise<{ errno: string; text: string }> {
    const size = this.space(4);
    const buffer = this.space(length);
    const errno = await this.callAsync("fd_read", fd, ...this.vector([buffer, length]), size);
    return { errno, text: errno === "success" ? this.text(buffer, this.view.getUint32(size, true)) : "" };
  }

  close(fd: number): string {
    return this.call("fd_close", fd);
  }

  /** Opens, reads all and closes. */
  readFile(path: string, from = 3): { errno: string; text: string } {
    const { errno, fd } = this.open(path, { from, rights: ["FD_READ"] });
    if (errno !== "success") return { errno, text: "" };
    const result = this.read(fd);
    this.close(fd);
    return result;
  }

  /** Opens, writes all and closes. */
  writeFile(path: string, data: string | Uint8Array, from = 3): string {
    const { errno, fd } = this.open(path, { from, creat: true, trunc: true });
    if (errno !== "success") return errno;
    const result = this.write(fd, data);
    this.close(fd);
    return result.errno;
  }

  mkdir(path: string, from = 3): string {
    return this.call("path_create_directory", from, ...this.put(path));
  }

  rmdir(path: string, from = 3): string {
    return this.call("path_remove_directory", from, ...this.put(path));
  }

  unlink(path: string, from = 3): string {
    return this.call("path_unlink_file", from, ...this.put(path));
  }

  symlink(target: string, path: string, from = 3): string {
    return this.call("path_symlink", ...this.put(target), from, ...this.put(path));
  }

  rename(path: string, newPath: string, from = 3, to = 3): string {
    return this.call("path_rename", from, ...this.put(path), to, ...this.put(newPath));
  }

  link(path: string, newPath: string, flags = 0, from = 3, to = 3): string {
    return this.call("path_link", from, flags, ...this.put(path), to, ...this.put(newPath));
  }

  readlink(path: string, length = 256, from = 3): { errno: string; target: string } {
    const buffer = this.space(length);
    const size = this.space(4);
    const errno = this.call("path_readlink", from, ...this.put(path), buffer, length, size);
    return { errno, target: errno === "success" ? this.text(buffer, this.view.getUint32(size, true)) : "" };
  }

  stat(
    path: string,
    follow = true,
    from = 3,
  ): { errno: string; filetype: number; size: bigint; mtim: bigint; ino: bigint } {
    const at = this.space(64);
    const errno = this.call("path_filestat_get", from, follow ? 1 : 0, ...this.put(path), at);
    return { errno, ...this.filestat(at) };
  }

  fstat(fd: number): { errno: string; filetype: number; size: bigint; mtim: bigint; ino: bigint } {
    const at = this.space(64);
    const errno = this.call("fd_filestat_get", fd, at);
    return { errno, ...this.filestat(at) };
  }

  /** One call's worth of entries, whole ones only. */
  readdir(
    fd: number,
    cookie = 0n,
    length = 4096,
  ): { errno: string; entries: { name: string; next: bigint; ino: bigint }[] } {
    const buffer = this.space(length);
    const size = this.space(4);
    const errno = this.call("fd_readdir", fd, buffer, length, cookie, size);
    const entries: { name: string; next: bigint; ino: bigint }[] = [];
    const end = buffer + this.view.getUint32(size, true);
    for (let at = buffer; errno === "success" && at + 24 <= end; ) {
      const nameLength = this.view.getUint32(at + 16, true);
      if (at + 24 + nameLength > end) break;
      entries.push({
        name: this.text(at + 24, nameLength),
        next: this.view.getBigUint64(at, true),
        ino: this.view.getBigUint64(at + 8, true),
      });
      at += 24 + nameLength;
    }
    return { errno, entries };
  }

  /** All names in a directory but `.` and `..`, sorted. */
  list(path = "."): string[] {
    const { fd } = this.open(path, { directory: true });
    const names: string[] = [];
    for (let cookie = 0n; ; ) {
      const { entries } = this.readdir(fd, cookie);
      if (entries.length === 0) break;
      names.push(...entries.map(({ name }) => name));
      cookie = entries.at(-1)!.next;
    }
    this.close(fd);
    return names.filter((name) => name !== "." && name !== "..").sort();
  }

  private filestat(at: number): { filetype: number; size: bigint; mtim: bigint; ino: bigint } {
    return {
      ino: this.view.getBigUint64(at + 8, true),
      filetype: this.view.getUint8(at + 16),
      size: this.view.getBigUint64(at + 32, true),
      mtim: this.view.getBigUint64(at + 48, true),
    };
  }
}

/** Runs a guest in a call that cannot be suspended. */
export function runGuest(
  options: WASIOptions,
  body: (guest: Guest) => void,
  dialect: "wasi_snapshot_preview1" | "wasi_unstable" = "wasi_snapshot_preview1",
): number {
  const wasi = new WASI(options);
  const guest = new Guest(wasi.imports[dialect] as unknown as Functions);
  return wasi.startSync({ exports: { memory: guest.memory, _start: () => body(guest) } });
}

/** Runs a guest in a call that can be suspended. */
export function runGuestAsync(options: WASIOptions, body: (guest: Guest) => Promise<void>): Promise<number> {
  const wasi = new WASI(options);
  const guest = new Guest(wasi.imports.wasi_snapshot_preview1 as unknown as Functions);
  const start = (): Promise<void> => body(guest);
  return wasi.start({
    exports: { memory: guest.memory, _start: start },
    async: { exports: { _start: start } },
    suspendable: true,
  });
}

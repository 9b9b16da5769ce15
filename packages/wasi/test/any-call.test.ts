import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ExitStatus, type FileSystem, HostDirectory, MemoryFileSystem, OverlayFileSystem } from "../src/index.ts";
import { runGuest } from "./guest.ts";

/** The parameters of every function of preview 1: i for 32 bits, I for 64. */
const SIGNATURES: Readonly<Record<string, string>> = {
  args_get: "ii",
  args_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  environ_get: "ii",
  environ_sizes_get: "ii",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_dir_name: "iii",
  fd_prestat_get: "ii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_exit: "i",
  proc_raise: "i",
  random_get: "ii",
  sched_yield: "",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};

// Numbers that mean something somewhere: descriptors, addresses of the names and buffers below, borders.
const i32 = fc.oneof(
  fc.integer({ min: 0, max: 8 }),
  fc.constantFrom(64, 72, 80, 88, 96, 1024, 2048, 65_535, 262_140, 262_144, 0x7fff_ffff, -1, -8, -0x8000_0000),
  fc.integer(),
);
const i64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 100n }),
  fc.constantFrom(-1n, (1n << 63n) - 1n, -(1n << 63n), 1n << 40n, (1n << 53n) + 1n, 0x1fff_ffffn),
);
const call = fc
  .constantFrom(...Object.keys(SIGNATURES))
  .chain((name) =>
    fc.tuple(
      fc.constant(name),
      ...[...SIGNATURES[name]].map((kind) => (kind === "i" ? i32 : i64) as fc.Arbitrary<number | bigint>),
    ),
  );

test("every function is known", () => {
  runGuest({}, (guest) => expect(Object.keys(guest.functions).sort()).toEqual(Object.keys(SIGNATURES).sort()));
});

test("no call, with whatever parameters and memory, does more than fail", () => {
  const top = mkdtempSync(join(tmpdir(), "wardian-any-"));
  const tree = { a: "text", "dir/b": "more" };
  try {
    fc.assert(
      fc.property(
        fc.array(call, { maxLength: 30 }),
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(2),
        (calls, bytes, kind) => {
          const system: FileSystem =
            kind === 0
              ? MemoryFileSystem.from(tree, { maxBytes: 10_000, maxFiles: 20 })
              : kind === 1
                ? new OverlayFileSystem(MemoryFileSystem.from(tree), { maxBytes: 10_000, maxFiles: 20 })
                : new HostDirectory(mkdtempSync(join(top, "inside-")));
          const options = {
            args: ["app"],
            env: { A: "b" },
            preopens: { "/": system },
            stdin: "input",
            limits: { output: 10_000, descriptors: 16, transfer: 10_000 },
          };
          runGuest(options, (guest) => {
            guest.bytes.set(bytes, 100);
            guest.bytes.set(Buffer.from("a\0dir\0../x\0dir/b"), 64);
            guest.view.setUint32(1024, 2048, true);
            guest.view.setUint32(1028, 100, true);
            for (const [name, ...parameters] of calls) {
              try {
                const result = guest.functions[name](...parameters);
                // Sparse files of the host are as large as they are asked to be; this is no test of its disk.
                if (typeof result !== "number" || result < 0 || result > 76) throw new Error(`${name}: ${result}`);
              } catch (error) {
                if (!(error instanceof ExitStatus)) throw error;
                break;
              }
            }
          });
          expect(readdirSync(top).filter((name) => !name.startsWith("inside-"))).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}, 120_000);

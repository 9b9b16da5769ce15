import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
if (!existsSync(main)) throw new Error("the command is not built: npm run build");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for a test file, removed in the end. */
export const folder: string = mkdtempSync(join(tmpdir(), "wardian-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a file into the folder. @returns its name there */
export function file(name: string, contents: string | Uint8Array): string {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), contents);
  return name;
}

export function contents(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, name)));
}

/** Runs the built command in the folder, as a process of its own. */
export function wardian(
  args: readonly string[],
  options: { input?: string | Uint8Array; env?: NodeJS.ProcessEnv } = {},
): Outcome {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const result = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    input: options.input ?? "",
    env: { ...env, ...options.env },
    timeout: 60_000,
    maxBuffer: 1 << 28,
  });
  return { code: result.status, stdout: String(result.stdout), stderr: String(result.stderr) };
}

/** As {@link wardian}, with standard output as bytes. */
export function wardianBytes(args: readonly string[], input: string | Uint8Array = ""): Uint8Array {
  const result = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    input,
    timeout: 60_000,
    maxBuffer: 1 << 28,
  });
  return new Uint8Array(result.stdout);
}

/** The text of a WASI command: its `_start` is `body`, and `$write` prints memory to a descriptor. */
export function commandText(body: string, data = ""): string {
  return `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
      (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 1024) "${data}")
    (func $write (param $fd i32) (param $at i32) (param $length i32)
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $length))
      (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start") (local $a i32) (local $b i32)
      ${body}))`;
}

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type FileSystem,
  HostDirectory,
  MemoryFileSystem,
  OverlayFileSystem,
  systemClock,
  systemRandom,
} from "@wardian/wasi";
import { findRust } from "../../../guests/rust.mjs";
import type { EngineName } from "./engines.ts";
import { check, execute, type Program } from "./program.ts";

const sources = fileURLToPath(new URL("../../../guests/wasi", import.meta.url));

/** Does something in a folder of its own. */
async function inScratch(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "wardian-programs-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Builds a module in a folder and reads it. */
function build(folder: string, commands: readonly (readonly [string, ...string[]])[]): Uint8Array {
  for (const [command, ...args] of commands) execFileSync(command, args, { cwd: folder, stdio: "pipe" });
  return new Uint8Array(readFileSync(join(folder, "out.wasm")));
}

/** Why an empty program, given on standard input, cannot be compiled here, if it cannot. */
function without(what: string, program: string, command: string, ...args: string[]): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "wardian-programs-"));
  const { status } = spawnSync(command, args, { cwd: folder, input: program });
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : `there is no ${what} here`;
}

/** A folder of every kind for a program to work in. */
function folders(scratch: string): Record<string, FileSystem> {
  const [host, base] = ["host", "base"].map((name) => join(scratch, name));
  for (const folder of [host, base]) mkdirSync(folder);
  return {
    "in memory": new MemoryFileSystem(),
    "on a host folder": new HostDirectory(host),
    "on an overlay": new OverlayFileSystem(new HostDirectory(base, { readonly: true })),
  };
}

const clang = ["clang", "--target=wasm32-wasi"] as const;

const c: Program = {
  name: "a C program that works with files, on every file system",
  missing: () =>
    without("clang for wasm32-wasi", "int main(void) { return 0; }", ...clang, "-xc", "-", "-o", "out.wasm"),
  run: (command) =>
    inScratch(async (scratch) => {
      const wasm = build(scratch, [
        [...clang, "-O2", "-c", join(sources, "files.c"), "-o", "files.o"],
        [...clang, "files.o", "-o", "out.wasm"],
      ]);
      for (const [where, system] of Object.entries(folders(scratch))) {
        const outcome = await execute(wasm, command, {
          args: ["files", "1", "two words"],
          env: { NAME: "value" },
          stdin: "one\ntwo\nthree",
          preopens: { "/work": system },
        });
        check(where, outcome, { exitCode: 0, stdout: "0 failures\n", stderr: "" });
      }
    }),
};

/** The first compiler on the path that has the target. Looked for when it is needed: it takes a process for each that is there. */
function rustc(): readonly [string, ...string[]] {
  const rust = findRust("wasm32-wasi");
  if (rust === undefined) return ["rustc", "--target", "wasm32-wasi"];
  return [rust.rustc, "--target", rust.target, "-O", "-C", "linker=wasm-ld"];
}

const rust: Program = {
  name: "a Rust program that works with files, on every file system",
  missing: () => without("rustc for wasm32-wasi", "fn main() {}", ...rustc(), "-", "-o", "out.wasm"),
  run: (command) =>
    inScratch(async (scratch) => {
      const wasm = build(scratch, [[...rustc(), join(sources, "files.rs"), "-o", "out.wasm"]]);
      for (const [where, system] of Object.entries(folders(scratch))) {
        const outcome = await execute(wasm, command, {
          args: ["files", "1", "two words"],
          env: { NAME: "value" },
          stdin: "a b a\nb a",
          preopens: { "/work": system },
        });
        const stdout = `args ["1", "two words"]
var Ok("value")
rest "2\\n3\\n" len 6
{"one": 1, "three": 2}
Some(55)
NotFound
left 0
{"a": 3, "b": 2}
`;
        check(where, outcome, { exitCode: 3, stdout, stderr: "" });
      }
    }),
};

/** A test binary of Go's own standard library, built with the Go that is there and run over an overlay of its sources. */
function goTests(name: string, skip: string, refused?: Program["refused"]): Program {
  const environment = { ...process.env, GOOS: "wasip1", GOARCH: "wasm", CGO_ENABLED: "0" };
  return {
    name: `Go's own tests of ${name}`,
    refused,
    missing: () => (spawnSync("go", ["version"]).status === 0 ? undefined : "there is no go here"),
    run: (command) =>
      inScratch(async (scratch) => {
        const binary = join(scratch, "test.wasm");
        execFileSync("go", ["test", "-c", "-o", binary, name], { env: environment, stdio: "pipe" });
        const root = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
        const system = new OverlayFileSystem(new HostDirectory(root, { readonly: true }), { maxBytes: 2 ** 30 });
        system.createDirectory("tmp");
        system.writeFile("dev/null", "");
        const outcome = await execute(new Uint8Array(readFileSync(binary)), command, {
          args: ["test", "-test.short", ...(skip === "" ? [] : [`-test.skip=${skip}`])],
          env: { PWD: `/src/${name}`, GOROOT: "/", TMPDIR: "/tmp", HOME: "/tmp" },
          preopens: { "/": system },
          clock: systemClock({ resolution: 1n }),
          random: systemRandom(),
          limits: { descriptors: 4096, blocking: 300_000 },
        });
        if (outcome.exitCode !== 0 || !outcome.stdout.endsWith("PASS\n")) {
          const failures = outcome.stdout.split("\n").filter((line) => line.startsWith("--- FAIL"));
          throw new Error(`exit code ${outcome.exitCode}: ${failures.join("; ")} ${outcome.stderr.slice(0, 300)}`);
        }
      }),
  };
}

/** JSON nested ten thousand deep takes more of the stack of JavaScript, where the compiler's frames are, than Node gives by itself. */
function shallowStack(engine: EngineName): string | undefined {
  const deep = process.execArgv.some((argument) => argument.startsWith("--stack-size="));
  return engine === "compiler" && !deep ? "it needs a deeper stack: node --stack-size=6000" : undefined;
}

/** Programs that are compiled here, where their compilers are, the quick ones first. */
export const compiledPrograms: readonly Program[] = [
  c,
  rust,
  goTests("io/fs", ""),
  goTests("archive/zip", ""),
  goTests("encoding/json", "", shallowStack),
  // It demands that /dev/null be a device; guests have none.
  goTests("os", "^TestDevNullFile$"),
];

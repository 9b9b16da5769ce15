import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CapturedOutput, type FileSystem, HostDirectory, OverlayFileSystem, readHostFolder, WASI } from "@wardian/wasi";
import type { RunCommand } from "./engines.ts";
import type { WasiTest } from "./suite.ts";

/** Where a test's files are. */
export const FILE_SYSTEMS = ["host", "host-by-path", "memory", "overlay"] as const;

export type FileSystemName = (typeof FILE_SYSTEMS)[number];

/**
 * Runs one test with its files in a fresh folder.
 *
 * @returns what is wrong, or undefined when the test passes
 */
export async function runTest(test: WasiTest, files: FileSystemName, run: RunCommand): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "wardian-wasi-"));
  try {
    if (test.root !== undefined) cpSync(test.root, folder, { recursive: true });
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (name.endsWith(".cleanup")) rmSync(join(folder, name), { recursive: true, force: true });
    }
    const stdout = new CapturedOutput();
    const stderr = new CapturedOutput();
    const wasi = new WASI({
      args: [basename(test.wasm), ...test.args],
      env: test.env,
      preopens: test.root === undefined ? {} : { "/": fileSystem(files, folder) },
      stdout,
      stderr,
    });
    let exitCode: number;
    try {
      exitCode = await run(new Uint8Array(readFileSync(test.wasm)), wasi);
    } catch (error) {
      return `${error instanceof Error ? error.message : String(error)}; stderr: ${stderr.text.trim()}`;
    }
    if (exitCode !== test.exitCode) {
      return `exit code ${exitCode}, expected ${test.exitCode}; stderr: ${stderr.text.trim()}`;
    }
    if (test.stdout !== undefined && stdout.text !== test.stdout) {
      return `stdout ${JSON.stringify(stdout.text)}, expected ${JSON.stringify(test.stdout)}`;
    }
    if (test.stderr !== undefined && stderr.text !== test.stderr) {
      return `stderr ${JSON.stringify(stderr.text)}, expected ${JSON.stringify(test.stderr)}`;
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fileSystem(name: FileSystemName, folder: string): FileSystem {
  switch (name) {
    case "host":
      return new HostDirectory(folder);
    case "host-by-path":
      return new HostDirectory(folder, { hold: "path" });
    case "memory":
      return readHostFolder(folder);
    case "overlay":
      return new OverlayFileSystem(new HostDirectory(folder, { readonly: true }));
  }
}

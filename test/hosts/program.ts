import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report, Work } from "./room/work.ts";

/**
 * Runs a program of JavaScript in a host that is a command, and gives what it prints.
 * @throws Error with the end of what the host said when it fails
 */
export function runProgram(command: string, args: readonly string[], program: string, name = "program.js"): string {
  const folder = mkdtempSync(join(tmpdir(), "wardian-host-"));
  try {
    const file = join(folder, name);
    writeFileSync(file, program);
    const { status, stdout, stderr, error } = spawnSync(command, [...args, file], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    if (error !== undefined) throw error;
    // Hosts quote the line that failed, which is the whole bundle.
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${(stderr || stdout).slice(-1500)}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The program that does a room's work. @param print what prints a text in the host */
export function roomProgram(room: string, work: Work, print: string): string {
  const failed = `function (error) { ${print}(JSON.stringify({ failed: String(error && error.stack || error).slice(0, 1500) })); }`;
  return `${room}\n;wardianRoom(${JSON.stringify(JSON.stringify(work))}).then(${print}, ${failed});`;
}

/** @throws Error when the room failed as a whole */
export function readReport(output: string): Report {
  const report = JSON.parse(output) as Report | { failed: string };
  if ("failed" in report) throw new Error(report.failed);
  return report;
}

import { CapturedOutput, WASI, type WASIOptions } from "@wardian/wasi";
import type { EngineName, RunCommand } from "./engines.ts";

/** What a program was given and did. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real program of another's making, or in another's language: runs it, and throws unless it did what it should. */
export interface Program {
  readonly name: string;
  /** What of it is not installed here, when something is not. */
  missing(): string | undefined;
  /** Why an engine cannot run it here, when it cannot. */
  refused?(engine: EngineName): string | undefined;
  run(command: RunCommand): Promise<void>;
}

/** Runs a program to its end. */
export async function execute(bytes: Uint8Array, command: RunCommand, options: WASIOptions): Promise<Outcome> {
  const [stdout, stderr] = [new CapturedOutput(), new CapturedOutput()];
  const exitCode = await command(bytes, new WASI({ ...options, stdout, stderr }));
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

/** @throws Error unless the two are the same as JSON */
export function check(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
  }
}

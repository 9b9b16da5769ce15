import {
  type CompileError,
  Exception,
  formatFrame,
  LinkError,
  RuntimeError,
  Trap,
  type TrapCode,
} from "@wardian/runtime";
import { WASIError } from "@wardian/wasi";
import { EXIT, Failure } from "./failure.ts";
import type { Input } from "./input.ts";
import { printable, stylesOf } from "./terminal.ts";

/** A module that is not valid, and what it was read from. */
export class InvalidModule extends Error {
  override readonly cause: CompileError;
  readonly input: Input;

  constructor(cause: CompileError, input: Input) {
    super(cause.message);
    this.cause = cause;
    this.input = input;
  }
}

/** What a user of the command can do about a guest that was stopped. */
const trapHints: Partial<Record<TrapCode, string>> = {
  "fuel-exhausted": "give it more with --fuel, or none to let it run on",
  "deadline-exceeded": "give it longer with --timeout",
  "call-stack-exhausted": "allow deeper calls with --max-call-depth, if it recurses on purpose",
};

/** Beyond this many frames of a guest's stack, the middle is left out. */
const FRAMES = 32;

/**
 * Says on standard error what went wrong.
 *
 * @returns the exit code that goes with it
 */
export function report(error: unknown): number {
  const { red, dim } = stylesOf(process.stderr);
  const say = (kind: string, message: string, ...more: string[]): void => {
    process.stderr.write(`${[`${red(`${kind}:`)} ${printable(message)}`, ...more].join("\n")}\n`);
  };
  const hint = (text: string | undefined): string[] => (text === undefined ? [] : [dim(`hint: ${printable(text)}`)]);

  if (error instanceof Failure) {
    say("error", error.message, ...hint(error.hint));
    return error.exitCode;
  }
  if (error instanceof InvalidModule) {
    const { cause, input } = error;
    say("error", `${input.label} is not valid: ${cause.message}`, ...excerpt(cause, input));
    return EXIT.failure;
  }
  if (error instanceof Trap) {
    // What to do is told in the words of this command and not of the API.
    const advice = trapHints[error.code];
    const told = advice === undefined ? error.message : error.message.split(";")[0];
    const message = told.replace("limits.timeout", "--timeout");
    say("trap", `${message} (${error.code})`, ...stackOf(error), ...hint(advice));
    return EXIT.trap;
  }
  if (error instanceof Exception) {
    say("trap", "the guest threw an exception that nothing caught (uncaught-exception)");
    return EXIT.trap;
  }
  const expected = [LinkError, RuntimeError, WASIError, TypeError, RangeError];
  if (expected.some((kind) => error instanceof kind)) {
    say("error", (error as Error).message);
    return EXIT.failure;
  }
  // Nobody foresaw it: what is needed to report it.
  say("error", error instanceof Error ? String(error.stack) : String(error));
  return EXIT.failure;
}

function stackOf({ frames }: Trap): string[] {
  const lines = frames.map((frame, i) => `  ${printable(formatFrame(frame, i))}`);
  if (lines.length <= FRAMES) return lines;
  const half = FRAMES / 2;
  return [...lines.slice(0, half), `  … ${lines.length - FRAMES} more …`, ...lines.slice(-half)];
}

/** The line of the text where the error is, and a mark under its column. */
function excerpt({ position }: CompileError, { source }: Input): string[] {
  if (position === undefined || typeof source !== "string") return [];
  const line = source.split(/\r\n?|\n/)[position.line - 1];
  if (line === undefined || line.length > 200) return [];
  const number = String(position.line);
  const indent = line.slice(0, position.column - 1).replace(/[^\t]/g, " ");
  return [`  ${number} | ${printable(line)}`, `  ${" ".repeat(number.length)} | ${indent}^`];
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** One official test: a command, what it is given and what it must do. */
export interface WasiTest {
  /** Folder and name, such as `rust/path_link`. */
  readonly name: string;
  readonly wasm: string;
  /** The folder that becomes the guest's `/`; a copy of it. */
  readonly root: string | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly exitCode: number;
  /** Undefined where any output will do. */
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
}

const FIELDS = new Set(["args", "root", "dirs", "env", "exit_code", "stderr", "stdout"]);

interface Specification {
  args?: string[];
  root?: string | null;
  env?: Record<string, string>;
  exit_code?: number;
  stderr?: string;
  stdout?: string;
}

/**
 * Finds the tests of a suite: a folder of folders of `NAME.wasm`, each with a `NAME.json` beside it or none.
 *
 * @throws Error when there is no such folder, no test in it, or a specification that is not understood
 */
export function findTests(suite: string): WasiTest[] {
  if (!existsSync(suite)) {
    throw new Error(
      `there is no WASI test suite at ${suite}: clone https://github.com/WebAssembly/wasi-testsuite (branch prod/testsuite-base) and give its folder of wasm32-wasip1 tests`,
    );
  }
  const tests: WasiTest[] = [];
  for (const entry of readdirSync(suite, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = join(suite, entry.name);
    for (const file of readdirSync(folder).sort()) {
      if (!file.endsWith(".wasm")) continue;
      tests.push(readTest(folder, entry.name, basename(file, ".wasm")));
    }
  }
  if (tests.length === 0) throw new Error(`there are no tests in ${suite}`);
  return tests;
}

function readTest(folder: string, family: string, name: string): WasiTest {
  const json = join(folder, `${name}.json`);
  const specification: Specification = existsSync(json) ? JSON.parse(readFileSync(json, "utf8")) : {};
  for (const field of Object.keys(specification)) {
    if (!FIELDS.has(field)) throw new Error(`${json}: the field ${field} is not understood`);
  }
  return {
    name: `${family}/${name}`,
    wasm: join(folder, `${name}.wasm`),
    root: specification.root ? join(folder, specification.root) : undefined,
    args: specification.args ?? [],
    env: specification.env ?? {},
    exitCode: specification.exit_code ?? 0,
    stdout: specification.stdout,
    stderr: specification.stderr,
  };
}

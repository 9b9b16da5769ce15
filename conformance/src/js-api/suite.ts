import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/** A file of tests with the scripts that it asks for. */
export interface TestFile {
  /** Path below the suite's folder, with slashes. */
  readonly name: string;
  /** The scripts in the order in which they run, the file itself last. */
  readonly scripts: readonly string[];
}

/** Where the web platform's tests serve the suite's folder. */
const SERVED = "/wasm/jsapi/";

/**
 * The test files of a folder: those whose names end in `.any.js`.
 *
 * @param folder `test/js-api` of github.com/WebAssembly/spec, or `wasm/jsapi` of the web platform's tests
 * @param only parts of names: a file is taken when its name contains one of them; without any, all are
 * @throws Error when there is no such file
 */
export function findTests(folder: string, only: readonly string[] = []): TestFile[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`no such folder: ${folder}`);
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => path.endsWith(".any.js"))
    .filter((path) => only.length === 0 || only.some((part) => path.includes(part)))
    .sort();
  if (paths.length === 0) throw new Error(`no test file (.any.js) in ${folder}`);
  return paths.map((name) => {
    const path = join(folder, name);
    const asked = [...readFileSync(path, "utf8").matchAll(/^\/\/ META: script=(\S+)/gm)].map(([, script]) =>
      script.startsWith(SERVED) ? join(folder, script.slice(SERVED.length)) : resolve(dirname(path), script),
    );
    for (const script of asked)
      if (relative(folder, script).startsWith("..")) throw new Error(`${name} asks for a script outside: ${script}`);
    return { name, scripts: [...asked, path] };
  });
}

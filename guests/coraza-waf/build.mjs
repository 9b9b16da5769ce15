// Builds coraza-waf.wasm with plain Go, into the folder that is given or `build` beside this file. The binary is not kept in the
// repository. What has been built from the same sources by the same Go is left as it is.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL(".", import.meta.url));
const tags = "no_fs_access,coraza.rule.multiphase_evaluation";

/** What the binary depends on, in one hash: dates of files say nothing where a repository has just been fetched. */
function fingerprint() {
  const hash = createHash("sha256")
    .update(tags)
    .update(execFileSync("go", ["version"]));
  const files = readdirSync(source)
    .filter((name) => /\.go$|^go\.(mod|sum)$/.test(name))
    .concat(readdirSync(join(source, "rules")).map((name) => join("rules", name)));
  for (const name of files.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(source, name)));
  return hash.digest("hex");
}

/** @returns where the plugin is, built if it was not */
export function buildCorazaWaf(folder = join(source, "build")) {
  const output = join(resolve(folder), "coraza-waf.wasm");
  const mark = `${output}.sources`;
  const sources = fingerprint();
  if (existsSync(output) && existsSync(mark) && readFileSync(mark, "utf8") === sources) return output;
  mkdirSync(folder, { recursive: true });
  execFileSync("go", ["build", "-buildmode=c-shared", `-tags=${tags}`, "-o", output, "."], {
    cwd: source,
    env: { ...process.env, GOOS: "wasip1", GOARCH: "wasm" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  writeFileSync(mark, sources);
  return output;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  console.log(buildCorazaWaf(process.argv[2]));

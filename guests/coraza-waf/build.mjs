// Builds coraza-waf.wasm with plain Go, into the folder that is given or `build` beside this file. The binary is not kept in the
// repository.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL(".", import.meta.url));

/** Where the plugin is, built if it is older than its sources. */
export function buildCorazaWaf(folder = join(source, "build")) {
  const output = join(resolve(folder), "coraza-waf.wasm");
  mkdirSync(folder, { recursive: true });
  const files = readdirSync(source)
    .filter((name) => /\.go$|^go\.(mod|sum)$/.test(name))
    .concat(readdirSync(join(source, "rules")).map((name) => join("rules", name)));
  const newest = Math.max(...files.map((name) => statSync(join(source, name)).mtimeMs));
  if (existsSync(output) && statSync(output).mtimeMs >= newest) return output;
  const tags = "no_fs_access,coraza.rule.multiphase_evaluation";
  execFileSync("go", ["build", "-buildmode=c-shared", `-tags=${tags}`, "-o", output, "."], {
    cwd: source,
    env: { ...process.env, GOOS: "wasip1", GOARCH: "wasm" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return output;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  console.log(buildCorazaWaf(process.argv[2]));

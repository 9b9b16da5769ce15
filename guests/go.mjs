// Builds guests in Go as WASI reactors. What has been built from the same sources by the same Go is left as it is.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a binary depends on, in one hash: dates of files say nothing where a repository has just been fetched. */
function fingerprint(source, tags) {
  const hash = createHash("sha256")
    .update(tags)
    .update(execFileSync("go", ["version"]));
  const files = readdirSync(source, { recursive: true }).filter((name) => /(\.go|\.conf|go\.mod|go\.sum)$/.test(name));
  for (const name of files.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(source, name)));
  return hash.digest("hex");
}

/**
 * @param source a folder with a Go module
 * @param output the file to write
 * @param tags build tags, with commas between them
 */
export function buildGo(source, output, tags = "") {
  const mark = `${output}.sources`;
  const sources = fingerprint(source, tags);
  if (existsSync(output) && existsSync(mark) && readFileSync(mark, "utf8") === sources) return;
  mkdirSync(dirname(output), { recursive: true });
  execFileSync("go", ["build", "-buildmode=c-shared", `-tags=${tags}`, "-o", output, "."], {
    cwd: source,
    env: { ...process.env, GOOS: "wasip1", GOARCH: "wasm" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  writeFileSync(mark, sources);
}

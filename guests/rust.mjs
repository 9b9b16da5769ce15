// Builds guests in Rust with Debian's compiler. What has been built from the same sources is left as it is.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Debian's. Others that are found first may have no library for WebAssembly. */
const CARGO = "/usr/bin/cargo";
const RUSTC = "/usr/bin/rustc";

function fingerprint(source, target) {
  const hash = createHash("sha256")
    .update(target)
    .update(execFileSync(RUSTC, ["--version"]));
  const files = [
    "Cargo.toml",
    "Cargo.lock",
    ...readdirSync(join(source, "src"))
      .sort()
      .map((name) => `src/${name}`),
  ];
  for (const name of files) hash.update(`\0${name}\0`).update(readFileSync(join(source, name)));
  return hash.digest("hex");
}

/**
 * @param source a folder with a crate that makes a library
 * @param output the file to write
 * @param target `wasm32-wasi` or `wasm32-unknown-unknown`
 */
export function buildRust(source, output, target) {
  const mark = `${output}.sources`;
  const sources = fingerprint(source, target);
  if (existsSync(output) && existsSync(mark) && readFileSync(mark, "utf8") === sources) return;
  const work = join(dirname(output), "rust");
  mkdirSync(join(work, ".cargo"), { recursive: true });
  for (const name of ["Cargo.toml", "Cargo.lock", "src"])
    cpSync(join(source, name), join(work, name), { recursive: true });
  const run = (program, ...args) =>
    execFileSync(program, args, {
      cwd: work,
      env: { ...process.env, RUSTC, RUSTFLAGS: "-C linker=wasm-ld", CARGO_TARGET_DIR: join(work, "target") },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  // The crates are fetched by the cargo that is found first: Debian's is too old for the registry as it is today.
  writeFileSync(join(work, ".cargo/config.toml"), "");
  writeFileSync(join(work, ".cargo/config.toml"), run("cargo", "vendor", "--locked", "vendor"));
  run(CARGO, "build", "--frozen", "--release", "--target", target);
  const { name } = /name = "(?<name>[^"]+)"/.exec(readFileSync(join(source, "Cargo.toml"), "utf8")).groups;
  copyFileSync(join(work, "target", target, "release", `${name}.wasm`), output);
  writeFileSync(mark, sources);
}

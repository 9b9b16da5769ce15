// Builds guests in Rust. What has been built from the same sources by the same compiler is left as it is.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** Other names of a target: newer compilers call preview 1 of WASI by its number. */
const names = { "wasm32-wasi": ["wasm32-wasip1", "wasm32-wasi"] };

const output = (program, ...args) => {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
};

const found = new Map();

/**
 * The first Rust on the path that has a target's library: rustup's, where the target was added (`rustup target add wasm32-wasip1`), or a
 * distribution's.
 *
 * @param target `wasm32-wasi` or `wasm32-unknown-unknown`
 * @param path the folders to look in, as in `PATH`
 * @returns the programs, and the target by the name that this compiler has for it; undefined where there is none
 */
export function findRust(target, path = process.env.PATH ?? "") {
  const key = `${target} ${path}`;
  if (!found.has(key)) found.set(key, search(target, path));
  return found.get(key);
}

function search(target, path) {
  for (const folder of new Set(path.split(delimiter))) {
    const [rustc, cargo] = ["rustc", "cargo"].map((name) => join(folder, name));
    if (!existsSync(rustc) || !existsSync(cargo)) continue;
    const sysroot = output(rustc, "--print", "sysroot");
    if (sysroot === undefined) continue;
    const name = (names[target] ?? [target]).find((name) => existsSync(join(sysroot, "lib/rustlib", name, "lib")));
    if (name !== undefined) return { rustc, cargo, target: name, version: output(rustc, "--version") };
  }
  return undefined;
}

function fingerprint(source, { target, version }) {
  const hash = createHash("sha256").update(target).update(version);
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
 * @param wanted `wasm32-wasi` or `wasm32-unknown-unknown`
 */
export function buildRust(source, output, wanted) {
  const rust = findRust(wanted);
  if (rust === undefined) throw new Error(`no Rust on the path has the target ${wanted}`);
  const { rustc, cargo, target } = rust;
  const mark = `${output}.sources`;
  const sources = fingerprint(source, rust);
  if (existsSync(output) && existsSync(mark) && readFileSync(mark, "utf8") === sources) return;
  const work = join(dirname(output), "rust");
  mkdirSync(join(work, ".cargo"), { recursive: true });
  for (const name of ["Cargo.toml", "Cargo.lock", "src"])
    cpSync(join(source, name), join(work, name), { recursive: true });
  const run = (program, ...args) =>
    execFileSync(program, args, {
      cwd: work,
      env: { ...process.env, RUSTC: rustc, RUSTFLAGS: "-C linker=wasm-ld", CARGO_TARGET_DIR: join(work, "target") },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  // The crates are fetched by the cargo that is found first: one of a distribution may be too old for the registry.
  writeFileSync(join(work, ".cargo/config.toml"), "");
  writeFileSync(join(work, ".cargo/config.toml"), run("cargo", "vendor", "--locked", "vendor"));
  run(cargo, "build", "--frozen", "--release", "--target", target);
  const { name } = /name = "(?<name>[^"]+)"/.exec(readFileSync(join(source, "Cargo.toml"), "utf8")).groups;
  copyFileSync(join(work, "target", target, "release", `${name}.wasm`), output);
  writeFileSync(mark, sources);
}

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const guests = fileURLToPath(new URL("../../../../guests/", import.meta.url));
const folder = (): string => mkdtempSync(join(tmpdir(), "wardian-plugin-"));

/** The plugin in Go of `guests/proxy-wasm/go`, built if it has changed. Needs Go and, the first time, its module proxy. */
export function goPlugin(): Uint8Array {
  const source = join(guests, "proxy-wasm/go");
  const output = join(guests, "build/proxy-wasm-go.wasm");
  const program = `import { buildGo } from ${JSON.stringify(join(guests, "go.mjs"))}; buildGo(...process.argv.slice(1));`;
  execFileSync(process.execPath, ["--input-type=module", "--eval", program, source, output]);
  return new Uint8Array(readFileSync(output));
}

/** The plugin in Rust of `guests/proxy-wasm/rust`, built if it has changed. Needs Rust with a library for the target and, the first time, crates. */
export function rustPlugin(target: "wasm32-wasi" | "wasm32-unknown-unknown"): Uint8Array {
  const output = join(guests, `build/proxy-wasm-rust-${target}.wasm`);
  const program = `import { buildRust } from ${JSON.stringify(join(guests, "rust.mjs"))}; buildRust(...process.argv.slice(1));`;
  const source = join(guests, "proxy-wasm/rust");
  execFileSync(process.execPath, ["--input-type=module", "--eval", program, source, output, target]);
  return new Uint8Array(readFileSync(output));
}

/** A plugin in freestanding C of `guests/proxy-wasm/c`. Needs clang and lld. */
export function cPlugin(name: string): Uint8Array {
  const output = join(folder(), `${name}.wasm`);
  const flags = ["--target=wasm32", "-O2", "-ffreestanding", "-nostdlib", "-Wall", "-Werror", "-Wl,--no-entry"];
  execFileSync("clang", [...flags, "-o", output, join(guests, "proxy-wasm/c", `${name}.c`)]);
  return new Uint8Array(readFileSync(output));
}

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findRust } from "../guests/rust.mjs";

const folder = mkdtempSync(join(tmpdir(), "wardian-rust-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts programs in a folder that say that they are Rust with these targets. */
function install(name: string, ...targets: string[]): string {
  const bin = join(folder, name, "bin");
  mkdirSync(bin, { recursive: true });
  for (const target of targets) mkdirSync(join(folder, name, "lib/rustlib", target, "lib"), { recursive: true });
  const script = `#!/bin/sh\n[ "$1" = --print ] && echo "${join(folder, name)}" || echo "rustc ${name}"\n`;
  for (const program of ["rustc", "cargo"]) {
    writeFileSync(join(bin, program), script);
    chmodSync(join(bin, program), 0o755);
  }
  return bin;
}

test("the first Rust on the path that has the target is taken, whoever installed it", () => {
  const bare = install("rustup-without", "x86_64-unknown-linux-gnu");
  const rustup = install("rustup", "wasm32-wasip1", "wasm32-unknown-unknown");
  const debian = install("debian", "wasm32-wasi");
  const find = (target: "wasm32-wasi" | "wasm32-unknown-unknown", ...path: string[]) =>
    findRust(target, path.join(delimiter));
  expect(find("wasm32-wasi", bare, rustup, debian)).toEqual({
    rustc: join(rustup, "rustc"),
    cargo: join(rustup, "cargo"),
    target: "wasm32-wasip1",
    version: "rustc rustup",
  });
  expect(find("wasm32-unknown-unknown", bare, rustup, debian)?.version).toBe("rustc rustup");
  expect(find("wasm32-wasi", debian, rustup)).toMatchObject({ target: "wasm32-wasi", version: "rustc debian" });
  expect(find("wasm32-wasi", bare, debian)?.version).toBe("rustc debian");
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tool } from "../../../scripts/places.mjs";

/** The module of `guests/kotlin/work.kt`, or undefined where there is no Java or no compiler of Kotlin. */
export function compileKotlin(): Uint8Array<ArrayBuffer> | undefined {
  const folder = mkdtempSync(join(tmpdir(), "wardian-kotlin-"));
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    const compiler = tool("kotlin-compiler");
    const source = fileURLToPath(new URL("../../../guests/kotlin/work.kt", import.meta.url));
    const compile = (...args: string[]): void => {
      const library = join(compiler, "lib/kotlin-stdlib-wasm-wasi.klib");
      const options = ["-Xwasm-target=wasm-wasi", "-libraries", library, "-ir-output-name", "work"];
      execFileSync("bash", [join(compiler, "bin/kotlinc-wasm"), ...options, ...args], { stdio: "ignore" });
    };
    compile("-Xir-produce-klib-dir", "-ir-output-dir", join(folder, "library"), source);
    compile("-Xir-produce-js", `-Xinclude=${join(folder, "library")}`, "-ir-output-dir", join(folder, "program"));
    return new Uint8Array(readFileSync(join(folder, "program/work.wasm")));
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

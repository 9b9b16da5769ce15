// Builds coraza-waf.wasm with plain Go, into the folder `build` beside this file. The binary is not kept in the repository.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGo } from "../go.mjs";

const source = fileURLToPath(new URL(".", import.meta.url));
const output = join(source, "build", "coraza-waf.wasm");
try {
  buildGo(source, output, "no_fs_access,coraza.rule.multiphase_evaluation");
  console.log(output);
} catch (error) {
  if (error.code !== "ENOENT") throw error;
  console.error("Coraza is built with Go, and there is no `go` on the path.");
  process.exitCode = 1;
}

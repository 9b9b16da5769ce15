// Runs Biome, which `npm run tools` installs, with the arguments given.
import { spawnSync } from "node:child_process";
import { findTool, root } from "./places.mjs";

const biome = findTool("@biomejs/biome/bin/biome");
if (biome === undefined) {
  console.error("Biome is not installed: npm run tools");
  process.exitCode = 2;
} else {
  const args = [biome, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status ?? 1;
}

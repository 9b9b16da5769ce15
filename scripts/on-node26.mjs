// Runs a program on the Node 26 that `npm run node26` installs.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { node26 } from "./places.mjs";

if (existsSync(node26)) process.exitCode = spawnSync(node26, process.argv.slice(2), { stdio: "inherit" }).status ?? 1;
else {
  console.error("Node 26 is not installed: npm run node26");
  process.exitCode = 2;
}

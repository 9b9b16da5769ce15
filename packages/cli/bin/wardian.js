#!/usr/bin/env node
// This file is not in dist, so that npm can link the command before it is built.
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  console.error("wardian is not built: npm run build");
  process.exitCode = 1;
}

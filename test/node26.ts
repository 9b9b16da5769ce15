import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lacks } from "./needs.ts";

/** A newer Node than the one that runs the tests: a platform with JavaScript Promise Integration, garbage collection and more. */
export const node26: string = fileURLToPath(
  new URL("../conformance/node26/node_modules/node/bin/node", import.meta.url),
);

/** Whether tests on it are left out, for want of `npm run node26`. */
export const lacksNode26: boolean = lacks("Node 26 (npm run node26)", existsSync(node26));

import { existsSync } from "node:fs";
import { node26 } from "../scripts/places.mjs";
import { lacks } from "./needs.ts";

/** A newer Node than the one that runs the tests: a platform with JavaScript Promise Integration, garbage collection and more. */
export { node26 };

/** Whether tests on it are left out, for want of `npm run node26`. */
export const lacksNode26: boolean = lacks("Node 26 (npm run node26)", existsSync(node26));

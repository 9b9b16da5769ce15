import { fileURLToPath } from "node:url";
import { deterministic } from "./one-answer/deterministic.ts";
import type { Scenarios } from "./one-answer/engines.ts";
import { stopPositions } from "./one-answer/stop-positions.ts";
import { thenables } from "./one-answer/thenables.ts";
import { trapOrder } from "./one-answer/trap-order.ts";

/** Where engines could give different answers, and must not. */
export const scenarios: Scenarios = { ...trapOrder, ...thenables, ...deterministic, ...stopPositions };

// As a program: for a newer Node, which runs TypeScript as it is.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failures: string[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      await scenario();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).stack}`);
    }
  }
  console.log(JSON.stringify(failures));
}

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { outcome, pairs, type Scenario, scenarios } from "./between-instances.ts";

const script = fileURLToPath(new URL("between-instances.ts", import.meta.url));

/** What the instances consume on the interpreter, which all engines must agree with. */
const fuelOf = (scenario: Scenario): readonly string[] | undefined =>
  outcome(scenario, "interpreter", "interpreter")?.fuel;

for (const [name, scenario] of Object.entries(scenarios))
  describe(name, () => {
    test.each(pairs(scenario))("%s, %s", { timeout: 60_000 }, (first, second) => {
      const result = outcome(scenario, first, second);
      // The platform's WebAssembly may lack what the modules need; the test below has one that does not.
      if (result === undefined && (first === "platform" || second === "platform")) return;
      expect(result).toEqual({ value: scenario.expected, fuel: fuelOf(scenario) });
    });
  });

test.skipIf(lacksNode26)(
  "all of them on a newer Node, whose platform engine has more",
  { timeout: 120_000 },
  async () => {
    const { stdout } = await promisify(execFile)(node26, [script], { timeout: 110_000 });
    const expected = Object.values(scenarios).map((scenario) =>
      pairs(scenario).map(() => ({ value: scenario.expected, fuel: fuelOf(scenario) })),
    );
    expect(JSON.parse(stdout)).toEqual(expected);
  },
);

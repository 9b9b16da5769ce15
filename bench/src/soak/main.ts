import { parseArgs } from "node:util";
import { isClean, soak } from "./soak.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: String(Date.now() % 1e9) } },
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (!(seconds > 0) || !Number.isInteger(seed)) throw new TypeError("--seconds and --seed are numbers");
const report = await soak({ seconds, seed });
console.log(JSON.stringify({ seconds, seed, ...report }, undefined, 2));
process.exitCode = isClean(report) ? 0 : 1;

// What a fresh sandbox costs until its program has run, from the best of twenty to the one in the middle: started from nothing, and taken from those that are kept warm.
//   npm run languages && npm run example -- examples/code-sandbox/warm.mjs [engine]
import { keepWarm, runJavaScript, runPython } from "./sandbox.mjs";

const [engine = "auto"] = process.argv.slice(2);
const ROUNDS = 20;

async function measure(run) {
  const times = [];
  const processor = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const before = process.cpuUsage();
    const { stdout, stderr } = await run("print(42)", { engine });
    const { user, system } = process.cpuUsage(before);
    times.push(performance.now() - start);
    processor.push((user + system) / 1000);
    if (stdout !== "42\n") throw new Error(`the program printed ${stdout}: ${stderr}`);
    // Those that are kept warm are replaced meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const tell = (all) => {
    const sorted = all.toSorted((a, b) => a - b);
    return `${sorted[0].toFixed(1)} to ${sorted[ROUNDS >> 1].toFixed(1)} ms`;
  };
  return `${tell(times)}, of processor time ${tell(processor)}`;
}

for (const [name, run] of [
  ["python", runPython],
  ["javascript", runJavaScript],
]) {
  await run("print(42)", { engine });
  console.log(`${name}, from nothing: ${await measure(run)}`);
  const start = performance.now();
  const count = await keepWarm(name, 4, { engine });
  if (count === 0) console.log(`${name}, warm: this engine cannot suspend a guest`);
  else {
    const each = (performance.now() - start) / count;
    console.log(`${name}, warm: ${await measure(run)} (made in ${each.toFixed(1)} ms each)`);
  }
  await keepWarm(name, 0, { engine });
}

import { spawn } from "node:child_process";
import { join } from "node:path";

/** How a run of tests ended: with the first failing test, with none, or not within its time. */
export type Outcome = { readonly end: "failed"; readonly by: string } | { readonly end: "passed" | "late" };

/** The process groups that are running. */
const groups = new Set<number>();

/** Ends a process and its children, such as the workers of the test runner. */
function endGroup(leader: number): void {
  groups.delete(leader);
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // All of its processes have ended.
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => {
    for (const leader of groups) endGroup(leader);
    process.exit(130);
  });

/**
 * Runs test files in a copy of the repository, up to the first failure, and leaves no process behind.
 *
 * @param root the repository, which has the test runner
 * @param copy where the tests are
 * @param tests filters of vitest
 * @param seconds after which the run is ended
 */
export async function runTests(
  root: string,
  copy: string,
  tests: readonly string[],
  seconds: number,
): Promise<Outcome> {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const child = spawn(process.execPath, [vitest, "run", "--bail", "1", "--maxWorkers", "1", ...tests], {
    cwd: copy,
    // A group of its own, so that the workers can be ended with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NO_COLOR: "1",
      // The official suites are not found, so they take no part.
      WARDIAN_SUITES: join(copy, "no-suites"),
      WARDIAN_SHARED: join(copy, "no-shared"),
    },
  });
  const leader = child.pid;
  if (leader === undefined) throw new Error("the test runner does not start");
  groups.add(leader);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(leader);
  }, seconds * 1000);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  clearTimeout(timer);
  endGroup(leader);
  if (isLate) return { end: "late" };
  if (status === 0) return { end: "passed" };
  const failure = /^\s*FAIL\s+(.*)$/m.exec(output);
  // A filter without a test file is a mistake in the list, not a fault that was found.
  if (failure === null) throw new Error(`the test runner ended with ${status}:\n${output.slice(-2000)}`);
  return { end: "failed", by: failure[1] };
}

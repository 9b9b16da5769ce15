import { execFileSync } from "node:child_process";

/**
 * Calls a function of a module in a process that has done nothing else, since what one run has warmed up must not help or hinder the next.
 *
 * @returns the number that it, or its promise, gives
 */
export function inProcess(module: URL | string, name: string, ...args: readonly unknown[]): number | undefined {
  const program = `
    import * as module from ${JSON.stringify(String(module))};
    console.log(JSON.stringify((await module[${JSON.stringify(name)}](...${JSON.stringify(args)})) ?? null));`;
  const output = execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  return (JSON.parse(output) as number | null) ?? undefined;
}

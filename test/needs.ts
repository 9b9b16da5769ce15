import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Whether a test must be left out since something that it needs is not on this machine, which is said. In CI nothing is left out:
 * there the test runs, and fails for the lack of it.
 */
export function lacks(what: string, isThere: boolean): boolean {
  if (isThere || process.env.CI === "true") return false;
  console.warn(`tests are left out: ${what} is not there`);
  return true;
}

/** Whether a program can be found on the path. */
export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

import type * as NodeFs from "node:fs";

/** Node's file functions, as far as this package uses them. */
export type FileFunctions = typeof NodeFs;

interface NodeHost {
  process?: {
    readonly platform: string;
    readonly pid: number;
    getBuiltinModule?(name: string): unknown;
  };
}

/**
 * `node:fs`, fetched when it is first needed, so that this package can be imported where there is none.
 *
 * @param wanted what needs it, for the error's message
 * @throws TypeError on a platform without Node's modules
 */
export function nodeFs(wanted: string): FileFunctions {
  const fs = (globalThis as NodeHost).process?.getBuiltinModule?.("node:fs");
  if (fs === undefined) {
    throw new TypeError(
      `${wanted} needs node:fs, which this platform does not offer (Node 20.16 or newer, Deno and Bun do)`,
    );
  }
  return fs as FileFunctions;
}

/** Whether the host is Windows, whose names have rules of their own. */
export function isWindows(): boolean {
  return (globalThis as NodeHost).process?.platform === "win32";
}

/** The number of the host's process. */
export function processId(): number {
  return (globalThis as NodeHost).process?.pid ?? 0;
}

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lacks } from "../needs.ts";

/*
 * The packages of this folder, which `npm run hosts` installs. It is no workspace: the hosts are large, and who works on something else does
 * without them. So their types may be missing, and stand here as far as they are used.
 */

const folder = fileURLToPath(new URL(".", import.meta.url));

/** `require` of the packages. */
export const require: NodeJS.Require = createRequire(join(folder, "package.json"));

/** Whether tests that need the packages are left out. */
export const lacksHosts: boolean = lacks(
  "a host (npm run hosts installs them)",
  existsSync(join(folder, "node_modules/esbuild")),
);

export interface Esbuild {
  build(options: object): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>;
}

export interface Babel {
  transformAsync(code: string, options: object): Promise<{ readonly code?: string | null } | null>;
}

/** A handle of a value in QuickJS. */
export interface QuickJSHandle {
  consume(use: (handle: QuickJSHandle) => void): void;
}

export interface QuickJSContext {
  readonly global: QuickJSHandle;
  readonly runtime: { setMaxStackSize(bytes: number): void; executePendingJobs(): QuickJSResult };
  newFunction(name: string, fn: (text: QuickJSHandle) => void): QuickJSHandle;
  getString(handle: QuickJSHandle): string;
  setProp(target: QuickJSHandle, name: string, value: QuickJSHandle): void;
  evalCode(code: string, name: string): QuickJSResult;
  dump(handle: QuickJSHandle): unknown;
}

export interface QuickJSResult {
  readonly error?: QuickJSHandle;
}

export interface QuickJS {
  getQuickJS(): Promise<{ newContext(): QuickJSContext }>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  screenshot(options: { readonly path: string }): Promise<unknown>;
  close(): Promise<void>;
}

export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

export interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

const hermesFolders: Readonly<Record<string, string>> = {
  linux: "linux64-bin",
  darwin: "osx-bin",
  win32: "win64-bin",
};

/** The path of the binary of Hermes. */
export const hermesPath = (): string =>
  join(dirname(require.resolve("hermes-engine-cli/package.json")), hermesFolders[process.platform] ?? "", "hermes");

import { MemoryFileSystem, type MemoryFileSystemOptions } from "../memory/memory-file-system.ts";
import type { TreeEntry } from "../memory/tree.ts";

/** A folder of the browser, as far as it is used here: the platform's `FileSystemDirectoryHandle`, whether of the Origin Private File System or chosen by the user. */
export interface BrowserDirectory {
  readonly kind: "directory";
  entries(): AsyncIterable<readonly [string, { readonly kind: "directory" | "file" }]>;
  getDirectoryHandle(name: string, options: { create: boolean }): Promise<BrowserDirectory>;
  getFileHandle(name: string, options: { create: boolean }): Promise<BrowserFile>;
}

/** A file of the browser: the platform's `FileSystemFileHandle`. */
export interface BrowserFile {
  readonly kind: "file";
  getFile(): Promise<{ readonly lastModified: number; arrayBuffer(): Promise<ArrayBuffer> }>;
  createWritable(): Promise<{ write(data: Uint8Array<ArrayBuffer>): Promise<void>; close(): Promise<void> }>;
}

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/**
 * Copies a folder of the browser into a {@link MemoryFileSystem}: `readBrowserFolder(await navigator.storage.getDirectory())`.
 *
 * @throws WASIError `nospc` when it is more than the options allow, and the browser's own errors
 */
export async function readBrowserFolder(
  folder: BrowserDirectory,
  options?: MemoryFileSystemOptions,
): Promise<MemoryFileSystem> {
  const system = new MemoryFileSystem(options);
  for await (const entry of browserEntries(folder, "")) system.addEntries([entry]);
  return system;
}

async function* browserEntries(folder: BrowserDirectory, above: string): AsyncGenerator<TreeEntry> {
  for await (const [name, entry] of folder.entries()) {
    const handle = entry as BrowserDirectory | BrowserFile;
    const path = above + name;
    if (handle.kind === "directory") {
      yield { path, type: "directory" };
      yield* browserEntries(handle, `${path}/`);
    } else {
      const file = await handle.getFile();
      const bytes = new Uint8Array(await file.arrayBuffer());
      yield { path, type: "file", bytes, mtim: BigInt(file.lastModified) * NANOSECONDS_PER_MILLISECOND };
    }
  }
}

/**
 * Copies a {@link MemoryFileSystem} into an empty folder of the browser. Links are left out, since browsers have none; a file with two names becomes two files.
 *
 * @throws Error when the folder is not empty, and the browser's own errors
 */
export async function writeBrowserFolder(system: MemoryFileSystem, folder: BrowserDirectory): Promise<void> {
  for await (const [name] of folder.entries()) throw new Error(`the folder is not empty: it holds ${name}`);
  const folders = new Map([["", folder]]);
  for (const entry of system.entries()) {
    const slash = entry.path.lastIndexOf("/");
    const within = folders.get(entry.path.slice(0, Math.max(0, slash)))!;
    const name = entry.path.slice(slash + 1);
    if (entry.type === "directory") {
      folders.set(entry.path, await within.getDirectoryHandle(name, { create: true }));
    } else if (entry.type !== "link") {
      const bytes = entry.type === "file" ? entry.bytes : system.readFile(entry.of);
      const file = await within.getFileHandle(name, { create: true });
      const writable = await file.createWritable();
      // A copy: browsers take no bytes of shared memory.
      await writable.write(new Uint8Array(bytes));
      await writable.close();
    }
  }
}

import { nodeFs } from "../../platform/node.ts";
import { readOptions } from "../../read-options.ts";
import type { Directory } from "../file-system.ts";
import { OPEN_DIRECTORY } from "../file-system.ts";
import { MemoryFileSystem, type MemoryFileSystemOptions, readMemoryOptions } from "../memory/memory-file-system.ts";
import type { TreeEntry } from "../memory/tree.ts";
import { HostDirectory } from "./host-directory.ts";

/**
 * Copies a folder of the host into a {@link MemoryFileSystem}. Links are copied as links; devices, pipes and sockets are passed over.
 *
 * @throws TypeError for an option that is not known, WASIError `nospc` when it is more than the options allow, and what {@link HostDirectory} throws
 */
export function readHostFolder(path: string, given?: MemoryFileSystemOptions): MemoryFileSystem {
  const options = readMemoryOptions(given);
  const host = new HostDirectory(path, { readonly: true });
  const system = new MemoryFileSystem(options);
  const top = host.root();
  try {
    system.addEntries(hostEntries(top, "", options.maxFiles ?? Infinity));
  } finally {
    top.close();
    host.close();
  }
  return system;
}

function* hostEntries(directory: Directory, above: string, most: number): Generator<TreeEntry> {
  for (const { name, filetype } of directory.list(most)) {
    const path = above + name;
    if (filetype === "directory") {
      yield { path, type: "directory" };
      const next = directory.open(name, OPEN_DIRECTORY);
      try {
        if (next.kind === "directory") yield* hostEntries(next, `${path}/`, most);
      } finally {
        next.close();
      }
    } else if (filetype === "symbolic_link") {
      yield { path, type: "link", target: directory.readLink(name) };
    } else if (filetype === "regular_file") {
      const file = directory.open(name, { ...OPEN_DIRECTORY, directory: false });
      try {
        if (file.kind !== "file") continue;
        const stat = file.stat();
        const bytes = new Uint8Array(Number(stat.size));
        let at = 0;
        for (let read = -1; read !== 0 && at < bytes.length; at += read) read = file.read(bytes.subarray(at), at);
        yield { path, type: "file", bytes: bytes.subarray(0, at), mtim: stat.mtim };
      } finally {
        file.close();
      }
    }
  }
}

/**
 * Copies a {@link MemoryFileSystem} into an empty or new folder of the host. Links are not written unless asked for: what a guest made of them
 * could lead programs of the host astray.
 *
 * @throws Error when the folder is not empty, and Node's own errors
 */
export function writeHostFolder(system: MemoryFileSystem, path: string, options?: { links?: boolean }): void {
  const { links: withLinks = false } = readOptions("writeHostFolder", { links: true }, options);
  const fs = nodeFs("writeHostFolder");
  fs.mkdirSync(path, { recursive: true });
  if (fs.readdirSync(path).length > 0) throw new Error(`the folder ${path} is not empty`);
  const links: [string, string][] = [];
  for (const entry of system.entries()) {
    const target = `${path}/${entry.path}`;
    if (entry.type === "directory") fs.mkdirSync(target);
    else if (entry.type === "file") fs.writeFileSync(target, entry.bytes, { flag: "wx" });
    else if (entry.type === "hardlink") fs.linkSync(`${path}/${entry.of}`, target);
    else links.push([entry.target, target]);
  }
  if (withLinks) for (const [target, link] of links) fs.symlinkSync(target, link);
}

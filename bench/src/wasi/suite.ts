import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WASI as NodeWASI } from "node:wasi";
import { Runtime } from "@wardian/runtime";
import { type FileSystem, HostDirectory, MemoryFileSystem, OverlayFileSystem, WASI } from "@wardian/wasi";
import { type Candidate, measure } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";
import { guestText } from "./guest.ts";

/** The platform's own WebAssembly, as much of it as is used; its types are not in the library for ES2022 alone. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Record<string, (...args: number[]) => number> };
};

const MEGABYTES = 100;
const OPENS = 10_000;
const ENTRIES = 10_000;

const OPEN_ROW = `${OPENS} path_open and fd_close`;

/** What each row does with a guest's exports; the guest itself says whether it went well. */
const rows: readonly {
  readonly name: string;
  readonly run: (guest: Record<string, (...args: number[]) => number>) => number;
}[] = [
  { name: `write ${MEGABYTES} MB, 4 KB a call`, run: ({ write }) => write(4096, MEGABYTES * 256) },
  { name: `read ${MEGABYTES} MB, 4 KB a call`, run: ({ read }) => read(4096, MEGABYTES * 256) },
  { name: `write ${MEGABYTES} MB, 64 KB a call`, run: ({ write }) => write(65_536, MEGABYTES * 16) },
  { name: `read ${MEGABYTES} MB, 64 KB a call`, run: ({ read }) => read(65_536, MEGABYTES * 16) },
  { name: OPEN_ROW, run: ({ open }) => open(OPENS) },
  { name: `list a folder of ${ENTRIES}`, run: ({ list }) => list(ENTRIES) },
];

const NODE = "node:wasi";

/** WASI on the platform's own WebAssembly: the same guest on each file system, and on Node's WASI, in one process and in turns. */
export const wasiSuite: Suite = {
  name: "wasi",
  description: "WASI beside node:wasi by processor time: bytes, opening, listing, on memory, overlay and host folders",
  async run(): Promise<Table[]> {
    const top = mkdtempSync(join(tmpdir(), "wardian-bench-wasi-"));
    try {
      const folders = ["node", "host", "base"].map((name) => join(top, name));
      for (const folder of folders) fill(folder);
      const [node, host, base] = folders;
      const module = new WebAssembly.Module((await new Runtime().compile(guestText)).bytes);
      const guests = {
        [NODE]: onNode(module, node),
        memory: onWardian(module, memory()),
        overlay: onWardian(module, new OverlayFileSystem(new HostDirectory(base, { readonly: true }))),
        "host folder": onWardian(module, new HostDirectory(host)),
      };
      const table: (string | number)[][] = [];
      const references = new Map<string, number>();
      for (const { name, run } of rows) {
        const candidates: Candidate[] = Object.entries(guests).map(([system, guest]) => ({
          name: system,
          run: () => {
            const errno = run(guest);
            if (errno !== 0) throw new Error(`${name} on ${system} ended with ${errno}`);
          },
        }));
        const times = await measure(candidates, { rounds: 9, minTime: 1, clock: "cpu" });
        const reference = times.get(NODE) as number;
        references.set(name, reference);
        const others = Object.keys(guests).filter((system) => system !== NODE);
        table.push([name, reference, ...others.map((system) => (times.get(system) as number) / reference)]);
      }
      return [
        {
          title: "WASI: milliseconds of node:wasi, and the others over it",
          columns: ["row", NODE, "memory", "overlay", "host folder"],
          rows: table,
          notes: [`Node ${process.versions.node}; below 1 is faster than node:wasi`],
        },
        await floor(host, references.get(OPEN_ROW) as number),
      ];
    } finally {
      rmSync(top, { recursive: true, force: true });
    }
  },
};

/**
 * What opening costs before any of our own code runs: the calls of node:fs that it comes down to, by a path, which another process could bend, and through the
 * descriptor of the folder, as `HostDirectory` opens.
 */
async function floor(folder: string, reference: number): Promise<Table> {
  const O_PATH = 0o10_000_000;
  const descriptor = process.platform === "linux" ? openSync(folder, O_PATH | constants.O_DIRECTORY) : undefined;
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const opening = (path: string) => (): void => {
      for (let index = 0; index < OPENS; index++) {
        const file = openSync(path, flags);
        if (!fstatSync(file).isFile()) throw new Error(`${path} is no file`);
        closeSync(file);
      }
    };
    const candidates: Candidate[] = [{ name: "by a path", run: opening(join(folder, "file")) }];
    if (descriptor !== undefined) {
      const held = `/proc/${process.pid}/fd/${descriptor}/file`;
      if (statSync(held).isFile()) candidates.push({ name: "through a descriptor", run: opening(held) });
    }
    const times = await measure(candidates, { rounds: 9, minTime: 1, clock: "cpu" });
    return {
      title: `openSync, fstatSync and closeSync alone, ${OPENS} times: milliseconds, and over node:wasi's row above`,
      columns: ["the file is named", "ms", "over node:wasi"],
      rows: [...times].map(([name, time]) => [name, time, time / reference]),
    };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function fill(folder: string): void {
  mkdirSync(join(folder, "many"), { recursive: true });
  writeFileSync(join(folder, "file"), "x");
  for (let index = 0; index < ENTRIES; index++) writeFileSync(join(folder, "many", `entry-${index}`), "");
}

function memory(): MemoryFileSystem {
  const system = MemoryFileSystem.from({ file: "x" });
  for (let index = 0; index < ENTRIES; index++) system.writeFile(`many/entry-${index}`, "");
  return system;
}

function onNode(module: object, folder: string): Record<string, (...args: number[]) => number> {
  const wasi = new NodeWASI({ version: "preview1", preopens: { "/": folder } });
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
  wasi.initialize(instance);
  return instance.exports;
}

function onWardian(module: object, system: FileSystem): Record<string, (...args: number[]) => number> {
  const wasi = new WASI({ preopens: { "/": system } });
  const instance = new WebAssembly.Instance(module, wasi.imports);
  wasi.initializeSync(instance);
  return instance.exports;
}

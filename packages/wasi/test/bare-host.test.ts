import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The package where the platform has next to nothing beyond ECMAScript, as in a browser's worker or a smaller engine; no Node modules either. */
const program = `
  const print = console.log;
  const { memory } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(
    0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 109, 101, 109, 111, 114, 121, 2, 0))).exports;
  const wasiUrl = new URL("file://" + process.cwd() + "/packages/wasi/dist/index.js");
  for (const name of ["TextDecoder", "TextEncoder", "Atomics", "SharedArrayBuffer", "WeakRef", "FinalizationRegistry", "performance",
    "setImmediate", "MessageChannel", "AbortController", "Buffer", "structuredClone", "queueMicrotask", "crypto", "process"])
    delete globalThis[name];
  const { WASI, MemoryFileSystem, OverlayFileSystem, HostDirectory, CapturedOutput, systemClock, systemRandom } = await import(wasiUrl);
  const stdout = new CapturedOutput();
  const system = new OverlayFileSystem(MemoryFileSystem.from({ "größe.txt": "viel" }));
  const wasi = new WASI({ preopens: { "/": system }, stdout, clock: systemClock() });
  const { fd_write, path_open, clock_time_get, poll_oneoff } = wasi.imports.wasi_snapshot_preview1;
  const view = new DataView(memory.buffer);
  const put = (address, text) => [...text].forEach((char, index) => view.setUint8(address + index, char.charCodeAt(0)));
  wasi.startSync({ exports: { memory, _start: () => {
    put(100, "made");
    print(path_open(3, 0, 100, 4, 1, 0x40n, 0n, 0, 16), view.getUint32(16, true));
    view.setUint32(0, 100, true); view.setUint32(4, 4, true);
    print(fd_write(4, 0, 1, 8), fd_write(1, 0, 1, 8), clock_time_get(0, 0n, 24), view.getBigUint64(24, true) > 0n);
    // A real sleep, which this platform cannot do.
    view.setUint8(208, 0); view.setUint32(216, 1, true); view.setBigUint64(224, 1000000000n, true);
    print(poll_oneoff(200, 300, 1, 400));
  } } });
  print(stdout.text, Object.keys(system.changes().written), Object.keys(MemoryFileSystem.fromTar(system.toTar()).toObject()));
  for (const make of [() => new HostDirectory("/"), () => systemRandom(), () => new WASI({ stdout: "inherit" })])
    try { make(); } catch (error) { print(error.name); }
`;

test("memory and overlay file systems work where there is no Node, no TextDecoder, no Atomics", () => {
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: root,
    encoding: "utf8",
  });
  expect(output.trim().split("\n")).toEqual([
    "0 4",
    "0 0 0 true",
    "58",
    "made [ 'made' ] [ 'größe.txt', 'made' ]",
    "TypeError",
    "TypeError",
    "TypeError",
  ]);
});

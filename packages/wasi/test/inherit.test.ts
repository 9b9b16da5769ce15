import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A host process whose guest copies its input to its output, and says on its error output when it has come to the end. */
const program = (suspendable: boolean): string => `
  import { WASI } from "./packages/wasi/dist/index.js";
  const memory = new WebAssembly.Memory({ initial: 1 });
  const view = new DataView(memory.buffer);
  const wasi = new WASI({ stdin: "inherit", stdout: "inherit", stderr: "inherit" });
  const { fd_read, fd_write, fd_fdstat_get } = wasi.imports.wasi_snapshot_preview1;
  const write = async (fd, address, length) => {
    view.setUint32(0, address, true); view.setUint32(4, length, true);
    return fd_write(fd, 0, 1, 8);
  };
  const body = async () => {
    for (;;) {
      view.setUint32(0, 100, true); view.setUint32(4, 7, true);
      const errno = await fd_read(0, 0, 1, 8);
      if (errno !== 0) throw new Error("fd_read: " + errno);
      const read = view.getUint32(8, true);
      if (read === 0) break;
      await write(1, 100, read);
    }
    fd_fdstat_get(1, 200);
    view.setUint8(50, 0x30 + view.getUint8(200));
    await write(2, 50, 1);
  };
  await wasi.initialize({ exports: { memory }, suspendable: ${suspendable} });
  await body();
  wasi.close();
`;

for (const suspendable of [true, false]) {
  test(`the host's own streams serve a call that can${suspendable ? "" : "not"} be suspended`, async () => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program(suspendable)], { cwd: root });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdin.write("first line\n");
    while (!stdout.includes("first line\n")) await once(child.stdout, "data");
    child.stdin.end("and the rest, größer");
    const [code] = await once(child, "close");
    // A pipe is no terminal.
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "first line\nand the rest, größer", stderr: "0" });
  });
}

test("a host whose guest waits for input that never comes can still end", async () => {
  const code = program(true)
    .replace("await body();", "body(); setTimeout(() => wasi.close(), 20);")
    .replace(/wasi\.close\(\);\n$/, "");
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { cwd: root });
  const [exitCode] = await once(child, "exit");
  expect(exitCode).not.toBeNull();
});

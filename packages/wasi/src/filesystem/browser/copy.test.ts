import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../../test/needs.ts";

/** What the page does and reports. The package is the built one, as it stands: it depends on nothing. */
const PAGE = `<!doctype html><script type="module">
  import { MemoryFileSystem, readBrowserFolder, Symlink, writeBrowserFolder } from "/dist/index.js";
  const outcome = async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("guest", { create: true });
    const files = MemoryFileSystem.from({ "a/b/file": "text", bytes: new Uint8Array(100000).fill(7), empty: {}, link: new Symlink("bytes") });
    await writeBrowserFolder(files, folder);
    const back = await readBrowserFolder(folder);
    const refused = await writeBrowserFolder(files, folder).then(() => "", (error) => error.message);
    const small = await readBrowserFolder(folder, { maxBytes: 1000 }).then(() => "", (error) => error.errno);
    return {
      names: Object.keys(back.toObject()).sort(),
      text: new TextDecoder().decode(back.readFile("a/b/file")),
      bytes: back.readFile("bytes").every((byte) => byte === 7) && back.readFile("bytes").length,
      refused: refused.startsWith("the folder is not empty"),
      small,
    };
  };
  outcome().then((result) => JSON.stringify(result), (error) => String(error.stack))
    .then((body) => fetch("/report", { method: "POST", body }));
</script>`;

const dist = fileURLToPath(new URL("../../../dist/", import.meta.url));

test.skipIf(lacks("chromium", hasProgram("chromium")))(
  "a memory file system goes into the Origin Private File System and comes back",
  { timeout: 120_000 },
  async () => {
    let report!: (text: string) => void;
    const reported = new Promise<string>((resolve) => {
      report = resolve;
    });
    const server = createServer(async (request, response) => {
      const url = request.url ?? "";
      if (url === "/report") {
        let text = "";
        for await (const chunk of request) text += chunk;
        response.end();
        report(text);
      } else if (!/^\/dist\/[\w/-]+\.js$/.test(url)) response.setHeader("content-type", "text/html").end(PAGE);
      else response.setHeader("content-type", "text/javascript").end(readFileSync(join(dist, url.slice(6))));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const profile = mkdtempSync(join(tmpdir(), "wardian-chromium-"));
    const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
    args.push(
      "--disable-component-update",
      "--disable-sync",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
    );
    const browser = spawn("chromium", [...args, page], { stdio: "ignore" });
    const exited = once(browser, "exit");
    try {
      const ended = exited.then(() => "the browser ended");
      const outcome = await Promise.race([reported, ended]);
      expect(JSON.parse(outcome)).toEqual({
        names: ["a/b/file", "bytes", "empty"],
        text: "text",
        bytes: 100_000,
        refused: true,
        small: "nospc",
      });
    } finally {
      browser.kill();
      await exited;
      server.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  },
);

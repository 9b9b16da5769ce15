import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lacksChromium, launchChromium } from "./chromium.ts";
import type { Browser } from "./tools.ts";

const dist = fileURLToPath(new URL("../../packages/wasi/dist/", import.meta.url));

/** What the page does. The package is the built one, as it stands: it depends on nothing. */
const copies = `(async () => {
  const { MemoryFileSystem, readBrowserFolder, Symlink, writeBrowserFolder } = await import("/dist/index.js");
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
})()`;

describe.skipIf(lacksChromium)("the Origin Private File System", { timeout: 120_000 }, () => {
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const url = request.url ?? "";
      if (/^\/dist\/[\w/-]+\.js$/.test(url))
        response.setHeader("content-type", "text/javascript").end(readFileSync(join(dist, url.slice("/dist/".length))));
      else response.setHeader("content-type", "text/html").end("<!doctype html>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it("takes a memory file system and gives it back", async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await page.evaluate(copies)).toEqual({
      names: ["a/b/file", "bytes", "empty"],
      text: "text",
      bytes: 100_000,
      refused: true,
      small: "nospc",
    });
  });
});

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CodeCache, sha256Of } from "./code-source.ts";

const SIZE = 2_000_000;
const WRITES = 25;
const built = new URL("../../dist/gateway/code-source.js", import.meta.url).href;

/** Writes the same modules, and the link of the same image to one of them, again and again. */
const WRITER = `
  const [folder, own] = process.argv.slice(1);
  const { CodeCache } = await import(${JSON.stringify(built)});
  const cache = new CodeCache(folder);
  for (let i = 0; i < ${WRITES}; i++)
    for (const fill of [Number(own), 7]) await cache.putLink("image", await cache.put(new Uint8Array(${SIZE}).fill(fill)));`;

test("readers see whole modules and links or none while processes write the same ones", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-code-cache-"));
  try {
    const writers = ["1", "2"].map((own) =>
      spawn(process.execPath, ["--input-type=module", "-e", WRITER, folder, own], { stdio: "inherit" }),
    );
    let running = writers.length;
    const codes: (number | null)[] = [];
    for (const writer of writers)
      writer.on("exit", (code) => {
        codes.push(code);
        running--;
      });
    const digests = [1, 2, 7].map((fill) => sha256Of(new Uint8Array(SIZE).fill(fill)));
    const cache = new CodeCache(folder);
    let found = 0;
    while (running > 0) {
      const link = await cache.link("image");
      // The folder's files are replaced, never changed: what was there once is there.
      if (link === undefined) {
        expect(found).toBe(0);
        continue;
      }
      expect(digests).toContain(link);
      expect((await cache.get(link))?.length).toBe(SIZE);
      found++;
    }
    expect(codes).toEqual([0, 0]);
    expect(found).toBeGreaterThan(0);
    expect(readdirSync(folder).sort()).toEqual([...digests, "image.code"].sort());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

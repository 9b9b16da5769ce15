import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { FolderCache } from "../../src/node/folder-cache.ts";

let fault: { readonly call: "utimes" | "writeFile" | "rename"; readonly code: string } | undefined;

// A full or read-only disk cannot be had in every place where tests run.
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const failing = (call: "utimes" | "writeFile" | "rename"): unknown =>
    Object.assign(async (...args: unknown[]) => {
      if (fault?.call === call) throw Object.assign(new Error(fault.code), { code: fault.code });
      return (real[call] as (...given: unknown[]) => Promise<unknown>)(...args);
    });
  return { ...real, utimes: failing("utimes"), writeFile: failing("writeFile"), rename: failing("rename") };
});

test("an entry whose time of use cannot be written is an entry, and a full disk leaves nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-folder-cache-"));
  const errors: unknown[] = [];
  const cache = new FolderCache(folder, { onError: (error) => errors.push(error) });
  await cache.set("key", new Uint8Array([1, 2, 3]));
  fault = { call: "utimes", code: "EROFS" };
  expect(await cache.get("key")).toEqual(new Uint8Array([1, 2, 3]));
  for (const call of ["writeFile", "rename"] as const) {
    fault = { call, code: "ENOSPC" };
    await cache.set("other", new Uint8Array(10));
    expect(await cache.get("other")).toBeUndefined();
  }
  expect(errors.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(["EROFS", "ENOSPC", "ENOSPC"]);
  expect(readdirSync(folder)).toHaveLength(1);
});

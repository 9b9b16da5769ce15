import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tarOf } from "../testing/tar.ts";
import { fetchCode } from "./code-source.ts";

const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const OCI = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/** The files of a layout by their paths, and the digest of each image by its tag. */
class Layout {
  readonly files = new Map<string, Uint8Array>([["oci-layout", Buffer.from(`{"imageLayoutVersion":"1.0.0"}`)]]);
  readonly digests: Record<string, string> = {};
  private readonly manifests: unknown[] = [];

  blob(bytes: Uint8Array): string {
    const hex = createHash("sha256").update(bytes).digest("hex");
    this.files.set(`blobs/sha256/${hex}`, bytes);
    return `sha256:${hex}`;
  }

  image(tag: string, mediaType: string, layer: Uint8Array): this {
    const manifest = { schemaVersion: 2, mediaType: OCI, layers: [{ mediaType, digest: this.blob(layer) }] };
    return this.add(tag, OCI, this.blob(Buffer.from(JSON.stringify(manifest))));
  }

  add(tag: string, mediaType: string, digest: string): this {
    this.digests[tag] = digest.slice("sha256:".length);
    this.manifests.push({ mediaType, digest, annotations: { "org.opencontainers.image.ref.name": tag } });
    this.files.set("index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: this.manifests })));
    return this;
  }

  /** @returns the layout as a folder and as an archive */
  write(): [folder: string, archive: string] {
    const base = mkdtempSync(join(tmpdir(), "wardian-layout-"));
    for (const [path, bytes] of this.files) {
      mkdirSync(join(base, "folder", dirname(path)), { recursive: true });
      writeFileSync(join(base, "folder", path), bytes);
    }
    execFileSync("tar", ["-cf", "archive.tar", "-C", "folder", "."], { cwd: base });
    return [join(base, "folder"), join(base, "archive.tar")];
  }
}

const layout = (path: string, tag?: string, sha256?: string): Promise<Uint8Array> =>
  fetchCode({ kind: "layout", path, tag, sha256 });

test("images of all forms are read from a folder and from an archive of it, by tag and by digest", async () => {
  const tar = tarOf("./plugin.wasm", module);
  const made = new Layout()
    .image("gzip", "application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(tar))
    .image("tar", "application/vnd.oci.image.layer.v1.tar", tar)
    .image("artifact", "application/vnd.module.wasm.content.layer.v1+wasm", module)
    .image("cncf", "application/wasm", module);
  const index = { manifests: [{ digest: `sha256:${made.digests.cncf}`, platform: { architecture: "wasm" } }] };
  made.add("index", INDEX, made.blob(Buffer.from(JSON.stringify(index))));
  for (const path of made.write()) {
    for (const tag of ["gzip", "tar", "artifact", "cncf", "index"]) expect(await layout(path, tag)).toEqual(module);
    expect(await layout(path, "tar", made.digests.tar)).toEqual(module);
    await expect(layout(path, "tar", made.digests.gzip)).rejects.toThrow(`not sha256:${made.digests.gzip}`);
    await expect(layout(path, "v9")).rejects.toThrow("0 images with the tag v9");
    await expect(layout(path)).rejects.toThrow("holds 5 images, of which a tag must choose one: gzip, tar");
  }
});

test("an only image needs no tag", async () => {
  const made = new Layout().image("v1", "application/wasm", module);
  for (const path of made.write()) expect(await layout(path)).toEqual(module);
});

test("what is no layout, or has been tampered with, is an error that says so", async () => {
  const wrong: [string, (made: Layout) => void][] = [
    ["needs oci-layout and index.json", ({ files }) => files.delete("oci-layout")],
    ["needs oci-layout and index.json", ({ files }) => files.delete("index.json")],
    ["is no JSON", ({ files }) => files.set("index.json", Buffer.from("{"))],
    ["holds 0 images", ({ files }) => files.set("index.json", Buffer.from("null"))],
    ["no descriptor", ({ files }) => files.set("index.json", Buffer.from(`{"manifests":[1]}`))],
    ["no descriptor", ({ files }) => files.set("index.json", Buffer.from(`{"manifests":{}}`))],
    [
      "is no digest",
      ({ files }) => files.set("index.json", Buffer.from(`{"manifests":[{"digest":"sha256:../../../etc/passwd"}]}`)),
    ],
    ["has the digest", ({ files, digests }) => files.set(`blobs/sha256/${digests.v1}`, Buffer.from("{}"))],
    ["has no sha256:", ({ files, digests }) => files.delete(`blobs/sha256/${digests.v1}`)],
    [
      "a layer of",
      ({ files }) => {
        for (const [path, bytes] of files) if (bytes === module) files.set(path, Uint8Array.of(...module, 0));
      },
    ],
  ];
  for (const [message, change] of wrong) {
    const made = new Layout().image("v1", "application/wasm", module);
    change(made);
    for (const path of made.write()) await expect(layout(path), message).rejects.toThrow(message);
  }
  await expect(layout("no/such/layout")).rejects.toThrow("cannot read the image layout");
});

// Windows has neither pipes nor devices in its file system.
test.skipIf(process.platform === "win32")("pipes and devices in a folder are not read", async () => {
  const made = new Layout().image("v", "application/wasm", module);
  for (const file of made.files.keys())
    for (const place of [
      (path: string) => execFileSync("mkfifo", [path]),
      (path: string) => symlinkSync("/dev/zero", path),
      (path: string) => symlinkSync("/", path),
    ]) {
      const [folder] = made.write();
      rmSync(join(folder, file));
      // The contents of oci-layout are of no interest, but the file must be one.
      place(join(folder, file));
      await expect(layout(folder)).rejects.toThrow("is not a regular file");
    }
});

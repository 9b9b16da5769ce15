import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readRegularFile } from "@wardian/runtime/node";
import { CodeError, MAX_CODE } from "./code-source.ts";
import { type Descriptor, digestOf, moduleOfImage, parseManifest } from "./oci.ts";
import { filesOfTar } from "./tar.ts";

/** Reads a file of a layout by its path within it; undefined when it is not there. */
type ReadPart = (path: string) => Promise<Uint8Array | undefined>;

async function partsOf(path: string): Promise<ReadPart> {
  if ((await stat(path)).isDirectory())
    return async (part) => {
      try {
        return await readRegularFile(join(path, part), MAX_CODE);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    };
  const files = filesOfTar(await readRegularFile(path, MAX_CODE));
  return async (part) => files.get(part);
}

/** The tag of an image in a layout's index. */
const TAG = "org.opencontainers.image.ref.name";

function choose(path: string, manifests: readonly Descriptor[], tag: string | undefined): Descriptor {
  const found = tag === undefined ? manifests : manifests.filter(({ annotations }) => annotations?.[TAG] === tag);
  if (found.length === 1) return found[0];
  const tags = manifests.map(({ annotations }) => annotations?.[TAG] ?? "one without a tag").join(", ");
  throw new CodeError(
    tag === undefined
      ? `${path} holds ${manifests.length} images, of which a tag must choose one: ${tags || "none"}`
      : `${path} holds ${found.length} images with the tag ${tag}, not one; there are ${tags || "none"}`,
  );
}

/**
 * Reads a module from an OCI image layout (`oci-layout`, `index.json`, `blobs`), as `skopeo copy … oci:` and `oci-archive:` write it: in
 * any of the forms of an image, checked by its digests.
 *
 * @param path a folder, or a tar archive of one
 * @param sha256 the digest of the image's manifest
 * @throws CodeError
 */
export async function readLayout(
  path: string,
  tag: string | undefined,
  sha256: string | undefined,
): Promise<Uint8Array> {
  try {
    const read = await partsOf(path);
    const index = await read("index.json");
    if (index === undefined || (await read("oci-layout")) === undefined)
      throw new CodeError(`${path} is no OCI image layout: it needs oci-layout and index.json`);
    const image = choose(path, parseManifest(index).manifests ?? [], tag);
    const blob = async (digest: string): Promise<Uint8Array> => {
      const bytes = await read(`blobs/sha256/${digest.slice("sha256:".length)}`);
      if (bytes === undefined) throw new CodeError(`${path} has no ${digest}`);
      return bytes;
    };
    if (sha256 !== undefined && image.digest !== `sha256:${sha256}`)
      throw new CodeError(`the image in ${path} has the digest ${image.digest}, not sha256:${sha256}`);
    const digest = digestOf(image, path);
    return await moduleOfImage(path, digest, digest.slice("sha256:".length), { manifest: blob, blob });
  } catch (error) {
    if (error instanceof CodeError) throw error;
    throw new CodeError(`cannot read the image layout ${path}: ${(error as Error).message}`);
  }
}

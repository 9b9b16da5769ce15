import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kernels } from "../../../../scripts/places.mjs";
import { lacks } from "../../../../test/needs.ts";
import { decodeModule } from "../../src/binary/decode.ts";
import { encodeModule } from "../../src/binary/encode.ts";
import { allFeatures } from "../../src/wasm/features.ts";

// A linker's own output; that of this package's assembler is round-tripped by the other tests.
test.skipIf(lacks("the benchmark kernels", existsSync(kernels)))("what linkers make comes back to the byte", () => {
  const names = readdirSync(kernels).filter((name) => name.endsWith(".wasm"));
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) {
    const bytes = new Uint8Array(readFileSync(join(kernels, name)));
    expect(Buffer.compare(encodeModule(decodeModule(bytes, allFeatures)), bytes), name).toBe(0);
  }
});

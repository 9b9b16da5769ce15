import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allFeatures } from "../wasm/features.ts";
import { decodeModule } from "./decode.ts";
import { encodeModule } from "./encode.ts";

const kernels = new URL("../../../../../shared/kernels/", import.meta.url);

test.each(readdirSync(kernels).filter((name) => name.endsWith(".wasm")))("%s comes back to the byte", (name) => {
  const bytes = new Uint8Array(readFileSync(new URL(name, kernels)));
  expect(Buffer.compare(encodeModule(decodeModule(bytes, allFeatures)), bytes)).toBe(0);
});

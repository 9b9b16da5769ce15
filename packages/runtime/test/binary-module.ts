import { decodeModule } from "../src/binary/decode.ts";
import { encodeModule } from "../src/binary/encode.ts";
import { Writer } from "../src/binary/writer.ts";
import { CompileError } from "../src/wasm/errors.ts";
import { allFeatures, type Feature, type FeatureSet } from "../src/wasm/features.ts";
import type { WasmModule } from "../src/wasm/module.ts";

/** Bytes of a section with its size. */
export function section(id: number, ...contents: number[]): number[] {
  const writer = new Writer();
  writer.u8(id);
  writer.sized(() => writer.bytes(Uint8Array.from(contents)));
  return [...writer.finish()];
}

/** A name with its length: ASCII, shorter than 128. */
export function name(text: string): number[] {
  return [text.length, ...[...text].map((c) => c.charCodeAt(0))];
}

/** A module of these sections. */
export function moduleBytes(...sections: number[][]): Uint8Array {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}

/** Decodes a module of these sections, and checks that it encodes to the same bytes. */
export function decodeSections(...sections: number[][]): WasmModule {
  const bytes = moduleBytes(...sections);
  const module = decodeModule(bytes, allFeatures);
  const again = encodeModule(module);
  if (String(again) !== String(bytes)) throw new Error(`encoded to ${again} and not to ${bytes}`);
  return module;
}

export function without(...off: Feature[]): FeatureSet {
  return new Set([...allFeatures].filter((feature) => !off.includes(feature)));
}

/** The error that decoding `bytes` ends in. */
export function refusal(bytes: Uint8Array, features: FeatureSet = allFeatures): CompileError {
  try {
    decodeModule(bytes, features);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("the module was accepted");
}

import { decodeModule } from "../src/binary/decode.ts";
import { encodeModule } from "../src/binary/encode.ts";
import { parseModule } from "../src/text/parser.ts";
import { type ValidModule, validateModule } from "../src/validation/validate.ts";
import { CompileError } from "../src/wasm/errors.ts";
import { allFeatures, type FeatureSet } from "../src/wasm/features.ts";

export function validateBytes(bytes: Uint8Array, features: FeatureSet = allFeatures): ValidModule {
  return validateModule(decodeModule(bytes, features), features);
}

/** Validates a module given as text, by way of its bytes. */
export function validateText(text: string, features: FeatureSet = allFeatures): ValidModule {
  return validateBytes(encodeModule(parseModule(text, allFeatures).module), features);
}

/** The error of a module that is refused, or undefined of one that is not. */
export function refusal(source: string | Uint8Array, features: FeatureSet = allFeatures): CompileError | undefined {
  try {
    if (typeof source === "string") validateText(source, features);
    else validateBytes(source, features);
    return undefined;
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
}

/** Why a module is refused; undefined when it is valid. */
export function reason(source: string | Uint8Array, features?: FeatureSet): string | undefined {
  return refusal(source, features)?.reason;
}

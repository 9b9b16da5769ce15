import { readOptions } from "./options.ts";

/**
 * Proposals that a `Runtime` can switch on and off by name. WebAssembly 1.0 itself is not among them: it is always there.
 * The names are those of the proposals' repositories.
 */
export const featureNames = [
  "mutable-globals",
  "sign-extension",
  "nontrapping-float-to-int",
  "multi-value",
  "bulk-memory",
  "reference-types",
  "simd",
  "relaxed-simd",
  "tail-call",
  "extended-const",
  "function-references",
  "gc",
  "exceptions",
  "legacy-exceptions",
  "multi-memory",
  "memory64",
  "threads",
  "custom-page-sizes",
  "wide-arithmetic",
] as const;

export type Feature = (typeof featureNames)[number];

/** The features of a runtime: a name that is missing is off. */
export type FeatureSet = ReadonlySet<Feature>;

/** Proposals beyond WebAssembly 3.0, off unless asked for. */
const optIn: ReadonlySet<Feature> = new Set(["threads", "custom-page-sizes", "wide-arithmetic"]);

/** WebAssembly 3.0 and the older exception handling that most toolchains still emit. */
export const defaultFeatures: FeatureSet = new Set(featureNames.filter((name) => !optIn.has(name)));

/** Everything that the formats and the validator know. */
export const allFeatures: FeatureSet = new Set(featureNames);

const names = Object.fromEntries(featureNames.map((name) => [name, true])) as Record<Feature, true>;

/**
 * The default features, with some switched on or off.
 *
 * @param changes a feature's name to whether it is on; names not given keep their default
 * @throws TypeError for a name that is no feature
 */
export function selectFeatures(changes?: Partial<Record<Feature, boolean>>): FeatureSet {
  const features = new Set(defaultFeatures);
  for (const [name, on] of Object.entries(readOptions("features", names, changes)) as [
    Feature,
    boolean | undefined,
  ][]) {
    if (on) features.add(name);
    else if (on !== undefined) features.delete(name);
  }
  return features;
}

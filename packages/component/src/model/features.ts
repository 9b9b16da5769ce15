import { readOptions } from "@wardian/runtime/options";

/**
 * Parts of the Component Model that can be switched on and off by name. What was in the first release that WASI 0.2 uses is
 * always there (Explainer, "Gated Features"). The features of the core modules inside are the core runtime's own.
 */
export const componentFeatureNames = [
  /** `async` functions and the built-ins of tasks, streams and futures. */
  "async",
  /** The `map` type. */
  "map",
  /** The attributes `implements` and `external-id` of import and export names. */
  "implements",
  /** Value definitions, value imports and exports, and the start definition. */
  "values",
  /** Nested namespaces and packages in interface names. */
  "nested-namespaces",
  /** More canonical options on the built-ins of `async`. */
  "more-async-builtins",
  /** `async` lifting without a callback. */
  "stackful-async",
  /** The built-ins of cooperative threads. */
  "threads",
  /** The built-ins of threads that share memory. */
  "shared-threads",
  /** Lists of a fixed length. */
  "fixed-length-lists",
  /** The `error-context` type and its built-ins. */
  "error-context",
  /** Interface names with a canonical version and a suffix. */
  "canonical-names",
  /** 64-bit memories, tables and resource representations in the canonical ABI. */
  "memory64",
] as const;

export type ComponentFeature = (typeof componentFeatureNames)[number];

/** The features that are on: a name that is missing is off. */
export type ComponentFeatureSet = ReadonlySet<ComponentFeature>;

/** What a release of WASI uses: 0.3.0 made `async` final, 0.3.1 `map` and `implements`. */
export const defaultComponentFeatures: ComponentFeatureSet = new Set(["async", "map", "implements"]);

const names = Object.fromEntries(componentFeatureNames.map((name) => [name, true])) as Record<ComponentFeature, true>;

/**
 * The default features, with some switched on or off.
 *
 * @param changes a feature's name to whether it is on; names not given keep their default
 * @throws TypeError for a name that is no feature
 */
export function selectComponentFeatures(changes?: Partial<Record<ComponentFeature, boolean>>): ComponentFeatureSet {
  const features = new Set(defaultComponentFeatures);
  const given = readOptions("componentFeatures", names, changes);
  for (const name of componentFeatureNames) {
    if (given[name]) features.add(name);
    else if (given[name] !== undefined) features.delete(name);
  }
  return features;
}

/** Everything that the formats and the validator know. */
export const allComponentFeatures: ComponentFeatureSet = new Set(componentFeatureNames);

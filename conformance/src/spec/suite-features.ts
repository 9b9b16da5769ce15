import type { Feature } from "@wardian/runtime";

type FeatureChanges = Partial<Record<Feature, boolean>>;

/**
 * What the folders of the suite presuppose, where it is not the default. The tests of the threads proposal were written for WebAssembly
 * as it was before several memories and tables, and assert that there is only one.
 */
const featuresByFolder: readonly (readonly [folder: string, changes: FeatureChanges])[] = [
  [
    "proposals/threads/",
    {
      threads: true,
      "multi-memory": false,
      memory64: false,
      "reference-types": false,
      "function-references": false,
      gc: false,
    },
  ],
  ["proposals/custom-page-sizes/", { "custom-page-sizes": true }],
  ["proposals/wide-arithmetic/", { "wide-arithmetic": true }],
];

/** The features to switch on or off for a script. */
export function featuresFor(name: string): FeatureChanges {
  return featuresByFolder.find(([folder]) => `/${name}`.includes(`/${folder}`))?.[1] ?? {};
}

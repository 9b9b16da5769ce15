import { allFeatures, type Feature } from "@wardian/runtime";
import { encodeModule, parseModule } from "@wardian/runtime/formats";
import { platform } from "./platform.ts";

interface Probe {
  /** A module that is valid only where the feature is there. */
  readonly text: string;
  /** What `wasm-opt` calls the feature; without one it makes no modules with it. */
  readonly flag?: string;
}

const probes: Readonly<Record<Feature, Probe>> = {
  "mutable-globals": { text: '(import "" "" (global (mut i32)))', flag: "mutable-globals" },
  "sign-extension": { text: "(func (drop (i32.extend8_s (i32.const 0))))", flag: "sign-ext" },
  "nontrapping-float-to-int": {
    text: "(func (drop (i32.trunc_sat_f32_s (f32.const 0))))",
    flag: "nontrapping-float-to-int",
  },
  "multi-value": { text: "(func (result i32 i32) unreachable)", flag: "multivalue" },
  "bulk-memory": {
    text: "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))",
    flag: "bulk-memory",
  },
  "reference-types": { text: "(func (drop (ref.null extern)))", flag: "reference-types" },
  simd: { text: "(func (drop (i8x16.splat (i32.const 0))))", flag: "simd" },
  // The results are the implementation's choice, so modules with it are judged but not run.
  "relaxed-simd": { text: "(func unreachable i8x16.relaxed_swizzle drop)" },
  "tail-call": { text: "(func return_call 0)", flag: "tail-call" },
  "extended-const": { text: "(global i32 (i32.add (i32.const 0) (i32.const 0)))", flag: "extended-const" },
  // Brought by the flag of gc.
  "function-references": { text: "(type (func)) (func unreachable call_ref 0)" },
  gc: { text: "(type (struct)) (func (drop (struct.new 0)))", flag: "gc" },
  exceptions: { text: "(func (try_table))", flag: "exception-handling" },
  "legacy-exceptions": { text: "(func try catch_all end)" },
  "multi-memory": { text: "(memory 1) (memory 1)", flag: "multimemory" },
  memory64: { text: "(memory i64 1)", flag: "memory64" },
  // Guests that wait would wait forever.
  threads: { text: "(memory 1 1 shared)" },
  "custom-page-sizes": { text: "(memory 1 (pagesize 1))" },
  "wide-arithmetic": { text: "(func unreachable i64.add128 drop drop)", flag: "wide-arithmetic" },
};

/** The features that the platform's own WebAssembly has. */
export function platformFeatures(): Set<Feature> {
  const features = new Set<Feature>();
  for (const [name, { text }] of Object.entries(probes)) {
    const bytes = encodeModule(parseModule(`(module ${text})`, allFeatures).module);
    if (platform.validate(bytes)) features.add(name as Feature);
  }
  return features;
}

/** Arguments that make `wasm-opt` use these features and no others. */
export function featureFlags(features: ReadonlySet<Feature>): string[] {
  const flags = [...features].map((name) => probes[name].flag).filter((flag) => flag !== undefined);
  return ["--mvp-features", ...flags.map((flag) => `--enable-${flag}`)];
}

/** Features that another cannot be without. */
const needs: Readonly<Partial<Record<Feature, readonly Feature[]>>> = {
  gc: ["reference-types", "function-references"],
  "function-references": ["reference-types"],
  exceptions: ["reference-types", "multi-value"],
};

/** Whether a set holds all that its features need. */
export function isConsistent(features: ReadonlySet<Feature>): boolean {
  return [...features].every((feature) => (needs[feature] ?? []).every((needed) => features.has(needed)));
}

import type { FeatureSet } from "@wardian/runtime";

const base = `(module $spectest
  (func (export "print"))
  (func (export "print_i32") (param i32))
  (func (export "print_i64") (param i64))
  (func (export "print_f32") (param f32))
  (func (export "print_f64") (param f64))
  (func (export "print_i32_f32") (param i32 f32))
  (func (export "print_f64_f64") (param f64 f64))
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (global (export "global_f32") f32 (f32.const 666.6))
  (global (export "global_f64") f64 (f64.const 666.6))
  (table (export "table") 10 20 funcref)
  (memory (export "memory") 1 2)
)`;
const table64 = '(module (table (export "table64") i64 10 20 funcref))';
const sharedMemory = '(module (memory (export "shared_memory") 1 2 shared))';

/**
 * The module `spectest` that scripts import from (the specification's `test/harness`), as modules of WebAssembly whose exports are one
 * module's: its functions then have types, which host functions of JavaScript have not, and scripts check that importing them with
 * another type fails. What needs a proposal stands apart, so that an engine without it holds the rest.
 */
export function spectestModules(features: FeatureSet): { readonly base: string; readonly more: readonly string[] } {
  const more: string[] = [];
  if (features.has("memory64")) more.push(table64);
  if (features.has("threads")) more.push(sharedMemory);
  return { base, more };
}

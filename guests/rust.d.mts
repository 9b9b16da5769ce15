export interface Rust {
  readonly rustc: string;
  readonly cargo: string;
  /** The target by the name that this compiler has for it. */
  readonly target: string;
  readonly version: string;
}

export declare function findRust(target: "wasm32-wasi" | "wasm32-unknown-unknown", path?: string): Rust | undefined;
export declare function buildRust(
  source: string,
  output: string,
  wanted: "wasm32-wasi" | "wasm32-unknown-unknown",
): void;

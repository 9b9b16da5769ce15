export interface Size {
  readonly minified: number;
  readonly gzipped: number;
  readonly files: readonly string[];
}

export declare function measure(
  entry: "ahead" | "compiler" | "interpreter" | "index" | "webassembly/index",
): Promise<Size>;

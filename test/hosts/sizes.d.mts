export interface Size {
  readonly minified: number;
  readonly gzipped: number;
  readonly files: readonly string[];
}

export type Entry = "ahead" | "compiler" | "interpreter" | "index" | "webassembly/index";

export declare const entries: readonly Entry[];
export declare function measure(entry: Entry): Promise<Size>;

export interface Loop {
  readonly file: string;
  readonly maker: string;
  readonly name: string;
}

export declare const LIMIT: number;
export declare function findLoops(): { readonly loop: Loop; readonly vectorLoop: Loop };
export declare function measureLoop(loop: Loop): number;

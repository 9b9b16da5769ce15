export declare const root: string;
export declare const shared: string;
export declare const suites: string;
export declare const kernels: string;
export declare const node26: string;
export declare function findTool(file: string): string | undefined;
export declare function tool(file: string): string;
export declare function findLanguage(file: string): string | undefined;
export declare function language(file: string): string;

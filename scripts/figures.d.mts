export interface PrintedFigure {
  readonly name: string;
  readonly value: string;
  readonly page: string;
}

export declare function markdownPages(): string[];
export declare function printedFigures(): PrintedFigure[];
export declare function writeFigures(figures: Readonly<Record<string, string>>): string[];
export declare function loopFigures(): Record<string, string>;
export declare function bundleFigures(): Promise<Record<string, string>>;

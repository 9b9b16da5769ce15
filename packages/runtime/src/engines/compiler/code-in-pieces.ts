import { type FunctionCode, ModuleCode } from "./code.ts";
import { compiledFunction } from "./compiled-module.ts";
import { offsetsAt } from "./positions.ts";
import { Translation } from "./translate.ts";

/** The code of a module where an interpreter runs functions that have no translation: large ones are taken apart, and traps have offsets. */
export class CodeInPieces extends ModuleCode {
  /** By function index; null for one that cannot be taken apart. */
  private readonly pieces: Map<number, FunctionCode | null> = new Map();

  /** Offsets in the module of the instruction at a place in the text of a function: see {@link offsetsAt}. */
  offsetsOf(index: number, line: number, column: number): readonly number[] | undefined {
    if (!this.options.deterministic && compiledFunction(this.module, index) !== undefined) return undefined;
    const Kind = (this.pieces.get(index) ? this.options.pieces : undefined) ?? Translation;
    const marked = new Kind(this.module.valid, index, this.options, true).translate();
    return offsetsAt(marked, line, column);
  }

  /** @returns undefined for a function that cannot be taken apart */
  inPieces(index: number): FunctionCode | undefined {
    let code = this.pieces.get(index);
    if (code === undefined) {
      const { pieces } = this.options;
      code = pieces === undefined ? null : this.make(index, pieces);
      this.pieces.set(index, code);
    }
    if (code === null) return undefined;
    code.uses++;
    return code;
  }
}

import type { Cursor } from "./cursor.ts";
import { TOKEN } from "./lexer.ts";

interface Label {
  readonly name: string | undefined;
  /** What the name meant outside of the block. */
  readonly shadowed: number | undefined;
}

/** The labels of the blocks around a place in a function's code. Looking one up costs the same however deep the nesting is. */
export class LabelScope {
  private readonly stack: Label[] = [];
  private readonly levels: Map<string, number> = new Map();

  push(name: string | undefined): void {
    const shadowed = name === undefined ? undefined : this.levels.get(name);
    if (name !== undefined) this.levels.set(name, this.stack.length);
    this.stack.push({ name, shadowed });
  }

  pop(): void {
    const { name, shadowed } = this.stack.pop()!;
    if (name === undefined) return;
    if (shadowed === undefined) this.levels.delete(name);
    else this.levels.set(name, shadowed);
  }

  clear(): void {
    this.stack.length = 0;
    this.levels.clear();
  }

  /** The depth that the number or identifier at the cursor means, counted from the innermost block. */
  resolve(cursor: Cursor): number {
    if (cursor.kind() !== TOKEN.identifier) return cursor.u32("a label");
    const name = cursor.identifierName();
    const level = this.levels.get(name);
    if (level === undefined) cursor.fail(`unknown label $${name}`);
    cursor.pos++;
    return this.stack.length - 1 - level;
  }
}
